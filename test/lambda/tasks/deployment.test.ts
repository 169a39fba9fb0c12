import {
  AddTagsToResourceCommand, CreateBlueGreenDeploymentCommand, DeleteBlueGreenDeploymentCommand, DescribeDBClusterParametersCommand,
  ModifyDBClusterParameterGroupCommand, SwitchoverBlueGreenDeploymentCommand,
} from '@aws-sdk/client-rds';
import { planHash } from '../../../lambda/migration/plan';
import { readSettings } from '../../../lambda/shared/settings';
import { type PipelineState, type Situation, type SwitchoverProgress, type TaskEvent } from '../../../lambda/shared/state';
import { handler as createGreen } from '../../../lambda/tasks/create-green';
import { handler as findWhereWeAre } from '../../../lambda/tasks/find-where-we-are';
import { handler as rememberPlan } from '../../../lambda/tasks/remember-plan';
import { handler as report } from '../../../lambda/tasks/report';
import { handler as restoreParameters } from '../../../lambda/tasks/restore-parameters';
import { handler as switchOver } from '../../../lambda/tasks/switch-over';
import { handler as waitForGreen } from '../../../lambda/tasks/wait-for-green';
import { handler as waitForSwitchover } from '../../../lambda/tasks/wait-for-switchover';
import { DeploymentTag, type PipelineSettings } from '../../../lib/private/contract';
import { ServiceError } from '../../../rehearsal/rds';
import { type Fixture, LONG_ENOUGH, orThrow } from '../../rehearsal/rds/fixture';
import { after, configure, eventOf, NOTHING_FOUND, NOW, settingsOf } from '../shared/event';
import { RdsAccounts } from './rds-account';

const SOURCE_ARN = 'arn:aws:rds:eu-central-1:123456789012:cluster:shop';

let accounts: RdsAccounts;
let rds: Fixture;

beforeAll(async () => { accounts = await RdsAccounts.open(); });
afterAll(() => accounts.close());
beforeEach(async () => {
  rds = await accounts.fresh();
  configure();
});

async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  return promise.then(() => { throw new Error('nothing was thrown'); }, (thrown: Error) => thrown);
}

/** The state behind a preflight without blockers. */
async function checked(): Promise<Partial<PipelineState>> {
  return { situation: await findWhereWeAre(eventOf()), preflight: { rds: NOTHING_FOUND, mysql: { ...NOTHING_FOUND, blue: { binlogRetentionHours: null, eventScheduler: 'ON' } } } };
}

async function created(settings: Partial<PipelineSettings> = {}): Promise<string> {
  configure(settings);
  return (await createGreen(eventOf(await checked()))).identifier;
}

async function available(): Promise<Situation> {
  await created();
  await rds.clock.advance(LONG_ENOUGH);
  await waitForGreen(eventOf());
  return findWhereWeAre(eventOf());
}

/** A deployment that was made with these tags by somebody. */
async function madeByHand(tags: Record<string, string>): Promise<void> {
  await rds.client.send(new CreateBlueGreenDeploymentCommand({
    BlueGreenDeploymentName: settingsOf().deploymentName, Source: SOURCE_ARN, TargetDBClusterParameterGroupName: 'green',
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  }));
}

/** Somebody changes what only a reboot brings into effect, in Green's group. */
async function changeStaticParameter(): Promise<void> {
  await rds.client.send(new ModifyDBClusterParameterGroupCommand({
    DBClusterParameterGroupName: 'green', Parameters: [{ ParameterName: 'gtid-mode', ParameterValue: 'ON', ApplyMethod: 'pending-reboot' }],
  }));
}

async function switchedOver(): Promise<Situation> {
  const situation = await available();
  const started = await switchOver(eventOf({ situation }));
  await rds.clock.advance(LONG_ENOUGH);
  await waitForSwitchover(eventOf({ situation, started }));
  return findWhereWeAre(eventOf());
}

/** Production is restored. */
async function finish(situation: Situation): Promise<void> {
  await report(eventOf({ situation, restoration: { done: true, waitSeconds: 5, startedAt: NOW, remarks: [], ledger: null, unfinished: 0 } }));
}

/** A switchover that this execution has asked for. */
function startedBefore(startedAt: string): SwitchoverProgress {
  return { done: false, waitSeconds: 5, startedAt, status: 'SWITCHOVER_IN_PROGRESS', detail: '', asked: true, givenUpAt: null, failure: null };
}

