import {
  AddTagsToResourceCommand, CreateBlueGreenDeploymentCommand, DescribeBlueGreenDeploymentsCommand, ModifyDBClusterParameterGroupCommand,
  RebootDBInstanceCommand, StopDBClusterCommand,
} from '@aws-sdk/client-rds';
import { type ClusterSeed } from '../../../rehearsal/rds';
import { Fixture, LONG_ENOUGH, orThrow } from './fixture';

const ACCOUNT = 'arn:aws:rds:eu-central-1:123456789012';
let fixture: Fixture;

const open = async (seed: Partial<ClusterSeed> = {}) => { fixture = await Fixture.open({}, seed); };
afterEach(() => fixture.close());

test('creates Green step by step', async () => {
  await open();
  const created = await fixture.create({ group: 'green', version: '8.0.mysql_aurora.3.10.1' });
  expect(created).toMatchObject({
    BlueGreenDeploymentName: 'shop-utf8mb4', Source: `${ACCOUNT}:cluster:shop`, Status: 'PROVISIONING', CreateTime: fixture.clock.now(),
    Tasks: [
      { Name: 'CREATING_READ_REPLICA_OF_SOURCE', Status: expect.stringMatching(/PENDING|IN_PROGRESS/) },
      { Name: 'DB_ENGINE_VERSION_UPGRADE', Status: 'PENDING' },
      { Name: 'CREATE_DB_INSTANCES_FOR_CLUSTER', Status: 'PENDING' },
      { Name: 'CREATE_CUSTOM_ENDPOINTS', Status: 'PENDING' },
    ],
    SwitchoverDetails: ['cluster:shop', 'db:shop-1', 'db:shop-2'].map((name) => ({ SourceMember: `${ACCOUNT}:${name}`, Status: 'PROVISIONING' })),
  });
  expect(created.BlueGreenDeploymentIdentifier).toMatch(/^bgd-[a-z0-9]{16}$/);
  expect(created.Target).toBeUndefined();
  expect(created.SwitchoverDetails?.[0]?.TargetMember).toBeUndefined();

  await fixture.clock.advance(120);
  const visible = await fixture.deployment(created.BlueGreenDeploymentIdentifier);
  expect(visible.Target).toMatch(/:cluster:shop-green-[a-z0-9]{6}$/);
  const name = orThrow(visible.Target?.split(':').pop());
  const suffix = name.slice('shop'.length);
  expect(visible.SwitchoverDetails?.map((detail) => detail.TargetMember)).toEqual([
    `${ACCOUNT}:cluster:shop${suffix}`, `${ACCOUNT}:db:shop-1${suffix}`, `${ACCOUNT}:db:shop-2${suffix}`,
  ]);
  expect(await fixture.cluster(name)).toMatchObject({ Status: 'creating', ReplicationSourceIdentifier: `${ACCOUNT}:cluster:shop` });

  await fixture.clock.advance(300);
  expect((await fixture.deployment(created.BlueGreenDeploymentIdentifier)).Tasks?.map((task) => task.Status)).toEqual(['COMPLETED', 'IN_PROGRESS', 'PENDING', 'PENDING']);
  await fixture.clock.advance(LONG_ENOUGH);
  expect(await fixture.deployment(created.BlueGreenDeploymentIdentifier)).toMatchObject({ Status: 'AVAILABLE', SwitchoverDetails: Array(3).fill({ Status: 'AVAILABLE' }) });
  expect(await fixture.cluster(name)).toMatchObject({
    Status: 'available', EngineVersion: '8.0.mysql_aurora.3.10.1', DBClusterParameterGroup: 'green', TagList: [{ Key: 'team', Value: 'shop' }],
    DBClusterMembers: Array(2).fill({ DBClusterParameterGroupStatus: 'in-sync' }),
  });
  // {TrueIfClusterReplica} is resolved for the server.
  expect(fixture.green.parameters).toMatchObject({ read_only: '1', replica_type_conversions: 'ALL_NON_LOSSY' });
  expect(fixture.blue.parameters).toMatchObject({ read_only: '0' });
  expect((await fixture.events()).map((event) => event.EventCategories)).toEqual([['creation']]);
});

