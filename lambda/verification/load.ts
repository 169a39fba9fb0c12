import { setTimeout as sleep } from 'node:timers/promises';
import { type ComparisonSettings } from '../../lib/private/contract';
import { binlogPosition } from '../mysql/dialect';
import { type Session } from '../mysql/session';
import { log } from '../shared/log';

const CHUNK_MILLISECONDS = 250;
const PAUSE_SHARE = 0.1;
/** Half of the time belongs to those who write. */
const PAUSE_SHARE_WHILE_WRITTEN_TO = 1;
const MOST_HISTORY = 1_000_000;
const MOST_LATENCY_MILLISECONDS = 250;
/** A Blue that could bear more is not asked again for so long. */
const LOOK_MILLISECONDS = 200;
/** Between two looks at a Blue that has enough to do. */
const REST_MILLISECONDS = 1000;

/** Keeps the comparison from being a burden to Blue. */
export class Load {
  /** By how much pieces are smaller than they might be. */
  private scale = 1;
  private rested = 0;
  private lookedAt = Number.NEGATIVE_INFINITY;
  private position: string | undefined;

  /**
   * @param blue the writer.
   * @param onWriter whether tables are read from it, and not from a reader.
   */
  constructor(private readonly blue: Session, private readonly limits: Partial<ComparisonSettings>, private readonly onWriter: boolean) {}

  /** How long it has rested by now. */
  public get restedMilliseconds(): number {
    return this.rested;
  }

  /** How many rows a piece should have that may have so many. */
  public rows(most: number): number {
    return Math.max(Math.min(50, most), Math.floor(most * this.scale));
  }

  /**
   * Takes note of how long pieces took on Blue, and rests where they were read from the writer.
   *
   * @param position where Blue's binlog stood afterwards, which tells whether somebody writes.
   */
  public async after(pieces: number, milliseconds: number, position: string): Promise<void> {
    const wanted = this.limits.chunkMilliseconds ?? CHUNK_MILLISECONDS;
    const each = milliseconds / Math.max(1, pieces);
    if (each > wanted) this.scale = Math.max(0.01, this.scale / 2);
    if (each < wanted / 4) this.scale = Math.min(1, this.scale * 2);
    const isWrittenTo = this.position !== undefined && this.position !== position;
    this.position = position;
    if (this.onWriter) await this.rest(milliseconds * (this.limits.pauseShare ?? (isWrittenTo ? PAUSE_SHARE_WHILE_WRITTEN_TO : PAUSE_SHARE)));
  }

  /**
   * Waits until Blue can bear more.
   *
   * @returns false when the time is over before.
   */
  public async bearable(deadline: number): Promise<boolean> {
    if (performance.now() - this.lookedAt < LOOK_MILLISECONDS) return true;
    for (;;) {
      const asked = performance.now();
      this.lookedAt = asked;
      // it waits for those who commit, as every write does.
      await binlogPosition(this.blue);
      const latency = performance.now() - asked;
      const history = await this.history();
      if (latency <= (this.limits.mostLatencyMilliseconds ?? MOST_LATENCY_MILLISECONDS) && history <= (this.limits.mostHistory ?? MOST_HISTORY)) return true;
      log.warn('Blue has enough to do; the comparison rests', { latencyMilliseconds: Math.round(latency), historyListLength: history });
      if (Date.now() > deadline) return false;
      await this.rest(REST_MILLISECONDS);
    }
  }

  private async rest(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    const begun = performance.now();
    await sleep(milliseconds);
    this.rested += performance.now() - begun;
  }

  /** Old versions of rows that InnoDB still has to keep; 0 where this is not counted. */
  private async history(): Promise<number> {
    const row = await this.blue.row<{ length: number | string }>(`SELECT COUNT AS length FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'`);
    return Number(row?.length ?? 0);
  }
}