describe('Create Green', () => {
  test('asks for the version and the group of the settings, and remembers in tags what RDS will not tell', async () => {
    const identifier = await created({ targetEngineVersion: '8.0.mysql_aurora.3.12.0' });

    const deployment = await rds.deployment(identifier);
    expect(deployment).toMatchObject({ BlueGreenDeploymentName: 'shop-utf8mb4', Source: SOURCE_ARN, Status: 'PROVISIONING' });
    const tags = Object.fromEntries(deployment.TagList?.map(({ Key, Value }) => [Key, Value]) ?? []) as Record<string, string>;
    expect(tags).toEqual({
      [DeploymentTag.PIPELINE]: 'Stack/Pipeline',
      [DeploymentTag.PLAN]: planHash(settingsOf({ targetEngineVersion: '8.0.mysql_aurora.3.12.0' })),
      [DeploymentTag.PLAN_IN_WORDS]: 'migration=convertCharacterSet databases=shop collations=same-family targetEngineVersion=8.0.mysql_aurora.3.12.0',
      [DeploymentTag.SOURCE_RESOURCE_ID]: (await rds.cluster('shop')).DbClusterResourceId,
      [DeploymentTag.BINLOG_RETENTION]: 'NULL',
      [DeploymentTag.EVENT_SCHEDULER]: 'ON',
    });
  });

  test('makes Green\'s parameter group where none is given, and uses it', async () => {
    configure({ targetClusterParameterGroup: undefined });
    const { identifier, parameterGroup } = await createGreen(eventOf(await checked()));

    expect(parameterGroup).toMatch(/^cdk-rds-blue-green-shop-utf8mb4-/);
    expect(rds.controlPlane.deployments.map((one) => [one.identifier, one.targetParameterGroup.name])).toEqual([[identifier, parameterGroup]]);
    expect(await createGreen(eventOf(await checked()))).toEqual({ identifier, parameterGroup });
  });

  test('adopts the deployment of a request whose answer was lost', async () => {
    rds.controlPlane.faults.loseAnswer('CreateBlueGreenDeployment');

    const identifier = await created();

    expect(rds.controlPlane.deployments.map((deployment) => deployment.identifier)).toEqual([identifier]);
  });

  test('refuses a deployment of the same name that somebody else has made', async () => {
    const state = await checked();
    await madeByHand({ [DeploymentTag.PIPELINE]: 'Other/Pipeline' });

    const error = await thrownBy(createGreen(eventOf(state)));

    expect(error.name).toBe('ForeignDeployment');
    expect(error.message).toMatch(/named 'shop-utf8mb4' exists already, and this pipeline did not make it for .*:cluster:shop: set another deploymentName, or delete that one/);
  });

  test('fails with the sentence of RDS when RDS refuses', async () => {
    const state = await checked();
    rds.controlPlane.faults.fail('CreateBlueGreenDeployment', new ServiceError('InstanceQuotaExceeded', 400, 'You have 40 of 40 instances.'));

    const error = await thrownBy(createGreen(eventOf(state)));

    expect(error.name).toBe('CreateRefused');
    expect(error.message).toMatch(/\(InstanceQuotaExceeded\): You have 40 of 40 instances\.\. Green was not created and Blue is untouched/);
  });

  test('fails with RdsBusy, which is retried, when RDS does not serve the request', async () => {
    const state = await checked();
    rds.controlPlane.faults.fail('CreateBlueGreenDeployment', new ServiceError('InternalFailure', 500, 'try again'), 5);

    expect(await thrownBy(createGreen(eventOf(state)))).toMatchObject({ name: 'RdsBusy', message: expect.stringContaining('InternalFailure: try again') as string });
  });

  test('fails with RdsBusy, whatever a service calls that is out of order', async () => {
    const state = await checked();
    rds.controlPlane.faults.fail('CreateBlueGreenDeployment', new ServiceError('BadGateway', 502, 'try again'), 5);

    expect((await thrownBy(createGreen(eventOf(state)))).name).toBe('RdsBusy');
  });
});

