import { type Account } from './account';
import { endpointsOf } from './cluster-operations';
import { applyRole } from './parameter-values';
import { type Deployment } from './resources';

/**
 * Deletes a deployment: after a switchover the old Blue loses its protection and may accept writes again; before one, Green is deleted or
 * stays behind as a plain binlog replica.
 */
export async function deleteDeployment(account: Account, deployment: Deployment, how: { deletesTarget: boolean; wasSwitchedOver: boolean }): Promise<void> {
  // a clone that was being made when the deployment was deleted is there in the end.
  await deployment.creation;
  const { blue, green } = deployment;
  if (green && how.deletesTarget) {
    for (const resource of [green, ...green.instances]) resource.status = 'deleting';
    for (const endpoint of endpointsOf(green)) endpoint.refuse();
  }
  await account.sleep(account.durations.deleteDeployment);
  // RDS never gets done with a deployment whose old Blue is stopped.
  while (how.wasSwitchedOver && account.clusters.includes(blue) && blue.status !== 'available') await account.sleep(account.durations.deleteDeployment);
  if (green && how.deletesTarget) {
    await green.engine.destroy();
    for (const endpoint of endpointsOf(green)) await endpoint.close();
    account.clusters.splice(account.clusters.indexOf(green), 1);
    account.record('db-cluster', green.identifier, 'DB cluster deleted.', 'deletion');
  }
  if (how.wasSwitchedOver) {
    blue.isForcedReadOnly = false;
    await blue.engine.setForcedReadOnly(false);
    await applyRole(blue);
  }
  account.deployments.splice(account.deployments.indexOf(deployment), 1);
  account.record('blue-green-deployment', deployment.identifier, 'Blue/green deployment deleted.', 'deletion');
}
