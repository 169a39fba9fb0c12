import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { characterSetsAsOnBlue } from '../../../lambda/checks/mysql/character-sets-as-on-blue';
import { type GreenContext } from '../../../lambda/checks/mysql/context';
import { indexesAsOnBlue } from '../../../lambda/checks/mysql/indexes-as-on-blue';
import { migrationComplete } from '../../../lambda/checks/mysql/migration-complete';
import { tablesCompared } from '../../../lambda/checks/mysql/tables-compared';
import { valuesAsProved } from '../../../lambda/checks/mysql/values-as-proved';
import { Session } from '../../../lambda/mysql/session';
import { handler as monitor } from '../../../lambda/tasks/monitor';
import { compare } from '../../../lambda/verification/comparison';
import { lastLook } from '../../../lambda/verification/last-look';
import { ErrorName, type PipelineSettings, STATEMENTS_FILE } from '../../../lib/private/contract';
import { readFolder } from '../../../lib/private/sql/sql-files';
import { eventually } from '../../rehearsal/mysql/eventually';
import { openPair, type Pair } from '../helpers/pair';
import { NOW, settingsOf } from '../shared/event';
import { finish, ledgerSteps, look, migrate, plan } from './migrate';

let pair: Pair;
let folder: string;

beforeAll(async () => {
  pair = await openPair({ green: { replica_checkpoint_period: 10 } });
  folder = mkdtempSync(path.join(tmpdir(), 'sql-files-'));
  process.env.LAMBDA_TASK_ROOT = folder;
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await pair?.close();
});

/** A database of its own, made on Blue, and files for it; Green has no ledger. */
async function given(database: string, tables: readonly string[], files: Readonly<Record<string, string>>): Promise<PipelineSettings> {
  await pair.run('blue', `CREATE DATABASE ${database}`, `USE ${database}`, ...tables);
  await pair.caughtUp();
  await pair.run('green', 'DROP DATABASE IF EXISTS blue_green_pipeline');
  return deployed(database, files);
}

