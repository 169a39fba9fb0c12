import { type ChoiceState, type FailState, type ParallelState, type PassState, type Retriable, type State, type StateScope, type TaskState, type WaitState } from './definition';
import { matchesError, runtimeError, StatesError, TaskError } from './errors';
import { type HistoryEventDetails, type HistoryEventType } from './history';
import { withinPayloadLimit } from './json';
import { MAX_SECONDS } from './limits';
import { LinkedAbort } from './linked-abort';
import { Path, type PathRoots } from './path';
import { type BranchPosition, type Position } from './position';
import { type ResultPath } from './result-path';
import { RetryCounter } from './retry-counter';
import { attemptTask, type TaskHandler, type TaskTimes } from './task-attempt';
import { type TaskTokens } from './task-tokens';
import { parseTimestamp } from './timestamp';

/** What the interpreter needs of the execution it works for. */
export interface Surroundings {
  readonly tasks: TaskHandler;
  readonly tokens: TaskTokens;
  now(): Date;
  /** Sleeps on the execution's clock; rejects when the signal is aborted or the execution's time is over. */
  sleep(seconds: number, signal: AbortSignal): Promise<void>;
  /** How long so many seconds of the execution's clock are in real time. */
  realSeconds(seconds: number): number;
  /** Throws when the execution's time is over. */
  checkTime(): void;
  /** Appends to the history; throws when it is full. */
  emit(type: HistoryEventType, details: HistoryEventDetails): void;
  /** `$$` without State and Task, read anew each time. */
  executionContext(): Readonly<Record<string, unknown>>;
}

/** One visit to a state: what `$$.State` tells. */
interface Visit {
  readonly at: Position;
  readonly signal: AbortSignal;
  readonly enteredTime: string;
  retryCount: number;
  taskToken?: string;
}

/** What a state decided; without `next` its scope ends. */
interface Step {
  readonly output: unknown;
  readonly next?: string;
}

/** A sibling branch failed: nobody waits for this one any more. */
class BranchAborted extends Error {}

const LAMBDA_FUNCTION = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:/;
const WAIT_FOR_TOKEN = '.waitForTaskToken';

/** Runs states, one after the other, as https://states-language.net/spec.html and the AWS pages named at each place say. */
export class Interpreter {
  constructor(private readonly surroundings: Surroundings) {}

  /**
   * Runs a scope from where it stands to its end, and keeps `at` up to date.
   * @returns the last state's output
   * @throws TaskError when a state failed and nothing caught it; the signal's reason when it was aborted
   */
  public async run(scope: StateScope, at: Position, signal: AbortSignal): Promise<unknown> {
    for (;;) {
      signal.throwIfAborted();
      this.surroundings.checkTime();
      const state = scope.states.get(at.state);
      if (!state) throw new Error(`the definition has no state '${at.state}', although it was checked`);
      const step = await this.visit(state, at, signal);
      if (step.next === undefined) return step.output;
      at.state = step.next;
      at.input = step.output;
      delete at.branches;
    }
  }

  private async visit(state: State, at: Position, signal: AbortSignal): Promise<Step> {
    const visit: Visit = { at, signal, enteredTime: this.surroundings.now().toISOString(), retryCount: 0 };
    this.emit(visit, `${state.type}StateEntered`, { input: at.input });
    if (state.type === 'Fail') throw this.failure(state, visit);
    const step = await this.work(state, visit);
    this.emit(visit, `${state.type}StateExited`, { output: step.output });
    return step;
  }

  private async work(state: Exclude<State, FailState>, visit: Visit): Promise<Step> {
    switch (state.type) {
      case 'Pass': return this.pass(state, visit);
      case 'Choice': return this.choice(state, visit);
      case 'Wait': return this.wait(state, visit);
      case 'Succeed': return { output: this.output(state.outputPath, this.input(state.inputPath, visit), visit) };
      case 'Task': return this.withRetries(state, visit, () => this.task(state, visit));
      case 'Parallel': return this.withRetries(state, visit, () => this.parallel(state, visit));
    }
  }

  private pass(state: PassState, visit: Visit): Step {
    const input = this.input(state.inputPath, visit);
    const effective = state.parameters ? state.parameters.evaluate(this.roots(input, visit)) : input;
    return { output: this.finish(state, state.result ? state.result.value : effective, visit), next: state.next };
  }

  private choice(state: ChoiceState, visit: Visit): Step {
    const input = this.input(state.inputPath, visit);
    const roots = this.roots(input, visit);
    const next = state.choices.find((choice) => choice.condition.holds(roots))?.next ?? state.byDefault;
    if (next === undefined) throw new TaskError(StatesError.NO_CHOICE_MATCHED, `no rule of the state '${state.name}' matched, and it has no Default`);
    return { output: this.output(state.outputPath, input, visit), next };
  }

  private async wait(state: WaitState, visit: Visit): Promise<Step> {
    const input = this.input(state.inputPath, visit);
    await this.surroundings.sleep(this.secondsToWait(state, this.roots(input, visit)), visit.signal);
    return { output: this.output(state.outputPath, input, visit), next: state.next };
  }

