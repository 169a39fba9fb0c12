import { everyCluster, factsOf } from '../../rds/clusters';
import { copiedGroupName, groupForGreen } from '../../rds/copied-group';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** No other cluster uses Green's group: what is changed there for Green, and put back after the switchover, would at once be in effect on it, too. */
export const targetGroupUnshared: Check<RdsContext> = {
  id: 'target-group-unshared',
  scopes: ['preflight', 'green', 'before-switchover'],
  acknowledgeable: true,
  async run({ source, target, settings, situation }) {
    if (source === undefined && target === undefined) return FINE;
    const group = target === undefined && source !== undefined
      ? settings.targetClusterParameterGroup ?? copiedGroupName(settings, factsOf(source))
      : groupForGreen(settings, situation);
    // that Blue itself uses it, another check says.
    const ours = [source?.DbClusterResourceId, target?.DbClusterResourceId];
    const others = (await everyCluster())
      .filter(({ DBClusterParameterGroup, DbClusterResourceId }) => DBClusterParameterGroup === group && !ours.includes(DbClusterResourceId))
      .map(({ DBClusterIdentifier }) => `'${DBClusterIdentifier}'`);
    if (others.length === 0) return FINE;
    return blocker(`cluster parameter group '${group}', which is meant for Green, is also that of ${someOf(others)}: after the switchover the pipeline removes type conversions from it and sets event_scheduler as it was on Blue, at once for all of them. `
      + 'A Green of another pipeline would stop to replicate, or run events beside its Blue. Give Green a group of its own (targetClusterParameterGroup), or the other cluster another one; acknowledge this if it may happen to them');
  },
};
