import { SimulatedClock } from '../../../rehearsal/clock';
import { TaskError } from '../../../rehearsal/step-functions';
import { endless, failing, machine, only, run, START, task, until } from './machine';

const CAUGHT = { Caught: { Type: 'Pass', End: true }, Other: { Type: 'Pass', Result: 'other', End: true } };

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
describe('Retry', () => {
  test.each<[string, object, string[], { calls: number; seconds: number; status: string }]>([
    ['3, 6 and 12 seconds', { IntervalSeconds: 3, MaxAttempts: 3, BackoffRate: 2 }, ['E', 'E', 'E'], { calls: 4, seconds: 21, status: 'SUCCEEDED' }],
    ['the defaults: 1, 2 and 4 seconds', {}, ['E', 'E', 'E', 'E'], { calls: 4, seconds: 7, status: 'FAILED' }],
    ['MaxDelaySeconds cuts: 3, 5 and 5', { IntervalSeconds: 3, MaxDelaySeconds: 5, JitterStrategy: 'NONE' }, ['E', 'E', 'E'], { calls: 4, seconds: 13, status: 'SUCCEEDED' }],
    ['BackoffRate 1.5: 3 and 4.5', { IntervalSeconds: 3, MaxAttempts: 2, BackoffRate: 1.5 }, ['E', 'E'], { calls: 3, seconds: 7.5, status: 'SUCCEEDED' }],
    ['MaxAttempts 0 never', { MaxAttempts: 0 }, ['E'], { calls: 1, seconds: 0, status: 'FAILED' }],
  ])('%s', async (_title, retrier, errors, expected) => {
    const tasks = failing(...errors);
    const { seconds, status } = await run(only(task({ Retry: [{ ErrorEquals: ['E'], ...retrier }] })), {}, tasks);
    expect({ calls: tasks.calls, seconds, status }).toEqual(expected);
  });

  test('each retrier counts on its own; a used-up one does not pass the error on', async () => {
    // AWS's example 4: ErrorA, ErrorB (waits 1 + 2 s), ErrorC (5 s), ErrorB: the first retrier is used up.
    const tasks = failing('ErrorA', 'ErrorB', 'ErrorC', 'ErrorB');
    const definition = only(task({
      Retry: [{ ErrorEquals: ['ErrorA', 'ErrorB'], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 2 }, { ErrorEquals: ['ErrorC'], IntervalSeconds: 5 }, { ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
    }), { Caught: CAUGHT.Caught });
    const { output, seconds } = await run(definition, {}, tasks);
    expect({ output, seconds, calls: tasks.calls }).toEqual({ output: { Error: 'ErrorB', Cause: 'cause of ErrorB' }, seconds: 8, calls: 4 });
  });

  test('counts are reset with each visit, and $$.State.RetryCount tells them', async () => {
    const counts: unknown[] = [];
    const definition = {
      StartAt: 'Work',
      States: {
        Work: task({ Parameters: { 'count.$': '$$.State.RetryCount' }, ResultPath: '$.done', Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }], Next: 'Again' }),
        Again: { Type: 'Choice', Choices: [{ Variable: '$.done', BooleanEquals: true, Next: 'End' }], Default: 'Work' },
        End: { Type: 'Succeed' },
      },
    };
    const result = await run(definition, {}, async ({ payload }) => {
      counts.push((payload as { count: number }).count);
      if (counts.length % 2 === 1) throw new TaskError('E', '');
      return counts.length === 4;
    });
    expect(result.status).toBe('SUCCEEDED');
    expect(counts).toEqual([0, 1, 0, 1]);
  });
});

