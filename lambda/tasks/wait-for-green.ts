import { DeploymentTag, ErrorName } from '../../lib/private/contract';
import { describeCluster, type InstanceStatus, instancesOf, reboot } from '../rds/clusters';
import { findDeployment, tagDeployment, tagOf } from '../rds/deployments';
import { type BlueGreenDeployment, type BlueGreenDeploymentTask, type DBCluster } from '../rds/types';
import { PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type GreenProgress, type WriterFacts } from '../shared/state';
import { task } from '../shared/task';
import { inWords, secondsBetween, secondsUntilNextLook, unfinished } from '../shared/waiting';

/** After this long without a change of any task, the operator is told what is suspected. */
const SUSPICIOUS_SECONDS = 2 * 3600;
/** For this long, RDS need not list a deployment that it has just accepted. */
const BEFORE_IT_SHOWS_SECONDS = 120;
/** What a cluster or an instance does not leave by itself (Aurora User Guide, "Viewing DB cluster status" and "Viewing DB instance status"). */
const NEVER_PASSES: readonly string[] = [
  'failed', 'incompatible-parameters', 'incompatible-network', 'incompatible-option-group', 'incompatible-restore', 'incompatible-credentials', 'inaccessible-encryption-credentials', 'cloning-failed', 'restore-error',
  'storage-full',
];
/** The task of a deployment that fails where RDS's checks before an upgrade have found something. */
const UPGRADE = 'DB_ENGINE_VERSION_UPGRADE';
const SWITCHED_OVER: readonly string[] = ['SWITCHOVER_IN_PROGRESS', 'SWITCHOVER_COMPLETED'];

/**
 * Waits until Green is there, available, and in sync with its parameter group (rebooting an instance on which a static parameter waits).
 */
export const handler = task<GreenProgress>(async (event) => {
  const settings = readSettings();
  const startedAt = unfinished(event.state.green)?.startedAt ?? event.now;
  const elapsed = secondsBetween(startedAt, event.now);
  const deployment = await findDeployment(settings.deploymentName);
  const status = deployment?.Status ?? 'vanished';
  // from here on names lead elsewhere; the next state sees it and goes on behind the switchover.
  if (SWITCHED_OVER.includes(status)) return { done: true, waitSeconds: 5, startedAt, status, detail: 'somebody has switched over', writer: null };
  const detail = deployment === undefined ? 'the deployment has vanished' : await lookAt(deployment, event.now);
  if (detail === undefined) {
    const writer = await writerOf(deployment?.Target ?? '');
    return { done: true, waitSeconds: 5, startedAt, status, detail: 'Green is available and in sync with its parameter group', writer };
  }
  if (deployment === undefined && elapsed < BEFORE_IT_SHOWS_SECONDS) return { done: false, waitSeconds: secondsUntilNextLook(elapsed), startedAt, status, detail: 'RDS does not list the deployment', writer: null };
  if (deployment === undefined || hasFailed(deployment)) {
    const failed = deployment?.Tasks?.find(isFailed);
    throw new PipelineError(
      ErrorName.DEPLOYMENT_INVALID,
      `RDS did not make Green: the deployment is ${status}${failed === undefined ? '' : `, its task ${failed.Name} FAILED`}${deployment?.StatusDetails === undefined ? '' : ` (${deployment.StatusDetails})`}. `
      + `Blue is untouched. ${failed?.Name === UPGRADE ? `The log upgrade-prechecks.log of Green's writer names what stands against the upgrade. ` : ''}See the events of the deployment in the RDS console, delete the deployment together with Green, mend the cause and start a new execution with {}`,
    );
  }
  if (elapsed > settings.patience.greenSeconds) {
    throw new PipelineError(
      ErrorName.GREEN_NOT_READY,
      `Green was not ready within ${inWords(settings.patience.greenSeconds)} (greenPatience): ${detail}. Blue is untouched. A deployment that stays in PROVISIONING for hours usually means an engine version that can `
      + 'no longer be created; ask AWS Support, or delete the deployment, upgrade Blue to a current minor version and start a new execution with {}',
    );
  }
  const suspicion = status === 'PROVISIONING' && elapsed > SUSPICIOUS_SECONDS ? '; this takes unusually long: can this engine version still be created?' : '';
  return { done: false, waitSeconds: secondsUntilNextLook(elapsed), startedAt, status, detail: `${detail}${suspicion}`, writer: null };
});

/** Whether nothing will become of it. */
function hasFailed({ Status = 'unknown', Tasks = [] }: BlueGreenDeployment): boolean {
  return Tasks.some(isFailed) || !['PROVISIONING', 'AVAILABLE', 'SWITCHOVER_FAILED'].includes(Status);
}

function isFailed({ Status }: BlueGreenDeploymentTask): boolean {
  return Status === 'FAILED';
}

