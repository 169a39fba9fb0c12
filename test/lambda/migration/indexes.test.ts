import { deferrableIndexes } from '../../../lambda/migration/indexes';
import { WORKER_SESSION } from '../../../lambda/migration/worker-procedure';
import { ErrorName, type PipelineSettings } from '../../../lib/private/contract';
import { eventually } from '../../rehearsal/mysql/eventually';
import { openPair, type Pair } from '../helpers/pair';
import { converting, DEFERRED, finish, ledgerSteps, look, migrate, plan } from './migrate';

let pair: Pair;

beforeAll(async () => { pair = await openPair(); });
afterAll(() => pair?.close());

/** What may be dropped of a table with this definition. */
async function deferrable(definition: string, referenced: readonly string[] = []): Promise<string[]> {
  await pair.run('blue', 'CREATE DATABASE IF NOT EXISTS scratch', 'DROP TABLE IF EXISTS scratch.t', `CREATE TABLE scratch.t ${definition}`);
  const [row] = await pair.run<{ 'Create Table': string }>('blue', `SET sql_mode = ''`, 'SHOW CREATE TABLE scratch.t');
  return deferrableIndexes(row?.['Create Table'] ?? '', { referenced: new Set(referenced) }).map(({ name }) => name);
}

describe('an index is dropped for the time of the copy', () => {
  test.each([
    ['of one column', '(id INT PRIMARY KEY, a INT, KEY a (a))', ['a']],
    ['of several, descending and in part', '(id INT PRIMARY KEY, a VARCHAR(99), b TEXT, KEY ab (a DESC, b(9)))', ['ab']],
    ['of a table whose key is unique and never NULL', '(id INT NOT NULL UNIQUE, a INT, KEY a (a))', ['a']],
    ['with a difficult name and comment', "(id INT PRIMARY KEY, a INT, KEY `k``(,` (a) COMMENT 'it''s, (x) `y`')", ['k`(,']],
    ['that is invisible', '(id INT PRIMARY KEY, a INT, KEY a (a) INVISIBLE)', ['a']],
    ['of a stored generated column', '(id INT PRIMARY KEY, a INT, s INT AS (a + 1) STORED, KEY s (s))', ['s']],
    ['where only a comment speaks of AUTO_INCREMENT', "(id INT PRIMARY KEY, a INT COMMENT ' AUTO_INCREMENT', KEY a (a))", ['a']],
  ])('%s', async (_, definition, names) => {
    expect(await deferrable(definition)).toEqual(names);
  });
});

describe('an index stays', () => {
  test.each([
    ['of a table without a key: the applier would scan it', '(id INT, a INT, KEY a (a))'],
    ['of a table whose unique key may be NULL', '(id INT UNIQUE, a INT, KEY a (a))'],
    ['of a table whose unique key is only the beginning of a column', '(id VARCHAR(9) NOT NULL, a INT, UNIQUE KEY id (id(3)), KEY a (a))'],
    ['of a table whose unique key may be NULL, whatever a comment says', "(id INT COMMENT ' NOT NULL', a INT, UNIQUE KEY id (id), KEY a (a))"],
    ['that is unique', '(id INT PRIMARY KEY, a INT, UNIQUE KEY a (a))'],
    ['of full text', '(id INT PRIMARY KEY, a TEXT, FULLTEXT KEY a (a))'],
    ['of places', '(id INT PRIMARY KEY, p POINT NOT NULL SRID 4326, SPATIAL KEY p (p))'],
    ['that is functional', '(id INT PRIMARY KEY, a INT, KEY a ((a + 1)))'],
    ['of a virtual column', '(id INT PRIMARY KEY, a INT, v INT AS (a + 1) VIRTUAL, KEY v (v))'],
    ['that AUTO_INCREMENT needs', '(id INT PRIMARY KEY, n INT NOT NULL AUTO_INCREMENT, KEY n (n))'],
    ['that a foreign key needs', '(id INT PRIMARY KEY, a INT, KEY a (a), CONSTRAINT `f (` FOREIGN KEY (a) REFERENCES t (id))'],
  ])('%s', async (_, definition) => {
    expect(await deferrable(definition)).toEqual([]);
  });

  test('that the foreign key of another table refers to', async () => {
    expect(await deferrable('(id INT PRIMARY KEY, a INT, b INT, KEY a (a, b), KEY b (b))', ['a'])).toEqual(['b']);
  });
});

const TABLE = '(id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20), w VARCHAR(20), KEY v (v), KEY w (w DESC, v(5)))';