/** The settings of a stack that was deployed with these files. */
function deployed(database: string, files: Readonly<Record<string, string>>): PipelineSettings {
  const directory = mkdtempSync(path.join(folder, 'files-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  const content = readFolder(directory);
  writeFileSync(path.join(folder, STATEMENTS_FILE), JSON.stringify(content));
  return settingsOf({ migration: { kind: 'sqlFiles', database, others: [], fingerprint: content.fingerprint, applier: 'running' } });
}

const ORDERS = 'CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, price INT NOT NULL)';

/** Origin, state and attempts of every statement. */
async function steps(): Promise<string[]> {
  return (await ledgerSteps<{ origin: string; state: string; attempts: number }>(pair, 'origin, state, attempts')).map(({ origin, state, attempts }) => `${origin} ${state} ${attempts}`);
}

/** Holds what a statement on Green has to wait for, until the function it returns is called. */
async function hold(...statements: readonly string[]): Promise<() => Promise<void>> {
  const connection = await pair.green.connect();
  for (const statement of statements) await connection.query(statement);
  return () => connection.end();
}

/** The connection on Green that runs a statement and waits in a state. */
async function waiting(statement: string, state: string): Promise<number> {
  let id: number | undefined;
  await eventually(`${statement} is in '${state}'`, async () => {
    [{ id } = { id: undefined }] = await pair.run<{ id?: number }>('green', `SELECT ID AS id FROM performance_schema.processlist WHERE STATE LIKE '${state}%' AND INFO LIKE '%${statement}%' AND INFO NOT LIKE '%processlist%'`);
    return id !== undefined;
  });
  return id ?? 0;
}

async function kill(id: number): Promise<void> {
  await pair.run('green', `CALL mysql.rds_kill(${id})`);
  await eventually('the session has ended', async () => (await pair.run('green', `SELECT 1 FROM performance_schema.processlist WHERE ID = ${id}`)).length === 0);
}

describe('statements of every kind', () => {
  test('do what they do in MySQL, in the order of their files', async () => {
    await pair.run('blue', 'CREATE DATABASE other', 'CREATE TABLE other.notes (id INT PRIMARY KEY, note VARCHAR(10))');
    const settings = await given('kinds', [ORDERS, 'INSERT INTO orders (price) VALUES (3), (4)'], {
      '10-last.sql': `SELECT * FROM log; USE other; ALTER TABLE notes ADD who VARCHAR(20);
        USE kinds;
        SET SESSION sql_mode = 'ANSI_QUOTES', foreign_key_checks = 0;
        CREATE TABLE "child" (id INT PRIMARY KEY, parent INT, CONSTRAINT "fk" FOREIGN KEY (parent) REFERENCES nowhere (id));
        INSERT INTO child VALUES (1, 99)`,
      '2-programs.sql': `-- a view
        CREATE VIEW totals AS SELECT SUM(total) AS total FROM orders;
        DELIMITER //
        CREATE PROCEDURE note(IN what VARCHAR(10))
        BEGIN
          INSERT INTO log (what) VALUES (what); -- not the end; not yet
          SELECT 'rows nobody reads' FROM information_schema.COLUMNS;
        END//
        CREATE TRIGGER priced BEFORE INSERT ON orders FOR EACH ROW
        BEGIN
          SET NEW.total = NEW.price * 2;
        END //
        CREATE EVENT sweep ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM log; //
        DELIMITER ;
        CALL note('called');
        ANALYZE TABLE orders;`,
      '1-tables.sql': `# comments; everywhere
        CREATE TABLE log (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(20));
        ALTER TABLE orders ADD total INT; /* ; */
        UPDATE orders SET total = price * 2;
        ALTER TABLE other.notes MODIFY note VARCHAR(20);
        /*!80000 CREATE INDEX total ON orders (total) */;`,
    });
    await migrate(pair, settings);

    expect(await steps()).toEqual([
      '1-tables.sql:2 DONE 1', '1-tables.sql:3 DONE 1', '1-tables.sql:4 DONE 1', '1-tables.sql:5 DONE 1', '1-tables.sql:6 DONE 1',
      '2-programs.sql:2 DONE 1', '2-programs.sql:4 DONE 1', '2-programs.sql:9 DONE 1', '2-programs.sql:13 DONE 1', '2-programs.sql:15 DONE 1', '2-programs.sql:16 DONE 1',
      '10-last.sql:1 DONE 1', '10-last.sql:1 DONE 1', '10-last.sql:4 DONE 1', '10-last.sql:5 DONE 1',
    ]);
    expect(await pair.run('green', 'INSERT INTO kinds.orders (id, price) VALUES (100, 5)', 'SELECT id, total FROM kinds.orders')).toEqual([{ id: 1, total: 6 }, { id: 2, total: 8 }, { id: 100, total: 10 }]);
    expect(await pair.run('green', 'SELECT total FROM kinds.totals')).toEqual([{ total: '24' }]);
    await pair.run('green', 'DELETE FROM kinds.orders WHERE id = 100');
    expect(await pair.run('green', 'SELECT what FROM kinds.log')).toEqual([{ what: 'called' }]);
    expect(await pair.run('green', 'SELECT parent FROM kinds.child')).toEqual([{ parent: 99 }]);
    expect(await pair.run('green', 'SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = "other" ORDER BY ORDINAL_POSITION')).toEqual([{ name: 'id' }, { name: 'note' }, { name: 'who' }]);
    expect(await pair.run('green', 'SELECT EVENT_NAME AS name, SQL_MODE = @@GLOBAL.sql_mode AS same FROM information_schema.EVENTS WHERE EVENT_SCHEMA = "kinds"')).toEqual([{ name: 'sweep', same: 1 }]);
  });
});

describe('after files that change tables', () => {
  test('what both sides have is compared, and what is meant to differ is no difference', async () => {
    const settings = await given('compared', [
      `CREATE TABLE wide (id INT PRIMARY KEY, n INT, d DECIMAL(8, 2), f FLOAT, at DATETIME(5), t VARCHAR(20), c CHAR(9), b VARBINARY(9), r VARCHAR(9), gone INT, KEY n (n))`,
      `INSERT INTO wide VALUES (1, 7, 1.5, 0.1, '2026-01-02 03:04:05.00006', 'あ ', 'a', X'00FF', 'い', 1), (2, NULL, -0.01, 1e20, NULL, '', '', '', NULL, 2)`,
      'CREATE TABLE lost (id INT PRIMARY KEY, v INT)', 'CREATE TABLE other (id INT PRIMARY KEY, n INT, KEY n (n))', 'INSERT INTO other VALUES (1, 1)', 'INSERT INTO lost VALUES (1, 1)',
    ], {
      'a.sql': `ALTER TABLE wide MODIFY id BIGINT, MODIFY d DECIMAL(10, 4), MODIFY f DOUBLE, MODIFY at DATETIME(6), MODIFY t TEXT, MODIFY c VARCHAR(9), MODIFY b BLOB, MODIFY r VARBINARY(36), DROP COLUMN gone, DROP KEY n;
                ALTER TABLE lost COMMENT 'not used any more';`,
    });
    await migrate(pair, settings);
    const [blue, green, ledger] = [await Session.open(pair.server('blue')), await Session.open(pair.server('green')), await Session.open(pair.server('green'))];
    const sessions = { blue, green, ledger };
    const run = (execution: string) => pair.run('green', `UPDATE blue_green_pipeline.plan SET execution = '${execution}'`).then(() => compare(sessions, settings, { now: NOW, execution, previous: null }));
    const context = { ...sessions, settings, situation: {} as GreenContext['situation'] };
    try {
      expect(await run('one')).toMatchObject({ done: true, hotRows: 0 });
      expect((await lastLook(sessions, 'seed')).differences).toEqual([]);
      expect(await indexesAsOnBlue.run(context)).toEqual([{ severity: 'note', message: expect.stringMatching(/^indexes of tables that the SQL files change are not as on Blue: index compared\.wide\.n /) as string }]);
      for (const check of [migrationComplete, characterSetsAsOnBlue, tablesCompared]) expect(await check.run(context)).toEqual([]);

      // what a file changes in another way is as lost as anything.
      await pair.run('green', 'SET sql_log_bin = 0', 'ALTER TABLE compared.lost DROP COLUMN v');
      expect((await lastLook(sessions, 'seed')).differences).toEqual(['compared.lost: Green has no column v']);
      await pair.run('green', 'SET sql_log_bin = 0', 'DROP TABLE compared.lost');
      await expect(run('lost')).rejects.toThrow(/compared\.lost: the table does not exist on Green/);
      await pair.run('green', 'SET sql_log_bin = 0', 'CREATE TABLE compared.lost (id INT PRIMARY KEY, v INT)', 'INSERT INTO compared.lost VALUES (1, 1)');
      await pair.run('green', 'SET sql_log_bin = 0', `UPDATE compared.wide SET r = X'E38182' WHERE id = 1`);
      await expect(run('bytes')).rejects.toThrow(/compared\.wide: 1 rows differ/);
      await pair.run('green', 'SET sql_log_bin = 0', `UPDATE compared.wide SET r = 'い', d = 1.5001 WHERE id = 1`, 'ALTER TABLE compared.other DROP KEY n');
      await expect(run('two')).rejects.toThrow(/compared\.wide: 1 rows differ/);
      expect((await indexesAsOnBlue.run(context)).map(({ severity }) => severity)).toEqual(['note', 'blocker']);
    } finally {
      await Promise.all(Object.values(sessions).map((session) => session.close()));
    }
  });
});

describe('values that arrive as others', () => {
  test('are looked for on Blue once more before the switchover, also for statements that are done', async () => {
    const settings = await given('hits', ['CREATE TABLE pages (id INT PRIMARY KEY, n INT UNSIGNED)', 'INSERT INTO pages VALUES (1, 5)'], { '1.sql': 'ALTER TABLE pages MODIFY n BIGINT UNSIGNED' });
    await migrate(pair, settings);
    await Session.use(pair.server('blue'), (blue) => Session.use(pair.server('green'), async (green) => {
      const found = async () => (await valuesAsProved.run({ settings, blue, green } as GreenContext)).map(({ severity, message }) => `${severity}: ${message}`);
      const count = async (n: number) => {
        await pair.run('blue', `UPDATE hits.pages SET n = ${n}`);
        await pair.caughtUp();
        return pair.run('green', 'SELECT n FROM hits.pages');
      };
      expect(await found()).toEqual([]);
      expect(await count(3_000_000_000)).toEqual([{ n: 0 }]);
      await plan(pair, settings);
      expect(await found()).toEqual([
        expect.stringMatching(/^blocker: Blue has values that do not arrive on Green as they are: hits\.pages: column 2, 'n': numbers from 2147483648 on become 0, .* Find them: SELECT EXISTS \(SELECT 1 FROM `hits`\.`pages` WHERE `n` >= 2147483648\)\. .*Change them on Blue/),
      ]);
      expect(await count(7)).toEqual([{ n: 7 }]);
      expect(await found()).toEqual([]);
      const row = jest.spyOn(blue, 'row').mockRejectedValueOnce(Object.assign(new Error('maximum statement execution time exceeded'), { errno: 3024 }));
      expect(await found().finally(() => row.mockRestore())).toEqual([expect.stringMatching(/^warning: whether this is so on Blue is not known, because it was not answered within 60 s, .*: hits\.pages: column 2/)]);
      await pair.run('blue', 'ALTER TABLE hits.pages RENAME COLUMN n TO m');
      expect(await found()).toEqual([expect.stringMatching(/^warning: /)]);
      await pair.run('blue', 'DROP TABLE hits.pages');
      expect(await found()).toEqual([]);
      // of a ledger that an earlier version has made, nothing is known until a plan completes it.
      await pair.run('green', 'DROP TABLE blue_green_pipeline.question');
      expect(await found()).toEqual([]);
      await plan(pair, settings);
      expect(await pair.run('green', 'SELECT * FROM blue_green_pipeline.question')).toEqual([]);
    }));
  });
});

describe('a statement that fails', () => {
  test('is named with its file and line and MySQL\'s message, and is run again when its cause was mended; what was done is not', async () => {
    const settings = await given('mended', [ORDERS, 'INSERT INTO orders (price) VALUES (1)'], {
      'a.sql': 'ALTER TABLE orders ADD a INT;', 'b.sql': '-- two\nALTER TABLE orders\n  ADD UNIQUE KEY price (price);\nDELETE FROM orders WHERE price = 9;',
    });
    await plan(pair, settings);
    // nobody could know it when the plan was made.
    await pair.run('blue', 'INSERT INTO mended.orders (price) VALUES (1)');
    await pair.caughtUp();
    await expect(finish(pair, settings)).rejects.toMatchObject({
      name: ErrorName.MIGRATION_FAILED,
      message: expect.stringMatching(/1 step of the migration failed on Green; 1 are done and stay done, 1 have not been started.*\nb\.sql:2: error 1062 \(23000\): Duplicate entry '1' for key 'orders\.price'\. Statement: ALTER TABLE orders/s) as string,
    });
    await expect(plan(pair, settings)).rejects.toMatchObject({ name: ErrorName.PLAN_REFUSED, message: expect.stringMatching(/1\. mended\.orders: key 'price' has rows that are equal/) as string });
    expect(await steps()).toEqual(['a.sql:1 DONE 1', 'b.sql:2 FAILED 1', 'b.sql:4 PENDING 0']);

    await pair.run('blue', 'UPDATE mended.orders SET price = id');
    await pair.caughtUp();
    await migrate(pair, settings);
    expect(await steps()).toEqual(['a.sql:1 DONE 1', 'b.sql:2 DONE 1', 'b.sql:4 DONE 1']);
  });
});

describe('files with mistakes', () => {
  test('are refused before any table is touched, each mistake with its file, the line of the error and MySQL\'s message', async () => {
    const settings = await given('mistake', [ORDERS], {
      'a.sql': 'ALTER TABLE orders ADD a INT;',
      'b.sql': '-- two\nALTER TABLE orders ADD b INT;\n\n\nALTER TABLE orders\n  ADD c INT,\n  ADD COLUM d INT;\nUPDATE orders SET e = 1;',
    });
    const before = await pair.run('green', 'SHOW CREATE TABLE mistake.orders');
    await expect(plan(pair, settings)).rejects.toMatchObject({
      name: ErrorName.PLAN_REFUSED,
      message: expect.stringMatching(/2 things speak against it.*\n1\. b\.sql:7: error 1064 \(42000\): You have an error in your SQL syntax.* near 'd INT'\. Statement: ALTER TABLE orders\n.*\n2\. b\.sql:8: error 1054 \(42S22\): Unknown column 'e'/s) as string,
    });
    expect(await steps()).toEqual([]);
    expect(await pair.run('green', 'SHOW CREATE TABLE mistake.orders')).toEqual(before);
    expect(await pair.run('green', `SHOW DATABASES LIKE '%proof%'`)).toEqual([]);
  });

  test('are corrected without another Green as long as nothing was begun, and not after that', async () => {
    await expect(plan(pair, await given('corrected', [ORDERS], { 'a.sql': 'ALTER TABLE orders ADD COLUM a INT;' }))).rejects.toMatchObject({ name: ErrorName.PLAN_REFUSED });
    await plan(pair, deployed('corrected', { 'a.sql': 'ALTER TABLE orders ADD a INT; ALTER TABLE orders ADD b INT;' }));
    await migrate(pair, deployed('corrected', { 'a.sql': '-- better\nALTER TABLE orders ADD b BIGINT;' }));
    const columns = (await pair.run('green', 'SHOW COLUMNS FROM corrected.orders')).map(({ Field }) => Field);
    expect([await steps(), columns]).toEqual([['a.sql:2 DONE 1'], ['id', 'price', 'b']]);
    await expect(plan(pair, deployed('corrected', { 'a.sql': 'ALTER TABLE orders ADD c INT;' }))).rejects.toMatchObject({ name: ErrorName.PLAN_CHANGED });
  });
});

describe('a worker', () => {
  test('goes on from statement to statement without a client', async () => {
    const settings = await given('alone', [ORDERS], { 'a.sql': 'ALTER TABLE orders ADD a INT, ALGORITHM=COPY; UPDATE orders SET a = 1; ALTER TABLE orders ADD b INT; SELECT 1; ALTER TABLE orders ADD c INT;' });
    const release = await hold('START TRANSACTION', 'SELECT * FROM alone.orders');
    await plan(pair, settings);
    expect(await look(pair, settings)).toMatchObject({ done: false, running: [expect.stringMatching(/^a\.sql:1 .*metadata lock/)] });
    // a redrive does not prove what needs the result of the one that runs.
    await plan(pair, settings);
    await release();
    // the change of data could not be prepared before its column was there.
    await eventually('the first is done', async () => (await steps())[0] === 'a.sql:1 DONE 1');
    await finish(pair, settings);
    expect(await steps()).toEqual(Array.from({ length: 5 }, () => 'a.sql:1 DONE 1'));
  });

  test('that was killed in a change of data, or before its entry in the ledger, has changed nothing', async () => {
    const settings = await given('once', [ORDERS, 'INSERT INTO orders (price) VALUES (10)'], { 'a.sql': 'UPDATE orders SET price = price + 1;' });
    await plan(pair, settings);
    const locked = ['START TRANSACTION', 'SELECT * FROM once.orders FOR UPDATE'] as const;
    let release = await hold(...locked);
    await look(pair, settings);
    await kill(await waiting('UPDATE orders', 'updating'));
    await release();

    release = await hold(...locked);
    await look(pair, settings);
    await waiting('UPDATE orders', 'updating');
    const releaseLedger = await hold('START TRANSACTION', 'SELECT * FROM blue_green_pipeline.step FOR UPDATE');
    await release();
    await kill(await waiting('UPDATE blue_green_pipeline.step SET', 'updating'));
    await releaseLedger();
    await finish(pair, settings);

    expect(await pair.run('green', 'SELECT price FROM once.orders')).toEqual([{ price: 11 }]);
    expect(await steps()).toEqual(['a.sql:1 DONE 3']);
  });

  test('that was killed in a change of a table, or before its entry in the ledger, is judged by the table', async () => {
    const settings = await given('judged', [ORDERS], { 'a.sql': 'ALTER TABLE orders FORCE; ALTER TABLE orders ADD a INT;' });
    await plan(pair, settings);
    const locked = ['START TRANSACTION', 'SELECT * FROM judged.orders'] as const;
    let release = await hold(...locked);
    await look(pair, settings);
    await kill(await waiting('ALTER TABLE orders FORCE', 'Waiting for table metadata lock'));
    await release();

    // between two looks it is the monitor that starts it again.
    release = await hold(...locked);
    await monitor({ now: NOW, green: pair.server('green'), retentionHours: 1 });
    await waiting('ALTER TABLE orders FORCE', 'Waiting for table metadata lock');
    const releaseLedger = await hold('START TRANSACTION', 'SELECT * FROM blue_green_pipeline.step FOR UPDATE');
    await release();
    await kill(await waiting('UPDATE blue_green_pipeline.step', 'updating'));
    await releaseLedger();
    await finish(pair, settings);
    expect(await steps()).toEqual(['a.sql:1 DONE 2', 'a.sql:1 DONE 1']);
  });
});

describe('what the task runs itself', () => {
  test('is run again after a crash where that is harmless', async () => {
    const settings = await given('again', [ORDERS, 'INSERT INTO orders (price) VALUES (1)'], { 'a.sql': 'CREATE TRIGGER g BEFORE INSERT ON orders FOR EACH ROW SET NEW.price = 2; SELECT * FROM orders FOR UPDATE;' });
    await plan(pair, settings);
    const release = await hold('START TRANSACTION', 'SELECT * FROM again.orders FOR UPDATE');
    const looking = expect(look(pair, settings)).rejects.toMatchObject({ name: ErrorName.DATABASE_UNREACHABLE });
    await kill(await waiting('CREATE TRIGGER g', 'Waiting for table metadata lock'));
    await looking;
    await release();
    await finish(pair, settings);
    expect(await steps()).toEqual(['a.sql:1 DONE 2', 'a.sql:1 DONE 1']);
  });

  test('asks the operator after a crash where nobody can tell', async () => {
    const settings = await given('asked', [ORDERS, 'INSERT INTO orders (price) VALUES (1)'], {
      'a.sql': 'DELIMITER //\nCREATE PROCEDURE p() BEGIN INSERT INTO orders (price) VALUES (7); UPDATE orders SET price = 2 WHERE id = 1; END//\nCALL p()//\nDELIMITER ;\nALTER TABLE orders ADD a INT;',
    });
    await plan(pair, settings);
    const release = await hold('START TRANSACTION', 'SELECT * FROM asked.orders WHERE id = 1 FOR UPDATE');
    const looking = expect(look(pair, settings)).rejects.toMatchObject({ name: ErrorName.DATABASE_UNREACHABLE });
    await kill(await waiting('UPDATE orders SET price', 'updating'));
    await looking;
    await release();
    await expect(look(pair, settings)).rejects.toThrow(/\na\.sql:3: not known whether it is done: whoever ran it was gone.*run there UPDATE blue_green_pipeline\.step SET state = 'DONE' WHERE id = 2 AND state = 'UNKNOWN'/s);
    await plan(pair, settings);
    expect((await steps())[1]).toBe('a.sql:3 UNKNOWN 1');

    await pair.run('green', `UPDATE blue_green_pipeline.step SET state = 'DONE' WHERE id = 2 AND state = 'UNKNOWN'`);
    await migrate(pair, settings);
    expect(await pair.run('green', 'SELECT price, a FROM asked.orders')).toEqual([{ price: 1, a: null }, { price: 7, a: null }]);
  });
});
