import {
  AddTagsToResourceCommand, CreateDBClusterSnapshotCommand, DeleteBlueGreenDeploymentCommand, DeleteDBClusterCommand, DeleteDBInstanceCommand,
  DescribeBlueGreenDeploymentsCommand, DescribeDBClusterParameterGroupsCommand, DescribeDBClustersCommand, DescribeDBClusterSnapshotsCommand,
  DescribeDBEngineVersionsCommand, DescribeDBInstancesCommand, DescribeEventsCommand, type DescribeEventsCommandInput,
  DescribeOrderableDBInstanceOptionsCommand,
  DescribePendingMaintenanceActionsCommand, FailoverDBClusterCommand, ListTagsForResourceCommand, ModifyDBClusterCommand, paginateDescribeEvents,
  RebootDBInstanceCommand, RemoveTagsFromResourceCommand, StartDBClusterCommand, StopDBClusterCommand, SwitchoverBlueGreenDeploymentCommand,
  waitUntilDBClusterAvailable,
} from '@aws-sdk/client-rds';
import { Fixture, LONG_ENOUGH, orThrow } from './fixture';

const ACCOUNT = 'arn:aws:rds:eu-central-1:123456789012';
let fixture: Fixture;

beforeEach(async () => { fixture = await Fixture.open(); });
afterEach(() => fixture.close());

describe('clusters and instances', () => {
  test('describes a cluster', async () => {
    const cluster = await fixture.cluster('shop');
    expect(cluster).toMatchObject({
      DBClusterIdentifier: 'shop', DBClusterArn: `${ACCOUNT}:cluster:shop`, Status: 'available', Engine: 'aurora-mysql',
      EngineVersion: '8.0.mysql_aurora.3.04.4', Endpoint: '127.0.0.1', DBClusterParameterGroup: 'blue', DeletionProtection: false,
      TagList: [{ Key: 'team', Value: 'shop' }],
      DBClusterMembers: [
        { DBInstanceIdentifier: 'shop-1', IsClusterWriter: true, DBClusterParameterGroupStatus: 'in-sync', PromotionTier: 0 },
        { DBInstanceIdentifier: 'shop-2', IsClusterWriter: false, DBClusterParameterGroupStatus: 'in-sync', PromotionTier: 1 },
      ],
    });
    expect(cluster.DbClusterResourceId).toMatch(/^cluster-[A-Z0-9]{26}$/);
    expect(cluster.ClusterCreateTime).toEqual(new Date('2026-11-20T12:00:00Z'));
    expect(fixture.endpoints.at(cluster.Port).target).toBe(fixture.blue.port);
    expect(cluster.MasterUserSecret).toBeUndefined();
  });

  test('describes instances, by filter and by identifier', async () => {
    const all = await fixture.client.send(new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: ['shop'] }] }));
    expect(all.DBInstances?.map((instance) => instance.DBInstanceIdentifier)).toEqual(['shop-1', 'shop-2']);
    const one = await fixture.client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'SHOP-2' }));
    expect(one.DBInstances?.[0]?.DbiResourceId).toMatch(/^db-[A-Z0-9]{26}$/);
  });

  test.each([
    ['DBClusterNotFoundFault', () => new DescribeDBClustersCommand({ DBClusterIdentifier: 'other' })],
    ['DBInstanceNotFoundFault', () => new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'other' })],
    ['InvalidParameterValue', () => new DescribeDBClustersCommand({ Filters: [{ Name: 'colour', Values: ['blue'] }] })],
    ['InvalidParameterValue', () => new DescribeDBClustersCommand({ MaxRecords: 5 })],
    ['InvalidParameterValue', () => new DescribeDBClustersCommand({ Marker: 'x' })],
    ['InvalidAction', () => new FailoverDBClusterCommand({ DBClusterIdentifier: 'shop' })],
  ])('fails with %s', async (name, command) => {
    await expect(fixture.client.send(command() as DescribeDBClustersCommand)).rejects.toMatchObject({ name });
  });

  test('stops and starts a cluster', async () => {
    await fixture.client.send(new StopDBClusterCommand({ DBClusterIdentifier: 'shop' }));
    expect(await fixture.cluster('shop')).toMatchObject({ Status: 'stopping' });
    await fixture.clock.advance(LONG_ENOUGH);
    expect(await fixture.cluster('shop')).toMatchObject({ Status: 'stopped' });
    expect(fixture.blue.isRunning).toBe(false);
    await expect(fixture.client.send(new StopDBClusterCommand({ DBClusterIdentifier: 'shop' }))).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await fixture.client.send(new StartDBClusterCommand({ DBClusterIdentifier: 'shop' }));
    expect(await fixture.cluster('shop')).toMatchObject({ Status: 'starting' });
    await fixture.clock.advance(LONG_ENOUGH);
    await waitUntilDBClusterAvailable({ client: fixture.client, minDelay: 1, maxWaitTime: 10 }, { DBClusterIdentifier: 'shop' });
    expect(fixture.blue.isRunning).toBe(true);
  });

  test('refuses connections during a reboot of the writer', async () => {
    const endpoint = fixture.endpoints.at((await fixture.cluster('shop')).Port);
    const { DBInstance: instance } = await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'shop-1' }));
    expect(instance?.DBInstanceStatus).toBe('rebooting');
    await expect(fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'shop-1' }))).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    expect(endpoint.isAccepting).toBe(false);
    await fixture.clock.advance(60);
    expect(endpoint.isAccepting).toBe(true);
    expect(fixture.blue.calls).toEqual(['start', 'start']);
  });

  test('modifies deletion protection and backup retention, and refuses what it does not simulate', async () => {
    const { DBCluster: cluster } = await fixture.client.send(new ModifyDBClusterCommand({
      DBClusterIdentifier: 'shop', DeletionProtection: true, BackupRetentionPeriod: 7, ApplyImmediately: true,
    }));
    expect(cluster).toMatchObject({ DeletionProtection: true, BackupRetentionPeriod: 7 });
    await expect(fixture.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop', EngineVersion: '9' })))
      .rejects.toMatchObject({ name: 'InvalidParameterCombination', message: expect.stringContaining('EngineVersion') });
    await expect(fixture.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop', DBClusterParameterGroupName: 'green84' })))
      .rejects.toMatchObject({ message: expect.stringContaining('aurora-mysql8.4') });
  });

  test('has no pending maintenance', async () => {
    const answer = await fixture.client.send(new DescribePendingMaintenanceActionsCommand({}));
    expect(answer.PendingMaintenanceActions).toEqual([]);
  });
});

