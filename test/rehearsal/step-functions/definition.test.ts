import { machine, only, run, task } from './machine';

const PASS = { Type: 'Pass', End: true };

test('every field, type and name that is not known is listed, with its state', () => {
  const definition = {
    StartAt: 'A', QueryLanguage: 'JSONata', Output: 1,
    States: {
      A: task({ Resource: 'x', Credentials: {}, Assign: {}, Retry: [{ ErrorEquals: ['E'], Interval: 1 }], Catch: [{ ErrorEquals: ['E'], Next: 'B', OutputPath: '$' }], Next: 'B' }),
      B: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEqual: 1, Next: 'C' }, { Variable: '$.a', IsNull: true, NumericEquals: 1, Next: 'C' }], Default: 'D' },
      C: { Type: 'Map', End: true },
      D: { Type: 'Parallel', Branches: [{ StartAt: 'E', States: { E: { ...PASS, ResultSelector: {} } }, ProcessorConfig: {} }], End: true },
    },
  };
  expect(() => machine(definition)).toThrow(new Error(`this state machine definition cannot be run:
- the definition: this interpreter knows the query language JSONPath only, got 'JSONata'
- the definition: this interpreter does not know the field 'Output' here
- state 'A', Retry[0]: this interpreter does not know the field 'Interval' here
- state 'A', Catch[0]: this interpreter does not know the field 'OutputPath' here
- state 'A': this interpreter does not know the field 'Credentials' here
- state 'A': this interpreter does not know the field 'Assign' here
- state 'B', Choices[0]: exactly one comparison is needed, got none
- state 'B', Choices[0]: this interpreter does not know the field 'NumericEqual' here
- state 'B', Choices[1]: exactly one comparison is needed, got IsNull, NumericEquals
- state 'C': this interpreter does not know the state type 'Map'
- branch 0 of state 'D': this interpreter does not know the field 'ProcessorConfig' here
- state 'E': this interpreter does not know the field 'ResultSelector' here`));
});

