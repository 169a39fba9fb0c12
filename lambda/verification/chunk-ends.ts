import { type Session } from '../mysql/session';
import { endOfChunk, lastKey } from './chunks';
import { WHOLE } from './common-columns';
import { type ComparedTable } from './row-expression';

/** A key that is counted has at least this part of the numbers it could have. */
const LEAST_DENSITY = 0.5;

/**
 * Finds where the chunks of a table end. To count rows is a fifth of the work of reading them; where the key is a whole number without many gaps, it is
 * enough to count up: so many numbers are never more rows.
 */
export class ChunkEnds {
  private readonly counts: boolean;
  /** Whether the last chunk had few gaps; false as long as that is not known. */
  private isDense = false;
  /** The last key when the reading began; behind it rows may be inserted at any time, and are counted. */
  private lastKey: bigint | undefined;
  private width = 0;

  constructor(private readonly session: Session, private readonly table: ComparedTable) {
    const [column, ...others] = table.key;
    this.counts = column !== undefined && others.length === 0 && WHOLE.includes(column.type);
  }

  /**
   * The last key of the chunk behind a key.
   *
   * @param rows how many rows it has at most.
   * @returns undefined where the table ends before.
   */
  public async behind(after: readonly string[] | undefined, rows: number): Promise<string[] | undefined> {
    const start = this.counts && after?.[0] !== undefined ? BigInt(after[0]) : undefined;
    if (start !== undefined && this.isDense) {
      this.width = rows;
      // until the chunk has been read.
      this.isDense = false;
      this.lastKey ??= BigInt((await lastKey(this.session, this.table))?.[0] ?? start);
      if (start + BigInt(rows) < this.lastKey) return [String(start + BigInt(rows))];
    }
    const end = await endOfChunk(this.session, this.table, after, rows);
    this.width = start === undefined || end?.[0] === undefined ? Number.POSITIVE_INFINITY : Number(BigInt(end[0]) - start);
    return end;
  }

  /** Takes note of how many rows the chunk had. */
  public had(rows: number): void {
    this.isDense = rows >= this.width * LEAST_DENSITY;
  }
}