test('has no upgrade task without a new version, and its own tags', async () => {
  await open();
  const { BlueGreenDeployment: created } = await fixture.client.send(new CreateBlueGreenDeploymentCommand({
    BlueGreenDeploymentName: 'a', Source: `${ACCOUNT}:cluster:shop`, Tags: [{ Key: 'plan', Value: '1' }],
  }));
  expect(created?.Tasks?.map((task) => task.Name)).not.toContain('DB_ENGINE_VERSION_UPGRADE');
  const arn = `${ACCOUNT}:deployment:${String(created?.BlueGreenDeploymentIdentifier)}`;
  await fixture.client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: [{ Key: 'more', Value: '2' }] }));
  expect((await fixture.deployment(created?.BlueGreenDeploymentIdentifier)).TagList).toEqual([{ Key: 'plan', Value: '1' }, { Key: 'more', Value: '2' }]);
});

test('finds deployments by identifier and by each filter', async () => {
  await open();
  const { BlueGreenDeploymentIdentifier: identifier, Target: target } = await fixture.createAvailable();
  const find = async (name: string, value: string) => {
    const answer = await fixture.client.send(new DescribeBlueGreenDeploymentsCommand({ Filters: [{ Name: name, Values: [value] }] }));
    return answer.BlueGreenDeployments?.map((deployment) => deployment.BlueGreenDeploymentIdentifier);
  };
  expect(await find('blue-green-deployment-identifier', orThrow(identifier))).toEqual([identifier]);
  expect(await find('blue-green-deployment-name', 'shop-utf8mb4')).toEqual([identifier]);
  expect(await find('source', `${ACCOUNT}:cluster:shop`)).toEqual([identifier]);
  expect(await find('target', orThrow(target))).toEqual([identifier]);
  expect(await find('blue-green-deployment-name', 'other')).toEqual([]);
  await expect(find('status', 'AVAILABLE')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  await expect(fixture.deployment('bgd-none')).rejects.toMatchObject({ name: 'BlueGreenDeploymentNotFoundFault' });
});

test('stays in PROVISIONING for ever when Blue runs a version that cannot be created', async () => {
  await open();
  fixture.controlPlane.createParameterGroup({ name: 'v2', family: 'aurora-mysql5.7', values: { binlog_format: 'ROW' } });
  await fixture.controlPlane.createCluster({
    identifier: 'old', engineVersion: '5.7.mysql_aurora.2.07.2', parameterGroup: 'v2', instances: ['old-1'], engine: fixture.blue,
  });
  const { BlueGreenDeploymentIdentifier: identifier } = await fixture.create({ source: `${ACCOUNT}:cluster:old` });
  await fixture.clock.advance(100 * 3600);
  const deployment = await fixture.deployment(identifier);
  expect(deployment).toMatchObject({ Status: 'PROVISIONING' });
  expect(deployment.Target).toBeUndefined();
});

test('ends in INVALID_CONFIGURATION when the creation fails', async () => {
  await open();
  fixture.controlPlane.faults.creationFailure = 'No capacity.';
  expect(await fixture.createAvailable()).toMatchObject({ Status: 'INVALID_CONFIGURATION', StatusDetails: 'No capacity.' });
  expect((await fixture.events()).at(-1)).toMatchObject({ EventCategories: ['failure'], Message: expect.stringContaining('No capacity.') });
});

test('reports a server that cannot be cloned in the same way', async () => {
  await open();
  fixture.engines.failure = new Error('disk full');
  expect(await fixture.createAvailable()).toMatchObject({ Status: 'INVALID_CONFIGURATION', StatusDetails: 'disk full', Tasks: expect.arrayContaining([expect.objectContaining({ Status: 'FAILED' })]) });
});

test('leaves Green in pending-reboot when a test asks for it', async () => {
  await open();
  fixture.controlPlane.faults.greenPendingReboot = true;
  const { Target: target } = await fixture.createAvailable({ group: 'green' });
  expect((await fixture.cluster(orThrow(target))).DBClusterMembers?.map((member) => member.DBClusterParameterGroupStatus)).toEqual(['pending-reboot', 'pending-reboot']);
  expect(fixture.green.parameters).not.toHaveProperty('replica_type_conversions');
  const writer = orThrow(fixture.controlPlane.deployments[0]?.green?.instances[0]?.identifier);
  await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: writer }));
  await fixture.clock.advance(60);
  expect(fixture.green.parameters).toMatchObject({ replica_type_conversions: 'ALL_NON_LOSSY', read_only: '1' });
});

