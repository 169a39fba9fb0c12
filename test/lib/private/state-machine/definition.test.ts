import validate from 'asl-validator';
import { ExecutionFailurePolicy, RetireBlue } from '../../../../lib';
import { ErrorName } from '../../../../lib/private/contract';
import { TASKS } from '../../../../lib/private/functions';
import { EventName } from '../../../../lib/private/state-machine/announcements';
import { StateName } from '../../../../lib/private/state-machine/names';
import { SimulatedClock } from '../../../../rehearsal/clock';
import { StateMachine } from '../../../../rehearsal/step-functions';
import { at, type DataFlow, dataFlowOf, type Shape, shapeOf } from './data-flow';
import { callsHook, callsService, everything, type NamedState, type StateJson, statesOf, synthesizeDefinition, testsOf } from './definition-json';
import { type StateTaskName, taskResults } from './task-results';

const { json: definition, aftermath, taskOf } = synthesizeDefinition((scope) => (
  { ...everything(scope), onExecutionFailure: ExecutionFailurePolicy.DELETE_GREEN }
));
const states = statesOf(definition);
const ofType = (...types: StateJson['Type'][]) => states.filter(({ state }) => types.includes(state.Type));
const [serviceCalls, functionCalls] = [ofType('Task').filter(({ state }) => callsService(state)), ofType('Task').filter(({ state }) => !callsService(state) && !callsHook(state))];
/** On the failing path, behind which nobody catches any more. */
const afterFailure: readonly string[] = [
  StateName.JUDGE_FAILURE, StateName.FIND_GREEN_TO_DELETE, StateName.RESTORE_BLUE_AFTER_FAILURE, StateName.DELETE_GREEN_AFTER_FAILURE,
];
const names = (some: readonly NamedState[]) => some.map(({ name }) => name);

/** The states that lead to one, by name. */
function before(name: string): string[] {
  return names(states.filter(({ state }) => nextOf(state).includes(name)));
}

function nextOf({ Next, Default, Choices = [], Catch = [] }: StateJson): string[] {
  return [Next, Default, ...Choices.map((choice) => choice.Next), ...Catch.map((catcher) => catcher.Next)].filter((next) => next !== undefined);
}

