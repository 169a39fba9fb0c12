import { CreateDBClusterSnapshotCommand, DeleteBlueGreenDeploymentCommand, ModifyDBClusterCommand, StopDBClusterCommand } from '@aws-sdk/client-rds';
import { type PipelineState, type Protection, type Situation } from '../../../lambda/shared/state';
import { handler as checkRds } from '../../../lambda/tasks/check-rds';
import { handler as createGreen } from '../../../lambda/tasks/create-green';
import { handler as deleteDeployment } from '../../../lambda/tasks/delete-deployment';
import { handler as deleteOldBlue } from '../../../lambda/tasks/delete-old-blue';
import { handler as findWhereWeAre } from '../../../lambda/tasks/find-where-we-are';
import { handler as gatherRetirementEvidence } from '../../../lambda/tasks/gather-retirement-evidence';
import { handler as protectOldBlue } from '../../../lambda/tasks/protect-old-blue';
import { handler as report } from '../../../lambda/tasks/report';
import { handler as startOldBlue } from '../../../lambda/tasks/start-old-blue';
import { handler as switchOver } from '../../../lambda/tasks/switch-over';
import { handler as takeFinalSnapshot } from '../../../lambda/tasks/take-final-snapshot';
import { handler as waitForGreen } from '../../../lambda/tasks/wait-for-green';
import { handler as waitToRetire } from '../../../lambda/tasks/wait-to-retire';
import { Phase, type RetirementSettings } from '../../../lib/private/contract';
import { ServiceError } from '../../../rehearsal/rds';
import { type Fixture, LONG_ENOUGH, orThrow } from '../../rehearsal/rds/fixture';
import { configure, eventOf, NOTHING_FOUND, stateOf } from '../shared/event';
import { RdsAccounts } from './rds-account';

const RETIRE = { options: { ...stateOf().options, action: 'retire' } } as const;
const RETIRE_BLUE: RetirementSettings = { kind: 'automatic', bakeSeconds: 604_800, asks: false, removesDeletionProtection: false, patienceSeconds: 43_200 };

let accounts: RdsAccounts;
let rds: Fixture;
/** What protects the old Blue of the test. */
let protection: Protection | null = null;

beforeAll(async () => { accounts = await RdsAccounts.open(); });
afterAll(() => accounts.close());
beforeEach(async () => {
  rds = await accounts.fresh();
  protection = null;
  configure({ retireBlue: RETIRE_BLUE });
});

const now = () => rds.clock.now().toISOString();
const at = (state: Partial<PipelineState> = {}) => eventOf(state, { now: now() });
const situation = (state: Partial<PipelineState> = {}): Promise<Situation> => findWhereWeAre(at(state));
const names = () => rds.controlPlane.clusters.map(({ identifier }) => identifier).sort();
const oldBlue = () => orThrow(rds.controlPlane.clusters.find(({ identifier }) => identifier === 'shop-old1'));
const groups = () => rds.controlPlane.clusters.map(({ parameterGroup }) => parameterGroup.name);

async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  return promise.then(() => { throw new Error('nothing was thrown'); }, (thrown: Error) => thrown);
}

/** Runs a task again and again, as its loop does; `state` makes what it finds of itself. */
async function until<Slice extends { readonly done: boolean; readonly waitSeconds: number }>(
  task: (event: ReturnType<typeof eventOf>) => Promise<Slice>, state: (slice: Slice | null) => Partial<PipelineState>,
): Promise<Slice> {
  const found = await situation(RETIRE);
  let slice: Slice | null = null;
  for (;;) {
    slice = await task(at({ ...RETIRE, situation: found, ...state(slice) }));
    if (slice.done) return slice;
    await rds.clock.advance(slice.waitSeconds);
  }
}

/** A switchover that is over, restored, and marked as such. */
async function switchedOver(): Promise<void> {
  await green();
  await switchOver(at({ situation: await situation() }));
  await rds.clock.advance(LONG_ENOUGH);
  await waitToRetire(at({ situation: await situation() }));
}

