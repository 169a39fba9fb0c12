const FIRST_DAYS_SECONDS = 48 * 3600;

/**
 * How long the state machine waits before it asks again: short at first and near the expected end, long in between. At most 5 minutes
 * in the first 48 hours and an hour after, which keeps 30 days of polling far below the 25,000 events of an execution.
 *
 * @param elapsedSeconds how long this wait has lasted so far.
 * @param remainingSeconds how long it will probably last, if anything is known.
 * @returns a whole number of seconds: a fraction would end the execution with an error no Catch sees.
 */
export function secondsUntilNextLook(elapsedSeconds: number, remainingSeconds?: number): number {
  const longest = elapsedSeconds < FIRST_DAYS_SECONDS ? 300 : 3600;
  const patient = Math.min(elapsedSeconds / 6, remainingSeconds ?? Number.POSITIVE_INFINITY, longest);
  return Math.max(5, Math.round(Number.isFinite(patient) ? patient : 5));
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