describe('Find Where We Are', () => {
  test('finds nothing at first', async () => {
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'none', deployment: null, source: { identifier: 'shop', status: 'available' }, target: null });
  });

  test('finds nothing of a cluster that does not exist', async () => {
    configure({ clusterIdentifier: 'shpo' });
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'none', source: null });
  });

  test('finds Green being created, then available, then switched over, then finished', async () => {
    await created();
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'creating', deployment: { binlogRetentionHours: null, eventScheduler: 'ON' }, target: null });

    await rds.clock.advance(LONG_ENOUGH);
    await waitForGreen(eventOf());
    const situation = await findWhereWeAre(eventOf());
    expect(situation).toMatchObject({ phase: 'available', target: { identifier: expect.stringMatching(/^shop-green-/) as string, parameterGroup: 'green' } });

    const started = await switchOver(eventOf({ situation }));
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'switching' });

    await rds.clock.advance(LONG_ENOUGH);
    await waitForSwitchover(eventOf({ situation, started }));
    const switched = await findWhereWeAre(eventOf());
    expect(switched).toMatchObject({ phase: 'switched', source: { identifier: 'shop-old1' }, target: { identifier: 'shop' } });
    expect(switched.target?.resourceId).toBe(situation.target?.resourceId);

    const hooks = { event: null, beforeSwitchover: 0, afterSwitchover: { Error: 'NobodyAnswers', Cause: 'as told' } };
    const restoration = { done: true, waitSeconds: 5, startedAt: NOW, remarks: [], ledger: null, unfinished: 0 };
    const { remarks } = await report(eventOf({ situation: switched, hooks, restoration }));
    expect(remarks).toContainEqual(expect.stringMatching(/^the hook 'afterSwitchover' has failed.*NobodyAnswers: as told. Nothing was undone for it/));
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'finished' });
  });

  test('needs no mark on a deployment that somebody has deleted as soon as production was restored', async () => {
    const situation = await switchedOver();
    await rds.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: situation.deployment?.identifier }));
    await rds.clock.advance(LONG_ENOUGH);
    await expect(finish(situation)).resolves.toBeUndefined();
  });

  test('finds Green available after a switchover that was rolled back', async () => {
    rds = await accounts.fresh({ switchover: { statusAfterGuardrail: 'SWITCHOVER_FAILED' } });
    const situation = await available();
    rds.controlPlane.faults.switchoverGuardrail = 'Replication lag is too high.';
    await switchOver(eventOf({ situation }));
    await rds.clock.advance(LONG_ENOUGH);

    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'available', deployment: { status: 'SWITCHOVER_FAILED' } });
  });

  test('refuses a deployment that another pipeline made, or nobody knows who', async () => {
    await madeByHand({});
    expect(await thrownBy(findWhereWeAre(eventOf()))).toMatchObject({
      name: 'ForeignDeployment', message: expect.stringMatching(/was not made by this pipeline \(it has no owner tag\), so it is not touched/) as string,
    });
  });

  test('refuses a deployment that was made for another plan', async () => {
    await created();
    configure({ targetEngineVersion: '8.0.mysql_aurora.3.12.0' });

    expect(await thrownBy(findWhereWeAre(eventOf()))).toMatchObject({
      name: 'PlanChanged', message: expect.stringMatching(/: targetEngineVersion was 'as-on-Blue' and is '8\.0\.mysql_aurora\.3\.12\.0'\. Put them back as they were to continue/) as string,
    });
  });

  test('goes on with other SQL files, as long as nothing was switched over; Remember Plan writes them down', async () => {
    const files = (fingerprint: string) => configure({ migration: { kind: 'sqlFiles', database: 'shop', others: [], fingerprint, applier: 'running' } });
    files('wrong');
    const identifier = await created({ migration: readSettings().migration });
    const tag = async () => (await rds.deployment(identifier)).TagList?.find(({ Key }) => Key === DeploymentTag.PLAN)?.Value;
    files('corrected');

    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'creating' });
    await rds.clock.advance(LONG_ENOUGH);
    const situation = await findWhereWeAre(eventOf());
    const before = await tag();
    // who only follows a failure does not know whether anything was begun.
    expect(await thrownBy(findWhereWeAre({ ...eventOf(), purpose: 'giveUp' } as TaskEvent))).toMatchObject({ name: 'PlanChanged' });
    expect(situation).toMatchObject({ phase: 'available' });
    expect([await rememberPlan(eventOf()), await rememberPlan(eventOf())]).toEqual([{ replaced: true }, { replaced: false }]);
    expect([before === planHash(readSettings()), await tag()]).toEqual([false, planHash(readSettings())]);

    const started = await switchOver(eventOf({ situation }));
    await rds.clock.advance(LONG_ENOUGH);
    await waitForSwitchover(eventOf({ situation, started }));
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'switched' });
    files('later');
    await finish(await findWhereWeAre(eventOf()));
    expect(await thrownBy(findWhereWeAre(eventOf()))).toMatchObject({ name: 'ForeignDeployment', message: expect.stringMatching(/the finished one of an earlier plan/) as string });
  });

  test('goes on with a switchover that is under way or not yet restored, also where the stack was deployed with another plan meanwhile', async () => {
    const situation = await available();
    await switchOver(eventOf({ situation }));
    configure({ migration: { kind: 'none' } });
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'switching' });
    await rds.clock.advance(LONG_ENOUGH);
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'switched', target: { identifier: 'shop' } });
  });

  test('refuses the finished deployment of an earlier plan', async () => {
    await finish(await switchedOver());
    configure({ migration: { kind: 'none' } });

    expect(await thrownBy(findWhereWeAre(eventOf()))).toMatchObject({ name: 'ForeignDeployment', message: expect.stringMatching(/the finished one of an earlier plan/) as string });
  });

  test('fails on a deployment that RDS could not create', async () => {
    rds.controlPlane.faults.creationFailure = 'The parameter group is not compatible.';
    await created();
    await rds.clock.advance(LONG_ENOUGH);

    expect(await thrownBy(findWhereWeAre(eventOf()))).toMatchObject({
      name: 'DeploymentInvalid', message: expect.stringMatching(/is INVALID_CONFIGURATION: The parameter group is not compatible\.\. Blue is untouched.*"action": "abandon".*together with Green/) as string,
    });
  });

  test('finds the clusters by their ids where RDS names them as before the switchover, although others or none bear these names by now', async () => {
    const switched = await switchedOver();
    const [deployment] = rds.controlPlane.deployments;
    const production = orThrow(orThrow(deployment).green);
    // its source has the name that production has by now, and nothing is called as Green was.
    Object.assign(orThrow(deployment), { blue: production, green: undefined });

    const { source, target } = await findWhereWeAre(eventOf());
    expect([source?.identifier, source?.resourceId]).toEqual(['shop-old1', switched.source?.resourceId]);
    expect([target?.identifier, target?.resourceId]).toEqual(['shop', switched.target?.resourceId]);
  });

  test('fails where the deployment has been deleted in the middle of the execution, and begins nothing anew', async () => {
    const situation = await available();
    await rds.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: situation.deployment?.identifier, DeleteTarget: true }));
    await rds.clock.advance(LONG_ENOUGH);

    for (const task of [findWhereWeAre, switchOver, waitForSwitchover]) {
      const error = await thrownBy(task(eventOf({ situation, started: startedBefore(NOW) })));
      expect(error.name).toBe('DeploymentInvalid');
      expect(error.message).toMatch(/'shop-utf8mb4' \(bgd-\w+\) does not exist any more: somebody has deleted it while this execution was at work/);
      expect(error.message).toContain(`${situation.source?.resourceId}: it is Blue, as before; its 'binlog retention hours' was NULL before`);
      expect(error.message).toContain(`${situation.target?.resourceId}: Green has become production`);
    }
    // who begins with nothing begins anew, and so does who gives up what is gone.
    expect(await findWhereWeAre(eventOf())).toMatchObject({ phase: 'none' });
    expect(await findWhereWeAre({ ...eventOf({ situation }), purpose: 'giveUp' } as TaskEvent)).toMatchObject({ phase: 'none' });

    await created();
    expect((await thrownBy(findWhereWeAre(eventOf({ situation })))).name).toBe('DeploymentInvalid');
  });

  test('refuses clusters that were exchanged by hand', async () => {
    const { deployment } = await available();
    const ResourceName = `arn:aws:rds:eu-central-1:123456789012:deployment:${orThrow(deployment?.identifier)}`;
    await rds.client.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: DeploymentTag.TARGET_RESOURCE_ID, Value: 'cluster-OTHER' }] }));

    expect(await thrownBy(findWhereWeAre(eventOf()))).toMatchObject({ name: 'DeploymentInvalid', message: expect.stringMatching(/the target of .* but it was cluster-OTHER/) as string });
  });
});

