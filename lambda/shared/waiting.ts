const SHORTEST_SECONDS = 5;
const FIRST_DAY_SECONDS = 24 * 3600;
/** Expectations are often wrong for hours ("20 s behind", all day long): a wait is never shorter than this part of the time already waited. */
const LEAST_PART_OF_ELAPSED = 1 / 120;

/**
 * How long the state machine waits before it asks again: short at first and near the expected end, long in between. At most 10 minutes
 * on the first day and an hour after. 30 days of waiting take less than 10,000 of the 25,000 events of an execution; less than
 * 15,000 even where the end is always expected within seconds.
 *
 * @param elapsedSeconds how long this wait has lasted so far.
 * @param remainingSeconds how long it will probably last, if anything is known.
 * @returns a whole number of seconds: a fraction would end the execution with an error no Catch sees.
 */
export function secondsUntilNextLook(elapsedSeconds: number, remainingSeconds?: number): number {
  const longest = elapsedSeconds < FIRST_DAY_SECONDS ? 600 : 3600;
  const remaining = remainingSeconds === undefined || Number.isNaN(remainingSeconds) ? Number.POSITIVE_INFINITY : remainingSeconds;
  const expected = Math.max(remaining, elapsedSeconds * LEAST_PART_OF_ELAPSED);
  const patient = Math.min(elapsedSeconds / 6, expected, longest);
  return Math.max(SHORTEST_SECONDS, Math.round(Number.isFinite(patient) ? patient : SHORTEST_SECONDS));
}

/** A look costs 9 events. So many may come early… */
const EARLY_LOOKS = 360;
/** …and one more for every two hours: 720 in 30 days, which are 6,480 events. */
const LATE_SECONDS = 2 * 3600;
/** The longest wait as long as there are looks to spare. */
const LONGEST_SECONDS = 600;
/** Early looks that are kept for the moments that need them: a crash, and the end. */
const RESERVED_LOOKS = 50;

/** What the wait between two looks at a migration depends on. */
export interface MigrationPace {
  /** Since the migration has begun. */
  readonly elapsedSeconds: number;
  /** Looks so far, this one included. */
  readonly looks: number;
  /** Since workers were started last, because an execution has begun or something has ended them. */
  readonly settledSeconds: number;
  /** Until the migration is done, or something is due; undefined while nobody knows. */
  readonly remainingSeconds?: number;
}

/**
 * How long the state machine waits before it looks at the migration again: short after a start or a crash and near the end, else 10 minutes, for
 * two days at least. After that, two hours: workers that a crash ends meanwhile, the monitor starts. An execution has 25,000 events, and a look takes 9;
 * 30 days of migration leave enough below 10,000 for a day of lag and a day of comparison, whatever happens, even if Green crashes every hour and the end
 * always seems to be near.
 *
 * @returns a whole number of seconds.
 */
export function secondsUntilNextMigrationLook({ elapsedSeconds, looks, settledSeconds, remainingSeconds = Number.POSITIVE_INFINITY }: MigrationPace): number {
  const spare = EARLY_LOOKS + elapsedSeconds / LATE_SECONDS - looks;
  if (spare < 1) return LATE_SECONDS;
  const longest = spare > RESERVED_LOOKS ? LONGEST_SECONDS : LATE_SECONDS;
  const remaining = Number.isNaN(remainingSeconds) ? Number.POSITIVE_INFINITY : remainingSeconds;
  return Math.max(SHORTEST_SECONDS, Math.round(Math.min(settledSeconds / 6, remaining, longest)));
}

/**
 * The slice of a wait that is still going on; null when it has not begun, or when it ended and begins anew (the machine has come by again).
 */
export function unfinished<Slice extends { readonly done: boolean }>(slice: Slice | null | undefined): Slice | null {
  return slice === null || slice === undefined || slice.done ? null : slice;
}

/** Whole seconds from one moment to the other (ISO 8601); never negative. */
export function secondsBetween(start: string, end: string): number {
  return Math.max(0, Math.round((Date.parse(end) - Date.parse(start)) / 1000));
}

/** A duration as an operator reads it: `45 h 12 min`, `3 min 20 s`, `8 s`. */
export function inWords(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
