import { Duration } from 'aws-cdk-lib';
import { ExecutionFailurePolicy, RetireBlue } from '../../../../lib';
import { ErrorName, Phase, type PhaseName } from '../../../../lib/private/contract';
import { AftermathStateName, StateName } from '../../../../lib/private/state-machine/names';
import { SimulatedClock } from '../../../../rehearsal/clock';
import { type Execution, StateMachine, TaskError } from '../../../../rehearsal/step-functions';
import { callsHook, callsService, everything, statesOf, synthesizeDefinition } from './definition-json';
import { type StateTaskName, taskResults } from './task-results';

const plain = synthesizeDefinition();
const full = synthesizeDefinition(everything);
const deleting = synthesizeDefinition(() => ({ onExecutionFailure: ExecutionFailurePolicy.DELETE_GREEN }));
const asked = synthesizeDefinition((scope) => ({ ...everything(scope), hooks: {}, retireBlue: undefined }));
const hooked = synthesizeDefinition((scope) => ({ ...everything(scope), notifications: undefined, retireBlue: undefined }));
const retiring = synthesizeDefinition(() => ({ retireBlue: RetireBlue.after(Duration.days(7)) }));
const retiringOnRequest = synthesizeDefinition(() => ({ retireBlue: RetireBlue.onRequest() }));

/** What a task does instead of its usual success, at the n-th time (from 0) this state calls it; undefined for the usual. */
type Answers = Readonly<Record<string, (time: number, payload: Payload) => unknown>>;

interface Payload {
  readonly execution: { readonly redriveCount: number };
  readonly state: Readonly<Record<string, unknown>> & {
    readonly failure: { readonly Error: string };
    readonly failedAt: { readonly redriveCount: number };
    readonly evidence?: { readonly hash: string } | null;
  };
}

/** An execution under way, with what its tasks were asked. */
interface Run {
  readonly execution: Execution;
  readonly payloads: Readonly<Record<string, Payload[]>>;
  readonly clock: SimulatedClock;
}

let results: Awaited<ReturnType<typeof taskResults>>;

beforeAll(async () => { results = await taskResults(); });

/** What service calls of the machine itself answer, if all goes well; a task token is answered with it. */
const SERVICES: Answers = { [StateName.ASK_FOR_APPROVAL]: () => ({ approved: true }), [StateName.ASK_TO_RETIRE]: () => ({ approved: true }) };

/** Runs a definition with tasks that succeed at once, but for the answers that are given by state. */
async function run(answers: Answers = {}, input: unknown = {}, { json: definition, taskOf } = plain): Promise<Run> {
  const payloads: Record<string, Payload[]> = {};
  const clock = new SimulatedClock(new Date('2026-11-20T12:00:00.000Z'));
  const machine = new StateMachine({
    definition,
    arn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:pipeline',
    clock,
    tasks: async ({ resource, stateName, payload, taskToken }) => {
      const asked = payloads[stateName] ??= [];
      asked.push(payload as Payload);
      if (taskToken !== undefined) execution.sendTaskSuccess(taskToken, (answers[stateName] ?? SERVICES[stateName])?.(asked.length - 1, payload as Payload));
      return answers[stateName]?.(asked.length - 1, payload as Payload) ?? (callsService({ Type: 'Task', Resource: resource }) || callsHook({ Resource: resource }) ? {} : usual(taskOf(resource), stateName, payload as Payload));
    },
  });
  const execution = machine.startExecution({ input });
  await execution.finished;
  return { execution, payloads, clock };
}

/** A task that succeeds; the last one behaves as it does in AWS. */
function usual(task: StateTaskName, stateName: string, { execution, state }: Payload): unknown {
  if (stateName === StateName.FIND_OLD_BLUE) return { ...OLD_BLUE, phase: Phase.FINISHED };
  if (task === 'find-where-we-are') return at(PHASES[stateName] ?? Phase.NONE);
  if (task === 'explain-failure' && execution.redriveCount === state.failedAt.redriveCount) throw new TaskError(state.failure.Error, 'explained');
  // what is looked at once more is what was approved.
  if (stateName === StateName.GATHER_EVIDENCE_AGAIN) return { ...results['gather-evidence'], approved: true };
  if (stateName === StateName.GATHER_RETIREMENT_EVIDENCE) return { ...results['gather-retirement-evidence'], approved: state.evidence?.hash === 'e2' };
  return results[task];
}

/** The situation when the switchover is over. */
const OLD_BLUE = { deployment: null, source: { identifier: 'shop-old1' }, target: null };

/** Where the work stands when a state looks, if all goes well. */
const PHASES: Readonly<Record<string, PhaseName>> = { [StateName.FIND_GREEN]: Phase.AVAILABLE, [StateName.FIND_PRODUCTION]: Phase.SWITCHED };

function at(phase: PhaseName): unknown {
  return { phase, deployment: null, source: null, target: null };
}

function failing(error: string): () => never {
  return () => { throw new TaskError(error, 'as told'); };
}

/** The states in the order in which they were entered, without those that wait and ask. */
function entered({ execution }: Run): string[] {
  return execution.history.filter(({ type }) => type.endsWith('StateEntered')).map(({ name }) => name ?? '').filter((name) => !/: (Done\?|Wait)$/.test(name));
}