/** A database of its own for a test, with a table `t`; Green has no ledger. */
async function database(name: string, ...statements: readonly string[]): Promise<PipelineSettings> {
  await pair.run('blue', `CREATE DATABASE ${name} CHARACTER SET utf8mb3`, `USE ${name}`, `CREATE TABLE t ${TABLE}`, `INSERT INTO t (v, w) VALUES ('あ', 'い'), ('う', NULL)`, ...statements);
  await pair.caughtUp();
  await pair.run('green', 'DROP DATABASE IF EXISTS blue_green_pipeline');
  return converting([name], {}, DEFERRED);
}

async function indexesOf(name: string, which: 'blue' | 'green' = 'green'): Promise<string[]> {
  const [row] = await pair.run<{ 'Create Table': string }>(which, `SHOW CREATE TABLE ${name}`);
  return (row?.['Create Table'] ?? '').split('\n').map((line) => line.trim().replace(/,$/, '')).filter((line) => line.includes('KEY '));
}

function steps(): Promise<{ kind: string; state: string; attempts: number; message: string | null }[]> {
  return ledgerSteps(pair, 'kind, state, attempts, message');
}

/** Lets one step run and then no more. */
async function runOne(): Promise<void> {
  await pair.run('green', 'UPDATE blue_green_pipeline.plan SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR');
  const end = `CREATE TRIGGER blue_green_pipeline.one AFTER UPDATE ON blue_green_pipeline.step FOR EACH ROW UPDATE blue_green_pipeline.plan SET lease_until = UTC_TIMESTAMP(6)`;
  await pair.run('green', end, WORKER_SESSION, 'CALL blue_green_pipeline.worker(1)', 'DROP TRIGGER blue_green_pipeline.one');
}

test('the histograms of converted columns are made again, with as many buckets', async () => {
  const settings = await database('spread', 'CREATE TABLE h (id INT PRIMARY KEY, v VARCHAR(20), n INT)', `INSERT INTO h VALUES (1, 'あ', 1), (2, 'い', 2)`);
  await pair.run('green', 'ANALYZE TABLE spread.h UPDATE HISTOGRAM ON v WITH 7 BUCKETS', 'ANALYZE TABLE spread.h UPDATE HISTOGRAM ON n WITH 5 BUCKETS');
  const histograms = `SELECT COLUMN_NAME AS name, HISTOGRAM->>'$."number-of-buckets-specified"' AS buckets FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME = 'spread' ORDER BY 1`;
  await plan(pair, settings);
  await runOne();
  await plan(pair, settings);
  await migrate(pair, settings);
  expect(await pair.run('green', histograms)).toEqual([{ name: 'n', buckets: '5' }, { name: 'v', buckets: '7' }]);
  expect((await steps()).map(({ kind, state }) => `${kind} ${state}`)).toContain('HISTOGRAMS DONE');
});

