import { type Duration, Token } from 'aws-cdk-lib';
import { type ComparisonSettings } from './private/contract';

/**
 * What comparing the data may cost Blue.
 *
 * Where the cluster has readers, Blue's tables are read through its reader endpoint, and these limits hold for what is left on the writer.
 */
export interface ComparisonOptions {
  /**
   * How long reading one piece of a table on Blue should take; pieces become smaller where it takes longer.
   *
   * @default - Duration.millis(250), and Duration.millis(1) while they are read from the writer and somebody writes
   */
  readonly chunkTime?: Duration;

  /**
   * Pauses between pieces while they are read from the writer, in parts of the time that reading took. With 1 instead of 3, comparing a writer that is
   * written to takes about two thirds of the time, and writes wait longer.
   *
   * @default - 0.1, and 3 while somebody writes
   */
  readonly pauseShare?: number;

  /**
   * Length of InnoDB's history list on Blue above which nothing is read until it is shorter.
   *
   * @default 1000000
   */
  readonly maxHistoryListLength?: number;

  /**
   * How long Blue may take to answer a trivial question before nothing is read until it is faster.
   *
   * @default Duration.millis(250)
   */
  readonly maxLatency?: Duration;
}

/**
 * How much is compared, and what it may cost Blue.
 */
export interface SampleOptions extends ComparisonOptions {
  /**
   * The part of each table that is compared, above 0 and below 1. Its first and last piece always are, and a table without a usable key as a whole.
   */
  readonly share: number;

  /**
   * Which pieces are chosen follows from this text and from the keys at which they begin, so that a finding can be repeated.
   *
   * @default - the name of the deployment
   */
  readonly seed?: string;
}

/**
 * How much of the data of Blue and Green is compared before the switchover.
 */
export class Comparison {
  /**
   * Every row of every table.
   *
   * @param options what it may cost Blue.
   */
  public static full(options: ComparisonOptions = {}): Comparison {
    return new Comparison({ kind: 'full', ...limitsOf(options) });
  }

  /**
   * A part of every table; which one follows from a seed. The report says so.
   *
   * @param options how much, and what it may cost Blue.
   */
  public static sample(options: SampleOptions): Comparison {
    const { share, seed } = options;
    if (Token.isUnresolved(share) || !(share > 0 && share < 1)) throw new Error(`'share' should be a number above 0 and below 1, got '${share}'; Comparison.full() compares everything`);
    return new Comparison({ kind: 'sample', share, ...seed === undefined ? {} : { seed }, ...limitsOf(options) });
  }

  /**
   * Nothing: neither before nor right before the switchover. The report warns of it.
   */
  public static off(): Comparison {
    return new Comparison({ kind: 'off' });
  }

  private constructor(
    /** @internal */
    public readonly _settings: ComparisonSettings,
  ) {}
}

function limitsOf({ chunkTime, pauseShare, maxHistoryListLength, maxLatency }: ComparisonOptions): Partial<ComparisonSettings> {
  if (pauseShare !== undefined && (Token.isUnresolved(pauseShare) || !(pauseShare >= 0 && pauseShare <= 100))) {
    throw new Error(`'pauseShare' should be a number from 0 to 100, got '${pauseShare}'`);
  }
  if (maxHistoryListLength !== undefined && (!Number.isInteger(maxHistoryListLength) || maxHistoryListLength < 1)) {
    throw new Error(`'maxHistoryListLength' should be a whole number from 1, got '${maxHistoryListLength}'`);
  }
  return {
    ...chunkTime === undefined ? {} : { chunkMilliseconds: milliseconds('chunkTime', chunkTime, 1) },
    ...pauseShare === undefined ? {} : { pauseShare },
    ...maxHistoryListLength === undefined ? {} : { mostHistory: maxHistoryListLength },
    ...maxLatency === undefined ? {} : { mostLatencyMilliseconds: milliseconds('maxLatency', maxLatency, 10) },
  };
}

function milliseconds(property: string, duration: Duration, least: number): number {
  if (duration.isUnresolved()) throw new Error(`'${property}' should be known at synthesis, got a token: write a Duration`);
  const number = duration.toMilliseconds();
  if (number < least || number > 60_000) throw new Error(`'${property}' should be ${least} millisecond${least === 1 ? '' : 's'} to 1 minute, got '${number}' milliseconds`);
  return number;
}
