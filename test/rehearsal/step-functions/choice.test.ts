import { only, run } from './machine';

type Answer = boolean | 'States.Runtime';

async function ask(rule: object, input: unknown): Promise<unknown> {
  const pass = (answer: boolean) => ({ Type: 'Pass', Result: answer, End: true });
  const definition = only({ Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' }, { Yes: pass(true), No: pass(false) });
  const result = await run(definition, input);
  return result.status === 'SUCCEEDED' ? result.output : result.error;
}

// https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html and https://states-language.net/spec.html#choice-state:
// "if the values are not both of the appropriate type … the comparison will return false".
const CASES: [rule: object, input: unknown, answer: Answer][] = [
  [{ NumericLessThan: 5 }, { v: 4 }, true],
  [{ NumericLessThan: 5 }, { v: 5 }, false],
  [{ NumericLessThan: 5 }, { v: null }, false],
  [{ NumericLessThan: 5 }, { v: '4' }, false],
  [{ NumericLessThan: 5 }, { v: false }, false],
  [{ NumericLessThan: 5 }, { v: [] }, false],
  [{ NumericLessThan: 5 }, {}, 'States.Runtime'],
  [{ NumericGreaterThanEquals: 0 }, { v: null }, false],
  [{ NumericGreaterThanEquals: 0 }, { v: 0 }, true],
  [{ NumericGreaterThan: 0 }, { v: 0 }, false],
  [{ NumericLessThanEquals: 1.5 }, { v: 1.5 }, true],
  [{ NumericEquals: 0 }, { v: null }, false],
  [{ NumericEquals: 0 }, { v: '' }, false],
  [{ NumericEquals: 2 }, { v: 2.0 }, true],
  [{ NumericLessThanPath: '$.w' }, { v: 1, w: 2 }, true],
  [{ NumericLessThanPath: '$.w' }, { v: 1, w: '2' }, false],
  [{ NumericLessThanPath: '$.w' }, { v: 1, w: null }, false],
  [{ NumericLessThanPath: '$.w' }, { v: 1 }, 'States.Runtime'],
  [{ NumericEqualsPath: '$$.Execution.RedriveCount' }, { v: 0 }, true],
  [{ StringEquals: 'a' }, { v: 'a' }, true],
  [{ StringEquals: 'null' }, { v: null }, false],
  [{ StringEquals: '5' }, { v: 5 }, false],
  [{ StringLessThan: 'b' }, { v: 'B' }, true],
  [{ StringGreaterThan: 'b' }, { v: 'ba' }, true],
  [{ StringEqualsPath: '$.w' }, { v: 'x', w: 'x' }, true],
  [{ BooleanEquals: true }, { v: true }, true],
  [{ BooleanEquals: true }, { v: 'true' }, false],
  [{ BooleanEquals: false }, { v: null }, false],
  [{ BooleanEqualsPath: '$.w' }, { v: false, w: false }, true],
  [{ TimestampEquals: '2026-01-01T00:00:00Z' }, { v: '2026-01-01T01:00:00+01:00' }, true],
  [{ TimestampLessThan: '2026-01-01T00:00:00Z' }, { v: '2025-12-31T23:59:59.999Z' }, true],
  [{ TimestampLessThan: '2026-01-01T00:00:00Z' }, { v: '2025-12-31 23:59:59Z' }, false],
  [{ TimestampGreaterThanEqualsPath: '$.w' }, { v: '2026-01-01T00:00:00Z', w: 'soon' }, false],
  [{ StringEquals: '2026-01-01T00:00:00Z' }, { v: '2026-01-01T00:00:00Z' }, true],
  [{ IsPresent: true }, { v: null }, true],
  [{ IsPresent: true }, {}, false],
  [{ IsPresent: false }, {}, true],
  [{ IsPresent: false }, { v: 1 }, false],
  [{ IsNull: true }, { v: null }, true],
  [{ IsNull: true }, { v: 0 }, false],
  [{ IsNull: false }, { v: 0 }, true],
  [{ IsNull: false }, { v: null }, false],
  [{ IsNull: true }, {}, 'States.Runtime'],
  [{ IsNumeric: true }, { v: 1.5 }, true],
  [{ IsNumeric: true }, { v: '1' }, false],
  [{ IsNumeric: false }, { v: null }, true],
  [{ IsString: true }, { v: '' }, true],
  [{ IsBoolean: true }, { v: 0 }, false],
  [{ IsTimestamp: true }, { v: '2024-08-18T17:33:00Z' }, true],
  [{ IsTimestamp: true }, { v: '2024-08-18T17:33:00z' }, false],
  [{ IsTimestamp: true }, { v: '2024-08-18T17:33:00' }, false],
  [{ IsTimestamp: true }, { v: '2024-02-30T17:33:00Z' }, false],
  [{ StringMatches: 'log-*.txt' }, { v: 'log-2026\n1.txt' }, true],
  [{ StringMatches: 'log-*.txt' }, { v: 'log-1xtxt' }, false],
  [{ StringMatches: 'a\\*b' }, { v: 'a*b' }, true],
  [{ StringMatches: 'a\\*b' }, { v: 'axb' }, false],
  [{ StringMatches: 'a\\\\b' }, { v: 'a\\b' }, true],
  [{ StringMatches: '*' }, { v: 5 }, false],
];

test.each(CASES)('%j on %j is %j', async (rule, input, answer) => {
  expect(await ask({ Variable: '$.v', ...rule }, input)).toBe(answer);
});

// "ceasing array processing when the boolean value has been unambiguously determined".
test.each<[object, unknown, Answer]>([
  [{ And: [{ Variable: '$.v', IsPresent: true }, { Variable: '$.v', NumericLessThan: 5 }] }, {}, false],
  [{ And: [{ Variable: '$.v', NumericLessThan: 5 }, { Variable: '$.v', IsPresent: true }] }, {}, 'States.Runtime'],
  [{ Or: [{ Variable: '$.v', IsPresent: false }, { Variable: '$.v', NumericLessThan: 5 }] }, {}, true],
  [{ Or: [{ Variable: '$.v', NumericEquals: 1 }, { Variable: '$.v', NumericEquals: 2 }] }, { v: 2 }, true],
  [{ Not: { Variable: '$.v', NumericLessThan: 5 } }, { v: null }, true],
  [{ Not: { And: [{ Variable: '$.v', IsNumeric: true }, { Not: { Variable: '$.v', NumericEquals: 1 } }] } }, { v: 1 }, true],
])('%j on %j is %j', async (rule, input, answer) => {
  expect(await ask(rule, input)).toBe(answer);
});

test('the first rule that holds wins, and InputPath and OutputPath apply', async () => {
  const definition = only({
    Type: 'Choice', InputPath: '$.in', OutputPath: '$.out', Default: 'B',
    Choices: [{ Variable: '$.v', NumericEquals: 1, Next: 'A' }, { Variable: '$.v', IsNumeric: true, Next: 'B' }],
  }, { A: { Type: 'Pass', End: true }, B: { Type: 'Pass', Result: 'wrong', End: true } });
  expect(await run(definition, { in: { v: 1, out: 'kept' } })).toMatchObject({ status: 'SUCCEEDED', output: 'kept' });
});

test('no rule and no Default is States.NoChoiceMatched', async () => {
  const definition = only({ Type: 'Choice', Choices: [{ Variable: '$.v', IsNull: true, Next: 'End' }] }, { End: { Type: 'Succeed' } });
  expect(await run(definition, { v: 1 })).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
});
