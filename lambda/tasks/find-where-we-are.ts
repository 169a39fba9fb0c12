import { DeploymentTag, ErrorName, Phase, type PhaseName, type PipelineSettings, RetirementTag } from '../../lib/private/contract';
import { planHash } from '../migration/plan';
import { differenceOf, isReplaceable, planInWords } from '../migration/plan-in-words';
import { clusterWithResourceId, describeCluster, factsOf } from '../rds/clusters';
import { findDeployment, tagOf } from '../rds/deployments';
import { recordedIn, retiredCluster, retirementOf, retirementUnderWay, type RetirementUnderWay } from '../rds/retirement';
import { type BlueGreenDeployment } from '../rds/types';
import { vanished } from '../rds/vanished';
import { PipelineError } from '../shared/errors';
import { KEEP_OLD_BLUE } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type ClusterFacts, type DeploymentFacts, type Situation, type TaskEvent } from '../shared/state';
import { situationOf, task } from '../shared/task';

/** Green is there or will be, and nothing was switched over. */
const NOT_SWITCHED = ['PROVISIONING', 'AVAILABLE', 'SWITCHOVER_FAILED'];

/**
 * Tells from RDS alone where the work stands, so that a redrive, a new execution and the first one continue alike. With the purpose `giveUp` it also accepts
 * what cannot be continued, and refuses what is production. With the purpose `retire`, in the middle of an execution, it finds nothing where another run has
 * begun meanwhile.
 */
export const handler = task<Situation>(async (event) => {
  const settings = readSettings();
  // what cannot be continued can still be given up.
  const abandons = event.state.options.action === 'abandon';
  const { purpose } = event as TaskEvent & { purpose?: string };
  const givesUp = abandons || purpose === 'giveUp';
  const retires = event.state.options.action === 'retire' || purpose === 'retire';
  const before = purpose === 'retire' ? situationOf(event) : undefined;
  const deployment = await findDeployment(settings.deploymentName);
  // an execution retires the old Blue that it knows, and never that of another run.
  const isAnothers = before !== undefined && deployment !== undefined && deployment.BlueGreenDeploymentIdentifier !== before.deployment?.identifier;
  if (isAnothers) return nothingThere(settings);
  if (deployment !== undefined) refuseForeign(deployment, settings);
  if (settings.retireBlue === undefined && deployment === undefined) await refuseHalfRetired(settings, givesUp);
  const retirement = settings.retireBlue === undefined ? undefined : await retirementAt(deployment, settings);
  if (retirement !== undefined) {
    const isOther = before?.recorded !== undefined && before.recorded.source !== retirement.recorded.source;
    return isOther ? nothingThere(settings) : retiring(retirement, deployment, givesUp);
  }
  // what this execution has worked with is gone: to begin anew, or to go on with another one, is for a person to decide.
  const known = givesUp || retires ? undefined : event.state.situation?.deployment?.identifier;
  if (event.state.situation && known !== undefined && deployment?.BlueGreenDeploymentIdentifier !== known) throw vanished(event.state.situation);
  if (deployment === undefined) return nothingThere(settings);
  if (givesUp) refuseToAbandon(deployment);
  if (retires) refuseToRetire(deployment);
  // who only follows a failure has never said that another plan's Green may go; what is finished can be retired whatever is planned now, and what is not yet
  // restored must be, although the stack was deployed with another plan meanwhile.
  if (!abandons && !isBeingFinished(deployment) && !(retires && isFinished(deployment))) refuseOtherPlan(deployment, settings, { replaceable: !givesUp });
  const { source, target } = await byResourceId(deployment, { source: await facts(deployment.Source), target: await facts(deployment.Target) });
  // in the middle of a switchover any name may lead to either cluster.
  if (deployment.Status !== 'SWITCHOVER_IN_PROGRESS') refuseExchanged(deployment, { source, target });
  const recorded = settings.retireBlue === undefined ? undefined : recordedIn(deployment);
  return {
    phase: givesUp && isBroken(deployment) ? Phase.BROKEN : phaseOf(deployment), deployment: deploymentFacts(deployment), source, target,
    ...recorded === undefined ? {} : { recorded },
  };
});

async function nothingThere({ clusterIdentifier }: PipelineSettings): Promise<Situation> {
  return { phase: Phase.NONE, deployment: null, source: await facts(clusterIdentifier), target: null };
}

/** A retirement that nobody goes on with any more must not be forgotten beside a new migration. */
async function refuseHalfRetired(settings: PipelineSettings, givesUp: boolean): Promise<void> {
  const oldBlue = await retiredCluster(settings);
  if (oldBlue === undefined) return;
  throw new PipelineError(
    givesUp ? ErrorName.ABANDON_REFUSED : ErrorName.RETIRE_REFUSED,
    `nothing was begun and nothing was deleted, because an earlier execution has begun to retire the old Blue '${oldBlue.DBClusterIdentifier}' (${oldBlue.DbClusterResourceId}, tag '${RetirementTag.PIPELINE}'), and the pipeline has no retireBlue `
    + `any more. Put retireBlue back, and start an execution with {}; it finishes the retirement. ${KEEP_OLD_BLUE}`,
  );
}

