import { Session } from '../../../lambda/mysql/session';
import { ErrorName, type PipelineSettings } from '../../../lib/private/contract';
import { eventually } from '../../rehearsal/mysql/eventually';
import { openPair, type Pair } from '../helpers/pair';
import { converting, finish, ledgerSteps, look, migrate, plan } from './migrate';

/** A definer with an odd name, as it stands in a statement. */
const DEFINER = '`kee``per"\'@x`@`10.0.%`';
/** As it would be read by somebody who quotes carelessly. */
const ODD_NAME = '`it\'s ``odd``, "q" DO あ`';
/** Placeholders, quotes, comments and line breaks: nothing of it may be touched. */
const ODD_TEXT = `'it''s "?" \\\\ ? :name ?? $1 漢 DO \\n' /* ? \`c\` */`;

let pair: Pair;

beforeAll(async () => {
  pair = await openPair();
  await pair.run(
    'blue', `CREATE USER ${DEFINER}`, `GRANT SELECT, INSERT, UPDATE, EXECUTE, EVENT, TRIGGER, CREATE ROUTINE, ALTER ROUTINE ON *.* TO ${DEFINER}`,
    'CREATE ROLE clerk', `CREATE USER 'o''dd"\`'@'%', app@'10.%'`,
  );
});

afterEach(() => { jest.restoreAllMocks(); });
afterAll(() => pair?.close());

/** A database of its own for a test, made on Blue; Green has no ledger. */
async function database(name: string, ...statements: readonly string[]): Promise<PipelineSettings> {
  await pair.run('blue', `CREATE DATABASE ${name} CHARACTER SET utf8mb3`, `USE ${name}`, `SET SESSION collation_connection = utf8mb3_unicode_ci`, ...statements);
  await pair.caughtUp();
  await pair.run('green', 'DROP DATABASE IF EXISTS blue_green_pipeline');
  return converting([name]);
}

/** Every fact of the routines, triggers, events and views of a database on Green, besides times, and the collations that are meant to change. */
async function facts(name: string): Promise<Record<string, unknown>[]> {
  const asked = [
    `SELECT ROUTINE_TYPE, ROUTINE_NAME, ROUTINE_DEFINITION, DEFINER, SQL_MODE, SECURITY_TYPE, IS_DETERMINISTIC, SQL_DATA_ACCESS, ROUTINE_COMMENT, DATA_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${name}' ORDER BY 1, 2`,
    `SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER, ACTION_STATEMENT, DEFINER, SQL_MODE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${name}' ORDER BY 1`,
    `SELECT EVENT_NAME, EVENT_DEFINITION, DEFINER, SQL_MODE, TIME_ZONE, EVENT_TYPE, CAST(EXECUTE_AT AS CHAR) AS execute_at, INTERVAL_VALUE, INTERVAL_FIELD, CAST(STARTS AS CHAR) AS starts, CAST(ENDS AS CHAR) AS ends, STATUS, ON_COMPLETION, EVENT_COMMENT FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${name}' ORDER BY 1`,
    `SELECT TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, IS_UPDATABLE, DEFINER, SECURITY_TYPE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '${name}' ORDER BY 1`,
    `SELECT Host, Db, User, Routine_name, Routine_type, Proc_priv FROM mysql.procs_priv WHERE Db = '${name}' ORDER BY 1, 2, 3, 4, 5`,
  ];
  const found: Record<string, unknown>[] = [];
  for (const question of asked) found.push(...await pair.run('green', question));
  return found;
}

/** The collations that are kept with the routines, triggers and events of a database on Green. */
async function collations(name: string): Promise<string[]> {
  const rows = await pair.run<{ found: string }>('green', ['ROUTINES', 'TRIGGERS', 'EVENTS'].map((table) => {
    const kind = table.slice(0, -1);
    return `SELECT DISTINCT CONCAT_WS(' ', '${kind}', DATABASE_COLLATION, CHARACTER_SET_CLIENT, COLLATION_CONNECTION) AS found FROM information_schema.${table} WHERE ${kind}_SCHEMA = '${name}'`;
  }).join(' UNION '));
  return rows.map(({ found }) => found).sort();
}

