import {
  DescribeDBClusterParameterGroupsCommand, type DescribeDBClusterParametersCommandInput, ModifyDBClusterCommand, ModifyDBClusterParameterGroupCommand,
  paginateDescribeDBClusterParameters, paginateDescribeEngineDefaultClusterParameters, type Parameter, RebootDBInstanceCommand,
  ResetDBClusterParameterGroupCommand,
} from '@aws-sdk/client-rds';
import { Fixture } from './fixture';

let fixture: Fixture;

beforeEach(async () => { fixture = await Fixture.open(); });
afterEach(() => fixture.close());

const modify = (parameters: Parameter[], group = 'blue') =>
  fixture.client.send(new ModifyDBClusterParameterGroupCommand({ DBClusterParameterGroupName: group, Parameters: parameters }));

const statuses = async () => (await fixture.cluster('shop')).DBClusterMembers?.map((member) => member.DBClusterParameterGroupStatus);

async function parameters(input: Partial<DescribeDBClusterParametersCommandInput> = {}): Promise<{ list: Parameter[]; pages: number }> {
  const list: Parameter[] = [];
  let pages = 0;
  for await (const page of paginateDescribeDBClusterParameters({ client: fixture.client, pageSize: 20 }, { DBClusterParameterGroupName: 'blue', ...input })) {
    list.push(...page.Parameters ?? []);
    pages += 1;
  }
  return { list, pages };
}

test('describes all parameters in pages, with the source of each value', async () => {
  const { list, pages } = await parameters();
  expect(pages).toBeGreaterThan(1);
  expect(list.find((parameter) => parameter.ParameterName === 'binlog_format')).toMatchObject({
    ParameterValue: 'ROW', Source: 'user', ApplyType: 'static', IsModifiable: true, AllowedValues: 'STATEMENT,ROW,MIXED,OFF',
  });
  expect(list.find((parameter) => parameter.ParameterName === 'read_only')).toMatchObject({ ParameterValue: '{TrueIfClusterReplica}', Source: 'engine-default' });
  expect(list.find((parameter) => parameter.ParameterName === 'binlog_row_image')).toMatchObject({ IsModifiable: false });
});

test('describes the parameters that were set only', async () => {
  const { list } = await parameters({ Source: 'user' });
  expect(list.map((parameter) => parameter.ParameterName)).toEqual(['binlog_format']);
  await expect(parameters({ Source: 'mine' })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test.each([
  ['aurora-mysql5.7', 'slave_type_conversions'],
  ['aurora-mysql8.0', 'replica_type_conversions'],
  ['aurora-mysql8.4', 'replica_type_conversions'],
])('%s has %s', async (family, name) => {
  const names: (string | undefined)[] = [];
  for await (const page of paginateDescribeEngineDefaultClusterParameters({ client: fixture.client }, { DBParameterGroupFamily: family })) {
    names.push(...page.EngineDefaults?.Parameters?.map((parameter) => parameter.ParameterName) ?? []);
  }
  expect(names.filter((candidate) => candidate?.endsWith('_type_conversions'))).toEqual([name]);
});

test('applies a dynamic parameter to the running server at once', async () => {
  await modify([{ ParameterName: 'event_scheduler', ParameterValue: 'ON', ApplyMethod: 'immediate' }]);
  expect(fixture.blue.parameters['event_scheduler']).toBe('ON');
  expect(await statuses()).toEqual(['applying', 'applying']);
  await fixture.clock.advance(10);
  expect(await statuses()).toEqual(['in-sync', 'in-sync']);
});

test('applies a static parameter at the reboot of each instance', async () => {
  await modify([{ ParameterName: 'binlog_format', ParameterValue: 'MIXED', ApplyMethod: 'pending-reboot' }]);
  expect(await statuses()).toEqual(['pending-reboot', 'pending-reboot']);
  expect(fixture.blue.parameters['binlog_format']).toBe('ROW');
  await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'shop-1' }));
  await fixture.clock.advance(60);
  expect(await statuses()).toEqual(['in-sync', 'pending-reboot']);
  expect(fixture.blue.parameters['binlog_format']).toBe('MIXED');
  await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'shop-2' }));
  await fixture.clock.advance(60);
  expect(await statuses()).toEqual(['in-sync', 'in-sync']);
});

