import { type DBClusterEndpoint, type DBProxyTarget, type Integration, type ResourcePendingMaintenanceActions } from '@aws-sdk/client-rds';

/** What stands around the clusters of an account. Nothing at first; it is only described, nothing happens because of it. */
export interface Surroundings {
  /** RDS Proxies for MySQL and their targets. */
  proxies: { readonly name: string; readonly targets: readonly DBProxyTarget[] }[];
  /** Zero-ETL integrations. */
  integrations: Integration[];
  /** Custom endpoints of clusters. */
  customEndpoints: DBClusterEndpoint[];
  /** Maintenance that waits. */
  maintenance: ResourcePendingMaintenanceActions[];
  /** The most there may be of each quota; what is used is counted. */
  quotas: Record<'DBClusters' | 'DBInstances' | 'DBClusterParameterGroups', number>;
}

/** An account as AWS makes it. */
export function emptySurroundings(): Surroundings {
  return { proxies: [], integrations: [], customEndpoints: [], maintenance: [], quotas: { DBClusters: 40, DBInstances: 40, DBClusterParameterGroups: 50 } };
}