describe('the definition', () => {
  test('is valid for asl-validator', () => {
    // it writes into what it is given.
    expect(validate(structuredClone(definition))).toMatchObject({ isValid: true, errors: [] });
  });

  test('is accepted by the interpreter of the rehearsals', () => {
    const run = () => new StateMachine({
      definition, arn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:m', clock: new SimulatedClock(new Date()), tasks: async () => null,
    });
    expect(run).not.toThrow();
  });

  test('has no unresolved token, and stays far below 1 MB', () => {
    const text = JSON.stringify(definition);
    expect(text).not.toMatch(/\$\{|Token\[|"Fn::|"Ref"/);
    expect(Buffer.byteLength(text)).toBeLessThan(200_000);
  });

  test('is in JSONPath, so that any interpreter can judge it', () => {
    expect(JSON.stringify(definition)).not.toMatch(/QueryLanguage|\{%/);
  });

  test('has no Fail state, because a redriven Fail state fails again', () => {
    expect(names(ofType('Fail'))).toEqual([]);
  });

  test('has every name of StateName, and no other but those of loops, unchecked zones and hooks', () => {
    const own: string[] = Object.values(StateName);
    // where the old Blue goes by itself, nobody is asked whether it is wanted.
    const onRequest = synthesizeDefinition(() => ({ retireBlue: RetireBlue.onRequest() }));
    const all = [...new Set([...names(states), ...names(statesOf(onRequest.json))])];
    const derived = all.filter((name) => !own.includes(name));

    expect(all.filter((name) => own.includes(name)).sort()).toEqual(own.sort());
    for (const name of derived) expect(own).toContain(name.replace(/: (Wait|Done\?|Not Checked|Event|Prepare|Function|Failed|Remembered)$/, ''));
  });

  test('has names of at most 80 characters, each once', () => {
    expect(names(states).filter((name) => name.length > 80)).toEqual([]);
    expect(new Set(names(states)).size).toBe(states.length);
  });

  test('calls every task that there is', () => {
    const called = new Set(functionCalls.map(({ state }) => taskOf(state.Resource)));
    expect([...called, 'monitor'].sort()).toEqual(Object.keys(TASKS).sort());
  });
});

describe.each(functionCalls.map(({ name, state, parallel }) => ({ name, state, parallel })))('$name', ({ name, state, parallel }) => {
  const task = taskOf(state.Resource);

  test('outlives its function by 10 seconds', () => {
    expect(state.TimeoutSeconds).toBe(TASKS[task].timeout.toSeconds() + 10);
  });

  test('has the retries of its zone', () => {
    const lambda = {
      ErrorEquals: [
        'Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException',
        'Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError',
      ],
      IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2,
    };
    const asleep = {
      ErrorEquals: [
        'Lambda.ResourceNotReadyException', 'Lambda.ResourceConflictException', 'Lambda.CodeArtifactUserPendingException', 'Lambda.EC2ThrottledException',
        'Lambda.EC2UnexpectedException',
      ],
      IntervalSeconds: 10, MaxAttempts: 9, BackoffRate: 1.5,
    };
    const ofZone = {
      rds: [{ ErrorEquals: [ErrorName.RDS_BUSY], IntervalSeconds: 5, MaxAttempts: 8, BackoffRate: 1.5 }],
      mysql: [{ ErrorEquals: [ErrorName.DATABASE_UNREACHABLE], IntervalSeconds: 15, MaxAttempts: 20, BackoffRate: 1 }],
      none: [],
    };
    expect(state.Retry).toEqual([lambda, asleep, ...ofZone[TASKS[task].zone]]);
  });

  test('tells its function the contract, the time, the execution, its input and the state', () => {
    expect(state.Parameters).toMatchObject({
      contract: 1,
      'now.$': '$$.State.EnteredTime',
      execution: { 'id.$': '$$.Execution.Id', 'startedAt.$': '$$.Execution.StartTime', 'redriveCount.$': '$$.Execution.RedriveCount' },
      'input.$': '$$.Execution.Input',
      'state.$': '$',
    });
  });

  test(parallel === undefined ? 'leads to Explain Failure when it fails' : 'never fails its branch, which would cut off the other one', () => {
    if (name === StateName.EXPLAIN_FAILURE) return expect(state.Catch).toBeUndefined();
    if (afterFailure.includes(name)) return expect(state.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.deletionFailure', Next: StateName.EXPLAIN_FAILURE }]);
    const overtaken = name === StateName.WAIT_FOR_WINDOW ? [{ ErrorEquals: ['NotAReplica', 'DatabaseUnreachable'], ResultPath: null, Next: StateName.FIND_WHERE_WE_ARE }] : [];
    if (parallel === undefined) return expect(state.Catch).toEqual([...overtaken, { ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: StateName.REMEMBER_FAILURE }]);
    expect(state.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: expect.stringMatching(/^\$\.(failed|failure)$/), Next: expect.any(String) }]);
    expect(definition.States[parallel]?.Branches?.some(({ States }) => States[state.Catch?.[0]?.Next ?? '']?.Type === 'Pass')).toBe(true);
  });
});

const ASKING: readonly string[] = [StateName.ASK_FOR_APPROVAL, StateName.ASK_TO_RETIRE];

describe.each([[StateName.ASK_FOR_APPROVAL, StateName.JUDGE_APPROVAL], [StateName.ASK_TO_RETIRE, StateName.JUDGE_RETIREMENT_APPROVAL]])('%s', (asking, judging) => {
  const { [asking]: ask, [judging]: judge } = definition.States;

  test('is done by the state machine itself, and waits as long as its patience', () => {
    expect(ask).toMatchObject({ Resource: 'arn:aws:states:::sns:publish.waitForTaskToken', TimeoutSeconds: 7 * 86_400, ResultPath: '$.answer' });
  });

  test('has the token in its message, and keeps it out of the state', () => {
    expect(JSON.stringify(ask?.Parameters).match(/\$\$\.Task\.Token/g)).toHaveLength(4);
    expect(JSON.stringify(states.filter(({ name }) => !ASKING.includes(name)))).not.toContain('Task.Token');
  });

  test('leads to the judge of the answer, however it ends', () => {
    expect(ask).toMatchObject({ Next: judging, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.answer', Next: judging }] });
    expect(judge).toMatchObject({ ResultPath: '$.approval' });
  });
});

describe('announcements', () => {
  const entries = [...states, ...statesOf(aftermath)].filter(({ name }) => name.endsWith(': Event')).map(({ name, state }) => (
    { name, entry: (state.Parameters as { Entries: { Detail: Record<string, unknown>; DetailType: string }[] }).Entries[0] }
  ));

  test('are one for each event', () => {
    expect([...new Set(entries.map(({ entry }) => entry?.DetailType))].sort()).toEqual(Object.values(EventName).sort());
  });

  test.each(entries)('$name says what it is about, and on which bus', ({ entry }) => {
    expect(entry).toMatchObject({ Source: 'cdk-rds-blue-green', EventBusName: 'arn:aws:events:eu-central-1:111122223333:event-bus/operations' });
    expect(entry?.Detail).toMatchObject({ pipeline: 'Utf8mb4/Pipeline', cluster: 'shop', deployment: expect.any(String) });
    expect(Object.keys(entry?.Detail ?? {})).toContain('execution.$');
  });

  test.each(entries)('$name has a message as well, with a subject that SNS takes', ({ name, entry }) => {
    const message = [...states, ...statesOf(aftermath)].find((other) => other.name === name.replace(/: Event$/, ''))?.state;
    expect(message).toMatchObject({
      Resource: 'arn:aws:states:::sns:publish', Next: name,
      Parameters: { Subject: expect.stringMatching(/^shop: [ -~]{1,37}$/) as string, MessageAttributes: { event: { DataType: 'String', StringValue: entry?.DetailType } } },
    });
  });

  test('are only there where somebody listens', () => {
    const plain = synthesizeDefinition();
    expect(names([...statesOf(plain.json), ...statesOf(plain.aftermath)]).filter((name) => /Announce|How Did/.test(name))).toEqual([]);
  });

  test('of an approval come as an event only where the request goes to the same topic', () => {
    const one = synthesizeDefinition((scope) => {
      const { approval, notifications } = everything(scope);
      return { approval, notifications: { ...notifications, topic: approval?.topic } };
    });
    expect(names(statesOf(one.json)).filter((name) => name.startsWith(StateName.ANNOUNCE_APPROVAL))).toEqual([`${StateName.ANNOUNCE_APPROVAL}: Event`]);
  });

  test('of failures are in a machine that asl-validator and the interpreter accept, too', () => {
    expect(validate(structuredClone(aftermath))).toMatchObject({ isValid: true, errors: [] });
    expect(() => new StateMachine({
      definition: aftermath, arn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:m', clock: new SimulatedClock(new Date()), tasks: async () => null,
    })).not.toThrow();
  });
});

describe('Who Else Runs?', () => {
  test('asks for the executions of its own machine, and leads on where nobody answers', () => {
    expect(definition.States[StateName.WHO_ELSE_RUNS]).toMatchObject({
      Resource: 'arn:aws:states:::aws-sdk:sfn:listExecutions', TimeoutSeconds: 60, ResultPath: '$.others', Next: StateName.JUDGE_FAILURE,
      Parameters: { 'StateMachineArn.$': '$$.StateMachine.Id', 'StatusFilter': 'RUNNING' },
      Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, MaxAttempts: 4, BackoffRate: 2 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.others', Next: StateName.JUDGE_FAILURE }],
    });
  });
});

// those beside the work; the approval and the end of the failing path are part of it.
describe.each(serviceCalls.filter(({ name }) => !ASKING.includes(name) && name !== StateName.WHO_ELSE_RUNS))('$name', ({ state }) => {
  test('is tried again, and is never in the way of the work', () => {
    expect(state.Retry).toEqual([{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 2, MaxAttempts: 4, BackoffRate: 2 }]);
    expect(state.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: state.Next }]);
    expect(state).toMatchObject({ ResultPath: null, TimeoutSeconds: 60 });
  });
});

const hookParallels = ofType('Parallel').filter(({ state }) => state.InputPath === '$.hooks.event');

describe.each(hookParallels)('$name', ({ name, state }) => {
  test('is given the event and no other part of the state, and leaves nothing in it', () => {
    expect(state).toMatchObject({ InputPath: '$.hooks.event', ResultPath: null });
    expect(state.Branches).toHaveLength(1);
    expect(states.find((other) => other.name === `${name}: Function`)?.state).not.toHaveProperty('Catch');
  });

  test(name === StateName.AFTER_SWITCHOVER ? 'goes on when it fails, and keeps the failure for the report' : 'ends the execution when it fails', () => {
    if (name === StateName.AFTER_SWITCHOVER) return expect(state.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.hooks.afterSwitchover', Next: state.Next }]);
    expect(state.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: `${name}: Failed` }]);
    expect(definition.States[`${name}: Failed`]).toMatchObject({ Parameters: { Error: ErrorName.HOOK_FAILED, 'thrown.$': '$.failure' }, ResultPath: '$.failure', Next: StateName.REMEMBER_FAILURE });
  });
});

describe.each(ofType('Parallel').filter((one) => !hookParallels.includes(one)))('$name', ({ state }) => {
  test('names its two results, and leads to Explain Failure when it fails', () => {
    expect(state.Branches).toHaveLength(2);
    expect(Object.values(state.ResultSelector as object)).toEqual(['$[0]', '$[1]']);
    expect(state.ResultPath).toMatch(/^\$\.\w+$/);
    expect(state.Catch).toEqual([{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: StateName.REMEMBER_FAILURE }]);
  });
});

describe.each(ofType('Choice'))('$name', ({ state }) => {
  test('knows a way for every value', () => {
    expect(state.Default).toEqual(expect.any(String));
  });

  test('asks for the type before it compares booleans or numbers', () => {
    for (const rule of state.Choices ?? []) {
      const tests = testsOf(rule);
      tests.forEach((comparison, index) => {
        const type = Object.keys(comparison).map((operator) => /^(Boolean|Numeric)/.exec(operator)?.[1]).find((found) => found !== undefined);
        if (type !== undefined) expect(tests.slice(0, index)).toContainEqual({ Variable: comparison.Variable, [`Is${type}`]: true });
      });
    }
  });
});

describe.each(ofType('Wait'))('$name', ({ name, state }) => {
  const loop = name.replace(/: Wait$/, '');
  const done = states.find((other) => other.name === `${loop}: Done?`)?.state;
  const slice = state.SecondsPath?.replace(/\.waitSeconds$/, '') ?? '';
  const looks = before(`${loop}: Done?`);

  test('waits as long as the look of its slice has asked for, in the one shape of all loops', () => {
    expect(state.SecondsPath).toBe(`${slice}.waitSeconds`);
    expect(before(name)).toEqual([`${loop}: Done?`]);
    expect(done).toMatchObject({
      Type: 'Choice',
      Default: name,
      Choices: [{ And: [{ Variable: `${slice}.done`, IsBoolean: true }, { Variable: `${slice}.done`, BooleanEquals: true }], Next: expect.any(String) }],
    });
    expect(looks).toHaveLength(1);
    expect(states.find((other) => other.name === looks[0])?.state).toMatchObject({ Type: 'Task', ResultPath: slice });
  });

  test('leads back to the look', () => {
    const reached = new Set([state.Next ?? '']);
    for (const reachedName of reached) {
      if (looks.includes(reachedName)) continue;
      const { Next, Choices = [] }: Pick<StateJson, 'Next' | 'Choices'> = states.find((other) => other.name === reachedName)?.state ?? {};
      // on its way it may pass a wait that goes before.
      for (const next of [Next, ...Choices.map((rule) => rule.Next)]) if (next !== undefined) reached.add(next);
    }
    expect([...reached]).toContain(looks[0]);
  });
});

describe('the data', () => {
  let flow: DataFlow;
  let skeleton: string[];

  beforeAll(async () => {
    const results = await taskResults();
    skeleton = Object.keys(results['read-input']);
    flow = dataFlowOf(definition, (resource) => {
      if (resource?.endsWith(':listExecutions') === true) return shapeOf({ Executions: [] });
      return callsService({ Type: 'Task', Resource: resource }) || callsHook({ Resource: resource }) ? { kind: 'anything' } : shapeOf(results[taskOf(resource)]);
    });
  });

  /** What a state is certain to find at a path of its input. */
  const certain = (state: string, path: string): Shape['kind'] | undefined => at(flow.inputs.get(state) ?? { kind: 'anything' }, path)?.kind;

  test('is where a state reads it, and of its type, on all ways there', () => {
    expect(flow.problems).toEqual([]);
  });

  test('comes to every state', () => {
    expect([...flow.inputs.keys()].sort()).toEqual(names(states).sort());
  });

  test('ends in the report', () => {
    expect(flow.output).toEqual(shapeOf({ summary: 'text' }));
  });

  test('is complete for every task behind Read Input', () => {
    const tasks = names(functionCalls).filter((name) => name !== StateName.READ_INPUT && name !== StateName.EXPLAIN_FAILURE && !afterFailure.includes(name));
    for (const name of tasks) {
      const missing = skeleton.filter((member) => certain(name, `$.${member}`) === undefined);
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });

  test('has the situation wherever a task needs to know the clusters', () => {
    const free: readonly StateTaskName[] = ['read-input', 'judge-failure', 'explain-failure', 'find-where-we-are', 'judge', 'judge-switchover'];
    for (const { name, state } of functionCalls) {
      if (!free.includes(taskOf(state.Resource))) expect({ name, situation: certain(name, '$.situation') }).toEqual({ name, situation: 'object' });
    }
  });

  test.each([
    [StateName.JUDGE_PREFLIGHT, '$.preflight.rds.blockers', 'number'],
    [StateName.JUDGE_PREFLIGHT, '$.preflight.mysql.blockers', 'number'],
    [StateName.CREATE_GREEN, '$.preflight.mysql', 'object'],
    [StateName.JUDGE_GREEN, '$.greenCheck.rds.findings', 'list'],
    [StateName.JUDGE_GREEN, '$.greenCheck.mysql.omitted', 'number'],
    [StateName.JUDGE_READINESS, '$.readinessCheck.rds.blockers', 'number'],
    [StateName.JUDGE_READINESS, '$.readinessCheck.mysql.replan', 'boolean'],
    [StateName.WAIT_FOR_SWITCHOVER, '$.started.startedAt', 'string'],
    [StateName.JUDGE_SWITCHOVER, '$.switchover.outcome', 'object'],
    [StateName.JUDGE_SWITCHOVER, '$.switchover.watch', 'anything'],
    [StateName.JUDGE_SWITCHOVER, '$.attempts.reasons', 'list'],
    [StateName.JUDGE_VERIFICATION, '$.verificationCheck.rds.blockers', 'number'],
    [StateName.JUDGE_VERIFICATION, '$.verificationCheck.mysql.blockers', 'number'],
    [StateName.JUDGE_FAILURE, '$.failure.Error', 'string'],
    [StateName.JUDGE_FAILURE, '$.switchover', 'anything'],
    [StateName.EXPLAIN_FAILURE, '$.failure.Error', 'string'],
    [StateName.EXPLAIN_FAILURE, '$.failedAt.redriveCount', 'anything'],
    [StateName.EXPLAIN_FAILURE, '$.situation', 'anything'],
    [StateName.EXPLAIN_FAILURE, '$.create', 'anything'],
    [StateName.EXPLAIN_FAILURE, '$.switchover', 'anything'],
  ] as const)('has for %s what its task reads: %s', (state, path, kind) => {
    expect(certain(state, path)).toBe(kind);
  });
});

describe('the walk over the data', () => {
  const result = () => shapeOf({ done: true });
  const problemsOf = (States: Record<string, StateJson>) => dataFlowOf({ StartAt: 'First', States }, result).problems;

  test('finds a path that is missing on one of two ways', () => {
    expect(problemsOf({
      First: { Type: 'Pass', Result: { go: 'left' }, Next: 'Choose' },
      Choose: { Type: 'Choice', Choices: [{ Variable: '$.go', StringEquals: 'left', Next: 'Look' }], Default: 'Done?' },
      Look: { Type: 'Task', Resource: 'arn', ResultPath: '$.look', Next: 'Done?' },
      'Done?': { Type: 'Choice', Choices: [{ Variable: '$.look.done', BooleanEquals: true, Next: 'End' }], Default: 'End' },
      End: { Type: 'Succeed' },
    })).toEqual(['Done?: $.look.done may not be there', 'Done?: $.look.done may not be a boolean']);
  });

  test('finds a wait that is not told how long', () => {
    expect(problemsOf({ First: { Type: 'Pass', Result: { seconds: '5' }, Next: 'Wait' }, Wait: { Type: 'Wait', SecondsPath: '$.seconds', End: true } }))
      .toEqual(['Wait: SecondsPath $.seconds may not be a number']);
  });

  test('finds an error that cannot be put into the input', () => {
    expect(problemsOf({
      First: { Type: 'Task', Resource: 'arn', ResultPath: '$', Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'End' }], Next: 'End' },
      End: { Type: 'Succeed' },
    })).toEqual(['First: ResultPath $.failure may meet something that is not an object']);
  });
});
