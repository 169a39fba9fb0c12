import { quoteTable } from '../mysql/names';
import { type Session } from '../mysql/session';
import { behind, type ComparedTable, literalExpression, rowExpression, upTo } from './row-expression';

/** A part of a table: rows behind one key and up to another, both as SQL literals; undefined means open. */
export interface Range {
  readonly after?: readonly string[];
  readonly upTo?: readonly string[];
}

/** Count, sum and exclusive or of the rows' checksums: together they see doubled, missing and exchanged rows. */
export interface Aggregate {
  readonly rows: number;
  readonly sum: string;
  readonly xor: string;
}

/** The key of the row at which a chunk of so many rows ends; undefined where the table ends before. */
export async function endOfChunk(session: Session, table: ComparedTable, after: readonly string[] | undefined, rows: number): Promise<string[] | undefined> {
  if (table.key.length === 0) return undefined;
  const literals = table.key.map((column, index) => `${literalExpression(column)} AS k${index}`).join(', ');
  const order = table.key.map((column) => `\`${column.name.replaceAll('`', '``')}\``).join(', ');
  const row = await session.row<Record<string, string>>(
    `SELECT ${literals} FROM ${quoteTable(table.schema, table.name)} ${where(table, { after })} ORDER BY ${order} LIMIT 1 OFFSET ${rows - 1}`,
  );
  return row === undefined ? undefined : table.key.map((_, index) => row[`k${index}`] ?? '');
}

/** The aggregate of a range. */
export async function aggregate(session: Session, table: ComparedTable, range: Range): Promise<Aggregate> {
  const row = await session.row<{ n: number | string; total: number | string | null; folded: number | string }>(
    `SELECT COUNT(*) AS n, SUM(checksum) AS total, BIT_XOR(checksum) AS folded FROM (SELECT CRC32(${rowExpression(table.columns)}) AS checksum
       FROM ${quoteTable(table.schema, table.name)} ${where(table, range)}) compared`,
  );
  return { rows: Number(row?.n ?? 0), sum: String(row?.total ?? 0), xor: String(row?.folded ?? 0) };
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

function where(table: ComparedTable, range: Range): string {
  const conditions: string[] = [];
  if (range.after !== undefined) conditions.push(behind(table.key, range.after));
  if (range.upTo !== undefined) conditions.push(upTo(table.key, range.upTo));
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}