test('a newly attached group takes effect at the reboot, its dynamic parameters too', async () => {
  await fixture.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop', DBClusterParameterGroupName: 'green' }));
  expect(await statuses()).toEqual(['pending-reboot', 'pending-reboot']);
  await modify([{ ParameterName: 'event_scheduler', ParameterValue: 'ON', ApplyMethod: 'immediate' }], 'green');
  expect(fixture.blue.parameters).toMatchObject({ event_scheduler: 'OFF' });
  await fixture.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'shop-1' }));
  await fixture.clock.advance(60);
  expect(fixture.blue.parameters).toMatchObject({ event_scheduler: 'ON', replica_type_conversions: 'ALL_NON_LOSSY' });
});

test('resets some parameters or all', async () => {
  await modify([
    { ParameterName: 'event_scheduler', ParameterValue: 'ON', ApplyMethod: 'immediate' },
    { ParameterName: 'replica_type_conversions', ParameterValue: 'ALL_NON_LOSSY,ALL_UNSIGNED', ApplyMethod: 'immediate' },
  ]);
  const reset = (input: Partial<ConstructorParameters<typeof ResetDBClusterParameterGroupCommand>[0]>) =>
    fixture.client.send(new ResetDBClusterParameterGroupCommand({ DBClusterParameterGroupName: 'blue', ...input }));
  await reset({ Parameters: [{ ParameterName: 'replica_type_conversions', ApplyMethod: 'immediate' }] });
  expect(fixture.blue.parameters).toMatchObject({ event_scheduler: 'ON', replica_type_conversions: 'DEFAULT' });
  await reset({ ResetAllParameters: true });
  expect(fixture.blue.parameters).toMatchObject({ event_scheduler: 'OFF', binlog_format: 'ROW' });
  expect(await statuses()).toEqual(['pending-reboot', 'pending-reboot']);
  expect((await parameters({ Source: 'user' })).list).toEqual([]);
  await expect(reset({})).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
});

test.each<[string, string, Parameter]>([
  ['a static parameter immediately', 'InvalidParameterCombination', { ParameterName: 'binlog_format', ParameterValue: 'ROW', ApplyMethod: 'immediate' }],
  ['a value that is not allowed', 'InvalidParameterValue', { ParameterName: 'binlog_format', ParameterValue: 'row', ApplyMethod: 'pending-reboot' }],
  ['a list with a wrong item', 'InvalidParameterValue', { ParameterName: 'replica_type_conversions', ParameterValue: 'ALL_NON_LOSSY,ALL', ApplyMethod: 'immediate' }],
  ['a number out of range', 'InvalidParameterValue', { ParameterName: 'innodb_flush_log_at_trx_commit', ParameterValue: '3', ApplyMethod: 'immediate' }],
  ['an unknown parameter', 'InvalidParameterValue', { ParameterName: 'slave_type_conversions', ParameterValue: '', ApplyMethod: 'immediate' }],
  ['an unmodifiable parameter', 'InvalidParameterValue', { ParameterName: 'binlog_row_image', ParameterValue: 'FULL', ApplyMethod: 'immediate' }],
  ['without a method', 'MissingParameter', { ParameterName: 'event_scheduler', ParameterValue: 'ON' }],
])('fails to modify %s', async (_, name, parameter) => {
  await expect(modify([parameter])).rejects.toMatchObject({ name });
  expect((await parameters({ Source: 'user' })).list).toHaveLength(1);
});

test('fails to modify a default group and an unknown one', async () => {
  const parameter: Parameter = { ParameterName: 'event_scheduler', ParameterValue: 'ON', ApplyMethod: 'immediate' };
  await expect(modify([parameter], 'default.aurora-mysql8.0')).rejects.toMatchObject({ name: 'InvalidDBParameterGroupStateFault' });
  await expect(modify([parameter], 'nobody')).rejects.toMatchObject({ name: 'DBParameterGroupNotFoundFault' });
});

test('fails for an unknown group with the class that the operation has for it', async () => {
  await expect(fixture.client.send(new DescribeDBClusterParameterGroupsCommand({ DBClusterParameterGroupName: 'nobody' })))
    .rejects.toMatchObject({ name: 'DBParameterGroupNotFoundFault' });
  await expect(fixture.client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop', DBClusterParameterGroupName: 'nobody' })))
    .rejects.toMatchObject({ name: 'DBClusterParameterGroupNotFoundFault' });
});
