import { DeleteBlueGreenDeploymentCommand, DescribeDBClustersCommand, ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import { messageOf } from '../shared/errors';
import { nameOf, send } from './client';
import { type DBCluster } from './types';

/** What RDS says while something else is going on with a resource: it is asked again later. */
const NOT_NOW: readonly string[] = ['InvalidBlueGreenDeploymentState', 'InvalidDBClusterState', 'InvalidDBInstanceState'];

/**
 * The cluster with an id that no other one ever has, whatever it is called at this moment.
 *
 * @returns undefined where it does not exist any more.
 */
export async function clusterWithResourceId(resourceId: string): Promise<DBCluster | undefined> {
  const Filters = [{ Name: 'db-cluster-resource-id', Values: [resourceId] }];
  const { DBClusters } = await send((rds) => rds.send(new DescribeDBClustersCommand({ Filters })));
  return DBClusters?.find((cluster) => cluster.DbClusterResourceId === resourceId);
}

/**
 * Deletes the deployment object; with `target` also Green.
 *
 * @returns what RDS says where it cannot do it at this moment.
 */
export function deleteDeployment(identifier: string, target: boolean): Promise<string | undefined> {
  const request = { BlueGreenDeploymentIdentifier: identifier, ...target ? { DeleteTarget: true } : {} };
  return unlessBusy(() => send((rds) => rds.send(new DeleteBlueGreenDeploymentCommand(request))));
}

/** Lets a cluster be deleted. */
export async function liftDeletionProtection(identifier: string): Promise<string | undefined> {
  const request = { DBClusterIdentifier: identifier, DeletionProtection: false, ApplyImmediately: true };
  return unlessBusy(() => send((rds) => rds.send(new ModifyDBClusterCommand(request))));
}

/** Runs a call; what passes by itself becomes a text, and what is gone already is a success. */
async function unlessBusy(call: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (thrown) {
    const name = nameOf(thrown);
    if (['BlueGreenDeploymentNotFound', 'DBClusterNotFound', 'DBInstanceNotFound'].includes(name)) return undefined;
    if (NOT_NOW.includes(name)) return `RDS says ${name}: ${messageOf(thrown)}`;
    throw thrown;
  }
}
