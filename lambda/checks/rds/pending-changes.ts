import { type Check, type Problem } from '../check';
import { clustersOf, type RdsContext } from './context';

/** What is sent to CloudWatch changes nothing of a server. */
const HARMLESS: readonly string[] = ['PendingCloudwatchLogsExports', 'AutomationMode', 'ResumeFullAutomationModeTime'];

/** Nobody has asked for changes that RDS makes in the next maintenance window: most of them restart an instance, and some give it another name. */
export const pendingChanges: Check<RdsContext> = {
  id: 'pending-changes',
  scopes: ['preflight', 'green', 'before-switchover'],
  unknown: 'warning',
  async run(context) {
    const wanted = clustersOf(context).filter(({ role }) => context.scope !== 'green' || role === 'Green');
    const problems: Problem[] = [];
    for (const { role, cluster } of wanted) {
      const described = [
        { kind: 'db-cluster', name: cluster.DBClusterIdentifier, pending: namesIn(cluster.PendingModifiedValues), window: cluster.PreferredMaintenanceWindow },
        ...(await context.instancesOf(cluster)).map((instance) => ({
          kind: 'db-instance', name: instance.DBInstanceIdentifier, pending: namesIn(instance.PendingModifiedValues), window: instance.PreferredMaintenanceWindow,
        })),
      ];
      for (const { kind, name, pending, window } of described.filter((one) => one.pending.length > 0)) {
        problems.push({
          severity: 'warning',
          message: `'${name}' of ${role} waits for changes of ${pending.join(', ')}, which RDS makes in its maintenance window (${window ?? 'not known'} UTC): ${role === 'Green' ? 'a restart ends the statements that run there' : 'a restart interrupts writes and replication'}. `
            + `Have them made before (aws rds modify-${kind} … --apply-immediately), or take them back`,
        });
      }
    }
    return problems;
  },
};

function namesIn(pending: object | undefined): string[] {
  return Object.entries(pending ?? {}).filter(([name, value]) => value !== undefined && !HARMLESS.includes(name) && !isEmpty(value)).map(([name]) => name);
}

/** Lists of what is pending are there even where nothing is. */
function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : typeof value === 'object' && value !== null && !(value instanceof Date) && Object.keys(value).length === 0;
}