describe('refuses', () => {
  test.each<[string, Partial<ClusterSeed>, string, RegExp]>([
    ['a stopped source', { status: 'stopped' }, 'InvalidDBClusterStateFault', /stopped/],
    ['a default parameter group', { parameterGroup: 'default.aurora-mysql8.0' }, 'InvalidParameterCombination', /custom DB cluster parameter group/],
    ['a master password managed by RDS', { masterUserSecretArn: 'arn:aws:secretsmanager:x' }, 'InvalidParameterCombination', /master password/],
  ])('%s', async (_, seed, name, message) => {
    await open(seed);
    await expect(fixture.create()).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  test('binlog that is off, and binlog that waits for a reboot', async () => {
    await open();
    fixture.controlPlane.createParameterGroup({ name: 'no-binlog', family: 'aurora-mysql8.0' });
    await fixture.controlPlane.createCluster({ identifier: 'quiet', engineVersion: '8.0.mysql_aurora.3.04.4', parameterGroup: 'no-binlog', instances: ['quiet-1'], engine: fixture.blue });
    const create = () => fixture.create({ source: `${ACCOUNT}:cluster:quiet` });
    await expect(create()).rejects.toMatchObject({ message: expect.stringContaining('Binary logging') });
    await fixture.client.send(new ModifyDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: 'no-binlog', Parameters: [{ ParameterName: 'binlog_format', ParameterValue: 'ROW', ApplyMethod: 'pending-reboot' }],
    }));
    await expect(create()).rejects.toMatchObject({ message: expect.stringContaining('in sync') });
  });

  test.each<[string, Parameters<Fixture['create']>[0], string]>([
    ['a name with two hyphens', { name: 'a--b' }, 'InvalidParameterValue'],
    ['a name of 61 characters', { name: 'a'.repeat(61) }, 'InvalidParameterValue'],
    ['an unknown source', { source: `${ACCOUNT}:cluster:other` }, 'DBClusterNotFoundFault'],
    ['an unknown group', { group: 'other' }, 'DBClusterParameterGroupNotFoundFault'],
    ['a group of another family', { group: 'green84' }, 'InvalidParameterCombination'],
    ['a major upgrade without a group', { version: '8.4.mysql_aurora.8.4.8' }, 'InvalidParameterCombination'],
    ['a version that does not exist', { version: '8.0.mysql_aurora.3.99.0', group: 'green' }, 'InvalidParameterValue'],
    ['a version that is no upgrade target', { version: '5.7.mysql_aurora.2.12.5', group: 'green' }, 'InvalidParameterCombination'],
  ])('%s', async (_, input, name) => {
    await open();
    await expect(fixture.create(input)).rejects.toMatchObject({ name });
    expect(fixture.controlPlane.deployments).toHaveLength(0);
  });

  test('a name that exists, a source that is in a deployment, and stopping it', async () => {
    await open();
    await fixture.create();
    await expect(fixture.create()).rejects.toMatchObject({ name: 'BlueGreenDeploymentAlreadyExistsFault' });
    await expect(fixture.create({ name: 'other' })).rejects.toMatchObject({ name: 'SourceClusterNotSupportedFault' });
    await expect(fixture.client.send(new StopDBClusterCommand({ DBClusterIdentifier: 'shop' }))).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
  });

  test('a source that is a replica of something else', async () => {
    await open();
    fixture.blue.source = fixture.blue;
    await expect(fixture.create()).rejects.toMatchObject({ name: 'SourceClusterNotSupportedFault', message: expect.stringContaining('replica') });
  });

  test('members for RDS instances', async () => {
    await open();
    await expect(fixture.client.send(new CreateBlueGreenDeploymentCommand({ BlueGreenDeploymentName: 'a', Source: `${ACCOUNT}:cluster:shop`, TargetDBInstanceClass: 'db.r6g.large' })))
      .rejects.toMatchObject({ name: 'InvalidParameterCombination' });
  });
});
