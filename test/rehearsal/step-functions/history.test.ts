import { SimulatedClock } from '../../../rehearsal/clock';
import { type HistoryEvent } from '../../../rehearsal/step-functions';
import { failing, machine, only, run, START, task } from './machine';

const INVOKE = 'arn:aws:states:::lambda:invoke';

test.each<[string, object, string[]]>([
  ['a Lambda function', task({ Next: 'End' }), ['TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionSucceeded', 'TaskStateExited']],
  ['a service integration', task({ Resource: INVOKE, Next: 'End' }), ['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskSucceeded', 'TaskStateExited']],
  ['a Pass', { Type: 'Pass', Next: 'End' }, ['PassStateEntered', 'PassStateExited']],
  ['a Wait', { Type: 'Wait', Seconds: 1, Next: 'End' }, ['WaitStateEntered', 'WaitStateExited']],
  ['a Choice', { Type: 'Choice', Choices: [{ Variable: '$', IsNull: false, Next: 'End' }] }, ['ChoiceStateEntered', 'ChoiceStateExited']],
])('the events of %s', async (_title, state, types) => {
  const result = await run(only(state, { End: { Type: 'Succeed' } }));
  expect(result.types).toEqual(['ExecutionStarted', ...types, 'SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded']);
});

test('a retry adds three events, and a caught error exits the state', async () => {
  const definition = only(task({ Resource: INVOKE, Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }], Catch: [{ ErrorEquals: ['E'], Next: 'End' }] }), { End: { Type: 'Succeed' } });
  const { types } = await run(definition, {}, failing('E', 'E'));
  const attempt = ['TaskScheduled', 'TaskStarted', 'TaskFailed'];
  expect(types).toEqual(['ExecutionStarted', 'TaskStateEntered', ...attempt, ...attempt, 'TaskStateExited', 'SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded']);
});

test('events carry their number, the clock\'s time and their details, and are heard as they happen', async () => {
  const heard: HistoryEvent[] = [];
  const clock = new SimulatedClock(START);
  const execution = machine(only({ Type: 'Wait', Seconds: 5, Next: 'End' }, { End: { Type: 'Fail', Error: 'E', Cause: 'C' } }), undefined, clock)
    .startExecution({ input: { a: 1 }, onEvent: (event) => heard.push(event) });
  expect(heard.map((event) => event.type)).toEqual(['ExecutionStarted']);
  await execution.finished;
  const later = new Date(START.getTime() + 5000);
  expect(execution.history).toEqual([
    { id: 1, timestamp: START, type: 'ExecutionStarted', input: { a: 1 } },
    { id: 2, timestamp: START, type: 'WaitStateEntered', name: 'It', input: { a: 1 } },
    { id: 3, timestamp: later, type: 'WaitStateExited', name: 'It', output: { a: 1 } },
    { id: 4, timestamp: later, type: 'FailStateEntered', name: 'End', input: { a: 1 } },
    { id: 5, timestamp: later, type: 'ExecutionFailed', error: 'E', cause: 'C' },
  ]);
  expect(heard).toEqual(execution.history);
});

test('a listener that throws is no outcome of the execution', async () => {
  const execution = machine(only({ Type: 'Pass', End: true })).startExecution({ onEvent: (event) => { if (event.type === 'PassStateEntered') throw new Error('listener'); } });
  await expect(execution.finished).rejects.toThrow('listener');
});
