import { HeartbeatTimeoutError, StatesError, TaskError } from './errors';
import { overTheWire } from './json';
import { LinkedAbort } from './linked-abort';
import { type TaskTokens } from './task-tokens';
import { after } from './timers';

/** What the task that a state calls is told. */
export interface TaskRequest {
  /** The state's `Resource`, as written. */
  readonly resource: string;
  /** The effective input: what `InputPath` and `Parameters` made of the state's input. A copy of the task's own. */
  readonly payload: unknown;
  readonly stateName: string;
  /** Only where the resource ends in `.waitForTaskToken`. */
  readonly taskToken?: string;
}

/**
 * Does a task's work and returns its result, or throws a TaskError (any other Error is reported by its name and message).
 * The signal is aborted when nobody waits for the result any more: timeout, stop, or a failed sibling branch.
 */
export type TaskHandler = (request: TaskRequest, signal: AbortSignal) => Promise<unknown>;

/** Times of a task in seconds of real time. */
export interface TaskTimes {
  readonly timeoutSeconds: number;
  readonly heartbeatSeconds?: number;
}

/** The one who is told that the task's request was accepted, where its result comes by token. */
export type OnSubmitted = (output: unknown) => void;

/** Runs a task once: until it answers, its token is answered, it times out, or the signal is aborted. */
export function attemptTask(
  handler: TaskHandler, request: TaskRequest, times: TaskTimes, tokens: TaskTokens, parent: AbortSignal, onSubmitted: OnSubmitted,
): Promise<unknown> {
  const link = new LinkedAbort(parent);
  let over = false;
  const cleanUp: (() => void)[] = [() => link.release()];
  const work = new Promise((resolve, reject) => {
    const giveUp = (error: TaskError) => { reject(error); link.abort(error); };
    const aborted = () => reject(link.signal.reason as Error);
    if (link.signal.aborted) return aborted();
    link.signal.addEventListener('abort', aborted, { once: true });

    cleanUp.push(after(times.timeoutSeconds, () => giveUp(new TaskError(StatesError.TIMEOUT, `the task took longer than ${times.timeoutSeconds} s`))));
    const heartbeat = heartbeatTimer(times, giveUp);
    cleanUp.push(heartbeat.stop);

    const { taskToken } = request;
    if (taskToken !== undefined) {
      tokens.wait(taskToken, { succeed: resolve, fail: reject, heartbeat: heartbeat.restart });
      cleanUp.push(() => tokens.close(taskToken));
    }
    const answered = (result: unknown) => {
      if (taskToken === undefined) resolve(result);
      else if (!over) onSubmitted(result);
    };
    callHandler(handler, request, link.signal).then(answered).catch((error: unknown) => reject(taskErrorOf(error)));
  });
  return work.finally(() => {
    over = true;
    cleanUp.forEach((step) => step());
  });
}

function heartbeatTimer(times: TaskTimes, giveUp: (error: TaskError) => void): { restart(): void; stop(): void } {
  const { heartbeatSeconds } = times;
  let stop = () => {};
  const restart = () => {
    stop();
    if (heartbeatSeconds !== undefined) {
      stop = after(heartbeatSeconds, () => giveUp(new HeartbeatTimeoutError(`the task sent no heartbeat for ${heartbeatSeconds} s`)));
    }
  };
  restart();
  return { restart, stop: () => stop() };
}

async function callHandler(handler: TaskHandler, request: TaskRequest, signal: AbortSignal): Promise<unknown> {
  return overTheWire(await handler({ ...request, payload: overTheWire(request.payload) }, signal));
}

function taskErrorOf(error: unknown): TaskError {
  if (error instanceof TaskError) return error;
  return error instanceof Error ? new TaskError(error.name, error.message) : new TaskError('Error', String(error));
}
