/**
 * What happens to rows of Blue in the column of Green, with the conversion settings that are in effect.
 *
 * - SAFE: they arrive as they are.
 * - NEEDS_CONVERSION: they do, once `setting` is in effect; until then replication stops.
 * - STOPS: replication stops, and no setting helps without changing values.
 * - CORRUPTS: replication goes on, and ordinary values arrive as others.
 * - DEPENDS_ON_DATA: only certain values arrive as others; `query` says whether there are any.
 */
export type VerdictName = 'SAFE' | 'NEEDS_CONVERSION' | 'STOPS' | 'CORRUPTS' | 'DEPENDS_ON_DATA';

/** A verdict and how to live with it. */
export interface Verdict {
  readonly verdict: VerdictName;
  /** Why, in a sentence. */
  readonly reason: string;
  /** What to do instead. */
  readonly remedy?: string;
  /** The whole value that `replica_type_conversions` on Green must have. */
  readonly setting?: string;
  /** Run on Blue: 1 means that there are values that would be wrong. `{table}` and `{column}` stand for the names. */
  readonly query?: string;
}

/** What a value goes through once the column is accepted. */
export interface Effect extends Verdict {
  readonly verdict: 'CORRUPTS' | 'DEPENDS_ON_DATA';
}

/**
 * What the applier says to two columns before it reads a value.
 *
 * - same: accepted, bytes are taken as they are.
 * - converted, grows: accepted with ALL_NON_LOSSY; the first is another type of the same size.
 * - shrinks: accepted with ALL_LOSSY.
 * - never: refused.
 */
export type Fit = 'same' | 'converted' | 'grows' | 'shrinks' | 'never';

/** Two columns compared. */
export interface Comparison {
  readonly fit: Fit;
  /** What the two are to each other, as the subject of a reason. */
  readonly about: string;
  /** Undefined: values arrive as they are. */
  readonly effect: (settings: Settings) => Effect | undefined;
}

const KNOWN = ['ALL_LOSSY', 'ALL_NON_LOSSY', 'ALL_SIGNED', 'ALL_UNSIGNED'] as const;

type Setting = typeof KNOWN[number];

/** The value of `replica_type_conversions`. */
export class Settings {
  /** @throws for a word that MySQL does not know. */
  public static parse(conversions: string): Settings {
    const words = conversions.split(',').map((word) => word.trim().toUpperCase()).filter((word) => word !== '');
    const known = words.map((word) => KNOWN.find((each) => each === word));
    const unknown = words.find((_, index) => known[index] === undefined);
    if (unknown !== undefined) throw new Error(`replica_type_conversions should be made of ${KNOWN.join(', ')}, got '${unknown}'`);
    return new Settings(new Set(known.filter((word) => word !== undefined)));
  }

  private constructor(private readonly words: ReadonlySet<Setting>) {}

  /** Whether a number that is widened is taken for an unsigned one. */
  public get readsUnsigned(): boolean {
    return this.words.has('ALL_UNSIGNED') && !this.words.has('ALL_SIGNED');
  }

  public has(setting: Setting): boolean {
    return this.words.has(setting);
  }

  public with(...settings: readonly Setting[]): Settings {
    return new Settings(new Set([...this.words, ...settings]));
  }

  public toString(): string {
    return KNOWN.filter((word) => this.words.has(word)).join(',');
  }
}

/** A query that finds a value for which the condition holds; `{column}` stands for the column. */
export function anyRow(condition: string): string {
  return `SELECT EXISTS (SELECT 1 FROM {table} WHERE ${condition})`;
}

/** What several effects come to together: one that changes ordinary values decides alone; of those that change certain values, each query has to be asked. */
export function combined(...effects: readonly (Effect | undefined)[]): Effect | undefined {
  const present = effects.filter((effect) => effect !== undefined);
  const [first, ...others] = present;
  const corrupting = present.find(({ verdict }) => verdict === 'CORRUPTS');
  if (corrupting !== undefined || first === undefined || others.length === 0) return corrupting ?? first;
  const { verdict, remedy } = first;
  const queries = present.map(({ query }) => query);
  const whole = { verdict, reason: present.map(({ reason }) => reason).join('; and '), ...remedy !== undefined && { remedy } };
  // without one of the queries, nobody knows.
  return queries.includes(undefined) ? whole : { ...whole, query: `SELECT ${queries.map((query = '') => query.replace(/^SELECT /, '')).join(' OR ')}` };
}
