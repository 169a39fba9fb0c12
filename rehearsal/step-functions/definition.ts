import { type Condition } from './choice-rule';
import { type Expression } from './intrinsics';
import { type Path } from './path';
import { type PayloadTemplate } from './payload-template';
import { type ResultPath } from './result-path';

/** States among which a transition may happen: the machine's, or those of one branch of a Parallel. */
export interface StateScope {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

/** A whole definition, checked. */
export interface Definition extends StateScope {
  /** Seconds an execution may take. */
  readonly timeoutSeconds?: number;
}

/** A state of any type. */
export type State = PassState | TaskState | ChoiceState | WaitState | SucceedState | FailState | ParallelState;

/** What every state but Fail has; null stands for an empty object. */
interface Filtered {
  readonly name: string;
  readonly inputPath: Path | null;
  readonly outputPath: Path | null;
}

/** Where a state goes when it has done its work; undefined ends its scope. */
interface Moving {
  readonly next?: string;
}

/** What the states have whose work can fail; a null `resultPath` discards the result. */
export interface Retriable extends Filtered, Moving {
  readonly parameters?: PayloadTemplate;
  readonly resultSelector?: PayloadTemplate;
  readonly resultPath: ResultPath | null;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

/** A Pass state. */
export interface PassState extends Filtered, Moving {
  readonly type: 'Pass';
  readonly parameters?: PayloadTemplate;
  readonly result?: { readonly value: unknown };
  readonly resultPath: ResultPath | null;
}

/** A Task state. */
export interface TaskState extends Retriable {
  readonly type: 'Task';
  readonly resource: string;
  /** Seconds, or a path to them. */
  readonly timeout?: number | Path;
  /** Seconds, or a path to them. */
  readonly heartbeat?: number | Path;
}

/** A Choice state. */
export interface ChoiceState extends Filtered {
  readonly type: 'Choice';
  readonly choices: readonly { readonly condition: Condition; readonly next: string }[];
  readonly byDefault?: string;
}

/** A Wait state. */
export interface WaitState extends Filtered, Moving {
  readonly type: 'Wait';
  readonly until: { readonly seconds: number | Path } | { readonly timestamp: string | Path };
}

/** A Succeed state. */
export interface SucceedState extends Filtered {
  readonly type: 'Succeed';
}

/** A Fail state. */
export interface FailState {
  readonly type: 'Fail';
  readonly name: string;
  readonly error?: string | Expression;
  readonly cause?: string | Expression;
}

/** A Parallel state. */
export interface ParallelState extends Retriable {
  readonly type: 'Parallel';
  readonly branches: readonly StateScope[];
}

/** One element of `Retry`. */
export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
}

/** One element of `Catch`. */
export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly resultPath: ResultPath | null;
}
