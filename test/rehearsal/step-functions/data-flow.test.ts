import { type TaskRequest } from '../../../rehearsal/step-functions';
import { only, run, task } from './machine';

async function pass(fields: object, input: unknown): Promise<unknown> {
  const result = await run(only({ Type: 'Pass', ...fields, End: true }), input);
  return result.status === 'SUCCEEDED' ? result.output : result.error;
}

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html, https://states-language.net/spec.html#filters
test.each<[string, object, unknown, unknown]>([
  ['input is output', {}, { a: 1 }, { a: 1 }],
  ['Result replaces', { Result: null }, { a: 1 }, null],
  ['ResultPath adds', { Result: 6, ResultPath: '$.master.result.sum' }, { master: { detail: [1] } }, { master: { detail: [1], result: { sum: 6 } } }],
  ['ResultPath overwrites', { Result: 6, ResultPath: '$.master.detail' }, { master: { detail: [1] } }, { master: { detail: 6 } }],
  ['ResultPath overwrites null', { Result: 6, ResultPath: '$.a' }, { a: null }, { a: 6 }],
  ['ResultPath into an element', { Result: 6, ResultPath: '$.a[1].b' }, { a: [1, {}] }, { a: [1, { b: 6 }] }],
  ['ResultPath behind the end', { Result: 6, ResultPath: '$.a[2]' }, { a: [1, 2] }, 'States.ResultPathMatchFailure'],
  ['ResultPath on text', { Result: 6, ResultPath: '$.x' }, 'foo', 'States.ResultPathMatchFailure'],
  ['ResultPath through text', { Result: 6, ResultPath: '$.a.b' }, { a: 'foo' }, 'States.ResultPathMatchFailure'],
  ['ResultPath null discards', { Result: 6, ResultPath: null }, { a: 1 }, { a: 1 }],
  ['InputPath selects', { InputPath: '$.a' }, { a: { b: 1 } }, { b: 1 }],
  ['InputPath null is {}', { InputPath: null }, { a: 1 }, {}],
  ['ResultPath goes into the raw input', { InputPath: '$.a', Result: 2, ResultPath: '$.c' }, { a: { b: 1 } }, { a: { b: 1 }, c: 2 }],
  ['InputPath finds nothing', { InputPath: '$.b' }, { a: 1 }, 'States.Runtime'],
  ['OutputPath selects', { OutputPath: '$.a' }, { a: null }, null],
  ['OutputPath null is {}', { OutputPath: null }, { a: 1 }, {}],
  ['OutputPath finds nothing', { OutputPath: '$.a.b' }, { a: null }, 'States.Runtime'],
  ['OutputPath finds no inherited member', { OutputPath: '$.toString' }, {}, 'States.Runtime'],
  ['brackets', { OutputPath: `$['a b']["c'd"][0]` }, { 'a b': { "c'd": [7] } }, 7],
  ['index from the end', { OutputPath: '$.a[-1]' }, { a: [1, 2] }, 2],
  ['union', { OutputPath: '$.a[0,1]' }, { a: [1, 2, 3, 4] }, [1, 2]],
  ['union with spaces', { OutputPath: '$.a[ 1 , -1 ]' }, { a: [1, 2, 3] }, [2, 3]],
  ['union of names', { OutputPath: `$.a['x y','z']` }, { a: { z: 2, 'x y': 1, b: 3 } }, [1, 2]],
  ['a name with a quote and a comma', { OutputPath: `$['it\\'s, so']` }, { "it's, so": 1 }, 1],
  ['slice from and to', { OutputPath: '$.a[1:-1]' }, { a: [0, 10, 20, 30] }, [10, 20]],
  ['slice', { OutputPath: '$.a[-3:]' }, { a: [0, 10, 20, 30] }, [10, 20, 30]],
  ['wildcard', { OutputPath: '$.a[*].b' }, { a: [{ b: 1 }, { c: 2 }, { b: 3 }] }, [1, 3]],
  ['wildcard on nothing', { OutputPath: '$.a[*]' }, { a: [] }, []],
  ['wildcard below nothing', { OutputPath: '$.b[*]' }, { a: [] }, 'States.Runtime'],
  ['wildcard, then a name in brackets', { OutputPath: `$.a.*['x y'][0]` }, { a: { b: { 'x y': [1] }, c: { 'x y': [] } } }, [1]],
  ['descent to elements', { OutputPath: '$..[0]' }, { a: [1, [2]] }, [1, 2]],
  ['descent to everything', { OutputPath: '$.a..*' }, { a: { b: [1] } }, [[1], 1]],
  ['descent', { OutputPath: '$..b' }, { a: { b: 1 }, b: 2 }, [2, 1]],
])('%s', async (_title, fields, input, answer) => {
  expect(await pass(fields, input)).toEqual(answer);
});

test('Parameters are built of paths and constants at any depth', async () => {
  const parameters = { flagged: true, parts: { 'first.$': '$.vals[0]', 'last3.$': '$.vals[-3:]' }, list: [{ 'v.$': '$.flagged' }, 'text'], 'all.$': '$' };
  const input = { flagged: 7, vals: [0, 10, 20, 30, 40, 50] };
  expect(await pass({ Parameters: parameters }, input)).toEqual({ flagged: true, parts: { first: 0, last3: [30, 40, 50] }, list: [{ v: 7 }, 'text'], all: input });
});