describe('Catch', () => {
  test.each<[string, string[][], string, string]>([
    ['by name', [['E']], 'E', 'Caught'],
    ['in order', [['A', 'B'], ['E'], ['States.ALL']], 'B', 'Caught'],
    ['TaskFailed takes any error', [['States.TaskFailed']], 'E', 'Caught'],
    ['ALL takes any error', [['States.ALL']], 'States.Timeout', 'Caught'],
    ['names are case-sensitive', [['e']], 'E', 'E'],
    ['TaskFailed takes no timeout', [['States.TaskFailed']], 'States.Timeout', 'States.Timeout'],
    ['ALL takes no States.Runtime', [['States.ALL']], 'States.Runtime', 'States.Runtime'],
    ['ALL takes no States.DataLimitExceeded', [['States.ALL']], 'States.DataLimitExceeded', 'States.DataLimitExceeded'],
    ['TaskFailed takes no States.DataLimitExceeded', [['States.TaskFailed']], 'States.DataLimitExceeded', 'States.DataLimitExceeded'],
  ])('%s', async (_title, errorEquals, thrown, answer) => {
    const definition = only(task({ Catch: errorEquals.map((names, index) => ({ ErrorEquals: names, Next: index === 0 ? 'Caught' : 'Other' })) }), {
      Caught: { Type: 'Pass', End: true }, ...(errorEquals.length > 1 ? { Other: CAUGHT.Other } : {}),
    });
    const { status, output, error } = await run(definition, {}, failing(thrown));
    if (answer === 'Caught') expect(output).toEqual({ Error: thrown, Cause: `cause of ${thrown}` });
    else expect({ status, error }).toEqual({ status: 'FAILED', error: answer });
  });

  test('ResultPath puts the error into the raw input, null keeps the input', async () => {
    const catching = (ResultPath: unknown) => only(task({ InputPath: '$.a', ResultPath: '$.x', Catch: [{ ErrorEquals: ['E'], ResultPath, Next: 'Caught' }] }), { Caught: CAUGHT.Caught });
    expect((await run(catching('$.error-info'), { a: 1 }, failing('E'))).output).toEqual({ a: 1, 'error-info': { Error: 'E', Cause: 'cause of E' } });
    expect((await run(catching(null), { a: 1 }, failing('E'))).output).toEqual({ a: 1 });
  });

  test('an error that is no TaskError is reported by its name; error and cause are cut to what the history holds', async () => {
    expect(await run(only(task()), {}, async () => { throw new RangeError('too far'); })).toMatchObject({ error: 'RangeError', cause: 'too far' });
    const { error, cause } = await run(only(task()), {}, async () => { throw new TaskError('e'.repeat(300), 'c'.repeat(40_000)); });
    expect([error?.length, cause?.length]).toEqual([256, 32_768]);
  });
});

describe('the 256 KiB limit', () => {
  const states = task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] });

  // the quotation marks of the JSON count: 262,142 + 2 bytes fit.
  test.each([[262_142, 'SUCCEEDED', undefined], [262_143, 'FAILED', 'States.DataLimitExceeded']])('%d letters of a task: %s', async (length, status, error) => {
    const result = await run(only(states, { Caught: CAUGHT.Caught }), {}, async () => 'x'.repeat(length));
    expect({ status: result.status, error: result.error }).toEqual({ status, error });
  });

  test('is counted in bytes of UTF-8', async () => {
    expect(await run(only(states, { Caught: CAUGHT.Caught }), {}, async () => '𠮷'.repeat(65_536))).toMatchObject({ error: 'States.DataLimitExceeded' });
  });

  test('holds after Parameters, for a state\'s output, and for the input of an execution', async () => {
    const half = 'x'.repeat(140_000);
    expect(await run(only(task({ Parameters: { 'a.$': '$.v', 'b.$': '$.v' } })), { v: half })).toMatchObject({ error: 'States.DataLimitExceeded' });
    expect(await run(only(task({ ResultPath: '$.w' })), { v: half }, async () => half)).toMatchObject({ error: 'States.DataLimitExceeded' });
    await expect(run(only({ Type: 'Succeed' }), half + half)).rejects.toThrow('States.DataLimitExceeded');
  });

  test('is caught by its name', async () => {
    const definition = only(task({ Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'Caught' }] }), { Caught: CAUGHT.Caught });
    expect(await run(definition, {}, async () => 'x'.repeat(300_000))).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'States.DataLimitExceeded' } });
  });
});

