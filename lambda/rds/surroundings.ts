import {
  type AccountQuota, type DBClusterEndpoint, type DBProxyTarget, DescribeAccountAttributesCommand, DescribeDBClusterEndpointsCommand, DescribeDBProxiesCommand,
  DescribeDBProxyTargetsCommand, DescribeIntegrationsCommand, DescribePendingMaintenanceActionsCommand, type Integration, type PendingMaintenanceAction,
} from '@aws-sdk/client-rds';
import { everyPage, send } from './client';

/** The proxies that lead to a cluster, with the target that stands for it. */
export async function proxiesOf(clusterIdentifier: string): Promise<{ readonly name: string; readonly targets: readonly DBProxyTarget[] }[]> {
  const proxies = await everyPage((marker) => send((rds) => rds.send(new DescribeDBProxiesCommand({ Marker: marker }))), (page) => page.DBProxies);
  const leading = [];
  for (const { DBProxyName: name = '' } of proxies.filter(({ EngineFamily }) => EngineFamily === 'MYSQL')) {
    const all = await everyPage(
      (marker) => send((rds) => rds.send(new DescribeDBProxyTargetsCommand({ DBProxyName: name, Marker: marker }))),
      (page) => page.Targets,
    );
    const targets = all.filter(({ TrackedClusterId, RdsResourceId }) => TrackedClusterId === clusterIdentifier || RdsResourceId === clusterIdentifier);
    if (targets.length > 0) leading.push({ name, targets });
  }
  return leading;
}

/** The zero-ETL integrations whose source is this cluster. */
export async function integrationsOf(clusterArn: string): Promise<Integration[]> {
  const all = await everyPage((marker) => send((rds) => rds.send(new DescribeIntegrationsCommand({ Marker: marker }))), (page) => page.Integrations);
  return all.filter(({ SourceArn }) => SourceArn === clusterArn);
}

/** The custom endpoints of a cluster. */
export async function customEndpointsOf(clusterIdentifier: string): Promise<DBClusterEndpoint[]> {
  const all = await everyPage(
    (marker) => send((rds) => rds.send(new DescribeDBClusterEndpointsCommand({ DBClusterIdentifier: clusterIdentifier, Marker: marker }))),
    (page) => page.DBClusterEndpoints,
  );
  return all.filter(({ EndpointType }) => EndpointType === 'CUSTOM');
}

/** The quotas of the account in this Region, by RDS's names for them. */
export async function accountQuotas(): Promise<Map<string, AccountQuota>> {
  const { AccountQuotas } = await send((rds) => rds.send(new DescribeAccountAttributesCommand({})));
  return new Map(AccountQuotas?.map((quota) => [quota.AccountQuotaName ?? '', quota]));
}

/** Maintenance that waits for a cluster or for one of its instances. */
export interface WaitingMaintenance {
  /** The name in the ARN of the resource. */
  readonly resource: string;
  readonly action: PendingMaintenanceAction;
}

/** Maintenance that waits for these clusters and instances. */
export async function pendingMaintenanceOf(clusters: readonly string[], instances: readonly string[]): Promise<WaitingMaintenance[]> {
  const found: WaitingMaintenance[] = [];
  for (const [Name, Values] of [['db-cluster-id', clusters], ['db-instance-id', instances]] as const) {
    if (Values.length === 0) continue;
    const resources = await everyPage(
      (marker) => send((rds) => rds.send(new DescribePendingMaintenanceActionsCommand({ Filters: [{ Name, Values: [...Values] }], Marker: marker }))),
      (page) => page.PendingMaintenanceActions,
    );
    for (const { ResourceIdentifier = '', PendingMaintenanceActionDetails = [] } of resources) {
      found.push(...PendingMaintenanceActionDetails.map((action) => ({ resource: ResourceIdentifier.split(':').at(-1) ?? '', action })));
    }
  }
  return found;
}
