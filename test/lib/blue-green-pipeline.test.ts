import fs from 'node:fs';
import path from 'node:path';
import { App, Duration, Stack, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import {
  type ApprovalProps, type BlueGreenPipelineProps, BlueGreenSource, DatabaseAccess, ExecutionFailurePolicy, GreenClusterParameterGroup, LockHolders, Migration,
  type NotificationProps, StepFailurePolicy, SwitchoverWindow, Weekday,
} from '../../lib';
import { MetricName, type PipelineSettings, type SqlFilesContent, STATEMENTS_FILE } from '../../lib/private/contract';
import { TASKS } from '../../lib/private/functions';
import { loadStack } from '../../rehearsal/cloudformation/template';
import {
  actionsOf, functionsOf, givenAccess, givenApp, givenPipeline, givenStack, givenVpc, settingsOf, type Statement, statementsByRole, statementsOf,
  TASK_NAMES, VERSION_3, VERSION_8_4,
} from './stacks';

const MYSQL_TASKS = TASK_NAMES.filter((task) => TASKS[task].zone === 'mysql');
const OTHER_TASKS = TASK_NAMES.filter((task) => TASKS[task].zone !== 'mysql');
const CONVERSION = Migration.convertCharacterSet({ databases: ['shop'] });

/** The template of a pipeline with these properties. */
function templateOf(props: Partial<BlueGreenPipelineProps> = {}): Template {
  const stack = givenStack();
  givenPipeline(stack, props);
  return Template.fromStack(stack);
}

/** The template of a pipeline with this access to the database. */
function templateWith(access: (stack: Stack) => DatabaseAccess): Template {
  const stack = givenStack();
  givenPipeline(stack, { database: access(stack) });
  return Template.fromStack(stack);
}

describe('functions', () => {
  const template = templateOf();
  const functions = functionsOf(template);

  test('are one per task, on Node.js 24', () => {
    template.resourceCountIs('AWS::Lambda::Function', TASK_NAMES.length);
    expect(new Set(Object.values(functions).map(({ Runtime }) => Runtime))).toEqual(new Set(['nodejs24.x']));
  });

  test.each(TASK_NAMES)('%s has its time limit', (task) => {
    expect(functions[task].Timeout).toBe(TASKS[task].timeout.toSeconds());
  });

  test.each(MYSQL_TASKS)('%s is in the VPC and told how to log in', (task) => {
    expect(functions[task].VpcConfig?.SubnetIds).toEqual(['subnet-1', 'subnet-2']);
    expect(functions[task].Environment.Variables.DATABASE_LOGIN).toBe('{"kind":"iam","user":"pipeline"}');
  });

  test.each(OTHER_TASKS)('%s is in no VPC and knows no login', (task) => {
    expect(functions[task].VpcConfig).toBeUndefined();
    expect(Object.keys(functions[task].Environment.Variables)).toEqual(['PIPELINE_SETTINGS']);
  });

  test('are exposed', () => {
    expect(givenPipeline(givenStack()).functions).toHaveLength(TASK_NAMES.length);
  });

  test('have the statements of SQL files beside their code, where they need them, and where a rehearsal finds them', () => {
    const app = new App({ analyticsReporting: false });
    const stack = new Stack(app, 'Stack');
    const migration = Migration.sqlFiles(path.join(__dirname, '..', '..', 'examples', 'sql-files', 'sql'), { database: 'shop' });
    givenPipeline(stack, { migration, targetClusterParameterGroup: new GreenClusterParameterGroup(stack, 'Group', { engineVersion: VERSION_3 }) });
    const { functions: deployed } = loadStack(app.synth().directory, 'Stack', { account: '111122223333', region: 'eu-central-1' });
    const withStatements = deployed.filter(({ codeDirectory }) => fs.existsSync(path.join(codeDirectory, STATEMENTS_FILE)));
    expect(withStatements.map(({ name }) => /checkgreen|checkmysql|planmigrat|runmigrat/.exec(name)?.[0]).sort()).toEqual(['checkgreen', 'checkmysql', 'planmigrat', 'runmigrat']);
    for (const { codeDirectory, environment } of withStatements) {
      expect(fs.existsSync(path.join(codeDirectory, 'index.js'))).toBe(true);
      const content = JSON.parse(fs.readFileSync(path.join(codeDirectory, STATEMENTS_FILE), 'utf8')) as SqlFilesContent;
      expect(content.statements.map(({ file, line }) => `${file}:${line}`)).toEqual(['1-orders.sql:2', '1-orders.sql:3', '1-orders.sql:6', '2-reports.sql:1', '2-reports.sql:8', '2-reports.sql:15']);
      expect((JSON.parse(environment.PIPELINE_SETTINGS ?? '') as PipelineSettings).migration).toEqual({ kind: 'sqlFiles', database: 'shop', others: [], fingerprint: content.fingerprint, applier: 'running' });
    }
  });

  test('run in the subnets that are given', () => {
    const given = templateWith((stack) => givenAccess(stack, { vpcSubnets: { subnets: [ec2.Subnet.fromSubnetId(stack, 'Subnet', 'subnet-9')] } }));
    expect(functionsOf(given)['check-mysql'].VpcConfig?.SubnetIds).toEqual(['subnet-9']);
  });
});

describe('settings', () => {
  test('are the defaults of the documentation', () => {
    expect(settingsOf(templateOf())).toEqual({
      pipeline: 'Stack/Pipeline',
      deploymentName: expect.stringMatching(/^Stack-Pipeline-/),
      clusterIdentifier: 'shop',
      migration: { kind: 'none' },
      switchoverTimeoutSeconds: 300,
      switchoverAttempts: 2,
      binlogRetentionHours: 168,
      onStepFailure: 'finishRunning',
      lockHolders: 'wait',
      patience: {
        greenSeconds: 43_200,
        migrationSeconds: 2_592_000,
        replicationSeconds: 604_800,
        comparisonSeconds: 604_800,
        readinessSeconds: 1800,
        verificationSeconds: 900,
      },
      lagHoldSeconds: 60,
      watchSeconds: 30,
    });
  });

  test('are what the properties say', () => {
    const stack = givenStack();
    givenPipeline(stack, {
      deploymentName: 'shop-utf8mb4',
      migration: CONVERSION,
      targetEngineVersion: VERSION_3,
      targetClusterParameterGroup: rds.ParameterGroup.fromParameterGroupName(stack, 'Group', 'Shop-Green'),
      switchoverTimeout: Duration.seconds(30),
      switchoverAttempts: 10,
      switchoverWindow: SwitchoverWindow.daily({ opens: '22:00', closes: '01:00', timeZone: 'UTC', days: [Weekday.SUNDAY] }),
      binlogRetention: Duration.minutes(90),
      onStepFailure: StepFailurePolicy.CARRY_ON,
      lockHolders: LockHolders.END,
      workers: 32,
      greenPatience: Duration.minutes(1),
      migrationPatience: Duration.minutes(2),
      replicationPatience: Duration.minutes(3),
      comparisonPatience: Duration.minutes(4),
      readinessPatience: Duration.seconds(0),
      verificationPatience: Duration.minutes(5),
      lagHold: Duration.seconds(0),
      endpointWatch: Duration.seconds(60),
    });

    expect(settingsOf(Template.fromStack(stack))).toEqual({
      pipeline: 'Stack/Pipeline',
      deploymentName: 'shop-utf8mb4',
      clusterIdentifier: 'shop',
      targetEngineVersion: '8.0.mysql_aurora.3.10.1',
      // as RDS stores it.
      targetClusterParameterGroup: 'shop-green',
      migration: { kind: 'convertCharacterSet', databases: ['shop'], collations: {}, deferredIndexes: { leastBytes: 8388608 }, applier: 'running' },
      switchoverTimeoutSeconds: 30,
      switchoverAttempts: 10,
      switchoverWindow: { from: '22:00', to: '01:00', timeZone: 'UTC', days: ['Sun'] },
      binlogRetentionHours: 2,
      onStepFailure: 'carryOn',
      lockHolders: 'end',
      workers: 32,
      patience: { greenSeconds: 60, migrationSeconds: 120, replicationSeconds: 180, comparisonSeconds: 240, readinessSeconds: 0, verificationSeconds: 300 },
      lagHoldSeconds: 0,
      watchSeconds: 60,
    });
  });

  test.each([
    ['日本 "x"', /^Stack\/-- -x- \w{42}$/],
    ['p'.repeat(300), /^p{200} \w{42}$/],
    ['aws:x', /^Stack\/aws-x \w{42}$/],
  ])('name an owner that a tag and the description of a role can hold, for the id %s', (id, expected) => {
    const stack = givenStack();
    givenPipeline(stack, {}, id);
    const template = Template.fromStack(stack);

    expect(settingsOf(template).pipeline).toMatch(expected);
    template.hasResourceProperties('AWS::IAM::Role', { Description: `Task judge of ${settingsOf(template).pipeline}` });
  });
});

describe('logs', () => {
  test('of the functions and the state machine are in one group, kept for six months, and stay when the stack is deleted', () => {
    const template = templateOf();
    const [logGroup] = Object.keys(template.findResources('AWS::Logs::LogGroup'));

    template.hasResource('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 180 }, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    template.resourceCountIs('AWS::Logs::LogGroup', 1);
    template.allResourcesProperties('AWS::Lambda::Function', { LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: logGroup } } });
  });

  test('are kept as long as wanted', () => {
    templateOf({ logRetention: logs.RetentionDays.ONE_WEEK }).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });
});

