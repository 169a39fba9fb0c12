import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { type PipelineHook, type PipelineHooks } from '../../hooks';
import { ErrorName, type HookName } from '../contract';
import { type FailurePath } from './failure';
import { AftermathStateName, StateName } from './names';
import { type TaskStates } from './task-states';

/** Where the user's own states stand. Where there is no hook there is no state, and each goes on as if it had not been asked. */
export interface HookStates {
  beforeMigration(then: sfn.IChainable): sfn.IChainable;
  /** `again` is looked at once more after the hook; it comes back here, and then goes on. */
  beforeSwitchover(next: { readonly then: sfn.IChainable; readonly again: sfn.IChainable }): sfn.IChainable;
  afterSwitchover(then: sfn.IChainable): sfn.IChainable;
}

/** Each hook runs in a Parallel of one branch, so that any failure of its states is one failure, and nothing they leave gets into the state. */
export function hookStates(scope: Construct, states: TaskStates, failure: FailurePath, hooks: PipelineHooks = {}): HookStates {
  const { beforeMigration, beforeSwitchover, afterSwitchover } = hooks;
  return {
    beforeMigration: (then) => {
      if (beforeMigration === undefined) return then;
      const { entry, run } = hookState(scope, states, failure, { id: StateName.BEFORE_MIGRATION, name: 'beforeMigration', hook: beforeMigration });
      run.addCatch(endsExecution(scope, StateName.BEFORE_MIGRATION, 'beforeMigration', failure), { resultPath: '$.failure' });
      run.next(then);
      return entry;
    },
    beforeSwitchover: ({ then, again }) => {
      if (beforeSwitchover === undefined) return then;
      const { entry, run } = hookState(scope, states, failure, { id: StateName.BEFORE_SWITCHOVER, name: 'beforeSwitchover', hook: beforeSwitchover });
      run.addCatch(endsExecution(scope, StateName.BEFORE_SWITCHOVER, 'beforeSwitchover', failure), { resultPath: '$.failure' });
      const remember = new sfn.Pass(scope, `${StateName.BEFORE_SWITCHOVER}: Remembered`, {
        comment: 'Another attempt at the switchover runs it again', inputPath: '$.attempts.made', resultPath: '$.hooks.beforeSwitchover',
      });
      run.next(remember).next(again);
      return new sfn.Choice(scope, StateName.BEFORE_SWITCHOVER_RAN, { comment: 'Once for each attempt; then everything is looked at once more' })
        .when(sfn.Condition.and(
          sfn.Condition.isNumeric('$.hooks.beforeSwitchover'), sfn.Condition.numberEqualsJsonPath('$.hooks.beforeSwitchover', '$.attempts.made'),
        ), then)
        .otherwise(entry);
    },
    afterSwitchover: (then) => {
      if (afterSwitchover === undefined) return then;
      const { entry, run } = hookState(scope, states, failure, { id: StateName.AFTER_SWITCHOVER, name: 'afterSwitchover', hook: afterSwitchover });
      // nothing can be undone any more: the report says it.
      run.addCatch(then, { resultPath: '$.hooks.afterSwitchover' });
      run.next(then);
      return entry;
    },
  };
}

/** What the hook of failures is told of the pipeline. */
export interface PipelineNames {
  readonly pipeline: string;
  readonly cluster: string;
  readonly deployment: string;
}

/**
 * The hook of executions that have ended; what it is given comes from the event of Step Functions. A failure of it ends the small machine, where it can
 * be redriven.
 */
export function onFailureState(scope: Construct, hook: PipelineHook, names: PipelineNames): sfn.Parallel {
  return new sfn.Parallel(scope, AftermathStateName.ON_FAILURE, {
    comment: 'The hook onFailure',
    parameters: { hook: 'onFailure', ...names, execution: sfn.JsonPath.stringAt('$.detail.executionArn'), ended: sfn.JsonPath.objectAt('$.detail') },
    resultPath: sfn.JsonPath.DISCARD,
  }).branch(branchOf(scope, { id: AftermathStateName.ON_FAILURE, name: 'onFailure', hook, taken: Object.values(AftermathStateName) }));
}

interface Hook {
  /** The state's name. */
  readonly id: string;
  readonly name: HookName;
  readonly hook: PipelineHook;
}

/** Makes what the hook is given, and runs it. */
function hookState(scope: Construct, states: TaskStates, failure: FailurePath, props: Hook): { entry: sfn.IChainable; run: sfn.Parallel } {
  const prepare = states.task(`${props.id}: Prepare`, 'prepare-hook', { comment: 'What the hook is given', resultPath: '$.hooks.event', payload: { hook: props.name } });
  const run = new sfn.Parallel(scope, props.id, { comment: `The hook ${props.name}`, inputPath: '$.hooks.event', resultPath: sfn.JsonPath.DISCARD });
  run.branch(branchOf(scope, { ...props, taken: Object.values(StateName) }));
  failure.catches(prepare);
  prepare.next(run);
  return { entry: prepare, run };
}

/** The failure under the pipeline's own name; what the hook has thrown is kept for the message. */
function endsExecution(scope: Construct, id: string, name: HookName, failure: FailurePath): sfn.IChainable {
  return new sfn.Pass(scope, `${id}: Failed`, {
    parameters: { Error: ErrorName.HOOK_FAILED, hook: name, thrown: sfn.JsonPath.objectAt('$.failure') }, resultPath: '$.failure',
  }).next(failure.entry);
}

function branchOf(scope: Construct, { id, name, hook, taken }: Hook & { readonly taken: readonly string[] }): sfn.IChainable {
  const chain = hook._chain(scope, id);
  for (const { stateId } of sfn.State.findReachableStates(chain.startState, { includeErrorHandlers: true })) {
    // the pipeline's own have suffixes, such as 'Run Migration: Wait'.
    if (stateId !== `${id}: Function` && taken.includes(stateId.replace(/: .*$/, ''))) {
      throw new Error(`'hooks.${name}' should have states with names of their own, got '${stateId}', which the pipeline has, too: give yours another name (or a 'stateName')`);
    }
  }
  return chain;
}