const CREATION = [
  StateName.CREATE_GREEN, StateName.KEEP_BINLOGS, StateName.WAIT_FOR_GREEN, StateName.FIND_GREEN, StateName.GREEN_IS_THERE,
  StateName.MONITOR_TOLD, StateName.MONITOR_ON, StateName.CHECK_GREEN, StateName.CHECK_GREEN_IN_RDS, StateName.CHECK_GREEN_IN_MYSQL, StateName.JUDGE_GREEN,
];
const MIGRATION = [StateName.PLAN_MIGRATION, StateName.REMEMBER_PLAN, StateName.RUN_MIGRATION, StateName.WAIT_FOR_REPLICATION, StateName.COMPARE_DATA];
const READINESS = [
  StateName.WAIT_FOR_WINDOW, StateName.READY_TO_SWITCH_OVER, StateName.READY_IN_RDS, StateName.READY_IN_MYSQL, StateName.JUDGE_READINESS, StateName.PLAN_AGAIN,
];
const { MONITOR_OFF } = StateName;
const BRANCHES: string[] = [StateName.SWITCH_OVER, StateName.WAIT_FOR_SWITCHOVER, StateName.SWITCHOVER_ENDED, StateName.WATCH_ENDPOINT, StateName.WATCHED];
const VERIFICATION = [StateName.VERIFY_SWITCHOVER, StateName.VERIFY_IN_RDS, StateName.VERIFY_IN_MYSQL, StateName.JUDGE_VERIFICATION];
const RESTORATION = [StateName.RESTORE_PARAMETERS, StateName.RESTORE_PRODUCTION, StateName.REPORT, StateName.DONE];
const BEGINNING = [StateName.START, StateName.READ_INPUT, StateName.FIND_WHERE_WE_ARE, StateName.WHERE_ARE_WE];
const PREFLIGHT = [StateName.PREFLIGHT, StateName.CHECK_RDS, StateName.CHECK_MYSQL, StateName.JUDGE_PREFLIGHT, StateName.PREFLIGHT_ONLY];
const SWITCHOVER = [StateName.SWITCH_OVER_AND_WATCH, StateName.JUDGE_SWITCHOVER, StateName.FIND_PRODUCTION, StateName.TRY_AGAIN];

/** The two branches run side by side, so that the order of their states is none. */
const withoutBranches = (names: readonly string[]) => names.filter((name) => !BRANCHES.includes(name));

describe('an execution', () => {
  test('goes through everything in this order', async () => {
    const all = await run();

    expect(await all.execution.finished).toEqual({ status: 'SUCCEEDED', output: results.report });
    const expected = [...BEGINNING, ...PREFLIGHT, ...CREATION, ...MIGRATION, ...READINESS, ...SWITCHOVER, MONITOR_OFF, ...VERIFICATION, ...RESTORATION];
    expect(withoutBranches(entered(all))).toEqual(expected);
    expect(entered(all).filter((name) => BRANCHES.includes(name)).sort()).toEqual([...BRANCHES].sort());
  });

  test.each([
    [Phase.CREATING, [...CREATION.slice(1), ...MIGRATION, ...READINESS, ...SWITCHOVER, MONITOR_OFF, ...VERIFICATION, ...RESTORATION]],
    [Phase.AVAILABLE, [...CREATION.slice(1), ...MIGRATION, ...READINESS, ...SWITCHOVER, MONITOR_OFF, ...VERIFICATION, ...RESTORATION]],
    [Phase.SWITCHING, [...SWITCHOVER, MONITOR_OFF, ...VERIFICATION, ...RESTORATION]],
    [Phase.SWITCHED, [MONITOR_OFF, ...VERIFICATION, ...RESTORATION]],
    [Phase.FINISHED, [StateName.REPORT, StateName.DONE]],
  ])('continues where the work stands: %s', async (phase, expected) => {
    const continued = await run({ [StateName.FIND_WHERE_WE_ARE]: () => at(phase) });
    expect(withoutBranches(entered(continued))).toEqual([...BEGINNING, ...expected]);
  });

  test('ends with the report when only the preflight was wanted', async () => {
    const only = await run({ [StateName.READ_INPUT]: () => ({ ...results['read-input'], options: { ...results['read-input'].options, preflightOnly: true } }) });
    expect(entered(only)).toEqual([...BEGINNING, ...PREFLIGHT, StateName.REPORT, StateName.DONE]);
  });

  test.each([Phase.CREATING, Phase.AVAILABLE, Phase.SWITCHING, Phase.SWITCHED, Phase.FINISHED])('does nothing when only the preflight was wanted and a deployment is there: %s', async (phase) => {
    const only = await run({
      [StateName.READ_INPUT]: () => ({ ...results['read-input'], options: { ...results['read-input'].options, preflightOnly: true } }),
      [StateName.FIND_WHERE_WE_ARE]: () => at(phase),
    });
    expect(entered(only)).toEqual([...BEGINNING, StateName.REPORT, StateName.DONE]);
  });

  test('goes on behind the switchover when somebody has switched over by hand', async () => {
    const overtaken = await run({ [StateName.FIND_GREEN]: () => at(Phase.SWITCHED) });
    const expected = [...BEGINNING, ...PREFLIGHT, ...CREATION.slice(0, 5), StateName.WHERE_ARE_WE, MONITOR_OFF, ...VERIFICATION, ...RESTORATION];
    expect(entered(overtaken)).toEqual(expected);
  });

  test('plans again when tables have arrived from Blue, until none does', async () => {
    const again = await run({ [StateName.JUDGE_READINESS]: (time) => ({ ...results.judge, replan: time < 2 }) });
    const round = [...MIGRATION, ...READINESS];
    const expected = [...BEGINNING, ...PREFLIGHT, ...CREATION, ...round, ...round, ...round, ...SWITCHOVER, MONITOR_OFF, ...VERIFICATION, ...RESTORATION];
    expect(withoutBranches(entered(again))).toEqual(expected);
  });

  test('asks RDS again after a new look at everything when RDS has cancelled, and goes on when it has switched over', async () => {
    const again = await run({
      [StateName.JUDGE_SWITCHOVER]: (time) => ({ made: time + 1, again: time < 2, reasons: [] }),
      [StateName.FIND_PRODUCTION]: (time) => at(time < 2 ? Phase.AVAILABLE : Phase.SWITCHED),
    });
    const round = [...READINESS, ...SWITCHOVER];
    const expected = [...BEGINNING, ...PREFLIGHT, ...CREATION, ...MIGRATION, ...round, ...round, ...round, MONITOR_OFF, ...VERIFICATION, ...RESTORATION];
    expect(withoutBranches(entered(again))).toEqual(expected);
  });

  test('begins from the facts again where the switchover that was under way when it began was cancelled: it has looked at nothing yet', async () => {
    const found = await run({
      [StateName.FIND_WHERE_WE_ARE]: () => at(Phase.SWITCHING),
      [StateName.JUDGE_SWITCHOVER]: (time) => ({ made: 0, again: time === 0, reasons: [] }),
      [StateName.FIND_PRODUCTION]: (time) => at(time === 0 ? Phase.AVAILABLE : Phase.SWITCHED),
    });
    const anew = [StateName.WHERE_ARE_WE, ...CREATION.slice(1), ...MIGRATION, ...READINESS, ...SWITCHOVER];
    const expected = [...BEGINNING, ...SWITCHOVER, ...anew, MONITOR_OFF, ...VERIFICATION, ...RESTORATION];
    expect(withoutBranches(entered(found))).toEqual(expected);
  });

  test.each([
    [Phase.SWITCHING, [...SWITCHOVER, MONITOR_OFF, ...VERIFICATION, ...RESTORATION]],
    [Phase.SWITCHED, [MONITOR_OFF, ...VERIFICATION, ...RESTORATION]],
  ])('goes on where the work stands when somebody else has moved it on at the gate: %s', async (phase, expected) => {
    const overtaken = await run({
      [StateName.JUDGE_READINESS]: () => ({ ...results.judge, overtaken: true }),
      [StateName.FIND_WHERE_WE_ARE]: (time) => at(time === 0 ? Phase.NONE : phase),
    });
    const end = [...READINESS, StateName.FIND_WHERE_WE_ARE, StateName.WHERE_ARE_WE, ...expected];
    expect(withoutBranches(entered(overtaken)).slice(-end.length)).toEqual(end);
  });

  test.each([ErrorName.NOT_A_REPLICA, ErrorName.DATABASE_UNREACHABLE])('restores what somebody has switched over by hand while a window was waited for: %s', async (error) => {
    const overtaken = await run({
      [StateName.WAIT_FOR_WINDOW]: failing(error), [StateName.FIND_WHERE_WE_ARE]: (time) => at(time === 0 ? Phase.NONE : Phase.SWITCHED),
    });
    const end = [StateName.FIND_WHERE_WE_ARE, StateName.WHERE_ARE_WE, MONITOR_OFF, ...VERIFICATION, ...RESTORATION];
    expect(entered(overtaken).slice(-end.length)).toEqual(end);
  });

  test('fails with the name of the trouble where Green is still to come back, and does not', async () => {
    const gone = await run({
      [StateName.WAIT_FOR_WINDOW]: failing(ErrorName.DATABASE_UNREACHABLE),
      [StateName.FIND_WHERE_WE_ARE]: (time) => at(time === 0 ? Phase.NONE : Phase.AVAILABLE),
      [StateName.PLAN_MIGRATION]: (_, payload) => (payload.state.comparison === null ? undefined : failing(ErrorName.DATABASE_UNREACHABLE)()),
    });
    expect(await gone.execution.finished).toMatchObject({ status: 'FAILED', error: ErrorName.DATABASE_UNREACHABLE });
  });

  test('tells Switch Over how often it was called in vain: what was looked at before gets old', async () => {
    const { payloads } = await run({ [StateName.SWITCH_OVER]: (time) => (time < 2 ? failing('Lambda.Unknown')() : undefined) });
    expect(payloads[StateName.SWITCH_OVER]).toMatchObject([{ retryCount: 0 }, { retryCount: 1 }, { retryCount: 2 }]);
  });

  test('asks nothing twice where RDS has switched over after all', async () => {
    const late = await run({ [StateName.JUDGE_SWITCHOVER]: () => ({ made: 1, again: true, reasons: [] }) });
    const end = [...SWITCHOVER, StateName.WHERE_ARE_WE, MONITOR_OFF, ...VERIFICATION, ...RESTORATION];
    expect(withoutBranches(entered(late)).slice(-end.length)).toEqual(end);
  });
});

