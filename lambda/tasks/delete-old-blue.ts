import { ErrorName, type PipelineSettings, RetirementTag } from '../../lib/private/contract';
import { type InstanceStatus, instancesOf } from '../rds/clusters';
import { deleteCluster, deleteInstance, liftDeletionProtection } from '../rds/deletion';
import { deleteReadOnlyGroup } from '../rds/read-only-group';
import { asked, finalSnapshotName, finalSnapshotOf, lastSnapshotName, lastSnapshotOf, oldBlueOf, retirementTags, troubleOfProduction } from '../rds/retirement';
import { addTags, tagIn } from '../rds/tags';
import { type DBCluster, type DBClusterSnapshot } from '../rds/types';
import { PipelineError } from '../shared/errors';
import { someOf } from '../shared/lists';
import { done, KEEP_OLD_BLUE, lookOf, notYet, recordedOf, RETIRE_AGAIN, retireFailed, retirementSettingsOf } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type OldBlueDeletion, type RecordedClusters, type RetirementStep, type TaskEvent } from '../shared/state';
import { task } from '../shared/task';

/**
 * Deletes the old Blue: readers, writer, cluster, and the parameter group that was made to protect it. At each look everything is proven again that it depends
 * on: which cluster it is, that another one is production, that the early snapshot is available. The data of its last moment RDS keeps
 * in another one.
 */
export const handler = task<OldBlueDeletion>(async (event) => {
  const settings = readSettings();
  const recorded = recordedOf(event);
  const look = lookOf(event, event.state.retirement);
  const early = await availableSnapshot(recorded.source);
  const oldBlue = await oldBlueOf(recorded, settings);
  const last = oldBlue === undefined ? await lastSnapshotOf(recorded.source) : undefined;
  const earlySnapshot = early.DBClusterSnapshotArn ?? '';
  const facts = { oldBlue: nameOf(event, oldBlue), snapshot: last?.DBClusterSnapshotArn ?? earlySnapshot, earlySnapshot, remarks: [] };
  if (oldBlue !== undefined) return { ...await goOn(oldBlue, event, settings), ...facts };
  const pending = last === undefined ? undefined : await pendingOf(last, recorded, settings);
  if (pending !== undefined) return { ...notYet(look, settings, pending), ...facts };
  return { ...done(look, 'the old Blue is gone'), ...facts, remarks: await remarksOn(event, facts, settings) };
});

/** What is missing of the snapshot that RDS has taken last; undefined where it is available. */
async function pendingOf(last: DBClusterSnapshot, recorded: RecordedClusters, settings: PipelineSettings): Promise<string | undefined> {
  const { DBClusterSnapshotIdentifier: name = '', Status: status = 'unknown', PercentProgress: percent = 0 } = last;
  if (status === 'failed') {
    throw retireFailed(`it is deleted, but the snapshot '${name}' of its last moment has failed. What is left is '${finalSnapshotName(recorded.source)}', taken before its deployment was deleted, and its automated backups, from which its last moment `
      + 'can be restored as long as they are kept. Delete the failed snapshot when you have done what you need');
  }
  if (status !== 'available') return `snapshot '${name}' of its last moment is ${status} (${percent} %)`;
  return asked(`to tag snapshot '${name}'`, () => addTags(last.DBClusterSnapshotArn ?? '', retirementTags(settings, recorded)));
}

/** Without it nothing is deleted. */
async function availableSnapshot(source: string): Promise<DBClusterSnapshot> {
  const snapshot = await finalSnapshotOf(source);
  if (snapshot?.Status === 'available') return snapshot;
  throw retireFailed(`its final snapshot ${snapshot === undefined ? 'does not exist' : `is ${snapshot.Status}`}, and without one nothing (more) is deleted`);
}

