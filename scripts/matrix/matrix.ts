import { type Connection } from 'mysql2/promise';
import { classifyColumn } from '../../lambda/compatibility/classify-column';
import { type Verdict } from '../../lambda/compatibility/verdict';
import { binlogEnd, cloneServer, createCertificates, findMysql, MysqlServer, ProcessScope, startReplication, versionNumbers } from '../../rehearsal/mysql';
import { type Definition, definition, meaning, withoutZeros } from './definitions';
import { type Shape } from './shapes';
import { Tables } from './tables';

/** What a real replica did with the rows of one pair under one setting. */
export type Observation = 'right' | 'different' | 'stops';

/** One pair under one setting, predicted and observed. */
export interface Outcome {
  readonly from: string;
  readonly to: string;
  readonly conversions: string;
  readonly predicted: Verdict;
  readonly observed: Observation;
  /** Under the setting a NEEDS_CONVERSION asks for. */
  readonly observedWithSetting?: Observation;
  /** Predicted to be right, and was not; or said to depend on the data, and the query that decides does not find a value that arrived as another. */
  readonly dangerous: boolean;
  /** Not written, because the pair stopped under the setting that permits most, and is predicted to stop under this one as well. */
  readonly assumed?: boolean;
  /** The first value that differs, Blue's and Green's, as far as it is short. */
  readonly example?: string;
}

/** What to run. */
export interface MatrixOptions {
  /** Ordered pairs of definitions. */
  readonly pairs: ReadonlyArray<readonly [from: string, to: string]>;
  /** Values of `replica_type_conversions`; those a verdict asks for must be among them. */
  readonly settings: readonly string[];
  /** Tables that differ in more than one column. */
  readonly shapes: readonly Shape[];
  /** Told what goes on. */
  readonly log?: (line: string) => void;
}

/** The setting that permits most: what stops under it, stops under every other. */
const WIDEST = 'ALL_LOSSY,ALL_NON_LOSSY';

/** The settings of the whole matrix: all there are. */
export const SETTINGS: readonly string[] = ['', 'ALL_NON_LOSSY', 'ALL_LOSSY', WIDEST].flatMap(
  (fits) => ['', 'ALL_SIGNED', 'ALL_UNSIGNED', 'ALL_SIGNED,ALL_UNSIGNED'].map((signs) => [fits, signs].filter((words) => words !== '').join(',')),
);

const SCHEMA = 'matrix';
/** Ids of the rows of one setting; no definition has as many values. */
const IDS = 100;
const BATCH = 100;
/** So many rows of each setting are updated after they were inserted: the first ones, which are short. */
const UPDATED = 4;
const PATIENCE_SECONDS = 300;
const MOST_STOPS = 50_000;

interface Pair {
  readonly table: string;
  readonly from: Definition;
  readonly to: Definition;
}

interface Seen {
  readonly observed: Observation;
  /** Which of the definition's values arrived as others. */
  readonly wrong?: readonly number[];
  readonly example?: string;
}

/** Outcomes of the pairs of columns, and of the tables. */
export interface Outcomes {
  readonly columns: readonly Outcome[];
  readonly tables: readonly Outcome[];
}

/** Compares the classifier with a source and a replica that are started for it. */
export async function runMatrix({ pairs, settings, shapes, log = () => undefined }: MatrixOptions): Promise<Outcomes> {
  const distribution = await findMysql();
  const definitions = new Map([...new Set(pairs.flat())].filter((sql) => isKnownTo(distribution.version, sql)).map((sql) => [sql, definition(sql)]));
  const known = pairs.flatMap(([from, to], index) => {
    const [blue, green] = [definitions.get(from), definitions.get(to)];
    return blue === undefined || green === undefined ? [] : [{ table: `t${index}`, from: blue, to: green }];
  });
  const [certificates, scope] = await Promise.all([createCertificates(), ProcessScope.open('matrix')]);
  try {
    const blue = await MysqlServer.start({ distribution, certificates, scope, name: 'blue', parameters: { ...FAST, binlog_row_image: 'FULL', binlog_row_metadata: 'MINIMAL' } });
    // one applier, so that exactly the transaction that failed is left out.
    const parameters = { ...FAST, binlog_format: 'OFF', replica_parallel_workers: 0, replica_preserve_commit_order: 'OFF', log_error_verbosity: 1 };
    const cloned = await cloneServer(blue, { scope, name: 'green', parameters });
    const matrix = new Matrix(blue, cloned.server, known, [...definitions.values()], new Tables(SCHEMA, shapes, settings), log);
    log(`${distribution.version}: ${definitions.size} definitions, ${known.length} pairs, ${shapes.length} tables, ${settings.length} settings`);
    await matrix.createTables();
    await startReplication(cloned.server, blue, cloned);
    for (const [conversions, index] of inTurn(settings)) await matrix.replicate(conversions, index);
    return await matrix.outcomes(settings);
  } finally {
    await scope.close();
  }
}

/** Older servers have no VECTOR: pairs with it are left out. */
function isKnownTo(version: string, sql: string): boolean {
  return !sql.startsWith('VECTOR') || versionNumbers(version).major >= 9;
}