/** What is still missing; undefined when nothing is. */
async function lookAt(deployment: BlueGreenDeployment, now: string): Promise<string | undefined> {
  const target = deployment.Target === undefined ? undefined : await describeCluster(deployment.Target);
  const instances = target === undefined ? undefined : await instancesOf(target.DBClusterIdentifier ?? '');
  // of a deployment that has failed as a whole, RDS itself says why.
  if (!hasFailed(deployment)) refuseWhatNeverPasses(target, instances);
  if (deployment.Status !== 'AVAILABLE' && deployment.Status !== 'SWITCHOVER_FAILED') {
    return `provisioning: ${deployment.Tasks?.map(({ Name, Status }) => `${Name} ${Status}`).join(', ') || 'no tasks named yet'}`;
  }
  if (target === undefined || instances === undefined) return 'RDS names no target yet';
  await rememberTarget(deployment, target);
  if (target.Status !== 'available') return `Green '${target.DBClusterIdentifier}' is ${target.Status}`;
  const busy = [...instances].filter(([, { status }]) => status !== 'available').map(([name, { status }]) => `${name} is ${status}`);
  if (busy.length > 0) return busy.join(', ');
  const pending = target.DBClusterMembers?.filter((member) => member.DBClusterParameterGroupStatus === 'pending-reboot') ?? [];
  if (pending.length > 0) refuseReboot(deployment, target, pending.map((member) => member.DBInstanceIdentifier ?? ''));
  for (const member of pending) await reboot(member.DBInstanceIdentifier ?? '');
  if (pending.length > 0) return `rebooting ${pending.map((member) => member.DBInstanceIdentifier).join(', ')}, where a static parameter waits for it`;
  const unsettled = target.DBClusterMembers?.filter((member) => member.DBClusterParameterGroupStatus !== 'in-sync') ?? [];
  if (unsettled.length > 0) return unsettled.map((member) => `${member.DBInstanceIdentifier} is ${member.DBClusterParameterGroupStatus}`).join(', ');
  if (tagOf(deployment, DeploymentTag.GREEN_READY) === undefined) await tag(deployment, target, { [DeploymentTag.GREEN_READY]: now });
  return undefined;
}

/** Nobody has to wait for half a day to be told that. */
function refuseWhatNeverPasses(target: DBCluster | undefined, instances: ReadonlyMap<string, InstanceStatus> | undefined): void {
  const all = [[target?.DBClusterIdentifier ?? '', target?.Status ?? ''], ...[...instances ?? []].map(([name, { status }]) => [name, status])];
  const stuck = all.filter(([, status = '']) => NEVER_PASSES.includes(status));
  if (stuck.length === 0) return;
  throw new PipelineError(
    ErrorName.GREEN_NOT_READY,
    `${stuck.map(([name, status]) => `'${name}' of Green is '${status}'`).join(', ')}, which does not pass by itself. Blue is untouched. See its events in the RDS console for the cause (incompatible-parameters: a value in `
    + `cluster parameter group '${target?.DBClusterParameterGroup}', or in the instance's own, with which the server does not start). Mend it there, reboot the instance and start a new execution with {}; or give this Green up ({ "action": "abandon" })`,
  );
}

/** What Green's writer can do at once, which decides how many statements run there. */
async function writerOf(clusterArn: string): Promise<WriterFacts | null> {
  const cluster = await describeCluster(clusterArn);
  const writer = cluster?.DBClusterMembers?.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
  const instance = (await instancesOf(cluster?.DBClusterIdentifier ?? '')).get(writer ?? '');
  const maxCapacityUnits = cluster?.ServerlessV2ScalingConfiguration?.MaxCapacity ?? null;
  return instance === undefined ? null : { instanceClass: instance.instanceClass, maxCapacityUnits };
}

/** A reboot ends whatever runs, so it is only for a Green that was never ready, and for no other cluster at all. */
function refuseReboot(deployment: BlueGreenDeployment, target: DBCluster, instances: readonly string[]): void {
  const since = tagOf(deployment, DeploymentTag.GREEN_READY);
  const recorded = tagOf(deployment, DeploymentTag.TARGET_RESOURCE_ID) ?? target.DbClusterResourceId;
  if (since === undefined && recorded === target.DbClusterResourceId) return;
  throw new PipelineError(
    ErrorName.GREEN_NOT_READY,
    `${instances.join(', ')} of '${target.DBClusterIdentifier}' wait for a reboot, because a static parameter of the cluster parameter group was changed after Green was ready (${since ?? 'of another cluster'}): `
    + 'a reboot now would end the statements of the migration, so it is not done. Change the parameter back, or reboot the instances yourself when no statement runs; then start a new execution with {}',
  );
}

async function tag(deployment: BlueGreenDeployment, target: DBCluster, tags: Readonly<Record<string, string>>): Promise<void> {
  await tagDeployment(deployment.BlueGreenDeploymentIdentifier ?? '', target.DBClusterArn ?? '', tags);
}

/** The immutable id tells Green apart after names and ARNs have swapped. */
async function rememberTarget(deployment: BlueGreenDeployment, target: DBCluster): Promise<void> {
  if (tagOf(deployment, DeploymentTag.TARGET_RESOURCE_ID) !== undefined) return;
  await tag(deployment, target, { [DeploymentTag.TARGET_RESOURCE_ID]: target.DbClusterResourceId ?? '' });
}
