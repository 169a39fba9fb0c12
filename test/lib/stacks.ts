import 'aws-cdk-lib/testhelpers/jest-autoclean';
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import { type Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { BlueGreenPipeline, type BlueGreenPipelineProps, BlueGreenSource, DatabaseAccess, type DatabaseNetworkProps, Migration } from '../../lib';
import { type PipelineSettings } from '../../lib/private/contract';
import { TASKS, type TaskName } from '../../lib/private/functions';

// CDK itself asks its instances for properties that are deprecated, and would say so at every synthesis.
process.env.JSII_DEPRECATED = 'quiet';

/** A version of Aurora MySQL 3. */
export const VERSION_3 = rds.AuroraMysqlEngineVersion.of('8.0.mysql_aurora.3.10.1', '8.0');

/** A version of Aurora MySQL 8.4. */
export const VERSION_8_4 = rds.AuroraMysqlEngineVersion.of('8.4.mysql_aurora.8.4.8', '8.4');

/** Tasks that are there only where a property asks for them. */
const OPTIONAL: readonly TaskName[] = [
  'gather-evidence', 'judge-approval', 'judge-failure', 'prepare-hook', 'wait-to-retire', 'start-old-blue', 'gather-retirement-evidence', 'protect-old-blue',
  'take-final-snapshot', 'delete-deployment', 'look-at-old-blue', 'delete-old-blue',
];

/** The names of all tasks. */
export const ALL_TASK_NAMES = Object.keys(TASKS) as TaskName[];

/** The names of the tasks of every pipeline. */
export const TASK_NAMES = ALL_TASK_NAMES.filter((name) => !OPTIONAL.includes(name));

/** An app that is synthesized without copying the bundles. */
export function givenApp(context: Record<string, unknown> = {}): App {
  return new App({ analyticsReporting: false, context: { 'aws:cdk:disable-asset-staging': true, ...context } });
}

/** A stack in an app of its own. */
export function givenStack(id = 'Stack', props?: StackProps): Stack {
  return new Stack(givenApp(), id, props);
}

/** The network of the database, which no stack of the app owns. */
export function givenVpc(stack: Stack): ec2.IVpc {
  return stack.node.tryFindChild('Vpc') as ec2.IVpc | undefined ?? ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'], privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
  });
}

/** Login as one user by IAM. */
export function givenAccess(stack: Stack, props: Partial<DatabaseNetworkProps> = {}): DatabaseAccess {
  return DatabaseAccess.iam({ vpc: givenVpc(stack), user: 'pipeline', ...props });
}

/** A pipeline with the fewest properties, and whatever else is given. */
export function givenPipeline(stack: Stack, props: Partial<BlueGreenPipelineProps> = {}, id = 'Pipeline'): BlueGreenPipeline {
  return new BlueGreenPipeline(stack, id, {
    source: BlueGreenSource.clusterIdentifier('shop'), database: givenAccess(stack), migration: Migration.none(), ...props,
  });
}

/** An Aurora MySQL cluster whose stack is this one. */
export function givenCluster(stack: Stack, props: Partial<rds.DatabaseClusterProps> = {}): rds.DatabaseCluster {
  return new rds.DatabaseCluster(stack, 'Database', {
    engine: rds.DatabaseClusterEngine.auroraMysql({ version: VERSION_3 }),
    credentials: rds.Credentials.fromGeneratedSecret('admin'),
    writer: rds.ClusterInstance.serverlessV2('Writer'),
    vpc: givenVpc(stack),
    ...props,
  });
}

/** What a template says of a function. */
export interface FunctionProperties {
  readonly Description: string;
  readonly Runtime: string;
  readonly Timeout: number;
  readonly Role: { readonly 'Fn::GetAtt': readonly [string, string] };
  readonly Environment: { readonly Variables: Record<string, unknown> };
  readonly VpcConfig?: { readonly SubnetIds: unknown[]; readonly SecurityGroupIds: unknown[] };
  readonly LoggingConfig: unknown;
}

/** The functions of a template's only pipeline, by the names of their tasks. */
export function functionsOf(template: Template): Record<TaskName, FunctionProperties> {
  const functions = Object.values(template.findResources('AWS::Lambda::Function')).map(({ Properties }) => Properties as FunctionProperties);
  return Object.fromEntries(ALL_TASK_NAMES.flatMap((task) => {
    const found = functions.filter(({ Description }) => JSON.stringify(Description).includes(`cdk-rds-blue-green: ${task.replaceAll('-', ' ')} of `));
    if (found.length === 0 && OPTIONAL.includes(task)) return [];
    if (found.length !== 1) throw new Error(`there should be one function for '${task}', got ${found.length}`);
    return [[task, found[0]]];
  })) as Record<TaskName, FunctionProperties>;
}

/** What the functions are told, where it holds no tokens. */
export function settingsOf(template: Template): PipelineSettings {
  return JSON.parse(String(functionsOf(template)['read-input'].Environment.Variables.PIPELINE_SETTINGS)) as PipelineSettings;
}

/** A statement of a policy. */
export interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** Everything each role of a template may do, by its logical id. */
export function statementsByRole(template: Template): Map<string, Statement[]> {
  interface Policy { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }
  // what is too long for a role's own policy, CDK puts into managed ones.
  const resources = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) => Object.values(template.findResources(type)));
  const policies = resources.map(({ Properties }) => Properties as Policy & { Roles: { Ref: string }[] });
  return new Map(Object.entries(template.findResources('AWS::IAM::Role')).map(([id, { Properties }]) => {
    const inline = (Properties as { Policies?: Policy[] }).Policies ?? [];
    const attached = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === id));
    return [id, [...inline, ...attached].flatMap(({ PolicyDocument }) => PolicyDocument.Statement)];
  }));
}

/** Everything the role of a task may do. */
export function statementsOf(template: Template, task: TaskName): Statement[] {
  const [role] = functionsOf(template)[task].Role['Fn::GetAtt'];
  return statementsByRole(template).get(role) ?? [];
}

/** The actions of statements. */
export function actionsOf(statements: readonly Statement[]): string[] {
  return statements.flatMap(({ Action }) => Action);
}
