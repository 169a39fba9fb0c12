import { DeleteBlueGreenDeploymentCommand, DeleteDBClusterCommand, DeleteDBInstanceCommand, ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import { send } from './client';
import { unlessBusy } from './refusals';

/** What is gone already needs no deletion. */
const GONE: readonly string[] = ['BlueGreenDeploymentNotFound', 'DBClusterNotFound', 'DBInstanceNotFound'];

/**
 * Deletes the deployment object; with `target` also Green.
 *
 * @returns what RDS says where it cannot do it at this moment.
 */
export function deleteDeployment(identifier: string, target: boolean): Promise<string | undefined> {
  const request = { BlueGreenDeploymentIdentifier: identifier, ...target ? { DeleteTarget: true } : {} };
  return unlessBusy(() => send((rds) => rds.send(new DeleteBlueGreenDeploymentCommand(request))), GONE);
}

/** Lets a cluster be deleted. */
export async function liftDeletionProtection(identifier: string): Promise<string | undefined> {
  const request = { DBClusterIdentifier: identifier, DeletionProtection: false, ApplyImmediately: true };
  return unlessBusy(() => send((rds) => rds.send(new ModifyDBClusterCommand(request))), GONE);
}

/**
 * Deletes an instance of a cluster; the cluster keeps the data.
 *
 * @returns what RDS says where it cannot do it at this moment.
 */
export function deleteInstance(identifier: string): Promise<string | undefined> {
  return unlessBusy(() => send((rds) => rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: identifier, SkipFinalSnapshot: true }))), GONE);
}

/**
 * Deletes a cluster without instances, and with it its data, of which RDS takes a snapshot first. Automated backups stay until they expire.
 *
 * @param snapshot a name that no snapshot has.
 * @returns what RDS says where it cannot do it at this moment.
 */
export function deleteCluster(identifier: string, snapshot: string): Promise<string | undefined> {
  const request = { DBClusterIdentifier: identifier, SkipFinalSnapshot: false, FinalDBSnapshotIdentifier: snapshot, DeleteAutomatedBackups: false };
  return unlessBusy(() => send((rds) => rds.send(new DeleteDBClusterCommand(request))), GONE);
}
