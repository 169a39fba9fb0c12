import { SimulatedClock } from '../../../rehearsal/clock';
import { type TaskHandler } from '../../../rehearsal/step-functions';
import { failing, machine, only, START, task, typesOf, until, endless } from './machine';

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
const TWO_STEPS = {
  StartAt: 'First',
  States: {
    First: task({ ResultPath: '$.first', Next: 'Second' }),
    Second: task({
      Parameters: { 'all.$': '$', 'redrives.$': '$$.Execution.RedriveCount' }, Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }], ResultPath: '$.second', End: true,
    }),
  },
};

function steps(handlers: Record<string, TaskHandler>): TaskHandler {
  return (request, signal) => handlers[request.stateName]?.(request, signal) ?? Promise.resolve('ok');
}

test('fail, mend, redrive, succeed: from the failed state, with its input, fresh retries and a context read anew', async () => {
  const first = failing();
  const second = failing('E', 'E', 'E');
  const payloads: unknown[] = [];
  const recorded: TaskHandler = (request, signal) => {
    payloads.push(request.payload);
    return second(request, signal);
  };
  const execution = machine(TWO_STEPS, steps({ First: first, Second: recorded })).startExecution({ input: { a: 1 } });
  expect(await execution.finished).toMatchObject({ status: 'FAILED', error: 'E' });
  const before = execution.history.length;

  execution.redrive();
  expect(execution.status).toBe('RUNNING');
  expect(await execution.finished).toEqual({ status: 'SUCCEEDED', output: { a: 1, first: 'done', second: 'done' } });
  expect([first.calls, second.calls]).toEqual([1, 4]);
  const input = { a: 1, first: 'done' };
  expect(payloads).toEqual([{ all: input, redrives: 0 }, { all: input, redrives: 0 }, { all: input, redrives: 1 }, { all: input, redrives: 1 }]);
  const added = execution.history.slice(before);
  expect(added[0]).toMatchObject({ id: before + 1, type: 'ExecutionRedriven', redriveCount: 1 });
  expect(added.at(-1)?.type).toBe('ExecutionSucceeded');
  expect(() => execution.redrive()).toThrow('ExecutionNotRedrivable: its status is SUCCEEDED');
});

test('a Fail state that was reached fails again; a running execution cannot be redriven', async () => {
  const definition = only(task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Give Up' }] }), { 'Give Up': { Type: 'Fail', Error: 'GaveUp' } });
  const execution = machine(definition, failing('E')).startExecution();
  expect(() => execution.redrive()).toThrow('its status is RUNNING');
  await execution.finished;
  execution.redrive();
  expect(await execution.finished).toMatchObject({ status: 'FAILED', error: 'GaveUp' });
  expect(typesOf(execution.history).slice(-3)).toEqual(['ExecutionRedriven', 'FailStateEntered', 'ExecutionFailed']);
});

test('only the branches that had not succeeded run again, each from where it stood', async () => {
  const good = failing();
  const before = failing();
  const bad = failing('E');
  const stuck = endless();
  let mended = false;
  const definition = only({
    Type: 'Parallel', End: true,
    Branches: [
      { StartAt: 'Good', States: { Good: task() } },
      { StartAt: 'Before', States: { Before: task({ Next: 'Bad' }), Bad: task() } },
      { StartAt: 'Stuck', States: { Stuck: task() } },
    ],
  });
  const execution = machine(definition, steps({
    Good: good, Before: before, Bad: bad,
    Stuck: (request, signal) => (mended ? Promise.resolve('freed') : stuck(request, signal)),
  })).startExecution();
  expect(await execution.finished).toMatchObject({ status: 'FAILED', error: 'E' });
  mended = true;
  execution.redrive();
  expect(await execution.finished).toEqual({ status: 'SUCCEEDED', output: ['done', 'done', 'freed'] });
  expect([good.calls, before.calls, bad.calls, stuck.calls]).toEqual([1, 1, 2, 1]);
});

test('a Parallel whose result was too large runs all its branches again', async () => {
  const sizes = [200_000, 200_000, 10, 10];
  const definition = only({ Type: 'Parallel', End: true, Branches: ['One', 'Two'].map((name) => ({ StartAt: name, States: { [name]: task() } })) });
  const execution = machine(definition, async () => 'x'.repeat(sizes.shift() ?? 0)).startExecution();
  expect(await execution.finished).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  execution.redrive();
  expect(await execution.finished).toMatchObject({ status: 'SUCCEEDED', output: ['xxxxxxxxxx', 'xxxxxxxxxx'] });
});

test('a stopped execution goes on in the state it was stopped in, and the old run leaves no trace in the new one', async () => {
  let release: (value: unknown) => void = () => {};
  let calls = 0;
  const execution = machine(only(task()), () => {
    calls++;
    return new Promise((resolve) => { release = resolve; });
  }).startExecution();
  await until(execution, 'LambdaFunctionStarted');
  execution.stop();
  const releaseOld = release;
  execution.redrive();
  await Promise.resolve();
  releaseOld('old');
  await new Promise((resolve) => setImmediate(resolve));
  expect(execution.status).toBe('RUNNING');
  release('new');
  expect(await execution.finished).toEqual({ status: 'SUCCEEDED', output: 'new' });
  expect(calls).toBe(2);
  expect(typesOf(execution.history).filter((type) => type === 'LambdaFunctionSucceeded')).toHaveLength(1);
});

test('after a timeout the execution has its whole time again; after 14 days it is not redrivable', async () => {
  const clock = new SimulatedClock(START);
  const definition = { TimeoutSeconds: 100, ...only({ Type: 'Wait', Timestamp: '2026-11-20T00:03:00Z', Next: 'End' }, { End: { Type: 'Succeed' } }) };
  const execution = machine(definition, undefined, clock).startExecution();
  expect(await execution.finished).toMatchObject({ status: 'TIMED_OUT' });
  await clock.sleep(14 * 86_400 + 1);
  expect(() => execution.redrive()).toThrow('ExecutionNotRedrivable: it ended more than 14 days ago');

  const soon = new SimulatedClock(START);
  const again = machine(definition, undefined, soon).startExecution();
  await again.finished;
  again.redrive();
  expect(await again.finished).toMatchObject({ status: 'SUCCEEDED' });
});

test('$$.Execution.RedriveTime appears with the first redrive', async () => {
  const seen: unknown[] = [];
  const failOnce = failing('E');
  const definition = only(task({ Parameters: { 'e.$': '$$.Execution' } }));
  const tasks: TaskHandler = (request, signal) => {
    seen.push((request.payload as { e: object }).e);
    return failOnce(request, signal);
  };
  const execution = machine(definition, tasks).startExecution();
  await execution.finished;
  execution.redrive();
  await execution.finished;
  expect(seen).toMatchObject([{ RedriveCount: 0 }, { RedriveCount: 1, RedriveTime: '2026-11-20T00:00:00.000Z' }]);
  expect(seen[0]).not.toHaveProperty('RedriveTime');
});
