import { DeploymentTag, ErrorName, FINAL_SNAPSHOT_PREFIX, type PipelineSettings, RetirementTag } from '../../lib/private/contract';
import { messageOf, PipelineError } from '../shared/errors';
import { retireFailed } from '../shared/retirement';
import { type RecordedClusters } from '../shared/state';
import { nameOf } from './client';
import { clusterWithResourceId, everyCluster } from './clusters';
import { tagOf } from './deployments';
import { describeSnapshot, everySnapshot } from './snapshots';
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

/** What a cluster says of its own retirement; undefined where it is not retired by this pipeline. */
export function retirementOf(cluster: DBCluster, { pipeline }: PipelineSettings): RetirementUnderWay | undefined {
  const recorded = recordedByTags(cluster, pipeline, cluster.DbClusterResourceId);
  return recorded && { oldBlue: cluster, isRemoving: tagIn(cluster, RetirementTag.REMOVING) !== undefined, recorded };
}

/**
 * Finds the retirement this pipeline has begun and not reported, without the deployment: by the tags of the old Blue or, where that is gone, of its final
 * snapshot. The resource id in the tags must be the cluster's own, so that a cluster which was restored from a copy is never taken for it.
 */
export async function retirementUnderWay(settings: PipelineSettings): Promise<RetirementUnderWay | undefined> {
  const clusters = await everyCluster();
  for (const cluster of clusters) {
    const found = retirementOf(cluster, settings);
    if (found !== undefined) return found;
  }
  for (const snapshot of await everySnapshot()) {
    const { DbClusterResourceId: id = '' } = snapshot;
    const recorded = recordedByTags(snapshot, settings.pipeline, id);
    const isOpen = tagIn(snapshot, RetirementTag.REPORTED) === undefined && snapshot.DBClusterSnapshotIdentifier === finalSnapshotName(id);
    const isGone = clusters.every(({ DbClusterResourceId }) => DbClusterResourceId !== id);
    if (recorded !== undefined && isOpen && isGone) return { oldBlue: undefined, isRemoving: true, recorded };
  }
  return undefined;
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
 */
export async function presentOldBlue(recorded: RecordedClusters, settings: PipelineSettings): Promise<DBCluster> {
  const oldBlue = await oldBlueOf(recorded, settings);
  if (oldBlue !== undefined) return oldBlue;
  throw retireFailed(`cluster ${recorded.source} does not exist any more, so somebody has deleted it by hand. If its Blue/Green deployment '${settings.deploymentName}' is left, delete that, too`);
}

/**
 * Asks RDS for a part of a retirement.
 *
 * @throws `RetireFailed` with what RDS says where it refuses (a quota, a permission); errors that have a name of their own stay as they are.
 */
export async function asked<Result>(what: string, ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (thrown) {
    if (thrown instanceof PipelineError) throw thrown;
    throw retireFailed(`RDS refused ${what} (${nameOf(thrown)}): ${messageOf(thrown)}`, thrown);
  }
}

function recordedByTags(tagged: DBCluster | DBClusterSnapshot, pipeline: string, own: string | undefined): RecordedClusters | undefined {
  const [source, target] = [tagIn(tagged, RetirementTag.SOURCE_RESOURCE_ID), tagIn(tagged, RetirementTag.TARGET_RESOURCE_ID)];
  if (tagIn(tagged, RetirementTag.PIPELINE) !== pipeline || source === undefined || source !== own || target === undefined) return undefined;
  return { source, target, since: tagIn(tagged, RetirementTag.PRODUCTION_SINCE) ?? null };
}