/** The answers of an execution that gives Green up. */
const ABANDON: Answers = {
  [StateName.READ_INPUT]: () => ({ ...results['read-input'], options: { ...results['read-input'].options, action: 'abandon' } }),
  [StateName.FIND_WHERE_WE_ARE]: () => at(Phase.AVAILABLE),
};

describe('giving up', () => {
  test.each([Phase.CREATING, Phase.AVAILABLE, Phase.BROKEN])('puts Blue back before Green is deleted: %s', async (phase) => {
    const given = await run({ ...ABANDON, [StateName.FIND_WHERE_WE_ARE]: () => at(phase) });
    expect(entered(given)).toEqual([...BEGINNING, StateName.RESTORE_BLUE, StateName.DELETE_GREEN, StateName.REPORT, StateName.DONE]);
  });

  test('goes on where the deployment is gone already', async () => {
    const given = await run({ ...ABANDON, [StateName.FIND_WHERE_WE_ARE]: () => at(Phase.NONE) });
    expect(entered(given)).toEqual([...BEGINNING, StateName.DELETE_GREEN, StateName.REPORT, StateName.DONE]);
  });
});

describe('retiring the old Blue', () => {
  const CHECKS = [
    StateName.START_OLD_BLUE, StateName.CHECK_OLD_BLUE, StateName.CHECK_OLD_BLUE_IN_RDS, StateName.CHECK_OLD_BLUE_IN_MYSQL, StateName.JUDGE_RETIREMENT,
  ];
  const BEFORE = [StateName.WAIT_TO_RETIRE, StateName.FIND_OLD_BLUE, StateName.OLD_BLUE_IS_THERE];
  const DELETION = [
    StateName.PROTECT_OLD_BLUE, StateName.TAKE_FINAL_SNAPSHOT, StateName.DELETE_DEPLOYMENT, StateName.LOOK_AT_OLD_BLUE, StateName.DELETE_OLD_BLUE,
  ];
  const ALL = [...BEFORE, ...CHECKS, ...DELETION];
  const END = [StateName.REPORT, StateName.DONE];
  const RETIRE: Answers = { [StateName.READ_INPUT]: () => ({ ...results['read-input'], options: { ...results['read-input'].options, action: 'retire' } }) };
  const found = (phase: PhaseName) => ({ [StateName.FIND_WHERE_WE_ARE]: () => ({ ...OLD_BLUE, phase }) });

  test('comes behind the restoration of production, where it goes by itself', async () => {
    const all = await run({}, {}, retiring);
    const expected = [...RESTORATION.slice(0, 2), StateName.REPORT_SWITCHOVER, ...ALL, ...END];
    expect(entered(all).slice(-expected.length)).toEqual(expected);
    expect(all.execution.status).toBe('SUCCEEDED');
  });

  test.each([
    [Phase.FINISHED, ALL],
    [Phase.RETIRING, [...CHECKS, ...DELETION]],
    [Phase.REMOVING, [StateName.DELETE_OLD_BLUE]],
  ])('goes on where it stands, whatever the execution was told: %s', async (phase, expected) => {
    for (const answers of [{}, RETIRE]) expect(entered(await run({ ...answers, ...found(phase) }, {}, retiring))).toEqual([...BEGINNING, ...expected, ...END]);
  });

  test('is done on request only, where that is wanted', async () => {
    expect(entered(await run(found(Phase.FINISHED), {}, retiringOnRequest))).toEqual([...BEGINNING, StateName.RETIRE_BLUE, ...END]);
    const wanted = await run({ ...RETIRE, ...found(Phase.FINISHED) }, {}, retiringOnRequest);
    expect(entered(wanted)).toEqual([...BEGINNING, StateName.RETIRE_BLUE, ...ALL, ...END]);
    const early = await run({ ...RETIRE, ...found(Phase.SWITCHED) }, {}, retiringOnRequest);
    expect(entered(early).slice(-ALL.length - 3)).toEqual([StateName.RETIRE_BLUE, ...ALL, ...END]);
  });

  test('never begins a new migration', async () => {
    expect(entered(await run({ ...RETIRE, ...found(Phase.NONE) }, {}, retiring))).toEqual([...BEGINNING, ...END]);
    const late = await run({ ...found(Phase.FINISHED), [StateName.FIND_OLD_BLUE]: () => at(Phase.NONE) }, {}, retiring);
    expect(entered(late)).toEqual([...BEGINNING, ...BEFORE, ...END]);
  });

  test('leaves a deployment alone whose old Blue somebody has deleted', async () => {
    const alone = await run({ ...found(Phase.FINISHED), [StateName.FIND_OLD_BLUE]: () => at(Phase.FINISHED) }, {}, retiring);
    expect(entered(alone)).toEqual([...BEGINNING, ...BEFORE, ...END]);
  });

  test('is asked for where that is wanted, and everything is looked at once more behind the answer', async () => {
    const all = await run(found(Phase.FINISHED), {}, full);
    const ours = entered(all).filter((name) => !name.startsWith('Announce'));
    const evidence = [StateName.GATHER_RETIREMENT_EVIDENCE, StateName.RETIREMENT_APPROVED];
    expect(ours).toEqual([
      ...BEGINNING, ...BEFORE, ...CHECKS, ...evidence, StateName.ASK_TO_RETIRE, StateName.JUDGE_RETIREMENT_APPROVAL,
      ...BEFORE.slice(1), ...CHECKS, ...evidence, ...DELETION, ...END,
    ]);
  });

  test('takes no states, and a bake time of months few events', async () => {
    const names = statesOf(plain.json).map(({ name }) => name);
    expect(names.filter((name) => /Old Blue|Retir/.test(name))).toEqual([]);
    const looks = 180;
    const aDay = (time: number) => ({ done: time === looks, waitSeconds: 86_400, startedAt: '' });
    const all = await run({ ...found(Phase.FINISHED), [StateName.WAIT_TO_RETIRE]: aDay }, {}, retiring);
    expect(all.execution.status).toBe('SUCCEEDED');
    expect(all.execution.history.length).toBeLessThan(2000);
  });
});

