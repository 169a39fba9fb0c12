import { type Clock } from '../clock';
import { type Definition } from './definition';
import { StatesError, TaskError } from './errors';
import { type HistoryEvent, type HistoryEventDetails, type HistoryEventType } from './history';
import { Interpreter, type Surroundings } from './interpreter';
import { withinPayloadLimit } from './json';
import { MAX_CAUSE_LENGTH, MAX_ERROR_LENGTH, MAX_HISTORY_EVENTS, REDRIVABLE_SECONDS } from './limits';
import { type Position } from './position';
import { type TaskHandler } from './task-attempt';
import { TaskTokens } from './task-tokens';

/** How an execution ended. */
export interface ExecutionResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/** What an execution is, or how it ended. */
export type ExecutionStatus = 'RUNNING' | ExecutionResult['status'];

/** What an execution is made of; StateMachine fills it in. */
export interface ExecutionProps {
  readonly definition: Definition;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly input: unknown;
  readonly clock: Clock;
  readonly tasks: TaskHandler;
  readonly onEvent?: (event: HistoryEvent) => void;
}

/** A sleep of more than 24.8 days would overflow the timer of a clock that runs in real time. */
const LONGEST_SLEEP_SECONDS = 1_000_000;

/** How often a running task is held against the execution's own TimeoutSeconds, in milliseconds of real time. */
const TIME_CHECK_MS = 100;

const ENDING_EVENTS = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  ABORTED: 'ExecutionAborted',
  TIMED_OUT: 'ExecutionTimedOut',
} as const;

/** The execution has ended: what still runs of it stops. */
class ExecutionOver extends Error {}

/** One execution of a state machine, redrives included. */
export class Execution {
  public readonly arn: string;
  public readonly name: string;

  private readonly events: HistoryEvent[] = [];
  private readonly tokens = new TaskTokens();
  private readonly startTime: Date;
  private readonly position: Position;
  private state: ExecutionStatus = 'RUNNING';
  private redrives = 0;
  private redriveTime?: Date;
  private endTime?: Date;
  private attempt: Attempt;

  /** @internal use StateMachine.startExecution */
  constructor(private readonly props: ExecutionProps) {
    this.name = props.name;
    this.arn = `${props.stateMachineArn.replace(':stateMachine:', ':execution:')}:${props.name}`;
    withinPayloadLimit(props.input, 'the input of the execution');
    this.startTime = props.clock.now();
    this.position = { state: props.definition.startAt, input: props.input };
    this.attempt = new Attempt(props.clock, props.definition.timeoutSeconds);
    this.append('ExecutionStarted', { input: props.input });
    this.begin(this.attempt);
  }

  /** Whether it runs, or how it ended last. */
  public get status(): ExecutionStatus {
    return this.state;
  }

  /** Every event so far, redrives included. */
  public get history(): readonly HistoryEvent[] {
    return this.events;
  }

  /** How it ended; after a redrive a new promise. Rejects only if the interpreter, its clock or `onEvent` is broken. */
  public get finished(): Promise<ExecutionResult> {
    return this.attempt.finished;
  }

  /** Ends a running execution as ABORTED, at once: running tasks see their signal aborted, and no event follows. */
  public stop(error?: string, cause?: string): void {
    if (this.state === 'RUNNING') this.end(this.attempt, { status: 'ABORTED', ...texts(error, cause) });
  }

  /** Ends a running execution as TIMED_OUT, as AWS does with one that has run for a year. */
  public timeOut(): void {
    if (this.state === 'RUNNING') this.end(this.attempt, { status: 'TIMED_OUT', error: StatesError.TIMEOUT });
  }

  /**
   * Continues an execution that did not succeed, from the state it ended in and with that state's input; retriers start anew.
   * Rules: https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
   */
  public redrive(): void {
    const refusal = this.whyNotRedrivable();
    if (refusal !== undefined) throw new Error(`ExecutionNotRedrivable: ${refusal}; start a new execution instead`);
    this.redrives++;
    this.redriveTime = this.props.clock.now();
    this.state = 'RUNNING';
    // the execution's own timeout counts from zero again.
    this.attempt = new Attempt(this.props.clock, this.props.definition.timeoutSeconds);
    this.append('ExecutionRedriven', { redriveCount: this.redrives });
    this.begin(this.attempt);
  }

  /** Answers a task token with the task's result. Throws TaskError TaskDoesNotExist, TaskTimedOut or InvalidOutput. */
  public sendTaskSuccess(token: string, output: unknown): void {
    this.tokens.succeed(token, output);
  }

  /** Answers a task token with a failure. Throws TaskError TaskDoesNotExist, TaskTimedOut or ValidationException. */
  public sendTaskFailure(token: string, error = '', cause = ''): void {
    this.tokens.fail(token, error, cause);
  }

  /** Says that the task of the token is alive. Throws TaskError TaskDoesNotExist or TaskTimedOut. */
  public sendTaskHeartbeat(token: string): void {
    this.tokens.heartbeat(token);
  }

  private whyNotRedrivable(): string | undefined {
    if (this.state === 'RUNNING' || this.state === 'SUCCEEDED') return `its status is ${this.state}`;
    if (this.events.length >= MAX_HISTORY_EVENTS - 1) return `its history has ${this.events.length} events`;
    const seconds = this.endTime ? (this.props.clock.now().getTime() - this.endTime.getTime()) / 1000 : 0;
    return seconds > REDRIVABLE_SECONDS ? 'it ended more than 14 days ago' : undefined;
  }

  private begin(attempt: Attempt): void {
    // the caller gets hold of the execution before its first state runs.
    queueMicrotask(() => {
      this.run(attempt).catch((error: unknown) => {
        // not an outcome of the execution, but a fault of whoever threw it.
        attempt.break(error as Error);
        this.state = 'FAILED';
      });
    });
  }