async function green(): Promise<void> {
  const blue = { binlogRetentionHours: null, eventScheduler: 'ON' };
  await createGreen(at({ situation: await situation(), preflight: { rds: NOTHING_FOUND, mysql: { ...NOTHING_FOUND, blue } } }));
  await rds.clock.advance(LONG_ENOUGH);
  await waitForGreen(at());
}

/** What Find Old Blue finds, in an execution that knows this situation. */
const later = (before: Situation) => findWhereWeAre({ ...at({ situation: before }), purpose: 'retire' } as ReturnType<typeof eventOf>);

const start = () => until(startOldBlue, (oldBlueStart) => ({ oldBlueStart }));
const protect = async () => {
  protection = await until(protectOldBlue, (slice) => ({ protection: slice }));
  return protection;
};
const snapshot = () => until(takeFinalSnapshot, (finalSnapshot) => ({ finalSnapshot }));
const remove = () => until(deleteDeployment, (deploymentDeletion) => ({ deploymentDeletion, protection }));
const deletion = () => until(deleteOldBlue, (retirement) => ({ retirement }));

/** Everything until RDS no longer keeps the old Blue read-only. */
async function deploymentGone(): Promise<void> {
  await start();
  await protect();
  await snapshot();
  await remove();
}

async function withoutDeployment(): Promise<void> {
  await switchedOver();
  await deploymentGone();
}

