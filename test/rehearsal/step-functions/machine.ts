import { SimulatedClock } from '../../../rehearsal/clock';
import { StateMachine, TaskError, type Execution, type ExecutionResult, type HistoryEvent, type TaskHandler } from '../../../rehearsal/step-functions';

export const ARN = 'arn:aws:states:eu-west-1:123456789012:stateMachine:rehearsed';
export const LAMBDA = 'arn:aws:lambda:eu-west-1:123456789012:function:work';
export const START = new Date('2026-11-20T00:00:00.000Z');

/** What a run left behind. */
export interface Run extends ExecutionResult {
  readonly execution: Execution;
  /** Seconds of the clock from start to end. */
  readonly seconds: number;
  readonly types: string[];
}

/** A machine on a simulated clock. */
export function machine(definition: unknown, tasks: TaskHandler = nothing, clock = new SimulatedClock(START)): StateMachine {
  return new StateMachine({ definition, arn: ARN, clock, tasks });
}

/** Runs a definition to its end. */
export async function run(definition: unknown, input: unknown = {}, tasks: TaskHandler = nothing): Promise<Run> {
  const clock = new SimulatedClock(START);
  const execution = machine(definition, tasks, clock).startExecution({ input });
  const result = await execution.finished;
  return { ...result, execution, seconds: (clock.now().getTime() - START.getTime()) / 1000, types: typesOf(execution.history) };
}

/** A machine of this one state (and the states it may go on to). */
export function only(state: object, others: Record<string, unknown> = {}): object {
  return { StartAt: 'It', States: { It: state, ...others } };
}

/** A Task state of a Lambda function. */
export function task(fields: object = {}): object {
  return { Type: 'Task', Resource: LAMBDA, ...('Next' in fields ? {} : { End: true }), ...fields };
}

/** A handler that fails with these errors, one after the other, then returns. */
export function failing(...errors: string[]): TaskHandler & { calls: number } {
  const handler = Object.assign(async () => {
    const error = errors[handler.calls++];
    if (error !== undefined) throw new TaskError(error, `cause of ${error}`);
    return 'done';
  }, { calls: 0 });
  return handler;
}

/** A handler that only ends when it is aborted; it counts that. */
export function endless(): TaskHandler & { calls: number; aborts: number } {
  const handler = Object.assign((_request: unknown, signal: AbortSignal) => new Promise((_resolve, reject) => {
    handler.calls++;
    signal.addEventListener('abort', () => { handler.aborts++; reject(new Error('told to stop')); });
  }), { calls: 0, aborts: 0 });
  return handler;
}

export function typesOf(history: readonly HistoryEvent[]): string[] {
  return history.map((event) => event.type);
}

/** Resolves as soon as the execution has an event of the type. */
export async function until(execution: Execution, type: string): Promise<void> {
  while (!execution.history.some((event) => event.type === type)) await new Promise((resolve) => setImmediate(resolve));
}

async function nothing(): Promise<unknown> {
  return null;
}
