import { type State } from './definition';

/** AWS's name of an event: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html */
export type HistoryEventType =
  | 'ExecutionStarted' | 'ExecutionSucceeded' | 'ExecutionFailed' | 'ExecutionAborted' | 'ExecutionTimedOut' | 'ExecutionRedriven'
  | `${State['type']}StateEntered` | `${Exclude<State['type'], 'Fail'>}StateExited`
  | 'TaskStateAborted' | 'WaitStateAborted' | 'ParallelStateAborted'
  | 'ParallelStateStarted' | 'ParallelStateSucceeded' | 'ParallelStateFailed'
  | 'TaskScheduled' | 'TaskStarted' | 'TaskSubmitted' | 'TaskSucceeded' | 'TaskFailed' | 'TaskTimedOut'
  | 'LambdaFunctionScheduled' | 'LambdaFunctionStarted' | 'LambdaFunctionSucceeded' | 'LambdaFunctionFailed' | 'LambdaFunctionTimedOut';

/** What an event tells beside its type; a member that does not apply is absent. */
export interface HistoryEventDetails {
  /** The state's name. AWS has it on entered and exited events only; here every event of a state has it. */
  readonly name?: string;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
  /** The resource of a task. */
  readonly resource?: string;
  /** How often the execution was redriven, this time included. */
  readonly redriveCount?: number;
}

/** One event of an execution's history. */
export interface HistoryEvent extends HistoryEventDetails {
  /** Counts from 1. */
  readonly id: number;
  /** When it happened, on the execution's clock. */
  readonly timestamp: Date;
  readonly type: HistoryEventType;
}