describe('state machine', () => {
  test('logs everything but the data, and traces', () => {
    const template = templateOf();
    const [logGroup] = Object.keys(template.findResources('AWS::Logs::LogGroup'));

    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      LoggingConfiguration: {
        Level: 'ALL',
        IncludeExecutionData: false,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': [logGroup, 'Arn'] } } }],
      },
      TracingConfiguration: { Enabled: true },
      StateMachineType: Match.absent(),
    });
  });
});

describe('onExecutionFailure', () => {
  const machines = (template: Template) => JSON.stringify(template.findResources('AWS::StepFunctions::StateMachine'));

  test('changes nothing where Green is kept, which is the default', () => {
    const template = templateOf();
    expect(templateOf({ onExecutionFailure: ExecutionFailurePolicy.KEEP_GREEN }).toJSON()).toEqual(template.toJSON());
    expect(machines(template)).not.toMatch(/After Failure/);
  });

  test('puts the deletion on the failing path, and lets the machine see its own executions by a policy it does not wait for', () => {
    const template = templateOf({ onExecutionFailure: ExecutionFailurePolicy.DELETE_GREEN });
    expect(machines(template)).toMatch(/Delete Green After Failure/);
    const [[id, machine] = []] = Object.entries(template.findResources('AWS::StepFunctions::StateMachine')).filter(([, one]) => JSON.stringify(one).includes('After Failure'));
    const policies = Object.entries(template.findResources('AWS::IAM::Policy', {
      Properties: { PolicyDocument: { Statement: [{ Sid: 'SeeWhoElseRuns', Effect: 'Allow', Action: 'states:ListExecutions', Resource: { Ref: id } }] } },
    }));
    expect(policies).toHaveLength(1);
    expect(machine?.DependsOn).not.toContain(policies[0]?.[0]);
  });
});

