import { blocker, type Check, type Problem } from '../check';
import { type RdsContext } from './context';

/** After the switchover the production name belongs to the cluster that was Green. */
export const targetIsProduction: Check<RdsContext> = {
  id: 'target-is-production',
  scopes: ['after-switchover'],
  async run({ situation, settings }) {
    const problems: Problem[] = [];
    const { source, target } = situation;
    if (target === null || target.identifier !== settings.clusterIdentifier) {
      problems.push(...blocker(`the name '${settings.clusterIdentifier}' should belong to the former Green, but the deployment's target is '${target?.identifier ?? 'unknown'}': `
        + 'renaming may still be under way; if it stays like this, look at the deployment in the RDS console'));
    } else if (target.status !== 'available') {
      problems.push(...blocker(`production '${target.identifier}' is '${target.status}' after the switchover: wait until it is 'available'`));
    }
    if (source === null) {
      problems.push({ severity: 'warning', message: `the old Blue is not to be found any more: it cannot be looked at, and there is no way back but snapshots` });
    }
    return problems;
  },
};