  /** https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html: an integer; of a timestamp the milliseconds are cut off. */
  private secondsToWait(state: WaitState, roots: PathRoots): number {
    if ('seconds' in state.until) {
      const { seconds } = state.until;
      return seconds instanceof Path ? integerAt(seconds, 'SecondsPath', 0, roots) : seconds;
    }
    const { timestamp } = state.until;
    const value = timestamp instanceof Path ? timestamp.get(roots, 'TimestampPath') : timestamp;
    const milliseconds = parseTimestamp(value);
    if (milliseconds === undefined) throw runtimeError(`the TimestampPath of the state '${state.name}' has to yield a timestamp, got ${JSON.stringify(value)}`);
    const until = Math.floor(milliseconds / 1000) * 1000;
    return Math.max(0, until - this.surroundings.now().getTime()) / 1000;
  }

  private failure(state: FailState, visit: Visit): TaskError {
    const text = (value: FailState['error'], field: string): string => {
      if (value === undefined || typeof value === 'string') return value ?? '';
      const result = value.evaluate(this.roots(visit.at.input, visit), field);
      if (typeof result !== 'string') throw runtimeError(`'${field}' of the state '${state.name}' has to yield a string, got ${JSON.stringify(result)}`);
      return result;
    };
    return new TaskError(text(state.error, 'ErrorPath'), text(state.cause, 'CausePath'));
  }

  /** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html: retriers first, then catchers, both in order. */
  private async withRetries(state: TaskState | ParallelState, visit: Visit, work: () => Promise<unknown>): Promise<Step> {
    const retries = new RetryCounter(state.retry);
    for (;;) {
      try {
        return { output: this.finish(state, await work(), visit), next: state.next };
      } catch (error) {
        visit.signal.throwIfAborted();
        if (!(error instanceof TaskError)) throw error;
        // a Parallel that failed so is rerun as a whole on redrive (redrive-executions page).
        if (error.error === StatesError.DATA_LIMIT_EXCEEDED) delete visit.at.branches;
        const delay = retries.nextDelay(error);
        if (delay === undefined) return this.caught(state, error, visit);
        await this.surroundings.sleep(delay, visit.signal);
        visit.retryCount++;
        delete visit.at.branches;
      }
    }
  }

  private caught(state: Retriable, error: TaskError, visit: Visit): Step {
    const catcher = state.catch.find(({ errorEquals }) => matchesError(errorEquals, error));
    if (!catcher) throw error;
    const output = place(catcher.resultPath, visit.at.input, { Error: error.error, Cause: error.cause });
    return { output: withinPayloadLimit(output, `the output of the state '${state.name}'`), next: catcher.next };
  }

  private async task(state: TaskState, visit: Visit): Promise<unknown> {
    const { tasks, tokens } = this.surroundings;
    const names = LAMBDA_FUNCTION.test(state.resource) ? LAMBDA_EVENTS : TASK_EVENTS;
    visit.taskToken = state.resource.endsWith(WAIT_FOR_TOKEN) ? tokens.issue() : undefined;
    const { taskToken } = visit;
    const payload = this.effectiveInput(state, visit);
    const times = this.taskTimes(state, visit);
    const { resource, name: stateName } = state;
    this.emit(visit, names.scheduled, { resource, input: payload });
    this.emit(visit, names.started, { resource });
    try {
      const onSubmitted = (output: unknown) => this.emit(visit, 'TaskSubmitted', { resource, output });
      const result = await attemptTask(tasks, { resource, payload, stateName, taskToken }, times, tokens, visit.signal, onSubmitted);
      withinPayloadLimit(result, `the result of the task in the state '${stateName}'`);
      this.emit(visit, names.succeeded, { resource, output: result });
      return result;
    } catch (error) {
      visit.signal.throwIfAborted();
      if (error instanceof TaskError) {
        const type = error.error === StatesError.TIMEOUT ? names.timedOut : names.failed;
        this.emit(visit, type, { resource, error: error.error, cause: error.cause });
      }
      throw error;
    }
  }

  private taskTimes(state: TaskState, visit: Visit): TaskTimes {
    const roots = this.roots(this.input(state.inputPath, visit), visit);
    // functions work in real time; who answers a token lives with the execution.
    const real = (value: number) => (visit.taskToken === undefined ? value : this.surroundings.realSeconds(value));
    const read = (value: number | Path | undefined, field: string) => (value instanceof Path ? integerAt(value, field, 1, roots) : value);
    const seconds = (value: number | Path | undefined, field: string) => {
      const found = read(value, field);
      return found === undefined ? undefined : real(found);
    };
    return {
      timeoutSeconds: seconds(state.timeout, 'TimeoutSecondsPath') ?? MAX_SECONDS,
      heartbeatSeconds: seconds(state.heartbeat, 'HeartbeatSecondsPath'),
    };
  }