describe('retiring the old Blue', () => {
  test('leaves production and a snapshot, and nothing else', async () => {
    await switchedOver();
    expect(await situation()).toMatchObject({ phase: Phase.FINISHED, recorded: { source: oldBlue().resourceId } });
    const { resourceId } = oldBlue();
    await deploymentGone();
    expect(await situation()).toMatchObject({ phase: Phase.RETIRING, deployment: null, source: { identifier: 'shop-old1' }, target: { identifier: 'shop' } });

    const retirement = await deletion();

    expect(names()).toEqual(['shop']);
    expect(rds.controlPlane.deployments).toEqual([]);
    const ofId = { status: 'available', clusterResourceId: resourceId };
    expect(rds.controlPlane.snapshots).toMatchObject([
      { ...ofId, identifier: `cdk-rds-blue-green-final-${resourceId.toLowerCase()}` },
      { ...ofId, identifier: expect.stringMatching(/^cdk-rds-blue-green-final-[a-z0-9]+-[a-z0-9]{6}$/) as string },
    ]);
    expect(retirement).toMatchObject({ oldBlue: `'shop-old1' (${resourceId})`, earlySnapshot: expect.stringMatching(/:cluster-snapshot:cdk-rds-blue-green-final-cluster-/) as string });
    expect(retirement.snapshot).toMatch(new RegExp(`:${rds.controlPlane.snapshots[1]?.identifier}$`));
    expect(retirement.remarks).toMatchObject([/was deleted with its instances/, /'cdk-rds-blue-green-shop-utf8mb4-old-\w{8}', which had kept the old Blue read-only, was deleted/].map((text) => expect.stringMatching(text) as string));

    // until it is reported, the work is not done.
    const gone = await situation();
    expect(gone).toMatchObject({ phase: Phase.REMOVING, source: null });
    const told = await report(at({ ...RETIRE, situation: gone, retirement: await deleteOldBlue(at({ situation: gone })) }));
    expect(told.summary).toMatch(/the old Blue .* of 'shop' was retired .*its final snapshot is arn:/);
    expect(await situation(RETIRE)).toMatchObject({ phase: Phase.NONE, source: { identifier: 'shop' } });
  });

  test('starts an old Blue that somebody has stopped', async () => {
    await switchedOver();
    await rds.client.send(new StopDBClusterCommand({ DBClusterIdentifier: 'shop-old1' }));
    await rds.clock.advance(LONG_ENOUGH);
    expect(oldBlue().status).toBe('stopped');
    const { instances } = await start();
    expect(oldBlue().status).toBe('available');
    expect(instances.map(({ identifier }) => identifier)).toEqual(['shop-1-old1', 'shop-2-old1']);
  });

  test('keeps it read-only by itself before the deployment goes', async () => {
    await withoutDeployment();
    expect(groups()).toContainEqual(expect.stringMatching(/^cdk-rds-blue-green-shop-utf8mb4-old-/));
    expect(oldBlue()).toMatchObject({ isForcedReadOnly: false, running: { read_only: '1' } });
    expect(oldBlue().instances.map(({ groupStatus }) => groupStatus)).toEqual(['in-sync', 'in-sync']);
  });

  test('gives RDS time to get ready with a new group, and reboots each instance once, whatever RDS says of it', async () => {
    await switchedOver();
    const found = await situation();
    const look = async (slice: Protection | null) => protectOldBlue(at({ situation: found, protection: slice }));
    const made = await look(null);
    expect(made).toMatchObject({ done: false, waitSeconds: 300, detail: expect.stringMatching(/is not used before RDS has got ready with it/) as string });
    await rds.clock.advance(200);
    expect(await look(made)).toMatchObject({ waitSeconds: 100 });
    expect(groups()).toContain('blue');
    await rds.clock.advance(100);
    const attached = await look(made);
    for (const instance of oldBlue().instances) instance.groupStatus = 'in-sync';
    const rebooting = await look(attached);
    expect(rebooting).toMatchObject({ done: false, rebooted: ['shop-1-old1', 'shop-2-old1'] });
    await rds.clock.advance(LONG_ENOUGH);
    expect(await look(rebooting)).toMatchObject({ done: true, rebooted: ['shop-1-old1', 'shop-2-old1'] });
    expect(oldBlue().running).toMatchObject({ read_only: '1' });
  });

  test('keeps the deployment as long as it is not certain that the old Blue stays read-only', async () => {
    await switchedOver();
    const found = await situation();
    expect(await thrownBy(deleteDeployment(at({ situation: found })))).toMatchObject({ name: 'RetireRefused', message: expect.stringMatching(/its cluster parameter group is 'blue', and was not looked at/) as string });
    await protect();
    await rds.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop-old1', DBClusterParameterGroupName: 'blue' }));
    expect(await thrownBy(remove())).toMatchObject({ name: 'RetireRefused', message: expect.stringMatching(/group is 'blue', and was 'cdk-rds.*not in effect on 'shop-1-old1' \(pending-reboot\)/) as string });
    expect(rds.controlPlane.deployments).toHaveLength(1);
  });

  test('waits while RDS is busy with the deployment', async () => {
    await switchedOver();
    await protect();
    rds.controlPlane.faults.fail('DeleteBlueGreenDeployment', new ServiceError('InvalidBlueGreenDeploymentStateFault', 400, 'not yet'), 2);
    const found = await situation();
    expect(await deleteDeployment(at({ situation: found, protection }))).toMatchObject({ done: false, detail: expect.stringMatching(/not yet/) as string });
    await remove();
    expect(rds.controlPlane.deployments).toEqual([]);
  });

  test('keeps its last moment, however old the early snapshot is', async () => {
    await withoutDeployment();
    // somebody has used it for weeks; then the retirement was gone on with.
    await rds.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop-old1', DBClusterParameterGroupName: 'blue' }));
    await rds.clock.advance(60 * 86_400);
    await start();
    await protect();
    await snapshot();
    const before = rds.clock.now();
    await deletion();
    expect(rds.controlPlane.snapshots).toHaveLength(2);
    expect(orThrow(rds.controlPlane.snapshots[1]).createTime.getTime()).toBeGreaterThanOrEqual(before.getTime());
  });

  test('says which parameter group is left over, and why', async () => {
    await withoutDeployment();
    orThrow(rds.controlPlane.clusters.find(({ identifier }) => identifier === 'shop')).parameterGroup = oldBlue().parameterGroup;
    expect((await deletion()).remarks).toContainEqual(expect.stringMatching(/'cdk-rds-.*-old-\w+', which had kept the old Blue read-only, is used by another cluster, so it was not deleted/));
  });

  test('is not done before the snapshot of its last moment is available', async () => {
    await withoutDeployment();
    rds.controlPlane.faults.snapshotsFail = true;
    expect(await thrownBy(deletion())).toMatchObject({ name: 'RetireFailed', message: expect.stringMatching(/it is deleted, but the snapshot 'cdk-rds-blue-green-final-\w+-\w+' of its last moment has failed/) as string });
    orThrow(rds.controlPlane.snapshots[1]).status = 'creating';
    const found = await situation();
    expect(await deleteOldBlue(at({ situation: found }))).toMatchObject({ done: false, detail: expect.stringMatching(/of its last moment is creating \(0 %\)/) as string });
  });

  test('deletes readers first, and one after the other what is left', async () => {
    await withoutDeployment();
    const found = await situation();
    const look = async () => (await deleteOldBlue(at({ situation: found }))).detail;
    expect(await look()).toMatch(/^'shop-2-old1' being deleted$/);
    expect(await look()).toMatch(/^'shop-2-old1' being deleted$/);
    // as long as the writer is there, somebody may come.
    expect((await situation()).phase).toBe(Phase.RETIRING);
    await rds.clock.advance(LONG_ENOUGH);
    expect(await look()).toMatch(/^'shop-1-old1' being deleted$/);
    expect((await situation()).phase).toBe(Phase.REMOVING);
    await rds.clock.advance(LONG_ENOUGH);
    expect(await look()).toMatch(/'shop-old1' is being deleted/);
    expect(await look()).toMatch(/'shop-old1' is deleting/);
  });

  test('asks for the bake time once, from when production was restored, and an execution that retires does not wait', async () => {
    await switchedOver();
    const found = await situation();
    expect(await waitToRetire(at({ situation: found }))).toMatchObject({ done: false, waitSeconds: 86_400 });
    expect(await waitToRetire(at({ ...RETIRE, situation: found }))).toMatchObject({ done: true });
    const late = new Date(Date.parse(now()) + 604_000_000).toISOString();
    const { waitSeconds } = await waitToRetire(eventOf({ situation: found }, { now: late }));
    expect(waitSeconds).toBeLessThanOrEqual(800);
    const over = new Date(Date.parse(late) + 1_000_000).toISOString();
    expect(await waitToRetire(eventOf({ situation: found }, { now: over }))).toMatchObject({ done: true });
  });

  test('lifts deletion protection only where that is wanted', async () => {
    await withoutDeployment();
    await rds.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop-old1', DeletionProtection: true }));
    expect(await thrownBy(deletion())).toMatchObject({ name: 'RetireRefused', message: expect.stringMatching(/has deletion protection.*removeDeletionProtection/) as string });
    expect(oldBlue().instances).toHaveLength(2);
    configure({ retireBlue: { ...RETIRE_BLUE, removesDeletionProtection: true } });
    await deletion();
    expect(names()).toEqual(['shop']);
  });
});

describe('an execution that waits for days', () => {
  test('leaves alone what another run has begun under the same name', async () => {
    await switchedOver();
    const waiting = await situation();
    await deploymentGone();
    const retirement = await deletion();
    await report(at({ ...RETIRE, situation: await situation(RETIRE), retirement }));
    await green();
    await switchOver(at({ situation: await situation() }));
    await rds.clock.advance(LONG_ENOUGH);
    const bakeTime = { done: false, waitSeconds: 5, startedAt: now() };
    expect(await waitToRetire(at({ situation: waiting, bakeTime }))).toMatchObject({ done: true });
    expect((await situation()).phase).toBe(Phase.SWITCHED);
    expect(await later(waiting)).toMatchObject({ phase: Phase.NONE, deployment: null });
    // nor does it retire that one when it is half retired.
    await waitToRetire(at({ situation: await situation() }));
    await deploymentGone();
    expect((await later(waiting)).phase).toBe(Phase.NONE);
    expect((await situation()).phase).toBe(Phase.RETIRING);
  });

  test('retires its old Blue when the construct has another plan by then', async () => {
    await switchedOver();
    const waiting = await situation();
    configure({ retireBlue: RETIRE_BLUE, migration: { kind: 'none' } });
    expect(await later(waiting)).toMatchObject({ phase: Phase.FINISHED, recorded: { source: oldBlue().resourceId } });
  });

  test('writes down what the old Blue is, whoever has deleted the deployment', async () => {
    await switchedOver();
    await start();
    const found = await situation();
    await rds.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: rds.controlPlane.deployments[0]?.identifier }));
    await rds.clock.advance(LONG_ENOUGH);
    expect(await deleteDeployment(at({ situation: found }))).toMatchObject({ done: true });
    expect(await situation()).toMatchObject({ phase: Phase.RETIRING, source: { identifier: 'shop-old1' } });
  });
});