/** The setting that permits most first, because what stops under it need not be written again. */
function inTurn(settings: readonly string[]): (readonly [conversions: string, index: number])[] {
  const all = settings.map((conversions, index) => [conversions, index] as const);
  return [...all.filter(([conversions]) => conversions === WIDEST), ...all.filter(([conversions]) => conversions !== WIDEST)];
}

/** A table is a few pages here: in files of their own, thousands of tables take minutes. */
const FAST = { innodb_file_per_table: 'OFF', innodb_flush_log_at_trx_commit: 0, innodb_buffer_pool_size: '256M', max_allowed_packet: '64M' } as const;

class Matrix {
  private readonly asked = new Map<string, Promise<boolean>>();
  /** The tables whose rows did not arrive under the setting that permits most. */
  private readonly stopped = new Set<string>();

  public constructor(
    private readonly blue: MysqlServer, private readonly green: MysqlServer, private readonly pairs: readonly Pair[],
    private readonly definitions: readonly Definition[], private readonly tables: Tables, private readonly log: (line: string) => void,
  ) {}

  /** A table for each pair on both servers, each with its own definition, and on Blue one with the values of each definition. */
  public async createTables(): Promise<void> {
    const create = (table: string, { sql }: Definition) => `CREATE TABLE ${table} (id INT NOT NULL PRIMARY KEY, c ${sql}, tail INT NOT NULL)`;
    const values = this.definitions.flatMap((each, index) => [
      create(`v${index}`, each), `INSERT INTO v${index} VALUES ${each.values.map((value, id) => `(${id}, ${value}, ${id + 1000})`).join(', ')}`,
    ]);
    await Promise.all([
      inSchema(this.blue, async (connection) => runAll(connection, [...values, ...this.pairs.map(({ table, from }) => create(table, from)), ...this.tables.creation('blue')])),
      inSchema(this.green, async (connection) => runAll(connection, [...this.pairs.map(({ table, to }) => create(table, to)), ...this.tables.creation('green')])),
    ]);
    this.log('tables created');
  }

  /** Writes the values of every pair in a transaction of its own; one that stops replication is left out, and replication goes on. */
  public async replicate(conversions: string, index: number): Promise<void> {
    await this.green.query('SET GLOBAL replica_type_conversions = ?', [conversions]);
    const base = index * IDS;
    const pairs = this.pairs.filter((pair) => !this.isAssumed(pair, conversions));
    await this.blue.withConnection(async (connection) => {
      await connection.query(`USE ${SCHEMA}`);
      await runAll(connection, [...pairs.flatMap(({ table, from }) => [
        'START TRANSACTION', `INSERT INTO ${table} SELECT id + ${base}, c, tail FROM v${this.definitions.indexOf(from)}`,
        `UPDATE ${table} SET tail = -tail WHERE id BETWEEN ${base} AND ${base + UPDATED - 1}`, 'COMMIT',
      ]), ...this.tables.writes(index)]);
    }, SESSION);
    const stops = await this.catchUp();
    if (conversions === WIDEST) await this.rememberStopped();
    this.log(`'${conversions}': ${pairs.length} pairs written, replication stopped ${stops} times`);
  }

  private isAssumed({ table, from, to }: Pair, conversions: string): boolean {
    return conversions !== WIDEST && this.stopped.has(table) && classifyColumn(from.column, to.column, conversions).verdict === 'STOPS';
  }

  private async rememberStopped(): Promise<void> {
    for (let start = 0; start < this.pairs.length; start += BATCH) {
      const looks = this.pairs.slice(start, start + BATCH).map(({ table }) => `SELECT '${table}' AS name WHERE NOT EXISTS (SELECT 1 FROM ${SCHEMA}.${table})`);
      const rows = await this.green.query(looks.join(' UNION ALL '));
      for (const { name } of rows) this.stopped.add(String(name));
    }
  }

  private async catchUp(): Promise<number> {
    const end = await binlogEnd(this.blue);
    return this.green.withConnection(async (connection) => {
      for (let stops = 0; ; stops += 1) {
        const [rows] = await connection.query('SELECT SOURCE_POS_WAIT(?, ?, ?) AS events', [end.file, end.position, PATIENCE_SECONDS]);
        const events = (rows as { events: number | null }[])[0]?.events ?? null;
        if (events !== null && events >= 0) return stops;
        const [[replica] = []] = await connection.query('SHOW REPLICA STATUS') as unknown as [Record<string, unknown>[]];
        if (events !== null || Number(replica?.Last_SQL_Errno) === 0 || stops > MOST_STOPS) {
          throw new Error(`the replica does not go on after ${stops} stops: ${String(replica?.Last_SQL_Error)} ${String(replica?.Last_IO_Error)}`);
        }
        await connection.query('SET GLOBAL sql_replica_skip_counter = 1');
        await connection.query('START REPLICA SQL_THREAD');
      }
    });
  }

  public async outcomes(settings: readonly string[]): Promise<Outcomes> {
    const seen = await this.observe(settings.length);
    return this.blue.withConnection(async (blue) => ({
      columns: await this.judged(blue, settings, seen),
      tables: await this.green.withConnection((green) => this.tables.outcomes(blue, green), SESSION),
    }), SESSION);
  }

