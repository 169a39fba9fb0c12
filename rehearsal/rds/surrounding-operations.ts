import {
  type AccountAttributesMessage, type AccountQuota, type DBClusterEndpoint, type DBClusterEndpointMessage, DBProxyNotFoundFault$,
  DescribeAccountAttributes$, DescribeDBClusterEndpoints$, type DescribeDBClusterEndpointsMessage,
  DescribeDBProxies$, type DescribeDBProxiesRequest, type DescribeDBProxiesResponse, DescribeDBProxyTargets$, type DescribeDBProxyTargetsRequest,
  type DescribeDBProxyTargetsResponse, DescribeIntegrations$, type DescribeIntegrationsMessage, type DescribeIntegrationsResponse,
  DescribePendingMaintenanceActions$, type DescribePendingMaintenanceActionsMessage, type Integration, IntegrationNotFoundFault$,
  type PendingMaintenanceActionsMessage, type ResourcePendingMaintenanceActions,
} from '@aws-sdk/client-rds';
import { type Account } from './account';
import { ENDPOINT_ADDRESS } from './cluster-views';
import { type Operation, operation } from './operation';
import { filtered, page } from './pagination';
import { type Cluster } from './resources';
import { fault, required } from './service-error';

/** Operations that describe what stands around the clusters. */
export function surroundingOperations(account: Account): Operation[] {
  const { region, accountId } = account.options;
  const arnOf = (kind: string, name = '*') => `arn:aws:rds:${region}:${accountId}:${kind}:${name}`;
  return [
    operation(DescribeDBProxies$, (input: DescribeDBProxiesRequest) => [arnOf('db-proxy', input.DBProxyName)], (input) => describeProxies(account, input)),
    operation(DescribeDBProxyTargets$, (input: Partial<DescribeDBProxyTargetsRequest>) => [
      arnOf('db-proxy', input.DBProxyName), arnOf('target-group'), arnOf('cluster'), arnOf('db'),
    ], (input) => describeTargets(account, input)),
    operation(DescribeIntegrations$, (input: DescribeIntegrationsMessage) => [arnOf('integration', input.IntegrationIdentifier)],
      (input) => describeIntegrations(account, input)),
    operation(DescribeDBClusterEndpoints$, (input: DescribeDBClusterEndpointsMessage) => [
      arnOf('cluster', input.DBClusterIdentifier), arnOf('cluster-endpoint', input.DBClusterEndpointIdentifier),
    ], (input) => describeEndpoints(account, input)),
    operation(DescribeAccountAttributes$, () => ['*'], (): AccountAttributesMessage => ({ AccountQuotas: quotasOf(account) })),
    operation(DescribePendingMaintenanceActions$, (input: DescribePendingMaintenanceActionsMessage) => [
      ...input.ResourceIdentifier === undefined ? [arnOf('cluster'), arnOf('db')] : [input.ResourceIdentifier],
    ], (input) => describeMaintenance(account, input)),
  ];
}

/** The quotas of the account with what is used of them. */
export function quotasOf(account: Account): AccountQuota[] {
  const { quotas } = account.surroundings;
  return [
    { AccountQuotaName: 'DBClusters', Used: account.clusters.length, Max: quotas.DBClusters },
    { AccountQuotaName: 'DBInstances', Used: account.instances.length, Max: quotas.DBInstances },
    { AccountQuotaName: 'DBClusterParameterGroups', Used: account.parameterGroups.filter(({ isDefault }) => !isDefault).length, Max: quotas.DBClusterParameterGroups },
  ];
}

function describeProxies({ surroundings: { proxies } }: Account, input: DescribeDBProxiesRequest): DescribeDBProxiesResponse {
  const wanted = proxies.filter(({ name }) => input.DBProxyName === undefined || name === input.DBProxyName);
  if (input.DBProxyName !== undefined && wanted.length === 0) throw fault(DBProxyNotFoundFault$, `DBProxy ${input.DBProxyName} not found.`);
  const { items, marker } = page(filtered(wanted, input.Filters, {}), input);
  return { Marker: marker, DBProxies: items.map(({ name }) => ({ DBProxyName: name, EngineFamily: 'MYSQL', Status: 'available' })) };
}

