import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection } from 'mysql2/promise';
import { metadataLocks } from '../../../lambda/migration/metadata-locks';
import { WORKER_SESSION } from '../../../lambda/migration/worker-procedure';
import { Session } from '../../../lambda/mysql/session';
import { type MigrationProgress } from '../../../lambda/shared/state';
import { handler as monitor } from '../../../lambda/tasks/monitor';
import { ErrorName, type PipelineSettings } from '../../../lib/private/contract';
import { resetReplication } from '../../../rehearsal/mysql';
import { eventually } from '../../rehearsal/mysql/eventually';
import { MASTER, openPair, type Pair } from '../helpers/pair';
import { NOW } from '../shared/event';
import { converting, DEFERRED, finish, ledgerSteps, look, migrate, NOT_DEFERRED, plan } from './migrate';

let pair: Pair;

beforeAll(async () => { pair = await openPair(); });
afterAll(() => pair?.close());

/** A database of its own for a test, made on Blue; Green has no ledger. */
async function database(name: string, ...tables: readonly string[]): Promise<PipelineSettings> {
  await pair.run('blue', `CREATE DATABASE ${name} CHARACTER SET utf8mb3`, `USE ${name}`, ...tables);
  await pair.caughtUp();
  await pair.run('green', 'DROP DATABASE IF EXISTS blue_green_pipeline');
  return converting([name]);
}

function simple(name: string): string {
  return `CREATE TABLE ${name} (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20), KEY v (v))`;
}

/** Lets an ALTER of a table on Green copy all rows, but not end, until the function it returns is called. */
async function hold(table: string): Promise<() => Promise<void>> {
  const connection = await pair.green.connect();
  await connection.query('START TRANSACTION');
  await connection.query(`SELECT COUNT(*) FROM ${table}`);
  return () => connection.end();
}

/** The connection whose ALTER of a table waits for its end. */
async function waitingFor(table: string): Promise<number | undefined> {
  const [row] = await pair.run<{ id: number }>('green', `SELECT ID AS id FROM performance_schema.processlist WHERE STATE = 'Waiting for table metadata lock' AND INFO LIKE '%ALTER TABLE%${table}%'`);
  return row?.id;
}

async function waiting(table: string): Promise<number> {
  let id: number | undefined;
  await eventually(`an ALTER of ${table} waits for its end`, async () => {
    id = await waitingFor(table);
    return id !== undefined;
  });
  return id ?? 0;
}

/** Ends a connection or its statement, and waits: a lock that is released at once could be had before the signal is heard. */
async function kill(procedure: 'rds_kill' | 'rds_kill_query', table: string): Promise<void> {
  await pair.run('green', `CALL mysql.${procedure}(${await waiting(table)})`);
  await eventually(`no ALTER of ${table} waits any more`, async () => (await waitingFor(table)) === undefined);
}

async function stateOf(object: string): Promise<string | undefined> {
  return (await ledgerSteps(pair)).find((step) => step.object === object)?.state;
}