describe('an approval', () => {
  const evidence = (approved: boolean) => ({ ...results['gather-evidence'], approved });
  const ASKED = [StateName.GATHER_EVIDENCE, StateName.APPROVED_ALREADY, StateName.ASK_FOR_APPROVAL, StateName.JUDGE_APPROVAL];
  const AGAIN = [StateName.GATHER_EVIDENCE_AGAIN, StateName.STILL_APPROVED];
  const betweenComparisonAndSwitchover = (all: Run) => {
    const names = withoutBranches(entered(all));
    const between = names.slice(names.indexOf(StateName.COMPARE_DATA) + 1, names.indexOf(StateName.SWITCH_OVER_AND_WATCH));
    return between.filter((name) => !name.startsWith('Announce'));
  };

  test('is asked for, and everything is looked at once more before the switchover', async () => {
    const all = await run({}, {}, asked);
    expect(betweenComparisonAndSwitchover(all)).toEqual([...ASKED, ...READINESS, ...AGAIN]);
  });

  test('is asked for again when the evidence has changed', async () => {
    const all = await run({ [StateName.GATHER_EVIDENCE_AGAIN]: (time) => evidence(time > 0) }, {}, asked);
    expect(betweenComparisonAndSwitchover(all)).toEqual([...ASKED, ...READINESS, ...AGAIN, ...ASKED.slice(2), ...READINESS, ...AGAIN]);
  });

  test('is not asked for twice for the same', async () => {
    const all = await run({ [StateName.GATHER_EVIDENCE]: () => evidence(true) }, {}, asked);
    expect(betweenComparisonAndSwitchover(all)).toEqual([...ASKED.slice(0, 2), ...READINESS, ...AGAIN]);
  });
});