  private async run(attempt: Attempt): Promise<void> {
    attempt.everySoOften(() => this.endIfTimeIsOver(attempt));
    try {
      const output = await new Interpreter(this.surroundings(attempt)).run(this.props.definition, this.position, attempt.signal);
      this.end(attempt, { status: 'SUCCEEDED', output });
    } catch (error) {
      if (error instanceof ExecutionOver) return;
      if (!(error instanceof TaskError)) throw error;
      this.end(attempt, { status: 'FAILED', error: error.error, cause: error.cause });
    }
  }

  private surroundings(attempt: Attempt): Surroundings {
    const { clock, tasks } = this.props;
    return {
      tasks,
      tokens: this.tokens,
      now: () => clock.now(),
      sleep: (seconds, signal) => this.sleep(attempt, seconds, signal),
      realSeconds: (seconds) => this.props.clock.realSeconds(seconds),
      checkTime: () => this.checkTime(attempt),
      emit: (type, details) => this.emit(attempt, type, details),
      executionContext: () => this.executionContext(),
    };
  }

  private async sleep(attempt: Attempt, seconds: number, signal: AbortSignal): Promise<void> {
    for (let left = seconds; left > 0;) {
      const part = Math.min(left, attempt.secondsLeft(), LONGEST_SLEEP_SECONDS);
      await this.props.clock.sleep(part, signal);
      this.checkTime(attempt);
      left -= part;
    }
  }

  private checkTime(attempt: Attempt): void {
    this.endIfTimeIsOver(attempt);
    attempt.signal.throwIfAborted();
  }

  private endIfTimeIsOver(attempt: Attempt): void {
    if (attempt.secondsLeft() > 0) return;
    const cause = `the execution took longer than ${this.props.definition.timeoutSeconds} s`;
    this.end(attempt, { status: 'TIMED_OUT', error: StatesError.TIMEOUT, cause });
  }

  private emit(attempt: Attempt, type: HistoryEventType, details: HistoryEventDetails): void {
    attempt.signal.throwIfAborted();
    if (this.events.length >= MAX_HISTORY_EVENTS - 1) {
      // no Catch sees this: the execution is over at once.
      this.end(attempt, {
        status: 'FAILED', error: StatesError.RUNTIME, cause: `the execution reached the maximum number of history events (${MAX_HISTORY_EVENTS})`,
      });
      attempt.signal.throwIfAborted();
    }
    this.append(type, details);
  }

  private end(attempt: Attempt, result: ExecutionResult): void {
    if (attempt.signal.aborted) return;
    const { status, ...details } = result;
    this.state = status;
    this.endTime = this.props.clock.now();
    attempt.end(result);
    this.append(ENDING_EVENTS[status], details);
  }

  private append(type: HistoryEventType, details: HistoryEventDetails): void {
    const event: HistoryEvent = { id: this.events.length + 1, timestamp: this.props.clock.now(), type, ...details };
    this.events.push(event);
    this.props.onEvent?.(event);
  }

  private executionContext(): Readonly<Record<string, unknown>> {
    const { stateMachineArn, input } = this.props;
    const [, , , , account = ''] = stateMachineArn.split(':');
    const name = stateMachineArn.slice(stateMachineArn.lastIndexOf(':') + 1);
    return {
      Execution: {
        Id: this.arn,
        Input: input,
        Name: this.name,
        RoleArn: `arn:aws:iam::${account}:role/${name}`,
        StartTime: this.startTime.toISOString(),
        RedriveCount: this.redrives,
        ...(this.redriveTime ? { RedriveTime: this.redriveTime.toISOString() } : {}),
      },
      StateMachine: { Id: stateMachineArn, Name: name },
    };
  }
}

/** The time from a start or a redrive to the end that follows it. */
class Attempt {
  /** How it ended. */
  public readonly finished: Promise<ExecutionResult>;

  private readonly controller = new AbortController();
  private readonly deadline: number;
  private timer?: NodeJS.Timeout;
  private settle: { resolve(result: ExecutionResult): void; reject(error: Error): void } = { resolve() {}, reject() {} };

  constructor(private readonly clock: Clock, timeoutSeconds = Infinity) {
    this.deadline = clock.now().getTime() + timeoutSeconds * 1000;
    this.finished = new Promise((resolve, reject) => { this.settle = { resolve, reject }; });
  }

  /** Aborted at the end, whatever it was. */
  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Seconds of the clock until the execution's timeout. */
  public secondsLeft(): number {
    return Math.max(0, (this.deadline - this.clock.now().getTime()) / 1000);
  }

  /** Checks the time while a task runs, which no sleep of the clock watches. */
  public everySoOften(check: () => void): void {
    if (this.deadline !== Infinity && !this.signal.aborted) this.timer = setInterval(check, TIME_CHECK_MS);
  }

  /** Settles `finished` and stops what still runs. */
  public end(result: ExecutionResult): void {
    this.settle.resolve(result);
    this.abort();
  }

  /** As `end`, where there is no result, but a fault. */
  public break(error: Error): void {
    this.settle.reject(error);
    this.abort();
  }

  private abort(): void {
    clearInterval(this.timer);
    this.controller.abort(new ExecutionOver('the execution is over'));
  }
}

function texts(error?: string, cause?: string): { error?: string; cause?: string } {
  return {
    ...(error === undefined ? {} : { error: error.slice(0, MAX_ERROR_LENGTH) }),
    ...(cause === undefined ? {} : { cause: cause.slice(0, MAX_CAUSE_LENGTH) }),
  };
}
