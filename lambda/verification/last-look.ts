import { columnsLeftOutByFiles, tablesChangedByFiles } from '../migration/statement-steps';
import { LEDGER_SCHEMA } from '../migration/worker-procedure';
import { quoteName, quoteTable, tableKey } from '../mysql/names';
import { endOfChunk } from './chunks';
import { literalsOf } from './kept-key';
import { compareRanges, describeBoth, type Sides, takeDatesAsTheyAre } from './ranges';
import { comparedTable, type ComparedTable } from './row-expression';
import { type TableRange } from './suspect';

/** A last look must not keep the switchover waiting. */
const BUDGET_MILLISECONDS = 20_000;
const SAMPLE_ROWS = 1000;
const MOST_ROWS_WITHOUT_KEY = 5000;
const INSERTED_ROWS_AT_ONCE = 5000;
/** Pieces that share one wait for Blue's position. */
const PARTS_AT_ONCE = 16;

/** What the last look found. */
export interface LastLook {
  /** Table and what differs. */
  readonly differences: readonly string[];
  readonly tables: number;
  /** Tables the time was not enough for, or not for all of what was inserted. */
  readonly omitted: number;
  /** Tables of which no row was ever seen at rest, and so none seen equal. */
  readonly restless: readonly string[];
}

/** A table that was compared. */
interface Compared {
  readonly schema: string;
  readonly name: string;
  readonly lastKey: string | null;
  readonly rows: number | string;
  readonly hotRows: number | string;
}

/**
 * Looks once more right before the switchover: at the rows behind the last key that was compared, and at a sample of the others. The sample
 * follows from the seed alone, so that a finding can be repeated.
 */
export async function lastLook(sides: Sides, seed: string): Promise<LastLook> {
  for (const session of [sides.blue, sides.green]) await takeDatesAsTheyAre(session);
  const compared = await sides.green.rows<Compared>(
    `SELECT schema_name AS \`schema\`, table_name AS name, last_key AS lastKey, rows_compared AS \`rows\`, hot_rows AS hotRows
       FROM ${LEDGER_SCHEMA}.comparison ORDER BY CRC32(CONCAT(?, table_name))`,
    [seed],
  );
  const [changed, leftOut] = [await tablesChangedByFiles(sides.green), await columnsLeftOutByFiles(sides.green)];
  const deadline = Date.now() + BUDGET_MILLISECONDS;
  const differences: string[] = [];
  let tables = 0;
  let parts: TableRange[] = [];
  const rested = new Set<string>();
  const look = async () => {
    const outcomes = await compareRanges(sides, parts);
    for (const [index, { rows, hotRows, difference }] of outcomes.entries()) {
      const name = `${parts[index]?.table.schema}.${parts[index]?.table.name}`;
      if (difference !== undefined) differences.push(`${name}: ${difference}`);
      if (hotRows < rows) rested.add(name);
    }
    parts = [];
  };
  for (const one of compared) {
    const key = tableKey(one.schema, one.name);
    const { table, twin, lack } = await describeBoth(sides, one.schema, one.name, leftOut.get(key));
    const common = comparedTable(table, twin, changed.has(key) || leftOut.has(key));
    if (lack !== undefined) differences.push(`${one.schema}.${one.name}: ${lack}`);
    // what Blue has dropped since need not be on Green.
    if (lack === undefined && twin.columns.length > 0 && common.columns.length > 0) {
      for await (const part of partsOf(sides, common, one, seed)) {
        parts.push(part);
        if (parts.length >= PARTS_AT_ONCE) await look();
        if (Date.now() > deadline) break;
      }
    }
    if (Date.now() > deadline) break;
    tables += 1;
  }
  await look();
  const hot = compared.filter(({ rows, hotRows }) => Number(rows) > 0 && Number(hotRows) >= Number(rows)).map(({ schema, name }) => `${schema}.${name}`);
  return { differences, tables, omitted: compared.length - tables, restless: hot.filter((name) => !rested.has(name)) };
}

/** The pieces of a table to look at: a sample, then what was inserted, in chunks, however much it is. */
async function* partsOf(sides: Sides, table: ComparedTable, { lastKey, rows }: Compared, seed: string): AsyncGenerator<TableRange> {
  // a table without a key has no parts: it is looked at again only where it is small.
  if (table.key.length === 0 && Number(rows) > MOST_ROWS_WITHOUT_KEY) return;
  yield sample(sides, table, seed);
  if (table.key.length === 0) return;
  // without a last key of the present columns the table was empty, or is another one: all of it is looked at.
  let after = literalsOf(lastKey, table);
  do {
    const upTo: string[] | undefined = await endOfChunk(sides.blue, table, after, INSERTED_ROWS_AT_ONCE);
    yield { table, range: { after, upTo } };
    after = upTo;
  } while (after !== undefined);
}

/** A piece of the table that begins somewhere: by a whole number in the key where it has one column, otherwise at the start. */
async function sample({ blue }: Sides, table: ComparedTable, seed: string): Promise<TableRange> {
  const [first] = table.key;
  let after: string[] | undefined;
  if (first !== undefined && table.key.length === 1 && first.type.endsWith('int')) {
    // the distance of two BIGINT is none; a sample begins behind its start, so it may have to lie before the first row.
    const [least, most] = ['MIN', 'MAX'].map((end) => `CAST(${end}(${quoteName(first.name)}) AS DECIMAL(20))`);
    const row = await blue.row<{ start: string | null }>(
      `SELECT CAST(${least} - 1 + FLOOR((${most} - ${least}) * (CRC32(?) / 4294967296)) AS CHAR) AS start FROM ${quoteTable(table.schema, table.name)}`,
      [`${seed} ${table.schema} ${table.name}`],
    );
    if (row?.start !== undefined && row.start !== null) after = [row.start];
  }
  return { table, range: { after, upTo: await endOfChunk(blue, table, after, SAMPLE_ROWS) } };
}
