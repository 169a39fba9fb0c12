import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { type Execution } from '../../../rehearsal/step-functions';
import { messageOf, openSmall, productionFacts } from './small';

describe('two executions at once', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test('do not undo each other: the newer one takes over and finishes, the older one ends with that reason', async () => {
    rehearsal = await openSmall();
    let newer: Execution | undefined;
    rehearsal.onTask = async (state) => {
      if (state !== StateName.RUN_MIGRATION || newer !== undefined) return;
      // the older one stands before its first look until the newer one has planned.
      await new Promise<void>((planned) => {
        newer = rehearsal.start({}, ({ type, name }) => { if (type === 'TaskStateExited' && name === StateName.PLAN_MIGRATION) planned(); });
      });
    };

    const older = await rehearsal.start({}).finished;

    expect(older).toMatchObject({ status: 'FAILED', error: 'SupersededByAnotherExecution' });
    expect(messageOf(older)).toContain(newer?.arn);
    expect(await newer?.finished).toMatchObject({ status: 'SUCCEEDED' });
    expect(await productionFacts(rehearsal)).toMatchObject({ characterSets: ['utf8mb4'], ourSchemas: 0, eventScheduler: 'ON' });
  });
});
