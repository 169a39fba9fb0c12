import { createHash } from 'node:crypto';
import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { LEDGER_SCHEMA } from '../migration/worker-procedure';
import { parsePosition } from '../mysql/dialect';
import { marks, tablesOf } from '../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../mysql/names';
import { type Session } from '../mysql/session';
import { presentPosition, waitUntilExecuted } from '../replication/catch-up';
import { PipelineError } from '../shared/errors';
import { log } from '../shared/log';
import { type ComparisonProgress } from '../shared/state';
import { inWords, secondsBetween } from '../shared/waiting';
import { type Aggregate, aggregate, digests, endOfChunk, type Range } from './chunks';
import { type ComparedTable, describeTable } from './row-expression';

const ROWS_PER_CHUNK = 5000;
/** How often a row that keeps changing is looked at before it counts as hot. */
const TRIES = 8;
/** A difference counts only when it is seen this often in a row: a value changed there and back in between must not look like one. */
const CONFIRMATIONS = 2;
/** Above this a table without a key is not compared row by row: the list would not fit into memory. */
const MOST_ROWS_WITHOUT_KEY = 200_000;
const POSITION_PATIENCE_MILLISECONDS = 60_000;
const BUDGET_MILLISECONDS = 200_000;

/** A table's row in the ledger's comparison. */
interface TableProgress {
  readonly schema: string;
  readonly name: string;
  readonly bytes: number;
  readonly state: 'PENDING' | 'EQUAL' | 'DIFFERENT';
  readonly comparedTo: string | null;
  readonly rows: number;
  readonly hotRows: number;
  readonly difference: string | null;
}

/** The three sessions of a comparison. Blue's and Green's only read; the ledger's writes down how far it is. */
export interface Sessions {
  readonly blue: Session;
  readonly green: Session;
  readonly ledger: Session;
}

/**
 * Compares the data of Blue and Green while Blue is written to, for as long as one invocation may take; resumes where it stopped.
 *
 * Rule (docs/replication-safety.md): read Blue, take Blue's position, wait until Green has executed it, read Green, read Blue again. Different
 * only if both readings of Blue agree and Green's differs; otherwise the row is looked at again, and after some tries it counts as hot.
 *
 * @throws `DataDiffers` when every table was looked at and one differs.
 */
export async function compare(
  sessions: Sessions,
  settings: PipelineSettings,
  { now, run, previous }: { readonly now: string; readonly run: string; readonly previous: ComparisonProgress | null },
): Promise<ComparisonProgress> {
  const startedAt = previous?.startedAt ?? now;
  const runHash = createHash('sha256').update(`${run} ${startedAt}`).digest('hex');
  for (const session of [sessions.blue, sessions.green]) await session.run('SET SESSION TRANSACTION READ ONLY');
  await listTables(sessions, runHash);
  const deadline = Date.now() + BUDGET_MILLISECONDS;
  for (let open = await nextTable(sessions.ledger); open !== undefined && Date.now() < deadline; open = await nextTable(sessions.ledger)) {
    await compareTable(sessions, open, deadline);
  }
  const progress = await summarize(sessions.ledger, startedAt);
  const elapsed = secondsBetween(startedAt, now);
  if (!progress.done && elapsed > settings.patience.comparisonSeconds) {
    throw new PipelineError(
      ErrorName.DATA_DIFFERS,
      `the comparison has not finished within ${inWords(settings.patience.comparisonSeconds)} (comparisonPatience), ${progress.tablesCompared} of ${progress.tables} tables are compared: data that was not `
      + 'compared is not known to be equal. Raise the patience and start a new execution with {}',
    );
  }
  return progress;
}

