import fs from 'node:fs';
import path from 'node:path';
import { App, Aspects, type Stack, type StackProps } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type Construct } from 'constructs';
import { NewClusterStack } from '../../examples/new-cluster/new-cluster-stack';
import { SqlFilesStack } from '../../examples/sql-files/sql-files-stack';
import { Utf8mb4Stack } from '../../examples/utf8mb4/utf8mb4-stack';
import { TASKS, type TaskName } from '../../lib/private/functions';
import { actionsOf, functionsOf, givenApp, statementsByRole, statementsOf, TASK_NAMES } from '../lib/stacks';

type ExampleStack = new (scope: Construct, id: string, props?: StackProps) => Stack;

const EXAMPLES: readonly (readonly [string, ExampleStack])[] = [['utf8mb4', Utf8mb4Stack], ['new-cluster', NewClusterStack], ['sql-files', SqlFilesStack]];
const ENVIRONMENT = { account: '111122223333', region: 'eu-central-1' };

/** The context with which `npx cdk synth` runs an example. */
function contextOf(example: string): Record<string, unknown> {
  const file = path.join(__dirname, '..', '..', 'examples', example, 'cdk.json');
  return (JSON.parse(fs.readFileSync(file, 'utf8')) as { context: Record<string, unknown> }).context;
}

test('every folder of examples/ is tested here', () => {
  const folders = fs.readdirSync(path.join(__dirname, '..', '..', 'examples'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(EXAMPLES.map(([name]) => name).sort());
});

describe.each(EXAMPLES)('%s', (name, Example) => {
  test.each([['any account and Region', undefined], ['one account and Region', ENVIRONMENT]])('synthesizes for %s, with nothing to warn of', (_, env) => {
    const app = new App({ analyticsReporting: false, context: contextOf(name) });
    const stack = new Example(app, 'Example', { env });
    const assembly = app.synth();

    expect(assembly.getStackByName('Example').messages).toEqual([]);
    expect(fs.existsSync(path.join(assembly.directory, 'Example.template.json'))).toBe(true);
    expect(Annotations.fromStack(stack).findWarning('*', Match.anyValue())).toEqual([]);
  });

  test.each([['without feature flags', {}], ['as its cdk.json says', contextOf(name)]])('allows no more than it has to, %s', (_, context) => {
    const template = Template.fromStack(new Example(givenApp(context), 'Example'));

    const actions = actionsOf([...statementsByRole(template).values()].flat());
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(withEveryResource(template)).toEqual([...EVERY_RESOURCE].sort());
  });

  test('has no finding of cdk-nag that nobody has given a reason for', () => {
    const app = new App({ analyticsReporting: false, context: contextOf(name) });
    const stack = new Example(app, 'Example');
    Aspects.of(app).add(new AwsSolutionsChecks());
    const annotations = Annotations.fromStack(stack);
    const found = [...annotations.findError('*', Match.anyValue()), ...annotations.findWarning('*', Match.anyValue())];
    const open = found.map(({ id, entry }) => `${/^AwsSolutions-\w+(?:\[.*?\])?(?=:)/.exec(String(entry.data))?.[0] ?? String(entry.data)} ${id}`);
    expect(open.filter((finding) => !Object.keys(ACCEPTED).some((rule) => finding.startsWith(`AwsSolutions-${rule} `)))).toEqual([]);
  });

  describe('task', () => {
    const template = Template.fromStack(new Example(givenApp(contextOf(name)), 'Example'));
    const may = (task: TaskName) => actionsOf(statementsOf(template, task));

    test.each(inZone('rds'))('%s may call RDS, and neither read a secret, log in nor enter a VPC', (task) => {
      expect(servicesOf(may(task))).toEqual(['logs', 'rds']);
    });

    test.each(inZone('mysql'))('%s may log in from inside the VPC, and not call RDS', (task) => {
      expect(servicesOf(may(task))).toEqual(['ec2', 'logs', 'secretsmanager']);
    });

    test.each(inZone('none'))('%s may write its log, and nothing else', (task) => {
      expect(servicesOf(may(task))).toEqual(['logs']);
    });

    test.each(TASK_NAMES)('%s may write the log of the pipeline only', (task) => {
      const [logGroup] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
      const logging = statementsOf(template, task).filter(({ Action }) => JSON.stringify(Action).includes('logs:'));
      expect(logging.map(({ Resource }) => Resource)).toEqual([{ 'Fn::GetAtt': [logGroup, 'Arn'] }]);
    });
  });
});

/** What cdk-nag says of the network and the cluster of `new-cluster`, which are there to be replaced by the reader's. */
const ACCEPTED = {
  VPC7: 'flow logs are a decision of the account, and cost money',
  RDS11: 'another port hides nothing from who is in the VPC, and every client would have to know it',
  RDS14: 'AWS does not support backtracking together with binlog replication, which a Blue/Green deployment is made of',
  SMG4: 'a password must not change while an execution runs; rotate it in between',
};

/**
 * Everything that is allowed on every resource, with the reason. A line more needs one, too.
 * - AttachToVpc: the network interfaces do not exist yet
 * - ReadEngineVersions: versions are nobody's resources
 * - ReadEvents: RDS does not say in which resource it reports a switchover
 * - the state machine: log delivery and tracing know no resources (CDK's own statements, which have no Sid)
 */
const EVERY_RESOURCE = [
  ...inZone('mysql').map((task) => `${task} AttachToVpc`),
  'check-rds ReadEngineVersions',
  'check-rds ReadQuotas',
  'wait-for-switchover ReadEvents',
  'report ReadEvents',
  ...[
    'logs:CreateLogDelivery', 'logs:DeleteLogDelivery', 'logs:DescribeLogGroups', 'logs:DescribeResourcePolicies', 'logs:GetLogDelivery',
    'logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:UpdateLogDelivery', 'xray:GetSamplingRules', 'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords', 'xray:PutTraceSegments',
  ].map((action) => `state machine ${action}`),
];

/** Who may do something on every resource: the Sid of the statement, or its actions where it has none. */
function withEveryResource(template: Template): string[] {
  const functions = functionsOf(template);
  const ownerOf = (role: string) => TASK_NAMES.find((task) => functions[task].Role['Fn::GetAtt'][0] === role) ?? 'state machine';
  // what tidies up afterwards is a state machine, too.
  return [...new Set([...statementsByRole(template)].flatMap(([role, statements]) => statements
    .filter(({ Resource }) => [Resource].flat().includes('*'))
    .flatMap(({ Sid, Action }) => (Sid === undefined ? [Action].flat() : [Sid]).map((what) => `${ownerOf(role)} ${what}`))))]
    .sort();
}

function inZone(zone: string): TaskName[] {
  return TASK_NAMES.filter((task) => TASKS[task].zone === zone);
}

function servicesOf(actions: readonly string[]): string[] {
  return [...new Set(actions.map((action) => action.split(':')[0] ?? ''))].sort();
}
