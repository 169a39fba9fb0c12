import { DeleteBlueGreenDeploymentCommand } from '@aws-sdk/client-rds';
import { planHash } from '../../../lambda/migration/plan';
import { type GreenDeletion } from '../../../lambda/shared/state';
import { handler as createGreen } from '../../../lambda/tasks/create-green';
import { handler as deleteGreen } from '../../../lambda/tasks/delete-green';
import { handler as findWhereWeAre } from '../../../lambda/tasks/find-where-we-are';
import { handler as switchOver } from '../../../lambda/tasks/switch-over';
import { handler as waitForGreen } from '../../../lambda/tasks/wait-for-green';
import { DeploymentTag, Phase } from '../../../lib/private/contract';
import { ServiceError } from '../../../rehearsal/rds';
import { type Fixture, LONG_ENOUGH } from '../../rehearsal/rds/fixture';
import { after, configure, eventOf, NOTHING_FOUND, settingsOf, stateOf } from '../shared/event';
import { RdsAccounts } from './rds-account';

const ABANDON = { options: { ...stateOf().options, action: 'abandon' } } as const;

let accounts: RdsAccounts;
let rds: Fixture;

beforeAll(async () => { accounts = await RdsAccounts.open(); });
afterAll(() => accounts.close());
beforeEach(async () => {
  rds = await accounts.fresh({}, { deletionProtection: true });
  configure();
});

async function green(): Promise<void> {
  const blue = { binlogRetentionHours: null, eventScheduler: 'ON' };
  await createGreen(eventOf({ situation: await findWhereWeAre(eventOf()), preflight: { rds: NOTHING_FOUND, mysql: { ...NOTHING_FOUND, blue } } }));
  await rds.clock.advance(LONG_ENOUGH);
  await waitForGreen(eventOf());
}

const situation = () => findWhereWeAre(eventOf(ABANDON));
const names = () => rds.controlPlane.clusters.map(({ identifier }) => identifier);

async function untilDone(abandon: GreenDeletion | null = null): Promise<GreenDeletion> {
  const at = await situation().catch(() => null);
  const look = await deleteGreen(eventOf({ ...ABANDON, situation: at, abandon }));
  if (look.done) return look;
  await rds.clock.advance(look.waitSeconds);
  return untilDone(look);
}

async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  return promise.then(() => { throw new Error('nothing was thrown'); }, (thrown: Error) => thrown);
}

describe('Delete Green', () => {
  test('deletes the deployment and Green, whose protection comes from Blue; Blue keeps its own', async () => {
    await green();
    await untilDone();
    expect(names()).toEqual(['shop']);
    expect(rds.controlPlane.clusters[0]?.deletionProtection).toBe(true);
    expect(rds.controlPlane.deployments).toEqual([]);
  });

  test('waits while RDS is busy with the deployment, and goes on', async () => {
    await green();
    rds.controlPlane.faults.fail('DeleteBlueGreenDeployment', new ServiceError('InvalidBlueGreenDeploymentStateFault', 400, 'it is in no state for that'));
    const look = await deleteGreen(eventOf({ ...ABANDON, situation: await situation() }));
    expect(look).toMatchObject({ done: false, detail: expect.stringMatching(/it is in no state for that/) as string });
    await untilDone(look);
    expect(names()).toEqual(['shop']);
  });

  test('leaves a Green alone that somebody has kept by deleting the deployment alone, and says so', async () => {
    await green();
    const at = await situation();
    await rds.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: at.deployment?.identifier }));
    await rds.clock.advance(LONG_ENOUGH);
    const look = await deleteGreen(eventOf({ ...ABANDON, situation: at }));
    expect(look).toMatchObject({ done: false, detail: expect.stringMatching(/the deployment is gone, and cluster 'shop-green-\w+' .* is available/) as string });
    expect(names()).toHaveLength(2);
  });

  test('refuses once RDS is switching over, and when it is done', async () => {
    await green();
    const before = await situation();
    await switchOver(eventOf({ situation: before }));
    for (const moment of ['IN_PROGRESS', 'COMPLETED']) {
      expect(await thrownBy(deleteGreen(eventOf({ ...ABANDON, situation: before })))).toMatchObject({ name: 'AbandonRefused', message: expect.stringContaining(moment) as string });
      expect(await thrownBy(situation())).toMatchObject({ name: 'AbandonRefused' });
      await rds.clock.advance(LONG_ENOUGH);
    }
    expect(names().sort()).toEqual(['shop', 'shop-old1']);
  });

  test('ends after its patience with what keeps Green', async () => {
    await green();
    const abandon = { done: false, waitSeconds: 5, startedAt: after(-7201), green: null, detail: '', remarks: [] };
    expect(await thrownBy(deleteGreen(eventOf({ ...ABANDON, situation: await situation(), abandon })))).toMatchObject({ name: 'AbandonFailed', message: expect.stringMatching(/is DELETING/) as string });
  });
});

describe('Find Where We Are, for an execution that gives up', () => {
  test('accepts a deployment of another plan, and one that is broken', async () => {
    await green();
    configure({ migration: { kind: 'none' } });
    expect(planHash(settingsOf())).not.toBe(planHash(settingsOf({ migration: { kind: 'none' } })));
    expect((await thrownBy(findWhereWeAre(eventOf()))).name).toBe('PlanChanged');
    expect((await situation()).phase).toBe(Phase.AVAILABLE);
    const [deployment] = rds.controlPlane.deployments;
    if (deployment !== undefined) deployment.status = 'INVALID_CONFIGURATION';
    expect((await situation()).phase).toBe(Phase.BROKEN);
  });

  test('accepts a broken one after a failure as well, but neither another plan nor what RDS is switching over to', async () => {
    await green();
    const afterFailure = () => findWhereWeAre(eventOf({}, { purpose: 'giveUp' }));
    const [deployment] = rds.controlPlane.deployments;
    if (deployment !== undefined) deployment.status = 'INVALID_CONFIGURATION';
    expect((await thrownBy(findWhereWeAre(eventOf()))).name).toBe('DeploymentInvalid');
    expect((await afterFailure()).phase).toBe(Phase.BROKEN);
    configure({ migration: { kind: 'none' } });
    expect((await thrownBy(afterFailure())).name).toBe('PlanChanged');
    configure();
    if (deployment !== undefined) deployment.status = 'SWITCHOVER_IN_PROGRESS';
    expect((await thrownBy(afterFailure())).name).toBe('AbandonRefused');
  });

  test('refuses a deployment of somebody else', async () => {
    await green();
    const tag = rds.controlPlane.deployments[0]?.tags.find(({ Key }) => Key === DeploymentTag.PIPELINE);
    if (tag !== undefined) tag.Value = 'Other/Pipeline';
    expect((await thrownBy(situation())).name).toBe('ForeignDeployment');
  });
});
