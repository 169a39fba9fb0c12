import { DescribeDBClusterParametersCommand, ListTagsForResourceCommand, ModifyDBClusterParameterGroupCommand, ResetDBClusterParameterGroupCommand } from '@aws-sdk/client-rds';
import { describeCluster, factsOf } from '../../../lambda/rds/clusters';
import { copiedGroupName, deleteGroupForGreen, makeGroupForGreen } from '../../../lambda/rds/copied-group';
import { restoreParameters } from '../../../lambda/restoration/parameters';
import { type ClusterFacts, type Situation } from '../../../lambda/shared/state';
import { DeploymentTag, type PipelineSettings } from '../../../lib/private/contract';
import { ServiceError } from '../../../rehearsal/rds';
import { type Fixture, orThrow } from '../../rehearsal/rds/fixture';
import { settingsOf } from '../shared/event';
import { RdsAccounts } from '../tasks/rds-account';

const SETTINGS: PipelineSettings = { ...settingsOf(), targetClusterParameterGroup: undefined };
const UPGRADE: PipelineSettings = { ...SETTINGS, targetEngineVersion: '8.4.mysql_aurora.8.4.7' };
const NEEDED = { binlog_format: 'ROW', replica_preserve_commit_order: 'ON', log_bin_trust_function_creators: '1', replica_type_conversions: 'ALL_NON_LOSSY' };

let accounts: RdsAccounts;
let rds: Fixture;
let blue: ClusterFacts;

beforeAll(async () => { accounts = await RdsAccounts.open(); });
afterAll(() => accounts.close());
beforeEach(async () => {
  rds = await accounts.fresh();
  blue = factsOf(orThrow(await describeCluster('shop')));
});

async function set(group: string, values: Record<string, string>): Promise<void> {
  const parameters = Object.entries(values).map(([ParameterName, ParameterValue]) => ({ ParameterName, ParameterValue, ApplyMethod: 'pending-reboot' as const }));
  await rds.client.send(new ModifyDBClusterParameterGroupCommand({ DBClusterParameterGroupName: group, Parameters: parameters }));
}

async function valuesOf(group: string): Promise<Record<string, string | undefined>> {
  const { Parameters } = await rds.client.send(new DescribeDBClusterParametersCommand({ DBClusterParameterGroupName: group, Source: 'user' }));
  return Object.fromEntries(Parameters?.map(({ ParameterName = '', ParameterValue }) => [ParameterName, ParameterValue]) ?? []);
}