describe('network', () => {
  test('is a security group of its own that lets everything out, and no rule for the database', () => {
    const template = templateOf();

    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      VpcId: 'vpc-1', SecurityGroupEgress: [Match.objectLike({ IpProtocol: '-1', CidrIp: '0.0.0.0/0' })], SecurityGroupIngress: Match.absent(),
    });
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
  });

  test('is allowed at the security groups of the database', () => {
    const template = templateWith((stack) => givenAccess(stack, {
      databaseSecurityGroups: ['sg-1', 'sg-2'].map((id) => ec2.SecurityGroup.fromSecurityGroupId(stack, id, id)), port: 3307,
    }));
    const [own] = Object.keys(template.findResources('AWS::EC2::SecurityGroup'));

    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 2);
    for (const GroupId of ['sg-1', 'sg-2']) {
      template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
        GroupId, SourceSecurityGroupId: { 'Fn::GetAtt': [own, 'GroupId'] }, IpProtocol: 'tcp', FromPort: 3307, ToPort: 3307,
      });
    }
  });

  test('can be the security groups that are given, with rules on both sides', () => {
    const template = templateWith((stack) => givenAccess(stack, {
      securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Own', 'sg-own', { allowAllOutbound: false })],
      databaseSecurityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Theirs', 'sg-theirs')],
    }));

    template.resourceCountIs('AWS::EC2::SecurityGroup', 0);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-theirs', SourceSecurityGroupId: 'sg-own', FromPort: 3306, ToPort: 3306 });
    template.hasResourceProperties('AWS::EC2::SecurityGroupEgress', { GroupId: 'sg-own', DestinationSecurityGroupId: 'sg-theirs', FromPort: 3306, ToPort: 3306 });
    expect(functionsOf(template)['check-mysql'].VpcConfig?.SecurityGroupIds).toEqual(['sg-own']);
  });

  test('can be allowed afterwards by its connections', () => {
    const stack = givenStack();
    const pipeline = givenPipeline(stack);
    ec2.SecurityGroup.fromSecurityGroupId(stack, 'Theirs', 'sg-theirs').connections.allowFrom(pipeline, ec2.Port.tcp(3306));

    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { GroupId: 'sg-theirs', FromPort: 3306 });
  });
});