describe('workers', () => {
  test('convert everything while Blue is written to', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `t${index}`);
    const settings = await database('busy', ...names.map(simple));
    let writing = true;
    let written = 0;
    const writer = pair.blue.withConnection(async (connection) => {
      for (; writing; written += 1) {
        const name = names[written % names.length];
        await connection.query(`INSERT INTO busy.${name} (v) VALUES ('あ${written}')`);
        await connection.query(`UPDATE busy.${name} SET v = CONCAT(v, 'い') ORDER BY id DESC LIMIT 1`);
        await sleep(2);
      }
    }, { charset: 'utf8mb4' });
    await migrate(pair, settings, { workers: 3 }).finally(() => { writing = false; });
    await writer;
    await pair.caughtUp();
    const all = names.map((name) => `SELECT '${name}' AS name, id, v FROM busy.${name}`).join(' UNION ALL ');
    expect(await pair.run('green', all)).toEqual(await pair.run('blue', all));
  });

  test('carry on without a client', async () => {
    const settings = await database('cut', simple('held'), simple('next1'), simple('next2'));
    const release = await hold('cut.held');
    await plan(pair, settings);
    await look(pair, settings, { workers: 1 });
    await release();
    await eventually('every table is done without another look', async () => (
      (await ledgerSteps(pair)).filter(({ kind }) => kind === 'TABLE').every(({ state }) => state === 'DONE')
    ));
    expect((await ledgerSteps(pair)).map(({ attempts }) => attempts)).toEqual([1, 1, 1, 0]);
  });

  test('show what they do in the list of processes', async () => {
    const settings = await database('shown', simple('held'));
    const release = await hold('shown.held');
    await plan(pair, settings);
    await look(pair, settings);
    await waiting('held');
    const rows = await pair.run<{ info: string }>('green', `SELECT INFO AS info FROM performance_schema.processlist WHERE INFO LIKE '/* blue_green_pipeline */ ALTER TABLE%'`);
    const { running } = await look(pair, settings);
    await release();
    expect(rows).toHaveLength(1);
    expect(running).toEqual(['shown.held (copied; waits for a metadata lock to end)']);
  });

  test('never convert two tables of a unit at once', async () => {
    const settings = await database('units', simple('alone'), simple('parent'), 'CREATE TABLE child (id INT PRIMARY KEY, v VARCHAR(9), FOREIGN KEY (id) REFERENCES parent (id))', simple('other'));
    // information_schema names the tables in this order, so that the child is claimed first.
    const release = await hold('units.child');
    await plan(pair, settings);
    await look(pair, settings, { workers: 4 });
    await waiting('child');
    await eventually('the tables of other units are done', async () => await stateOf('alone') === 'DONE' && await stateOf('other') === 'DONE');
    await look(pair, settings, { workers: 4 });
    const states = [await stateOf('child'), await stateOf('parent')];
    await release();
    await finish(pair, settings);
    expect(states).toEqual(['RUNNING', 'PENDING']);
  });

  test('never convert two tables of a unit at once, even when the plan was made anew in between', async () => {
    const settings = await database('replanned', simple('alone'), 'CREATE TABLE child (id INT PRIMARY KEY, v VARCHAR(9))', simple('parent'), 'ALTER TABLE child ADD FOREIGN KEY (id) REFERENCES parent (id)');
    const release = await hold('replanned.child');
    await plan(pair, settings);
    await look(pair, settings, { workers: 2 });
    await waiting('child');
    await eventually('the other unit is done', async () => await stateOf('alone') === 'DONE');
    await plan(pair, settings);
    await look(pair, settings, { workers: 4 });
    const states = [await stateOf('child'), await stateOf('parent')];
    await release();
    await finish(pair, settings);
    expect(states).toEqual(['RUNNING', 'PENDING']);
  });

  test('claim 200 steps, eight at once, without a deadlock and each once', async () => {
    const settings = await database('tiny', simple('t'));
    await plan(pair, settings);
    await pair.run(
      'green', 'DELETE FROM blue_green_pipeline.step', 'SET SESSION cte_max_recursion_depth = 1000',
      `INSERT INTO blue_green_pipeline.step (kind, unit, unit_bytes, schema_name, object_name, bytes, runner, statement, script, indexes)
       WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 200)
       SELECT 'TABLE', n, n, 'nowhere', CONCAT('t', n), n, 'WORKER', CONCAT('DO SLEEP(0.01), ', n), '[]', '[]' FROM n`,
    );
    const deadlocks = async () => (await pair.run(`green`, `SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'`))[0];
    const before = await deadlocks();
    await finish(pair, settings, { workers: 8 });
    const [row] = await pair.run('green', 'SELECT COUNT(*) AS steps, SUM(attempts) AS attempts, COUNT(DISTINCT worker) > 1 AS several FROM blue_green_pipeline.step');
    expect([row, await deadlocks()]).toEqual([{ steps: 200, attempts: '200', several: 1 }, before]);
  });

  test('begin with tables that no stalled transaction has written', async () => {
    const settings = await database('stalled', simple('large'), simple('small'));
    await plan(pair, settings);
    await pair.run('green', `UPDATE blue_green_pipeline.step SET unit_bytes = 1000000000 WHERE object_name = 'large'`);
    const connection = await pair.green.connect();
    await connection.query('START TRANSACTION');
    await connection.query(`INSERT INTO stalled.large (v) VALUES ('a')`);
    const first = await look(pair, settings, { workers: 1 });
    await eventually('the other table is done', async () => await stateOf('small') === 'DONE' && await stateOf('large') === 'RUNNING');
    let waits: MigrationProgress = first;
    await eventually('the worker waits to begin', async () => {
      waits = await look(pair, settings, { workers: 1 });
      return waits.waiting === 1;
    });
    await connection.query('ROLLBACK');
    await connection.end();
    await finish(pair, settings);
    expect([waits.workers, waits.running, waits.secondsLeft]).toEqual([0, ['stalled.large (waits for a metadata lock to begin)'], null]);
  });

  test('start nothing once their lease has expired', async () => {
    const settings = await database('lease', simple('t'));
    await plan(pair, settings);
    await pair.run('green', 'UPDATE blue_green_pipeline.plan SET lease_until = UTC_TIMESTAMP(6)', WORKER_SESSION, 'CALL blue_green_pipeline.worker(1)');
    expect(await stateOf('t')).toBe('PENDING');
  });

  test('keep what has been changed on Blue since the plan was made, and pass over what has been dropped', async () => {
    const settings = await database('changed', simple('t'), simple('u'));
    await plan(pair, settings);
    await pair.run('blue', `ALTER TABLE changed.t MODIFY v VARCHAR(50) NOT NULL DEFAULT 'new' COMMENT 'new'`, 'DROP TABLE changed.u');
    await pair.caughtUp();
    await finish(pair, settings);
    const rows = await pair.run(
      'green',
      `SELECT TABLE_NAME AS \`table\`, COLUMN_TYPE AS type, IS_NULLABLE AS nullable, COLUMN_COMMENT AS comment, COLLATION_NAME AS collation
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'changed' AND COLUMN_NAME = 'v'`,
    );
    expect(rows).toEqual([{ table: 't', type: 'varchar(50)', nullable: 'NO', comment: 'new', collation: 'utf8mb4_general_ci' }]);
    expect((await ledgerSteps(pair)).map(({ object, state }) => `${object} ${state}`)).toEqual(['t DONE', 'changed DONE']);
  });

  test('convert children of cascading foreign keys while replication stands still, which runs again afterwards', async () => {
    const settings = await database('cascading', simple('parent'), 'CREATE TABLE child (id INT PRIMARY KEY, v VARCHAR(9), FOREIGN KEY (id) REFERENCES parent (id) ON DELETE CASCADE)');
    await plan(pair, settings);
    await look(pair, settings);
    // an ALTER of the parent needs the child's metadata lock, too.
    await eventually('the parent is done', async () => await stateOf('parent') === 'DONE');
    const release = await hold('cascading.child');
    await eventually('the child is being converted', async () => {
      await look(pair, settings);
      return await stateOf('child') === 'RUNNING';
    });
    const during = await pair.run('green', 'SHOW REPLICA STATUS');
    await release();
    await finish(pair, settings);
    const afterwards = await pair.run('green', 'SHOW REPLICA STATUS');
    expect([during[0]?.Replica_SQL_Running, afterwards[0]?.Replica_SQL_Running, afterwards[0]?.Replica_IO_Running]).toEqual(['No', 'Yes', 'Yes']);
  });
});