describe('announcements', () => {
  const published = ({ payloads }: Pick<Run, 'payloads'>) => Object.entries(payloads).filter(([name]) => name.startsWith('Announce'));
  const ORDER = [
    StateName.ANNOUNCE_START, StateName.ANNOUNCE_GREEN, StateName.ANNOUNCE_MIGRATION, StateName.ANNOUNCE_APPROVAL, StateName.ANNOUNCE_SWITCHOVER,
    StateName.ANNOUNCE_RETIREMENT_APPROVAL, StateName.ANNOUNCE_RETIREMENT, StateName.ANNOUNCE_END,
  ].flatMap((name) => [name, `${name}: Event`]);

  test('go out once each, in this order, and say what happened', async () => {
    const all = await run({}, {}, full);
    expect(published(all).map(([name, asked]) => [name, asked.length])).toEqual(ORDER.map((name) => [name, 1]));

    const messages = published(all).flatMap(([, asked]) => asked).map((asked) => (asked as { Message?: string }).Message ?? '');
    expect(messages[0]).toMatch(/^An execution of the pipeline has started \(times it was redriven: 0\)\.\n\nPipeline: +Utf8mb4\/Pipeline\nCluster: +shop\n/);
    expect(messages[0]).toContain(`/states/home?region=eu-central-1#/v2/executions/details/${all.execution.arn}`);
    expect(messages[4]).toMatch(/is done \(3 steps\)/);
    expect(messages.at(-2)).toMatch(/has finished: switched over\./);
  });

  test('stop nothing where none can be sent, and are tried again', async () => {
    const none = await run(Object.fromEntries(ORDER.map((name) => [name, failing(name.endsWith('Event') ? 'EventBridge.FailedEntry' : 'SNS.NotFoundException')])), {}, full);
    const alone = await run({}, {}, full);

    expect(await none.execution.finished).toEqual({ status: 'SUCCEEDED', output: results.report });
    expect(withoutBranches(entered(none))).toEqual(withoutBranches(entered(alone)));
    for (const name of ORDER) expect(none.payloads[name]).toHaveLength(5);
  });

  test('tell of a redrive', async () => {
    const redriven = await run({ [StateName.PLAN_MIGRATION]: (time) => (time === 0 ? failing('SomeError')() : undefined) }, {}, full);
    redriven.execution.redrive();
    await redriven.execution.finished;
    expect(redriven.payloads[`${StateName.ANNOUNCE_START}: Event`]?.map((asked) => JSON.stringify(asked))).toEqual([
      expect.stringContaining('"redriveCount":0'), expect.stringContaining('"redriveCount":1'),
    ]);
  });

  /** What the aftermath asks for when an execution has ended like this, by state. */
  async function aftermath(ending: Record<string, unknown>, failingState?: string): Promise<Record<string, Payload[]>> {
    const payloads: Record<string, Payload[]> = {};
    const machine = new StateMachine({
      definition: full.aftermath,
      arn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:aftermath',
      clock: new SimulatedClock(new Date('2026-11-20T12:00:00.000Z')),
      tasks: async ({ stateName, payload }) => {
        (payloads[stateName] ??= []).push(payload as Payload);
        if (stateName === failingState) throw new TaskError('SNS.NotFoundException', 'no topic');
        return stateName === AftermathStateName.OTHERS ? { Executions: [] } : {};
      },
    });
    const result = await machine.startExecution({ input: { detail: { executionArn: 'arn:of:it', ...ending } } }).finished;
    expect(result.status).toBe('SUCCEEDED');
    return payloads;
  }

  /** What the aftermath sends, as `[message, event]`. */
  async function afterwards(ending: Record<string, unknown>, failingState?: string): Promise<Payload[]> {
    return published({ payloads: await aftermath(ending, failingState) }).flatMap(([, asked]) => asked.slice(0, 1));
  }

  test('of a failure come from the aftermath, with the words of Explain Failure', async () => {
    const [message, event] = await afterwards({ status: 'FAILED', error: 'DataDiffers', cause: '{"errorType":"DataDiffers","errorMessage":"3 rows differ\\nMend them","trace":[]}' });
    expect(message).toMatchObject({ Message: expect.stringMatching(/^The execution has ended as FAILED: DataDiffers\n\n3 rows differ\nMend them\n\nPipeline:.*arn:of:it/s) as string });
    expect(event).toMatchObject({ Entries: [{
      DetailType: 'Execution Failed',
      Detail: { cluster: 'shop', execution: 'arn:of:it', status: 'FAILED', error: 'DataDiffers', cause: '3 rows differ\nMend them' },
    }] });
  });

  test.each([
    [{ status: 'ABORTED', error: 'Duty.Stopped', cause: 'it is Friday' }, { error: 'Duty.Stopped', cause: 'it is Friday' }],
    [{ status: 'ABORTED', error: null, cause: null }, { error: 'ABORTED', cause: expect.stringMatching(/stopped by hand/) as string }],
    [{ status: 'TIMED_OUT' }, { error: 'TIMED_OUT', cause: expect.stringMatching(/its time was over/) as string }],
  ])('of an end that no Catch sees: %j', async (ending, detail) => {
    const [, event] = await afterwards(ending);
    expect(event).toMatchObject({ Entries: [{ Detail: { status: ending.status, ...detail } }] });
  });

  test('of a failure go on with the event where there is no topic any more', async () => {
    expect(await afterwards({ status: 'ABORTED' }, AftermathStateName.ANNOUNCE_FAILURE)).toHaveLength(2);
  });

  test('are none in the aftermath of a success', async () => {
    expect(await afterwards({ status: 'SUCCEEDED', error: null, cause: null })).toEqual([]);
  });

  test.each([
    ['there is no Green any more', { status: 'SUCCEEDED', input: '{}' }, true],
    ['the execution only looked', { status: 'SUCCEEDED', input: '{"preflightOnly":true}' }, false],
    ['the execution has failed', { status: 'FAILED', error: 'DataDiffers', cause: 'three rows', input: '{}' }, false],
    ['somebody has stopped the execution', { status: 'ABORTED', input: '{}' }, false],
  ])('where %s: %j switches the monitor off: %s', async (_, ending, isOff) => {
    expect(Object.keys(await aftermath(ending)).includes(AftermathStateName.MONITOR_OFF)).toBe(isOff);
  });
});