describe('login', () => {
  test('by IAM allows the one user, on clusters that do not exist yet', () => {
    const template = templateOf();

    for (const task of MYSQL_TASKS) {
      expect(statementsOf(template, task).filter(({ Action }) => Action === 'rds-db:connect')).toEqual([expect.objectContaining({
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':rds-db:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':dbuser:*/pipeline']] },
      })]);
    }
    expect(OTHER_TASKS.flatMap((task) => actionsOf(statementsOf(template, task))).filter((action) => action.startsWith('rds-db:'))).toEqual([]);
    expect([...statementsByRole(template).values()].flatMap(actionsOf).filter((action) => action.startsWith('secretsmanager:'))).toEqual([]);
  });

  test('by secret lets the database functions read it, and nobody else', () => {
    const template = templateWith((stack) => DatabaseAccess.secret({ vpc: givenVpc(stack), secret: new secretsmanager.Secret(stack, 'Secret') }));
    const [secret] = Object.keys(template.findResources('AWS::SecretsManager::Secret'));

    for (const task of MYSQL_TASKS) {
      expect(statementsOf(template, task)).toContainEqual({ Sid: 'ReadLogin', Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: { Ref: secret } });
      expect(functionsOf(template)[task].Environment.Variables.DATABASE_LOGIN).toEqual({ 'Fn::Join': ['', ['{"kind":"secret","secretArn":"', { Ref: secret }, '"}']] });
    }
    expect(OTHER_TASKS.flatMap((task) => actionsOf(statementsOf(template, task))).filter((action) => action.startsWith('secretsmanager:'))).toEqual([]);
    expect(JSON.stringify(template.toJSON())).not.toContain('rds-db:connect');
  });

  test('by a secret known by its name allows the six characters behind it', () => {
    const template = templateWith((stack) => DatabaseAccess.secret({ vpc: givenVpc(stack), secret: secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'shop/master') }));
    const [read] = statementsOf(template, 'check-mysql').filter(({ Sid }) => Sid === 'ReadLogin');
    expect(JSON.stringify(read?.Resource)).toContain(':secret:shop/master-??????');
  });

  test('by a secret with a key that nobody here owns allows decryption, for Secrets Manager only', () => {
    const template = templateWith((stack) => DatabaseAccess.secret({
      vpc: givenVpc(stack),
      secret: secretsmanager.Secret.fromSecretAttributes(stack, 'Secret', {
        secretCompleteArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop-abcdef',
        encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111122223333:key/1'),
      }),
    }));

    expect(statementsOf(template, 'check-mysql')).toContainEqual({
      Sid: 'DecryptLogin',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: 'arn:aws:kms:eu-central-1:111122223333:key/1',
      Condition: { StringEquals: { 'kms:ViaService': { 'Fn::Join': ['', ['secretsmanager.', { Ref: 'AWS::Region' }, '.amazonaws.com']] } } },
    });
  });
});

describe('grants', () => {
  test.each([
    ['startExecution', 'states:StartExecution'],
    ['redriveExecution', 'states:RedriveExecution'],
    ['read', 'states:DescribeExecution'],
  ] as const)('%s allows %s', (grant, action) => {
    const stack = givenStack();
    const user = new iam.User(stack, 'Operator');
    givenPipeline(stack).grants[grant](user);

    const [policy] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy', { Properties: { Users: Match.anyValue() } }));
    expect(JSON.stringify(policy)).toContain(action);
  });
});

