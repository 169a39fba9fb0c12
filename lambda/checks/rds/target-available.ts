import { blocker, type Check } from '../check';
import { type RdsContext } from './context';

/** RDS switches over only when every resource on both sides is available, and Green's parameters should be in effect. */
export const targetAvailable: Check<RdsContext> = {
  id: 'target-available',
  scopes: ['green', 'before-switchover'],
  async run({ situation }) {
    const { target } = situation;
    if (target === null) return blocker('Green is not there: RDS names no target for the deployment. Delete the deployment and start again');
    if (target.status !== 'available') return blocker(`Green '${target.identifier}' is '${target.status}': wait until it is 'available' and start again`);
    return target.instances.filter(({ parameterGroupStatus }) => parameterGroupStatus !== 'in-sync').map((instance) => ({
      severity: 'blocker' as const,
      message: `'${instance.identifier}' is '${instance.parameterGroupStatus}' with cluster parameter group '${target.parameterGroup}': what Green needs is not in effect. Reboot it`,
    }));
  },
};
