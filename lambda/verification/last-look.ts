import { LEDGER_SCHEMA } from '../migration/worker-procedure';
import { quoteName, quoteTable } from '../mysql/names';
import { endOfChunk } from './chunks';
import { compareRanges, describeBoth, type Sides, type TableRange } from './ranges';
import { comparedTable, type ComparedTable } from './row-expression';

/** A last look must not keep the switchover waiting. */
const BUDGET_MILLISECONDS = 20_000;
const SAMPLE_ROWS = 1000;
const MOST_ROWS_WITHOUT_KEY = 5000;
/** Tables that share one wait for Blue's position. */
const TABLES_AT_ONCE = 8;

/** What the last look found. */
export interface LastLook {
  /** Table and what differs. */
  readonly differences: readonly string[];
  readonly tables: number;
  /** Tables the time was not enough for. */
  readonly omitted: number;
}

/** A table that was compared. */
interface Compared {
  readonly schema: string;
  readonly name: string;
  readonly lastKey: string | null;
  readonly rows: number | string;
}

/**
 * Looks once more right before the switchover: at the rows behind the last key that was compared, and at a sample of the others. The sample
 * follows from the seed alone, so that a finding can be repeated.
 */
export async function lastLook(sides: Sides, seed: string): Promise<LastLook> {
  const compared = await sides.green.rows<Compared>(
    `SELECT schema_name AS \`schema\`, table_name AS name, last_key AS lastKey, rows_compared AS \`rows\` FROM ${LEDGER_SCHEMA}.comparison ORDER BY CRC32(CONCAT(?, table_name))`,
    [seed],
  );
  const deadline = Date.now() + BUDGET_MILLISECONDS;
  const differences: string[] = [];
  let tables = 0;
  while (tables < compared.length && Date.now() < deadline) {
    const parts: TableRange[] = [];
    for (const one of compared.slice(tables, tables + TABLES_AT_ONCE)) parts.push(...await partsOf(sides, one, seed));
    tables = Math.min(compared.length, tables + TABLES_AT_ONCE);
    const outcomes = await compareRanges(sides, parts);
    for (const [index, { difference }] of outcomes.entries()) {
      if (difference !== undefined) differences.push(`${parts[index]?.table.schema}.${parts[index]?.table.name}: ${difference}`);
    }
  }
  return { differences, tables, omitted: compared.length - tables };
}

async function partsOf(sides: Sides, { schema, name, lastKey, rows }: Compared, seed: string): Promise<TableRange[]> {
  const { table: description, twin } = await describeBoth(sides, schema, name);
  const table = comparedTable(description, twin);
  // a table without a key has no parts: it is looked at again only where it is small. One that has vanished is the business of other checks.
  if (table.columns.length === 0 || twin.columns.length === 0 || (table.key.length === 0 && Number(rows) > MOST_ROWS_WITHOUT_KEY)) return [];
  const parts = [await sample(sides, table, seed)];
  if (lastKey !== null) parts.push({ table, range: { after: JSON.parse(lastKey) as string[] } });
  return parts;
}

/** A piece of the table that begins somewhere: by a whole number in the key where it has one column, otherwise at the start. */
async function sample({ blue }: Sides, table: ComparedTable, seed: string): Promise<TableRange> {
  const [first] = table.key;
  let after: string[] | undefined;
  if (first !== undefined && table.key.length === 1 && first.type.endsWith('int')) {
    const column = quoteName(first.name);
    const row = await blue.row<{ start: string | null }>(
      `SELECT CAST(MIN(${column}) + FLOOR((MAX(${column}) - MIN(${column})) * (CRC32(?) / 4294967296)) AS CHAR) AS start FROM ${quoteTable(table.schema, table.name)}`,
      [`${seed} ${table.schema} ${table.name}`],
    );
    if (row?.start !== undefined && row.start !== null) after = [row.start];
  }
  return { table, range: { after, upTo: await endOfChunk(blue, table, after, SAMPLE_ROWS) } };
}
