import { DeploymentTag, ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { clusterWithResourceId, describeCluster } from '../rds/clusters';
import { deleteGroupForGreen } from '../rds/copied-group';
import { deleteDeployment, liftDeletionProtection } from '../rds/deletion';
import { findDeployment, tagOf } from '../rds/deployments';
import { type BlueGreenDeployment, type DBCluster } from '../rds/types';
import { PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type GreenDeletion, type TaskEvent } from '../shared/state';
import { situationOf, task } from '../shared/task';
import { inWords, secondsBetween, secondsUntilNextLook, unfinished } from '../shared/waiting';

/**
 * Deletes the deployment together with Green, and waits until both are gone. What is Green, resource ids say, never a name. May be killed anywhere: the
 * next look goes on from what is still there.
 */
export const handler = task<GreenDeletion>(async (event) => {
  const settings = readSettings();
  const previous = unfinished(event.state.abandon);
  const startedAt = previous?.startedAt ?? event.now;
  const elapsed = secondsBetween(startedAt, event.now);
  const deployment = await findDeployment(settings.deploymentName);
  const target = deployment?.Target === undefined ? undefined : await describeCluster(deployment.Target);
  if (deployment !== undefined) refuseOthers(deployment, target, settings);
  const green = target?.DbClusterResourceId ?? previous?.green ?? situationOf(event).target?.resourceId ?? null;
  const left = deployment === undefined ? await whatIsLeft(green) : await remove(deployment, target);
  const progress = { waitSeconds: secondsUntilNextLook(elapsed), startedAt, green };
  if (left === undefined) return { ...progress, done: true, detail: 'Green and its deployment are gone', remarks: await deleteGroup(event, settings) };
  if (elapsed < settings.patience.greenSeconds) return { ...progress, done: false, detail: left, remarks: [] };
  throw new PipelineError(
    ErrorName.ABANDON_FAILED,
    `Green is not gone after ${inWords(elapsed)} (greenPatience): ${left}. Blue is production, and is as it was before. See what keeps it in the RDS console, then start a new execution with { "action": "abandon" }`,
  );
});

/** Only ours, and only what is not production. */
function refuseOthers(deployment: BlueGreenDeployment, target: DBCluster | undefined, settings: PipelineSettings): void {
  const name = `Blue/Green deployment '${deployment.BlueGreenDeploymentName}' (${deployment.BlueGreenDeploymentIdentifier})`;
  if (tagOf(deployment, DeploymentTag.PIPELINE) !== settings.pipeline) {
    throw new PipelineError(ErrorName.FOREIGN_DEPLOYMENT, `${name} was not made by this pipeline, so it is not deleted: see who made it (tag '${DeploymentTag.PIPELINE}')`);
  }
  if (deployment.Status === 'SWITCHOVER_IN_PROGRESS' || deployment.Status === 'SWITCHOVER_COMPLETED') {
    throw new PipelineError(
      ErrorName.ABANDON_REFUSED,
      `${name} is ${deployment.Status}: Green is production now, or becomes it at this moment, so it is not deleted. Start an execution with {}; it finishes what is left to do`,
    );
  }
  const recorded = tagOf(deployment, DeploymentTag.TARGET_RESOURCE_ID);
  if (target === undefined) return;
  const isBlue = target.DbClusterResourceId === tagOf(deployment, DeploymentTag.SOURCE_RESOURCE_ID);
  if (!isBlue && (recorded === undefined || recorded === target.DbClusterResourceId)) return;
  throw new PipelineError(
    ErrorName.ABANDON_REFUSED,
    `the target of ${name} is '${target.DBClusterIdentifier}' (${target.DbClusterResourceId}), which is not the Green that was recorded (${recorded ?? 'none'}): nothing was deleted. Look at the deployment in the RDS console`,
  );
}

async function remove(deployment: BlueGreenDeployment, target: DBCluster | undefined): Promise<string> {
  const identifier = deployment.BlueGreenDeploymentIdentifier ?? '';
  if (deployment.Status === 'DELETING') return `deployment ${identifier} is DELETING`;
  // Green is a clone and has the protection of Blue; nobody has protected it for its own sake.
  const busy = target?.DeletionProtection === true ? await liftDeletionProtection(target.DBClusterIdentifier ?? '') : undefined;
  return busy ?? await deleteDeployment(identifier, true) ?? `deployment ${identifier} is DELETING`;
}

/** The parameter group that was made for this Green, and for nothing else. */
async function deleteGroup(event: TaskEvent, settings: PipelineSettings): Promise<string[]> {
  const { source } = situationOf(event);
  const name = source === null ? undefined : await deleteGroupForGreen(settings, source);
  return name === undefined ? [] : [`cluster parameter group '${name}', which was made for Green, was deleted`];
}

/** RDS deletes Green with the deployment. A Green that somebody has kept (by deleting the deployment alone) may be wanted, so it is left to them. */
async function whatIsLeft(green: string | null): Promise<string | undefined> {
  const cluster = green === null ? undefined : await clusterWithResourceId(green);
  return cluster === undefined ? undefined : `the deployment is gone, and cluster '${cluster.DBClusterIdentifier}' (${green}) is ${cluster.Status}`;
}