describe('nothing is deleted', () => {
  test('without all checks, where an earlier execution has begun and RDS has refused', async () => {
    await withoutDeployment();
    rds.controlPlane.faults.fail('DeleteDBInstance', new ServiceError('AccessDenied', 403, 'no'));
    expect((await thrownBy(deleteOldBlue(at({ situation: await situation() })))).name).toBe('RetireFailed');
    expect(await situation()).toMatchObject({ phase: Phase.RETIRING });
    await rds.client.send(new StopDBClusterCommand({ DBClusterIdentifier: 'shop-old1' }));
    await rds.clock.advance(LONG_ENOUGH);
    expect(await thrownBy(deleteOldBlue(at({ situation: await situation() })))).toMatchObject({ name: 'RetireFailed', message: expect.stringMatching(/'shop-old1' is stopped, because somebody has stopped it/) as string });
    expect((await start()).instances).toHaveLength(2);
  });

  test('as long as production does not serve', async () => {
    await switchedOver();
    await protect();
    const production = orThrow(rds.controlPlane.clusters.find(({ identifier }) => identifier === 'shop'));
    production.status = 'deleting';
    expect(await deleteDeployment(at({ situation: await situation(), protection }))).toMatchObject({ done: false, detail: `production 'shop' is deleting` });
    production.status = 'available';
    await deploymentGone();
    production.status = 'stopped';
    expect(await deleteOldBlue(at({ situation: await situation() }))).toMatchObject({ done: false, detail: `production 'shop' is stopped` });
    expect(oldBlue().tags.map(({ Key }) => Key)).not.toContain('cdk-rds-blue-green:removing');
  });

  test('where an instance has arrived into which nobody has looked', async () => {
    await withoutDeployment();
    const oldBlueStart = await start();
    const instances = oldBlueStart.instances.slice(0, 1);
    expect(await thrownBy(deleteOldBlue(at({ situation: await situation(), oldBlueStart: { ...oldBlueStart, instances } })))).toMatchObject({
      name: 'RetireRefused', message: expect.stringMatching(/has another instance, 'shop-2-old1', into which nobody has looked/) as string,
    });
  });

  test('of an old Blue without instances, nor of one that is gone', async () => {
    await switchedOver();
    const found = await situation();
    oldBlue().instances.splice(0, 2);
    expect(await thrownBy(startOldBlue(at({ situation: found })))).toMatchObject({ name: 'RetireRefused', message: expect.stringMatching(/'shop-old1' has no instances.*--final-db-snapshot-identifier/) as string });
    const gone = { ...found, recorded: { source: 'cluster-GONE', target: orThrow(found.recorded).target, since: null } };
    expect(await thrownBy(startOldBlue(at({ situation: gone })))).toMatchObject({ name: 'RetireFailed', message: expect.stringMatching(/does not exist any more, so somebody has deleted it/) as string });
  });

  test('without an available snapshot of just this cluster', async () => {
    await switchedOver();
    await start();
    rds.controlPlane.faults.snapshotsFail = true;
    expect(await thrownBy(snapshot())).toMatchObject({ name: 'RetireFailed', message: expect.stringMatching(/has failed, and without it nothing is deleted/) as string });
    const found = await situation();
    expect(await thrownBy(deleteOldBlue(at({ situation: found })))).toMatchObject({ name: 'RetireFailed', message: expect.stringMatching(/its final snapshot is failed/) as string });
    expect(names()).toEqual(['shop', 'shop-old1']);
  });

  test('where RDS refuses a part, and the message says what RDS says', async () => {
    await switchedOver();
    await start();
    rds.controlPlane.faults.fail('CreateDBClusterSnapshot', new ServiceError('SnapshotQuotaExceeded', 400, 'You have 100 snapshots'));
    expect(await thrownBy(snapshot())).toMatchObject({ name: 'RetireFailed', message: expect.stringMatching(/RDS refused the final snapshot '.*' \(SnapshotQuotaExceeded\): You have 100 snapshots/) as string });
    rds.controlPlane.faults.fail('CreateDBClusterSnapshot', new ServiceError('InvalidDBClusterStateFault', 400, 'it is backing up'));
    await snapshot();
    expect(rds.controlPlane.snapshots).toHaveLength(1);
  });

  test('for a snapshot of that name that was taken of another cluster', async () => {
    await switchedOver();
    const name = `cdk-rds-blue-green-final-${oldBlue().resourceId.toLowerCase()}`;
    await rds.client.send(new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'shop', DBClusterSnapshotIdentifier: name }));
    await rds.clock.advance(LONG_ENOUGH);
    expect((await thrownBy(deletion())).message).toMatch(/its final snapshot does not exist/);
  });

  test('where names were exchanged: what bears production\'s name is never the old Blue', async () => {
    await withoutDeployment();
    const found = await situation();
    const production = orThrow(rds.controlPlane.clusters.find(({ identifier }) => identifier === 'shop'));
    [oldBlue().identifier, production.identifier] = ['shop', 'shop-failed'];
    for (const task of [startOldBlue, protectOldBlue, deleteOldBlue]) {
      expect(await thrownBy(task(at({ situation: found })))).toMatchObject({ name: 'RetireRefused', message: expect.stringMatching(/the name 'shop' should belong to cluster/) as string });
    }
    expect(names()).toEqual(['shop', 'shop-failed']);
  });

  test('that somebody has deleted by hand meanwhile, and the message says what is left', async () => {
    await switchedOver();
    const found = await situation();
    const gone = { ...found, recorded: { source: 'cluster-GONE', target: orThrow(found.recorded).target, since: null } };
    expect(await thrownBy(startOldBlue(at({ situation: gone })))).toMatchObject({ name: 'RetireFailed', message: expect.stringMatching(/cluster cluster-GONE does not exist any more.*'shop-utf8mb4' is left, delete that/) as string });
  });

  test('within its patience nothing fails, and after it the message says what is waited for', async () => {
    await switchedOver();
    const found = await situation();
    oldBlue().status = 'backing-up';
    const oldBlueStart = { done: false, waitSeconds: 5, startedAt: new Date(Date.parse(now()) - 43_201_000).toISOString(), detail: '', instances: [] };
    expect(await startOldBlue(at({ situation: found }))).toMatchObject({ done: false, detail: `'shop-old1' is backing-up` });
    expect(await thrownBy(startOldBlue(at({ situation: found, oldBlueStart })))).toMatchObject({ name: 'RetireFailed', message: expect.stringMatching(/'shop-old1' is backing-up, after 12 h 0 min \(retireBlue\.patience\)/) as string });
  });
});

