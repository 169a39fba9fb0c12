import { setTimeout as sleep } from 'node:timers/promises';
import { type ComparisonSettings } from '../../lib/private/contract';
import { binlogPosition, positionText } from '../mysql/dialect';
import { type Session } from '../mysql/session';
import { log } from '../shared/log';

const CHUNK_MILLISECONDS = 250;
/**
 * What is read at once of a writer that is written to. A thread that computes keeps its processor until the kernel's clock ticks (4 ms), and a write
 * waits for several threads, one after the other; between two short statements they find it free.
 */
const CHUNK_MILLISECONDS_WHILE_WRITTEN_TO = 1;
const PAUSE_SHARE = 0.1;
/** Three quarters of the time belong to those who write. */
const PAUSE_SHARE_WHILE_WRITTEN_TO = 3;
/** Who has written may write again for so long. */
const WRITTEN_TO_MILLISECONDS = 1000;
/** No timer is more exact: shorter rests are saved up. */
const LEAST_REST_MILLISECONDS = 1;
/** Whoever reads a large table without a key, at one go, has to be over in time. */
const MOST_REST_MILLISECONDS = 10_000;
const LEAST_SCALE = 0.01;
const MOST_HISTORY = 1_000_000;
const MOST_LATENCY_MILLISECONDS = 250;
/** A Blue that could bear more is not asked again for so long. */
const LOOK_MILLISECONDS = 200;
/** Between two looks at a Blue that has enough to do. */
const REST_MILLISECONDS = 1000;

/** Has somebody who reads tables of Blue's writer wait for his turn, and rest afterwards. */
export interface Pace {
  reading<Result>(read: () => Promise<Result>): Promise<Result>;
}

/** How long a piece took. */
export interface PieceTime {
  readonly milliseconds: number;
  /** In so many statements, one after the other. */
  readonly statements: number;
}

/** How a comparison may burden Blue. */
export interface LoadOptions {
  readonly limits: Partial<ComparisonSettings>;
  /** Whether tables are read in bulk from the writer, and not from a reader. */
  readonly onWriter: boolean;
  /** Until when Blue is waited for: what has been begun by then is brought to its end. */
  readonly deadline: number;
}

/** Keeps the comparison from being a burden to Blue: one thing at a time, in pieces, with rests, and nothing while Blue has enough to do. */
export class Load implements Pace {
  /** By how much pieces are smaller than they might be. */
  private scale = 1;
  private rested = 0;
  /** Rests that were too short to be taken. */
  private owed = 0;
  private lookedAt = Number.NEGATIVE_INFINITY;
  /** What an answer takes that is no work: the shortest time there was. */
  private roundTrip = Number.POSITIVE_INFINITY;
  private position: string | undefined;
  private writtenAt = Number.NEGATIVE_INFINITY;
  private turns: Promise<unknown> = Promise.resolve();

  /** @param blue the writer. */
  constructor(private readonly blue: Session, private readonly options: LoadOptions) {}

  /** How long it has rested by now. */
  public get restedMilliseconds(): number {
    return this.rested;
  }

  /** How many rows a piece should have that may have so many. */
  public rows(most: number): number {
    return Math.max(1, Math.floor(most * this.scale));
  }

  /** Takes note of where Blue's binlog stands, which tells whether somebody writes. */
  public stands(position: string): void {
    if (this.position !== undefined && this.position !== position) this.writtenAt = performance.now();
    this.position = position;
  }

  /** Takes note of how long pieces took that had as many rows as they might. */
  public took(pieces: readonly PieceTime[]): void {
    if (pieces.length === 0) return;
    const { limits, onWriter } = this.options;
    const wanted = limits.chunkMilliseconds ?? (onWriter && this.isWrittenTo ? CHUNK_MILLISECONDS_WHILE_WRITTEN_TO : CHUNK_MILLISECONDS);
    // the one in the middle: a function that is held up now and then would never find an end of making them smaller.
    const sorted = pieces.map(({ milliseconds, statements }) => this.worked(milliseconds, statements)).sort((one, other) => one - other);
    const each = sorted[Math.floor(sorted.length / 2)] ?? wanted;
    // not at once: what happened to take long, or no time, would be followed by what is far too small, or too large.
    this.scale = Math.max(LEAST_SCALE, Math.min(1, this.scale * Math.max(0.5, Math.min(2, wanted / each))));
  }

