import { inWords, type MigrationPace, secondsBetween, secondsUntilNextLook, secondsUntilNextMigrationLook, unfinished } from '../../../lambda/shared/waiting';

const DAY_SECONDS = 86_400;
/** What one turn of a poll loop costs: five events of the task, two of the choice, two of the wait. */
const EVENTS_A_TURN = 9;

function eventsOf(days: number, remainingSeconds: number | undefined): number {
  let turns = 0;
  for (let elapsed = 0; elapsed < days * DAY_SECONDS; turns += 1) elapsed += secondsUntilNextLook(elapsed, remainingSeconds);
  return turns * EVENTS_A_TURN;
}

describe('secondsUntilNextLook', () => {
  test('is a whole number of at least 5 seconds, whatever it is told', () => {
    const elapsed = [0, 0.4, 1, 31.7, 1799.5, DAY_SECONDS - 1, DAY_SECONDS, 30 * DAY_SECONDS];
    const remaining = [undefined, Number.NaN, Number.POSITIVE_INFINITY, -7, 0, 0.3, 12.5, 1e9];

    const waits = elapsed.flatMap((one) => remaining.map((other) => secondsUntilNextLook(one, other)));

    expect(waits.every((wait) => Number.isInteger(wait) && wait >= 5 && wait <= 3600)).toBe(true);
  });

  test('asks every 10 minutes on the first day at the latest, and hourly after it', () => {
    expect(secondsUntilNextLook(DAY_SECONDS - 1)).toBe(600);
    expect(secondsUntilNextLook(DAY_SECONDS)).toBe(3600);
  });

  test('asks soon where the end is near, and rarely where it is far', () => {
    expect(secondsUntilNextLook(3600, 45)).toBe(45);
    expect(secondsUntilNextLook(3600, 7200)).toBe(600);
  });

  test('spends less than 10,000 events on 30 days', () => {
    expect(eventsOf(30, undefined)).toBeLessThan(10_000);
  });

  test('spends less than 15,000 events on 30 days in which the end always seems to be near', () => {
    expect(eventsOf(30, 1)).toBeLessThan(15_000);
  });
});

/** The waits of 30 days, the first look first; `world` says what a look sees. */
function waitsOf(world: (elapsedSeconds: number) => Partial<MigrationPace>): { elapsedSeconds: number; waitSeconds: number }[] {
  const waits: { elapsedSeconds: number; waitSeconds: number }[] = [];
  for (let elapsedSeconds = 0; elapsedSeconds < 30 * DAY_SECONDS;) {
    const waitSeconds = secondsUntilNextMigrationLook({ elapsedSeconds, looks: waits.length + 1, settledSeconds: elapsedSeconds, ...world(elapsedSeconds) });
    waits.push({ elapsedSeconds, waitSeconds });
    elapsedSeconds += waitSeconds;
  }
  return waits;
}

describe('secondsUntilNextMigrationLook', () => {
  test.each<[string, (elapsedSeconds: number) => Partial<MigrationPace>]>([
    ['nothing happens', () => ({})],
    ['the end always seems to be near', () => ({ remainingSeconds: 1 })],
    ['the end is never known', () => ({ remainingSeconds: Number.NaN })],
    ['workers are started at every look', () => ({ settledSeconds: 0 })],
    ['Green crashes every hour', (elapsed) => ({ settledSeconds: elapsed % 3600 })],
    ['both happen', (elapsed) => ({ settledSeconds: elapsed % 3600, remainingSeconds: 20 })],
  ])('spends less than 6,600 events on 30 days in which %s', (_, world) => {
    const waits = waitsOf(world);

    expect(waits.length * EVENTS_A_TURN).toBeLessThan(6600);
    expect(waits.every(({ waitSeconds }) => Number.isInteger(waitSeconds) && waitSeconds >= 5 && waitSeconds <= 7200)).toBe(true);
  });

  test('looks every 10 minutes for two days at least', () => {
    const waits = waitsOf(() => ({})).filter(({ elapsedSeconds }) => elapsedSeconds < 2 * DAY_SECONDS);

    expect(Math.max(...waits.map(({ waitSeconds }) => waitSeconds))).toBe(600);
  });

  test('looks soon after a start, after a crash, and near the end, even after 20 days', () => {
    const late = { elapsedSeconds: 20 * DAY_SECONDS, looks: 540 };

    expect(secondsUntilNextMigrationLook({ elapsedSeconds: 0, looks: 1, settledSeconds: 0 })).toBe(5);
    expect(secondsUntilNextMigrationLook({ ...late, settledSeconds: 60 })).toBe(10);
    expect(secondsUntilNextMigrationLook({ ...late, settledSeconds: 20 * DAY_SECONDS, remainingSeconds: 90 })).toBe(90);
  });
});

describe('unfinished', () => {
  test('keeps a wait that is still going on', () => {
    const slice = { done: false };
    expect(unfinished(slice)).toBe(slice);
  });

  test.each([null, undefined, { done: true }])('begins anew after %p', (slice) => {
    expect(unfinished(slice)).toBeNull();
  });
});

test.each([
  [8, '8 s'],
  [59.6, '1 min 0 s'],
  [200, '3 min 20 s'],
  [162_720, '45 h 12 min'],
])('%p seconds read as %p', (seconds, text) => {
  expect(inWords(seconds)).toBe(text);
});

test('secondsBetween counts whole seconds and never less than none', () => {
  expect(secondsBetween('2026-11-20T12:00:00.000Z', '2026-11-20T12:01:00.400Z')).toBe(60);
  expect(secondsBetween('2026-11-20T12:00:00.000Z', '2026-11-20T11:00:00.000Z')).toBe(0);
});
