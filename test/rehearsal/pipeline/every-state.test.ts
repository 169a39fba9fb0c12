import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { type Execution, TaskError } from '../../../rehearsal/step-functions';
import { openSmall, productionFacts } from './small';

/** The states that do work; the rest decide or wait. */
async function taskStates(rehearsal: Rehearsal): Promise<Set<string>> {
  const names = new Set<string>();
  const walk = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, state] of Object.entries(value)) {
      if ((state as { Type?: string } | null)?.Type === 'Task') names.add(name);
      walk(state);
    }
  };
  walk(rehearsal.stack.stateMachines[0]?.definition);
  return names;
}

describe('executions that end in the middle', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test('continue in a new execution with {}, whichever state they were stopped in', async () => {
    rehearsal = await openSmall();
    const writer = rehearsal.writer({ operationsPerSecond: 40 });
    await writer.start();
    const before = await productionFacts(rehearsal);
    const open = await taskStates(rehearsal);
    open.delete(StateName.EXPLAIN_FAILURE);
    // an execution that begins after the switchover has no need of this one; the other test has.
    open.delete(StateName.JUDGE_SWITCHOVER);
    const endings: string[] = [];
    while (endings.at(-1) !== 'SUCCEEDED' && endings.length < 60) {
      const running: { execution?: Execution } = {};
      running.execution = rehearsal.start({}, ({ type, name }) => {
        if (type === 'TaskStateEntered' && name !== undefined && open.delete(name)) setImmediate(() => running.execution?.stop('Test.Stopped', `in ${name}`));
      });
      endings.push((await running.execution.finished).status);
    }
    await writer.stop();

    expect([...open]).toEqual([]);
    expect(endings.slice(0, -1).every((status) => status === 'ABORTED')).toBe(true);
    expect(endings.at(-1)).toBe('SUCCEEDED');
    const connection = await rehearsal.connect('shop');
    expect(await writer.verify(connection)).toMatchObject({ lostWrites: 0, corruptedRows: 0 });
    await connection.end();
    expect(await productionFacts(rehearsal)).toEqual({ ...before, characterSets: ['utf8mb4'], databaseCollation: 'utf8mb4_general_ci' });
  });

  test('continue by redrive and by a new execution alike, whichever state failed', async () => {
    rehearsal = await openSmall();
    const before = await productionFacts(rehearsal);
    const open = await taskStates(rehearsal);
    // this one is only for measuring, and not worth failing for.
    open.delete(StateName.WATCH_ENDPOINT);
    // reached only where the judgement before it did not fail; the other test stops here.
    open.delete(StateName.FIND_PRODUCTION);
    let failed: string | undefined;
    rehearsal.onTask = (state) => {
      if (!open.delete(state)) return;
      failed = state;
      throw new TaskError('Test.Failed', `in ${state}`);
    };
    const outcomes: { state: string | undefined; status: string }[] = [];
    let execution = rehearsal.start({});
    for (let result = await execution.finished; ; result = await execution.finished) {
      outcomes.push({ state: failed, status: result.status });
      if (result.status === 'SUCCEEDED' || outcomes.length > 60) break;
      failed = undefined;
      if (outcomes.length % 2 === 0) execution = rehearsal.start({});
      else execution.redrive();
    }

    expect([...open]).toEqual([]);
    expect(outcomes.at(-1)?.status).toBe('SUCCEEDED');
    expect(outcomes.length).toBeGreaterThan(15);
    expect(await productionFacts(rehearsal)).toEqual({ ...before, characterSets: ['utf8mb4'], databaseCollation: 'utf8mb4_general_ci' });
  });
});