/** A retirement that has begun is known by the old Blue itself, because its deployment goes in the middle of it. */
async function retirementAt(deployment: BlueGreenDeployment | undefined, settings: PipelineSettings): Promise<RetirementUnderWay | undefined> {
  if (deployment === undefined) return retirementUnderWay(settings);
  const source = isFinished(deployment) || deployment.Status === 'DELETING' ? await describeCluster(deployment.Source ?? '') : undefined;
  return source && retirementOf(source, settings);
}

/** Nothing else is begun before it has come to its end. */
async function retiring(
  { oldBlue, isRemoving, recorded }: RetirementUnderWay, deployment: BlueGreenDeployment | undefined, givesUp: boolean,
): Promise<Situation> {
  if (givesUp) {
    throw new PipelineError(
      ErrorName.ABANDON_REFUSED,
      `Green is production, and the old Blue (${recorded.source}) is being retired, so there is nothing to give up and nothing was touched. Start an execution with {}; it finishes the retirement`,
    );
  }
  const target = await clusterWithResourceId(recorded.target);
  return {
    phase: isRemoving ? Phase.REMOVING : Phase.RETIRING,
    deployment: deployment === undefined ? null : deploymentFacts(deployment),
    source: oldBlue === undefined ? null : factsOf(oldBlue),
    target: target === undefined ? null : factsOf(target),
    recorded,
  };
}

function isFinished(deployment: BlueGreenDeployment): boolean {
  return deployment.Status === 'SWITCHOVER_COMPLETED' && tagOf(deployment, DeploymentTag.FINISHED) !== undefined;
}

/** Green is production, or becomes it, and what was set for its time only is still there. */
function isBeingFinished(deployment: BlueGreenDeployment): boolean {
  return deployment.Status === 'SWITCHOVER_IN_PROGRESS' || (deployment.Status === 'SWITCHOVER_COMPLETED' && !isFinished(deployment));
}

async function facts(identifier: string | undefined): Promise<ClusterFacts | null> {
  const cluster = identifier === undefined ? undefined : await describeCluster(identifier);
  return cluster === undefined ? null : factsOf(cluster);
}

/** Green cannot be made of it any more, or it is being deleted. */
function isBroken({ Status: status }: BlueGreenDeployment): boolean {
  return status === 'INVALID_CONFIGURATION' || status === 'DELETING';
}

/** What is production is never given up. */
function refuseToAbandon(deployment: BlueGreenDeployment): void {
  if (deployment.Status !== 'SWITCHOVER_IN_PROGRESS' && deployment.Status !== 'SWITCHOVER_COMPLETED') return;
  throw new PipelineError(
    ErrorName.ABANDON_REFUSED,
    `Blue/Green deployment '${deployment.BlueGreenDeploymentName}' (${deployment.BlueGreenDeploymentIdentifier}) is ${deployment.Status}: Green is production now, or becomes it at this moment, so there is nothing `
    + 'to give up and nothing was touched. Start an execution with {}; it finishes what is left to do',
  );
}

/** Only what was production once can be retired. */
function refuseToRetire(deployment: BlueGreenDeployment): void {
  if (deployment.Status === 'SWITCHOVER_COMPLETED') return;
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `${named(deployment)} has not been switched over, so Blue is production and nothing was touched. Start an execution with {}; it goes on until there is an old Blue`,
  );
}

function phaseOf(deployment: BlueGreenDeployment): PhaseName {
  switch (deployment.Status) {
    case 'PROVISIONING':
      return Phase.CREATING;
    case 'AVAILABLE':
    case 'SWITCHOVER_FAILED': // rolled back: production is unchanged and Green is still there.
      return Phase.AVAILABLE;
    case 'SWITCHOVER_IN_PROGRESS':
      return Phase.SWITCHING;
    case 'SWITCHOVER_COMPLETED':
      return tagOf(deployment, DeploymentTag.FINISHED) === undefined ? Phase.SWITCHED : Phase.FINISHED;
    default:
      throw new PipelineError(
        ErrorName.DEPLOYMENT_INVALID,
        `Blue/Green deployment '${deployment.BlueGreenDeploymentName}' (${deployment.BlueGreenDeploymentIdentifier}) is ${deployment.Status}${deployment.StatusDetails === undefined ? '' : `: ${deployment.StatusDetails}`}. `
        + `Blue is untouched. ${deployment.Status === 'DELETING' ? 'Wait until it is gone' : 'It cannot be used any more: start an execution with { "action": "abandon" }, which deletes it together with Green'}, then one with {}`,
      );
  }
}