/** Migrates, and expects that nothing but the collations has changed. */
async function keepsEverything(name: string, settings: PipelineSettings, count: number): Promise<void> {
  const before = await facts(name);
  expect(before).toHaveLength(count);
  await migrate(pair, settings);
  expect(await facts(name)).toEqual(before);
}

describe('routines', () => {
  test('are created again to the letter, with the collation of the converted database', async () => {
    const settings = await database(
      'routines',
      `CREATE DEFINER = ${DEFINER} PROCEDURE ${ODD_NAME}(IN a VARCHAR(9), OUT \`b\`\`b\` TEXT) COMMENT 'it''s "?" \\\\ あ\\n' BEGIN\n  -- ?\n  SET \`b\`\`b\` = CONCAT(a, ${ODD_TEXT});\nEND`,
      `CREATE DEFINER = ${DEFINER} FUNCTION ${ODD_NAME}(a VARCHAR(9)) RETURNS VARCHAR(9) DETERMINISTIC NO SQL RETURN a`,
      `CREATE DEFINER = ${DEFINER} FUNCTION reading() RETURNS TEXT CHARACTER SET latin1 READS SQL DATA SQL SECURITY INVOKER RETURN (SELECT 'é')`,
      `CREATE DEFINER = 'nobody'@'nowhere' PROCEDURE without_definer() MODIFIES SQL DATA DO 1`,
      'SET SESSION sql_mode = \'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT\'',
      `CREATE DEFINER = ${DEFINER} FUNCTION "in other modes"("x" VARCHAR(9)) RETURNS VARCHAR(20) NO SQL RETURN "x" || '\\n' || '\\'`,
    );
    const before = await collations('routines');
    await keepsEverything('routines', settings, 5);
    expect([before, await collations('routines')]).toEqual([
      ['ROUTINE utf8mb3_general_ci utf8mb4 utf8mb3_unicode_ci'], ['ROUTINE utf8mb4_general_ci utf8mb4 utf8mb4_unicode_ci'],
    ]);
  });

  test('keep their text when it was written in another character set', async () => {
    const settings = await database('latin', 'SET SESSION character_set_client = latin1');
    await pair.blue.withConnection(async (connection) => {
      await connection.query('USE latin');
      await connection.query(`CREATE DEFINER = ${DEFINER} FUNCTION accent() RETURNS VARCHAR(9) NO SQL RETURN 'é'`);
      await connection.query(`CREATE DEFINER = ${DEFINER} EVENT accent ON SCHEDULE EVERY 1 DAY DO SET @a = 'é'`);
    }, { charset: 'latin1' });
    await pair.caughtUp();
    const before = await collations('latin');
    await keepsEverything('latin', settings, 2);
    expect(before).toEqual(expect.arrayContaining([expect.stringContaining('latin1')]));
    expect(await pair.run('green', 'SELECT latin.accent() AS value, EVENT_DEFINITION AS body FROM information_schema.EVENTS WHERE EVENT_NAME = \'accent\''))
      .toEqual([{ value: 'é', body: `SET @a = 'é'` }]);
  });

  test('take characters of four bytes afterwards', async () => {
    const settings = await database(
      'four_bytes', `CREATE DEFINER = ${DEFINER} FUNCTION echo(a VARCHAR(9)) RETURNS VARCHAR(9) NO SQL RETURN a`,
      `CREATE DEFINER = ${DEFINER} FUNCTION member(a VARCHAR(9)) RETURNS ENUM('it''s )', 'x') CHARSET utf8mb3 COLLATE utf8mb3_bin NO SQL RETURN a`,
      'SET SESSION character_set_client = utf8mb3',
      `CREATE DEFINER = ${DEFINER} PROCEDURE prepared(a VARCHAR(9)) BEGIN SET @text = CONCAT('SET @hex = HEX(''', a, ''')'); PREPARE s FROM @text; EXECUTE s; END`,
    );
    await expect(pair.run('green', `SELECT four_bytes.echo('𠮷')`)).rejects.toMatchObject({ errno: 1366 });
    await migrate(pair, settings);
    expect(await pair.run('green', `CALL four_bytes.prepared('𠮷')`, `SELECT four_bytes.echo('𠮷') AS echo, @hex AS prepared`)).toEqual([{ echo: '𠮷', prepared: 'F0A0AEB7' }]);
    expect(await pair.run('green', `SELECT ROUTINE_NAME AS name, COLLATION_NAME AS collation FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'four_bytes' AND ROUTINE_TYPE = 'FUNCTION' ORDER BY 1`))
      .toEqual([{ name: 'echo', collation: 'utf8mb4_general_ci' }, { name: 'member', collation: 'utf8mb4_bin' }]);
  });

  test('keep who may call, alter and grant them', async () => {
    const settings = await database(
      'granted',
      `CREATE DEFINER = ${DEFINER} PROCEDURE ${ODD_NAME}() DO 1`, `CREATE DEFINER = ${DEFINER} FUNCTION ${ODD_NAME}() RETURNS INT NO SQL RETURN 1`, `CREATE DEFINER = ${DEFINER} PROCEDURE plain() DO 1`,
      `GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE ${ODD_NAME} TO 'o''dd"\`'@'%' WITH GRANT OPTION`, `GRANT EXECUTE ON FUNCTION ${ODD_NAME} TO 'o''dd"\`'@'%'`,
      `GRANT ALTER ROUTINE ON PROCEDURE ${ODD_NAME} TO app@'10.%'`, `GRANT USAGE ON PROCEDURE plain TO app@'10.%' WITH GRANT OPTION`, 'GRANT EXECUTE ON PROCEDURE plain TO clerk',
    );
    await keepsEverything('granted', settings, 3 + 5);
  });

  test('that were changed or dropped on Blue since the plan was made stay as they are there', async () => {
    const settings = await database('newer', `CREATE DEFINER = ${DEFINER} FUNCTION changed() RETURNS INT NO SQL RETURN 1`, `CREATE DEFINER = ${DEFINER} PROCEDURE dropped() DO 1`);
    await plan(pair, settings);
    await pair.run('blue', 'DROP PROCEDURE newer.dropped', 'DROP FUNCTION newer.changed', `CREATE DEFINER = ${DEFINER} FUNCTION newer.changed() RETURNS INT NO SQL RETURN 2`);
    await pair.caughtUp();
    await finish(pair, settings);
    expect(await facts('newer')).toEqual([expect.objectContaining({ ROUTINE_NAME: 'changed', ROUTINE_DEFINITION: 'RETURN 2' })]);
    expect((await ledgerSteps(pair)).map(({ state }) => state)).toEqual(['DONE', 'DONE', 'DONE']);
  });

  test('of the new collation are left alone', async () => {
    const settings = await database('mixed', `CREATE DEFINER = ${DEFINER} PROCEDURE old() DO 1`, 'ALTER DATABASE mixed CHARACTER SET utf8mb4', `CREATE DEFINER = 'root'@'localhost' PROCEDURE new() DO 1`);
    await migrate(pair, settings);
    expect((await ledgerSteps(pair)).map(({ object }) => object)).toEqual(['old']);
  });
});

