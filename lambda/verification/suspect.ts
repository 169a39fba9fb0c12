import { isDeepStrictEqual } from 'node:util';
import { type Session } from '../mysql/session';
import { type Aggregate, aggregate, digests, type Range, shares } from './chunks';
import { type ComparedTable } from './row-expression';

/**
 * A difference counts only when it was seen this often. A row that changes there and back all the time (a queue, a flag) looks different in up to 15 of
 * 100 looks: in 8 of them, one after the other and with the same two contents, it does so once in millions. A row that every change stores wrong on Green
 * never looks alike twice; what Green has of it was never on Blue.
 */
export const CONFIRMATIONS = 8;
/** So many rows of a part are watched at once: what each had in earlier looks has to fit into memory. One that is different is enough. */
const MOST_ROWS_WATCHED = 5000;
/** Above this a table without a key, or a range, is not compared row by row: the list would not fit into memory. */
export const MOST_ROWS_WITHOUT_KEY = 100_000;
/** Above this the whole range is read again: a list of keys is slower then. */
const MOST_KEYS_IN_A_LIST = 200;
/** Above this the rows of a range with a key are not read before it is known which share of them differs. */
const MOST_ROWS_UNDIVIDED = 1000;
/** What a row takes in memory beside its key. */
const BYTES_OF_DIGEST = 32;
const BYTES_OF_ENTRY = 100;
/** What a part is called that only the whole can be looked at of. */
const WHOLE = 'the whole';

/** A part of a table to compare. */
export interface TableRange {
  readonly table: ComparedTable;
  readonly range: Range;
  /** The table's last key, read before a part that the table ends with; undefined in others, and where the table was empty. */
  readonly last?: readonly string[] | undefined;
}

/** What a range turned out to be. */
export interface RangeOutcome {
  readonly rows: number;
  /** Rows that kept changing. */
  readonly hotRows: number;
  readonly difference?: string;
}

/** Key of a row → what was read of it. */
type Reading = ReadonlyMap<string, string>;

/** What looks have said of a row that was never seen equal. */
class Suspicion {
  private readonly onBlue = new Set<string | undefined>();
  private readonly onGreen = new Set<string | undefined>();
  private contents = '';
  /** Looks in which Blue held still. */
  private times = 0;
  /** The last of them, with the same contents, one after the other. */
  private onEnd = 0;

  public add(blue: string | undefined, green: string | undefined, again: string | undefined): void {
    for (const content of [blue, again]) this.onBlue.add(content);
    if (blue !== again) {
      this.onEnd = 0;
      return;
    }
    const contents = `${blue} ${green}`;
    this.onEnd = contents === this.contents ? this.onEnd + 1 : 1;
    this.contents = contents;
    this.times += 1;
    this.onGreen.add(green);
  }

  /** Whether Blue has held still, and Green then had what Blue never had. */
  public get isStrong(): boolean {
    return this.times > 0 && [...this.onGreen].every((content) => !this.onBlue.has(content));
  }

  public get isCertain(): boolean {
    return this.onEnd >= CONFIRMATIONS || (this.times >= CONFIRMATIONS && this.isStrong);
  }
}

/** A part whose checksums differ: its rows are looked at, as long as they are not known to be equal or different. A row that was seen equal once is done. */
export class Suspect {
  private readonly suspicions = new Map<string, Suspicion>();
  private blue: Reading = new Map();
  private green: Reading = new Map();
  /** Rows that were never seen equal; undefined before the first look. */
  private open: readonly string[] | undefined;
  /** Shares of a large range whose rows are looked at. */
  private openShares: readonly string[] | undefined;
  private sharesOfBlue: ReadonlyMap<string, Aggregate> = new Map();
  /** Those of them that are different for certain. */
  private different: readonly string[] = [];

  private rowsOfOpenShares = 0;

  /**
   * @param rows how many Blue had when it was read, and how many either side had.
   * @param milliseconds how long one side took to read it.
   */
  constructor(private readonly part: TableRange, private readonly rows: { readonly ofBlue: number; readonly most: number }, private milliseconds: number) {}

  /** Whether another look is of no use. */
  public get isSettled(): boolean {
    return this.open?.length === 0 || this.different.length > 0;
  }

  /** Whether there are rows of which it looks as if Green had them wrong, and which are still to be seen so more often. */
  public get isStrong(): boolean {
    return [...this.suspicions.values()].some((suspicion) => suspicion.isStrong);
  }

  /** Whether another look would be over by then; rows that can be read one by one take no time that counts. */
  public endsBefore(until: number): boolean {
    return this.hasRows || Date.now() + 3 * this.milliseconds <= until;
  }

  /** What a look keeps in memory, of one side; keys are as long as those at which the part begins and ends. */
  public get bytesToRead(): number {
    const { after = [], upTo = [] } = this.part.range;
    const bytesOfKey = this.part.table.key.length === 0 ? BYTES_OF_DIGEST : Math.max(after.join().length, upTo.join().length);
    return (this.openShares === undefined ? this.rows.most : this.rowsOfOpenShares) * (bytesOfKey + BYTES_OF_DIGEST + BYTES_OF_ENTRY);
  }

  /** Whether it is so large that its shares are looked at before its rows. */
  public get isDivided(): boolean {
    return this.part.table.key.length > 0 && this.rows.most > MOST_ROWS_UNDIVIDED && this.hasRows;
  }

  /** The first reading of a look at shares. */
  public async readSharesOfBlue(blue: Session): Promise<void> {
    this.sharesOfBlue = await shares(blue, this.part.table, this.part.range);
  }

