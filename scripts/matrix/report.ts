import { classifyColumn } from '../../lambda/compatibility/classify-column';
import { type Outcome } from './matrix';

/** A source's and a replica's definition. */
export type OrderedPair = readonly [from: string, to: string];

/** What the outcomes come to. */
export interface Figures {
  /** Predicted to be right, and were not: must be none. */
  readonly dangerous: readonly Outcome[];
  /** Were right, and predicted to stop or to corrupt. */
  readonly refused: readonly Outcome[];
  /** For people. */
  readonly lines: readonly string[];
}

/** All ordered pairs, each definition with itself included. */
export function allPairs(definitions: readonly string[]): OrderedPair[] {
  return definitions.flatMap((from) => definitions.map((to) => [from, to] as const));
}

/** So many of the pairs, the same for the same seed; as many of each verdict as there are, because most pairs simply stop. */
export function sampleOf(pairs: readonly OrderedPair[], count: number, seed: number): OrderedPair[] {
  const random = randomNumbers(seed);
  const shuffled = pairs.map((pair) => ({ pair, order: random() })).sort((one, other) => one.order - other.order).map(({ pair }) => pair);
  const groups = new Map<string, OrderedPair[]>();
  for (const [from, to] of shuffled) {
    const verdicts = `${classifyColumn(from, to, '').verdict} ${classifyColumn(from, to, 'ALL_NON_LOSSY').verdict}`;
    groups.set(verdicts, [...groups.get(verdicts) ?? [], [from, to]]);
  }
  const inTurn = Array.from({ length: pairs.length }, (_, index) => [...groups.values()].flatMap((group) => group.slice(index, index + 1)));
  return inTurn.flat().slice(0, count);
}

/** Counts. */
export function figures(outcomes: readonly Outcome[]): Figures {
  const dangerous = outcomes.filter((outcome) => outcome.dangerous);
  const right = outcomes.filter(({ observed }) => observed === 'right');
  const [refused, depends] = [right.filter(isRefused), right.filter(({ predicted }) => predicted.verdict === 'DEPENDS_ON_DATA')];
  const pairs = new Set(outcomes.map(({ from, to }) => `${from}\0${to}`)).size;
  const assumed = outcomes.filter((outcome) => outcome.assumed === true).length;
  const unseen = outcomes.filter(({ observed }) => observed === 'different');
  return {
    dangerous,
    refused,
    lines: [
      `pairs: ${pairs}, with the settings: ${outcomes.length}`,
      `observed: ${right.length} right, ${unseen.length} different without an error, ${outcomes.length - right.length - unseen.length} stopped${assumed === 0 ? '' : ` (${assumed} of them not written again: they stop under the setting that permits most, and are predicted to stop)`}`,
      `dangerous predictions: ${dangerous.length}`,
      `harmless and refused: ${refused.length} of ${right.length} (${percent(refused.length, right.length)}); made to depend on the data: ${depends.length} (${percent(depends.length, right.length)})`,
    ],
  };
}

function isRefused({ predicted: { verdict } }: Outcome): boolean {
  return verdict !== 'SAFE' && verdict !== 'DEPENDS_ON_DATA';
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0.0 %' : `${(part / whole * 100).toFixed(1)} %`;
}

/** Numbers from 0 to 1: a small generator that is the same everywhere. */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