describe('the group for Green', () => {
  test('is a copy of Blue\'s with what Green needs, and says whose it is', async () => {
    await set('blue', { event_scheduler: 'ON', innodb_print_all_deadlocks: '1' });

    const { name, dropped } = await makeGroupForGreen(SETTINGS, blue);

    expect(name).toMatch(/^cdk-rds-blue-green-shop-utf8mb4-[0-9a-f]{8}$/);
    expect(dropped).toEqual([]);
    expect(await valuesOf(name)).toEqual({ ...NEEDED, replica_parallel_type: 'LOGICAL_CLOCK', event_scheduler: 'OFF', innodb_print_all_deadlocks: '1' });
    const { TagList } = await rds.client.send(new ListTagsForResourceCommand({ ResourceName: `arn:aws:rds:eu-central-1:123456789012:cluster-pg:${name}` }));
    expect(TagList).toContainEqual({ Key: DeploymentTag.PIPELINE, Value: 'Stack/Pipeline' });
    expect(await valuesOf('blue')).toEqual({ binlog_format: 'ROW', event_scheduler: 'ON', innodb_print_all_deadlocks: '1' });
  });

  test('has only what an upgrade needs where the schema stays as it is', async () => {
    const { name } = await makeGroupForGreen({ ...SETTINGS, migration: { kind: 'none' } }, blue);
    expect(await valuesOf(name)).toEqual({ binlog_format: 'ROW', replica_preserve_commit_order: 'ON', replica_parallel_type: 'LOGICAL_CLOCK' });
  });

  test('is found again and completed where a function died in the middle, and brought up to date where Blue has changed since', async () => {
    await set('blue', { innodb_print_all_deadlocks: '1', innodb_purge_batch_size: '300' });
    rds.controlPlane.faults.fail('ModifyDBClusterParameterGroup', new ServiceError('InternalFailure', 500, 'gone'), 5);
    await expect(makeGroupForGreen(SETTINGS, blue)).rejects.toMatchObject({ name: 'RdsBusy' });
    await set('blue', { innodb_purge_batch_size: '400' });
    await rds.client.send(new ResetDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: 'blue', Parameters: [{ ParameterName: 'innodb_print_all_deadlocks', ApplyMethod: 'immediate' }],
    }));

    const { name } = await makeGroupForGreen(SETTINGS, blue);
    const first = await valuesOf(name);
    expect(await makeGroupForGreen(SETTINGS, blue)).toEqual({ name, dropped: [] });

    expect(first).toEqual({ ...NEEDED, replica_parallel_type: 'LOGICAL_CLOCK', innodb_purge_batch_size: '400' });
    expect(await valuesOf(name)).toEqual(first);
  });

  test('is a new one for another family, with those of Blue\'s values that exist there; the others are named', async () => {
    await set('blue', { 'innodb_print_all_deadlocks': '1', 'character-set-client-handshake': '0' });

    const { name, dropped } = await makeGroupForGreen(UPGRADE, blue);

    expect(await valuesOf(name)).toEqual({ ...NEEDED, innodb_print_all_deadlocks: '1' });
    expect(dropped).toEqual([{ name: 'character-set-client-handshake', value: '0', why: 'the family has it no more' }]);
  });

  test('leaves out a value that RDS does not accept there, in the words of RDS, and sets the others', async () => {
    await set('blue', { tls_version: 'TLSv1.1,TLSv1.2', innodb_print_all_deadlocks: '1' });

    const { name, dropped } = await makeGroupForGreen(UPGRADE, blue);

    expect(dropped).toEqual([{ name: 'tls_version', value: 'TLSv1.1,TLSv1.2', why: expect.stringMatching(/^Invalid parameter value: TLSv1\.1,TLSv1\.2 for: tls_version/) as string }]);
    expect(await valuesOf(name)).toMatchObject({ innodb_print_all_deadlocks: '1', binlog_format: 'ROW' });
  });

  test.each([
    ['NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION', 'NO_ENGINE_SUBSTITUTION', []],
    ['NO_AUTO_CREATE_USER', undefined, [{ name: 'sql_mode', value: 'NO_AUTO_CREATE_USER', why: 'the family has none of these modes any more' }]],
  ])('keeps of sql_mode %s what a newer family has, and takes parameters by their new names', async (mode, left, lost) => {
    rds.controlPlane.createParameterGroup({
      name: 'blue57', family: 'aurora-mysql5.7', values: { sql_mode: mode, slave_type_conversions: 'ALL_LOSSY', innodb_print_all_deadlocks: '1' },
    });
    const old = { ...blue, engineVersion: '5.7.mysql_aurora.2.12.5', parameterGroup: 'blue57' };
    const settings: PipelineSettings = { ...SETTINGS, targetEngineVersion: '8.0.mysql_aurora.3.10.1', migration: { kind: 'none' } };

    const { name, dropped } = await makeGroupForGreen(settings, old);

    expect(dropped).toEqual(lost);
    const values = await valuesOf(name);
    expect(values).toMatchObject({ innodb_print_all_deadlocks: '1', replica_type_conversions: 'ALL_LOSSY', binlog_format: 'ROW' });
    expect(values.sql_mode).toBe(left);
  });

  test('refuses a group of that name that somebody else has made', async () => {
    rds.controlPlane.createParameterGroup({ name: copiedGroupName(SETTINGS, blue), family: 'aurora-mysql8.0' });
    await expect(makeGroupForGreen(SETTINGS, blue)).rejects.toMatchObject({
      name: 'ForeignDeployment', message: expect.stringMatching(/exists, and this pipeline did not make it \(it has no owner tag\), so it is not touched: delete it, or give the pipeline a targetClusterParameterGroup/) as string,
    });
  });

  test('has another name when Blue is another cluster, so that production\'s group is never taken for it', () => {
    expect(copiedGroupName(SETTINGS, { ...blue, resourceId: 'cluster-OTHER' })).not.toBe(copiedGroupName(SETTINGS, blue));
    expect(copiedGroupName(SETTINGS, { ...blue, engineVersion: '8.0.mysql_aurora.3.12.0' })).toBe(copiedGroupName(SETTINGS, blue));
    expect(copiedGroupName(UPGRADE, blue)).not.toBe(copiedGroupName(SETTINGS, blue));
  });
});

