import { explained, isForeign } from '../../../lambda/shared/failure';

describe('explained', () => {
  test('is the message a function threw', () => {
    const Cause = JSON.stringify({ errorType: 'DataDiffers', errorMessage: 'shop.orders differs', trace: ['at x'] });
    expect(explained({ Error: 'DataDiffers', Cause })).toBe('shop.orders differs');
  });

  test('says what an error of Lambda means', () => {
    const Cause = JSON.stringify({ errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 60.00 seconds' });
    expect(explained({ Error: 'Sandbox.Timedout', Cause })).toBe('a function reached its time limit: Task timed out after 60.00 seconds');
  });

  test('passes a cause on that is a sentence of Step Functions', () => {
    expect(explained({ Error: 'States.DataLimitExceeded', Cause: 'The state is too large.' })).toBe('States.DataLimitExceeded: The state is too large.');
  });

  test('finds the message in a cause that Step Functions has cut in the middle', () => {
    const whole = JSON.stringify({ errorType: 'PreflightFailed', errorMessage: 'two\nlines "and" a \u0001 sign', trace: ['long'] });

    expect(explained({ Error: 'PreflightFailed', Cause: whole.slice(0, -5) })).toBe('two\nlines "and" a \u0001 sign');
    expect(explained({ Error: 'PreflightFailed', Cause: whole.slice(0, whole.indexOf('\\u0001') + 4) })).toBe('two\nlines "and" a ');
  });

  test.each([undefined, ''])('makes do with cause %p', (Cause) => {
    expect(explained({ Error: 'States.Timeout', Cause })).toBe('a state reached its time limit');
  });

  test.each(['null', '"text"', '17', '{"errorMessage":null}'])('passes JSON without a message on as it is: %p', (Cause) => {
    expect(explained({ Error: 'X', Cause })).toBe(`X: ${Cause}`);
  });
});

test.each([
  ['States.Runtime', true],
  ['Lambda.Unknown', true],
  ['Runtime.ImportModuleError', true],
  ['Sandbox.Timedout', true],
  ['DataDiffers', false],
  ['RuntimeError', false],
])('%p is an error of the platform: %p', (name, expected) => {
  expect(isForeign(name)).toBe(expected);
});
