/** A measured value at a moment: seconds since 1970, and the value; null where it was not known. */
export type CurvePoint = readonly [at: number, value: number | null];

/** As many points as a state may carry beside everything else: about 1 KB. */
const MOST_POINTS = 60;

/** A curve with one more point. Where it has become too long, every second point goes; the first and the newest always stay. */
export function withPoint(curve: readonly CurvePoint[], moment: string, value: number | null): readonly CurvePoint[] {
  const all = [...curve, [Math.round(Date.parse(moment) / 1000), value] as const];
  return all.length <= MOST_POINTS ? all : all.filter((_, index) => index % 2 === 0 || index === all.length - 1);
}
