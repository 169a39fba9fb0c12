import { ErrorName, MetricName } from '../../lib/private/contract';
import { LEDGER_SCHEMA } from '../migration/worker-procedure';
import { marks, tablesOf } from '../mysql/inventory';
import { SYSTEM_SCHEMAS, tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { log } from '../shared/log';
import { publish } from '../shared/metrics';
import { type ComparisonProgress } from '../shared/state';
import { keptKey } from './kept-key';
import { type RangeOutcome, type TableRange } from './suspect';

const BYTES_PER_CHUNK = 8 * 1024 * 1024;

/** A table's row in the ledger's comparison. */
export interface TableProgress {
  readonly schema: string;
  readonly name: string;
  /** The last key that has been compared, as the ledger keeps it; null: none. */
  readonly comparedTo: string | null;
  readonly chunkRows: number;
  readonly bytes: number | string;
}

/** A chunk of a table. */
export interface Chunk extends TableRange {
  /** The last key of the chunk; undefined where the table ends with it. */
  readonly end: readonly string[] | undefined;
}

/** A chunk, and what it turned out to be. */
export interface SettledChunk {
  readonly chunk: Chunk;
  readonly outcome: RangeOutcome;
}

/** How far a comparison is, in the ledger on Green: what a dead function leaves to the next one. */
export class ComparisonLedger {
  /**
   * @param session nobody else's: it writes in transactions.
   * @param run names the execution; what an earlier one has compared does not count, and what a function of it still writes has no effect.
   */
  constructor(private readonly session: Session, private readonly run: string) {}

  /** Writes down the tables to compare: all for a new run, otherwise those that have come since. */
  public async listTables(blue: Session, rowsPerChunk: number): Promise<void> {
    const { run } = this;
    const isNewRun = (await this.session.row<{ run: string }>(`SELECT run FROM ${LEDGER_SCHEMA}.comparison LIMIT 1`))?.run !== run;
    const schemas = (await blue.rows<{ name: string }>(
      `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (${marks(SYSTEM_SCHEMAS)}) AND SCHEMA_NAME <> 'tmp'`, SYSTEM_SCHEMAS,
    )).map(({ name }) => name);
    const tables = await tablesOf(blue, schemas);
    // all or nothing: a list cut off by a dead function would look complete.
    await this.session.run('START TRANSACTION');
    if (isNewRun) await this.session.run(`DELETE FROM ${LEDGER_SCHEMA}.comparison`);
    for (let start = 0; start < tables.length; start += 200) {
      const batch = tables.slice(start, start + 200);
      await this.session.run(
        `INSERT IGNORE INTO ${LEDGER_SCHEMA}.comparison (schema_name, table_name, run, bytes, chunk_rows) VALUES ${batch.map(() => '(?, ?, ?, ?, ?)').join(', ')}`,
        batch.flatMap(({ schema, name, bytes, rows }) => [schema, name, run, bytes, Math.min(rowsPerChunk, rowsIn(BYTES_PER_CHUNK, bytes, rows))]),
      );
    }
    await this.session.run('COMMIT');
  }

  /** The tables that are not settled. */
  public async pending(): Promise<TableProgress[]> {
    return this.session.rows<TableProgress>(
      `SELECT schema_name AS \`schema\`, table_name AS name, compared_to AS comparedTo, chunk_rows AS chunkRows, bytes
         FROM ${LEDGER_SCHEMA}.comparison WHERE state = 'PENDING' ORDER BY schema_name, table_name`,
    );
  }

  /** A table whose rows need not be looked at: with a difference, or equal without one. */
  public async settle({ schema, name }: Pick<TableProgress, 'schema' | 'name'>, difference: string | undefined): Promise<void> {
    await this.session.run(
      `UPDATE ${LEDGER_SCHEMA}.comparison SET state = ?, difference = ? WHERE schema_name = ? AND table_name = ? AND run = ?`,
      [difference === undefined ? 'EQUAL' : 'DIFFERENT', difference ?? null, schema, name, this.run],
    );
  }

  /** Writes down what chunks turned out to be, in their order, all or none. One difference is enough to refuse a table. */
  public async record(settled: readonly SettledChunk[]): Promise<void> {
    await this.session.run('START TRANSACTION');
    for (const { chunk: { table, end, last }, outcome: { rows, hotRows, difference } } of byTable(settled)) {
      const { schema, name } = table;
      if (difference !== undefined) log.error('data differ', { table: `${schema}.${name}`, difference });
      await this.session.run(
        `UPDATE ${LEDGER_SCHEMA}.comparison SET state = IF(state = 'DIFFERENT', state, ?), compared_to = ?, last_key = COALESCE(?, last_key),
                rows_compared = rows_compared + ?, hot_rows = hot_rows + ?, difference = COALESCE(difference, ?)
          WHERE schema_name = ? AND table_name = ? AND run = ?`,
        [
          difference !== undefined ? 'DIFFERENT' : end === undefined ? 'EQUAL' : 'PENDING',
          end === undefined ? null : keptKey(table, end), last === undefined ? null : keptKey(table, last),
          rows, hotRows, difference ?? null, schema, name, this.run,
        ],
      );
    }
    await this.session.run('COMMIT');
  }

  /**
   * How far all tables are.
   *
   * @throws `DataDiffers` when every table was looked at and one differs.
   */
  public async progress({ now, startedAt, secondsSpent, secondsRested }: Spent): Promise<ComparisonProgress> {
    const total = await this.session.row<Record<string, number | string | null>>(
      `SELECT COUNT(*) AS tables, COALESCE(SUM(state <> 'PENDING'), 0) AS compared, COALESCE(SUM(rows_compared), 0) AS \`rows\`, COALESCE(SUM(hot_rows), 0) AS hot, COALESCE(SUM(state = 'DIFFERENT'), 0) AS differ,
              COALESCE(SUM(bytes), 0) AS bytes, COALESCE(SUM(IF(state = 'PENDING', 0, bytes)), 0) AS bytesCompared FROM ${LEDGER_SCHEMA}.comparison`,
    );
    const number = (key: string) => Number(total?.[key] ?? 0);
    const done = number('compared') === number('tables');
    const share = done ? 1 : number('bytesCompared') / Math.max(1, number('bytes'));
    publish(now, { [MetricName.COMPARISON_PERCENT]: share * 100, [MetricName.COMPARISON_DIFFERENCES]: number('differ') });
    if (done) await this.refuseDifferences();
    return {
      done, waitSeconds: 5, startedAt,
      tables: number('tables'), tablesCompared: number('compared'), rowsCompared: number('rows'),
      percent: done ? 100 : Math.min(99, Math.floor(share * 100)),
      hotRows: number('hot'),
      secondsSpent: tenths(secondsSpent), secondsRested: tenths(secondsRested),
      secondsPerGigabyte: number('bytesCompared') === 0 ? null : tenths(secondsSpent / (number('bytesCompared') / 1e9)),
    };
  }

  private async refuseDifferences(): Promise<void> {
    const different = await this.session.rows<{ name: string; difference: string }>(
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
}

/** What a comparison has taken so far. */
interface Spent {
  readonly now: string;
  readonly startedAt: string;
  /** All invocations together. */
  readonly secondsSpent: number;
  /** Of them, with rests that Blue was given. */
  readonly secondsRested: number;
}

/** How many rows of a table fit into so many bytes, as the statistics estimate it; at least 50. */
function rowsIn(room: number, bytes: number, rows: number): number {
  return Math.max(50, Math.floor(room / Math.max(1, bytes / Math.max(1, rows))));
}

/** The chunks of each table together: the last of them, and the first difference. */
function byTable(settled: readonly SettledChunk[]): SettledChunk[] {
  const tables = new Map<string, SettledChunk>();
  for (const { chunk, outcome: { rows, hotRows, difference } } of settled) {
    const key = tableKey(chunk.table.schema, chunk.table.name);
    const before = tables.get(key)?.outcome ?? { rows: 0, hotRows: 0 };
    tables.set(key, { chunk, outcome: { rows: before.rows + rows, hotRows: before.hotRows + hotRows, difference: before.difference ?? difference } });
  }
  return [...tables.values()];
}

function tenths(seconds: number): number {
  return Math.round(seconds * 10) / 10;
}