function named(deployment: BlueGreenDeployment): string {
  return `Blue/Green deployment '${deployment.BlueGreenDeploymentName}' (${deployment.BlueGreenDeploymentIdentifier}, ${deployment.Status})`;
}

/** A deployment of our name that we did not make is never touched. */
function refuseForeign(deployment: BlueGreenDeployment, settings: PipelineSettings): void {
  const owner = tagOf(deployment, DeploymentTag.PIPELINE);
  if (owner === settings.pipeline) return;
  throw new PipelineError(
    ErrorName.FOREIGN_DEPLOYMENT,
    `${named(deployment)} was not made by this pipeline (${owner === undefined ? 'it has no owner tag' : `its owner is '${owner}', we are '${settings.pipeline}'`}), so it is not touched: set another deploymentName, or delete it`,
  );
}

/** A Green that was made for something else is not continued with. */
function refuseOtherPlan(deployment: BlueGreenDeployment, settings: PipelineSettings, { replaceable }: { readonly replaceable: boolean }): void {
  if (tagOf(deployment, DeploymentTag.PLAN) === planHash(settings)) return;
  if (deployment.Status === 'SWITCHOVER_COMPLETED') {
    throw new PipelineError(
      ErrorName.FOREIGN_DEPLOYMENT,
      `${named(deployment)} is the finished one of an earlier plan: a new change needs a new deployment. Delete the deployment object (and the old Blue, when you no longer need it; an execution with { "action": "retire" } does both, if the construct has retireBlue), or set another deploymentName`,
    );
  }
  const [before, after] = [tagOf(deployment, DeploymentTag.PLAN_IN_WORDS), planInWords(settings)];
  // whether anything was begun by the other plan, the ledger on Green knows: Plan Migration refuses, or replaces it.
  if (replaceable && NOT_SWITCHED.includes(deployment.Status ?? '') && isReplaceable(before, after)) return;
  const differences = differenceOf(before, after);
  throw new PipelineError(
    ErrorName.PLAN_CHANGED,
    `${named(deployment)} was made for another plan: ${differences.length === 0 ? 'Migration or targetEngineVersion of the construct have changed since' : differences.join(', ')}. `
    + 'Put them back as they were to continue; or give this Green up (an execution with { "action": "abandon" }), and start again',
  );
}

/** Right after the switchover RDS may still name the clusters as before, where others or none bear these names by now: the resource ids say which is which. */
async function byResourceId(deployment: BlueGreenDeployment, named: Pick<Situation, 'source' | 'target'>): Promise<Pick<Situation, 'source' | 'target'>> {
  if (deployment.Status !== 'SWITCHOVER_COMPLETED') return named;
  const of = async (cluster: ClusterFacts | null, tag: string): Promise<ClusterFacts | null> => {
    const id = tagOf(deployment, tag);
    if (id === undefined || cluster?.resourceId === id) return cluster;
    const recorded = await clusterWithResourceId(id);
    return recorded === undefined ? null : factsOf(recorded);
  };
  return { source: await of(named.source, DeploymentTag.SOURCE_RESOURCE_ID), target: await of(named.target, DeploymentTag.TARGET_RESOURCE_ID) };
}

/** Names and ARNs swap at the switchover; the resource ids remembered in the tags say which cluster is which. */
function refuseExchanged(deployment: BlueGreenDeployment, { source, target }: Pick<Situation, 'source' | 'target'>): void {
  const recorded = { source: tagOf(deployment, DeploymentTag.SOURCE_RESOURCE_ID), target: tagOf(deployment, DeploymentTag.TARGET_RESOURCE_ID) };
  for (const [role, cluster, id] of [['source', source, recorded.source], ['target', target, recorded.target]] as const) {
    if (cluster === null || id === undefined || cluster.resourceId === id) continue;
    throw new PipelineError(
      ErrorName.DEPLOYMENT_INVALID,
      `the ${role} of Blue/Green deployment '${deployment.BlueGreenDeploymentName}' is '${cluster.identifier}' (${cluster.resourceId}), but it was ${id} when the pipeline saw it first: clusters were `
      + 'renamed or replaced by hand, so nothing is done. Look at the deployment in the RDS console',
    );
  }
}

function deploymentFacts(deployment: BlueGreenDeployment): DeploymentFacts {
  const retention = tagOf(deployment, DeploymentTag.BINLOG_RETENTION);
  return {
    identifier: deployment.BlueGreenDeploymentIdentifier ?? '',
    name: deployment.BlueGreenDeploymentName ?? '',
    status: deployment.Status ?? 'unknown',
    ...retention === undefined ? {} : { binlogRetentionHours: retention === 'NULL' ? null : Number(retention) },
    ...tagOf(deployment, DeploymentTag.EVENT_SCHEDULER) === undefined ? {} : { eventScheduler: tagOf(deployment, DeploymentTag.EVENT_SCHEDULER) },
  };
}
