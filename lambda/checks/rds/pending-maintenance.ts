import { pendingMaintenanceOf } from '../../rds/surroundings';
import { type Check } from '../check';
import { clustersOf, type RdsContext } from './context';

/** No maintenance interrupts the work: on Green it ends the statements of the migration, on Blue it stops writes and replication for a while. */
export const pendingMaintenance: Check<RdsContext> = {
  id: 'pending-maintenance',
  scopes: ['preflight', 'green', 'before-switchover'],
  acknowledgeable: true,
  unknown: 'warning',
  async run(context) {
    const { settings, now, scope } = context;
    const seconds = scope === 'before-switchover' ? settings.switchoverTimeoutSeconds + 600 : settings.binlogRetentionHours * 3600;
    const wanted = clustersOf(context).filter(({ role }) => scope !== 'green' || role === 'Green');
    const problems = [];
    for (const { role, cluster } of wanted) {
      const names = cluster.DBClusterMembers?.map(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier) ?? [];
      for (const { resource, action } of await pendingMaintenanceOf([cluster.DBClusterIdentifier ?? ''], names)) {
        const due = action.CurrentApplyDate ?? action.ForcedApplyDate ?? action.AutoAppliedAfterDate;
        const isSoon = due !== undefined && due.getTime() <= Date.parse(now) + seconds * 1000;
        problems.push({
          severity: role === 'Green' && isSoon ? 'blocker' as const : 'warning' as const,
          message: `maintenance waits for '${resource}' of ${role}: ${action.Action}${action.Description === undefined ? '' : ` (${action.Description})`}, `
            + `${due === undefined ? 'for which no time is set' : `due ${due.toISOString()}`}. ${role === 'Green' ? 'It restarts Green and ends what runs there' : 'It interrupts writes and replication'}: `
            + `${isSoon ? 'apply it now and start again, or put it off' : 'do not apply it while the pipeline runs'} (aws rds apply-pending-maintenance-action)`,
        });
      }
    }
    return problems;
  },
};
