import { someOf } from '../../shared/lists';
import { type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/**
 * Readers that Aurora Auto Scaling adds or removes while Green exists have no counterpart there; a policy that has added none yet is not found, because RDS
 * does not know of it.
 */
export const autoScaling: Check<RdsContext> = {
  id: 'auto-scaling',
  scopes: ['preflight'],
  async run({ source }) {
    // what made an instance stands nowhere but in the name that Application Auto Scaling gives it.
    const readers = (source?.DBClusterMembers ?? []).map(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier).filter((name) => name.startsWith('application-autoscaling-'));
    if (readers.length === 0) return FINE;
    return warning(`Aurora Auto Scaling has added readers to '${source?.DBClusterIdentifier}' (${someOf(readers)}): those that come or go while Green exists have no counterpart there. Suspend scaling until the switchover is done (aws application-autoscaling `
      + 'register-scalable-target … --suspended-state), and look at the policies afterwards: they go by the cluster\'s name');
  },
};