describe('a hook', () => {
  const own = (state: string) => [`${state}: Prepare`, state, `${state}: Function`];
  const APPROVAL = [StateName.GATHER_EVIDENCE, StateName.APPROVED_ALREADY, StateName.ASK_FOR_APPROVAL, StateName.JUDGE_APPROVAL];
  const MOMENT = [...READINESS, StateName.GATHER_EVIDENCE_AGAIN, StateName.STILL_APPROVED, StateName.BEFORE_SWITCHOVER_RAN];
  const WRITERS_STOP = [...own(StateName.BEFORE_SWITCHOVER), `${StateName.BEFORE_SWITCHOVER}: Remembered`];
  const END = [MONITOR_OFF, ...VERIFICATION, ...own(StateName.AFTER_SWITCHOVER), ...RESTORATION];
  const START = [...BEGINNING, ...PREFLIGHT, ...CREATION, ...own(StateName.BEFORE_MIGRATION), ...MIGRATION, ...APPROVAL];
  const EXPLAINED = [StateName.REMEMBER_FAILURE, StateName.EXPLAIN_FAILURE];

  test('runs at its moment, and before the switchover everything is looked at once more', async () => {
    const all = await run({}, {}, hooked);
    expect(withoutBranches(entered(all))).toEqual([...START, ...MOMENT, ...WRITERS_STOP, ...MOMENT, ...SWITCHOVER, ...END]);
  });

  test('is given the event and nothing else, and what it returns is thrown away', async () => {
    const { execution, payloads } = await run({ [`${StateName.BEFORE_SWITCHOVER}: Function`]: () => 'whatever' }, {}, hooked);
    expect(payloads[`${StateName.BEFORE_SWITCHOVER}: Function`]).toEqual([results['prepare-hook']]);
    expect(payloads[StateName.REPORT]?.[0]?.state.hooks).toEqual({ event: results['prepare-hook'], beforeSwitchover: 0, afterSwitchover: null });
    expect(execution.status).toBe('SUCCEEDED');
  });

  test('runs again for another attempt at the switchover, and not because a good moment has to be waited for', async () => {
    const again = await run({
      [StateName.JUDGE_READINESS]: (time) => (time === 1 ? { ...results.judge, done: false } : undefined),
      [StateName.JUDGE_SWITCHOVER]: (time) => ({ made: time + 1, again: time === 0, reasons: [] }),
      [StateName.FIND_PRODUCTION]: (time) => at(time === 0 ? Phase.AVAILABLE : Phase.SWITCHED),
    }, {}, hooked);
    const unready = READINESS.filter((name) => name !== StateName.PLAN_AGAIN);
    const attempt = [...MOMENT, ...WRITERS_STOP];
    expect(withoutBranches(entered(again))).toEqual([...START, ...attempt, ...unready, ...MOMENT, ...SWITCHOVER, ...attempt, ...MOMENT, ...SWITCHOVER, ...END]);
  });

  test.each([StateName.BEFORE_MIGRATION, StateName.BEFORE_SWITCHOVER])('%s ends the execution with HookFailed when it fails, and runs again when the execution is redriven', async (state) => {
    const failed = await run({ [`${state}: Function`]: (time) => (time === 0 ? failing('WritersStillThere')() : undefined) }, {}, hooked);
    expect(await failed.execution.finished).toMatchObject({ status: 'FAILED', error: ErrorName.HOOK_FAILED });
    expect(entered(failed).slice(-5)).toEqual([...own(state).slice(1), `${state}: Failed`, ...EXPLAINED]);
    expect(failed.payloads[StateName.EXPLAIN_FAILURE]?.[0]?.state.failure).toMatchObject({ Error: 'HookFailed', thrown: { Error: 'WritersStillThere', Cause: 'as told' } });

    failed.execution.redrive();
    expect(await failed.execution.finished).toMatchObject({ status: 'SUCCEEDED' });
    expect(failed.payloads[`${state}: Function`]).toHaveLength(2);
  });

  test('after the switchover is reported when it fails, and undoes nothing', async () => {
    const failed = await run({ [`${StateName.AFTER_SWITCHOVER}: Function`]: failing('WritersDoNotStart') }, {}, hooked);
    expect(failed.execution.status).toBe('SUCCEEDED');
    expect(withoutBranches(entered(failed)).slice(-END.length)).toEqual(END);
    expect(failed.payloads[StateName.REPORT]?.[0]?.state.hooks).toMatchObject({ afterSwitchover: { Error: 'WritersDoNotStart' } });
  });
});

describe('a wait', () => {
  const notYet = (time: number) => (time < 2 ? { done: false, waitSeconds: 100, startedAt: '' } : undefined);

  test.each([
    StateName.WAIT_FOR_GREEN, StateName.RUN_MIGRATION, StateName.WAIT_FOR_REPLICATION, StateName.COMPARE_DATA, StateName.WAIT_FOR_WINDOW,
    StateName.RESTORE_PARAMETERS, StateName.RESTORE_PRODUCTION,
  ])('%s looks again after as long as it has asked for', async (state) => {
    const { execution, payloads, clock } = await run({ [state]: notYet });
    expect(execution.status).toBe('SUCCEEDED');
    expect(payloads[state]).toHaveLength(3);
    expect(clock.now().toISOString()).toBe('2026-11-20T12:03:20.000Z');
  });

  test.each([
    [StateName.JUDGE_READINESS, [StateName.WAIT_FOR_WINDOW, StateName.READY_IN_RDS, StateName.READY_IN_MYSQL]],
    [StateName.JUDGE_VERIFICATION, [StateName.FIND_PRODUCTION, StateName.VERIFY_IN_RDS, StateName.VERIFY_IN_MYSQL]],
  ])('%s judges on new evidence each time', async (judge, evidence) => {
    const { payloads } = await run({ [judge]: (time) => (time < 2 ? { ...results.judge, done: false } : undefined) });
    for (const state of evidence) expect(payloads[state]).toHaveLength(3);
  });

  test.each([StateName.WAIT_FOR_SWITCHOVER, StateName.WATCH_ENDPOINT])('%s goes on beside the other branch', async (state) => {
    const { execution, payloads } = await run({ [state]: notYet });
    expect(execution.status).toBe('SUCCEEDED');
    expect(payloads[state]).toHaveLength(3);
  });
});

