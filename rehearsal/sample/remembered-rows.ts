import { escape, escapeId } from 'mysql2';
import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { type ShopTable } from './shop-schema';

/** What a column can hold in the memory of the writer. */
export type Scalar = string | number | null;

/** Column names and what they hold. */
export type Columns = Readonly<Record<string, Scalar>>;

/** A row that the writer has touched: what it must contain now, as far as the writer has written it. */
export interface RememberedRow {
  readonly table: ShopTable;
  /** The columns that identify the row, with their values. */
  readonly key: Columns;
  /** The columns the writer has set; null once the row is deleted. */
  content: Columns | null;
  /** Rows that the database deletes together with this one. */
  readonly children: RememberedRow[];
  /** The row's latest lock version; tells a lost update from a wrong one. */
  lockVersion?: number;
}

/** How the final database differs from what was acknowledged. */
export interface Verification {
  /** Writes (transactions, procedure calls, single statements) whose success the server has confirmed. */
  readonly acknowledgedWrites: number;
  /** Rows that are missing, that are back although deleted, or that have lost their latest update. */
  readonly lostWrites: number;
  /** Rows that are there with another content than was written. */
  readonly corruptedRows: number;
  /** Up to 20 sentences that name a row and what is wrong with it. */
  readonly examples: readonly string[];
}

const ROWS_PER_QUERY = 500;
const MAXIMUM_EXAMPLES = 20;

/**
 * The memory of the writer: one entry per touched row, found again by table and key.
 */
export class RememberedRows {
  private readonly rows = new Map<string, RememberedRow>();

  /** How many rows are remembered, deleted ones included. */
  public get size(): number {
    return this.rows.size;
  }

  /** What is known of a row, if anything. */
  public find(table: ShopTable, key: Columns): RememberedRow | undefined {
    return this.rows.get(identity(table, key));
  }

  /** Remembers a row's new content, on top of what is already known of the row; it is deleted with its `parent`. Returns the row. */
  public written(table: ShopTable, key: Columns, content: Columns, parent?: RememberedRow): RememberedRow {
    const id = identity(table, key);
    let row = this.rows.get(id);
    if (!row) {
      row = { table, key, content: null, children: [] };
      this.rows.set(id, row);
      parent?.children.push(row);
    }
    row.content = { ...row.content, ...content };
    const version = content['lock_version'];
    if (typeof version === 'number') row.lockVersion = version;
    return row;
  }

  /** Remembers that a row is gone, and all rows that the database deleted with it. */
  public deleted(row: RememberedRow): void {
    row.content = null;
    for (const child of row.children) this.deleted(child);
  }

  /** Forgets rows of which nobody knows what they contain, and their children. */
  public forget(rows: Iterable<RememberedRow>): void {
    for (const row of rows) {
      this.rows.delete(identity(row.table, row.key));
      this.forget(row.children);
    }
  }

  /**
   * Compares each remembered row with the database: its text by the bytes it has in UTF-8, whatever character set its column has now.
   *
   * @throws the server's error if a query fails.
   */
  public async compare(connection: Connection): Promise<Omit<Verification, 'acknowledgedWrites'>> {
    await connection.query("SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_TRANS_TABLES'");
    const result = { lostWrites: 0, corruptedRows: 0, examples: [] as string[] };
    for (const rows of this.batches()) {
      const found = await readRows(connection, rows);
      for (const row of rows) {
        const verdict = judge(row, found.get(identity(row.table, row.key)) ?? []);
        if (!verdict) continue;
        if (verdict.kind === 'lost') result.lostWrites++;
        else result.corruptedRows++;
        if (result.examples.length < MAXIMUM_EXAMPLES) result.examples.push(`${identity(row.table, row.key)}: ${verdict.what}`);
      }
    }
    return result;
  }

  /** Rows of one table that can be read by one query: the same key columns and the same known columns. */
  private* batches(): Generator<RememberedRow[]> {
    const groups = new Map<string, RememberedRow[]>();
    for (const row of this.rows.values()) {
      const group = `${row.table} ${Object.keys(row.key).join()} ${Object.keys(row.content ?? {}).sort().join()}`;
      const rows = groups.get(group);
      if (rows) rows.push(row);
      else groups.set(group, [row]);
    }
    for (const rows of groups.values()) {
      for (let start = 0; start < rows.length; start += ROWS_PER_QUERY) yield rows.slice(start, start + ROWS_PER_QUERY);
    }
  }
}

function identity(table: string, key: Columns): string {
  return `${table} ${Object.entries(key).map(([column, value]) => `${column}=${String(value)}`).join(' ')}`;
}

/** The rows found for each key; the columns are hexadecimal UTF-8, or null. */
async function readRows(connection: Connection, rows: readonly RememberedRow[]): Promise<Map<string, RowDataPacket[]>> {
  const [first] = rows;
  if (!first) return new Map();
  const keys = Object.keys(first.key);
  const columns = Object.keys(first.content ?? {});
  const selected = [
    ...keys.map((column) => `CONVERT(${escapeId(column)} USING utf8mb4) AS ${escapeId(`key ${column}`)}`),
    ...columns.map((column) => `HEX(CONVERT(${escapeId(column)} USING utf8mb4)) AS ${escapeId(column)}`),
  ];
  const wanted = rows.map((row) => `(${keys.map((column) => escape(row.key[column])).join(',')})`);
  const [answer] = await connection.query<RowDataPacket[]>(
    `SELECT ${selected.join(', ')} FROM shop.${escapeId(first.table)} WHERE (${keys.map((column) => escapeId(column)).join(',')}) IN (${wanted.join(',')})`);
  const found = new Map<string, RowDataPacket[]>();
  for (const packet of answer) {
    const id = identity(first.table, Object.fromEntries(keys.map((column) => [column, packet[`key ${column}`] as string])));
    found.set(id, [...found.get(id) ?? [], packet]);
  }
  return found;
}

function judge(row: RememberedRow, found: readonly RowDataPacket[]): { readonly kind: 'lost' | 'corrupted'; readonly what: string } | undefined {
  const [only] = found;
  if (row.content === null) return only ? { kind: 'lost', what: 'was deleted, and is there' } : undefined;
  if (!only) return { kind: 'lost', what: 'was written, and is not there' };
  if (found.length > 1) return { kind: 'corrupted', what: `was written once, and is there ${found.length} times` };
  const wrong = Object.entries(row.content).filter(([column, value]) => only[column] !== hexadecimal(value));
  if (wrong.length === 0) return undefined;
  const what = wrong.map(([column, value]) => `${column} should be ${JSON.stringify(value)}, is ${readable(only[column] as string | null)}`).join('; ');
  return { kind: isOlderVersion(row, only) ? 'lost' : 'corrupted', what };
}

function isOlderVersion(row: RememberedRow, found: RowDataPacket): boolean {
  const version = found['lock_version'] as string | null | undefined;
  return row.lockVersion !== undefined && typeof version === 'string' && Number(Buffer.from(version, 'hex').toString()) < row.lockVersion;
}

function hexadecimal(value: Scalar): string | null {
  return value === null ? null : Buffer.from(String(value), 'utf8').toString('hex').toUpperCase();
}

function readable(hex: string | null): string {
  return hex === null ? 'null' : JSON.stringify(Buffer.from(hex, 'hex').toString('utf8'));
}