describe('snapshots and the deletion of a cluster', () => {
  const send = <Output>(command: { readonly input: object }) => fixture.client.send(command as DescribeDBClustersCommand) as Promise<Output>;
  const instances = async () => (await fixture.client.send(new DescribeDBInstancesCommand({}))).DBInstances?.map(({ DBInstanceIdentifier, DBInstanceStatus }) => `${DBInstanceIdentifier} ${DBInstanceStatus}`);

  test('takes a snapshot that keeps the resource id of its cluster', async () => {
    const { DBClusterSnapshot: made } = await fixture.client.send(new CreateDBClusterSnapshotCommand({
      DBClusterIdentifier: 'shop', DBClusterSnapshotIdentifier: 'Before-It-Goes', Tags: [{ Key: 'why', Value: 'test' }],
    }));
    expect(made).toMatchObject({ DBClusterSnapshotIdentifier: 'before-it-goes', Status: 'creating', DBClusterSnapshotArn: `${ACCOUNT}:cluster-snapshot:before-it-goes` });
    await fixture.clock.advance(LONG_ENOUGH);
    const { DbClusterResourceId } = await fixture.cluster('shop');
    const { DBClusterSnapshots: found } = await fixture.client.send(new DescribeDBClusterSnapshotsCommand({ DbClusterResourceId, SnapshotType: 'manual' }));
    expect(found).toMatchObject([{ Status: 'available', PercentProgress: 100, DbClusterResourceId, TagList: [{ Key: 'why', Value: 'test' }] }]);
    const again = new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'shop', DBClusterSnapshotIdentifier: 'before-it-goes' });
    await expect(fixture.client.send(again)).rejects.toMatchObject({ name: 'DBClusterSnapshotAlreadyExistsFault' });
  });

  test.each([
    ['DBClusterSnapshotNotFoundFault', new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'other' })],
    ['InvalidParameterValue', new CreateDBClusterSnapshotCommand({ DBClusterIdentifier: 'shop', DBClusterSnapshotIdentifier: 'two--hyphens' })],
    ['InvalidParameterCombination', new DeleteDBClusterCommand({ DBClusterIdentifier: 'shop' })],
    ['InvalidDBClusterStateFault', new DeleteDBClusterCommand({ DBClusterIdentifier: 'shop', SkipFinalSnapshot: true })],
  ])('fails with %s', async (name, command) => {
    await expect(send(command)).rejects.toMatchObject({ name });
  });

  test('deletes instances, and then the cluster, and forgets both', async () => {
    await fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-2', SkipFinalSnapshot: true }));
    expect(await instances()).toEqual(['shop-1 available', 'shop-2 deleting']);
    await fixture.clock.advance(LONG_ENOUGH);
    await fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-1', SkipFinalSnapshot: true }));
    await fixture.clock.advance(LONG_ENOUGH);
    expect(await instances()).toEqual([]);
    const both = new DeleteDBClusterCommand({ DBClusterIdentifier: 'shop', SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' });
    await expect(fixture.client.send(both)).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await fixture.client.send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'shop', FinalDBSnapshotIdentifier: 'last', DeleteAutomatedBackups: false }));
    expect(await fixture.cluster('shop')).toMatchObject({ Status: 'deleting' });
    await fixture.clock.advance(LONG_ENOUGH);
    await expect(fixture.cluster('shop')).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
    expect(fixture.blue.isDestroyed).toBe(true);
    const { DBClusterSnapshots: last } = await fixture.client.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: 'last' }));
    expect(last).toMatchObject([{ Status: 'available', DBClusterIdentifier: 'shop' }]);
  });

  test('refuses to delete the last instance of a protected cluster, a stopped cluster, and what is in a deployment', async () => {
    const protect = (DeletionProtection: boolean) => fixture.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop', DeletionProtection }));
    const last = new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-1', SkipFinalSnapshot: true });
    await protect(true);
    await fixture.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-2', SkipFinalSnapshot: true }));
    await expect(fixture.client.send(last)).rejects.toMatchObject({ name: 'InvalidParameterCombination', message: expect.stringMatching(/deletion protection/) as string });
    await fixture.clock.advance(LONG_ENOUGH);
    await protect(false);
    await fixture.client.send(new StopDBClusterCommand({ DBClusterIdentifier: 'shop' }));
    await fixture.clock.advance(LONG_ENOUGH);
    await expect(fixture.client.send(last)).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await fixture.client.send(new StartDBClusterCommand({ DBClusterIdentifier: 'shop' }));
    await fixture.clock.advance(LONG_ENOUGH);
    await fixture.create();
    await expect(fixture.client.send(last)).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault', message: expect.stringMatching(/part of Blue\/Green deployment/) as string });
  });

  test('does not get done with a deployment while its old Blue is stopped', async () => {
    const { BlueGreenDeploymentIdentifier: identifier } = await fixture.createAvailable({ group: 'green' });
    await expect(fixture.client.send(new StopDBClusterCommand({ DBClusterIdentifier: 'shop' }))).rejects.toMatchObject({ name: 'InvalidDBClusterStateFault' });
    await fixture.client.send(new SwitchoverBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: identifier }));
    await fixture.clock.advance(LONG_ENOUGH);
    await fixture.client.send(new StopDBClusterCommand({ DBClusterIdentifier: 'shop-old1' }));
    await fixture.clock.advance(LONG_ENOUGH);
    await fixture.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: identifier }));
    await fixture.clock.advance(LONG_ENOUGH);
    expect(await fixture.deployment(identifier)).toMatchObject({ Status: 'DELETING' });
    await fixture.client.send(new StartDBClusterCommand({ DBClusterIdentifier: 'shop-old1' }));
    await fixture.clock.advance(LONG_ENOUGH);
    await expect(fixture.deployment(identifier)).rejects.toMatchObject({ name: 'BlueGreenDeploymentNotFoundFault' });
  });
});

