import { type Check } from '../check';
import { clustersOf, type RdsContext } from './context';

/** Every instance of Blue and of Green is available: RDS switches over nothing less, and an instance that is being changed is no basis for a clone. */
export const instancesAvailable: Check<RdsContext> = {
  id: 'instances-available',
  scopes: ['preflight', 'green', 'before-switchover'],
  unknown: 'warning',
  async run(context) {
    const { scope } = context;
    const wanted = clustersOf(context).filter(({ role }) => scope !== 'green' || role === 'Green');
    const problems = [];
    for (const { role, cluster } of wanted) {
      for (const { DBInstanceIdentifier: name, DBInstanceStatus: status } of await context.instancesOf(cluster)) {
        if (status === 'available') continue;
        problems.push({
          severity: scope === 'preflight' ? 'warning' as const : 'blocker' as const,
          message: `instance '${name}' of ${role} is '${status}', and RDS switches over only when every instance is 'available': wait for it, or see its events where it stays like this`,
        });
      }
    }
    return problems;
  },
};