describe('metrics', () => {
  test('there is a method for each that is published, with the pipeline as dimension', () => {
    const pipeline = givenPipeline(givenStack());
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(pipeline)).filter((name) => name.startsWith('metric') && name !== 'metric');
    const call = (name: string) => (
      (pipeline as unknown as Record<string, (state?: string) => cloudwatch.Metric>)[name]?.(name === 'metricSecondsInState' ? 'Wait For Green' : undefined)
    );
    const own = methods.map(call).filter((metric) => metric?.namespace === 'CdkRdsBlueGreen');

    expect(own.map((metric) => metric?.metricName).sort()).toEqual(Object.values(MetricName).sort());
    for (const metric of own) expect(metric?.dimensions).toMatchObject({ Pipeline: 'Stack/Pipeline' });
    expect(pipeline.metricSecondsInState('Wait For Green').dimensions).toEqual({ Pipeline: 'Stack/Pipeline', State: 'Wait For Green' });
  });

  test.each([
    ['metricStarted', 'ExecutionsStarted', 'Sum'],
    ['metricSucceeded', 'ExecutionsSucceeded', 'Sum'],
    ['metricFailed', 'ExecutionsFailed', 'Sum'],
    ['metricTime', 'ExecutionTime', 'Average'],
    ['metricTimedOut', 'ExecutionsTimedOut', 'Sum'],
    ['metricAborted', 'ExecutionsAborted', 'Sum'],
  ] as const)('%s is %s of the state machine', (metric, metricName, statistic) => {
    const stack = givenStack();
    const pipeline = givenPipeline(stack);

    expect(pipeline[metric]()).toMatchObject({ namespace: 'AWS/States', metricName, statistic, dimensions: { StateMachineArn: pipeline.stateMachine.stateMachineArn } });
    expect(pipeline[metric]({ period: Duration.hours(1) }).period.toHours()).toBe(1);
  });
});

describe('deploymentName', () => {
  const PATTERN = /^[a-zA-Z](?:-?[a-zA-Z0-9])*$/;

  test.each([
    ['short', 'Stack', 'Pipeline'],
    ['a long stack', 'S'.repeat(128), 'Pipeline'],
    ['a long id', 'Stack', 'p'.repeat(300)],
    ['hyphens', 'A--Stack-', '-1--2-'],
    ['nothing but foreign letters', 'Stack', '日本語'],
    ['a hidden id', 'Stack', 'Default'],
    ['another hidden id', 'Stack', 'Resource'],
  ])('is one that RDS takes by default: %s', (_, stackId, id) => {
    const { deploymentName } = givenPipeline(new Stack(givenApp(), stackId), {}, id);
    expect(deploymentName.length).toBeLessThanOrEqual(60);
    expect(deploymentName).toMatch(PATTERN);
  });

  test('stays the same whatever else changes, so that an execution finds its deployment again', () => {
    const name = (props: Partial<BlueGreenPipelineProps>) => givenPipeline(givenStack(), props).deploymentName;
    expect(name({ source: BlueGreenSource.clusterIdentifier('other'), workers: 7 })).toBe(name({}));
    expect(name({})).toBe('Stack-Pipeline-013D2286');
  });

  test('is taken to the letter', () => {
    expect(settingsOf(templateOf({ deploymentName: 'a' })).deploymentName).toBe('a');
    expect(settingsOf(templateOf({ deploymentName: `a${'1'.repeat(59)}` })).deploymentName).toHaveLength(60);
  });

  test.each([
    ['', 'empty'], ['1a', 'a digit first'], ['a-', 'a hyphen at the end'], ['a--b', 'two hyphens'], ['a_b', 'an underscore'], ['a'.repeat(61), 'too long'],
    [`${'a'.repeat(59)}_`, 'a wrong character behind many others'],
  ])('fails for %s (%s)', (deploymentName) => {
    expect(() => givenPipeline(givenStack(), { deploymentName }))
      .toThrow(`'deploymentName' should have 1 to 60 letters, digits and single hyphens, starting with a letter, got '${deploymentName}'`);
  });
});