describe('Wait For Green', () => {
  test('tells the tasks while RDS works, and is done when Green is available and in sync', async () => {
    await created();
    expect(await waitForGreen(eventOf())).toMatchObject({ done: false, status: 'PROVISIONING', detail: expect.stringContaining('CREATING_READ_REPLICA_OF_SOURCE IN_PROGRESS') as string });

    await rds.clock.advance(LONG_ENOUGH);
    expect(await waitForGreen(eventOf())).toMatchObject({ done: true, status: 'AVAILABLE', writer: { instanceClass: 'db.r6g.large', maxCapacityUnits: null } });
  });

  test('reboots instances on which a static parameter waits, and waits for them', async () => {
    rds.controlPlane.faults.greenPendingReboot = true;
    await created();
    await rds.clock.advance(LONG_ENOUGH);

    expect(await waitForGreen(eventOf())).toMatchObject({ done: false, detail: expect.stringMatching(/^rebooting shop-1-green-.*, shop-2-green-/) as string });
    expect(await waitForGreen(eventOf())).toMatchObject({ done: false, detail: expect.stringMatching(/is rebooting/) as string });
    await rds.clock.advance(LONG_ENOUGH);
    expect(await waitForGreen(eventOf())).toMatchObject({ done: true });
  });

  test('never reboots a Green that was ready: statements may run there', async () => {
    await available();
    await changeStaticParameter();

    expect(await thrownBy(waitForGreen(eventOf()))).toMatchObject({
      name: 'GreenNotReady', message: expect.stringMatching(/shop-1-green-.* wait for a reboot, because a static parameter .* was changed after Green was ready .*a reboot now would end the statements/) as string,
    });
  });

  test('never reboots production: when somebody has switched over, it is done', async () => {
    await switchedOver();
    await changeStaticParameter();

    expect(await waitForGreen(eventOf())).toMatchObject({ done: true, status: 'SWITCHOVER_COMPLETED' });
    expect(await waitForGreen(eventOf())).toMatchObject({ done: true });
  });

  test('fails when a task of RDS has failed', async () => {
    rds.controlPlane.faults.creationFailure = 'No capacity.';
    await created();
    await rds.clock.advance(LONG_ENOUGH);

    expect(await thrownBy(waitForGreen(eventOf()))).toMatchObject({
      name: 'DeploymentInvalid', message: expect.stringMatching(/is INVALID_CONFIGURATION, its task \w+ FAILED \(No capacity\.\)\. Blue is untouched/) as string,
    });
  });

  test('fails when the deployment has vanished, and not while RDS need not list it yet', async () => {
    const first = await waitForGreen(eventOf());
    expect(first).toMatchObject({ done: false, startedAt: NOW, detail: 'RDS does not list the deployment' });
    expect(await thrownBy(waitForGreen(eventOf({ green: first }, { now: after(121) })))).toMatchObject({ name: 'DeploymentInvalid', message: expect.stringMatching(/the deployment is vanished/) as string });
  });

  test.each(['PROVISIONING', 'AVAILABLE'] as const)('fails at once where an instance of Green does not come up by itself: %s', async (status) => {
    await created();
    await rds.clock.advance(LONG_ENOUGH);
    orThrow(rds.controlPlane.deployments[0]).status = status;
    orThrow(rds.controlPlane.clusters[1]?.instances[1]).status = 'incompatible-parameters';

    expect(await thrownBy(waitForGreen(eventOf()))).toMatchObject({
      name: 'GreenNotReady', message: expect.stringMatching(/^'shop-2-green-\w+' of Green is 'incompatible-parameters', which does not pass by itself\. Blue is untouched\. .*cluster parameter group 'green'.*\{ "action": "abandon" \}/) as string,
    });
  });

  test('says after hours what is suspected, and fails when the patience is over', async () => {
    rds.controlPlane.faults.creationNeverEnds = true;
    await created();
    const green = { done: false, waitSeconds: 5, startedAt: NOW, status: 'PROVISIONING', detail: '', writer: null };

    configure({ patience: { ...settingsOf().patience, greenSeconds: 10_000 } });
    expect(await waitForGreen(eventOf({ green }, { now: after(7300) }))).toMatchObject({ detail: expect.stringMatching(/can this engine version still be created\?/) as string });
    expect(await thrownBy(waitForGreen(eventOf({ green }, { now: after(10_001) })))).toMatchObject({
      name: 'GreenNotReady', message: expect.stringMatching(/within 2 h 46 min \(greenPatience\): provisioning/) as string,
    });
  });
});