describe('deleting the group for Green', () => {
  test('deletes a group no cluster uses, and has nothing to do the second time', async () => {
    const { name } = await makeGroupForGreen(SETTINGS, blue);
    expect(await deleteGroupForGreen(SETTINGS, blue)).toBe(name);
    expect(await deleteGroupForGreen(SETTINGS, blue)).toBeUndefined();
  });

  test('leaves a group that a cluster uses, that somebody else has made, or that the user has given', async () => {
    const { name } = await makeGroupForGreen(SETTINGS, blue);
    await rds.create({ group: name });
    await rds.clock.advance(600);
    expect(await deleteGroupForGreen(SETTINGS, blue)).toBeUndefined();
    expect(await deleteGroupForGreen({ ...SETTINGS, pipeline: 'Other' }, blue)).toBeUndefined();
    expect(await deleteGroupForGreen(settingsOf(), blue)).toBeUndefined();
    expect(await valuesOf(name)).toMatchObject(NEEDED);
  });
});

describe('restoring the group the pipeline has made', () => {
  /** Where a switchover to it leaves. */
  async function switchedOver(settings = SETTINGS): Promise<{ name: string; situation: Situation }> {
    const { name } = await makeGroupForGreen(settings, blue);
    const deployment = { identifier: 'bgd-1', name: 'shop-utf8mb4', status: 'SWITCHOVER_COMPLETED', eventScheduler: 'ON' };
    return { name, situation: { phase: 'switched', deployment, source: { ...blue, identifier: 'shop-old1' }, target: { ...blue, parameterGroup: name } } };
  }

  test('puts back what was only for Green, and says what stays different and what the template needs', async () => {
    await set('blue', { event_scheduler: 'ON' });
    const { name, situation } = await switchedOver();

    expect(await restoreParameters(situation, SETTINGS)).toEqual([
      `replica_type_conversions was removed from '${name}'`,
      `event_scheduler was set to ON in '${name}', as it was on Blue`,
      expect.stringMatching(new RegExp(`production uses cluster parameter group '${name}' now, which the pipeline has made from 'blue' and no template owns: .*fromParameterGroupName\\(this, 'ProductionGroup', '${name}'\\)`)),
      `unlike 'blue', '${name}' has log_bin_trust_function_creators 1 (was the default), replica_parallel_type LOGICAL_CLOCK (was the default), replica_preserve_commit_order ON (was the default)`,
    ]);
    expect(await valuesOf(name)).not.toHaveProperty('replica_type_conversions');
    expect((await restoreParameters(situation, SETTINGS)).slice(0, 1)).toEqual([expect.stringMatching(/^production uses/)]);
  });

  test('puts conversions back to what Blue had itself', async () => {
    await set('blue', { replica_type_conversions: 'ALL_LOSSY,ALL_NON_LOSSY' });
    const { name, situation } = await switchedOver();

    expect(await restoreParameters(situation, SETTINGS)).toContain(`replica_type_conversions was set to ALL_LOSSY,ALL_NON_LOSSY in '${name}', as it was on Blue`);
    expect(await valuesOf(name)).toMatchObject({ replica_type_conversions: 'ALL_LOSSY,ALL_NON_LOSSY' });
  });

  test('names what the new family does not have', async () => {
    await set('blue', { 'character-set-client-handshake': '0' });
    const { name, situation } = await switchedOver(UPGRADE);
    expect(await restoreParameters(situation, UPGRADE)).toContain(`'${name}' does not have character-set-client-handshake (was 0; the family has it no more)`);
  });

  test('knows the group by its name where the old Blue is gone, and touches no other', async () => {
    const { name, situation } = await switchedOver();
    expect(await restoreParameters({ ...situation, source: null }, SETTINGS)).toContain(`replica_type_conversions was removed from '${name}'`);

    const target = { ...blue, parameterGroup: 'of-an-operator' };
    expect(await restoreParameters({ ...situation, source: null, target }, SETTINGS)).toEqual([expect.stringMatching(/uses cluster parameter group 'of-an-operator', not one the pipeline has made: it was left alone/)]);
  });
});
