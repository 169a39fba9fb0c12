import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { App, CfnCondition, CfnMapping, CfnParameter, CfnResource, Duration, Fn, Stack as CdkStack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { authorizerOf } from '../../../rehearsal/cloudformation/authorizer';
import { type GivenValues, loadStack, type Stack } from '../../../rehearsal/cloudformation/template';

const environment = { account: '111122223333', region: 'eu-central-1' };

let folder: string;
let app: App;
let stack: CdkStack;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stack-'));
  fs.mkdirSync(path.join(folder, 'code'));
  fs.writeFileSync(path.join(folder, 'code', 'index.js'), 'exports.handler = async () => 1;');
  app = new App({ outdir: path.join(folder, 'cdk.out') });
  stack = new CdkStack(app, 'Orders');
});

afterEach(() => fs.rmSync(folder, { recursive: true }));

function load(values?: GivenValues): Stack {
  return loadStack(app.synth().directory, 'Orders', { ...environment, values });
}

function givenFunction(id = 'Task', props: Partial<lambda.FunctionProps> = {}): lambda.Function {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(path.join(folder, 'code')),
    ...props,
  });
}

/** What an expression resolves to, as a property of a resource. */
function resolved(value: unknown, values?: GivenValues): unknown {
  new CfnResource(stack, 'Probe', { type: 'Test::Probe', properties: { value } });
  return load(values).resources('Test::Probe')[0]?.properties.value;
}

function parameterGroup(): string {
  const engine = rds.DatabaseClusterEngine.auroraMysql({ version: rds.AuroraMysqlEngineVersion.VER_3_08_0 });
  return new rds.ParameterGroup(stack, 'Group', { engine, parameters: { binlog_format: 'ROW' } }).bindToCluster({}).parameterGroupName;
}

