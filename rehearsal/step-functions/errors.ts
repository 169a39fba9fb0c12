import { MAX_CAUSE_LENGTH, MAX_ERROR_LENGTH } from './limits';

/**
 * Error names the language defines. Semantics: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export const StatesError = {
  ALL: 'States.ALL',
  DATA_LIMIT_EXCEEDED: 'States.DataLimitExceeded',
  HEARTBEAT_TIMEOUT: 'States.HeartbeatTimeout',
  INTRINSIC_FAILURE: 'States.IntrinsicFailure',
  NO_CHOICE_MATCHED: 'States.NoChoiceMatched',
  RESULT_PATH_MATCH_FAILURE: 'States.ResultPathMatchFailure',
  RUNTIME: 'States.Runtime',
  TASK_FAILED: 'States.TaskFailed',
  TIMEOUT: 'States.Timeout',
} as const;

/**
 * An error by name and cause, as a task reports it. A name over 256 characters and a cause over 32,768 are cut, as these are
 * the longest that AWS's history holds.
 */
export class TaskError extends Error {
  public readonly error: string;
  public override readonly cause: string;

  constructor(error: string, cause: string) {
    super(`${error}: ${cause}`);
    this.name = 'TaskError';
    this.error = error.slice(0, MAX_ERROR_LENGTH);
    this.cause = cause.slice(0, MAX_CAUSE_LENGTH);
  }
}

/**
 * A task that sent no heartbeat in time. AWS reports it as `States.Timeout`, and lets Retry and Catch also name
 * `States.HeartbeatTimeout`.
 */
export class HeartbeatTimeoutError extends TaskError {
  constructor(cause: string) {
    super(StatesError.TIMEOUT, cause);
  }
}

/** The error of what the interpreter cannot process: it ends the execution, no Retry and no Catch sees it. */
export function runtimeError(cause: string): TaskError {
  return new TaskError(StatesError.RUNTIME, cause);
}

/** Whether a retrier or catcher with these `ErrorEquals` takes the error. */
export function matchesError(errorEquals: readonly string[], thrown: TaskError): boolean {
  // "isn't retriable, and will always cause the execution to fail".
  if (thrown.error === StatesError.RUNTIME) return false;
  if (errorEquals.includes(thrown.error)) return true;
  if (thrown instanceof HeartbeatTimeoutError && errorEquals.includes(StatesError.HEARTBEAT_TIMEOUT)) return true;
  if (thrown.error === StatesError.DATA_LIMIT_EXCEEDED) return false;
  if (errorEquals.includes(StatesError.ALL)) return true;
  return errorEquals.includes(StatesError.TASK_FAILED) && thrown.error !== StatesError.TIMEOUT;
}
