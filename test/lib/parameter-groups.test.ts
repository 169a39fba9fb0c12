import { RemovalPolicy, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as rds from 'aws-cdk-lib/aws-rds';
import { BinlogFormat, BlueClusterParameterGroup, type BlueClusterParameterGroupProps, GreenClusterParameterGroup, type GreenClusterParameterGroupProps } from '../../lib';
import { givenStack, VERSION_3, VERSION_8_4 } from './stacks';

const VERSION_2 = rds.AuroraMysqlEngineVersion.VER_2_11_1;
const GROUP = 'AWS::RDS::DBClusterParameterGroup';

function blue(props: Partial<BlueClusterParameterGroupProps> = {}): Template {
  const stack = givenStack();
  new BlueClusterParameterGroup(stack, 'Group', { engineVersion: VERSION_3, ...props });
  return Template.fromStack(stack);
}

function green(props: Partial<GreenClusterParameterGroupProps> = {}): Template {
  const stack = givenStack();
  new GreenClusterParameterGroup(stack, 'Group', { engineVersion: VERSION_3, ...props });
  return Template.fromStack(stack);
}

/** The parameters of the only group. */
function parametersOf(template: Template): Record<string, string> {
  const [group] = Object.values(template.findResources(GROUP));
  return (group?.Properties as { Parameters: Record<string, string> }).Parameters;
}

describe.each([['Blue', blue], ['Green', green]] as const)('%s', (_, group) => {
  test('exists although nothing uses it, and stays when the stack is deleted', () => {
    group().resourceCountIs(GROUP, 1);
    group().hasResource(GROUP, { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  });

  test('goes with the stack if wanted', () => {
    group({ removalPolicy: RemovalPolicy.DESTROY }).hasResource(GROUP, { DeletionPolicy: 'Delete' });
  });

  test('gets its name from CloudFormation, and a description that says what it is for', () => {
    group().hasResourceProperties(GROUP, { DBClusterParameterGroupName: Match.absent(), Description: Match.stringLikeRegexp('of a Blue/Green deployment') });
  });

  test('has the name and description that are given; the name as RDS stores it', () => {
    group({ parameterGroupName: 'Shop-Group', description: 'Ours' }).hasResourceProperties(GROUP, { DBClusterParameterGroupName: 'shop-group', Description: 'Ours' });
    group({ parameterGroupName: Token.asString({ Ref: 'Name' }) }).hasResourceProperties(GROUP, { DBClusterParameterGroupName: { Ref: 'Name' } });
  });

  test('has further parameters', () => {
    expect(parametersOf(group({ parameters: { innodb_print_all_deadlocks: '1' } }))).toMatchObject({ innodb_print_all_deadlocks: '1', binlog_format: 'ROW' });
  });

  test('fails for a version whose family is not its own', () => {
    expect(() => group({ engineVersion: rds.AuroraMysqlEngineVersion.of('8.4.mysql_aurora.8.4.8') }))
      .toThrow(`'engineVersion' should be of family '8.4', got '8.4.mysql_aurora.8.4.8' of family '5.7': write AuroraMysqlEngineVersion.of('8.4.mysql_aurora.8.4.8', '8.4')`);
  });
});

describe('Blue', () => {
  test.each([[VERSION_2, 'aurora-mysql5.7'], [VERSION_3, 'aurora-mysql8.0'], [VERSION_8_4, 'aurora-mysql8.4']])('has nothing but the binlog on: %#, %s', (engineVersion, family) => {
    blue({ engineVersion }).hasResourceProperties(GROUP, { Family: family, Parameters: { binlog_format: 'ROW' } });
    expect(Object.keys(parametersOf(blue({ engineVersion })))).toEqual(['binlog_format']);
  });

  test.each(Object.values(BinlogFormat))('may write %s', (binlogFormat) => {
    expect(parametersOf(blue({ binlogFormat }))).toEqual({ binlog_format: binlogFormat });
  });

  test('fails for a binlog format among the parameters', () => {
    expect(() => blue({ parameters: { binlog_format: 'MIXED' } })).toThrow(`'parameters' should not hold 'binlog_format', got 'MIXED': use the property 'binlogFormat'`);
  });

  test('fails for a family it does not know', () => {
    expect(() => blue({ engineVersion: rds.AuroraMysqlEngineVersion.of('9.1.mysql_aurora.9.1.0', '9.1') }))
      .toThrow(`'engineVersion' of Blue should be of family 5.7 or 8.0 or 8.4, got '9.1.mysql_aurora.9.1.0' of family '9.1'`);
  });

  test('can be bound to a cluster', () => {
    const stack = givenStack();
    const group = new BlueClusterParameterGroup(stack, 'Group', { engineVersion: VERSION_3 });
    expect(stack.resolve(group.bindToCluster({}).parameterGroupName)).toEqual({ Ref: expect.stringMatching(/^Group/) });
    Template.fromStack(stack).resourceCountIs(GROUP, 1);
  });
});

describe('Green', () => {
  const ALWAYS = { binlog_format: 'ROW', replica_preserve_commit_order: 'ON', log_bin_trust_function_creators: '1' };
  const REPLICATING = { replica_type_conversions: 'ALL_NON_LOSSY', event_scheduler: 'OFF' };

  test('has what replication into changed tables needs', () => {
    expect(parametersOf(green())).toEqual({ ...ALWAYS, ...REPLICATING, replica_parallel_type: 'LOGICAL_CLOCK' });
    green().hasResourceProperties(GROUP, { Family: 'aurora-mysql8.0' });
  });

  test('does not tell 8.4 what it knows by itself', () => {
    expect(parametersOf(green({ engineVersion: VERSION_8_4 }))).toEqual({ ...ALWAYS, ...REPLICATING });
    green({ engineVersion: VERSION_8_4 }).hasResourceProperties(GROUP, { Family: 'aurora-mysql8.4' });
  });

  test('wins over parameters that would break replication', () => {
    const parameters = { event_scheduler: 'ON', binlog_format: 'MIXED', replica_type_conversions: '' };
    expect(parametersOf(green({ parameters }))).toMatchObject({ ...ALWAYS, ...REPLICATING });
  });

  test('leaves out what only replication needs when production has been switched over', () => {
    expect(parametersOf(green({ replicating: false }))).toEqual({ ...ALWAYS, replica_parallel_type: 'LOGICAL_CLOCK' });
    expect(parametersOf(green({ replicating: false, parameters: { event_scheduler: 'ON' } }))).toMatchObject({ event_scheduler: 'ON' });
  });

  test('is writable for everybody only if wanted', () => {
    expect(parametersOf(green())).not.toHaveProperty('read_only');
    expect(parametersOf(green({ writable: true }))).toMatchObject({ read_only: '0' });
  });

  test.each([
    [VERSION_2, `'5.7.mysql_aurora.2.11.1' of family '5.7'`],
    [rds.AuroraMysqlEngineVersion.of(Token.asString({ Ref: 'Version' })), `a token of family '5.7'`],
  ])('fails before 8.0: %#', (engineVersion, got) => {
    expect(() => green({ engineVersion }))
      .toThrow(`'engineVersion' of Green should be of family 8.0 or 8.4, got ${got}: give AuroraMysqlEngineVersion.of the family as its second argument`);
  });

  test('takes a version that is known only at deployment, with its family', () => {
    green({ engineVersion: rds.AuroraMysqlEngineVersion.of(Token.asString({ Ref: 'Version' }), '8.0') }).hasResourceProperties(GROUP, { Family: 'aurora-mysql8.0' });
  });
});