describe('Check Old Blue In RDS', () => {
  const check = async () => checkRds({ ...at({ situation: await situation() }), scope: 'retire' } as ReturnType<typeof eventOf>);

  test('finds nothing where the switchover has left everything as it should be', async () => {
    await switchedOver();
    expect(await check()).toMatchObject({ blockers: 0, findings: [] });
  });

  test('finds everything that speaks against it at once', async () => {
    await switchedOver();
    await rds.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop-old1', DeletionProtection: true }));
    const production = orThrow(rds.controlPlane.clusters.find(({ identifier }) => identifier === 'shop'));
    production.status = 'modifying';
    production.replicationSource = oldBlue();
    rds.controlPlane.surroundings.integrations.push({ IntegrationName: 'to-the-lake', SourceArn: 'arn:aws:rds:eu-central-1:123456789012:cluster:shop-old1', Status: 'active' });
    const { findings } = await check();
    expect(findings.map(({ id, message }) => `${id}: ${message}`)).toEqual([
      expect.stringMatching(/^deletion-protection: the old Blue 'shop-old1' has deletion protection: turn it off.*removeDeletionProtection/),
      expect.stringMatching(/^production-in-place: production 'shop' is 'modifying'/),
      expect.stringMatching(/^old-blue-replicas: the old Blue 'shop-old1' is the source of zero-ETL integrations \(to-the-lake\)/),
    ]);
    configure({ retireBlue: { ...RETIRE_BLUE, removesDeletionProtection: true } });
    expect((await check()).findings).toContainEqual(expect.objectContaining({ id: 'deletion-protection', severity: 'note' }));
  });

  test('refuses clusters that are others than those that were recorded, and what hangs on the old Blue', async () => {
    await switchedOver();
    const found = await situation();
    const recorded = { source: 'cluster-SOMETHINGELSE', target: 'cluster-SOMETHINGOLDER', since: now() };
    oldBlue().replicationSource = orThrow(rds.controlPlane.clusters.find(({ identifier }) => identifier === 'shop'));
    const { findings } = await checkRds({ ...at({ situation: { ...found, recorded } }), scope: 'retire' } as ReturnType<typeof eventOf>);
    expect(findings.map(({ id, message }) => `${id}: ${message}`)).toEqual([
      expect.stringMatching(/^old-blue-recorded: 'shop-old1' \(cluster-\w+\) is not the old Blue that was recorded \(cluster-SOMETHINGELSE\)/),
      expect.stringMatching(/^production-in-place: the name 'shop' should belong to cluster cluster-SOMETHINGOLDER, .* but the deployment's target is 'shop' \(cluster-\w+\)/),
      expect.stringMatching(/^old-blue-replicas: the old Blue 'shop-old1' is a replica of arn:.*:cluster:shop: promote it/),
    ]);
  });
});

describe('Find Where We Are', () => {
  test('refuses to retire what has not been switched over', async () => {
    await rds.create({ name: 'shop-utf8mb4' });
    expect((await thrownBy(situation(RETIRE))).name).toBe('ForeignDeployment');
    const tags = orThrow(rds.controlPlane.deployments[0]).tags;
    tags.push({ Key: 'cdk-rds-blue-green:pipeline', Value: 'Stack/Pipeline' });
    expect(await thrownBy(situation(RETIRE))).toMatchObject({ name: 'RetireRefused', message: expect.stringMatching(/has not been switched over, so Blue is production and nothing was touched/) as string });
  });

  test('retires the old Blue of an earlier plan, which nothing else can be done with', async () => {
    await switchedOver();
    configure({ retireBlue: RETIRE_BLUE, migration: { kind: 'none' } });
    expect(await thrownBy(situation())).toMatchObject({ name: 'ForeignDeployment', message: expect.stringMatching(/"action": "retire"/) as string });
    expect(await situation(RETIRE)).toMatchObject({ phase: Phase.FINISHED });
  });

  test('finds nothing to retire where a person has deleted the deployment, and production is no old Blue', async () => {
    await switchedOver();
    await rds.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: rds.controlPlane.deployments[0]?.identifier }));
    await rds.clock.advance(LONG_ENOUGH);
    expect(await situation(RETIRE)).toMatchObject({ phase: Phase.NONE, source: { identifier: 'shop' } });
    expect((await report(at({ ...RETIRE, situation: await situation(RETIRE) }))).summary).toMatch(/nothing to retire for 'shop'/);
    const bakeTime = { done: true, waitSeconds: 5, startedAt: now() };
    const late = await report(at({ situation: await situation(RETIRE), bakeTime }));
    expect(late).toMatchObject({ summary: expect.stringMatching(/switched over by an earlier execution; nothing of its old Blue was found/) as string, remarks: [expect.stringMatching(/was not retired: its Blue\/Green deployment is gone/)] });
  });

  test('is not led astray by tags that came along with a copy', async () => {
    await withoutDeployment();
    const copy = await rds.controlPlane.createCluster({ identifier: 'a-copy', engineVersion: '8.0.mysql_aurora.3.04.4', instances: ['a-copy-1'], engine: rds.blue, tags: oldBlue().tags });
    rds.controlPlane.clusters.filter(({ identifier }) => identifier === 'shop-old1').forEach((cluster) => { cluster.tags = []; });
    expect(copy.tags).not.toEqual([]);
    expect((await situation(RETIRE)).phase).toBe(Phase.NONE);
  });

  test('begins nothing beside a retirement that the construct does not want any more', async () => {
    await withoutDeployment();
    configure({});
    expect(await thrownBy(situation())).toMatchObject({ name: 'RetireRefused', message: expect.stringMatching(/begun to retire the old Blue 'shop-old1'.*Put retireBlue back.*Keep the old Blue after all/) as string });
    expect((await thrownBy(situation({ options: { ...stateOf().options, action: 'abandon' } }))).name).toBe('AbandonRefused');
    oldBlue().tags = [];
    expect((await situation()).phase).toBe(Phase.NONE);
  });

  test('does not wait for the report of a retirement whose production was replaced itself', async () => {
    await withoutDeployment();
    await deletion();
    expect((await situation()).phase).toBe(Phase.REMOVING);
    orThrow(rds.controlPlane.clusters[0]).identifier = 'shop-before';
    expect((await situation()).phase).toBe(Phase.NONE);
  });

  test('lets nobody give up a Green that is production', async () => {
    await withoutDeployment();
    expect((await thrownBy(situation({ options: { ...stateOf().options, action: 'abandon' } }))).name).toBe('AbandonRefused');
  });
});