describe('dropped indexes', () => {
  test('are built again when the table is copied', async () => {
    const settings = await database('plain');
    const before = await indexesOf('plain.t');
    await migrate(pair, settings);
    expect((await indexesOf('plain.t')).sort()).toEqual(before.sort());
    expect(await steps()).toMatchObject([{ kind: 'TABLE', state: 'DONE' }, { kind: 'INDEXES', state: 'DONE', message: null }, { kind: 'DATABASE', state: 'DONE' }]);
  });

  test('may be those that the statistics do not know yet', async () => {
    await database('stale');
    await pair.run(
      'green', `UPDATE mysql.innodb_table_stats SET sum_of_other_index_sizes = 0 WHERE database_name = 'stale'`, 'FLUSH TABLES', `DELETE FROM mysql.table_stats WHERE schema_name = 'stale'`,
    ).catch(() => pair.run('green', 'FLUSH TABLES'));
    const [row] = await pair.run<{ bytes: number }>('green', 'SET SESSION information_schema_stats_expiry = 0', `SELECT INDEX_LENGTH AS bytes FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'stale'`);
    await plan(pair, converting(['stale'], {}, { leastBytes: 1, roomBytes: 2 ** 40 }));
    expect([row?.bytes, (await steps()).map(({ kind }) => kind)]).toEqual([0, ['TABLE', 'INDEXES', 'DATABASE']]);
  });

  test('are known to the ledger while they are missing, also to a new plan', async () => {
    const settings = await database('known');
    const before = await indexesOf('known.t');
    await plan(pair, settings);
    await runOne();
    expect(await indexesOf('known.t')).toEqual(['PRIMARY KEY (`id`)']);
    await plan(pair, settings);
    await plan(pair, settings, 'arn:another 0');
    expect(await steps()).toMatchObject([{ kind: 'TABLE', state: 'DONE' }, { kind: 'INDEXES', state: 'PENDING' }, { kind: 'DATABASE', state: 'PENDING' }]);
    await migrate(pair, settings);
    expect((await indexesOf('known.t')).sort()).toEqual(before.sort());
  });

  test('that somebody has built by hand are not built twice', async () => {
    const settings = await database('by_hand');
    await plan(pair, settings);
    await runOne();
    await pair.run('green', 'ALTER TABLE by_hand.t ADD KEY v (v)');
    await migrate(pair, settings);
    expect((await indexesOf('by_hand.t')).sort()).toEqual((await indexesOf('by_hand.t', 'blue')).sort());
    expect((await steps())[1]).toMatchObject({ kind: 'INDEXES', state: 'DONE', attempts: 1 });
  });

  test('of a table that Blue has dropped meanwhile are not missed', async () => {
    const settings = await database('dropped');
    await plan(pair, settings);
    await runOne();
    await pair.run('blue', 'DROP TABLE dropped.t');
    await pair.caughtUp();
    await migrate(pair, settings);
    expect((await steps())[1]).toMatchObject({ kind: 'INDEXES', state: 'DONE', attempts: 0 });
  });

  test('are not lost when the statement that drops them fails', async () => {
    await database('refused', 'CREATE TABLE u (id INT PRIMARY KEY, v VARCHAR(20) COLLATE utf8mb3_bin UNIQUE, w INT, KEY w (w))', `INSERT INTO u VALUES (1, 'ss', 1)`);
    const strict = converting(['refused'], { utf8mb3_bin: 'utf8mb4_0900_ai_ci' }, DEFERRED);
    await plan(pair, strict);
    // the plan's proof could not know it.
    await pair.run('blue', `INSERT INTO refused.u VALUES (2, 'ß', 2)`);
    await pair.caughtUp();
    await expect(finish(pair, strict)).rejects.toMatchObject({ name: ErrorName.MIGRATION_FAILED });
    expect(await indexesOf('refused.u')).toEqual(await indexesOf('refused.u', 'blue'));
    await pair.run('blue', 'DELETE FROM refused.u WHERE id = 2');
    await pair.caughtUp();
    await migrate(pair, strict);
    expect((await indexesOf('refused.u')).sort()).toEqual((await indexesOf('refused.u', 'blue')).sort());
  });

  test('are built by copying the table where there is no room to sort', async () => {
    const settings = await database('no_room');
    await plan(pair, settings);
    await runOne();
    // a full disk cannot be had in a test; its error can.
    const full = `CREATE PROCEDURE blue_green_pipeline.full() SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1878, MESSAGE_TEXT = 'Temporary file write failure.'`;
    await pair.run('green', full, `UPDATE blue_green_pipeline.step SET statement = 'CALL blue_green_pipeline.full()' WHERE kind = 'INDEXES'`);
    await finish(pair, settings);
    expect((await indexesOf('no_room.t')).sort()).toEqual((await indexesOf('no_room.t', 'blue')).sort());
    expect((await steps())[1]).toMatchObject({ state: 'DONE', message: 'done in the slower way after error 1878: Temporary file write failure.' });
  });

  test('that cannot be built either way are reported with both errors', async () => {
    const settings = await database('neither');
    await plan(pair, settings);
    await runOne();
    const broken = (name: string, errno: number, text: string) => `CREATE PROCEDURE blue_green_pipeline.${name}() SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ${errno}, MESSAGE_TEXT = '${text}'`;
    await pair.run(
      'green', broken('first', 1878, 'Temporary file write failure.'), broken('second', 1062, 'Duplicate.'),
      `UPDATE blue_green_pipeline.step SET statement = 'CALL blue_green_pipeline.first()', fallback = 'CALL blue_green_pipeline.second()' WHERE kind = 'INDEXES'`,
    );
    await expect(finish(pair, settings)).rejects.toThrow('error 1062 (HY000): Duplicate. (done in the slower way after error 1878: Temporary file write failure.)');
  });

  test('are built once, though the worker dies before it can say so', async () => {
    const settings = await database('in_between');
    await plan(pair, settings);
    await runOne();
    const [row] = await pair.run<{ statement: string }>('green', `SELECT statement FROM blue_green_pipeline.step WHERE kind = 'INDEXES'`);
    await pair.run('green', row?.statement ?? '', `UPDATE blue_green_pipeline.step SET state = 'RUNNING', worker = 1, attempts = 1 WHERE kind = 'INDEXES'`);
    await look(pair, settings);
    await eventually('everything is done', async () => (await look(pair, settings)).done);
    expect((await steps())[1]).toMatchObject({ state: 'DONE', attempts: 1 });
  });
});