  private async judged(blue: Connection, settings: readonly string[], seen: readonly (readonly Seen[])[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const [pair, known] of this.pairs.entries()) {
      const { from, to } = known;
      for (const [index, conversions] of settings.entries()) {
        const predicted = classifyColumn(from.column, to.column, conversions);
        const { observed, example, wrong = [] } = seen[pair]?.[index] ?? { observed: 'stops' };
        const asked = predicted.setting === undefined ? undefined : seen[pair]?.[settings.indexOf(predicted.setting)];
        outcomes.push({
          from: from.sql, to: to.sql, conversions, predicted, observed,
          dangerous: await this.isDangerous(blue, predicted, from, { observed, wrong }, asked),
          ...asked && { observedWithSetting: asked.observed }, ...this.isAssumed(known, conversions) && { assumed: true },
          ...example !== undefined && { example },
        });
      }
    }
    return outcomes;
  }

  private async isDangerous(
    blue: Connection, { verdict, query }: Verdict, from: Definition, { observed, wrong = [] }: Seen, asked: Seen | undefined,
  ): Promise<boolean> {
    switch (verdict) {
      case 'SAFE': return observed !== 'right';
      case 'NEEDS_CONVERSION': return asked?.observed !== 'right';
      case 'DEPENDS_ON_DATA': return query !== undefined && !(await Promise.all(wrong.map((id) => this.finds(blue, query, from, id)))).every(Boolean);
      case 'STOPS':
      case 'CORRUPTS': return false;
    }
  }

  /** Whether the query of a verdict finds one of the definition's values. */
  private async finds(blue: Connection, query: string, from: Definition, id: number): Promise<boolean> {
    const one = `(SELECT c FROM ${SCHEMA}.v${this.definitions.indexOf(from)} WHERE id = ${id}) one`;
    const sql = query.replaceAll('{table}', one).replaceAll('{column}', 'c');
    const known = this.asked.get(sql) ?? blue.query(sql).then(([rows]) => Object.values((rows as object[])[0] ?? {}).some((value) => Number(value) === 1));
    this.asked.set(sql, known);
    return known;
  }

  /** What became of the values, by pair and setting. */
  private async observe(settings: number): Promise<Seen[][]> {
    return this.blue.withConnection(async (blue) => this.green.withConnection(async (green) => {
      const expected = new Map<string, Value[]>();
      const found: Seen[][] = [];
      for (const { table, from, to } of this.pairs) {
        const index = this.definitions.indexOf(from);
        const wanted = meaning(from.type, to.type);
        const key = `${index} ${wanted}`;
        const before = expected.get(key) ?? await valuesIn(blue, `v${index}`, wanted);
        expected.set(key, before);
        const after = await valuesIn(green, table, meaning(to.type, from.type));
        found.push(Array.from({ length: settings }, (_, setting) => compare(before, after.filter(({ id }) => Math.floor(id / IDS) === setting), from, to)));
      }
      return found;
    }, SESSION), SESSION);
  }
}

interface Value {
  readonly id: number;
  readonly value: string | null;
  readonly tail: number;
}

function compare(before: readonly Value[], after: readonly Value[], from: Definition, to: Definition): Seen {
  // a transaction arrives as a whole or not at all.
  if (after.length === 0) return { observed: 'stops' };
  const arrived = new Map(after.map((row) => [row.id % IDS, row]));
  const wrong = before.filter(({ id, value, tail }) => {
    const row = arrived.get(id);
    return row === undefined || row.tail !== (id < UPDATED ? -tail : tail) || withoutZeros(row.value, to.type) !== withoutZeros(value, from.type);
  });
  const [first] = wrong;
  if (first === undefined) return { observed: 'right' };
  return { observed: 'different', wrong: wrong.map(({ id }) => id), example: `${String(first.value).slice(0, 60)} became ${String(arrived.get(first.id)?.value).slice(0, 60)}` };
}

async function valuesIn(connection: Connection, table: string, expression: string): Promise<Value[]> {
  const [rows] = await connection.query(`SELECT id, ${expression} AS value, tail FROM ${SCHEMA}.${table}`);
  return (rows as Value[]).map(({ id, value, tail }) => ({ id, value: value === null ? null : String(value), tail }));
}

const SESSION = { charset: 'utf8mb4', multipleStatements: true } as const;

async function inSchema(server: MysqlServer, work: (connection: Connection) => Promise<void>): Promise<void> {
  await server.withConnection(async (connection) => {
    await connection.query(`SET SESSION sql_log_bin = 0; SET SESSION sql_mode = 'STRICT_TRANS_TABLES'; CREATE DATABASE ${SCHEMA}; USE ${SCHEMA}`);
    await work(connection);
  }, SESSION);
}

async function runAll(connection: Connection, statements: readonly string[]): Promise<void> {
  for (let start = 0; start < statements.length; start += BATCH) await connection.query(statements.slice(start, start + BATCH).join(';\n'));
}