function describeTargets({ surroundings: { proxies } }: Account, input: Partial<DescribeDBProxyTargetsRequest>): DescribeDBProxyTargetsResponse {
  const name = required(input.DBProxyName, 'DBProxyName');
  const proxy = proxies.find((candidate) => candidate.name === name);
  if (!proxy) throw fault(DBProxyNotFoundFault$, `DBProxy ${name} not found.`);
  const { items, marker } = page(filtered(proxy.targets, input.Filters, {}), input);
  return { Marker: marker, Targets: [...items] };
}

function describeIntegrations({ surroundings: { integrations } }: Account, input: DescribeIntegrationsMessage): DescribeIntegrationsResponse {
  const { IntegrationIdentifier: identifier } = input;
  const isWanted = ({ IntegrationName: name, IntegrationArn: arn }: Integration) => identifier === undefined || [name, arn].includes(identifier);
  const wanted = integrations.filter(isWanted);
  if (identifier !== undefined && wanted.length === 0) throw fault(IntegrationNotFoundFault$, `Integration ${identifier} not found.`);
  const { items, marker } = page(filtered(wanted, input.Filters, { 'source-arn': ({ SourceArn }) => [SourceArn], 'status': ({ Status }) => [Status] }), input);
  return { Marker: marker, Integrations: items };
}

function describeEndpoints(account: Account, input: DescribeDBClusterEndpointsMessage): DBClusterEndpointMessage {
  const clusters = input.DBClusterIdentifier === undefined ? account.clusters : [account.cluster(input.DBClusterIdentifier)];
  const custom = ({ identifier }: Cluster) => account.surroundings.customEndpoints.filter(({ DBClusterIdentifier }) => DBClusterIdentifier === identifier);
  const all = clusters.flatMap((cluster) => [...builtInEndpoints(cluster), ...custom(cluster)]);
  const wanted = filtered(all, input.Filters, {
    'db-cluster-endpoint-type': ({ EndpointType }) => [EndpointType?.toLowerCase()],
    'db-cluster-endpoint-custom-type': ({ CustomEndpointType }) => [CustomEndpointType?.toLowerCase()],
    'db-cluster-endpoint-id': ({ DBClusterEndpointIdentifier }) => [DBClusterEndpointIdentifier],
    'db-cluster-endpoint-status': ({ Status }) => [Status],
  });
  const { items, marker } = page(wanted, input);
  return { Marker: marker, DBClusterEndpoints: items };
}

/** The writer and the reader endpoint have no identifier of their own. */
function builtInEndpoints({ identifier }: Cluster): DBClusterEndpoint[] {
  return ['WRITER', 'READER'].map((EndpointType) => ({ DBClusterIdentifier: identifier, Endpoint: ENDPOINT_ADDRESS, Status: 'available', EndpointType }));
}

function describeMaintenance(account: Account, input: DescribePendingMaintenanceActionsMessage): PendingMaintenanceActionsMessage {
  const ofKind = (wantedKind: 'cluster' | 'db') => ({ ResourceIdentifier: arn = '' }: ResourcePendingMaintenanceActions) => {
    const [kind, name] = arn.split(':').slice(-2);
    return kind === wantedKind ? [arn, name] : [];
  };
  const wanted = filtered(account.surroundings.maintenance, input.Filters, { 'db-cluster-id': ofKind('cluster'), 'db-instance-id': ofKind('db') })
    .filter(({ ResourceIdentifier }) => input.ResourceIdentifier === undefined || input.ResourceIdentifier === ResourceIdentifier);
  const { items, marker } = page(wanted, input);
  return { Marker: marker, PendingMaintenanceActions: items };
}