/** Writes the tables to compare into the ledger, unless this run has done so already. */
async function listTables({ blue, ledger }: Sessions, run: string): Promise<void> {
  const present = await ledger.row<{ run: string }>(`SELECT run FROM ${LEDGER_SCHEMA}.comparison LIMIT 1`);
  if (present?.run === run) return;
  const schemas = (await blue.rows<{ name: string }>(
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (${marks(SYSTEM_SCHEMAS)}) AND SCHEMA_NAME <> 'tmp'`, SYSTEM_SCHEMAS,
  )).map(({ name }) => name);
  const tables = await tablesOf(blue, schemas);
  await ledger.run(`DELETE FROM ${LEDGER_SCHEMA}.comparison`);
  for (let start = 0; start < tables.length; start += 200) {
    const batch = tables.slice(start, start + 200);
    await ledger.run(
      `INSERT INTO ${LEDGER_SCHEMA}.comparison (schema_name, table_name, run, bytes) VALUES ${batch.map(() => '(?, ?, ?, ?)').join(', ')}`,
      batch.flatMap(({ schema, name, bytes }) => [schema, name, run, bytes]),
    );
  }
}

async function nextTable(ledger: Session): Promise<TableProgress | undefined> {
  return ledger.row<TableProgress>(
    `SELECT schema_name AS \`schema\`, table_name AS name, bytes, state, compared_to AS comparedTo, rows_compared AS \`rows\`, hot_rows AS hotRows, difference
       FROM ${LEDGER_SCHEMA}.comparison WHERE state = 'PENDING' ORDER BY schema_name, table_name LIMIT 1`,
  );
}

async function compareTable(sessions: Sessions, progress: TableProgress, deadline: number): Promise<void> {
  const table = await describeTable(sessions.blue, progress.schema, progress.name, Number(progress.bytes));
  const twin = await describeTable(sessions.green, progress.schema, progress.name, 0);
  if (table.columns.length === 0) return record(sessions.ledger, table, { state: 'EQUAL' });
  const missing = table.columns.filter((column) => !twin.columns.some(({ name }) => name === column.name)).map(({ name }) => name);
  if (missing.length > 0) {
    const what = twin.columns.length === 0 ? 'the table does not exist on Green' : `Green has no column ${missing.join(', ')}`;
    return record(sessions.ledger, table, { state: 'DIFFERENT', difference: what });
  }
  let after = progress.comparedTo === null ? undefined : JSON.parse(progress.comparedTo) as string[];
  do {
    const end = await endOfChunk(sessions.blue, table, after, ROWS_PER_CHUNK);
    const outcome = await compareRange(sessions, table, { after, upTo: end });
    if (outcome.difference !== undefined) log.error('data differ', { table: `${table.schema}.${table.name}`, difference: outcome.difference });
    await record(sessions.ledger, table, {
      state: outcome.difference !== undefined ? 'DIFFERENT' : end === undefined ? 'EQUAL' : 'PENDING',
      comparedTo: end, rows: outcome.rows, hotRows: outcome.hotRows, difference: outcome.difference,
    });
    // one difference is enough to refuse the table.
    if (outcome.difference !== undefined || end === undefined) return;
    after = end;
  } while (Date.now() < deadline);
}

/** What a range turned out to be. */
interface RangeOutcome {
  readonly rows: number;
  /** Rows that kept changing. */
  readonly hotRows: number;
  readonly difference?: string;
}

async function compareRange(sessions: Sessions, table: ComparedTable, range: Range): Promise<RangeOutcome> {
  const blue = await aggregate(sessions.blue, table, range);
  await greenHasExecutedBlue(sessions);
  if (same(blue, await aggregate(sessions.green, table, range))) return { rows: blue.rows, hotRows: 0 };
  if (table.key.length === 0 && blue.rows > MOST_ROWS_WITHOUT_KEY) return compareWhole(sessions, table, range);
  return compareRows(sessions, table, range);
}

/** A large table without a key: only the aggregate can be looked at again. */
async function compareWhole(sessions: Sessions, table: ComparedTable, range: Range): Promise<RangeOutcome> {
  let confirmed = 0;
  let rows = 0;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const first = await aggregate(sessions.blue, table, range);
    await greenHasExecutedBlue(sessions);
    const green = await aggregate(sessions.green, table, range);
    if (same(first, green)) return { rows: first.rows, hotRows: 0 };
    const second = await aggregate(sessions.blue, table, range);
    confirmed = same(first, second) ? confirmed + 1 : 0;
    rows = first.rows;
    if (confirmed >= CONFIRMATIONS) return { rows, hotRows: 0, difference: `Blue has ${first.rows} rows, Green ${green.rows}, and their checksums differ (no key to tell which rows)` };
  }
  return { rows, hotRows: rows };
}

/**
 * Looks at the rows of a range one by one, again and again, until each was seen equal once, or is known to be different, or counts as hot.
 * A row that was equal is done: what changes later is looked at right before the switchover.
 */
async function compareRows(sessions: Sessions, table: ComparedTable, range: Range): Promise<RangeOutcome> {
  const confirmations = new Map<string, number>();
  let open: string[] | undefined;
  let rows = 0;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const first = await digests(sessions.blue, table, range);
    await greenHasExecutedBlue(sessions);
    const green = await digests(sessions.green, table, range);
    open = (open ?? [...new Set([...first.keys(), ...green.keys()])]).filter((key) => first.get(key) !== green.get(key));
    rows = first.size;
    if (open.length === 0) return { rows, hotRows: 0 };
    const second = await digests(sessions.blue, table, range);
    for (const key of open) confirmations.set(key, first.get(key) === second.get(key) ? (confirmations.get(key) ?? 0) + 1 : 0);
    const different = open.filter((key) => (confirmations.get(key) ?? 0) >= CONFIRMATIONS);
    if (different.length > 0) return { rows, hotRows: 0, difference: describeDifference(table, range, different, first, green) };
  }
  return { rows, hotRows: open?.length ?? 0 };
}

