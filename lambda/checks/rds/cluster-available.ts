import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** RDS creates and switches over only clusters that are available. */
export const clusterAvailable: Check<RdsContext> = {
  id: 'cluster-available',
  scopes: ['preflight', 'before-switchover'],
  async run({ source }) {
    if (source === undefined) return FINE;
    if (source.Status === 'available' && !source.DBClusterMembers?.some(({ IsClusterWriter }) => IsClusterWriter)) {
      return blocker(`DB cluster '${source.DBClusterIdentifier}' has no writer instance, so there is nothing for Green to follow: wait for the failover that goes on, or create an instance, and start again`);
    }
    if (source.Status === 'available') return FINE;
    const status = source.Status ?? 'unknown';
    const remedy = status === 'stopped' || status === 'stopping'
      ? `start it (aws rds start-db-cluster --db-cluster-identifier ${source.DBClusterIdentifier}), wait until it is available and start again`
      : 'wait until it is available (see its events if it stays like this) and start again';
    return blocker(`DB cluster '${source.DBClusterIdentifier}' is '${status}', and RDS makes Blue/Green deployments only of clusters that are 'available': ${remedy}`);
  },
};
