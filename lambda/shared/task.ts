import { CONTRACT_VERSION, ErrorName, MetricName, type PipelineSettings, type SwitchoverWindowSettings } from '../../lib/private/contract';
import { sized } from './capacity';
import { messageOf, PipelineError, property } from './errors';
import { isForeign } from './failure';
import { log } from './log';
import { publish } from './metrics';
import { readSettings } from './settings';
import { type Situation, type TaskEvent } from './state';
import { secondsBetween } from './waiting';

/** The entry point of a Lambda function. */
export type Handler<Result> = (event: TaskEvent) => Promise<Result>;

/**
 * Makes a Lambda handler of a task: refuses events of another contract, and logs the failure with its trace before it becomes an error
 * of the state.
 */
export function task<Result>(run: Handler<Result>): Handler<Result> {
  return async (event) => {
    if (event.contract !== CONTRACT_VERSION) {
      throw new PipelineError(
        ErrorName.PIPELINE_CHANGED,
        `this execution speaks contract ${event.contract}, the deployed functions speak ${CONTRACT_VERSION}: the stack was deployed with another version of `
        + `cdk-rds-blue-green while the execution was running. Nothing is lost: stop this execution and start a new one with {}; it continues where this one stands`,
      );
    }
    try {
      const result = await run(event);
      measureWait(event, result);
      return result;
    } catch (thrown) {
      log.error('task failed', thrown instanceof Error ? thrown : new Error(String(thrown)));
      throw withoutRepetition(named(thrown));
    }
  };
}

/** How long the loop that this task is a look of has lasted. */
function measureWait({ stateName, now }: TaskEvent, result: unknown): void {
  if (stateName === undefined || typeof result !== 'object' || result === null || !('startedAt' in result)) return;
  publish(now, { [MetricName.SECONDS_IN_STATE]: secondsBetween(String(result.startedAt), now) }, { state: stateName });
}

/** Lambda puts the stack beside the message into the cause, which Step Functions cuts: the message must not be in there twice. */
function withoutRepetition(error: Error): Error {
  error.stack = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)).join('\n');
  return error;
}

/** Every ending has one of the public names. */
function named(thrown: unknown): Error {
  const names: readonly string[] = Object.values(ErrorName);
  if (thrown instanceof Error && (names.includes(thrown.name) || isForeign(thrown.name))) return thrown;
  const code = property(thrown, 'errno') ?? property(thrown, 'code');
  return new PipelineError(
    ErrorName.UNEXPECTED,
    `${code === undefined ? '' : `error ${code}: `}${messageOf(thrown)}. The pipeline does not know this ending. The function's log has the trace; if the cause is not outside (a privilege, a setting, the network), `
    + 'please report it. To go on, redrive this execution or start a new one with {}',
    { cause: thrown },
  );
}

/**
 * The situation, which *Find Where We Are* has filled before every other task.
 */
export function situationOf(event: TaskEvent): Situation {
  const { situation } = event.state;
  if (situation === null) throw new Error('the state has no situation: the definition must run Find Where We Are first');
  return situation;
}

/** What the construct tells and this execution has chosen; the rest is settled by what Green's writer can do. */
export function settingsOf({ state }: TaskEvent): PipelineSettings {
  return sized(readSettings(), { workers: state.options.workers, writer: state.green?.writer ?? null });
}

/** When this execution may start a switchover; undefined: at any time. */
export function switchoverWindowOf({ state }: TaskEvent): SwitchoverWindowSettings | undefined {
  return state.options.ignoreSwitchoverWindow ? undefined : readSettings().switchoverWindow;
}

/** One run of the state machine from its start: an execution, or a redrive of it. */
export function runOf({ execution }: TaskEvent): string {
  return `${execution.id} ${execution.redriveCount}`;
}

/** A cluster that must be known by now. */
export function required<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) throw new Error(`${what} is not known: the state machine reached this state too early`);
  return value;
}