test('the applier stands still from the first table to the last where that is chosen', async () => {
  await database('paused', simple('t'), simple('u'));
  const settings = converting(['paused'], {}, DEFERRED, 'paused');
  await plan(pair, settings);
  await look(pair, settings, { workers: 1 });
  await pair.run('blue', `INSERT INTO paused.t (v) VALUES ('あ')`);
  const [during] = await pair.run('green', 'SHOW REPLICA STATUS');
  await finish(pair, settings, { workers: 1 });
  await pair.caughtUp();
  expect([during?.Replica_SQL_Running, await pair.run('green', 'SELECT v FROM paused.t')]).toEqual(['No', [{ v: 'あ' }]]);
  expect((await ledgerSteps(pair)).map(({ kind, state }) => `${kind} ${state}`)).toEqual(['TABLE DONE', 'INDEXES DONE', 'TABLE DONE', 'INDEXES DONE', 'DATABASE DONE']);
});

describe('a replication that stands still for the migration', () => {
  const observe = () => monitor({ now: NOW, green: pair.server('green'), retentionHours: 1 });
  const expireLease = () => pair.run('green', 'UPDATE blue_green_pipeline.plan SET lease_until = UTC_TIMESTAMP(6)');

  /** How replication stands, and what the ledger says of it. */
  async function applier(): Promise<unknown[]> {
    const [status] = await pair.run('green', 'SHOW REPLICA STATUS');
    const [marks] = await pair.run('green', 'SELECT applier_paused AS paused, applier_owed AS owed FROM blue_green_pipeline.plan');
    // to connect takes its time.
    return [status?.Replica_SQL_Running, status?.Replica_IO_Running === 'No' ? 'No' : 'Yes', marks?.paused, marks?.owed];
  }

  /** A table is copied and waits for its end; another one has not begun. */
  async function underWay(name: string): Promise<{ settings: PipelineSettings; release: () => Promise<void> }> {
    await database(name, simple('t'), simple('u'));
    const settings = converting([name], {}, NOT_DEFERRED, 'paused');
    await plan(pair, settings);
    await pair.run('green', `UPDATE blue_green_pipeline.step SET unit_bytes = IF(object_name = 't', 1000, 0) WHERE kind = 'TABLE'`);
    const release = await hold(`${name}.t`);
    await look(pair, settings, { workers: 1 });
    await waiting(`${name}`);
    return { settings, release };
  }

  test('is started again by the monitor when the lease is over and no worker is at work; the next execution stops it again', async () => {
    const { settings, release } = await underWay('forsaken');
    await expireLease();
    await observe();
    const working = await applier();
    await release();
    await eventually('the worker has ended', async () => (await pair.run('green', `SELECT IS_FREE_LOCK('blue_green_pipeline.worker.1') AS free`))[0]?.free === 1);
    const ended = [await stateOf('t'), await stateOf('u'), ...await applier()];
    await observe();
    const resumed = await applier();
    await plan(pair, settings);
    await look(pair, settings, { workers: 1 });
    const again = (await pair.run('green', 'SELECT applier_owed AS owed FROM blue_green_pipeline.plan'))[0]?.owed;
    await finish(pair, settings, { workers: 1 });
    expect([working, ended, resumed, again, await applier()]).toEqual([
      ['No', 'No', 1, 1], ['DONE', 'PENDING', 'No', 'No', 1, 1], ['Yes', 'Yes', 0, 0], 1, ['Yes', 'Yes', 0, 0],
    ]);
  });

  test('is started again where a worker was killed in the middle, and where the one who began to start it was', async () => {
    const { release } = await underWay('killed_forsaken');
    await kill('rds_kill', 'killed_forsaken');
    await release();
    await expireLease();
    // as a function leaves it that dies just before it starts replication.
    await pair.run('green', 'UPDATE blue_green_pipeline.plan SET applier_paused = 0');
    await observe();
    expect(await applier()).toEqual(['Yes', 'Yes', 0, 0]);
  });

  test('stays so while the lease runs, and until nothing needs it any more', async () => {
    const { settings, release } = await underWay('needed');
    await observe();
    const needed = await applier();
    await release();
    await eventually('both tables are done', async () => await stateOf('t') === 'DONE' && await stateOf('u') === 'DONE');
    await observe();
    const afterwards = await applier();
    await finish(pair, settings, { workers: 1 });
    expect([needed, afterwards]).toEqual([['No', 'No', 1, 1], ['Yes', 'Yes', 0, 0]]);
  });

  test('stays so while somebody else stops or starts it, and where somebody else has stopped it', async () => {
    const { settings, release } = await underWay('elsewhere');
    await kill('rds_kill', 'elsewhere');
    await release();
    await expireLease();
    const busy = await pair.green.withConnection(async (connection) => {
      await connection.query(`SELECT GET_LOCK('blue_green_pipeline.applier', 0)`);
      await observe();
      return applier();
    });
    await observe();
    await pair.run('green', 'STOP REPLICA');
    await observe();
    const byHand = await applier();
    await pair.run('green', 'START REPLICA');
    await finish(pair, settings, { workers: 1 });
    expect([busy, byHand]).toEqual([['No', 'No', 1, 1], ['No', 'No', 0, 0]]);
  });
});

