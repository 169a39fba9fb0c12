import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { type Execution, type ExecutionResult, TaskError } from '../../../rehearsal/step-functions';
import { eventually } from '../mysql/eventually';
import { messageOf, openSmall, productionFacts } from './small';

/** The states that do work; the rest decide or wait. */
function taskStates(rehearsal: Rehearsal): Set<string> {
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

/** Those of an execution that gives Green up; abandon.test.ts kills them. */
const GIVING_UP: readonly string[] = [StateName.RESTORE_BLUE, StateName.DELETE_GREEN];

/** Reached only where a switchover lasts longer than an invocation of the watch; executions.test.ts lets it fail. */
const RARE: readonly string[] = [StateName.STILL_SWITCHING];

/** What an execution passes only where the one before it has not come so far already needs a rehearsal of its own. */
const MOST_ROUNDS = 4;
const MILLISECONDS = 300_000;

describe('executions that end in the middle', () => {
  let rehearsal: Rehearsal | undefined;

  afterEach(() => rehearsal?.close());

  /** Rehearses until every state was ended in; `open` holds those that were not. */
  async function rounds(left: readonly string[], round: (rehearsal: Rehearsal, open: Set<string>) => Promise<void>): Promise<Set<string>> {
    let open: Set<string> | undefined;
    for (let count = 0; count < MOST_ROUNDS && open?.size !== 0; count += 1) {
      rehearsal = await openSmall();
      open ??= new Set([...taskStates(rehearsal)].filter((name) => !left.includes(name)));
      const before = await productionFacts(rehearsal);
      await round(rehearsal, open);
      expect(await productionFacts(rehearsal)).toEqual({ ...before, characterSets: ['utf8mb4'], databaseCollation: 'utf8mb4_general_ci' });
      await rehearsal.close();
    }
    return open ?? new Set();
  }

  test('continue in a new execution with {}, whichever state they were stopped in', async () => {
    const open = await rounds([StateName.EXPLAIN_FAILURE, ...GIVING_UP, ...RARE], async (present, states) => {
      const writer = present.writer({ operationsPerSecond: 40 });
      await writer.start();
      const endings: ExecutionResult[] = [];
      while (endings.at(-1)?.status !== 'SUCCEEDED' && endings.length < 60) {
        const running: { execution?: Execution } = {};
        running.execution = present.start({}, ({ type, name }) => {
          if (type === 'TaskStateEntered' && name !== undefined && states.delete(name)) setImmediate(() => running.execution?.stop('Test.Stopped', `in ${name}`));
        });
        endings.push(await running.execution.finished);
        // a function does not end with its execution: what it has asked of RDS, the next execution shall find.
        // the watch asks for nothing, and goes on for two minutes where no switchover comes.
        await eventually('no function is working', () => present.running.every(({ functionName }) => functionName.includes('watch-endpoint')));
      }
      await writer.stop();

      expect(endings.filter(({ status }) => status === 'FAILED').map(messageOf)).toEqual([]);
      expect(endings.at(-1)?.status).toBe('SUCCEEDED');
      const connection = await present.connect('shop');
      expect(await writer.verify(connection)).toMatchObject({ lostWrites: 0, corruptedRows: 0 });
      await connection.end();
    });
    expect([...open]).toEqual([]);
  }, MILLISECONDS);

  test('continue by redrive and by a new execution alike, whichever state failed', async () => {
    // the watch is only for measuring, and not worth failing for.
    const open = await rounds([StateName.WATCH_ENDPOINT, ...GIVING_UP, ...RARE], async (present, states) => {
      let failed: string | undefined;
      present.onTask = (state) => {
        if (!states.delete(state)) return;
        failed = state;
        throw new TaskError('Test.Failed', `in ${state}`);
      };
      const outcomes: { state: string | undefined; status: string }[] = [];
      let execution = present.start({});
      for (let result = await execution.finished; ; result = await execution.finished) {
        outcomes.push({ state: failed, status: result.status });
        if (result.status === 'SUCCEEDED' || outcomes.length > 60) break;
        failed = undefined;
        if (outcomes.length % 2 === 0) execution = present.start({});
        else execution.redrive();
      }
      expect(outcomes.at(-1)?.status).toBe('SUCCEEDED');
    });
    expect([...open]).toEqual([]);
  }, MILLISECONDS);
});
