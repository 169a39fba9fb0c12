import { type DBCluster, type DBInstance, DescribeDBClustersCommand, DescribeDBInstancesCommand, ModifyDBClusterCommand, RebootDBInstanceCommand, StartDBClusterCommand } from '@aws-sdk/client-rds';
import { type ClusterFacts } from '../shared/state';
import { everyPage, nameOf, send } from './client';
import { unlessBusy } from './refusals';

/**
 * One cluster by identifier or ARN.
 *
 * @returns undefined where RDS knows none of that name.
 */
export async function describeCluster(identifier: string): Promise<DBCluster | undefined> {
  try {
    const { DBClusters } = await send((rds) => rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier })));
    return DBClusters?.[0];
  } catch (thrown) {
    if (nameOf(thrown) === 'DBClusterNotFound') return undefined;
    throw thrown;
  }
}

/** Every cluster of the account in this Region; RDS offers no filter by tag. */
export async function everyCluster(): Promise<DBCluster[]> {
  return everyPage((marker) => send((rds) => rds.send(new DescribeDBClustersCommand({ Marker: marker }))), (page) => page.DBClusters);
}

/**
 * The cluster with an id that no other one ever has, whatever it is called at this moment.
 *
 * @returns undefined where it does not exist any more.
 */
export async function clusterWithResourceId(resourceId: string): Promise<DBCluster | undefined> {
  const Filters = [{ Name: 'db-cluster-resource-id', Values: [resourceId] }];
  const clusters = await everyPage((marker) => send((rds) => rds.send(new DescribeDBClustersCommand({ Filters, Marker: marker }))), (page) => page.DBClusters);
  return clusters.find((cluster) => cluster.DbClusterResourceId === resourceId);
}

/** The part of RDS's answer that the state of an execution carries. */
export function factsOf(cluster: DBCluster): ClusterFacts {
  return {
    identifier: cluster.DBClusterIdentifier ?? '',
    arn: cluster.DBClusterArn ?? '',
    resourceId: cluster.DbClusterResourceId ?? '',
    status: cluster.Status ?? 'unknown',
    endpoint: cluster.Endpoint ?? '',
    // without a reader it leads to the writer.
    ...(cluster.DBClusterMembers ?? []).length > 1 && cluster.ReaderEndpoint !== undefined ? { readerEndpoint: cluster.ReaderEndpoint } : {},
    port: cluster.Port ?? 3306,
    engine: cluster.Engine ?? '',
    engineVersion: cluster.EngineVersion ?? '',
    parameterGroup: cluster.DBClusterParameterGroup ?? '',
    instances: (cluster.DBClusterMembers ?? []).map((member) => ({
      identifier: member.DBInstanceIdentifier ?? '',
      writer: member.IsClusterWriter ?? false,
      parameterGroupStatus: member.DBClusterParameterGroupStatus ?? 'unknown',
    })),
  };
}

/** The instances of a cluster as RDS describes them. */
export async function describeInstances(clusterIdentifier: string): Promise<DBInstance[]> {
  return everyPage(
    (marker) => send((rds) => rds.send(new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: [clusterIdentifier] }], Marker: marker }))),
    (page) => page.DBInstances,
  );
}

/** An instance as RDS lists it. */
export interface InstanceStatus {
  readonly status: string;
  /** Such as `db.r6g.xlarge`. */
  readonly instanceClass: string;
}

/** The instances of a cluster by their identifiers. */
export async function instancesOf(clusterIdentifier: string): Promise<Map<string, InstanceStatus>> {
  const instances = await describeInstances(clusterIdentifier);
  return new Map(instances.map(({ DBInstanceIdentifier, DBInstanceStatus, DBInstanceClass }) => [
    DBInstanceIdentifier ?? '', { status: DBInstanceStatus ?? 'unknown', instanceClass: DBInstanceClass ?? 'unknown' },
  ]));
}

/**
 * Restarts an instance, so that static parameters come into effect.
 *
 * @returns what RDS says where it cannot do it at this moment; a reboot may be under way already.
 */
export function reboot(instanceIdentifier: string): Promise<string | undefined> {
  return unlessBusy(() => send((rds) => rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: instanceIdentifier }))));
}

/**
 * Starts a stopped cluster.
 *
 * @returns what RDS says where it cannot do it at this moment.
 */
export function startCluster(identifier: string): Promise<string | undefined> {
  return unlessBusy(() => send((rds) => rds.send(new StartDBClusterCommand({ DBClusterIdentifier: identifier }))));
}

/**
 * Gives a cluster another cluster parameter group; each instance needs a reboot before it is in effect.
 *
 * @returns what RDS says where it cannot do it at this moment: the cluster keeps the group it has.
 */
export function attachGroup(identifier: string, group: string): Promise<string | undefined> {
  const request = { DBClusterIdentifier: identifier, DBClusterParameterGroupName: group, ApplyImmediately: true };
  return unlessBusy(() => send((rds) => rds.send(new ModifyDBClusterCommand(request))));
}