describe('functions', () => {
  test('code, settings and environment are as deployed', () => {
    givenFunction('Task', {
      timeout: Duration.minutes(5), memorySize: 512, environment: { CONTRACT: '1', WHERE: `${stack.region}/${stack.account}`, GROUP: parameterGroup() },
    });
    const [fn] = load().functions;
    expect(fn).toMatchObject({
      name: expect.stringMatching(/^Orders-Task\w+-[0-9A-F]{12}$/),
      handler: 'index.handler',
      timeoutSeconds: 300,
      memoryMegabytes: 512,
      accessKeyId: expect.stringMatching(/^ASIA[0-9A-F]{16}$/),
      environment: { CONTRACT: '1', WHERE: 'eu-central-1/111122223333', GROUP: expect.stringMatching(/^orders-group\w+-[0-9a-f]{12}$/) },
    });
    expect(fn?.arn).toBe(`arn:aws:lambda:eu-central-1:111122223333:function:${fn?.name}`);
    expect(fs.readdirSync(fn?.codeDirectory ?? '')).toEqual(['index.js']);
  });

  test('defaults, an explicit name, and the same made-up names at every load', () => {
    givenFunction('Named', { functionName: 'orders-task' });
    givenFunction('Other');
    const functions = load().functions;
    expect(functions[0]).toMatchObject({ name: 'orders-task', timeoutSeconds: 3, memoryMegabytes: 128, environment: {} });
    expect(load().functions).toEqual(functions);
    expect(new Set(functions.map((fn) => fn.accessKeyId)).size).toBe(2);
  });

  test('what cannot run is refused by its logical id', () => {
    givenFunction('Inline', { code: lambda.Code.fromInline('exports.handler = 1') });
    expect(() => load().functions).toThrow(/cannot use 'Inline\w+' of the stack 'Orders': its code is not an asset \(ZipFile\)/);
  });

  test('a dynamic reference is refused', () => {
    givenFunction('Task', { environment: { PASSWORD: '{{resolve:secretsmanager:login:SecretString:password}}' } });
    expect(() => load().functions).toThrow(/it contains '{{resolve:secretsmanager:login/);
  });
});

test('the definition of a state machine has no tokens left', () => {
  const task = givenFunction();
  const topic = new sns.Topic(stack, 'Topic', { topicName: 'alerts' });
  const invoke = new tasks.LambdaInvoke(stack, 'Do it', { lambdaFunction: task, payloadResponseOnly: true, payload: sfn.TaskInput.fromObject({ group: parameterGroup() }) });
  const notify = new tasks.SnsPublish(stack, 'Say so', { topic, message: sfn.TaskInput.fromText('done') });
  new sfn.StateMachine(stack, 'Machine', { definitionBody: sfn.DefinitionBody.fromChainable(invoke.next(notify)), stateMachineName: 'orders' });

  const loaded = load();
  const [machine] = loaded.stateMachines;
  expect(machine).toMatchObject({
    name: 'orders',
    arn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:orders',
    definition: {
      StartAt: 'Do it',
      States: {
        'Do it': { Resource: loaded.functions[0]?.arn, Parameters: { group: expect.stringMatching(/^orders-group/) } },
        'Say so': { Resource: 'arn:aws:states:::sns:publish', Parameters: { TopicArn: 'arn:aws:sns:eu-central-1:111122223333:alerts' } },
      },
    },
  });
  expect(loaded.roleWithArn(machine?.roleArn ?? '')?.statements).toContainEqual({
    Action: 'lambda:InvokeFunction', Effect: 'Allow', Resource: [loaded.functions[0]?.arn, `${loaded.functions[0]?.arn}:*`],
  });
});

describe('roles', () => {
  test('inline, attached and managed policies', () => {
    const role = new iam.Role(stack, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      managedPolicies: [
        iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole'),
        new iam.ManagedPolicy(stack, 'Own', { statements: [new iam.PolicyStatement({ actions: ['rds:DescribeEvents'], resources: ['*'] })] }),
      ],
      inlinePolicies: { Inline: new iam.PolicyDocument({ statements: [new iam.PolicyStatement({ actions: ['rds:AddTagsToResource'], resources: ['*'] })] }) },
    });
    role.addToPolicy(new iam.PolicyStatement({ actions: ['rds:DescribeDBClusters'], resources: ['*'] }));
    const fn = givenFunction('Task', { role, functionName: 'task' });
    const loaded = load();
    const loadedRole = loaded.roleOf('task');
    expect(loadedRole).toEqual(loaded.role(stack.getLogicalId(role.node.defaultChild as iam.CfnRole)));
    expect(loadedRole.statements.map(({ Action }) => Action)).toEqual(['rds:AddTagsToResource', 'rds:DescribeDBClusters', 'rds:DescribeEvents']);
    expect(loadedRole.managedPolicyArns).toEqual(['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']);
    expect(fn.role).toBe(role);
  });

  test('a role of elsewhere is refused', () => {
    givenFunction('Task', { functionName: 'task', role: iam.Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/other') });
    expect(() => load().roleOf('task')).toThrow(/its role 'arn:aws:iam::111122223333:role\/other' belongs to another stack/);
  });

  test('the authorizer lets a function do what its role allows', () => {
    const reader = givenFunction('Reader');
    givenFunction('Other');
    secretsmanager.Secret.fromSecretNameV2(stack, 'Login', 'prod/login').grantRead(reader);
    const loaded = load();
    const authorize = authorizerOf(loaded);
    const [readerKey = '', otherKey = ''] = loaded.functions.map((fn) => fn.accessKeyId);
    const secret = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/login-a1B2c3';
    expect(authorize(readerKey, 'secretsmanager:GetSecretValue', [secret])).toBe(true);
    expect(authorize(readerKey, 'secretsmanager:GetSecretValue', [secret, `${secret}x`])).toBe(false);
    expect(authorize(readerKey, 'secretsmanager:PutSecretValue', [secret])).toBe(false);
    expect(authorize(otherKey, 'secretsmanager:GetSecretValue', [secret])).toBe(false);
    expect(authorize('ASIANOBODY', 'secretsmanager:GetSecretValue', [secret])).toBe(false);
  });
});

describe('intrinsic functions', () => {
  const pseudo = { 'Fn::Sub': '${AWS::Partition} ${AWS::Region} ${AWS::AccountId} ${AWS::URLSuffix} ${AWS::StackName}' };

  test.each([
    ['pseudo parameters', pseudo, 'aws eu-central-1 111122223333 amazonaws.com Orders'],
    ['Fn::Sub with variables and literals', { 'Fn::Sub': ['${A}-${!B}', { A: { Ref: 'AWS::Region' } }] }, 'eu-central-1-${B}'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 3]] }, 'a-eu-central-1-3'],
    ['Fn::Select of Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Fn::GetAZs', { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'eu-central-1a'],
    ['AWS::NoValue', { kept: 1, gone: { Ref: 'AWS::NoValue' }, list: [{ Ref: 'AWS::NoValue' }, 2] }, { kept: 1, list: [2] }],
  ])('%s', (_, expression, expected) => {
    expect(resolved(expression)).toEqual(expected);
  });

  test('Fn::If, conditions, Fn::FindInMap', () => {
    const here = new CfnCondition(stack, 'Here', { expression: Fn.conditionAnd(Fn.conditionEquals(stack.region, 'eu-central-1'), Fn.conditionNot(Fn.conditionEquals('a', 'b'))) });
    const never = new CfnCondition(stack, 'Never', { expression: Fn.conditionOr(Fn.conditionNot(here), Fn.conditionEquals(1, 2)) });
    new CfnMapping(stack, 'Sizes', { mapping: { 'eu-central-1': { size: 'large' } } });
    const absent = new CfnResource(stack, 'Absent', { type: 'Test::Absent' });
    absent.cfnOptions.condition = never;
    expect(resolved([
      Fn.conditionIf('Here', 'yes', { 'Fn::Unknown': 1 }), Fn.conditionIf('Never', 'yes', 'no'), Fn.findInMap('Sizes', stack.region, 'size'),
    ])).toEqual(['yes', 'no', 'large']);
    expect(load().resources('Test::Absent')).toEqual([]);
  });

  test('names and ARNs of resources', () => {
    const vpc = new ec2.Vpc(stack, 'Vpc', { maxAzs: 2 });
    const group = new ec2.SecurityGroup(stack, 'Security', { vpc });
    const secret = new secretsmanager.Secret(stack, 'Secret', { secretName: 'orders/login' });
    const imported = secretsmanager.Secret.fromSecretNameV2(stack, 'Imported', 'prod/login');
    expect(resolved([group.securityGroupId, vpc.vpcId, secret.secretArn, imported.secretArn])).toEqual([
      expect.stringMatching(/^sg-0[0-9a-f]{16}$/),
      expect.stringMatching(/^vpc-0[0-9a-f]{16}$/),
      expect.stringMatching(/^arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders\/login-\w{6}$/),
      'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/login',
    ]);
  });

  test('an Aurora cluster of the stack', () => {
    const cluster = new rds.CfnDBCluster(stack, 'Cluster', { engine: 'aurora-mysql', dbClusterIdentifier: 'orders' });
    const secret = new secretsmanager.Secret(stack, 'Login').attach({ asSecretAttachmentTarget: () => ({ targetId: cluster.ref, targetType: secretsmanager.AttachmentTargetType.RDS_DB_CLUSTER }) });
    expect(resolved([cluster.ref, cluster.attrEndpointAddress, cluster.attrDbClusterArn, secret.secretArn])).toEqual([
      'orders',
      expect.stringMatching(/^orders\.cluster-\w+\.eu-central-1\.rds\.amazonaws\.com$/),
      'arn:aws:rds:eu-central-1:111122223333:cluster:orders',
      expect.stringMatching(/^arn:aws:secretsmanager:eu-central-1:111122223333:secret:/),
    ]);
  });

  test('given values win, by logical id, construct path or name', () => {
    const topic = new sns.Topic(stack, 'Topic');
    const size = new CfnParameter(stack, 'Size', { default: 'small' });
    const path = new CfnParameter(stack, 'Path', { type: 'AWS::SSM::Parameter::Value<String>', default: '/name' });
    const fn = givenFunction();
    const values = { 'Orders/Topic': 'arn:given', 'Size': 'large', 'Path': 'found', 'OtherStack:Export': 'imported', 'Orders/Task.Arn': 'arn:function' };
    expect(resolved([topic.topicArn, size.valueAsString, path.valueAsString, Fn.importValue('OtherStack:Export'), fn.functionArn], values))
      .toEqual(['arn:given', 'large', 'found', 'imported', 'arn:function']);
  });

  test('a default of a parameter', () => {
    expect(resolved(new CfnParameter(stack, 'Zones', { type: 'CommaDelimitedList', default: 'a, b' }).valueAsList)).toEqual(['a', 'b']);
  });
});