describe('the watch of the endpoint', () => {
  const twice = (time: number) => (time < 1 ? { done: false, waitSeconds: 1, startedAt: '' } : undefined);

  test('asks RDS between two invocations whether there is anything left to watch', async () => {
    const { execution, payloads } = await run({ [StateName.WATCH_ENDPOINT]: twice, [StateName.STILL_SWITCHING]: () => at(Phase.AVAILABLE) });
    expect(execution.status).toBe('SUCCEEDED');
    const [first, second] = payloads[StateName.WATCH_ENDPOINT] ?? [];
    expect(first?.state).not.toHaveProperty('present');
    expect(second?.state).toMatchObject({ present: { phase: Phase.AVAILABLE } });
  });

  test('goes on where RDS cannot be asked', async () => {
    const { execution, payloads } = await run({ [StateName.WATCH_ENDPOINT]: twice, [StateName.STILL_SWITCHING]: failing('SomeError') });
    expect(execution.status).toBe('SUCCEEDED');
    expect(payloads[StateName.WATCH_ENDPOINT]).toHaveLength(2);
    expect(payloads[StateName.JUDGE_SWITCHOVER]?.[0]?.state.switchover).toEqual({ outcome: { progress: results['wait-for-switchover'] }, watch: results['watch-endpoint'] });
  });
});

describe('a failure', () => {
  const functions = statesOf(full.json).filter(({ state, parallel }) => state.Type === 'Task' && !callsService(state) && parallel === undefined);
  const onTop = functions.map(({ name }) => name).filter((name) => name !== StateName.EXPLAIN_FAILURE);
  const giving: readonly string[] = [StateName.RESTORE_BLUE, StateName.DELETE_GREEN];

  test.each(onTop)('in %s is explained, and the execution ends with its name', async (state) => {
    const failed = await run({ ...giving.includes(state) ? ABANDON : {}, [state]: failing('SomeError') }, {}, full);
    expect(await failed.execution.finished).toMatchObject({ status: 'FAILED', error: 'SomeError' });
    expect(entered(failed).slice(-3)).toEqual([state, StateName.REMEMBER_FAILURE, StateName.EXPLAIN_FAILURE]);
  });

  test.each([[[]], [['a']], [7], ['text'], [true], [null]])('on the input %j is explained as well', async (input) => {
    const failed = await run({ [StateName.READ_INPUT]: failing(ErrorName.INVALID_INPUT) }, input);
    expect(await failed.execution.finished).toMatchObject({ status: 'FAILED', error: ErrorName.INVALID_INPUT });
    expect(failed.payloads[StateName.EXPLAIN_FAILURE]?.[0]?.state).toMatchObject({ situation: null, create: null, switchover: null });
  });

  test.each([
    [StateName.CHECK_RDS, StateName.JUDGE_PREFLIGHT, 'preflight', 'rds'],
    [StateName.CHECK_MYSQL, StateName.JUDGE_PREFLIGHT, 'preflight', 'mysql'],
    [StateName.CHECK_GREEN_IN_RDS, StateName.JUDGE_GREEN, 'greenCheck', 'rds'],
    [StateName.CHECK_GREEN_IN_MYSQL, StateName.JUDGE_GREEN, 'greenCheck', 'mysql'],
    [StateName.READY_IN_RDS, StateName.JUDGE_READINESS, 'readinessCheck', 'rds'],
    [StateName.READY_IN_MYSQL, StateName.JUDGE_READINESS, 'readinessCheck', 'mysql'],
    [StateName.VERIFY_IN_RDS, StateName.JUDGE_VERIFICATION, 'verificationCheck', 'rds'],
    [StateName.VERIFY_IN_MYSQL, StateName.JUDGE_VERIFICATION, 'verificationCheck', 'mysql'],
  ])('in %s is a finding that %s judges', async (check, judge, slice, zone) => {
    const { payloads } = await run({ [check]: failing('SomeError') });
    expect(payloads[judge]?.[0]?.state[slice]).toMatchObject({ [zone]: { blockers: 1, failed: { Error: 'SomeError' } } });
  });

  test.each([StateName.SWITCH_OVER, StateName.WAIT_FOR_SWITCHOVER])('in %s is judged when the watch has ended', async (state) => {
    const { payloads } = await run({ [state]: failing('SomeError') });
    const outcome = { error: { Error: 'SomeError', Cause: 'as told' } };
    expect(payloads[StateName.JUDGE_SWITCHOVER]?.[0]?.state.switchover).toEqual({ outcome, watch: results['watch-endpoint'] });
  });

  test('of the watch is not worth failing for', async () => {
    const { execution, payloads } = await run({ [StateName.WATCH_ENDPOINT]: failing('SomeError') });
    expect(execution.status).toBe('SUCCEEDED');
    expect(payloads[StateName.JUDGE_SWITCHOVER]?.[0]?.state.switchover).toEqual({ outcome: { progress: results['wait-for-switchover'] }, watch: null });
  });

  test('leads through Read Input again when the execution is redriven', async () => {
    const redriven = await run({ [StateName.PLAN_MIGRATION]: (time) => (time === 0 ? failing('SomeError')() : undefined) });
    const before = entered(redriven).length;
    redriven.execution.redrive();

    expect(await redriven.execution.finished).toMatchObject({ status: 'SUCCEEDED' });
    const after = entered(redriven).slice(before);
    expect(after.slice(0, 2)).toEqual([StateName.EXPLAIN_FAILURE, StateName.READ_INPUT]);
    expect(after.at(-1)).toBe(StateName.DONE);
  });
});