/** The next of what is left to do. */
async function goOn(oldBlue: DBCluster, event: TaskEvent, settings: PipelineSettings): Promise<RetirementStep> {
  const look = lookOf(event, event.state.retirement);
  const { DBClusterIdentifier: name = '', Status: status = 'unknown', DBClusterMembers: members = [] } = oldBlue;
  if (['stopping', 'stopped'].includes(status)) throw retireFailed(`'${name}' is ${status}, because somebody has stopped it in the middle of its deletion, and RDS deletes nothing that is stopped`);
  const trouble = status === 'available' ? await troubleOfProduction(recordedOf(event)) : `'${name}' is ${status}`;
  if (trouble !== undefined) return notYet(look, settings, trouble);
  if (oldBlue.DeletionProtection === true) return notYet(look, settings, await liftProtection(name, settings));
  const instances = [...await instancesOf(name)];
  refuseNews(oldBlue, instances, event);
  if (tagIn(oldBlue, RetirementTag.REMOVING) === undefined) {
    const busy = await asked(`to tag '${name}'`, () => addTags(oldBlue.DBClusterArn ?? '', { [RetirementTag.REMOVING]: event.now }));
    if (busy !== undefined) return notYet(look, settings, busy);
  }
  const writer = members.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
  const readers = instances.filter(([instance]) => instance !== writer);
  // the writer goes last, so that none of them has to take over for it.
  const next = readers.length > 0 ? readers : instances;
  if (next.length === 0) return notYet(look, settings, await asked(`to delete '${name}'`, () => deleteCluster(name, lastSnapshotName(recordedOf(event).source, event.now))) ?? `'${name}' is being deleted`);
  const refusals = [];
  for (const [instance, present] of next) if (present.status !== 'deleting') refusals.push(await asked(`to delete '${instance}'`, () => deleteInstance(instance)));
  return notYet(look, settings, refusals.find((refusal) => refusal !== undefined) ?? `${next.map(([instance]) => `'${instance}'`).join(', ')} being deleted`);
}

/** What has come since the checks: nobody has looked into an instance that was not there, and RDS would let go what follows the old Blue. */
function refuseNews(oldBlue: DBCluster, instances: readonly (readonly [string, InstanceStatus])[], { state: { oldBlueStart, situation } }: TaskEvent): void {
  const { DBClusterIdentifier: name, DbClusterResourceId: id, ReplicationSourceIdentifier: leader = '', GlobalClusterIdentifier: global = '' } = oldBlue;
  const replicas = (oldBlue.ReadReplicaIdentifiers ?? []).filter((replica) => replica !== situation?.target?.arn && replica !== situation?.target?.identifier);
  const arrived = instances.filter(([instance, { status }]) => status !== 'deleting' && oldBlueStart !== null && oldBlueStart.instances.every(({ identifier }) => identifier !== instance));
  const news = [
    ...arrived.map(([instance]) => `has another instance, '${instance}', into which nobody has looked`),
    ...replicas.length === 0 ? [] : [`has replica clusters (${someOf(replicas)})`],
    ...leader === '' ? [] : [`is a replica of ${leader}`],
    ...global === '' ? [] : [`belongs to Aurora Global Database '${global}'`],
  ];
  if (news.length === 0) return;
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `nothing (more) was deleted and production is as it was, because since the checks something has changed: the old Blue '${name}' (${id}) ${news.join(', and ')}. ${RETIRE_AGAIN}. ${KEEP_OLD_BLUE}`,
  );
}

async function liftProtection(name: string, settings: PipelineSettings): Promise<string> {
  if (retirementSettingsOf(settings).removesDeletionProtection) return await asked(`to lift the deletion protection of '${name}'`, () => liftDeletionProtection(name)) ?? `the deletion protection of '${name}' is lifted`;
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `the old Blue '${name}' has deletion protection again, so nothing (more) was deleted and production is as it was. Turn it off (aws rds modify-db-cluster --db-cluster-identifier ${name} --no-deletion-protection), or set removeDeletionProtection. ${RETIRE_AGAIN}`,
  );
}

/** Whoever deletes it last knows it only by its id. */
function nameOf({ state: { retirement, situation } }: TaskEvent, oldBlue: DBCluster | undefined): string {
  if (oldBlue !== undefined) return `'${oldBlue.DBClusterIdentifier}' (${oldBlue.DbClusterResourceId})`;
  return retirement?.oldBlue ?? (situation?.source ? `'${situation.source.identifier}' (${situation.source.resourceId})` : `cluster ${situation?.recorded?.source}`);
}

async function remarksOn(
  event: TaskEvent, { oldBlue, snapshot, earlySnapshot }: Pick<OldBlueDeletion, 'oldBlue' | 'snapshot' | 'earlySnapshot'>, settings: PipelineSettings,
): Promise<string[]> {
  const group = await asked('to delete the cluster parameter group that has kept it read-only', () => deleteReadOnlyGroup(settings, recordedOf(event).source));
  return [
    `the old Blue ${oldBlue} was deleted with its instances and its Blue/Green deployment. ${snapshot === earlySnapshot
      ? `Its data is in snapshot ${snapshot}, taken before its deployment was deleted; of its last moment there is none, because somebody else has deleted that, or the cluster`
      : `Its data is in snapshot ${snapshot}, of its last moment, and in ${earlySnapshot}, taken before its deployment was deleted`}. Snapshots cost storage until somebody deletes them; its automated backups expire by themselves`,
    ...group === undefined ? [] : [`cluster parameter group '${group.name}', which had kept the old Blue read-only, ${group.isGone ? 'was deleted' : 'is used by another cluster, so it was not deleted'}`],
  ];
}