describe('refusals name the logical id', () => {
  test.each([
    ['an unknown intrinsic', { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }, /cannot resolve 'Probe' \(Orders\/Probe\) of the stack 'Orders': the intrinsic function Fn::Cidr is unknown/],
    ['an unknown resource', { Ref: 'Nothing' }, /it refers to 'Nothing', which is neither a resource nor a parameter/],
    ['an unknown attribute', { 'Fn::GetAtt': ['Probe', 'Colour'] }, /the attribute 'Colour' of 'Probe' \(Test::Probe\).*values\['Probe.Colour'\]/],
    ['an import without a value', { 'Fn::ImportValue': 'Other' }, /the export 'Other' of another stack.*values\['Other'\]/],
    ['a parameter of SSM', { Ref: 'BootstrapVersion' }, /the parameter 'BootstrapVersion' .*values\['BootstrapVersion'\]/],
    ['a missing item', { 'Fn::Select': [2, ['a']] }, /Fn::Select finds no item 2 in \["a"\]/],
    ['an unknown condition', { 'Fn::If': ['Nope', 1, 2] }, /the condition 'Nope' is not defined/],
  ])('%s', (_, expression, message) => {
    expect(() => resolved(Token.asAny(expression))).toThrow(message);
  });

  test('an unresolvable part harms only who asks for it', () => {
    new CfnResource(stack, 'Strange', { type: 'Test::Strange', properties: { value: { 'Fn::Cidr': [] } } });
    givenFunction();
    expect(load().functions).toHaveLength(1);
  });

  test('a value that names nothing', () => {
    expect(() => load({ 'Orders/Typo': 'x' })).toThrow(/'values' should name resources, parameters or imports of the stack 'Orders', got Orders\/Typo/);
  });

  test('an unknown stack', () => {
    expect(() => loadStack(app.synth().directory, 'Other', environment)).toThrow(/there is no stack 'Other' in .*; it has Orders/);
  });
});