describe('Switch Over', () => {
  test('asks RDS once, with the timeout of the execution', async () => {
    const situation = await available();

    const started = await switchOver(eventOf({ situation }));

    expect(started).toMatchObject({ done: false, status: 'SWITCHOVER_IN_PROGRESS', detail: 'started, with a timeout of 300 s' });
    expect(await switchOver(eventOf({ situation }))).toMatchObject({ status: 'SWITCHOVER_IN_PROGRESS', detail: 'the switchover had been started before' });
  });

  test('takes a request whose answer was lost, or that another was faster with, as started', async () => {
    const situation = await available();
    rds.controlPlane.faults.loseAnswer('SwitchoverBlueGreenDeployment');

    expect(await switchOver(eventOf({ situation }))).toMatchObject({ status: 'SWITCHOVER_IN_PROGRESS', detail: 'the switchover had been started before' });
  });

  test('has the sentence of RDS where RDS refuses to start now, so that it may be tried again', async () => {
    const situation = await available();
    rds.controlPlane.faults.fail('SwitchoverBlueGreenDeployment', new ServiceError('InvalidBlueGreenDeploymentStateFault', 400, 'It is being modified.'));

    const started = await switchOver(eventOf({ situation }));

    expect(started).toMatchObject({ done: false, status: 'AVAILABLE', failure: 'RDS refused to start the switchover (InvalidBlueGreenDeploymentState): It is being modified.' });
    expect(await waitForSwitchover(eventOf({ situation, started }))).toEqual({ ...started, done: true });
  });

  test('fails with the sentence of RDS where asking again would be in vain', async () => {
    const situation = await available();
    rds.controlPlane.faults.fail('SwitchoverBlueGreenDeployment', new ServiceError('AccessDenied', 403, 'You may not.'));

    expect(await thrownBy(switchOver(eventOf({ situation })))).toMatchObject({
      name: 'SwitchoverFailed', message: expect.stringMatching(/\(AccessDenied\): You may not\.\. Production is unchanged/) as string,
    });
  });

  test('is done at once where RDS has switched over already', async () => {
    const situation = await switchedOver();
    expect(await switchOver(eventOf({ situation }))).toMatchObject({ done: true, status: 'SWITCHOVER_COMPLETED' });
  });

  test('never begins one where a switchover was under way when the execution looked, and RDS has cancelled that: nothing was looked at', async () => {
    const present = () => rds.clock.now().toISOString();
    const byHand = await available();
    rds.controlPlane.faults.switchoverGuardrail = 'Long-running writes were found.';
    await rds.client.send(new SwitchoverBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: byHand.deployment?.identifier }));
    const situation = await findWhereWeAre(eventOf());
    expect(situation.phase).toBe('switching');
    expect(await switchOver(eventOf({ situation }))).toMatchObject({ status: 'SWITCHOVER_IN_PROGRESS', asked: false });
    await rds.clock.advance(LONG_ENOUGH);

    const started = await switchOver(eventOf({ situation }, { now: present() }));
    expect(started).toMatchObject({ done: false, status: 'AVAILABLE', asked: false, failure: null });
    expect((await rds.deployment(byHand.deployment?.identifier)).Status).toBe('AVAILABLE');
    // why, RDS has said before this execution began.
    expect(await waitForSwitchover(eventOf({ situation, started }, { now: present() }))).toMatchObject({
      done: true, asked: false, failure: expect.stringMatching(/was canceled due to: Long-running writes were found/) as string,
    });
  });

  test.each([
    ['when the window has closed since it was looked at', { switchoverWindow: { from: '02:00', to: '05:00', timeZone: 'Asia/Tokyo' } }, {}, /^the switchoverWindow closed before RDS could be asked$/],
    ['when the function could not be called for so long that what was looked at is too old', {}, { retryCount: 4 }, /^the function that asks RDS could not be called 4 times/],
  ] as const)('does not ask %s', async (_, settings, more, failure) => {
    const situation = await available();
    configure(settings);
    const started = await switchOver(eventOf({ situation }, more));
    expect(started).toMatchObject({ done: false, asked: false, failure: expect.stringMatching(failure) as string });
    expect((await rds.deployment(situation.deployment?.identifier)).Status).toBe('AVAILABLE');
    expect(await waitForSwitchover(eventOf({ situation, started }))).toEqual({ ...started, done: true });
  });

  test('does not ask where the execution was stopped and redriven since everything was looked at', async () => {
    const situation = await available();
    const readiness = { done: true, overtaken: false, replan: false, replans: 0, redriveCount: 0, waitSeconds: 5, startedAt: NOW };
    const event = eventOf({ situation, readiness });
    expect(await switchOver({ ...event, execution: { ...event.execution, redriveCount: 1 } })).toMatchObject({ asked: false, failure: expect.stringMatching(/was stopped and redriven since/) as string });
    expect(await switchOver(event)).toMatchObject({ asked: true, failure: null });
  });

  test('asks again after a call that was lost a moment ago', async () => {
    const situation = await available();
    expect(await switchOver(eventOf({ situation }, { retryCount: 3 }))).toMatchObject({ status: 'SWITCHOVER_IN_PROGRESS', asked: true });
  });
});

