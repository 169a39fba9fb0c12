import { only, run, task, type Run } from './machine';

async function wait(fields: object, input: unknown): Promise<Run> {
  return run(only({ Type: 'Wait', ...fields, End: true }), input);
}

// https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html: an integer from 0 to 99999999; a timestamp's milliseconds are cut off.
test.each<[object, unknown, number | string]>([
  [{ Seconds: 0 }, {}, 0],
  [{ Seconds: 10 }, {}, 10],
  [{ Seconds: 99_999_999 }, {}, 99_999_999],
  [{ SecondsPath: '$.s' }, { s: 300 }, 300],
  [{ SecondsPath: '$.s' }, { s: 0 }, 0],
  [{ SecondsPath: '$.s' }, { s: 1.5 }, 'States.Runtime'],
  [{ SecondsPath: '$.s' }, { s: -1 }, 'States.Runtime'],
  [{ SecondsPath: '$.s' }, { s: '300' }, 'States.Runtime'],
  [{ SecondsPath: '$.s' }, { s: null }, 'States.Runtime'],
  [{ SecondsPath: '$.s' }, { s: 100_000_000 }, 'States.Runtime'],
  [{ SecondsPath: '$.s' }, {}, 'States.Runtime'],
  [{ Timestamp: '2026-11-20T00:01:00Z' }, {}, 60],
  [{ Timestamp: '2026-11-20T02:00:00.900+01:00' }, {}, 3600],
  [{ Timestamp: '2026-11-19T00:00:00Z' }, {}, 0],
  [{ TimestampPath: '$.t' }, { t: '2026-11-21T00:00:00Z' }, 86_400],
  [{ TimestampPath: '$.t' }, { t: 'tomorrow' }, 'States.Runtime'],
  [{ TimestampPath: '$.t' }, { t: 86_400 }, 'States.Runtime'],
])('%j on %j: %j', async (fields, input, answer) => {
  const { status, seconds, error, output } = await wait(fields, input);
  if (typeof answer === 'string') expect({ status, error }).toEqual({ status: 'FAILED', error: answer });
  else expect({ status, seconds, output }).toEqual({ status: 'SUCCEEDED', seconds: answer, output: input });
});

const POLL = {
  StartAt: 'Look',
  States: {
    Look: task({ Next: 'Done?' }),
    'Done?': { Type: 'Choice', Choices: [{ Variable: '$.done', BooleanEquals: true, Next: 'End' }], Default: 'Wait' },
    Wait: { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Look' },
    End: { Type: 'Succeed' },
  },
};

test('thirty days of polling every 40 minutes cost 9,731 events', async () => {
  let turns = 0;
  const { status, seconds, execution } = await run(POLL, {}, async () => ({ done: turns++ === 30 * 36, waitSeconds: 2400 }));
  expect(status).toBe('SUCCEEDED');
  expect(seconds).toBe(30 * 86_400);
  // a turn: task 2 + 3, choice 2, wait 2; at the end task 5, choice 2, succeed 2; around it the execution's start and end.
  expect(execution.history).toHaveLength(1080 * 9 + 5 + 2 + 2 + 2);
});

test('the 25,000th event ends the execution, and no Catch sees it', async () => {
  const endlessly = structuredClone(POLL);
  Object.assign(endlessly.States.Look, { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'End' }] });
  const result = await run(endlessly, {}, async () => ({ done: false, waitSeconds: 60 }));
  expect(result).toMatchObject({ status: 'FAILED', error: 'States.Runtime', cause: 'the execution reached the maximum number of history events (25000)' });
  expect(result.execution.history).toHaveLength(25_000);
  expect(result.types.at(-1)).toBe('ExecutionFailed');
  expect(() => result.execution.redrive()).toThrow('ExecutionNotRedrivable: its history has 25000 events');
});