describe('limits', () => {
  const YEAR = 365 * 86_400;

  test.each([
    ['switchoverTimeout', 30, 3600],
    ['binlogRetention', 3600, 90 * 86_400],
    ['greenPatience', 60, YEAR],
    ['migrationPatience', 60, YEAR],
    ['replicationPatience', 60, YEAR],
    ['comparisonPatience', 60, YEAR],
    ['readinessPatience', 0, YEAR],
    ['verificationPatience', 60, YEAR],
    ['lagHold', 0, YEAR],
    ['endpointWatch', 0, 60],
  ] as const)('%s is %d to %d seconds', (property, least, most) => {
    const stack = givenStack();
    const pipeline = (seconds: Duration) => () => givenPipeline(stack, { [property]: seconds }, `${seconds.toMilliseconds()}`);
    const refusal = (got: string) => `'${property}' should be ${least} to ${most} whole seconds, got '${got}'`;

    expect(pipeline(Duration.seconds(least))).not.toThrow();
    expect(pipeline(Duration.seconds(most))).not.toThrow();
    expect(pipeline(Duration.seconds(most + 1))).toThrow(refusal(`${most + 1}`));
    if (least > 0) expect(pipeline(Duration.seconds(least - 1))).toThrow(refusal(`${least - 1}`));
    expect(pipeline(Duration.millis(least * 1000 + 500))).toThrow(refusal(`${least}.5`));
  });

  test('fails for a duration that is known only at deployment, because its bounds cannot be checked', () => {
    expect(() => givenPipeline(givenStack(), { lagHold: Duration.seconds(Token.asNumber({ Ref: 'Hold' })) }))
      .toThrow(`'lagHold' should be known at synthesis, got a token: its bounds (0 to ${YEAR} seconds) have to be checked`);
  });

  test.each([0, 33, 1.5, -1, Number.NaN])('fails for %d workers', (workers) => {
    expect(() => givenPipeline(givenStack(), { workers })).toThrow(`'workers' should be a whole number from 1 to 32, got '${workers}'`);
  });

  test.each([0, 11, 1.5])('fails for %d attempts at a switchover', (switchoverAttempts) => {
    expect(() => givenPipeline(givenStack(), { switchoverAttempts })).toThrow(`'switchoverAttempts' should be a whole number from 1 to 10, got '${switchoverAttempts}'`);
  });

  test('fails for a number of workers that is known only at deployment', () => {
    expect(() => givenPipeline(givenStack(), { workers: Token.asNumber({ Ref: 'Workers' }) })).toThrow(/^'workers' should be known at synthesis, got a token: write a number/);
  });

  test('fails for an acknowledged check that does not exist, and names the nearest', () => {
    const acknowledging = (...acknowledge: string[]) => () => givenPipeline(givenStack(), { acknowledge });
    expect(acknowledging('primary-keys', 'something-to-do')).not.toThrow();
    expect(acknowledging('name-lenght')).toThrow(`'acknowledge' should hold ids of checks, got 'name-lenght': did you mean 'name-length'`);
    expect(acknowledging('keys')).toThrow(/got 'keys': did you mean 'primary-keys'/);
    expect(acknowledging('xyz')).toThrow(`got 'xyz': docs/checks.md lists them`);
  });

  test('fails for an acknowledged check that only finds what is not safe', () => {
    expect(() => givenPipeline(givenStack(), { acknowledge: ['managed-password'] })).toThrow(/^'acknowledge' should hold ids of checks whose findings can be acknowledged, got 'managed-password': .*so mend what it finds$/);
  });

  test('fails for more settings than the environment of a function holds', () => {
    const stack = givenStack();
    const targetClusterParameterGroup = new GreenClusterParameterGroup(stack, 'Group', { engineVersion: VERSION_3 });
    const databases = Array.from({ length: 60 }, (_, index) => `${index}`.padStart(60, 'd'));
    expect(() => givenPipeline(stack, { targetClusterParameterGroup, migration: Migration.convertCharacterSet({ databases }) }))
      .toThrow(/^'databases' and 'collations' should fit into the environment of a function, together with the other settings 3500 bytes, got \d{4}: name fewer of them$/);
  });
});