describe('tags', () => {
  test.each([`${ACCOUNT}:cluster:shop`, `${ACCOUNT}:db:shop-2`, `${ACCOUNT}:cluster-pg:blue`])('of %s are added, replaced and removed', async (arn) => {
    const list = async () => (await fixture.client.send(new ListTagsForResourceCommand({ ResourceName: arn }))).TagList;
    const before = orThrow(await list());
    await fixture.client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: [{ Key: 'a', Value: '1 < 2\n' }, { Key: 'b', Value: '' }] }));
    await fixture.client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: [{ Key: 'b', Value: 'two' }] }));
    expect(await list()).toEqual([...before, { Key: 'a', Value: '1 < 2\n' }, { Key: 'b', Value: 'two' }]);
    await fixture.client.send(new RemoveTagsFromResourceCommand({ ResourceName: arn, TagKeys: ['a', 'b', 'c'] }));
    expect(await list()).toEqual(before);
  });

  test('fails for a key of AWS and for unknown resources', async () => {
    const add = (arn: string, key: string) => fixture.client.send(new AddTagsToResourceCommand({ ResourceName: arn, Tags: [{ Key: key }] }));
    await expect(add(`${ACCOUNT}:cluster:shop`, 'aws:x')).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(add(`${ACCOUNT}:deployment:bgd-1`, 'x')).rejects.toMatchObject({ name: 'BlueGreenDeploymentNotFoundFault' });
  });
});

