import { PipelineError } from '../../../lambda/shared/errors';
import { required, situationOf, task } from '../../../lambda/shared/task';
import { eventOf } from './event';

async function thrownBy(handler: (event: ReturnType<typeof eventOf>) => Promise<unknown>, event = eventOf()): Promise<Error> {
  return handler(event).then(() => { throw new Error('nothing was thrown'); }, (thrown: Error) => thrown);
}

describe('task', () => {
  test('returns what the task returns', async () => {
    expect(await task(async ({ now }) => now)(eventOf())).toBe(eventOf().now);
  });

  test('fails with PipelineChanged and runs nothing when the definition speaks another contract', async () => {
    const run = jest.fn();

    const error = await thrownBy(task(run), eventOf({}, { contract: 99 }));

    expect(error.name).toBe('PipelineChanged');
    expect(error.message).toMatch(/speaks contract 99, the deployed functions speak 1.*start a new one with \{\}; it continues/);
    expect(run).not.toHaveBeenCalled();
  });

  test('lets errors of ours and of the platform through under their own names', async () => {
    const ours = new PipelineError('DataDiffers', 'shop.orders differs');
    const theirs = Object.assign(new Error('cut'), { name: 'States.Timeout' });

    expect(await thrownBy(task(() => Promise.reject(ours)))).toBe(ours);
    expect(await thrownBy(task(() => Promise.reject(theirs)))).toBe(theirs);
  });

  test('gives every other error a public name, keeps its number and message, and says how to go on', async () => {
    const error = await thrownBy(task(() => Promise.reject(Object.assign(new Error(`Unknown column 'x'`), { errno: 1054, code: 'ER_BAD_FIELD_ERROR' }))));

    expect(error.name).toBe('UnexpectedError');
    expect(error.message).toMatch(/^error 1054: Unknown column 'x'\. The pipeline does not know this ending.*redrive this execution or start a new one with \{\}/);
  });

  test('names what is thrown and is no Error', async () => {
    // eslint would not let our code throw this; a library may.
    const error = await thrownBy(task(() => Promise.reject('boom' as unknown as Error)));
    expect([error.name, error.message]).toEqual(['UnexpectedError', expect.stringMatching(/^boom\./)]);
  });

  test('does not repeat the message in the stack, because Lambda sends both and Step Functions cuts them', async () => {
    const error = await thrownBy(task(() => Promise.reject(new PipelineError('PreflightFailed', 'first line\nsecond line'))));

    expect(error.stack).not.toMatch(/line/);
    expect(error.stack).toMatch(/^\s+at /);
  });
});

test('situationOf fails with the state that should have come before', () => {
  expect(() => situationOf(eventOf())).toThrow(/must run Find Where We Are first/);
});

test('required fails with what is missing', () => {
  expect(required(0, 'a number')).toBe(0);
  expect(() => required(null, 'Green')).toThrow(/^Green is not known/);
});
