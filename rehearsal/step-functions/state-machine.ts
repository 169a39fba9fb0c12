import { randomUUID } from 'node:crypto';
import { type Clock } from '../clock';
import { type Definition } from './definition';
import { readDefinition } from './definition-reader';
import { Execution } from './execution';
import { type HistoryEvent } from './history';
import { overTheWire } from './json';
import { MAX_NAME_LENGTH } from './limits';
import { type TaskHandler } from './task-attempt';

/** What a state machine is made of. */
export interface StateMachineOptions {
  /** The definition as parsed JSON, without unresolved tokens. */
  readonly definition: unknown;
  /** `arn:aws:states:<region>:<account>:stateMachine:<name>`. */
  readonly arn: string;
  /** Waits, retry intervals, timestamps and the execution's own timeout run on it; timeouts of tasks run in real time, unless they wait for a token. */
  readonly clock: Clock;
  /** Does the work of every Task state. */
  readonly tasks: TaskHandler;
}

/** What an execution is started with. */
export interface StartExecutionOptions {
  /** At most 80 characters, not used before; by default a UUID. */
  readonly name?: string;
  /** By default `{}`. */
  readonly input?: unknown;
  /** Hears every event when it happens; the first one, ExecutionStarted, before `startExecution` returns. */
  readonly onEvent?: (event: HistoryEvent) => void;
}

/** A standard workflow in JSONPath, run on this machine as AWS runs it; what it cannot run so is refused here. */
export class StateMachine {
  private readonly definition: Definition;
  private readonly names = new Set<string>();

  /** @throws Error that lists everything in the definition that cannot be run */
  constructor(private readonly options: StateMachineOptions) {
    if (!/^arn:[^:]+:states:[^:]*:\d*:stateMachine:[^:]+$/.test(options.arn)) {
      throw new Error(`'${options.arn}' is not the ARN of a state machine: arn:aws:states:<region>:<account>:stateMachine:<name> is needed`);
    }
    this.definition = readDefinition(options.definition);
  }

  /** Starts an execution. */
  public startExecution(options: StartExecutionOptions = {}): Execution {
    const name = options.name ?? randomUUID();
    if (name.length < 1 || name.length > MAX_NAME_LENGTH) throw new Error(`InvalidName: an execution's name has 1 to ${MAX_NAME_LENGTH} characters, got '${name}'`);
    if (this.names.has(name)) throw new Error(`ExecutionAlreadyExists: '${name}'; take another name`);
    const { arn, clock, tasks } = this.options;
    const input = overTheWire(options.input ?? {});
    const execution = new Execution({ definition: this.definition, stateMachineArn: arn, name, input, clock, tasks, onEvent: options.onEvent });
    this.names.add(name);
    return execution;
  }
}