async function greenHasExecutedBlue({ blue, green }: Sessions): Promise<void> {
  const position = parsePosition(await presentPosition(blue));
  if (await waitUntilExecuted(green, position, POSITION_PATIENCE_MILLISECONDS)) return;
  throw new PipelineError(
    ErrorName.REPLICATION_LAGS,
    `Green has not executed Blue's position ${position.file}:${position.position} within ${POSITION_PATIENCE_MILLISECONDS / 1000} s while the data were compared: it has fallen behind again. Start a new `
    + 'execution with {}; it waits for replication and compares again',
  );
}

function same(one: Aggregate, other: Aggregate): boolean {
  return one.rows === other.rows && one.sum === other.sum && one.xor === other.xor;
}

/** Says where the rows are; numbers and dates as they are, text keys (which may be personal data) not at all. */
function describeDifference(
  table: ComparedTable,
  range: Range,
  keys: readonly string[],
  blue: ReadonlyMap<string, string>,
  green: ReadonlyMap<string, string>,
): string {
  const harmless = table.key.length > 0 && table.key.every(({ characterSet, type }) => characterSet === null && !type.includes('binary'));
  const kinds = [
    [keys.filter((key) => !green.has(key)).length, 'missing on Green'],
    [keys.filter((key) => !blue.has(key)).length, 'only on Green'],
    [keys.filter((key) => blue.has(key) && green.has(key)).length, 'with different content'],
  ] as const;
  const counts = kinds.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`).join(', ');
  if (!harmless) return `${keys.length} rows differ (${counts})`;
  const names = table.key.map(({ name }) => name).join(', ');
  return `${keys.length} rows differ (${counts}); (${names}) = ${keys.slice(0, 5).map((key) => `(${key})`).join(', ')}${keys.length > 5 ? ' …' : ''}, in the range `
    + `${range.after === undefined ? 'from the start' : `behind (${range.after.join(', ')})`} ${range.upTo === undefined ? 'to the end' : `up to (${range.upTo.join(', ')})`}`;
}

/** What is known of a table after a chunk. */
interface ChunkOutcome {
  readonly state: TableProgress['state'];
  readonly comparedTo?: readonly string[];
  readonly rows?: number;
  readonly hotRows?: number;
  readonly difference?: string;
}

async function record(ledger: Session, { schema, name }: ComparedTable, { state, comparedTo, rows = 0, hotRows = 0, difference }: ChunkOutcome): Promise<void> {
  await ledger.run(
    `UPDATE ${LEDGER_SCHEMA}.comparison SET state = ?, compared_to = ?, rows_compared = rows_compared + ?, hot_rows = hot_rows + ?, difference = ? WHERE schema_name = ? AND table_name = ?`,
    [state, comparedTo === undefined ? null : JSON.stringify(comparedTo), rows, hotRows, difference ?? null, schema, name],
  );
}

async function summarize(ledger: Session, startedAt: string): Promise<ComparisonProgress> {
  const total = await ledger.row<Record<string, number | string | null>>(
    `SELECT COUNT(*) AS tables, COALESCE(SUM(state <> 'PENDING'), 0) AS compared, COALESCE(SUM(rows_compared), 0) AS \`rows\`, COALESCE(SUM(hot_rows), 0) AS hot,
            COALESCE(SUM(bytes), 0) AS bytes, COALESCE(SUM(IF(state = 'PENDING', 0, bytes)), 0) AS bytesCompared FROM ${LEDGER_SCHEMA}.comparison`,
  );
  const number = (key: string) => Number(total?.[key] ?? 0);
  const done = number('compared') === number('tables');
  if (done) await refuseDifferences(ledger);
  return {
    done, waitSeconds: 5, startedAt,
    tables: number('tables'), tablesCompared: number('compared'), rowsCompared: number('rows'),
    percent: done ? 100 : Math.min(99, Math.floor(number('bytesCompared') / Math.max(1, number('bytes')) * 100)),
    hotRows: number('hot'),
  };
}

async function refuseDifferences(ledger: Session): Promise<void> {
  const different = await ledger.rows<{ name: string; difference: string }>(
    `SELECT CONCAT(schema_name, '.', table_name) AS name, difference FROM ${LEDGER_SCHEMA}.comparison WHERE state = 'DIFFERENT' ORDER BY 1`,
  );
  if (different.length === 0) return;
  throw new PipelineError(
    ErrorName.DATA_DIFFERS,
    `${different.length} table${different.length === 1 ? '' : 's'} hold different data on Blue and Green, so nothing is switched over; Blue is untouched.\n`
    + `${different.slice(0, 20).map(({ name, difference }) => `${name}: ${difference}`).join('\n')}\n`
    + 'Somebody wrote on Green, or a schema change does not replicate truly. Find out which; then delete the deployment together with Green and start again, or mend the rows on Green and redrive',
  );
}
