import { createHash } from 'node:crypto';
import { ErrorName, MetricName, type PipelineSettings } from '../../lib/private/contract';
import { Ledger } from '../migration/ledger';
import { tablesChangedByFiles } from '../migration/statement-steps';
import { LEDGER_SCHEMA } from '../migration/worker-procedure';
import { marks, tablesOf } from '../mysql/inventory';
import { SYSTEM_SCHEMAS, tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { PipelineError, property } from '../shared/errors';
import { log } from '../shared/log';
import { publish } from '../shared/metrics';
import { type ComparisonProgress } from '../shared/state';
import { inWords, secondsBetween } from '../shared/waiting';
import { endOfChunk, lastKey } from './chunks';
import { Load } from './load';
import { compareWithGreen, describeBoth, type RangeOutcome, readOnBlue, type Sides, type TableRange } from './ranges';
import { comparedTable, type ComparedTable } from './row-expression';

/** A chunk is a query on both servers: small enough to be over in a moment, whatever its rows hold. */
const MOST_ROWS_PER_CHUNK = 5000;
const BYTES_PER_CHUNK = 8 * 1024 * 1024;
/** Chunks that share one wait for Blue's position. */
const CHUNKS_PER_BATCH = 32;
const BUDGET_MILLISECONDS = 600_000;
/** A query that was forgotten by a dead function must not burden Blue for hours. */
const MOST_MILLISECONDS_PER_QUERY = 240_000;
const QUERY_TOOK_TOO_LONG = 3024;
/** No such table, no such column: the definition has changed since it was read. */
const DEFINITION_CHANGED = [1146, 1054];

/** A table's row in the ledger's comparison. */
interface TableProgress {
  readonly schema: string;
  readonly name: string;
  readonly comparedTo: string | null;
  readonly chunkRows: number;
}

/** Which comparison this is, and how far it is. */
export interface ComparisonRun {
  readonly now: string;
  /** Names the execution: evidence of another one does not count. */
  readonly execution: string;
  readonly previous: ComparisonProgress | null;
  /** @default 5000 */
  readonly rowsPerChunk?: number;
  /** @default 32 */
  readonly chunksPerBatch?: number;
}

/** The three sessions of a comparison. Blue's and Green's only read; the ledger's writes down how far it is. */
export interface Sessions extends Sides {
  readonly ledger: Session;
}

/** What a comparison says of itself that is switched off. */
const NOTHING_COMPARED = { done: true, waitSeconds: 5, tables: 0, tablesCompared: 0, rowsCompared: 0, percent: 100, hotRows: 0 } as const;

/** How batches are made. */
interface BatchOptions {
  readonly chunksPerBatch: number;
  readonly deadline: number;
  readonly load: Load;
  readonly chosen: (chunk: Chunk) => boolean;
  /** The tables whose definition SQL files change, by their keys. */
  readonly changed: ReadonlySet<string>;
}

/** Which chunks are compared: of a sample those that follow from the seed, and the first and the last of each table. */
function choice({ comparison, deploymentName }: PipelineSettings): (chunk: Chunk) => boolean {
  if (comparison?.kind !== 'sample') return () => true;
  const { share = 1, seed = deploymentName } = comparison;
  return ({ table: { schema, name }, range: { after }, end }) => {
    if (after === undefined || end === undefined) return true;
    const hash = createHash('sha256').update(JSON.stringify([seed, schema, name, after])).digest();
    return hash.readUInt32BE(0) / 2 ** 32 < share;
  };
}

/** A chunk of a table. */
interface Chunk extends TableRange {
  /** The last key of the chunk; undefined where the table ends with it. */
  readonly end: readonly string[] | undefined;
  /** The table's last key, read before the chunk that the table ends with; undefined in others. */
  readonly last: readonly string[] | undefined;
}

/**
 * Compares the data of Blue and Green while Blue is written to, for as long as one invocation may take; resumes where it stopped.
 *
 * @throws `DataDiffers` when every table was looked at and one differs; `SupersededByAnotherExecution`.
 */
export async function compare(
  sessions: Sessions,
  settings: PipelineSettings,
  { now, execution, previous, rowsPerChunk = MOST_ROWS_PER_CHUNK, chunksPerBatch = CHUNKS_PER_BATCH }: ComparisonRun,
): Promise<ComparisonProgress> {
  const startedAt = previous?.startedAt ?? now;
  await (await Ledger.open(sessions.ledger))?.mustBeOurs(execution);
  if (settings.comparison?.kind === 'off') return { ...NOTHING_COMPARED, startedAt };
  for (const session of [sessions.blue, sessions.green, ...sessions.reader === undefined ? [] : [sessions.reader]]) {
    await session.run('SET SESSION TRANSACTION READ ONLY');
    await session.run(`SET SESSION max_execution_time = ${MOST_MILLISECONDS_PER_QUERY}`);
  }
  await listTables(sessions, createHash('sha256').update(execution).digest('hex'), rowsPerChunk);
  const deadline = Date.now() + BUDGET_MILLISECONDS;
  const load = new Load(sessions.blue, settings.comparison ?? {}, sessions.reader === undefined);
  const options = { chunksPerBatch, deadline, load, chosen: choice(settings), changed: await tablesChangedByFiles(sessions.ledger) };
  const begun = performance.now();
  while (Date.now() < deadline && !await compareBatches(sessions, options));
  const progress = await summarize(sessions.ledger, { now, startedAt, secondsSpent: (previous?.secondsSpent ?? 0) + (performance.now() - begun) / 1000 });
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

/** Writes the tables to compare into the ledger: all for a new run, otherwise those that have come since. */
async function listTables({ blue, ledger }: Sessions, run: string, rowsPerChunk: number): Promise<void> {
  const isNewRun = (await ledger.row<{ run: string }>(`SELECT run FROM ${LEDGER_SCHEMA}.comparison LIMIT 1`))?.run !== run;
  const schemas = (await blue.rows<{ name: string }>(
    `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (${marks(SYSTEM_SCHEMAS)}) AND SCHEMA_NAME <> 'tmp'`, SYSTEM_SCHEMAS,
  )).map(({ name }) => name);
  const tables = await tablesOf(blue, schemas);
  // all or nothing: a list cut off by a dead function would look complete.
  await ledger.run('START TRANSACTION');
  if (isNewRun) await ledger.run(`DELETE FROM ${LEDGER_SCHEMA}.comparison`);
  for (let start = 0; start < tables.length; start += 200) {
    const batch = tables.slice(start, start + 200);
    await ledger.run(
      `INSERT IGNORE INTO ${LEDGER_SCHEMA}.comparison (schema_name, table_name, run, bytes, chunk_rows) VALUES ${batch.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
      batch.flatMap(({ schema, name, bytes, rows }) => [schema, name, run, bytes, Math.min(rowsPerChunk, rowsIn(BYTES_PER_CHUNK, bytes, rows))]),
    );
  }
  await ledger.run('COMMIT');
}

/** How many rows of a table fit into so many bytes, as the statistics estimate it; at least 50. */
function rowsIn(room: number, bytes: number, rows: number): number {
  return Math.max(50, Math.floor(room / Math.max(1, bytes / Math.max(1, rows))));
}

/**
 * Compares batch after batch until the time is over. While Green executes and reads one, Blue is read for the next: otherwise one of the two
 * would always stand idle.
 *
 * @returns whether nothing is left; false also where a table has changed meanwhile, and has to be described again.
 */
async function compareBatches(sessions: Sessions, { deadline, load, ...options }: BatchOptions): Promise<boolean> {
  const different = new Set<ComparedTable>();
  let inHand: readonly Chunk[] = [];
  let before: Promise<void> = Promise.resolve();
  try {
    for await (const batch of batches(sessions, { ...options, load, different })) {
      if (!await load.bearable(deadline)) break;
      inHand = [...inHand, ...batch];
      const begun = performance.now();
      const reading = await readOnBlue(sessions, batch);
      await load.after(batch.length, performance.now() - begun);
      await before;
      inHand = batch;
      before = compareWithGreen(sessions, batch, reading).then((outcomes) => {
        batch.forEach(({ table }, index) => { if (outcomes[index]?.difference !== undefined) different.add(table); });
        return record(sessions, batch, outcomes);
      });
      // it is awaited in the next round, and must not end the process until then.
      before.catch(() => undefined);
      if (Date.now() > deadline) break;
    }
    await before;
    return Date.now() <= deadline;
  } catch (thrown) {
    await before.catch(() => undefined);
    if (Number(property(thrown, 'errno')) === QUERY_TOOK_TOO_LONG) throw tooLarge(inHand.map(({ table }) => table));
    if (!DEFINITION_CHANGED.includes(Number(property(thrown, 'errno')))) throw thrown;
    log.warn('a table has changed while it was compared; it is described again', { tables: inHand.map(({ table: { schema, name } }) => `${schema}.${name}`) });
    return false;
  }
}

/** The chunks that are still to be compared, of as many tables as it takes to fill a batch; of a table that is known to be different, no more. */
async function* batches(
  sessions: Sessions, { chunksPerBatch, different, load, chosen, changed }: Omit<BatchOptions, 'deadline'> & { readonly different: ReadonlySet<ComparedTable> },
): AsyncGenerator<readonly Chunk[]> {
  const pending = await sessions.ledger.rows<TableProgress>(
    `SELECT schema_name AS \`schema\`, table_name AS name, compared_to AS comparedTo, chunk_rows AS chunkRows
       FROM ${LEDGER_SCHEMA}.comparison WHERE state = 'PENDING' ORDER BY schema_name, table_name`,
  );
  let batch: Chunk[] = [];
  for (const progress of pending) {
    const table = await tableToCompare(sessions, progress, changed.has(tableKey(progress.schema, progress.name)));
    if (table === undefined) continue;
    for await (const chunk of chunksOf(sessions, table, progress, load)) {
      if (different.has(table)) break;
      if (!chosen(chunk)) continue;
      batch.push(chunk);
      if (batch.length < chunksPerBatch) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function tooLarge(tables: readonly ComparedTable[]): PipelineError {
  return new PipelineError(
    ErrorName.DATA_DIFFERS,
    `one of ${[...new Set(tables.map(({ schema, name }) => `${schema}.${name}`))].join(', ')} has no key along which it could be read in pieces (a primary or unique key without NULL, prefix or ENUM, in the same order on Blue `
    + `and Green), and reading the whole takes more than ${MOST_MILLISECONDS_PER_QUERY / 60_000} minutes: it is not known to be equal. Add such a key on Blue, or keep the collation of its key (collations of the `
    + 'Migration), and start a new execution with {}',
  );
}

/** The chunks of a table, from where it has been compared to. */
async function* chunksOf({ blue, reader = blue }: Sessions, table: ComparedTable, { comparedTo, chunkRows }: TableProgress, load: Load): AsyncGenerator<Chunk> {
  let after = comparedTo === null ? undefined : JSON.parse(comparedTo) as string[];
  do {
    const end = await endOfChunk(reader, table, after, load.rows(Number(chunkRows)));
    // what is inserted from here on is the last look's: lambda/verification/last-look.ts.
    const last = end === undefined ? await lastKey(blue, table) : undefined;
    yield { table, range: { after, upTo: end }, end, last };
    after = end;
  } while (after !== undefined);
}

/** A table that has vanished from Blue, or that Green does not have as Blue has it, is settled without a look at its rows. */
async function tableToCompare(sessions: Sessions, { schema, name }: TableProgress, isMeantToDiffer: boolean): Promise<ComparedTable | undefined> {
  const { table, twin } = await describeBoth(sessions, schema, name);
  const missing = table.columns.filter((column) => !twin.columns.some((other) => other.name === column.name)).map((column) => column.name);
  const compared = comparedTable(table, twin, isMeantToDiffer);
  if (compared.columns.length > 0 && (missing.length === 0 || isMeantToDiffer)) return compared;
  // what SQL files have dropped on Green is meant to be gone.
  const difference = table.columns.length === 0 || isMeantToDiffer ? null : twin.columns.length === 0 ? 'the table does not exist on Green' : `Green has no column ${missing.join(', ')}`;
  await sessions.ledger.run(
    `UPDATE ${LEDGER_SCHEMA}.comparison SET state = ?, difference = ? WHERE schema_name = ? AND table_name = ?`,
    [difference === null ? 'EQUAL' : 'DIFFERENT', difference, schema, name],
  );
  return undefined;
}

/** Writes down what the chunks of a batch turned out to be, all or none. One difference is enough to refuse a table. */
async function record({ ledger }: Sessions, batch: readonly Chunk[], outcomes: readonly RangeOutcome[]): Promise<void> {
  await ledger.run('START TRANSACTION');
  for (const [index, { table: { schema, name }, end, last }] of batch.entries()) {
    const { rows = 0, hotRows = 0, difference } = outcomes[index] ?? {};
    if (difference !== undefined) log.error('data differ', { table: `${schema}.${name}`, difference });
    await ledger.run(
      `UPDATE ${LEDGER_SCHEMA}.comparison SET state = IF(state = 'DIFFERENT', state, ?), compared_to = ?, last_key = COALESCE(?, last_key),
              rows_compared = rows_compared + ?, hot_rows = hot_rows + ?, difference = COALESCE(difference, ?) WHERE schema_name = ? AND table_name = ?`,
      [
        difference !== undefined ? 'DIFFERENT' : end === undefined ? 'EQUAL' : 'PENDING',
        end === undefined ? null : JSON.stringify(end), last === undefined ? null : JSON.stringify(last),
        rows, hotRows, difference ?? null, schema, name,
      ],
    );
  }
  await ledger.run('COMMIT');
}

async function summarize(
  ledger: Session, { now, startedAt, secondsSpent }: { readonly now: string; readonly startedAt: string; readonly secondsSpent: number },
): Promise<ComparisonProgress> {
  const total = await ledger.row<Record<string, number | string | null>>(
    `SELECT COUNT(*) AS tables, COALESCE(SUM(state <> 'PENDING'), 0) AS compared, COALESCE(SUM(rows_compared), 0) AS \`rows\`, COALESCE(SUM(hot_rows), 0) AS hot, COALESCE(SUM(state = 'DIFFERENT'), 0) AS differ,
            COALESCE(SUM(bytes), 0) AS bytes, COALESCE(SUM(IF(state = 'PENDING', 0, bytes)), 0) AS bytesCompared FROM ${LEDGER_SCHEMA}.comparison`,
  );
  const number = (key: string) => Number(total?.[key] ?? 0);
  const done = number('compared') === number('tables');
  const share = done ? 1 : number('bytesCompared') / Math.max(1, number('bytes'));
  publish(now, { [MetricName.COMPARISON_PERCENT]: share * 100, [MetricName.COMPARISON_DIFFERENCES]: number('differ') });
  if (done) await refuseDifferences(ledger);
  return {
    done, waitSeconds: 5, startedAt,
    tables: number('tables'), tablesCompared: number('compared'), rowsCompared: number('rows'),
    percent: done ? 100 : Math.min(99, Math.floor(share * 100)),
    hotRows: number('hot'),
    secondsSpent: Math.round(secondsSpent * 10) / 10,
    secondsPerGigabyte: number('bytesCompared') === 0 ? null : Math.round(secondsSpent / (number('bytesCompared') / 1e9) * 10) / 10,
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