describe('a failure of a pipeline that does not keep Green', () => {
  const ALONE: Answers = { [StateName.WHO_ELSE_RUNS]: () => ({ Executions: [{}] }) };
  const JUDGED = [StateName.REMEMBER_FAILURE, StateName.WHO_ELSE_RUNS, StateName.JUDGE_FAILURE, StateName.GREEN_GOES];
  const DELETION = [
    StateName.FIND_GREEN_TO_DELETE, StateName.MONITOR_OFF_AFTER_FAILURE, StateName.RESTORE_BLUE_AFTER_FAILURE, StateName.DELETE_GREEN_AFTER_FAILURE,
  ];
  const failed = (answers: Answers = {}) => run({ ...ALONE, [StateName.COMPARE_DATA]: (time) => (time === 0 ? failing('SomeError')() : undefined), ...answers }, {}, deleting);

  test('puts Blue back, deletes Green, and ends with its own name; a redrive begins anew', async () => {
    const deleted = await failed({ [StateName.DELETE_GREEN_AFTER_FAILURE]: (time) => (time < 2 ? { ...results['delete-green'], done: false } : undefined) });
    expect(await deleted.execution.finished).toMatchObject({ status: 'FAILED', error: 'SomeError' });
    const names = entered(deleted);
    const [, , , remove] = DELETION;
    expect(names.slice(names.indexOf(StateName.COMPARE_DATA) + 1)).toEqual([...JUDGED, ...DELETION, remove, remove, StateName.EXPLAIN_FAILURE]);
    expect(deleted.payloads[StateName.FIND_GREEN_TO_DELETE]).toMatchObject([{ purpose: 'giveUp' }]);
    expect(deleted.payloads[StateName.JUDGE_FAILURE]?.[0]?.state).toMatchObject({ failure: { Error: 'SomeError' }, others: { running: 1 } });

    deleted.execution.redrive();
    expect(await deleted.execution.finished).toMatchObject({ status: 'SUCCEEDED' });
    expect(entered(deleted).slice(names.length).slice(0, 2)).toEqual([StateName.EXPLAIN_FAILURE, StateName.READ_INPUT]);
  });

  test('keeps Green where it is judged so', async () => {
    const kept = await failed({ [StateName.JUDGE_FAILURE]: () => ({ deletes: false, kept: 'it is wanted' }) });
    expect(await kept.execution.finished).toMatchObject({ status: 'FAILED', error: 'SomeError' });
    expect(entered(kept).slice(-6)).toEqual([StateName.COMPARE_DATA, ...JUDGED, StateName.EXPLAIN_FAILURE]);
  });

  test.each([StateName.JUDGE_FAILURE, StateName.FIND_GREEN_TO_DELETE, StateName.RESTORE_BLUE_AFTER_FAILURE, StateName.DELETE_GREEN_AFTER_FAILURE])(
    'keeps its name when %s fails, too, and tells of both', async (state) => {
      const twice = await failed({ [state]: failing('AnotherError') });
      expect(await twice.execution.finished).toMatchObject({ status: 'FAILED', error: 'SomeError' });
      expect(entered(twice).slice(-2)).toEqual([state, StateName.EXPLAIN_FAILURE]);
      expect(twice.payloads[StateName.EXPLAIN_FAILURE]).toMatchObject([{ state: { failure: { Error: 'SomeError' }, deletionFailure: { Error: 'AnotherError' } } }]);
    },
  );

  test('leaves the judge in doubt where nobody says which executions run', async () => {
    const unknown = await failed({ [StateName.WHO_ELSE_RUNS]: failing('Sfn.AccessDeniedException') });
    expect(unknown.payloads[StateName.JUDGE_FAILURE]?.[0]?.state).toMatchObject({ others: { Error: 'Sfn.AccessDeniedException' } });
  });
});

describe('an error that passes by itself', () => {
  test.each([
    [StateName.KEEP_BINLOGS, ErrorName.DATABASE_UNREACHABLE, 20],
    [StateName.CREATE_GREEN, ErrorName.RDS_BUSY, 8],
    [StateName.CREATE_GREEN, 'Lambda.TooManyRequestsException', 6],
    [StateName.RUN_MIGRATION, 'Runtime.ExitError', 6],
    [StateName.RUN_MIGRATION, 'Sandbox.Timedout', 6],
  ])('is retried in %s: %s, %d times', async (state, error, retries) => {
    const passed = await run({ [state]: (time) => (time < retries ? failing(error)() : undefined) });
    expect(passed.execution.status).toBe('SUCCEEDED');

    const stays = await run({ [state]: failing(error) });
    expect(stays.payloads[state]).toHaveLength(retries + 1);
    expect(await stays.execution.finished).toMatchObject({ status: 'FAILED', error });
  });

  test.each([ErrorName.DATABASE_UNREACHABLE, ErrorName.RDS_BUSY])('is not waited for again where it is only explained: %s', async (error) => {
    const { payloads } = await run({ [StateName.PLAN_MIGRATION]: failing(error) });
    expect(payloads[StateName.EXPLAIN_FAILURE]).toHaveLength(1);
  });

  test.each([StateName.JUDGE_PREFLIGHT, StateName.PLAN_MIGRATION, StateName.CREATE_GREEN])('is not what fails in %s with another name', async (state) => {
    const { payloads } = await run({ [state]: failing(ErrorName.MIGRATION_FAILED) });
    expect(payloads[state]).toHaveLength(1);
  });
});
