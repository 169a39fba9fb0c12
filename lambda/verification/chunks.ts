import { ErrorName } from '../../lib/private/contract';
import { quoteName, quoteTable } from '../mysql/names';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { behind, type ComparedTable, equalTo, literalExpression, mayBeLarge, rowExpression, upTo } from './row-expression';

/** A part of a table: rows behind one key and up to another, both as SQL literals; undefined means open. */
export interface Range {
  readonly after?: readonly string[];
  readonly upTo?: readonly string[];
}

/**
 * How many rows there are, and the sum of their checksums. A checksum is the CRC32 of the digits of a CRC32: CRC32 alone is linear, so that values
 * exchanged between two rows would leave the sum as it is once in 10,000 times. Each is computed once, and added up without a temporary table.
 *
 * Of ranges that differ, one in two billion (2^31) looks equal.
 */
export interface Aggregate {
  readonly rows: number;
  readonly sum: string;
}

/** Between the literals of a key, none of which has it: numbers, dates and hexadecimal digits. */
const KEY_SEPARATOR = ', ';

/** The key of the row at which a chunk of so many rows ends; undefined where the table ends before. */
export async function endOfChunk(session: Session, table: ComparedTable, after: readonly string[] | undefined, rows: number): Promise<string[] | undefined> {
  return keyOfRow(session, table, `${where(table, { after })} ORDER BY ${order(table, 'ASC')} LIMIT 1 OFFSET ${rows - 1}`);
}

/** The last key of a table; undefined where it is empty or has no key. */
export async function lastKey(session: Session, table: ComparedTable): Promise<string[] | undefined> {
  return keyOfRow(session, table, `ORDER BY ${order(table, 'DESC')} LIMIT 1`);
}

async function keyOfRow(session: Session, table: ComparedTable, which: string): Promise<string[] | undefined> {
  if (table.key.length === 0) return undefined;
  const literals = table.key.map((column, index) => `${literalExpression(column)} AS k${index}`).join(', ');
  const row = await session.row<Record<string, string>>(`SELECT ${literals} FROM ${quoteTable(table.schema, table.name)} ${which}`);
  return row === undefined ? undefined : table.key.map((_, index) => row[`k${index}`] ?? '');
}

/** Columns of the table: a bare name would be taken for a selected expression that is called so. */
function order({ name: table, key }: ComparedTable, direction: 'ASC' | 'DESC'): string {
  return key.map(({ name }) => `${quoteName(table)}.${quoteName(name)} ${direction}`).join(', ');
}

/** MySQL's warning for a value that was too long for max_allowed_packet, and is empty or NULL therefore. */
const VALUE_LOST = 1301;
/** No row without large values is longer as a text: InnoDB allows 65,535 bytes, of which every one may become two digits, or three bytes of utf8mb4. */
const MOST_BYTES_WITHOUT_LARGE_VALUES = 1024 * 1024;

/**
 * The aggregate of a range.
 *
 * @throws `DataDiffers` where a value (the text of a JSON document, in the first place) is too long to be read whole.
 */
export async function aggregate(session: Session, table: ComparedTable, range: Range): Promise<Aggregate> {
  const query = `SELECT COUNT(*) AS n, SUM(CRC32(CRC32(${rowExpression(table.columns)}))) AS total, @@max_allowed_packet AS packet FROM ${quoteTable(table.schema, table.name)} ${where(table, range)}`;
  type Sums = Record<'n' | 'total' | 'packet', number | string | null>;
  let row = await wholly(session, table, session.row<Sums>(query));
  if (!hasLargeValues(table) && Number(row?.packet) < MOST_BYTES_WITHOUT_LARGE_VALUES) {
    [row] = await Promise.all([session.row<Sums>(query), nothingIsLost(session, table)]);
  }
  return { rows: Number(row?.n ?? 0), sum: String(row?.total ?? 0) };
}

/** What a query has read that was sent just now, if every value could be read whole. */
async function wholly<Result>(session: Session, table: ComparedTable, reading: Promise<Result>): Promise<Result> {
  if (!hasLargeValues(table)) return reading;
  // sent together: the warnings are those of this statement, whoever else uses the session.
  const [result] = await Promise.all([reading, nothingIsLost(session, table)]);
  return result;
}

