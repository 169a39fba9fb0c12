import { type Activity, type Outlook, secondsLeft } from '../../../lambda/migration/progress';

const MEBIBYTE = 1024 * 1024;

/** A table of 100 MiB, the first of unit 1. */
function givenActivity({ seconds, ...rest }: Partial<Activity> & { readonly seconds: number }): Activity {
  const step = { origin: null, id: 1, kind: 'TABLE' as const, schema: 'shop', object: 't', bytes: 100 * MEBIBYTE, worker: 1, attempts: 1, unit: 1 };
  return { step: { ...step, secondsRunning: seconds, secondsBlocked: null }, share: undefined, waits: undefined, ...rest };
}

function left(outlook: Partial<Outlook>): number | undefined {
  const learnt = { bytes: 0, seconds: 0, smallSteps: 0, smallSeconds: 0 };
  return secondsLeft({ learnt, running: [], units: [], waiting: { bytes: 0, small: 0 }, workers: 2, ...outlook });
}

/** A MiB a second, and half a second for a small table. */
const LEARNT: Outlook['learnt'] = { bytes: 1000 * MEBIBYTE, seconds: 1000, smallSteps: 10, smallSeconds: 5 };

describe('what is left of a migration', () => {
  test('is unknown while nothing is done and the server does not show how far it is', () => {
    expect(left({ running: [givenActivity({ seconds: 60 })], waiting: { bytes: MEBIBYTE, small: 0 } })).toBeUndefined();
  });

  test('is unknown while only small tables are done and large ones wait', () => {
    expect(left({ learnt: { ...LEARNT, bytes: 0, seconds: 0 }, waiting: { bytes: MEBIBYTE, small: 1 } })).toBeUndefined();
  });

  test('is unknown while everything waits for locks', () => {
    expect(left({ learnt: LEARNT, running: [givenActivity({ seconds: 60, waits: 'to begin', share: 0 })] })).toBeUndefined();
  });

  test('is learnt from what runs, where the server shows how far it is', () => {
    expect(left({ running: [givenActivity({ seconds: 50, share: 0.25 })] })).toBe(150);
  });

  test('is learnt from what is done, and shared by the workers', () => {
    expect(left({ learnt: LEARNT, waiting: { bytes: 400 * MEBIBYTE, small: 20 } })).toBe(205);
  });

  test('is never less than the longest unit, whose steps run one after the other', () => {
    const units = [{ unit: 7, bytes: 300 * MEBIBYTE, small: 0 }];
    expect(left({ learnt: LEARNT, units, waiting: { bytes: 310 * MEBIBYTE, small: 0 }, workers: 8 })).toBe(300);
  });

  test('counts what is left of a running step in its unit', () => {
    const units = [{ unit: 1, bytes: 100 * MEBIBYTE, small: 0 }];
    expect(left({ learnt: LEARNT, running: [givenActivity({ seconds: 40 })], units, waiting: { bytes: 100 * MEBIBYTE, small: 0 } })).toBe(160);
  });

  test('is a tenth of the time already taken by a step that should have been done long ago', () => {
    expect(left({ learnt: LEARNT, running: [givenActivity({ seconds: 2000 })] })).toBe(200);
  });

  test('is nothing where only the task has something to do', () => {
    expect(left({})).toBe(0);
  });
});
