const SHORTEST_SECONDS = 5;
const FIRST_DAY_SECONDS = 24 * 3600;
/** Expectations are often wrong for hours ("20 s behind", all day long): a wait is never shorter than this part of the time already waited. */
const LEAST_PART_OF_ELAPSED = 1 / 120;

/**
 * How long the state machine waits before it asks again: short at first and near the expected end, long in between. At most 5 minutes
 * on the first day and an hour after. 30 days of waiting take less than 10,000 of the 25,000 events of an execution; less than
 * 15,000 even where the end is always expected within seconds.
 *
 * @param elapsedSeconds how long this wait has lasted so far.
 * @param remainingSeconds how long it will probably last, if anything is known.
 * @returns a whole number of seconds: a fraction would end the execution with an error no Catch sees.
 */
export function secondsUntilNextLook(elapsedSeconds: number, remainingSeconds?: number): number {
  const longest = elapsedSeconds < FIRST_DAY_SECONDS ? 300 : 3600;
  const remaining = remainingSeconds === undefined || Number.isNaN(remainingSeconds) ? Number.POSITIVE_INFINITY : remainingSeconds;
  const expected = Math.max(remaining, elapsedSeconds * LEAST_PART_OF_ELAPSED);
  const patient = Math.min(elapsedSeconds / 6, expected, longest);
  return Math.max(SHORTEST_SECONDS, Math.round(Number.isFinite(patient) ? patient : SHORTEST_SECONDS));
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