/** With how many statements, one after the other, the {@link aggregate} of a range is read. */
export function statementsOf(table: ComparedTable): number {
  return hasLargeValues(table) ? 2 : 1;
}

function hasLargeValues({ columns }: ComparedTable): boolean {
  return columns.some(mayBeLarge);
}

/** How many shares a range with a key is divided into, to find those that hold the rows that differ. */
const SHARES = 64;

/** Aggregates of the rows of a range, divided by their keys: number of the share → what it holds. */
export async function shares(session: Session, table: ComparedTable, range: Range): Promise<Map<string, Aggregate>> {
  // grouped by the place of the expression: its name might be that of a column.
  const found = await wholly(session, table, session.rows<Record<'share' | 'n' | 'total', number | string>>(
    `SELECT ${shareExpression(table)} AS share, COUNT(*) AS n, SUM(CRC32(CRC32(${rowExpression(table.columns)}))) AS total FROM ${quoteTable(table.schema, table.name)} ${where(table, range)} GROUP BY 1`,
  ));
  return new Map(found.map(({ share, n, total }) => [String(share), { rows: Number(n), sum: String(total) }]));
}

function shareExpression({ key }: ComparedTable): string {
  return `CRC32(${rowExpression(key)}) % ${SHARES}`;
}

/** Hexadecimal digits of a digest: half of them say as much, and take half the memory. */
const DIGITS = 32;

/** Which rows of a range are read one by one. */
export interface Which {
  /** Those of some {@link shares}. */
  readonly shares?: readonly string[];
  /** Those of some keys, as an earlier reading has told them. */
  readonly keys?: readonly string[];
}

/**
 * The rows of a range one by one: key → digest, or all digests where a key that is unique on one side is there more than once on the other. Without a key
 * the digest is its own key, and the value counts equal rows.
 *
 * @param which of a range with a key; all where neither is given.
 */
export async function digests(session: Session, table: ComparedTable, range: Range, { keys, shares: some }: Which = {}): Promise<Map<string, string>> {
  const digest = `LEFT(SHA2(${rowExpression(table.columns)}, 256), ${DIGITS})`;
  const inShares = some === undefined ? undefined : `${shareExpression(table)} IN (${some.join(', ')})`;
  const which = keys === undefined ? where(table, range, inShares) : `WHERE ${keys.map((key) => equalTo(table.key, key.split(KEY_SEPARATOR))).join(' OR ')}`;
  const from = `FROM ${quoteTable(table.schema, table.name)} ${which}`;
  const rows = await wholly(session, table, session.rows<{ k: string; v: number | string }>(table.key.length === 0
    ? `SELECT ${digest} AS k, COUNT(*) AS v ${from} GROUP BY 1`
    : `SELECT CONCAT_WS('${KEY_SEPARATOR}', ${table.key.map(literalExpression).join(', ')}) AS k, ${digest} AS v ${from}`));
  const found = new Map<string, string>();
  const doubled = new Map<string, string[]>();
  for (const { k, v } of rows) {
    const before = found.get(k);
    if (before !== undefined) doubled.set(k, [...doubled.get(k) ?? [before], String(v)]);
    found.set(k, String(v));
  }
  for (const [key, all] of doubled) found.set(key, all.sort().join(' '));
  return found;
}

async function nothingIsLost(session: Session, { schema, name }: ComparedTable): Promise<void> {
  const warnings = await session.rows<{ Code: number; Message: string }>('SHOW WARNINGS');
  const lost = warnings.find(({ Code }) => Code === VALUE_LOST);
  if (lost === undefined) return;
  throw new PipelineError(
    ErrorName.DATA_DIFFERS,
    `table ${schema}.${name} has a value that cannot be read whole (${lost.Message}), so it is not known to be equal on Blue and Green: raise max_allowed_packet in the parameter groups of `
    + 'both (it is dynamic) and start a new execution with {}',
  );
}

function where(table: ComparedTable, range: Range, condition?: string): string {
  const conditions = condition === undefined ? [] : [condition];
  if (range.after !== undefined) conditions.push(behind(table.key, range.after));
  if (range.upTo !== undefined) conditions.push(upTo(table.key, range.upTo));
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