describe('workers that a crash has ended between two looks', () => {
  const observe = () => monitor({ now: NOW, green: pair.server('green'), retentionHours: 1 });

  test('are started again by the monitor while the lease runs', async () => {
    const settings = await database('revived', simple('t'), simple('u'));
    await plan(pair, settings);
    const release = await hold('revived.t');
    await look(pair, settings, { workers: 1 });
    await waiting('revived');
    await kill('rds_kill', 'revived');
    await release();
    await observe();
    await eventually('the workers have done it all', async () => await stateOf('t') === 'DONE' && await stateOf('u') === 'DONE');
    expect((await finish(pair, settings)).done).toBe(true);
  });

  test('stay away when the lease is over, and while nothing has been begun', async () => {
    const settings = await database('resting', simple('t'));
    await plan(pair, settings);
    await pair.run('green', 'UPDATE blue_green_pipeline.plan SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR');
    await observe();
    const unbegun = await stateOf('t');
    await pair.run('green', `UPDATE blue_green_pipeline.step SET state = 'RUNNING', worker = 1, attempts = 1`, 'UPDATE blue_green_pipeline.plan SET lease_until = UTC_TIMESTAMP(6)');
    await observe();
    expect([unbegun, await stateOf('t')]).toEqual(['PENDING', 'RUNNING']);
  });
});

