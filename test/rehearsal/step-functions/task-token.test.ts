import { type Execution, type TaskHandler } from '../../../rehearsal/step-functions';
import { endless, machine, only, task, typesOf, until } from './machine';

const RESOURCE = 'arn:aws:states:::sns:publish.waitForTaskToken';

function waiting(fields: object = {}): object {
  return only(task({ Resource: RESOURCE, Parameters: { 'token.$': '$$.Task.Token' }, ...fields }), 'Catch' in fields ? { Caught: { Type: 'Pass', End: true } } : {});
}

/** Starts, and resolves with the token as soon as the task's request was accepted. */
async function started(definition: object): Promise<{ execution: Execution; tokens: string[] }> {
  const tokens: string[] = [];
  const publish: TaskHandler = async ({ taskToken, payload }) => {
    expect(payload).toEqual({ token: taskToken });
    tokens.push(taskToken ?? 'none');
    return { MessageId: '1' };
  };
  const execution = machine(definition, publish).startExecution();
  await until(execution, 'TaskSubmitted');
  return { execution, tokens };
}

test('the answer to the token is the result, not what the request returned', async () => {
  const { execution, tokens: [token = ''] } = await started(waiting());
  execution.sendTaskSuccess(token, { approved: true });
  expect(await execution.finished).toEqual({ status: 'SUCCEEDED', output: { approved: true } });
  expect(typesOf(execution.history).slice(2, -2)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded']);
  expect(() => execution.sendTaskSuccess(token, {})).toThrow('TaskTimedOut');
  expect(() => execution.sendTaskHeartbeat('made up')).toThrow('TaskDoesNotExist');
});

test('a failure by token has its name and cause', async () => {
  const { execution, tokens: [token = ''] } = await started(waiting({ Catch: [{ ErrorEquals: ['Refused'], Next: 'Caught' }] }));
  expect(() => execution.sendTaskFailure(token, 'e'.repeat(257), '')).toThrow('ValidationException');
  expect(() => execution.sendTaskSuccess(token, 'x'.repeat(300_000))).toThrow('InvalidOutput');
  execution.sendTaskFailure(token, 'Refused', 'not on a Friday');
  expect((await execution.finished).output).toEqual({ Error: 'Refused', Cause: 'not on a Friday' });
});

test.each([['States.HeartbeatTimeout'], ['States.Timeout']])('without heartbeats the task ends after HeartbeatSeconds, caught by %s', async (error) => {
  const { execution, tokens: [token = ''] } = await started(waiting({ HeartbeatSeconds: 1, TimeoutSeconds: 60, Catch: [{ ErrorEquals: [error], Next: 'Caught' }] }));
  await new Promise((resolve) => setTimeout(resolve, 600));
  execution.sendTaskHeartbeat(token);
  await new Promise((resolve) => setTimeout(resolve, 600));
  // without the heartbeat it would be over by now.
  expect(execution.status).toBe('RUNNING');
  expect((await execution.finished).output).toEqual({ Error: 'States.Timeout', Cause: 'the task sent no heartbeat for 1 s' });
  expect(typesOf(execution.history)).toContain('TaskTimedOut');
});

test('a request that fails fails the task; a retry has a new token', async () => {
  const tokens: unknown[] = [];
  const definition = waiting({ Retry: [{ ErrorEquals: ['States.ALL'] }] });
  const execution = machine(definition, async ({ taskToken }) => {
    tokens.push(taskToken);
    if (tokens.length === 1) throw new Error('no such topic');
    return null;
  }).startExecution();
  await until(execution, 'TaskSubmitted');
  expect(new Set(tokens).size).toBe(2);
  expect(() => execution.sendTaskSuccess(String(tokens[0]), 1)).toThrow('TaskTimedOut');
  execution.sendTaskSuccess(String(tokens[1]), 1);
  expect(await execution.finished).toEqual({ status: 'SUCCEEDED', output: 1 });
});

test('there is no token where the resource does not wait for one; stop refuses the token', async () => {
  const definition = only(task({ Parameters: { 'token.$': '$$.Task.Token' } }));
  expect(await machine(definition).startExecution().finished).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });

  const { execution, tokens: [token = ''] } = await started(waiting());
  execution.stop();
  await execution.finished;
  await new Promise((resolve) => setImmediate(resolve));
  expect(() => execution.sendTaskSuccess(token, 1)).toThrow('TaskTimedOut');
});

test('a task may be answered before its request returns', async () => {
  const never = endless();
  const execution = machine(waiting(), (request, signal) => {
    queueMicrotask(() => execution.sendTaskSuccess(request.taskToken ?? '', 'early'));
    return never(request, signal);
  }).startExecution();
  expect(await execution.finished).toEqual({ status: 'SUCCEEDED', output: 'early' });
});
