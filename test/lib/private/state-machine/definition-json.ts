import { App, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import { type Construct } from 'constructs';
import { Utf8mb4Stack } from '../../../../examples/utf8mb4/utf8mb4-stack';
import { type BlueGreenPipelineProps, PipelineHook, RetireBlue } from '../../../../lib';
import { type TaskName, TASKS } from '../../../../lib/private/functions';
import { loadStack } from '../../../../rehearsal/cloudformation/template';
import { type StateTaskName } from './task-results';

/** A state as it stands in a definition. */
export interface StateJson {
  readonly Type: 'Task' | 'Pass' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel';
  readonly Next?: string;
  readonly End?: boolean;
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly Parameters?: unknown;
  readonly Result?: unknown;
  readonly ResultSelector?: unknown;
  readonly ResultPath?: string | null;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly RetryJson[];
  readonly Catch?: readonly CatchJson[];
  readonly Choices?: readonly (ConditionJson & { readonly Next: string })[];
  readonly Default?: string;
  readonly SecondsPath?: string;
  readonly Branches?: readonly ScopeJson[];
}

/** One element of `Retry`. */
export interface RetryJson {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
}

/** One element of `Catch`. */
export interface CatchJson {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly ResultPath?: string | null;
}

/** A condition of a Choice; a single test, or `And` with several. */
export interface ConditionJson {
  readonly And?: readonly ConditionJson[];
  readonly Variable?: string;
  readonly [operator: string]: unknown;
}

/** The machine, or a branch of it. */
export interface ScopeJson {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateJson>>;
}

/** The synthesized definition of `examples/utf8mb4`, with every token resolved. */
export interface SynthesizedDefinition {
  readonly json: ScopeJson;
  /** The small machine that tidies up. */
  readonly aftermath: ScopeJson;
  /** The task behind a resource. */
  readonly taskOf: (resource: string | undefined) => StateTaskName;
}

/** A function of the user. */
const HOOK = 'arn:aws:lambda:eu-central-1:111122223333:function:hook';

/** Everything a pipeline may have. */
export function everything(scope: Construct): Partial<BlueGreenPipelineProps> {
  const hook = PipelineHook.invoke(lambda.Function.fromFunctionArn(scope, 'Hook', HOOK));
  return {
    approval: { topic: sns.Topic.fromTopicArn(scope, 'Approvers', 'arn:aws:sns:eu-central-1:111122223333:approvers') },
    notifications: {
      topic: sns.Topic.fromTopicArn(scope, 'Listeners', 'arn:aws:sns:eu-central-1:111122223333:listeners'),
      eventBus: events.EventBus.fromEventBusName(scope, 'Bus', 'operations'),
    },
    retireBlue: RetireBlue.afterApproval(),
    hooks: { beforeMigration: hook, beforeSwitchover: hook, afterSwitchover: hook, onFailure: hook },
  };
}

/** Synthesizes the example, with other properties where they are given, and takes the definition out of its template. */
export function synthesizeDefinition(properties?: (scope: Construct) => Partial<BlueGreenPipelineProps>): SynthesizedDefinition {
  const app = new App({ analyticsReporting: false, context: { 'aws:cdk:disable-asset-staging': true } });
  new Utf8mb4Stack(app, 'Utf8mb4', { pipeline: properties?.(new Stack(app, 'Elsewhere', { env: { account: '111122223333', region: 'eu-central-1' } })) });
  const stack = loadStack(app.synth().directory, 'Utf8mb4', { account: '111122223333', region: 'eu-central-1' });
  const [machine, aftermath] = stack.stateMachines;
  if (machine === undefined || aftermath === undefined) throw new Error('the example should have two state machines');
  const functions = stack.resources('AWS::Lambda::Function');
  return {
    json: machine.definition as unknown as ScopeJson,
    aftermath: aftermath.definition as unknown as ScopeJson,
    taskOf: (resource) => {
      const found = functions.find(({ ref }) => resource?.endsWith(`:${ref}`));
      const task = (Object.keys(TASKS) as TaskName[]).find((name) => String(found?.properties.Description).startsWith(`cdk-rds-blue-green: ${name.replaceAll('-', ' ')} of `));
      if (task === undefined || task === 'monitor') throw new Error(`there should be a task behind '${resource}'`);
      return task;
    },
  };
}

/** Whether a state is a call of an AWS service, and not of a function. */
export function callsService({ Resource }: StateJson): boolean {
  return /^arn:[^:]+:states:::/.test(Resource ?? '');
}

/** Whether a state calls a function of the user. */
export function callsHook({ Resource }: Pick<StateJson, 'Resource'>): boolean {
  return Resource === HOOK;
}

/** A state with its name and the scope it is in. */
export interface NamedState {
  readonly name: string;
  readonly state: StateJson;
  /** The Parallel whose branch it is in; undefined in the machine itself. */
  readonly parallel?: string;
}

/** Every state, those in branches included. */
export function statesOf(scope: ScopeJson, parallel?: string): NamedState[] {
  return Object.entries(scope.States).flatMap(([name, state]) => [
    { name, state, parallel },
    ...(state.Branches ?? []).flatMap((branch) => statesOf(branch, name)),
  ]);
}

/** Whether a state is done by a function, and not by another service. */
export function isFunction({ state: { Type: type, Resource: resource = '' } }: NamedState): boolean {
  return type === 'Task' && resource.includes(':lambda:');
}

/** The single tests of a condition, in the order in which they are made. */
export function testsOf(condition: ConditionJson): ConditionJson[] {
  return condition.And === undefined ? [condition] : condition.And.flatMap(testsOf);
}
