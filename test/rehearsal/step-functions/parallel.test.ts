import { TaskError, type TaskHandler } from '../../../rehearsal/step-functions';
import { endless, failing, only, run, task, typesOf, machine, until } from './machine';

function branch(name: string): object {
  return { StartAt: name, States: { [name]: task() } };
}

/** A handler per state. */
function byState(handlers: Record<string, TaskHandler>): TaskHandler {
  return (request, signal) => handlers[request.stateName]?.(request, signal) ?? Promise.resolve(request.stateName);
}

test('the results are an array in the order of the branches; every branch gets the effective input', async () => {
  const definition = only({
    Type: 'Parallel', Parameters: { 'v.$': '$.a' }, ResultSelector: { 'first.$': '$[0]', 'second.$': '$[1]' }, ResultPath: '$.r', End: true,
    Branches: [branch('One'), branch('Two')],
  });
  const slowFirst = byState({ One: ({ payload }) => new Promise((resolve) => setTimeout(resolve, 20, payload)), Two: async ({ payload }) => payload });
  const result = await run(definition, { a: 1 }, slowFirst);
  expect(result.output).toEqual({ a: 1, r: { first: { v: 1 }, second: { v: 1 } } });
  // 2 of the execution, 2 + 2 of the Parallel, 5 of each task.
  expect(result.types).toHaveLength(2 + 4 + 10);
  expect(result.types.slice(0, 3)).toEqual(['ExecutionStarted', 'ParallelStateEntered', 'ParallelStateStarted']);
  expect(result.types.slice(-3)).toEqual(['ParallelStateSucceeded', 'ParallelStateExited', 'ExecutionSucceeded']);
});

test('a failing branch aborts the others, which are neither retried nor run on', async () => {
  const other = endless();
  const inner = endless();
  const all = [{ ErrorEquals: ['States.ALL'] }];
  const definition = only({
    Type: 'Parallel', Next: 'Unreached', Catch: [{ ErrorEquals: ['Broken'], ResultPath: '$.error', Next: 'Caught' }],
    Branches: [
      branch('Bad'),
      { StartAt: 'Good', States: { Good: task({ Retry: all, Catch: [{ ...all[0], Next: 'After' }] }), After: { Type: 'Pass', End: true } } },
      { StartAt: 'Nested', States: { Nested: { Type: 'Parallel', Branches: [branch('Inner')], End: true } } },
    ],
  }, { Caught: { Type: 'Pass', End: true }, Unreached: { Type: 'Succeed' } });
  const bad: TaskHandler = () => new Promise((_, reject) => setTimeout(() => reject(new TaskError('Broken', 'so it is')), 20));
  const { status, output, execution } = await run(definition, { a: 1 }, byState({ Bad: bad, Good: other, Inner: inner }));
  expect({ status, output }).toEqual({ status: 'SUCCEEDED', output: { a: 1, error: { Error: 'Broken', Cause: 'so it is' } } });
  await new Promise((resolve) => setImmediate(resolve));
  expect([other.calls, other.aborts, inner.calls, inner.aborts]).toEqual([1, 1, 1, 1]);
  const tail = execution.history.map((event) => `${event.type} ${event.name ?? ''}`.trim()).slice(-9);
  expect(tail).toEqual([
    'LambdaFunctionFailed Bad', 'TaskStateAborted Good', 'TaskStateAborted Inner', 'ParallelStateAborted Nested', 'ParallelStateFailed It', 'ParallelStateExited It',
    'PassStateEntered Caught', 'PassStateExited Caught', 'ExecutionSucceeded',
  ]);
});

test('Retry on a Parallel runs all its branches again', async () => {
  const [one, two] = [failing(), failing('E')];
  const definition = only({ Type: 'Parallel', Retry: [{ ErrorEquals: ['States.TaskFailed'] }], Branches: [branch('One'), branch('Two')], End: true });
  const { status, seconds } = await run(definition, {}, byState({ One: one, Two: two }));
  expect({ status, seconds, calls: [one.calls, two.calls] }).toEqual({ status: 'SUCCEEDED', seconds: 1, calls: [2, 2] });
});

test('States.Runtime in a branch passes every Catch', async () => {
  const definition = only({
    Type: 'Parallel', End: true, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
    Branches: [{ StartAt: 'W', States: { W: { Type: 'Wait', SecondsPath: '$.s', End: true } } }],
  }, { Caught: { Type: 'Succeed' } });
  expect(await run(definition)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('a Fail state in a branch fails the Parallel, a Succeed state ends only its branch', async () => {
  const scope = (state: object) => ({ StartAt: `${JSON.stringify(state)}`, States: { [JSON.stringify(state)]: state } });
  const both = only({ Type: 'Parallel', Branches: [scope({ Type: 'Succeed' }), scope({ Type: 'Fail', Error: 'E' })], End: true });
  expect(await run(both)).toMatchObject({ status: 'FAILED', error: 'E' });
  expect((await run(only({ Type: 'Parallel', Branches: [scope({ Type: 'Succeed' })], End: true }), 1)).output).toEqual([1]);
});

test('stop aborts every branch at once', async () => {
  const [one, two] = [endless(), endless()];
  const definition = only({ Type: 'Parallel', Branches: [branch('One'), branch('Two')], Retry: [{ ErrorEquals: ['States.ALL'] }], End: true });
  const execution = machine(definition, byState({ One: one, Two: two })).startExecution();
  await until(execution, 'LambdaFunctionStarted');
  await new Promise((resolve) => setImmediate(resolve));
  execution.stop();
  await execution.finished;
  await new Promise((resolve) => setImmediate(resolve));
  expect([one.calls, one.aborts, two.calls, two.aborts]).toEqual([1, 1, 1, 1]);
  expect(typesOf(execution.history).at(-1)).toBe('ExecutionAborted');
});