describe('Gather Retirement Evidence', () => {
  test('says which cluster goes and which one stays, and counts for these two only', async () => {
    configure({ retireBlue: RETIRE_BLUE, approvalSeconds: 3600 });
    await switchedOver();
    const found = await situation();
    const evidence = await gatherRetirementEvidence(at({ situation: found }));
    expect(evidence).toMatchObject({ approved: false, subject: 'Approve the deletion of the old shop?' });
    expect(evidence.text[0]).toMatch(new RegExp(`old Blue 'shop-old1' can be deleted, with 2 instances.*${found.recorded?.source}.*'shop'.*${found.recorded?.target}.*npx cdk-rds-blue-green approve`, 's'));
    const approval = { evidence: evidence.hash, at: now() };
    expect(await gatherRetirementEvidence(at({ situation: found, approval }))).toMatchObject({ approved: true });
    expect(await gatherRetirementEvidence(at({ situation: { ...found, recorded: { source: 'cluster-OTHER', target: 'cluster-X', since: null } }, approval }))).toMatchObject({ approved: false });
    await rds.clock.advance(3601);
    expect(await gatherRetirementEvidence(at({ situation: found, approval }))).toMatchObject({ approved: false });
    expect(await gatherRetirementEvidence(at({ situation: { ...found, phase: Phase.RETIRING } }))).toMatchObject({ approved: true });
  });
});