describe('triggers', () => {
  const trigger = (name: string, when: string, table: string, order = '') => (
    `CREATE DEFINER = ${DEFINER} TRIGGER ${name} ${when} ON ${table} FOR EACH ROW ${order} SET NEW.log = CONCAT(NEW.log, '${name.replaceAll(/\W/g, '')} ')`
  );

  test('are created again to the letter and in their order', async () => {
    const settings = await database(
      'ordered', 'CREATE TABLE t (id INT PRIMARY KEY, log VARCHAR(99))', 'CREATE TABLE `o``dd "table"` (id INT PRIMARY KEY, log VARCHAR(99))',
      trigger('z', 'BEFORE INSERT', 't'), trigger('a', 'BEFORE INSERT', 't', 'FOLLOWS z'), trigger('m', 'BEFORE INSERT', 't', 'PRECEDES a'), trigger('first', 'BEFORE INSERT', 'ordered.t', 'PRECEDES z'),
      trigger('update2', 'BEFORE UPDATE', 't'), trigger('update1', 'BEFORE UPDATE', 't', 'PRECEDES update2'),
      `CREATE DEFINER = ${DEFINER} TRIGGER ordered.${ODD_NAME} AFTER DELETE ON \`o\`\`dd "table"\` FOR EACH ROW BEGIN\n  -- ?\n  SET @a = ${ODD_TEXT};\nEND`,
      'SET SESSION sql_mode = \'ANSI_QUOTES,NO_BACKSLASH_ESCAPES\'',
      `CREATE DEFINER = ${DEFINER} TRIGGER IF NOT EXISTS "in other modes" AFTER DELETE ON "o\`dd ""table""" FOR EACH ROW FOLLOWS ${ODD_NAME} SET @b = '\\'`,
    );
    await keepsEverything('ordered', settings, 8);
    expect(await collations('ordered')).toEqual(['TRIGGER utf8mb4_general_ci utf8mb4 utf8mb4_unicode_ci']);
    expect(await pair.run('green', 'START TRANSACTION', `INSERT INTO ordered.t VALUES (1, '𠮷 ')`, `UPDATE ordered.t SET log = CONCAT(log, '| ')`, 'SELECT log FROM ordered.t'))
      .toEqual([{ log: '𠮷 first z m a | update1 update2 ' }]);
  });

  test('are never missing to somebody who writes into the table', async () => {
    const settings = await database('locked', 'CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, log VARCHAR(99))', trigger('a', 'BEFORE INSERT', 't'), trigger('b', 'BEFORE INSERT', 't'));
    await pair.run('green', 'CREATE TABLE locked.copy LIKE locked.t');
    const writer = await pair.green.connect();
    const writing: Promise<unknown>[] = [];
    const run = Session.prototype.run;
    jest.spyOn(Session.prototype, 'run').mockImplementation(function (this: Session, sql, ...values) {
      // what is written from now on waits for the lock of the table, until all triggers are there again.
      if (/^(?:DROP|CREATE).* TRIGGER /.test(sql)) writing.push(writer.query(`INSERT INTO locked.t (log) VALUES ('')`));
      return run.call(this, sql, ...values);
    });
    await migrate(pair, settings);
    await Promise.all(writing);
    await writer.end();
    expect(writing).toHaveLength(4);
    expect(await pair.run('green', 'SELECT DISTINCT log FROM locked.t')).toEqual([{ log: 'a b ' }]);
  });
});

