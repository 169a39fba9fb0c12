import {
  AddTagsToResourceCommand, type BlueGreenDeployment, DeleteBlueGreenDeploymentCommand, ModifyDBClusterCommand, SwitchoverBlueGreenDeploymentCommand,
} from '@aws-sdk/client-rds';
import { Fixture, LONG_ENOUGH, orThrow } from './fixture';

const ACCOUNT = 'arn:aws:rds:eu-central-1:123456789012';
let fixture: Fixture;
let deployment: BlueGreenDeployment;
let greenName: string;

async function open(options: Parameters<typeof Fixture.open>[0] = {}): Promise<void> {
  fixture = await Fixture.open(options);
  deployment = await fixture.createAvailable({ group: 'green' });
  greenName = orThrow(deployment.Target?.split(':').pop());
}
afterEach(() => fixture.close());

const switchOver = (SwitchoverTimeout?: number) =>
  fixture.client.send(new SwitchoverBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: deployment.BlueGreenDeploymentIdentifier, SwitchoverTimeout }));
const remove = (DeleteTarget?: boolean) =>
  fixture.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: deployment.BlueGreenDeploymentIdentifier, DeleteTarget }));
const describeIt = () => fixture.deployment(deployment.BlueGreenDeploymentIdentifier);

describe('a switchover', () => {
  test('swaps names, ARNs, endpoints and tags, while resource ids stay', async () => {
    await open();
    const [blue, green] = [await fixture.cluster('shop'), await fixture.cluster(greenName)];
    await fixture.client.send(new AddTagsToResourceCommand({ ResourceName: orThrow(green.DBClusterArn), Tags: [{ Key: 'green', Value: 'yes' }] }));
    const { BlueGreenDeployment: started } = await switchOver();
    expect(started).toMatchObject({ Status: 'SWITCHOVER_IN_PROGRESS', SwitchoverDetails: Array(3).fill({ Status: 'AVAILABLE' }) });
    await fixture.clock.advance(15);
    expect((await describeIt()).SwitchoverDetails).toMatchObject(Array(3).fill({ Status: 'SWITCHOVER_IN_PROGRESS' }));
    await fixture.clock.advance(LONG_ENOUGH);

    expect(await describeIt()).toMatchObject({
      Status: 'SWITCHOVER_COMPLETED', Source: `${ACCOUNT}:cluster:shop-old1`, Target: `${ACCOUNT}:cluster:shop`,
      SwitchoverDetails: ['cluster:shop', 'db:shop-1', 'db:shop-2'].map((name) => (
        { SourceMember: `${ACCOUNT}:${name}-old1`, TargetMember: `${ACCOUNT}:${name}`, Status: 'SWITCHOVER_COMPLETED' })),
    });
    const [production, old] = [await fixture.cluster('shop'), await fixture.cluster('shop-old1')];
    expect(production).toMatchObject({ DbClusterResourceId: green.DbClusterResourceId, Port: blue.Port, TagList: blue.TagList });
    expect(production.ReplicationSourceIdentifier).toBeUndefined();
    expect(old).toMatchObject({ DbClusterResourceId: blue.DbClusterResourceId, Port: green.Port });
    expect(fixture.endpoints.at(production.Port)).toMatchObject({ target: fixture.green.port, isAccepting: true });
    expect(fixture.endpoints.at(old.Port)).toMatchObject({ target: fixture.blue.port, isAccepting: true });
    await expect(fixture.cluster(greenName)).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
    expect(fixture.green).toMatchObject({ source: undefined, isForcedReadOnly: false, parameters: { read_only: '0' } });
    expect(fixture.blue).toMatchObject({ isForcedReadOnly: true });
  });

  test('blocks both sides while it waits for Green', async () => {
    await open();
    fixture.green.isCaughtUp = false;
    const port = (await fixture.cluster('shop')).Port;
    await switchOver();
    await fixture.clock.advance(30);
    expect(fixture.blue.calls.slice(-2)).toEqual(['drop clients', 'read-only']);
    expect(fixture.green.calls.at(-1)).toBe('drop clients');
    expect(fixture.endpoints.at(port).isAccepting).toBe(false);
    await expect(fixture.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop', DeletionProtection: true }))).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidBlueGreenDeploymentStateFault' });
    await expect(switchOver()).rejects.toMatchObject({ name: 'InvalidBlueGreenDeploymentStateFault' });
    fixture.green.isCaughtUp = true;
    await fixture.clock.advance(LONG_ENOUGH);
    expect(await describeIt()).toMatchObject({ Status: 'SWITCHOVER_COMPLETED' });
    expect(fixture.green.calls.slice(-2)).toEqual(['read-only', 'writable']);
    expect(fixture.blue.announced).toEqual(['SWITCHOVER_INITIATED', 'SWITCHOVER_IN_PROGRESS']);
    expect(fixture.green.announced).toEqual([...fixture.blue.announced, 'SWITCHOVER_IN_POST_PROCESSING', 'SWITCHOVER_COMPLETED']);
  });

  test('is rolled back at its timeout, and may be tried again', async () => {
    await open();
    fixture.controlPlane.faults.switchoverTakesTooLong = true;
    const port = (await fixture.cluster('shop')).Port;
    await switchOver(60);
    await fixture.clock.advance(59);
    expect(await describeIt()).toMatchObject({ Status: 'SWITCHOVER_IN_PROGRESS' });
    await fixture.clock.advance(2);
    expect(await describeIt()).toMatchObject({ Status: 'SWITCHOVER_FAILED', StatusDetails: expect.stringContaining('60 seconds'), Source: `${ACCOUNT}:cluster:shop` });
    expect(fixture.blue.isForcedReadOnly).toBe(false);
    expect(fixture.green.isForcedReadOnly).toBe(false);
    expect(fixture.green.source).toBe(fixture.blue);
    expect(fixture.endpoints.at(port)).toMatchObject({ isAccepting: true, target: fixture.blue.port });
    expect((await fixture.events()).filter((event) => event.EventCategories?.includes('failure'))).toHaveLength(2);
    fixture.controlPlane.faults.switchoverTakesTooLong = false;
    await switchOver();
    await fixture.clock.advance(LONG_ENOUGH);
    expect(await describeIt()).toMatchObject({ Status: 'SWITCHOVER_COMPLETED' });
  });

  test.each<[string, () => void, RegExp]>([
    ['replication that is stopped', () => { fixture.green.replicationState = { healthy: false, error: 'Error 1677.' }; }, /1677/],
    ['lag above the timeout', () => { fixture.green.replicationState = { healthy: true, lagSeconds: 301 }; }, /301 seconds/],
    ['unknown lag', () => { fixture.green.replicationState = { healthy: true }; }, /unknown/],
    ['writes on Green', () => { fixture.green.writes = ['ALTER TABLE item']; }, /ALTER TABLE item/],
    ['replication into Blue', () => { fixture.blue.source = fixture.green; }, /binlog replica/],
    ['long transactions on Blue', () => { fixture.blue.longWrites = ['transaction 42']; }, /transaction 42/],
    ['a text that a test gives', () => { fixture.controlPlane.faults.switchoverGuardrail = 'Not today.'; }, /Not today/],
  ])('is refused because of %s', async (_, prepare, message) => {
    await open();
    prepare();
    await switchOver();
    await fixture.clock.advance(LONG_ENOUGH);
    expect(await describeIt()).toMatchObject({ Status: 'AVAILABLE', SwitchoverDetails: Array(3).fill({ Status: 'AVAILABLE' }) });
    expect(fixture.blue.calls).toEqual(['start']);
    expect(fixture.blue.announced).toEqual(['SWITCHOVER_INITIATED', 'AVAILABLE']);
    const failures = (await fixture.events()).filter((event) => event.EventCategories?.includes('failure'));
    expect(failures.map((event) => event.Message)).toEqual([expect.stringMatching(message), expect.stringMatching(message)]);
  });

  test('ends in SWITCHOVER_FAILED after a guardrail, where a test chooses that', async () => {
    await open({ switchover: { statusAfterGuardrail: 'SWITCHOVER_FAILED' } });
    fixture.controlPlane.faults.switchoverGuardrail = 'Not today.';
    await switchOver();
    await fixture.clock.advance(LONG_ENOUGH);
    expect(await describeIt()).toMatchObject({ Status: 'SWITCHOVER_FAILED', StatusDetails: 'Not today.' });
  });

  test.each([29, 3601])('is refused with a timeout of %d', async (timeout) => {
    await open();
    await expect(switchOver(timeout)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('is refused before Green is available', async () => {
    fixture = await Fixture.open();
    deployment = await fixture.create();
    await expect(switchOver()).rejects.toMatchObject({ name: 'InvalidBlueGreenDeploymentStateFault' });
  });

  test.each([
    [{}, 'db-instance', (name: string) => name.replace('shop', 'shop-1')],
    [{ coordinatesSourceType: 'db-cluster', coordinatesSourceName: 'production' }, 'db-cluster', () => 'shop'],
  ] as const)('tells the binlog coordinates, after a decoy: %j', async (switchover, sourceType, identifier) => {
    await open({ switchover });
    await switchOver();
    await fixture.clock.advance(LONG_ENOUGH);
    const found = (await fixture.events()).filter((event) => /binlog position|binary log coordinates/i.test(event.Message ?? ''));
    expect(found).toMatchObject([
      { Message: expect.stringMatching(/^Binlog position from crash recovery is/) },
      {
        SourceType: sourceType, SourceIdentifier: identifier(greenName),
        Message: 'Binary log coordinates in green environment after switchover: file mysql-bin-changelog.000003 and position 40134574',
      },
    ]);
  });
});

describe('deleting a deployment', () => {
  test('is refused for a moment after the switchover, and frees the old Blue afterwards', async () => {
    await open();
    await switchOver();
    while ((await describeIt()).Status !== 'SWITCHOVER_COMPLETED') await fixture.clock.advance(5);
    await expect(remove(true)).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidBlueGreenDeploymentStateFault' });
    await fixture.clock.advance(60);
    expect((await remove()).BlueGreenDeployment).toMatchObject({ Status: 'DELETING', DeleteTime: fixture.clock.now() });
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidBlueGreenDeploymentStateFault' });
    expect(fixture.blue.isForcedReadOnly).toBe(true);
    await fixture.clock.advance(LONG_ENOUGH);
    await expect(describeIt()).rejects.toMatchObject({ name: 'BlueGreenDeploymentNotFoundFault' });
    expect(fixture.blue).toMatchObject({ isForcedReadOnly: false, parameters: { read_only: '0' } });
    expect((await fixture.events()).at(-1)).toMatchObject({ EventCategories: ['deletion'] });
  });

  test('before the switchover leaves Green replicating', async () => {
    await open();
    await remove();
    await fixture.clock.advance(LONG_ENOUGH);
    expect(await fixture.cluster(greenName)).toMatchObject({ ReplicationSourceIdentifier: `${ACCOUNT}:cluster:shop` });
    expect(fixture.green).toMatchObject({ isDestroyed: false, source: fixture.blue });
  });

  test('with DeleteTarget deletes Green, unless it is protected', async () => {
    await open();
    await fixture.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: greenName, DeletionProtection: true }));
    await expect(remove(true)).rejects.toMatchObject({ name: 'InvalidParameterCombination', message: expect.stringContaining('protect') });
    await fixture.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: greenName, DeletionProtection: false }));
    await remove(true);
    await fixture.clock.advance(LONG_ENOUGH);
    await expect(fixture.cluster(greenName)).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
    expect(fixture.green.isDestroyed).toBe(true);
  });

  test('during the creation ends it', async () => {
    fixture = await Fixture.open();
    deployment = await fixture.create();
    await fixture.clock.advance(200);
    await remove(true);
    await fixture.clock.advance(LONG_ENOUGH);
    await expect(describeIt()).rejects.toMatchObject({ name: 'BlueGreenDeploymentNotFoundFault' });
    expect(fixture.controlPlane.clusters.map((cluster) => cluster.identifier)).toEqual(['shop']);
  });
});

test('a second old cluster gets the next number', async () => {
  await open();
  await switchOver();
  await fixture.clock.advance(LONG_ENOUGH);
  await remove();
  await fixture.clock.advance(LONG_ENOUGH);
  deployment = await fixture.createAvailable({ group: 'green' });
  await switchOver();
  await fixture.clock.advance(LONG_ENOUGH);
  expect(fixture.controlPlane.clusters.map((cluster) => cluster.identifier).sort()).toEqual(['shop', 'shop-old1', 'shop-old2']);
});