describe('a session that holds a lock a worker waits for', () => {
  /** A client that reads a table in the middle of its ALTER, and stays in its transaction. */
  async function givenReader(name: string): Promise<{ settings: PipelineSettings; connection: Connection; id: number }> {
    const settings = await database(name, simple('t'));
    const connection = await pair.green.connect({ user: MASTER.user, password: MASTER.password });
    await connection.query('START TRANSACTION');
    await connection.query(`SELECT * FROM ${name}.t WHERE v = 'secret' LIMIT 7`);
    await plan(pair, settings);
    await look(pair, settings);
    await waiting(`${name}`);
    return { settings, connection, id: connection.threadId };
  }

  test('is named, with what it ran and no value of it; the copy is not lost', async () => {
    const { settings, connection, id } = await givenReader('reader');
    const { lockHolders, waiting: waits, workers } = await look(pair, settings);
    await connection.query('COMMIT');
    await connection.end();
    await finish(pair, settings);
    expect([lockHolders, waits, workers]).toEqual([
      [expect.stringMatching(new RegExp(`^session ${id} \\(admin@localhost\\) holds reader\\.t for \\d+ s; its last statement: SELECT \\* FROM \\S+ \\. \\S+ WHERE \\S+ = \\? LIMIT \\?`))], 1, 0,
    ]);
    expect((await ledgerSteps(pair))[0]).toMatchObject({ state: 'DONE', attempts: 1 });
  });

  test('is not named where the server does not watch metadata locks, which a look turns on again together with the stages of progress', async () => {
    const { settings, connection } = await givenReader('unwatched');
    const [worker] = await pair.run<{ id: number }>('green', `SELECT IS_USED_LOCK('blue_green_pipeline.worker.1') AS id`);
    await pair.run(
      'green', `UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME = 'events_stages_current'`,
      `UPDATE performance_schema.setup_instruments SET ENABLED = 'NO' WHERE NAME IN ('wait/lock/metadata/sql/mdl', 'stage/sql/copy to tmp table', 'stage/innodb/alter table (insert)')`,
    );
    const seen = await Session.use(pair.server('green'), (green) => metadataLocks(green, [worker?.id ?? 0]));
    await look(pair, settings);
    const off = await pair.run(
      'green', `SELECT NAME FROM performance_schema.setup_instruments WHERE ENABLED = 'NO' AND (NAME LIKE '%/metadata/sql/mdl' OR NAME LIKE 'stage/innodb/alter table%' OR NAME = 'stage/sql/copy to tmp table')
                 UNION SELECT NAME FROM performance_schema.setup_consumers WHERE ENABLED = 'NO' AND NAME = 'events_stages_current'`,
    );
    await connection.end();
    await finish(pair, settings);
    expect([seen, off]).toEqual([{ visible: false, waiting: [], holders: [] }, []]);
  });

  test('is waited for, however long it stays, unless something else was chosen', async () => {
    const { settings, connection } = await givenReader('waited');
    await look(pair, settings);
    await pair.run('green', 'UPDATE blue_green_pipeline.step SET blocked_since = blocked_since - INTERVAL 1 DAY');
    await look(pair, settings);
    const [rows] = await connection.query('SELECT 1 AS alive');
    await connection.end();
    await finish(pair, settings);
    expect(rows).toEqual([{ alive: 1 }]);
  });

  test('is ended after the grace time where that was chosen, and not before', async () => {
    const { settings: given, connection } = await givenReader('ended');
    const settings: PipelineSettings = { ...given, lockHolders: 'end' };
    connection.on('error', () => undefined);
    await look(pair, settings);
    const { lockHolders: before, waitSeconds } = await look(pair, settings, { seconds: 7200 });
    await pair.run('green', 'UPDATE blue_green_pipeline.step SET blocked_since = blocked_since - INTERVAL 1 MINUTE');
    const { lockHolders } = await look(pair, settings);
    await finish(pair, settings);
    connection.destroy();
    expect([before, lockHolders]).toEqual([[expect.stringMatching(/LIMIT \?$/)], [expect.stringMatching(/LIMIT \? \(ended\)$/)]]);
    expect(waitSeconds).toBeLessThanOrEqual(60);
    expect((await ledgerSteps(pair))[0]).toMatchObject({ state: 'DONE', attempts: 1 });
  });
});