describe('events', () => {
  test('keep schedule, status, comment and body, whatever they are', async () => {
    const event = (name: string, rest: string) => `CREATE DEFINER = ${DEFINER} EVENT ${name} ON SCHEDULE ${rest}`;
    const settings = await database(
      'timed', 'SET SESSION time_zone = \'+09:00\'',
      event(ODD_NAME, `EVERY 1 DAY COMMENT 'it''s "?" \\\\ あ\\n DO ' DO SET @a = ${ODD_TEXT}`),
      event('once', `AT '2036-01-01 03:04:05' DO SET @a = 1`), event('once_kept', `AT '2036-01-01 03:04:05' ON COMPLETION PRESERVE DO BEGIN\n  -- DO\n  SET @a = 1;\nEND`),
      event('limited', `EVERY '1:30' HOUR_MINUTE STARTS '2030-01-01 00:00:00' ENDS '2031-01-01 00:00:00' ON COMPLETION PRESERVE DO SET @a = 1`),
      event('composed', `EVERY '1 2:3:4' DAY_SECOND DO SET @a = 1`), event('disabled', 'EVERY 3 WEEK DISABLE DO SET @a = 1'), event('on_replica', 'EVERY 1 QUARTER DISABLE ON REPLICA DO SET @a = 1'),
      'SET SESSION sql_mode = \'ANSI_QUOTES,NO_BACKSLASH_ESCAPES\'', 'SET SESSION time_zone = \'SYSTEM\'', event('"in other modes"', `EVERY 1 MONTH DO SET @a = "x"`.replace('"x"', `'\\'`)),
    );
    // those that were there when Green was cloned are not disabled by replication.
    await pair.run('green', 'SET SESSION collation_connection = utf8mb3_unicode_ci', `ALTER DEFINER = ${DEFINER} EVENT timed.once ENABLE`, `ALTER DEFINER = ${DEFINER} EVENT timed.disabled DISABLE`);
    await keepsEverything('timed', settings, 8);
    expect(await collations('timed')).toEqual(['EVENT utf8mb4_general_ci utf8mb4 utf8mb4_unicode_ci']);
  });

  test('whose time is over are still there', async () => {
    const event = (name: string, rest: string) => `CREATE DEFINER = ${DEFINER} EVENT ${name} ON SCHEDULE ${rest} DO SET @a = 1`;
    const settings = await database(
      'past', event('once', 'AT NOW() + INTERVAL 1 SECOND DISABLE'), event('once_kept', 'AT NOW() + INTERVAL 1 SECOND ON COMPLETION PRESERVE'),
      event('ended', 'EVERY 1 DAY ENDS NOW() + INTERVAL 1 SECOND DISABLE'), event('ended_kept', 'EVERY 1 DAY ENDS NOW() + INTERVAL 1 SECOND ON COMPLETION PRESERVE'),
    );
    await eventually('their time is over', async () => (
      (await pair.run('green', `SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'past' AND COALESCE(EXECUTE_AT, ENDS) >= NOW()`)).length === 0
    ));
    await keepsEverything('past', settings, 4);
    expect(await collations('past')).toEqual(['EVENT utf8mb4_general_ci utf8mb4 utf8mb4_unicode_ci']);
  });
});

