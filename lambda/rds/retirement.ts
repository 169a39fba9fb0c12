import { DeploymentTag, ErrorName, FINAL_SNAPSHOT_PREFIX, type PipelineSettings, RetirementTag } from '../../lib/private/contract';
import { messageOf, PipelineError } from '../shared/errors';
import { retireFailed } from '../shared/retirement';
import { type RecordedClusters } from '../shared/state';
import { nameOf } from './client';
import { clusterWithResourceId, everyCluster, instancesOf } from './clusters';
import { tagOf } from './deployments';
import { describeSnapshot, snapshotsOf } from './snapshots';
import { tagIn } from './tags';
import { type BlueGreenDeployment, type DBCluster, type DBClusterSnapshot } from './types';

/** A retirement that somebody has begun. */
export interface RetirementUnderWay {
  /** Undefined where it is deleted already. */
  readonly oldBlue: DBCluster | undefined;
  /** Nothing is looked at in MySQL any more: its instances go, or are gone. */
  readonly isRemoving: boolean;
  readonly recorded: RecordedClusters;
}

/** The name of the snapshot that is taken of a cluster before it is deleted: the same whoever takes it, so that it is taken once. */
export function finalSnapshotName(resourceId: string): string {
  return `${FINAL_SNAPSHOT_PREFIX}${resourceId.toLowerCase()}`;
}

/**
 * The final snapshot of a cluster.
 *
 * @returns undefined where there is none; one of that name of another cluster is none.
 */
export async function finalSnapshotOf(resourceId: string): Promise<DBClusterSnapshot | undefined> {
  const snapshot = await describeSnapshot(finalSnapshotName(resourceId));
  return snapshot?.DbClusterResourceId === resourceId ? snapshot : undefined;
}

/** The name of the snapshot that RDS takes while it deletes a cluster: another one at each try, because RDS takes no second one of the same name. */
export function lastSnapshotName(resourceId: string, now: string): string {
  return `${FINAL_SNAPSHOT_PREFIX}${resourceId.toLowerCase().replace(/^cluster-/, '')}-${Math.floor(Date.parse(now) / 1000).toString(36)}`;
}

/**
 * The snapshot of the last moment of a cluster that is gone.
 *
 * @returns undefined where somebody else has deleted the cluster without one, or the snapshot.
 */
export async function lastSnapshotOf(resourceId: string): Promise<DBClusterSnapshot | undefined> {
  const own = (await snapshotsOf(resourceId)).filter((snapshot) => snapshot.DbClusterResourceId === resourceId);
  const byName = new Map(own.map((snapshot) => [snapshot.DBClusterSnapshotIdentifier ?? '', snapshot]));
  const names = [...byName.keys()].filter((name) => name.startsWith(FINAL_SNAPSHOT_PREFIX) && name !== finalSnapshotName(resourceId));
  // they end in the time.
  return byName.get(names.sort().at(-1) ?? '');
}

/** What the old Blue and its final snapshot remember when the deployment is gone. */
export function retirementTags({ pipeline }: PipelineSettings, { source, target, since }: RecordedClusters): Record<string, string> {
  return {
    [RetirementTag.PIPELINE]: pipeline,
    [RetirementTag.SOURCE_RESOURCE_ID]: source,
    [RetirementTag.TARGET_RESOURCE_ID]: target,
    ...since === null ? {} : { [RetirementTag.PRODUCTION_SINCE]: since },
  };
}

/** Which cluster is which, as the deployment's tags remember it. */
export function recordedIn(deployment: BlueGreenDeployment): RecordedClusters | undefined {
  const [source, target] = [tagOf(deployment, DeploymentTag.SOURCE_RESOURCE_ID), tagOf(deployment, DeploymentTag.TARGET_RESOURCE_ID)];
  return source === undefined || target === undefined ? undefined : { source, target, since: tagOf(deployment, DeploymentTag.FINISHED) ?? null };
}

/** Whether a cluster says itself that it is retired by this pipeline. */
export function isRetired(cluster: DBCluster, settings: PipelineSettings): boolean {
  return recordedOn(cluster, settings) !== undefined;
}

/** What a cluster says of its own retirement; undefined where it is not retired by this pipeline. */
export async function retirementOf(cluster: DBCluster, settings: PipelineSettings): Promise<RetirementUnderWay | undefined> {
  const recorded = recordedOn(cluster, settings);
  return recorded && { oldBlue: cluster, isRemoving: await isBeingRemoved(cluster), recorded };
}

/**
 * Whether nobody can be connected any more. That its deletion has begun is not enough: RDS may have refused it, weeks may have passed, and as long as an
 * instance is there, somebody may have come to need it.
 */
async function isBeingRemoved(cluster: DBCluster): Promise<boolean> {
  if (tagIn(cluster, RetirementTag.REMOVING) === undefined) return false;
  if (cluster.Status === 'deleting') return true;
  const instances = await instancesOf(cluster.DBClusterIdentifier ?? '');
  return [...instances.values()].every(({ status }) => status === 'deleting');
}

/**
 * Finds the retirement this pipeline has begun and not reported, without the deployment: by the tags of the old Blue or, where that is gone, of its final
 * snapshot. The resource id in the tags must be the cluster's own, so that a cluster which was restored from a copy is never taken for it.
 */
