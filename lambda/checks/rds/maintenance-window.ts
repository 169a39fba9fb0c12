import { type Check } from '../check';
import { clustersOf, type RdsContext } from './context';
import { secondsUntilWindow } from './maintenance-windows';

/**
 * No maintenance window with automatic minor upgrades lies in the time the work takes (`binlogRetention` stands for that), and none at all in
 * the switchover.
 */
export const maintenanceWindow: Check<RdsContext> = {
  id: 'maintenance-window',
  scopes: ['preflight', 'green', 'before-switchover'],
  unknown: 'warning',
  async run(context) {
    const { settings, now, scope } = context;
    const atSwitchover = scope === 'before-switchover';
    const seconds = atSwitchover ? settings.switchoverTimeoutSeconds : settings.binlogRetentionHours * 3600;
    const wanted = clustersOf(context).filter(({ role }) => scope !== 'green' || role === 'Green');
    const problems = [];
    for (const { role, cluster } of wanted) {
      for (const { DBInstanceIdentifier: name, AutoMinorVersionUpgrade: automatic, PreferredMaintenanceWindow: window = '' } of await context.instancesOf(cluster)) {
        const until = secondsUntilWindow(window, now);
        if (until === undefined || until > seconds || !(atSwitchover || automatic === true)) continue;
        const minutes = Math.ceil(until / 60);
        problems.push({
          severity: 'warning' as const,
          message: atSwitchover
            ? `the maintenance window of '${name}' (${role}, ${window} UTC) ${until === 0 ? 'is open' : `opens in ${minutes} minute${minutes === 1 ? '' : 's'}`}: what RDS does in it can interrupt the switchover. Better moments are outside of it`
            : `'${name}' (${role}) is upgraded automatically to a new minor version in its maintenance window (${window} UTC), of which one lies in the time the pipeline may take: it would be restarted in the middle of the work. `
              + `Turn that off until the switchover is done (aws rds modify-db-instance --db-instance-identifier ${name} --no-auto-minor-version-upgrade --apply-immediately)`,
        });
      }
    }
    return problems;
  },
};