describe('engine versions', () => {
  const versions = async (input: { EngineVersion?: string; IncludeAll?: boolean; DBParameterGroupFamily?: string }) =>
    (await fixture.client.send(new DescribeDBEngineVersionsCommand({ Engine: 'aurora-mysql', ...input }))).DBEngineVersions ?? [];

  test('lists deprecated ones only with IncludeAll', async () => {
    expect(await versions({ EngineVersion: '5.7.mysql_aurora.2.07.2' })).toEqual([]);
    expect(await versions({ EngineVersion: '5.7.mysql_aurora.2.07.2', IncludeAll: true })).toMatchObject([{ Status: 'deprecated' }]);
  });

  test('have classes, of which version 3 has lost the old ones', async () => {
    const classes = async (EngineVersion: string, DBInstanceClass: string) => (
      await fixture.client.send(new DescribeOrderableDBInstanceOptionsCommand({ Engine: 'aurora-mysql', EngineVersion, DBInstanceClass }))
    ).OrderableDBInstanceOptions?.map((option) => option.DBInstanceClass);
    expect(await classes('5.7.mysql_aurora.2.12.5', 'db.r4.large')).toEqual(['db.r4.large']);
    expect(await classes('8.0.mysql_aurora.3.10.1', 'db.r4.large')).toEqual([]);
    expect(await classes('5.7.mysql_aurora.2.07.2', 'db.r5.large')).toEqual([]);
  });

  test('names valid upgrade targets', async () => {
    const [version] = await versions({ EngineVersion: '8.0.mysql_aurora.3.12.0' });
    expect(version).toMatchObject({
      Status: 'available', DBParameterGroupFamily: 'aurora-mysql8.0',
      ValidUpgradeTarget: [
        { EngineVersion: '8.4.mysql_aurora.8.4.7', IsMajorVersionUpgrade: true }, { EngineVersion: '8.4.mysql_aurora.8.4.8', IsMajorVersionUpgrade: true },
      ],
    });
    expect(await versions({ DBParameterGroupFamily: 'aurora-mysql8.4' })).toHaveLength(2);
  });
});

describe('events', () => {
  test('are of the last hour unless the request says otherwise', async () => {
    await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'shop-2' }));
    await fixture.clock.advance(60);
    const rebootedAt = fixture.clock.now();
    const messages = async (input: DescribeEventsCommandInput) =>
      (await fixture.client.send(new DescribeEventsCommand(input))).Events?.map((event) => event.Message);
    expect(await messages({})).toEqual(['DB instance restarted']);
    await fixture.clock.advance(2 * 3600);
    expect(await messages({})).toEqual([]);
    expect(await messages({ Duration: 180 })).toHaveLength(1);
    expect(await messages({ StartTime: rebootedAt })).toHaveLength(1);
    expect(await messages({ StartTime: new Date(rebootedAt.getTime() - 7200_000) })).toEqual([]);
    expect(await messages({ StartTime: new Date(rebootedAt.getTime() - 7200_000), EndTime: rebootedAt })).toHaveLength(1);
    expect(await messages({ Duration: 180, SourceType: 'db-instance', SourceIdentifier: 'shop-2', EventCategories: ['availability'] })).toHaveLength(1);
    expect(await messages({ Duration: 180, SourceType: 'db-cluster' })).toEqual([]);
    await fixture.clock.advance(14 * 24 * 3600);
    expect(await messages({ StartTime: new Date(rebootedAt.getTime() - 1000), EndTime: fixture.clock.now() })).toEqual([]);
  });

  test('need a source type with a source identifier, and a duration of at most 14 days', async () => {
    await expect(fixture.client.send(new DescribeEventsCommand({ SourceIdentifier: 'shop' }))).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await expect(fixture.client.send(new DescribeEventsCommand({ Duration: 20_161 }))).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('come in pages', async () => {
    for (let count = 0; count < 45; count++) {
      await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'shop-2' }));
      await fixture.clock.advance(60);
    }
    const pages: number[] = [];
    for await (const page of paginateDescribeEvents({ client: fixture.client, pageSize: 20 }, { Duration: 600 })) pages.push(page.Events?.length ?? 0);
    expect(pages).toEqual([20, 20, 5]);
  });
});

test('describes parameter groups and an empty list of deployments', async () => {
  const groups = await fixture.client.send(new DescribeDBClusterParameterGroupsCommand({}));
  expect(groups.DBClusterParameterGroups?.map((group) => group.DBClusterParameterGroupName)).toEqual([
    'default.aurora-mysql5.7', 'default.aurora-mysql8.0', 'default.aurora-mysql8.4', 'blue', 'green', 'green84',
  ]);
  const deployments = await fixture.client.send(new DescribeBlueGreenDeploymentsCommand({}));
  expect(deployments.BlueGreenDeployments).toEqual([]);
});