test('views are not touched', async () => {
  const settings = await database(
    'views', 'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))', `CREATE DEFINER = ${DEFINER} SQL SECURITY INVOKER VIEW v AS SELECT id, CONCAT(v, 'é "?"') AS v FROM t WHERE id > 1 WITH LOCAL CHECK OPTION`,
  );
  await keepsEverything('views', settings, 1);
  expect((await ledgerSteps(pair)).map(({ kind }) => kind)).toEqual(['TABLE', 'DATABASE']);
});

describe('a task that dies', () => {
  /** Cuts the session of the task when it is about to run the first statement like this. */
  function dieAt(statement: RegExp): void {
    const run = Session.prototype.run;
    const spy = jest.spyOn(Session.prototype, 'run').mockImplementation(function (this: Session, sql, ...values) {
      if (statement.test(sql)) {
        this.abandon();
        spy.mockRestore();
      }
      return run.call(this, sql, ...values);
    });
  }

  const objects = [
    'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))',
    `CREATE DEFINER = ${DEFINER} PROCEDURE p() DO 1`, `GRANT EXECUTE ON PROCEDURE p TO app@'10.%'`, 'GRANT ALTER ROUTINE ON PROCEDURE p TO clerk',
    `CREATE DEFINER = ${DEFINER} FUNCTION f() RETURNS INT NO SQL RETURN 1`, `GRANT EXECUTE ON FUNCTION f TO app@'10.%'`,
    `CREATE DEFINER = ${DEFINER} TRIGGER t2 BEFORE INSERT ON t FOR EACH ROW SET @a = 2`, `CREATE DEFINER = ${DEFINER} TRIGGER t1 BEFORE INSERT ON t FOR EACH ROW SET @a = 1`,
    `CREATE DEFINER = ${DEFINER} EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = 1`,
  ];

  test.each([
    ['a procedure is dropped', 'p_dropped', /^CREATE .* PROCEDURE `p`/, 3],
    ['a procedure is created', 'p_created', /^GRANT .* ON PROCEDURE/, 2],
    ['half of its grants are given', 'p_granted', /^GRANT .* ON PROCEDURE .* TO 'app'/, 1],
    ['a function is dropped', 'f_dropped', /^CREATE .* FUNCTION `f`/, 2],
    ['one of two triggers is dropped', 'one_dropped', /^DROP TRIGGER .*`t1`/, 1],
    ['all triggers are dropped', 'all_dropped', /^CREATE .* TRIGGER `?t2/, 2],
    ['one of two triggers is created', 'one_created', /^CREATE .* TRIGGER `?t1/, 1],
    ['an event was to be altered', 'e_unaltered', /^ALTER .* EVENT /, 0],
  ])('when %s loses nothing, whoever looks next', async (_, name, statement, missing) => {
    const settings = await database(name, ...objects);
    const before = await facts(name);
    const deadly = async () => {
      dieAt(statement);
      await expect(finish(pair, settings)).rejects.toMatchObject({ name: ErrorName.DATABASE_UNREACHABLE });
      // the next look must not meet the dead one's locks.
      await eventually('the server has noticed', async () => (await pair.run<{ id: number | null }>('green', `SELECT IS_USED_LOCK('blue_green_pipeline.task') AS id`))[0]?.id === null);
    };
    await plan(pair, settings);
    await deadly();
    expect(before.length - (await facts(name)).length).toBe(missing);
    // dying once more at the same place, and a new plan in between, change nothing.
    await deadly();
    await plan(pair, settings);
    await finish(pair, settings);
    expect(await facts(name)).toEqual(before);
    expect((await collations(name)).map((found) => found.split(' ')[1])).toEqual(['utf8mb4_general_ci', 'utf8mb4_general_ci', 'utf8mb4_general_ci']);
  });
});