describe('target', () => {
  test('needs no parameter group: the pipeline makes one, and may change none but its own', () => {
    const template = templateOf({ migration: CONVERSION, deploymentName: 'Shop-utf8mb4' });
    const changing = TASK_NAMES.flatMap((task) => statementsOf(template, task)).filter(({ Action }) => Action.includes('rds:ModifyDBClusterParameterGroup'));

    expect(changing.map(({ Sid }) => Sid)).toEqual(['MakeGreensParameterGroup', 'RestoreGreensParameterGroup']);
    for (const { Resource } of changing) expect(JSON.stringify(Resource)).toContain(':cluster-pg:cdk-rds-blue-green-shop-utf8mb4-*"');
  });

  test('may be a group that nothing else uses; it is created', () => {
    const stack = givenStack();
    const engine = rds.DatabaseClusterEngine.auroraMysql({ version: VERSION_3 });
    givenPipeline(stack, { targetClusterParameterGroup: new rds.ParameterGroup(stack, 'Group', { engine, parameters: { binlog_format: 'ROW' } }) });

    Template.fromStack(stack).hasResourceProperties('AWS::RDS::DBClusterParameterGroup', { Family: 'aurora-mysql8.0', Parameters: { binlog_format: 'ROW' } });
  });

  test('limits what may be restored to its own group', () => {
    const stack = givenStack();
    givenPipeline(stack, { targetClusterParameterGroup: rds.ParameterGroup.fromParameterGroupName(stack, 'Group', 'Green') });
    const template = Template.fromStack(stack);
    const changing = TASK_NAMES.flatMap((task) => statementsOf(template, task)).filter(({ Action }) => Action.includes('rds:ModifyDBClusterParameterGroup'));

    expect(changing.map(({ Sid }) => Sid)).toEqual(['RestoreGreensParameterGroup']);
    expect(JSON.stringify(changing[0]?.Resource)).toContain(':cluster-pg:green"');
  });

  test('fails for a version whose family is not its own', () => {
    expect(() => givenPipeline(givenStack(), { targetEngineVersion: rds.AuroraMysqlEngineVersion.of('8.4.mysql_aurora.8.4.8') }))
      .toThrow(`'targetEngineVersion' should be of family '8.4', got '8.4.mysql_aurora.8.4.8' of family '5.7': write AuroraMysqlEngineVersion.of('8.4.mysql_aurora.8.4.8', '8.4')`);
  });

  test('fails for a version before 8.0', () => {
    expect(() => givenPipeline(givenStack(), { targetEngineVersion: rds.AuroraMysqlEngineVersion.VER_2_11_1 }))
      .toThrow(/^'targetEngineVersion' should be 8.0 or newer, got '5.7.mysql_aurora.2.11.1' of family '5.7': before 8.0/);
  });

  test('fails for a version known only at deployment whose family nobody gave', () => {
    expect(() => givenPipeline(givenStack(), { targetEngineVersion: rds.AuroraMysqlEngineVersion.of(Token.asString({ Ref: 'Version' })) }))
      .toThrow(/^'targetEngineVersion' should be 8.0 or newer, got a token of family '5.7'/);
  });

  test('fails for a group of another family', () => {
    const stack = givenStack();
    const targetClusterParameterGroup = new GreenClusterParameterGroup(stack, 'Group', { engineVersion: VERSION_3 });
    expect(() => givenPipeline(stack, { targetClusterParameterGroup, targetEngineVersion: VERSION_8_4 }))
      .toThrow(`'targetClusterParameterGroup' should be of the family of 'targetEngineVersion' ('8.4'), got '8.0'`);
  });
});