describe('a step whose worker is gone', () => {
  test('is repeated where the table is unchanged: killed in the middle of its ALTER', async () => {
    const settings = await database('killed', simple('t'));
    const release = await hold('killed.t');
    await plan(pair, settings);
    await look(pair, settings);
    await kill('rds_kill', 'killed');
    await release();
    await finish(pair, settings);
    expect((await ledgerSteps(pair)).map(({ state, attempts }) => [state, attempts])).toEqual([['DONE', 2], ['DONE', 1]]);
  });

  test('is not repeated where the table is converted already: killed between ALTER and ledger', async () => {
    const settings = await database('in_between', simple('t'));
    await plan(pair, settings);
    await pair.run('green', 'ALTER TABLE in_between.t CONVERT TO CHARACTER SET utf8mb4', `UPDATE blue_green_pipeline.step SET state = 'RUNNING', worker = 1, attempts = 1 WHERE object_name = 't'`);
    await finish(pair, settings);
    expect((await ledgerSteps(pair))[0]).toMatchObject({ state: 'DONE', attempts: 1 });
  });

  test('is left alone while its worker lives, whoever looks', async () => {
    const settings = await database('twice', simple('t'), simple('u'), simple('v'));
    const release = await hold('twice.t');
    await plan(pair, settings);
    await Promise.all([look(pair, settings), look(pair, settings), look(pair, settings)]);
    await waiting('twice');
    await Promise.all([look(pair, settings), plan(pair, settings), look(pair, settings)]);
    await release();
    await finish(pair, settings);
    expect((await ledgerSteps(pair)).filter(({ kind }) => kind === 'TABLE').map(({ state, attempts }) => [state, attempts])).toEqual([['DONE', 1], ['DONE', 1], ['DONE', 1]]);
  });

  test('is repeated after the server was killed in the middle of its ALTER', async () => {
    const settings = await database('crashed', simple('t'), simple('u'));
    await pair.run('blue', `INSERT INTO crashed.t (v) VALUES ('あ')`);
    await pair.caughtUp();
    const release = await hold('crashed.t');
    await plan(pair, settings);
    await look(pair, settings, { workers: 1 });
    await waiting('crashed');
    await pair.green.kill();
    await release().catch(() => undefined);
    await expect(look(pair, settings)).rejects.toMatchObject({ name: ErrorName.DATABASE_UNREACHABLE });
    await pair.green.start();
    await finish(pair, settings);
    await pair.run('blue', `INSERT INTO crashed.t (v) VALUES ('い')`);
    await pair.caughtUp();
    expect(await pair.run('green', 'SELECT v FROM crashed.t ORDER BY id')).toEqual([{ v: 'あ' }, { v: 'い' }]);
    expect((await ledgerSteps(pair)).find(({ object }) => object === 't')).toMatchObject({ state: 'DONE', attempts: 2 });
  });
});