describe('Wait For Switchover', () => {
  const present = () => rds.clock.now().toISOString();
  const STARTED = startedBefore(NOW);

  test.each(['AVAILABLE', 'SWITCHOVER_FAILED'] as const)('ends with what RDS says when a guardrail has cancelled it, whatever RDS calls that: %s', async (status) => {
    rds = await accounts.fresh({ switchover: { statusAfterGuardrail: status } });
    const situation = await available();
    rds.controlPlane.faults.switchoverGuardrail = 'Long-running writes were found.';
    const started = await switchOver(eventOf({ situation }, { now: present() }));
    // the reason is known long before the minute is over in which RDS may still show what was before.
    await rds.clock.advance(25);

    const ended = await waitForSwitchover(eventOf({ situation, started }, { now: present() }));

    expect(ended).toMatchObject({ done: true, status, failure: expect.stringMatching(/^the deployment is \w+ after 25 s \(timeout 300 s\)\. RDS says:\n.*: Switchover from blue to green was canceled due to: Long-running/) as string });
  });

  test('is tried again after a rollback at the timeout, and looks only at its own events', async () => {
    const situation = await available();
    rds.controlPlane.faults.switchoverTakesTooLong = true;
    const first = await switchOver(eventOf({ situation }, { now: present() }));
    await rds.clock.advance(LONG_ENOUGH);
    const rolledBack = await waitForSwitchover(eventOf({ situation, started: first }, { now: present() }));
    expect(rolledBack).toMatchObject({ done: true, status: 'SWITCHOVER_FAILED', failure: expect.stringMatching(/exceeded the timeout of 300 seconds/) as string });

    rds.controlPlane.faults.switchoverTakesTooLong = false;
    const second = await switchOver(eventOf({ situation }, { now: present() }));
    expect(second).toMatchObject({ done: false, status: 'SWITCHOVER_IN_PROGRESS', failure: null });
    await rds.clock.advance(LONG_ENOUGH);
    expect(await waitForSwitchover(eventOf({ situation, started: second }, { now: present() }))).toMatchObject({ done: true, status: 'SWITCHOVER_COMPLETED', failure: null });
  });

  test('waits a minute for RDS to show that it has begun, and two more for it to say why it has not', async () => {
    const situation = await available();
    const look = (seconds: number, started = STARTED) => waitForSwitchover(eventOf({ situation, started }, { now: after(seconds) }));

    expect(await look(59)).toMatchObject({ done: false, status: 'AVAILABLE', givenUpAt: null });
    const givenUp = await look(61);
    expect(givenUp).toMatchObject({ done: false, givenUpAt: after(61), failure: null });
    expect(await look(180, givenUp)).toMatchObject({ done: false });
    expect(await look(181, givenUp)).toMatchObject({ done: true, failure: expect.stringMatching(/the deployment is AVAILABLE after 3 min 1 s .*RDS says:\n/) as string });
  });

  test('waits while RDS works, and fails long after its own timeout', async () => {
    const situation = await available();
    const started: SwitchoverProgress = { ...await switchOver(eventOf({ situation })), startedAt: NOW };

    expect(await waitForSwitchover(eventOf({ situation, started }, { now: after(3899) }))).toMatchObject({ done: false, waitSeconds: 20 });
    expect(await waitForSwitchover(eventOf({ situation, started }, { now: after(599) }))).toMatchObject({ done: false, waitSeconds: 5 });
    expect(await thrownBy(waitForSwitchover(eventOf({ situation, started }, { now: after(3900) })))).toMatchObject({
      name: 'SwitchoverFailed', message: expect.stringMatching(/is SWITCHOVER_IN_PROGRESS after 1 h 5 min \(timeout 300 s\) and RDS does not end the switchover/) as string,
    });
  });
});