describe('timeouts of tasks, in real time', () => {
  test('TimeoutSeconds aborts the task and reports States.Timeout', async () => {
    const tasks = endless();
    const definition = only(task({ TimeoutSecondsPath: '$.limit', Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Caught' }] }), { Caught: CAUGHT.Caught });
    const { output, types } = await run(definition, { limit: 1 }, tasks);
    expect(output).toEqual({ Error: 'States.Timeout', Cause: 'the task took longer than 1 s' });
    expect(types).toContain('LambdaFunctionTimedOut');
    expect([tasks.calls, tasks.aborts]).toEqual([1, 1]);
  });

  test('a timeout beyond 2^31 ms does not fire at once', async () => {
    const slow = () => new Promise((resolve) => setTimeout(resolve, 50, 'done'));
    expect(await run(only(task({ TimeoutSeconds: 99_999_999 })), {}, slow)).toMatchObject({ status: 'SUCCEEDED', output: 'done' });
  });

  test.each([0, 1.5, '60', null, undefined])('TimeoutSecondsPath to %j is States.Runtime', async (limit) => {
    expect(await run(only(task({ TimeoutSecondsPath: '$.limit' })), { limit })).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });
});

test('an execution that takes longer than its TimeoutSeconds is TIMED_OUT, in a wait and in a task', async () => {
  const waiting = await run({ TimeoutSeconds: 100, ...only({ Type: 'Wait', Seconds: 101, End: true }) });
  expect(waiting).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout', seconds: 100 });
  expect(waiting.types).toEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionTimedOut']);

  const clock = new SimulatedClock(START);
  const tasks = endless();
  const definition = { TimeoutSeconds: 100, ...only(task({ Retry: [{ ErrorEquals: ['States.ALL'] }] })) };
  const execution = machine(definition, tasks, clock).startExecution();
  await until(execution, 'LambdaFunctionStarted');
  await clock.sleep(100);
  expect(await execution.finished).toMatchObject({ status: 'TIMED_OUT' });
  expect([tasks.calls, tasks.aborts]).toEqual([1, 1]);
});

describe('stop', () => {
  test('aborts the running task, retries nothing, and nothing follows', async () => {
    const tasks = endless();
    const execution = machine(only(task({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 20 }] })), tasks).startExecution();
    await until(execution, 'LambdaFunctionStarted');
    execution.stop('Stopped', 'by a test');
    const events = execution.history.length;
    expect(await execution.finished).toEqual({ status: 'ABORTED', error: 'Stopped', cause: 'by a test' });
    await new Promise((resolve) => setImmediate(resolve));
    expect([tasks.calls, tasks.aborts]).toEqual([1, 1]);
    expect(execution.history).toHaveLength(events);
    expect(execution.history.at(-1)).toMatchObject({ type: 'ExecutionAborted', error: 'Stopped', cause: 'by a test' });
    execution.stop();
    expect(execution.history).toHaveLength(events);
  });

  test('while a retry waits, the task is not called again', async () => {
    const tasks = failing('E', 'E', 'E');
    const real = { now: () => START, sleep: (_seconds: number, signal?: AbortSignal) => new Promise<void>((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))) };
    const execution = machine(only(task({ Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 20 }] })), tasks, real as unknown as SimulatedClock).startExecution();
    await until(execution, 'LambdaFunctionFailed');
    execution.stop();
    expect(await execution.finished).toEqual({ status: 'ABORTED' });
    expect(tasks.calls).toBe(1);
  });
});

test('Fail ends with its texts, also by path and intrinsic function', async () => {
  expect(await run(only({ Type: 'Fail', Error: 'E', Cause: 'C' }))).toMatchObject({ status: 'FAILED', error: 'E', cause: 'C' });
  const byPath = only({ Type: 'Fail', ErrorPath: '$.e', CausePath: `States.Format('found {}', $.n)` });
  expect(await run(byPath, { e: 'E', n: 5 })).toMatchObject({ error: 'E', cause: 'found 5' });
  expect(await run(byPath, { e: 5, n: 5 })).toMatchObject({ error: 'States.Runtime' });
});