// AWS reports it so, before anything is scheduled: "The JSONPath '$.JobName' specified for the field 'JobName.$' could not be found in the input".
test('a path in Parameters that finds nothing is States.Runtime, which nothing retries or catches', async () => {
  const definition = only(task({
    Parameters: { 'a.$': '$.missing' }, Retry: [{ ErrorEquals: ['States.ALL'] }],
    Catch: [{ ErrorEquals: ['States.Runtime'], Next: 'Caught' }, { ErrorEquals: ['States.ALL'], Next: 'Caught' }],
  }), { Caught: { Type: 'Succeed' } });
  const { error, cause, types } = await run(definition);
  expect(error).toBe('States.Runtime');
  expect(cause).toContain(`the JSONPath '$.missing' specified for the field 'a.$' could not be found in the input '{}'`);
  expect(types).toEqual(['ExecutionStarted', 'TaskStateEntered', 'ExecutionFailed']);
});

test('a task gets a copy of its effective input; ResultSelector, ResultPath and OutputPath shape its result', async () => {
  const seen: TaskRequest[] = [];
  const definition = only(task({
    InputPath: '$.in', Parameters: { 'x.$': '$.v', 'name.$': '$$.State.Name' }, ResultSelector: { 'sum.$': '$.total', 'by.$': '$$.StateMachine.Name' },
    ResultPath: '$.result', OutputPath: '$',
  }));
  const result = await run(definition, { in: { v: 1 } }, async (request) => {
    seen.push(structuredClone(request));
    Object.assign(request.payload as object, { spoiled: true });
    return { total: 3, noise: undefined };
  });
  expect(seen).toEqual([{ resource: 'arn:aws:lambda:eu-west-1:123456789012:function:work', payload: { x: 1, name: 'It' }, stateName: 'It', taskToken: undefined }]);
  expect(result.output).toEqual({ in: { v: 1 }, result: { sum: 3, by: 'rehearsed' } });
});

test('a task that returns nothing returns null; one whose ResultSelector finds nothing is States.Runtime', async () => {
  expect((await run(only(task()))).output).toBeNull();
  expect(await run(only(task({ ResultSelector: { 'a.$': '$.b' } })), {}, async () => ({}))).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
test('the context object', async () => {
  const output = await pass({ Parameters: { 'c.$': '$$' } }, { a: 1 });
  expect(output).toEqual({
    c: {
      Execution: {
        Id: expect.stringMatching(/^arn:aws:states:eu-west-1:123456789012:execution:rehearsed:[0-9a-f-]{36}$/) as string,
        Input: { a: 1 }, Name: expect.any(String) as string, RoleArn: 'arn:aws:iam::123456789012:role/rehearsed', StartTime: '2026-11-20T00:00:00.000Z', RedriveCount: 0,
      },
      State: { EnteredTime: '2026-11-20T00:00:00.000Z', Name: 'It', RetryCount: 0 },
      StateMachine: { Id: 'arn:aws:states:eu-west-1:123456789012:stateMachine:rehearsed', Name: 'rehearsed' },
    },
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
test.each<[string, unknown]>([
  [`States.Format('Hello, my name is {}.', $.name)`, 'Hello, my name is Arnav.'],
  [`States.Format($.template, $.name)`, 'Hi Arnav'],
  [`States.Format('{} {} {} {}', 1, true, null, 'x')`, '1 true null x'],
  [`States.Format('it\\'s \\{\\} \\\\{}', $.name)`, `it's {} \\Arnav`],
  [`States.Format('{}', $.list)`, 'States.IntrinsicFailure'],
  [`States.Format('{} {}', 1)`, 'States.IntrinsicFailure'],
  [`States.Array($.name, 1, null, States.Array())`, ['Arnav', 1, null, []]],
  [`States.ArrayGetItem($.list, 1)`, 'b'],
  [`States.ArrayGetItem($.list, 2)`, 'States.IntrinsicFailure'],
  [`States.ArrayLength($['list'])`, 2],
  [`States.ArrayLength($.list[0, 1])`, 2],
  [`States.ArrayLength($.name)`, 'States.IntrinsicFailure'],
  [`States.MathAdd($.n, -1)`, 110],
  [`States.MathAdd($.name, 1)`, 'States.IntrinsicFailure'],
  [`States.StringToJson($.json)`, { foo: 'bar' }],
  [`States.StringToJson($.name)`, 'States.IntrinsicFailure'],
  [`States.JsonToString($.object)`, '{"a":1,"b":null}'],
  [`States.JsonMerge($.object, States.StringToJson('\\{"a":2\\}'), false)`, { a: 2, b: null }],
  [`States.JsonMerge($.object, $.object, true)`, 'States.IntrinsicFailure'],
  [`States.UUID()`, expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)],
  [`States.Format('{}', $.missing)`, 'States.Runtime'],
])('%s', async (expression, answer) => {
  const input = { name: 'Arnav', template: 'Hi {}', list: ['a', 'b'], n: 111, json: '{"foo":"bar"}', object: { a: 1, b: null } };
  expect(await pass({ Parameters: { 'v.$': expression }, OutputPath: '$.v' }, input)).toEqual(answer);
});
