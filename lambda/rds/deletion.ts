import { DeleteBlueGreenDeploymentCommand, DeleteDBClusterCommand, DeleteDBInstanceCommand, ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import { messageOf } from '../shared/errors';
import { nameOf, send } from './client';

/** What RDS says while something else is going on with a resource: it is asked again later. */
const NOT_NOW: readonly string[] = ['InvalidBlueGreenDeploymentState', 'InvalidDBClusterState', 'InvalidDBInstanceState'];

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

/**
 * Deletes an instance of a cluster; the cluster keeps the data.
 *
 * @returns what RDS says where it cannot do it at this moment.
 */
export function deleteInstance(identifier: string): Promise<string | undefined> {
  return unlessBusy(() => send((rds) => rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: identifier, SkipFinalSnapshot: true }))));
}

/**
 * Deletes a cluster without instances, and with it its data. No final snapshot: whoever calls has seen that there is one. Automated backups stay until they
 * expire.
 *
 * @returns what RDS says where it cannot do it at this moment.
 */
export function deleteCluster(identifier: string): Promise<string | undefined> {
  const request = { DBClusterIdentifier: identifier, SkipFinalSnapshot: true, DeleteAutomatedBackups: false };
  return unlessBusy(() => send((rds) => rds.send(new DeleteDBClusterCommand(request))));
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