describe('a statement that fails', () => {
  /** What the proof of a plan cannot know. */
  const writeAfterThePlan = async (statement: string) => {
    await pair.run('blue', statement);
    await pair.caughtUp();
  };

  test('because somebody has killed it is repeated when the migration is continued', async () => {
    const settings = await database('killed_query', simple('t'));
    const release = await hold('killed_query.t');
    await plan(pair, settings);
    await look(pair, settings);
    await kill('rds_kill_query', 'killed_query');
    await release();
    await expect(finish(pair, settings)).rejects.toThrow('killed_query.t: error 1317 (70100): Query execution was interrupted');
    await migrate(pair, settings);
    expect((await ledgerSteps(pair)).map(({ state }) => state)).toEqual(['DONE', 'DONE']);
  });

  test('names table, error, message and statement; after mending, the rest is finished and what is done is not repeated', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `t${String(index + 1).padStart(2, '0')}`);
    await database('failing', ...names.map((name) => `CREATE TABLE ${name} (v VARCHAR(20) COLLATE utf8mb3_bin UNIQUE)`), `INSERT INTO t17 VALUES ('ss')`);
    const settings = converting(['failing'], { utf8mb3_bin: 'utf8mb4_0900_ai_ci' });
    await plan(pair, settings);
    await writeAfterThePlan(`INSERT INTO failing.t17 VALUES ('ß')`);
    // as large as the others, so that it is the 17th.
    await pair.run('green', 'UPDATE blue_green_pipeline.step SET unit_bytes = 1');
    const failure = await finish(pair, settings, { workers: 1 }).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      name: ErrorName.MIGRATION_FAILED,
      message: expect.stringMatching(/^1 step of the migration failed on Green; 16 are done and stay done, 14 have not been started; Blue is untouched\.\nfailing\.t17: error 1062 \(23000\): Duplicate entry .* for key .*\. Statement: .*ALTER TABLE `failing`\.`t17`/),
    });
    const done = (await ledgerSteps(pair)).filter(({ state }) => state === 'DONE');
    await pair.run('blue', `DELETE FROM failing.t17 WHERE v = 'ß'`);
    await pair.caughtUp();
    await migrate(pair, settings);
    const steps = await ledgerSteps(pair);
    expect(steps.filter(({ object }) => done.some((step) => step.object === object))).toEqual(done);
    expect(done).toHaveLength(16);
    expect(steps.map(({ state }) => state)).toEqual(Array.from({ length: 31 }, () => 'DONE'));
  });

  test('stops nothing but its unit where that was chosen, and is reported at the end', async () => {
    await database(
      'carried', simple('a'), `CREATE TABLE strict (id INT PRIMARY KEY, v VARCHAR(20) COLLATE utf8mb3_bin UNIQUE)`, `INSERT INTO strict VALUES (1, 'ss')`,
      'CREATE TABLE child (id INT PRIMARY KEY, v VARCHAR(9), FOREIGN KEY (id) REFERENCES strict (id))', simple('z'),
    );
    const settings: PipelineSettings = { ...converting(['carried'], { utf8mb3_bin: 'utf8mb4_0900_ai_ci' }), onStepFailure: 'carryOn' };
    await plan(pair, settings);
    await writeAfterThePlan(`INSERT INTO carried.strict VALUES (2, 'ß')`);
    await pair.run('green', `UPDATE blue_green_pipeline.step SET unit_bytes = IF(object_name IN ('strict', 'child'), 1000000000, 0), id = IF(object_name = 'child', 1000, id) WHERE kind = 'TABLE'`);
    await expect(finish(pair, settings, { workers: 1 })).rejects.toThrow(/^1 step of the migration failed on Green; 2 are done and stay done, 2 have not been started/);
    expect([await stateOf('a'), await stateOf('strict'), await stateOf('child'), await stateOf('z')]).toEqual(['DONE', 'FAILED', 'PENDING', 'DONE']);
  });

  test('lets those that run finish, before anything ends', async () => {
    await database('others', `CREATE TABLE strict (v VARCHAR(20) COLLATE utf8mb3_bin UNIQUE)`, `INSERT INTO strict VALUES ('ss')`, simple('held'), simple('later'));
    const settings = converting(['others'], { utf8mb3_bin: 'utf8mb4_0900_ai_ci' });
    await plan(pair, settings);
    await writeAfterThePlan(`INSERT INTO others.strict VALUES ('ß')`);
    await pair.run('green', `UPDATE blue_green_pipeline.step SET unit_bytes = IF(object_name = 'later', 0, 1000000000) WHERE kind = 'TABLE'`);
    const release = await hold('others.held');
    await look(pair, settings, { workers: 2 });
    await waiting('others');
    await eventually('the step has failed', async () => await stateOf('strict') === 'FAILED');
    const { done } = await look(pair, settings);
    await release();
    await eventually('the other step is done', async () => await stateOf('held') === 'DONE');
    await expect(look(pair, settings)).rejects.toThrow(/others\.strict: error 1062 \(23000\): Duplicate entry/);
    expect([done, await stateOf('later')]).toEqual([false, 'PENDING']);
  });
});