  /** Reads tables of the writer when Blue can bear it, and rests then. */
  public reading<Result>(read: () => Promise<Result>): Promise<Result> {
    return this.inTurn(async () => {
      await this.waitUntilBearable();
      // as it is now: what takes long would be longer than anybody remembers who has written.
      const share = this.pauseShare;
      const begun = performance.now();
      const result = await read();
      await this.restAfter(this.worked(performance.now() - begun) * share);
      return result;
    });
  }

  /**
   * Waits until Blue can bear more.
   *
   * @returns false when the time is over before.
   */
  public bearable(): Promise<boolean> {
    return this.inTurn(() => this.waitUntilBearable());
  }

  /** One after the other: what is asked meanwhile would measure our own reading, and not Blue's load. */
  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.turns.then(work);
    // whoever waits for it hears of its error; the next one takes his turn all the same.
    this.turns = turn.catch(() => undefined);
    return turn;
  }

  private get pauseShare(): number {
    return this.options.limits.pauseShare ?? (this.isWrittenTo ? PAUSE_SHARE_WHILE_WRITTEN_TO : PAUSE_SHARE);
  }

  private get isWrittenTo(): boolean {
    return performance.now() - this.writtenAt < WRITTEN_TO_MILLISECONDS;
  }

  private async waitUntilBearable(): Promise<boolean> {
    const { limits: { mostLatencyMilliseconds = MOST_LATENCY_MILLISECONDS, mostHistory = MOST_HISTORY }, deadline } = this.options;
    if (performance.now() - this.lookedAt < LOOK_MILLISECONDS) return true;
    for (;;) {
      const asked = performance.now();
      this.lookedAt = asked;
      // it waits for those who commit, as every write does.
      const position = await binlogPosition(this.blue);
      const latency = performance.now() - asked;
      if (position !== undefined) this.stands(positionText(position));
      const history = await this.history();
      this.roundTrip = Math.min(this.roundTrip, latency, performance.now() - asked - latency);
      if (latency <= mostLatencyMilliseconds && history <= mostHistory) return true;
      log.warn('Blue has enough to do; the comparison rests', { latencyMilliseconds: Math.round(latency), historyListLength: history });
      if (Date.now() > deadline) {
        // whoever asks next is to hear the same.
        this.lookedAt = Number.NEGATIVE_INFINITY;
        return false;
      }
      await this.rest(REST_MILLISECONDS);
    }
  }

  /** Of the time that answers took, what Blue may have worked for them. */
  private worked(milliseconds: number, statements = 1): number {
    return Math.max(0.01, milliseconds - (Number.isFinite(this.roundTrip) ? this.roundTrip * statements : 0));
  }

  private async restAfter(milliseconds: number): Promise<void> {
    // what is in hand has to be over before the function is.
    if (Date.now() > this.options.deadline) return;
    this.owed = Math.min(MOST_REST_MILLISECONDS, this.owed + milliseconds);
    // a rest that was far too long counts for those that follow at once, and for no more.
    if (this.owed >= LEAST_REST_MILLISECONDS) this.owed = Math.max(-LEAST_REST_MILLISECONDS, this.owed - await this.rest(this.owed));
  }

  /** Returns for how long it has rested in fact. */
  private async rest(milliseconds: number): Promise<number> {
    const begun = performance.now();
    await sleep(milliseconds);
    const took = performance.now() - begun;
    this.rested += took;
    return took;
  }

  /** Old versions of rows that InnoDB still has to keep; 0 where this is not counted. */
  private async history(): Promise<number> {
    const row = await this.blue.row<{ length: number | string }>(`SELECT COUNT AS length FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'`);
    return Number(row?.length ?? 0);
  }
}
