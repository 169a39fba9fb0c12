import { ErrorName } from '../../lib/private/contract';
import { quoteName, quoteTable } from '../mysql/names';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { behind, type ComparedTable, literalExpression, rowExpression, upTo } from './row-expression';

/** A part of a table: rows behind one key and up to another, both as SQL literals; undefined means open. */
export interface Range {
  readonly after?: readonly string[];
  readonly upTo?: readonly string[];
}

/**
 * Count, sum, sum of squares and exclusive or of the rows' checksums. Exclusive or is blind to doubled rows; it and the sum together still
 * miss one in 10,000 exchanges of values between two rows, because CRC32 is linear. The squares are not.
 */
export interface Aggregate {
  readonly rows: number;
  readonly sum: string;
  readonly squares: string;
  readonly xor: string;
}

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

function order({ key }: ComparedTable, direction: 'ASC' | 'DESC'): string {
  return key.map(({ name }) => `${quoteName(name)} ${direction}`).join(', ');
}

/** MySQL's warning for a value that was too long for max_allowed_packet, and is empty or NULL therefore. */
const VALUE_LOST = 1301;

/**
 * The aggregate of a range.
 *
 * @throws `DataDiffers` where a value (the text of a JSON document, in the first place) is too long to be read whole.
 */
export async function aggregate(session: Session, table: ComparedTable, range: Range): Promise<Aggregate> {
  // LIMIT keeps the server from computing the checksum anew for each of the four; the list of a whole table would be too long to be kept.
  const limit = table.key.length === 0 ? '' : 'LIMIT 18446744073709551615';
  const row = await session.row<Record<'n' | 'total' | 'squares' | 'folded', number | string | null>>(
    `SELECT COUNT(*) AS n, SUM(checksum) AS total, SUM(checksum * checksum) AS squares, BIT_XOR(checksum) AS folded FROM (SELECT CRC32(${rowExpression(table.columns)}) AS checksum
       FROM ${quoteTable(table.schema, table.name)} ${where(table, range)} ${limit}) compared`,
  );
  await nothingWasLost(session, table);
  return { rows: Number(row?.n ?? 0), sum: String(row?.total ?? 0), squares: String(row?.squares ?? 0), xor: String(row?.folded ?? 0) };
}

/**
 * The rows of a range one by one: key → digest. Without a key the digest is its own key, and the value counts equal rows.
 */
export async function digests(session: Session, table: ComparedTable, range: Range): Promise<Map<string, string>> {
  const digest = `SHA2(${rowExpression(table.columns)}, 256)`;
  const from = `FROM ${quoteTable(table.schema, table.name)} ${where(table, range)}`;
  const rows = table.key.length === 0
    ? await session.rows<{ k: string; v: number | string }>(`SELECT ${digest} AS k, COUNT(*) AS v ${from} GROUP BY k`)
    : await session.rows<{ k: string; v: string }>(`SELECT CONCAT_WS(', ', ${table.key.map(literalExpression).join(', ')}) AS k, ${digest} AS v ${from}`);
  return new Map(rows.map(({ k, v }) => [k, String(v)]));
}

async function nothingWasLost(session: Session, { schema, name }: ComparedTable): Promise<void> {
  const warnings = await session.rows<{ Code: number; Message: string }>('SHOW WARNINGS');
  const lost = warnings.find(({ Code }) => Code === VALUE_LOST);
  if (lost === undefined) return;
  throw new PipelineError(
    ErrorName.DATA_DIFFERS,
    `table ${schema}.${name} has a value that cannot be read whole (${lost.Message}), so it is not known to be equal on Blue and Green: raise max_allowed_packet in the parameter groups of `
    + 'both (it is dynamic) and start a new execution with {}',
  );
}

function where(table: ComparedTable, range: Range): string {
  const conditions: string[] = [];
  if (range.after !== undefined) conditions.push(behind(table.key, range.after));
  if (range.upTo !== undefined) conditions.push(upTo(table.key, range.upTo));
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