describe('a plan', () => {
  const others = { utf8mb3_general_ci: 'utf8mb4_bin' };

  test('refuses a ledger of another plan that was begun', async () => {
    const settings = await database('one', simple('t'), simple('u'));
    await plan(pair, settings);
    const release = await hold('one.t');
    await look(pair, settings, { workers: 1 });
    await waiting('one');
    const refused = plan(pair, converting(['one'], others), 'arn:another 0');
    await expect(refused).rejects.toMatchObject({ name: ErrorName.PLAN_CHANGED, message: expect.stringMatching(/which was begun \(\d steps are done, 0 have failed, \d wait\)/) as string });
    await release();
    // who is refused has not taken over.
    await finish(pair, settings);
    await expect(plan(pair, converting(['one'], others))).rejects.toMatchObject({ name: ErrorName.PLAN_CHANGED });
  });

  test('replaces another one of which nothing was begun', async () => {
    const settings = await database('replaced', simple('t'));
    await plan(pair, settings);
    await migrate(pair, converting(['replaced'], others));
    const [column] = await pair.run('green', `SELECT COLLATION_NAME AS collation FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'replaced' AND COLUMN_NAME = 'v'`);
    expect([column, (await ledgerSteps(pair)).map(({ object, state }) => `${object} ${state}`)]).toEqual([{ collation: 'utf8mb4_bin' }, ['t DONE', 'replaced DONE']]);
  });

  test('waits until a worker of the other one has ended before it is replaced', async () => {
    const settings = await database('lingering', simple('t'));
    await plan(pair, settings);
    await pair.green.withConnection(async (connection) => {
      await connection.query(`SELECT GET_LOCK('blue_green_pipeline.worker.1', 0)`);
      await expect(plan(pair, converting(['lingering'], others))).rejects.toMatchObject({ name: ErrorName.DATABASE_UNREACHABLE });
    });
    await migrate(pair, converting(['lingering'], others));
    expect(await stateOf('t')).toBe('DONE');
  });

  test('fails for an execution from which another one has taken over', async () => {
    const settings = await database('superseded', simple('t'));
    await plan(pair, settings);
    await plan(pair, settings, 'arn:another 0');
    await expect(look(pair, settings)).rejects.toMatchObject({ name: ErrorName.SUPERSEDED });
  });

  test('fails to be looked after where its ledger has vanished', async () => {
    const settings = await database('vanished', simple('t'));
    await expect(look(pair, settings)).rejects.toMatchObject({ name: ErrorName.GREEN_CHECK_FAILED });
  });

  test.each([
    ['before the worker procedure', 'early', 'DROP PROCEDURE blue_green_pipeline.worker'],
    ['before the row of the plan', 'rowless', 'DELETE FROM blue_green_pipeline.step', 'DROP PROCEDURE blue_green_pipeline.worker', 'DELETE FROM blue_green_pipeline.plan'],
    ['in the middle of its steps', 'partial', `DELETE FROM blue_green_pipeline.step WHERE object_name = 'u'`, 'UPDATE blue_green_pipeline.plan SET ready = 0'],
    ['before its tables', 'tableless', 'DROP TABLE blue_green_pipeline.step'],
  ])('is completed when its making was interrupted %s', async (_, name, ...damage) => {
    const settings = await database(name, simple('t'), simple('u'));
    await plan(pair, settings);
    await pair.run('green', ...damage);
    await migrate(pair, settings);
    expect((await ledgerSteps(pair)).map(({ object, state }) => `${object} ${state}`)).toEqual(['t DONE', 'u DONE', `${name} DONE`]);
  });

  test('is completed by the next look when its writing was interrupted', async () => {
    const settings = await database('unready', simple('t'), simple('u'));
    await plan(pair, settings);
    await pair.run('green', `DELETE FROM blue_green_pipeline.step WHERE object_name = 'u'`, 'UPDATE blue_green_pipeline.plan SET ready = 0');
    await finish(pair, settings);
    expect(await stateOf('u')).toBe('DONE');
  });
});

describe('on a server that is no replica any more', () => {
  let settings: PipelineSettings;

  beforeAll(async () => {
    settings = await database('production', simple('t'));
    await plan(pair, settings);
    await resetReplication(pair.green);
  });

  test('refuses to look', async () => {
    await expect(look(pair, settings)).rejects.toMatchObject({ name: ErrorName.NOT_A_REPLICA });
  });

  test('refuses to plan', async () => {
    await expect(plan(pair, settings)).rejects.toMatchObject({ name: ErrorName.NOT_A_REPLICA });
  });

  test('no worker starts a step, though its lease runs', async () => {
    await pair.run('green', 'UPDATE blue_green_pipeline.plan SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR', WORKER_SESSION, 'CALL blue_green_pipeline.worker(1)');
    expect(await stateOf('t')).toBe('PENDING');
  });
});