  /** The second, when Green has executed what Blue had written by then: a share that is equal is done. */
  public async readSharesOfGreen(green: Session): Promise<void> {
    const sharesOfGreen = await shares(green, this.part.table, this.part.range);
    const all = [...new Set([...this.sharesOfBlue.keys(), ...sharesOfGreen.keys()])];
    this.openShares = all.filter((share) => !isDeepStrictEqual(this.sharesOfBlue.get(share), sharesOfGreen.get(share)));
    const rowsIn = (share: string) => Math.max(this.sharesOfBlue.get(share)?.rows ?? 0, sharesOfGreen.get(share)?.rows ?? 0);
    this.rowsOfOpenShares = this.openShares.reduce((sum, share) => sum + rowsIn(share), 0);
    if (this.openShares.length === 0) this.open = [];
  }

  /** The first reading of a look at rows. */
  public async readBlue(blue: Session): Promise<void> {
    this.blue = await this.read(blue);
  }

  /** The second, when Green has executed what Blue had written by then. */
  public async readGreen(green: Session): Promise<void> {
    this.green = await this.read(green);
    this.open = (this.open ?? [...new Set([...this.blue.keys(), ...this.green.keys()])]).filter((key) => this.blue.get(key) !== this.green.get(key));
    const open = new Set(this.open);
    for (const key of this.suspicions.keys()) if (!open.has(key)) this.suspicions.delete(key);
    // what others of a batch still need is room.
    if (open.size === 0) [this.blue, this.green] = [new Map(), new Map()];
  }

  /** The third: only where Blue has held still may the difference be one. */
  public async readBlueAgain(blue: Session): Promise<void> {
    if (this.isSettled || this.open === undefined) return;
    const again = await this.read(blue);
    for (const key of this.open) if (this.suspicions.size < MOST_ROWS_WATCHED && !this.suspicions.has(key)) this.suspicions.set(key, new Suspicion());
    for (const [key, suspicion] of this.suspicions) suspicion.add(this.blue.get(key), this.green.get(key), again.get(key));
    this.different = [...this.suspicions.keys()].filter((key) => this.suspicions.get(key)?.isCertain);
  }

  /** After the last look: what others still need is room. */
  public forget(): void {
    this.suspicions.clear();
    if (this.different.length === 0) [this.blue, this.green] = [new Map(), new Map()];
  }

  /** What is known after the last look. */
  public get outcome(): RangeOutcome {
    const { rows: { ofBlue: rows }, different, open } = this;
    if (this.hasRows) return different.length > 0 ? { rows, hotRows: 0, difference: this.describe() } : { rows, hotRows: open?.length ?? rows };
    const found = [this.blue, this.green].map((reading) => reading.get(WHOLE)).join(', ');
    const why = this.part.table.key.length > 0 ? 'too many rows to tell which' : 'no key to tell which rows';
    if (different.length > 0) return { rows, hotRows: 0, difference: `the checksums of all rows differ (Blue, Green: ${found}; ${why})` };
    if (open?.length === 0) return { rows, hotRows: 0 };
    if (this.part.table.key.length > 0) return { rows, hotRows: rows };
    const unknown = 'it has no key by which its rows could be looked at one by one, and never held still, so it is not known to be equal. Add a primary key on Blue, or stop writing to it for a while';
    return { rows, hotRows: rows, difference: unknown };
  }

  /** Whether rows can be told one by one; of a large table without a key, or a range of far too many rows, only the whole can be looked at again. */
  private get hasRows(): boolean {
    return this.rows.most <= MOST_ROWS_WITHOUT_KEY;
  }

  private async read(session: Session): Promise<Reading> {
    const { part: { table, range }, open } = this;
    if (!this.hasRows) {
      const begun = performance.now();
      const whole = JSON.stringify(await aggregate(session, table, range));
      this.milliseconds = Math.max(this.milliseconds, performance.now() - begun);
      return new Map([[WHOLE, whole]]);
    }
    const isList = table.key.length > 0 && open !== undefined && open.length <= MOST_KEYS_IN_A_LIST;
    return digests(session, table, range, isList ? { keys: open } : { shares: this.openShares });
  }

  /** Says where the rows are; numbers and dates as they are, text keys (which may be personal data) not at all. */
  private describe(): string {
    const { part: { table, range }, different: keys, blue, green } = this;
    const harmless = table.key.length > 0 && table.key.every(({ characterSet, type }) => characterSet === null && !type.includes('binary'));
    const kinds = [
      [keys.filter((key) => !green.has(key)).length, 'missing on Green'],
      [keys.filter((key) => !blue.has(key)).length, 'only on Green'],
      [keys.filter((key) => blue.has(key) && green.has(key)).length, 'with different content'],
    ] as const;
    const counts = kinds.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`).join(', ');
    const all = `${(this.open?.length ?? 0) > MOST_ROWS_WATCHED ? 'at least ' : ''}${keys.length} rows differ (${counts})`;
    if (!harmless) return all;
    const names = table.key.map(({ name }) => name).join(', ');
    return `${all}; (${names}) = ${keys.slice(0, 5).map((key) => `(${key})`).join(', ')}${keys.length > 5 ? ' …' : ''}, in the range `
      + `${range.after === undefined ? 'from the start' : `behind (${range.after.join(', ')})`} ${range.upTo === undefined ? 'to the end' : `up to (${range.upTo.join(', ')})`}`;
  }
}