test.each<[string, object, string]>([
  ['an unresolved token', only({ ...PASS, Comment: '${Token[TOKEN.123]}' }), `the unresolved token '\${Token[TOKEN.123]}'`],
  ['a name over 80 characters', { StartAt: 'x'.repeat(81), States: { ['x'.repeat(81)]: PASS } }, 'its name has 81 characters'],
  ['a transition to nowhere', only(task({ Next: 'Nowhere' })), `state 'It': it goes on to the state 'Nowhere', which is not there`],
  ['a catcher to nowhere', only(task({ Catch: [{ ErrorEquals: ['E'], Next: 'Nowhere' }] })), `state 'It': it goes on to the state 'Nowhere'`],
  ['a start that is not there', { StartAt: 'A', States: { B: PASS } }, `'StartAt' names the state 'A', which is not there`],
  ['an unreachable state', only(PASS, { Lost: PASS }), `state 'Lost': no state leads to it`],
  ['a transition out of a branch', only({ Type: 'Parallel', Branches: [only({ Type: 'Pass', Next: 'Out' })], Next: 'Out' }, { Out: PASS }), `it goes on to the state 'Out', which is not there`],
  ['a name used in a branch, too', only({ Type: 'Parallel', Branches: [only(PASS)], End: true }), `state 'It': another state of this state machine has the same name`],
  ['neither Next nor End', only({ Type: 'Pass' }), `exactly one of 'Next' and 'End': true`],
  ['both Next and End', only({ ...PASS, Next: 'B' }, { B: PASS }), `exactly one of 'Next' and 'End': true`],
  ['End on a Choice', only({ Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'B' }], End: true }, { B: PASS }), `does not know the field 'End'`],
  ['a Choice rule without Next', only({ Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true }] }), `Choices[0]: 'Next' is missing`],
  ['Next in an inner rule', only({ Type: 'Choice', Choices: [{ Not: { Variable: '$.a', IsNull: true, Next: 'B' }, Next: 'B' }] }, { B: PASS }), `Choices[0], Not: this interpreter does not know the field 'Next'`],
  ['a literal of another type', only({ Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: '1', Next: 'B' }] }, { B: PASS }), `'NumericEquals' needs a value of its type`],
  ['a comparison without Variable', only({ Type: 'Choice', Choices: [{ NumericEquals: 1, Next: 'B' }] }, { B: PASS }), `'Variable' is missing`],
  ['an operator that does not exist', only({ Type: 'Choice', Choices: [{ Variable: '$.a', BooleanLessThan: true, Next: 'B' }] }, { B: PASS }), `the field 'BooleanLessThan'`],
  ['an open backslash', only({ Type: 'Choice', Choices: [{ Variable: '$.a', StringMatches: 'a\\b', Next: 'B' }] }, { B: PASS }), 'has a backslash'],
  ['a Variable that is no reference path', only({ Type: 'Choice', Choices: [{ Variable: '$.a[*]', IsNull: true, Next: 'B' }] }, { B: PASS }), 'is not a reference path'],
  ['a filter', only({ ...PASS, OutputPath: '$.a[?(@.b < 5)]' }), `it stops at '[?(@.b < 5)]'`],
  ['a function in a path', only({ ...PASS, OutputPath: '$.a.length()' }), `it stops at '.length()'`],
  ['a variable', only({ ...PASS, OutputPath: '$a.b' }), `it stops at 'a.b'`],
  ['a path that is none', only({ ...PASS, InputPath: 'a.b' }), `does not begin with '$'`],
  ['ResultPath into the context', only({ ...PASS, ResultPath: '$$.a' }), 'points into the context object'],
  ['a constant behind .$', only({ ...PASS, Parameters: { a: [{ 'b.$': 1 }] } }), `'Parameters.a[0].b.$': a path or an intrinsic function is needed, got 1`],
  ['an unknown intrinsic function', only({ ...PASS, Parameters: { 'b.$': 'States.MathRandom(1, 2)' } }), `knows no intrinsic function 'States.MathRandom'`],
  ['too few arguments', only({ ...PASS, Parameters: { 'b.$': 'States.MathAdd(1)' } }), 'States.MathAdd cannot have 1 argument(s)'],
  ['text behind a call', only({ ...PASS, Parameters: { 'b.$': 'States.UUID() x' } }), `it stops at ' x'`],
  ['an unclosed string', only({ ...PASS, Parameters: { 'b.$': `States.Format('a)` } }), `it stops at ''a)'`],
  ['one key twice', only({ ...PASS, Parameters: { 'b.$': '$', b: 1 } }), `has both 'b' and 'b.$'`],
  ['States.ALL beside others', only(task({ Retry: [{ ErrorEquals: ['States.ALL', 'E'] }] })), `'States.ALL' has to stand alone`],
  ['States.ALL before others', only(task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['E'] }] })), `in the last element of 'Retry'`],
  ['no ErrorEquals', only(task({ Retry: [{ MaxAttempts: 1 }] })), `'ErrorEquals' has to be a list`],
  ['a BackoffRate below 1', only(task({ Retry: [{ ErrorEquals: ['E'], BackoffRate: 0.5 }] })), `'BackoffRate' has to be a number of at least 1`],
  ['IntervalSeconds 0', only(task({ Retry: [{ ErrorEquals: ['E'], IntervalSeconds: 0 }] })), `'IntervalSeconds' has to be an integer from 1`],
  ['a timeout twice', only(task({ TimeoutSeconds: 1, TimeoutSecondsPath: '$.a' })), 'exclude each other'],
  ['a heartbeat as long as the timeout', only(task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 })), `has to be below 'TimeoutSeconds' (5)`],
  ['a Wait for two things', only({ Type: 'Wait', Seconds: 1, SecondsPath: '$.a', End: true }), 'exactly one of Seconds, SecondsPath, Timestamp and TimestampPath'],
  ['a Wait of 1.5 seconds', only({ Type: 'Wait', Seconds: 1.5, End: true }), `'Seconds' has to be an integer from 0`],
  ['a Wait until some time', only({ Type: 'Wait', Timestamp: '2026-01-01', End: true }), `'Timestamp' has to be like`],
  ['a Task without Resource', only({ Type: 'Task', End: true }), `'Resource' is missing`],
  ['a Parallel without branches', only({ Type: 'Parallel', Branches: [], End: true }), `'Branches' has to be a list`],
  ['a definition without states', { StartAt: 'A' }, `'States' has to be an object`],
  ['no object at all', [], 'the definition: it has to be an object'],
])('%s is refused', (_title, definition, message) => {
  expect(() => machine(definition)).toThrow(message);
});

test('what is allowed, but seldom written, is accepted', async () => {
  const definition = {
    Comment: 'of the machine', Version: '1.0', QueryLanguage: 'JSONPath', TimeoutSeconds: 60, StartAt: 'A',
    States: { A: { Type: 'Choice', Comment: 'of a state', Choices: [{ Comment: 'of a rule', Not: { Variable: '$', IsNull: true }, Next: 'B' }] }, B: { Type: 'Succeed', InputPath: '$' } },
  };
  expect(await run(definition)).toMatchObject({ status: 'SUCCEEDED', output: {} });
});

test('execution names are unique, and not too long', async () => {
  const it = machine(only(PASS));
  const first = it.startExecution({ name: 'once' });
  expect(first.arn).toBe('arn:aws:states:eu-west-1:123456789012:execution:rehearsed:once');
  expect(() => it.startExecution({ name: 'once' })).toThrow('ExecutionAlreadyExists');
  expect(() => it.startExecution({ name: 'x'.repeat(81) })).toThrow('InvalidName');
  await first.finished;
});
