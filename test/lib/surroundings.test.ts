import fs from 'node:fs';
import { CfnParameter, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as rds from 'aws-cdk-lib/aws-rds';
import { BlueGreenSource, DatabaseAccess, GreenClusterParameterGroup, Migration } from '../../lib';
import { actionsOf, functionsOf, givenAccess, givenApp, givenCluster, givenPipeline, givenStack, givenVpc, settingsOf, statementsOf, TASK_NAMES, VERSION_3 } from './stacks';

/** Every feature flag as a new project has it. */
const FLAGS = JSON.parse(fs.readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8')) as Record<string, unknown>;

const ENVIRONMENT = { account: '111122223333', region: 'eu-central-1' };

describe('a pipeline in a stack of its own', () => {
  test.each([
    ['a security group of its own', false],
    ['security groups that are given', true],
  ])('waits for the stack of the cluster, and that does not wait for it, with %s', (_, given) => {
    const app = givenApp();
    const data = new Stack(app, 'Data');
    const cluster = givenCluster(data, { credentials: rds.Credentials.fromGeneratedSecret('admin', { encryptionKey: new kms.Key(data, 'Key') }) });
    const stack = new Stack(app, 'Stack');
    givenPipeline(stack, {
      source: BlueGreenSource.cluster(cluster),
      database: DatabaseAccess.secret({
        vpc: givenVpc(stack),
        secret: cluster.secret ?? (() => { throw new Error('a cluster with generated credentials has a secret'); })(),
        securityGroups: given ? [new ec2.SecurityGroup(stack, 'Own', { vpc: givenVpc(stack), allowAllOutbound: false })] : undefined,
        databaseSecurityGroups: cluster.connections.securityGroups,
      }),
    });

    // would fail for stacks that wait for each other.
    app.synth();
    expect(stack.dependencies).toEqual([data]);
    expect(data.dependencies).toEqual([]);
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
    Template.fromStack(data).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  });

  test('takes a parameter group of another stack', () => {
    const app = givenApp();
    const group = new GreenClusterParameterGroup(new Stack(app, 'Groups'), 'Group', { engineVersion: VERSION_3 });
    const stack = new Stack(app, 'Stack');
    givenPipeline(stack, { targetClusterParameterGroup: group, migration: Migration.convertCharacterSet({ databases: ['shop'] }) });

    expect(JSON.stringify(functionsOf(Template.fromStack(stack)).judge.Environment)).toContain('Groups:ExportsOutputRefGroup');
  });
});

test('two pipelines live in one stack, with names of their own and the same security groups', () => {
  const stack = givenStack();
  const database = givenAccess(stack, {
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Own', 'sg-own')],
    databaseSecurityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Theirs', 'sg-theirs')],
  });
  const names = ['Upgrade', 'Conversion'].map((id) => givenPipeline(stack, { database }, id).deploymentName);

  const template = Template.fromStack(stack);
  // each has one for what is tidied up afterwards.
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 4);
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  expect(new Set(names).size).toBe(2);
});

test('stages have deployments and owners of their own', () => {
  const app = givenApp();
  const pipelines = ['Test', 'Production'].map((id) => {
    const stack = new Stack(new Stage(app, id, { env: ENVIRONMENT }), 'Stack');
    const { deploymentName } = givenPipeline(stack);
    return { deploymentName, owner: settingsOf(Template.fromStack(stack)).pipeline };
  });
  expect(pipelines).toEqual([
    { deploymentName: expect.stringMatching(/^Test-Stack-Pipeline-/), owner: 'Test/Stack/Pipeline' },
    { deploymentName: expect.stringMatching(/^Production-Stack-Pipeline-/), owner: 'Production/Stack/Pipeline' },
  ]);
});

test('nested stacks of the same id have deployments of their own', () => {
  const app = givenApp();
  const names = ['One', 'Other'].map((id) => givenPipeline(new NestedStack(new Stack(app, id), 'Nested')).deploymentName);
  expect(names).toEqual([expect.stringMatching(/^One-Nested-Pipeline-/), expect.stringMatching(/^Other-Nested-Pipeline-/)]);
});

test('everything that may be a parameter of the template reaches the functions as one', () => {
  const stack = givenStack();
  const text = (id: string) => new CfnParameter(stack, id).valueAsString;
  givenPipeline(stack, {
    source: BlueGreenSource.clusterIdentifier(text('Cluster')),
    deploymentName: text('Name'),
    database: DatabaseAccess.iam({
      vpc: givenVpc(stack),
      user: text('User'),
      port: new CfnParameter(stack, 'Port', { type: 'Number' }).valueAsNumber,
      databaseSecurityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', text('SecurityGroup'))],
    }),
    migration: Migration.convertCharacterSet({ databases: [text('Database')], collations: { utf8mb3_bin: text('Collation') } }),
    targetClusterParameterGroup: rds.ParameterGroup.fromParameterGroupName(stack, 'Green', text('GreenGroup')),
    targetEngineVersion: rds.AuroraMysqlEngineVersion.of(text('Version'), '8.0'),
  });

  const { Environment } = functionsOf(Template.fromStack(stack))['check-mysql'];
  for (const id of ['Cluster', 'Name', 'User', 'Database', 'Collation', 'GreenGroup', 'Version']) expect(JSON.stringify(Environment)).toContain(`{"Ref":"${id}"}`);
  Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: { Ref: 'SecurityGroup' }, FromPort: { Ref: 'Port' } });
});

describe.each([['no feature flag', {}], ['every feature flag', FLAGS]])('with %s', (_, context) => {
  const stack = new Stack(givenApp(context), 'Stack', { env: ENVIRONMENT });
  givenPipeline(stack);

  test('there is nothing to warn of', () => {
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
    expect(Annotations.fromStack(stack).findError('*', Match.anyValue())).toEqual([]);
  });
});

test('feature flags change nothing of what the functions may do', () => {
  const [without, withAll] = [{}, FLAGS].map((context) => {
    const stack = new Stack(givenApp(context), 'Stack', { env: ENVIRONMENT });
    givenPipeline(stack);
    const template = Template.fromStack(stack);
    return TASK_NAMES.map((task) => [task, actionsOf(statementsOf(template, task)).sort()]);
  });
  expect(withAll).toEqual(without);
});
