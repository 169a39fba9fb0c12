import { groupForGreen } from '../../rds/copied-group';
import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** Green still has the group whose values are put back after the switchover; another one could not be repaired then. */
export const targetHasGroup: Check<RdsContext> = {
  id: 'target-has-group',
  scopes: ['green', 'before-switchover'],
  async run({ situation, settings }) {
    const { target } = situation;
    const wanted = groupForGreen(settings, situation);
    if (target === null || wanted === undefined || target.parameterGroup === wanted) return FINE;
    return blocker(`Green '${target.identifier}' uses cluster parameter group '${target.parameterGroup}', and the pipeline now has '${wanted}' (${settings.targetClusterParameterGroup === undefined ? 'which it makes itself' : 'targetClusterParameterGroup'}): after the switchover it could not put `
      + 'the values of the former back. Was the group replaced by a deploy? Put the old one back, or give Green the new one (modify-db-cluster) while nothing runs on it');
  },
};
