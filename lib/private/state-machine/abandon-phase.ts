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
  const restore = states.task(StateName.RESTORE_BLUE, 'restore-blue', { comment: 'Binlog retention; before the tags that remember it are deleted', resultPath: '$.blueRestored' });
  const remove = states.task(StateName.DELETE_GREEN, 'delete-green', { comment: 'The deployment with Green, told apart by resource ids; waits until both are gone', resultPath: '$.abandon' });
  failure.catches(restore, remove);
  restore.next(remove);
  pollLoop(scope, StateName.DELETE_GREEN, { look: remove, slice: '$.abandon', then: next.then });
  return { restore, remove };
}