export async function retirementUnderWay(settings: PipelineSettings): Promise<RetirementUnderWay | undefined> {
  const clusters = await everyCluster();
  const production = clusters.find(({ DBClusterIdentifier }) => DBClusterIdentifier === settings.clusterIdentifier)?.DbClusterResourceId;
  const retired = retiredAmong(clusters, production, settings);
  if (retired !== undefined) return retirementOf(retired, settings);
  for (const snapshot of await snapshotsOf()) {
    const { DbClusterResourceId: id = '' } = snapshot;
    const recorded = recordedByTags(snapshot, settings.pipeline, id);
    const isOpen = tagIn(snapshot, RetirementTag.REPORTED) === undefined && snapshot.DBClusterSnapshotIdentifier === finalSnapshotName(id);
    const isGone = clusters.every(({ DbClusterResourceId }) => DbClusterResourceId !== id);
    // of what was replaced itself meanwhile, nothing is left to be reported.
    if (recorded !== undefined && recorded.target === production && isOpen && isGone) return { oldBlue: undefined, isRemoving: true, recorded };
  }
  return undefined;
}

/**
 * An old Blue that this pipeline has begun to retire, as far as the clusters themselves tell it.
 *
 * @returns undefined where there is none.
 */
export async function retiredCluster(settings: PipelineSettings): Promise<DBCluster | undefined> {
  const clusters = await everyCluster();
  const production = clusters.find(({ DBClusterIdentifier }) => DBClusterIdentifier === settings.clusterIdentifier)?.DbClusterResourceId;
  return retiredAmong(clusters, production, settings);
}

/** Where there is more than one, that whose place production has taken. */
function retiredAmong(clusters: readonly DBCluster[], production: string | undefined, settings: PipelineSettings): DBCluster | undefined {
  const retired = clusters.filter((cluster) => isRetired(cluster, settings));
  return retired.find((cluster) => recordedOn(cluster, settings)?.target === production) ?? retired[0];
}

/**
 * The old Blue, by the id that was recorded, whatever it is called. Nothing is ever deleted by name.
 *
 * @returns undefined where it does not exist any more.
 * @throws `RetireRefused` where it is, or may be, production.
 */
export async function oldBlueOf({ source, target }: RecordedClusters, { clusterIdentifier }: PipelineSettings): Promise<DBCluster | undefined> {
  const production = await clusterWithResourceId(target);
  const oldBlue = await clusterWithResourceId(source);
  const isProduction = production !== undefined && production.DBClusterIdentifier === clusterIdentifier && source !== target;
  if (isProduction && oldBlue?.DBClusterIdentifier !== clusterIdentifier) return oldBlue;
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `nothing was deleted, because the name '${clusterIdentifier}' should belong to cluster ${target}, which the switchover has made production, but ${production === undefined ? 'that does not exist any more' : `that is called '${production.DBClusterIdentifier}'`}`
    + `${oldBlue === undefined ? '' : ` (the old Blue, ${source}, is called '${oldBlue.DBClusterIdentifier}')`}: clusters were renamed, exchanged or deleted by hand. Find out which of them is production, and delete the other one yourself`,
  );
}

/**
 * The same, where it has to be there.
 *
 * @throws `RetireFailed` where somebody has deleted it meanwhile; `RetireRefused` where it is, or may be, production.
 *
 * @throws `RetireFailed` where somebody else has deleted it meanwhile; `RetireRefused` where it is, or may be, production.
 */
export async function presentOldBlue(recorded: RecordedClusters, settings: PipelineSettings): Promise<DBCluster> {
  const oldBlue = await oldBlueOf(recorded, settings);
  if (oldBlue !== undefined) return oldBlue;
  throw retireFailed(`cluster ${recorded.source} does not exist any more, so somebody has deleted it by hand. If its Blue/Green deployment '${settings.deploymentName}' is left, delete that, too`);
}

/** What production is like while it serves, as RDS says it. */
const SERVING: readonly string[] = ['available', 'backing-up', 'storage-optimization'];

/**
 * What keeps the old Blue from being deleted at this moment: as long as production does not serve, it may be the only cluster that could.
 *
 * @returns undefined where there is nothing.
 */
export async function troubleOfProduction({ target }: RecordedClusters): Promise<string | undefined> {
  const production = await clusterWithResourceId(target);
  if (production !== undefined && SERVING.includes(production.Status ?? '')) return undefined;
  return production === undefined ? `production (${target}) does not exist any more` : `production '${production.DBClusterIdentifier}' is ${production.Status}`;
}

/**
 * Asks RDS for a part of a retirement.
 *
 * @throws `RetireFailed` with what RDS says where it refuses (a quota, a permission); errors that have a name of their own stay as they are.
 */
export async function asked<Result>(what: string, ask: () => Promise<Result>, remedy?: string): Promise<Result> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof PipelineError) throw thrown;
    throw retireFailed(`RDS refused ${what} (${nameOf(thrown)}): ${messageOf(thrown)}${remedy === undefined ? '' : `. ${remedy}`}`, thrown);
  }
}

function recordedOn(cluster: DBCluster, { pipeline }: PipelineSettings): RecordedClusters | undefined {
  return recordedByTags(cluster, pipeline, cluster.DbClusterResourceId);
}

function recordedByTags(tagged: DBCluster | DBClusterSnapshot, pipeline: string, own: string | undefined): RecordedClusters | undefined {
  const [source, target] = [tagIn(tagged, RetirementTag.SOURCE_RESOURCE_ID), tagIn(tagged, RetirementTag.TARGET_RESOURCE_ID)];
  if (tagIn(tagged, RetirementTag.PIPELINE) !== pipeline || source === undefined || source !== own || target === undefined) return undefined;
  return { source, target, since: tagIn(tagged, RetirementTag.PRODUCTION_SINCE) ?? null };
}