describe('approval', () => {
  const withApproval = (approval: Partial<ApprovalProps> = {}, key = false) => {
    const stack = givenStack();
    const topic = new sns.Topic(stack, 'Approvers', key ? { masterKey: new kms.Key(stack, 'Key') } : {});
    const pipeline = givenPipeline(stack, { approval: { topic, ...approval } });
    return { stack, pipeline };
  };
  const machineActions = (stack: Stack) => {
    const roles = [...statementsByRole(Template.fromStack(stack))].filter(([id]) => id.includes('StateMachine'));
    return actionsOf(roles.flatMap(([, statements]) => statements));
  };

  test('lets the state machine publish to the topic, with the key of the topic where it has one', () => {
    expect(machineActions(withApproval().stack)).toContain('sns:Publish');
    expect(machineActions(withApproval().stack)).not.toContain('kms:GenerateDataKey');
    expect(machineActions(withApproval({}, true).stack)).toContain('kms:GenerateDataKey');
  });

  test('may be given by those who are granted it, and they may do nothing else', () => {
    const { stack, pipeline } = withApproval();
    const role = new iam.Role(stack, 'DutyEngineer', { assumedBy: new iam.AccountRootPrincipal() });
    pipeline.grants.approve(role);
    const [, statements] = [...statementsByRole(Template.fromStack(stack))].find(([id]) => id.startsWith('DutyEngineer')) ?? [];
    expect(actionsOf(statements ?? [])).toEqual(['states:SendTaskSuccess', 'states:SendTaskFailure']);
  });

  test.each([
    ['approval.patience', { patience: Duration.seconds(59) }],
    ['approval.validity', { validity: Duration.seconds(1) }],
  ])('fails where %s is out of bounds', (property, approval) => {
    expect(() => withApproval(approval)).toThrow(`'${property}' should be 60 to`);
  });
});

describe('notifications', () => {
  const withNotifications = (given: (stack: Stack) => NotificationProps, properties: (stack: Stack) => Partial<BlueGreenPipelineProps> = () => ({})) => {
    const stack = givenStack();
    givenPipeline(stack, { notifications: given(stack), ...properties(stack) });
    const roles = statementsByRole(Template.fromStack(stack));
    const of = (part: RegExp) => [...roles].filter(([id]) => part.test(id)).flatMap(([, statements]) => statements);
    return { machine: of(/^PipelineStateMachine/), aftermath: of(/^PipelineAftermathRole/) };
  };
  const messages = (statements: readonly Statement[]) => statements.filter((statement) => actionsOf([statement]).some((action) => /^(sns|kms|events:PutEvents)/.test(action)));

  test('let both state machines publish to the topic and put events on the bus, and no other', () => {
    const both = withNotifications((stack) => ({ topic: new sns.Topic(stack, 'Listeners'), eventBus: new events.EventBus(stack, 'Bus') }));
    for (const statements of [both.machine, both.aftermath]) {
      expect(messages(statements)).toHaveLength(2);
      expect(messages(statements)).toEqual(expect.arrayContaining([
        expect.objectContaining({ Action: 'sns:Publish', Resource: { Ref: expect.stringMatching(/^Listeners/) as string } }),
        expect.objectContaining({ Action: 'events:PutEvents', Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Bus/), 'Arn'] } }),
      ]));
    }
  });

  test('use the key of a topic through SNS only, and in one statement with that of the approval', () => {
    const { machine, aftermath } = withNotifications(
      (stack) => ({ topic: new sns.Topic(stack, 'Listeners', { masterKey: new kms.Key(stack, 'Key') }) }),
      (stack) => ({ approval: { topic: new sns.Topic(stack, 'Approvers', { masterKey: new kms.Key(stack, 'OtherKey') }) } }),
    );
    const encrypting = (statements: readonly Statement[]) => statements.filter((statement) => actionsOf([statement]).includes('kms:Decrypt'));
    expect(encrypting(machine)).toHaveLength(1);
    expect(encrypting(machine)[0]?.Resource).toHaveLength(2);
    expect(encrypting(aftermath)).toMatchObject([{
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: { StringEquals: { 'kms:ViaService': expect.anything() as unknown } },
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] },
    }]);
  });

  test('need a listener', () => {
    expect(() => withNotifications(() => ({}))).toThrow(`'notifications' should have a 'topic' or an 'eventBus', got neither`);
  });
});

test('what deletes may never delete or change the cluster with production\'s name', () => {
  const stack = givenStack();
  givenPipeline(stack);
  const denied = statementsOf(Template.fromStack(stack), 'delete-green').filter(({ Effect }) => Effect === 'Deny');
  expect(denied).toMatchObject([{ Action: ['rds:DeleteDBCluster', 'rds:ModifyDBCluster'], Resource: { 'Fn::Join': ['', expect.arrayContaining([':cluster:shop'])] } }]);
});