describe('a script that fails', () => {
  test('is reported with the words of MySQL, lets the others finish, and is run again when its cause is mended', async () => {
    const settings = await database(
      'refused', `CREATE USER operator@'%'`, `GRANT SYSTEM_USER ON *.* TO operator@'%'`,
      `CREATE DEFINER = operator@'%' PROCEDURE a() DO 1`, `GRANT EXECUTE ON PROCEDURE a TO app@'10.%'`, `CREATE DEFINER = ${DEFINER} PROCEDURE b() DO 1`,
    );
    const before = await facts('refused');
    await plan(pair, settings);
    await expect(finish(pair, settings)).rejects.toMatchObject({
      name: ErrorName.MIGRATION_FAILED,
      message: expect.stringMatching(/^1 step of the migration failed on Green; 2 are done and stay done, 0 have not been started; Blue is untouched\.\nprocedure refused\.a: error 1227 \(42000\): Access denied; you need .*SYSTEM_USER.*\. Statement: CREATE DEFINER=`operator`@`%` PROCEDURE `a`/),
    });
    await pair.run('blue', `REVOKE SYSTEM_USER ON *.* FROM operator@'%'`);
    await pair.caughtUp();
    await migrate(pair, settings);
    expect(await facts('refused')).toEqual(before);
  });

  test('because somebody holds a lock too long is run again by the next look', async () => {
    const settings = await database('waiting', 'CREATE TABLE t (id INT PRIMARY KEY)', `CREATE DEFINER = ${DEFINER} TRIGGER a BEFORE INSERT ON t FOR EACH ROW SET @a = 1`);
    await plan(pair, settings);
    const run = Session.prototype.run;
    const reader = await pair.green.connect();
    let held = false;
    jest.spyOn(Session.prototype, 'run').mockImplementation(async function (this: Session, sql, ...values) {
      if (!/^(?:ALTER DATABASE|LOCK TABLES)/.test(sql)) return run.call(this, sql, ...values);
      // somebody reads from the moment at which the first script begins.
      if (!held) await reader.query('BEGIN').then(() => reader.query('SELECT * FROM waiting.t'));
      held = true;
      await run.call(this, 'SET SESSION lock_wait_timeout = 1');
      return run.call(this, sql, ...values);
    });
    let done = true;
    await eventually('the scripts have met the reader', async () => {
      ({ done } = await look(pair, settings));
      return held;
    });
    const states = (await ledgerSteps(pair)).map(({ kind, state }) => `${kind} ${state}`);
    await reader.end();
    await finish(pair, settings);
    expect([done, states]).toEqual([false, ['TABLE DONE', 'DATABASE RUNNING', 'TRIGGERS RUNNING']]);
    expect(await collations('waiting')).toEqual([expect.stringContaining('utf8mb4_general_ci')]);
  });
});
