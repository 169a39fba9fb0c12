import { type DBCluster, type DBInstance } from '../../rds/types';
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
      for (const { name, instance, automatic, window } of windowsOf(cluster, await context.instancesOf(cluster))) {
        const until = secondsUntilWindow(window, now);
        if (until === undefined || until > seconds || !(atSwitchover || automatic)) continue;
        const minutes = Math.ceil(until / 60);
        problems.push({
          severity: 'warning' as const,
          message: atSwitchover
            ? `the maintenance window of '${name}' (${role}, ${window} UTC) ${until === 0 ? 'is open' : `opens in ${minutes} minute${minutes === 1 ? '' : 's'}`}: what RDS does in it can interrupt the switchover. Better moments are outside of it`
            : `'${name}' (${role}) is upgraded automatically to a new minor version in its maintenance window (${window} UTC), of which one lies in the time the pipeline may take: it would be restarted in the middle of the work. `
              + `Turn that off until the switchover is done (aws rds modify-db-instance --db-instance-identifier ${instance} --no-auto-minor-version-upgrade --apply-immediately)`,
        });
      }
    }
    return problems;
  },
};

/** A window in which RDS may restart something. */
interface Window {
  readonly name: string;
  /** The instance that has to disagree with automatic upgrades. */
  readonly instance: string;
  readonly automatic: boolean;
  readonly window: string;
}

/** Those of the instances, and that of the cluster, in which its engine is upgraded where all instances agree. */
function windowsOf(cluster: DBCluster, instances: readonly DBInstance[]): Window[] {
  const own = instances.map(({ DBInstanceIdentifier: name = '', AutoMinorVersionUpgrade: automatic = false, PreferredMaintenanceWindow: window = '' }) => ({ name, instance: name, automatic, window }));
  const [first] = own;
  const { DBClusterIdentifier: name = '', PreferredMaintenanceWindow: window = '' } = cluster;
  return first === undefined ? [] : [{ name, instance: first.instance, automatic: own.every(({ automatic }) => automatic), window }, ...own];
}