  private async parallel(state: ParallelState, visit: Visit): Promise<unknown> {
    const { at } = visit;
    const input = this.effectiveInput(state, visit);
    // on a redrive the branches stand where they were: those that succeeded are not run again.
    const branches: BranchPosition[] = at.branches ??= state.branches.map((branch) => ({ at: { state: branch.startAt, input } }));
    this.emit(visit, 'ParallelStateStarted', {});
    const link = new LinkedAbort(visit.signal);
    try {
      await Promise.all(branches.map((branch, index) => this.branch(state.branches[index], branch, link.signal)));
    } catch (error) {
      visit.signal.throwIfAborted();
      if (!(error instanceof BranchFailed)) throw error;
      link.abort(new BranchAborted(`a sibling branch in the state '${state.name}' failed`));
      state.branches.forEach((scope, index) => this.emitAborted(visit, scope, branches[index], error.branch));
      const { failure } = error;
      this.emit(visit, 'ParallelStateFailed', { error: failure.error, cause: failure.cause });
      throw failure;
    } finally {
      link.release();
    }
    const results = branches.map((branch) => branch.result?.output);
    withinPayloadLimit(results, `the result of the state '${state.name}'`);
    this.emit(visit, 'ParallelStateSucceeded', {});
    return results;
  }

  private async branch(scope: StateScope | undefined, branch: BranchPosition, signal: AbortSignal): Promise<void> {
    if (!scope || branch.result) return;
    try {
      branch.result = { output: await this.run(scope, branch.at, signal) };
    } catch (error) {
      throw error instanceof TaskError ? new BranchFailed(branch, error) : error;
    }
  }

  /** Tells of the states that a failed sibling branch left unfinished, the inner ones first. */
  private emitAborted(visit: Visit, scope: StateScope, branch: BranchPosition | undefined, failed: BranchPosition): void {
    if (!branch || branch.result || branch === failed) return;
    const state = scope.states.get(branch.at.state);
    if (state?.type === 'Parallel') {
      state.branches.forEach((inner, index) => this.emitAborted(visit, inner, branch.at.branches?.[index], failed));
    }
    if (state?.type === 'Parallel' || state?.type === 'Task' || state?.type === 'Wait') {
      this.surroundings.emit(`${state.type}StateAborted`, { name: state.name });
    }
  }

  private effectiveInput(state: Retriable, visit: Visit): unknown {
    const input = this.input(state.inputPath, visit);
    const payload = state.parameters ? state.parameters.evaluate(this.roots(input, visit)) : input;
    return withinPayloadLimit(payload, `the input of the state '${state.name}' after Parameters`);
  }

  private finish(state: Retriable | PassState, result: unknown, visit: Visit): unknown {
    const selector = 'resultSelector' in state ? state.resultSelector : undefined;
    const selected = selector ? selector.evaluate(this.roots(result, visit)) : result;
    return this.output(state.outputPath, place(state.resultPath, visit.at.input, selected), visit);
  }

  private input(path: Path | null, visit: Visit): unknown {
    return path === null ? {} : path.get(this.roots(visit.at.input, visit), 'InputPath');
  }

  private output(path: Path | null, data: unknown, visit: Visit): unknown {
    const output = path === null ? {} : path.get(this.roots(data, visit), 'OutputPath');
    return withinPayloadLimit(output, `the output of the state '${visit.at.state}'`);
  }

  /** The context object: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
  private roots(data: unknown, visit: Visit): PathRoots {
    const state = { EnteredTime: visit.enteredTime, Name: visit.at.state, RetryCount: visit.retryCount };
    const task = visit.taskToken === undefined ? {} : { Task: { Token: visit.taskToken } };
    return { data, context: { ...this.surroundings.executionContext(), State: state, ...task } };
  }

  private emit(visit: Visit, type: HistoryEventType, details: HistoryEventDetails): void {
    // what nobody waits for any more leaves no trace.
    visit.signal.throwIfAborted();
    this.surroundings.emit(type, { name: visit.at.state, ...details });
  }
}

/** Which branch ended a Parallel, and with what. */
class BranchFailed extends Error {
  constructor(public readonly branch: BranchPosition, public readonly failure: TaskError) {
    super(failure.message);
  }
}

const LAMBDA_EVENTS = {
  scheduled: 'LambdaFunctionScheduled',
  started: 'LambdaFunctionStarted',
  succeeded: 'LambdaFunctionSucceeded',
  failed: 'LambdaFunctionFailed',
  timedOut: 'LambdaFunctionTimedOut',
} as const;

const TASK_EVENTS = {
  scheduled: 'TaskScheduled',
  started: 'TaskStarted',
  succeeded: 'TaskSucceeded',
  failed: 'TaskFailed',
  timedOut: 'TaskTimedOut',
} as const;

function place(path: ResultPath | null, input: unknown, result: unknown): unknown {
  return path === null ? input : path.write(input, result);
}

function integerAt(path: Path, field: string, minimum: number, roots: PathRoots): number {
  const value = path.get(roots, field);
  if (typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= MAX_SECONDS) return value;
  throw runtimeError(`the ${field} '${path.text}' has to yield an integer from ${minimum} to ${MAX_SECONDS}, got ${JSON.stringify(value)}`);
}
