import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { type FailurePath } from './failure';
import { StateName } from './names';
import { pollLoop } from './poll-loop';
import { type TaskStates } from './task-states';

/** Input `{ "action": "abandon" }`, as it stands in the state. */
export const IS_ABANDONED = sfn.Condition.stringEquals('$.options.action', 'abandon');

/** The entries of the phase that gives Green up. */
export interface AbandonPhase {
  readonly restore: sfn.IChainable;
  /** Where the deployment is gone already: an execution may have been cut off before the rest was. */
  readonly remove: sfn.IChainable;
}

/**
 * Gives Green up: puts back what was changed on Blue, as long as the deployment's tags remember it, then deletes the deployment together with Green.
 */
export function abandonPhase(scope: Construct, states: TaskStates, failure: FailurePath, next: { readonly then: sfn.IChainable }): AbandonPhase {
  const phase = givingUp(scope, states, { restore: StateName.RESTORE_BLUE, remove: StateName.DELETE_GREEN }, next.then);
  failure.catches(phase.restore, phase.remove);
  return phase;
}

/** The two states that give Green up; what catches is the caller's. */
export function givingUp(
  scope: Construct,
  states: TaskStates,
  names: { readonly restore: string; readonly remove: string },
  then: sfn.IChainable,
): { readonly restore: sfn.TaskStateBase; readonly remove: sfn.TaskStateBase } {
  const restore = states.task(names.restore, 'restore-blue', { comment: 'Binlog retention; before the tags that remember it are deleted', resultPath: '$.blueRestored' });
  const remove = states.task(names.remove, 'delete-green', { comment: 'The deployment with Green, told apart by resource ids; waits until both are gone', resultPath: '$.abandon' });
  restore.next(remove);
  pollLoop(scope, names.remove, { look: remove, slice: '$.abandon', then });
  return { restore, remove };
}