describe('Restore Parameters', () => {
  async function valueOf(name: string): Promise<string | undefined> {
    const { Parameters } = await rds.client.send(new DescribeDBClusterParametersCommand({ DBClusterParameterGroupName: 'green', Source: 'user' }));
    return Parameters?.find(({ ParameterName }) => ParameterName === name)?.ParameterValue;
  }

  test('removes the conversions, sets the scheduler as it was on Blue, waits, and has nothing to say the second time', async () => {
    const situation = await switchedOver();

    const first = await restoreParameters(eventOf({ situation }));
    expect(first.remarks).toEqual([
      `replica_type_conversions was removed from 'green'`, `event_scheduler was set to ON in 'green', as it was on Blue`, expect.stringMatching(/if a template owns 'green'/),
    ]);
    expect(await valueOf('replica_type_conversions')).toBeUndefined();
    expect(await valueOf('event_scheduler')).toBe('ON');

    await rds.clock.advance(LONG_ENOUGH);
    expect(await restoreParameters(eventOf({ situation, parameters: first }))).toEqual({ ...first, done: true, waitSeconds: 5 });
  });

  test('waits for a group on which RDS is at work still, and fails when that lasts', async () => {
    const situation = await switchedOver();
    const busy = () => rds.controlPlane.faults.fail('ModifyDBClusterParameterGroup', new ServiceError('InvalidDBParameterGroupState', 400, 'The group is being applied.'));
    busy();
    const first = await restoreParameters(eventOf({ situation }));
    expect(first).toMatchObject({ done: false, remarks: [] });
    busy();
    expect(await thrownBy(restoreParameters(eventOf({ situation, parameters: first }, { now: after(601) })))).toMatchObject({
      name: 'RestoreFailed', message: expect.stringMatching(/its parameters are not applied after 10 min 1 s \(RDS says InvalidDBParameterGroupState: The group is being applied\.\): it works/) as string,
    });

    await restoreParameters(eventOf({ situation, parameters: first }));
    expect([await valueOf('replica_type_conversions'), await valueOf('event_scheduler')]).toEqual([undefined, 'ON']);
  });

  test('touches no other group than the one given for Green', async () => {
    const situation = await switchedOver();
    const target = { ...orThrow(situation.target ?? undefined), parameterGroup: 'of-an-operator' };

    const { remarks } = await restoreParameters(eventOf({ situation: { ...situation, target } }));

    expect(remarks).toEqual([expect.stringMatching(/production uses cluster parameter group 'of-an-operator', not 'green': it was left alone/)]);
    expect(await valueOf('replica_type_conversions')).toBe('ALL_NON_LOSSY');
  });

  test('guesses no value it does not know', async () => {
    const situation = await switchedOver();
    const deployment = { ...orThrow(situation.deployment ?? undefined), eventScheduler: undefined };

    const { remarks } = await restoreParameters(eventOf({ situation: { ...situation, deployment } }));

    expect(remarks).toContainEqual(expect.stringMatching(/what event_scheduler was on Blue is not known; it was left as it is in 'green'/));
    expect(await valueOf('event_scheduler')).toBeUndefined();
  });

  test('leaves values that are already as they should be', async () => {
    const situation = await switchedOver();
    await rds.client.send(new ModifyDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: 'green', Parameters: [{ ParameterName: 'event_scheduler', ParameterValue: 'ON', ApplyMethod: 'immediate' }],
    }));

    const { remarks } = await restoreParameters(eventOf({ situation }));

    expect(remarks.join()).not.toMatch(/event_scheduler was/);
  });
});
