import { runChecks, type Scope } from '../../../../lambda/checks/check';
import { accountsAsOnBlue } from '../../../../lambda/checks/mysql/accounts-as-on-blue';
import { characterSetsAsOnBlue } from '../../../../lambda/checks/mysql/character-sets-as-on-blue';
import { columnsAsOnBlue } from '../../../../lambda/checks/mysql/columns-as-on-blue';
import { type GreenContext } from '../../../../lambda/checks/mysql/context';
import { endpointLeadsToGreen } from '../../../../lambda/checks/mysql/endpoint-leads-to-green';
import { errorsNotSkipped } from '../../../../lambda/checks/mysql/errors-not-skipped';
import { eventTimeZones } from '../../../../lambda/checks/mysql/event-time-zones';
import { greenFollowsBlue } from '../../../../lambda/checks/mysql/green-follows-blue';
import { greenSettings } from '../../../../lambda/checks/mysql/green-settings';
import { indexesAsOnBlue } from '../../../../lambda/checks/mysql/indexes-as-on-blue';
import { longTransactions } from '../../../../lambda/checks/mysql/long-transactions';
import { migrationComplete } from '../../../../lambda/checks/mysql/migration-complete';
import { oldBlueClients } from '../../../../lambda/checks/mysql/old-blue-clients';
import { oldBlueProtected } from '../../../../lambda/checks/mysql/old-blue-protected';
import { oldBlueReadOnly } from '../../../../lambda/checks/mysql/old-blue-read-only';
import { oldBlueReplication } from '../../../../lambda/checks/mysql/old-blue-replication';
import { oldBlueVisitors } from '../../../../lambda/checks/mysql/old-blue-visitors';
import { productionTakesWrites } from '../../../../lambda/checks/mysql/production-takes-writes';
import { replicationCaughtUp } from '../../../../lambda/checks/mysql/replication-caught-up';
import { replicationFilters } from '../../../../lambda/checks/mysql/replication-filters';
import { tablesCompared } from '../../../../lambda/checks/mysql/tables-compared';
import { timeZoneAsOnBlue } from '../../../../lambda/checks/mysql/time-zone-as-on-blue';
import { ADDRESS } from '../../../../lambda/mysql/clients';
import { inOldBlue } from '../../../../lambda/mysql/old-blue';
import { Session } from '../../../../lambda/mysql/session';
import { type LastLook, type Situation, type WindowProgress } from '../../../../lambda/shared/state';
import { handler as checkGreen, type GreenFindings } from '../../../../lambda/tasks/check-green';
import { handler as lookAtOldBlue } from '../../../../lambda/tasks/look-at-old-blue';
import { handler as waitForWindow } from '../../../../lambda/tasks/wait-for-window';
import { compare } from '../../../../lambda/verification/comparison';
import { binlogEnd } from '../../../../rehearsal/mysql';
import { eventually } from '../../../rehearsal/mysql/eventually';
import { openPair, type Pair } from '../../helpers/pair';
import { converting, DEFERRED, EXECUTION, migrate, plan } from '../../migration/migrate';
import { after, configure, eventOf, NOW, settingsOf } from '../../shared/event';

const CHECKS = [
  greenFollowsBlue, greenSettings, errorsNotSkipped, replicationCaughtUp, longTransactions, migrationComplete, tablesCompared, characterSetsAsOnBlue,
  indexesAsOnBlue, accountsAsOnBlue, endpointLeadsToGreen, oldBlueProtected, productionTakesWrites, timeZoneAsOnBlue, eventTimeZones, replicationFilters,
  columnsAsOnBlue,
];

let pair: Pair;
let blue: Session;
let green: Session;

// the position a replica reports is brought up to date every 300 ms; nearly every test waits for it twice.
beforeAll(async () => { pair = await openPair({ green: { replica_checkpoint_period: 10 } }); });

beforeEach(async () => {
  await pair.run('blue', 'CREATE DATABASE shop CHARACTER SET utf8mb3');
  await pair.caughtUp();
  [blue, green] = [await Session.open(pair.server('blue')), await Session.open(pair.server('green'))];
});

afterEach(async () => {
  await Promise.all([blue, green].map((session) => session.close()));
  await pair.run('green', 'DROP DATABASE IF EXISTS blue_green_pipeline');
  await pair.run('blue', 'DROP DATABASE shop');
  await pair.caughtUp();
});

afterAll(() => pair?.close());

const situation: Situation = {
  phase: 'available', deployment: null,
  source: { identifier: 'shop-old1' } as Situation['source'], target: { identifier: 'shop-green-abc123' } as Situation['target'],
};

/** A table with indexes of every kind. */
const INDEXED = [
  `CREATE TABLE indexed (
     id INT PRIMARY KEY, a VARCHAR(20), b TEXT, c INT,
     UNIQUE KEY u (a, c), KEY prefixed (b(5), a), KEY descending (c DESC, a), KEY expression ((c + 1), c), FULLTEXT KEY words (b), KEY \`o\`\`dd あ\` (c)
   )`,
];

type GreenCheck = typeof greenSettings;

/** What a check finds, `severity: message`. */
async function found(check: GreenCheck, context: Partial<GreenContext> = {}): Promise<string[]> {
  const problems = await check.run({ settings: converting(['shop']), situation, blue, green, ...context });
  return problems.map(({ severity, message }) => `${severity}: ${message}`);
}

/** What a check finds that looks at Blue, before there is a Green. */
async function foundAtPreflight(check: typeof longTransactions): Promise<string[]> {
  return (await check.run({ settings: converting(['shop']), situation, blue })).map(({ severity, message }) => `${severity}: ${message}`);
}

/** Runs something while global variables of a server are other than they should be. */
async function during<Result>(which: 'blue' | 'green', variables: Readonly<Record<string, string>>, run: () => Promise<Result>): Promise<Result> {
  const names = Object.keys(variables);
  const [before = {}] = await pair.run<Record<string, string | number>>(which, `SELECT ${names.map((name) => `@@global.${name} AS ${name}`).join(', ')}`);
  const set = (values: Readonly<Record<string, string | number>>) => Object.entries(values).map(([name, value]) => `SET GLOBAL ${name} = ${typeof value === 'number' ? value : `'${value}'`}`);
  await pair.run(which, ...set(variables));
  return run().finally(() => pair.run(which, ...set(before)));
}

/** Compares everything, as the pipeline does before it asks whether it may switch over. */
async function compareAll(): Promise<void> {
  // sessions of its own: the comparison makes them read-only.
  const sessions = { blue: await Session.open(pair.server('blue')), green: await Session.open(pair.server('green')), ledger: await Session.open(pair.server('green')) };
  try {
    const progress = await compare(sessions, converting(['shop']), { now: NOW, execution: EXECUTION, previous: null });
    expect(progress).toMatchObject({ done: true });
  } finally {
    await Promise.all(Object.values(sessions).map((session) => session.close()));
  }
}

test('nothing is found where everything is as it should be', async () => {
  await pair.run(
    'blue', 'USE shop', 'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9))', ...INDEXED, 'CREATE TABLE Indexed (id INT PRIMARY KEY, a INT, KEY a (a))',
    'CREATE TABLE texts (a VARCHAR(9) CHARACTER SET ascii, b TEXT CHARACTER SET utf8mb4, c CHAR(3) CHARACTER SET binary)', 'CREATE VIEW v AS SELECT v FROM t',
  );
  await pair.caughtUp();
  await migrate(pair, converting(['shop'], {}, DEFERRED));
  await compareAll();
  const all = (scope: Scope) => runChecks(CHECKS, scope, { settings: converting(['shop']), situation, blue, green });
  expect([await all('green'), await all('before-switchover')]).toEqual([[], []]);
  expect(await during('blue', { read_only: 'ON' }, () => all('after-switchover'))).toEqual([]);
});

describe('green-follows-blue', () => {
  test('refuses one server behind both endpoints', async () => {
    expect(await found(greenFollowsBlue, { green: blue })).toEqual([
      expect.stringMatching(new RegExp(`^blocker: the endpoints of Blue and of Green 'shop-green-abc123' lead to one and the same server \\(${pair.blue.serverUuid}\\): .* Wait for DNS, then start again$`)),
    ]);
  });

  test('refuses a Green that is no replica', async () => {
    expect(await found(greenFollowsBlue, { blue: green, green: blue })).toEqual([
      expect.stringMatching(/^blocker: 'shop-green-abc123' is not a replica of anything, .* Look at the deployment in the RDS console$/),
    ]);
  });

  test('takes an I/O thread that connects again not for one that has stopped', async () => {
    const { file, position } = await binlogEnd(pair.blue);
    const connectTo = (port: number) => `CHANGE REPLICATION SOURCE TO SOURCE_PORT = ${port}, SOURCE_LOG_FILE = '${file}', SOURCE_LOG_POS = ${position}`;
    await pair.run('green', 'STOP REPLICA', connectTo(1), 'START REPLICA');
    try {
      await eventually('Green has tried to connect', async () => (await pair.run('green', 'SHOW REPLICA STATUS'))[0]?.Last_IO_Errno === 2003);
      expect(await found(greenFollowsBlue)).toEqual([]);
    } finally {
      await pair.run('green', 'STOP REPLICA', connectTo(pair.blue.port), 'START REPLICA');
      await pair.caughtUp();
    }
  });

  test('tells with which error replication has stopped', async () => {
    await pair.run('green', 'CREATE TABLE shop.t (id INT)');
    await pair.run('blue', 'CREATE TABLE shop.t (id INT)');
    let messages: string[] = [];
    await eventually('replication has stopped', async () => (messages = await found(greenFollowsBlue)).length > 0);
    await pair.run('green', 'DROP TABLE shop.t', 'START REPLICA');
    await pair.caughtUp();
    expect(messages).toEqual([expect.stringMatching(/^blocker: replication to 'shop-green-abc123' has stopped with error 1050: .*Table 't' already exists/)]);
  });
});

describe('accounts-as-on-blue', () => {
  const NOT_REPLICATED = 'SET sql_log_bin = 0';
  const ACCOUNTS = ['rotated', 'fresh', 'reader', 'gone', 'held'].map((name) => `'${name}'@'%'`);

  beforeEach(async () => {
    await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)', 'CREATE PROCEDURE shop.p() SELECT 1');
    for (const name of ['rotated', 'reader', 'gone', 'held']) await pair.run('blue', `CREATE USER '${name}'@'%' IDENTIFIED BY 'first'`, `GRANT SELECT ON shop.* TO '${name}'@'%'`);
    await pair.caughtUp();
  });

  afterEach(async () => {
    for (const which of ['blue', 'green'] as const) await pair.run(which, NOT_REPLICATED, `DROP USER IF EXISTS ${ACCOUNTS.join(', ')}`, 'DROP ROLE IF EXISTS clerk');
  });

  test('has nothing to say of accounts that are the same', async () => {
    expect(await found(accountsAsOnBlue)).toEqual([]);
  });

  test('refuses what was made, rotated or granted on Blue and is not on Green, and never shows a password', async () => {
    await pair.run(
      'blue', NOT_REPLICATED, `ALTER USER 'rotated'@'%' IDENTIFIED BY 'second'`, `CREATE USER 'fresh'@'%' IDENTIFIED BY 'new'`, 'CREATE ROLE clerk', `GRANT clerk TO 'reader'@'%'`, `SET DEFAULT ROLE clerk TO 'reader'@'%'`,
      `GRANT PROCESS ON *.* TO 'reader'@'%'`, `GRANT INSERT, UPDATE (v) ON shop.t TO 'reader'@'%'`, `GRANT EXECUTE ON PROCEDURE shop.p TO 'reader'@'%'`,
    );
    const [finding, ...others] = await found(accountsAsOnBlue);
    expect(others).toEqual([]);
    expect(finding).toMatch(/^blocker: accounts have been made or changed on Blue .* on 'shop-green-abc123' /);
    expect(await found(accountsAsOnBlue, { scope: 'green' })).toEqual([finding?.replace('blocker', 'warning')]);
    for (const part of [
      `'rotated'@'%' has another password`, `'fresh'@'%' does not exist`, `'clerk'@'%' does not exist`, `'reader'@'%' lacks PROCESS ON *.*, INSERT ON shop.t, `, 'UPDATE (v) ON shop.t', 'EXECUTE ON PROCEDURE shop.p', `, ROLE 'clerk'@'%', DEFAULT ROLE 'clerk'@'%'`,
    ]) expect(finding).toContain(part);
    expect(finding).not.toMatch(/second|\$A\$/);
  });

  test('expects no global privileges of another version, nor its roles and ways to log in, but all the rest', async () => {
    await pair.run(
      'blue', NOT_REPLICATED, `GRANT PROCESS ON *.* TO 'reader'@'%'`, 'CREATE ROLE clerk', `GRANT clerk TO 'reader'@'%'`, `GRANT INSERT ON shop.* TO 'held'@'%'`, `ALTER USER 'rotated'@'%' IDENTIFIED WITH sha256_password BY 'second'`,
    );
    await pair.run('green', NOT_REPLICATED, 'CREATE ROLE clerk');
    const version = jest.spyOn(green, 'row').mockResolvedValueOnce({ version: '10.0.0' });
    try {
      expect(await found(accountsAsOnBlue)).toEqual([expect.stringMatching(/^blocker: .* on 'shop-green-abc123' 'held'@'%' lacks INSERT ON shop\.\*\. These clients/)]);
    } finally {
      version.mockRestore();
    }
  });

  test('warns of what was taken away on Blue and is still on Green', async () => {
    await pair.run('blue', NOT_REPLICATED, `DROP USER 'gone'@'%'`, `REVOKE SELECT ON shop.* FROM 'reader'@'%'`, `ALTER USER 'held'@'%' ACCOUNT LOCK`);
    const [finding, ...others] = await found(accountsAsOnBlue);
    expect(others).toEqual([]);
    for (const part of [/^warning: what was taken away on Blue/, /'gone'@'%' exists/, /'reader'@'%' has SELECT ON shop\.\*/, /'held'@'%' is not locked/]) expect(finding).toMatch(part);
  });
});

describe('errors-not-skipped', () => {
  test('refuses a Green that passes over rows it cannot apply', async () => {
    expect(await during('green', { replica_exec_mode: 'IDEMPOTENT' }, () => found(errorsNotSkipped))).toEqual([
      expect.stringMatching(/^blocker: replica_exec_mode on 'shop-green-abc123' is IDEMPOTENT: .*\(1032, 1062\) are passed over/),
    ]);
    expect(await during('green', { replica_exec_mode: 'IDEMPOTENT' }, () => found(errorsNotSkipped, { scope: 'green' }))).toEqual([expect.stringMatching(/^warning: /)]);
  });

  test('refuses a Green that skips errors, which a server is started with', async () => {
    const rows = jest.spyOn(green, 'rows').mockResolvedValueOnce([{ Variable_name: 'slave_skip_errors', Value: '1032,1062' }]);
    try {
      expect(await found(errorsNotSkipped)).toEqual([expect.stringMatching(/^blocker: replica_skip_errors on 'shop-green-abc123' is '1032,1062': /)]);
    } finally {
      rows.mockRestore();
    }
  });
});

describe('green-settings', () => {
  test.each(['', 'ALL_LOSSY'])('refuses type conversions %p', async (value) => {
    expect(await during('green', { replica_type_conversions: value }, () => found(greenSettings))).toEqual([
      expect.stringMatching(new RegExp(`^blocker: replica_type_conversions on 'shop-green-abc123' is '${value}': .*1677 / 13146.* Set ALL_NON_LOSSY in Green's cluster parameter group`)),
    ]);
  });

  test('has nothing against more type conversions than needed, nor against read_only alone', async () => {
    expect(await during('green', { replica_type_conversions: 'ALL_LOSSY,ALL_NON_LOSSY', read_only: 'ON' }, () => found(greenSettings))).toEqual([]);
  });

  test('refuses events that run on Green, whatever is migrated', async () => {
    const expected = [expect.stringMatching(/^blocker: event_scheduler on 'shop-green-abc123' is ON: .* Set it to OFF in Green's cluster parameter group/)];
    const settings = settingsOf({ migration: { kind: 'none' } });
    expect(await during('green', { event_scheduler: 'ON' }, () => found(greenSettings))).toEqual(expected);
    expect(await during('green', { event_scheduler: 'ON', replica_type_conversions: '' }, () => found(greenSettings, { settings }))).toEqual(expected);
  });

  test('refuses a Green on which triggers cannot be created again', async () => {
    expect(await during('green', { log_bin_trust_function_creators: 'OFF' }, () => found(greenSettings, { scope: 'green' }))).toEqual([
      expect.stringMatching(/^blocker: log_bin_trust_function_creators is OFF on Green: .*1419.* Set it to 1 in Green's cluster parameter group/),
    ]);
  });

  test('refuses a Green on which nothing can be written', async () => {
    expect(await during('green', { super_read_only: 'ON', read_only: 'ON' }, () => found(greenSettings, { scope: 'green' }))).toEqual([
      expect.stringMatching(/^blocker: our user cannot write on 'shop-green-abc123' \(.*--super-read-only.*\): use a user with CONNECTION_ADMIN .* or set read_only to 0/),
    ]);
  });

  test('writes nothing on a server that is not Green', async () => {
    await found(greenSettings, { green: blue, scope: 'green' });
    expect(await pair.run('blue', `SHOW DATABASES LIKE 'blue%'`)).toEqual([]);
  });

  test('tells everything at once', async () => {
    expect(await during('green', { replica_type_conversions: '', event_scheduler: 'ON', log_bin_trust_function_creators: 'OFF', super_read_only: 'ON', read_only: 'ON' }, () => found(greenSettings, { scope: 'green' }))).toHaveLength(4);
  });

  test('refuses other type conversions than the migration was planned with, as soon as it was begun', async () => {
    await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(9))');
    await pair.caughtUp();
    const more = { replica_type_conversions: 'ALL_NON_LOSSY,ALL_UNSIGNED' };
    const all = async () => [await found(greenSettings, { scope: 'green' }), await found(greenSettings, { scope: 'before-switchover' })];
    await plan(pair, converting(['shop']));
    expect((await during('green', more, all))[0]).toEqual([]);
    await during('green', more, () => plan(pair, converting(['shop'])));
    expect((await all())[1]).toEqual([expect.stringContaining(`is 'ALL_NON_LOSSY', and was 'ALL_NON_LOSSY,ALL_UNSIGNED' when`)]);
    await migrate(pair, converting(['shop']));
    expect(await all()).toEqual([[], []]);
    await during('green', more, () => plan(pair, converting(['shop'])));
    const refused = [expect.stringMatching(/^blocker: replica_type_conversions on 'shop-green-abc123' is 'ALL_NON_LOSSY,ALL_UNSIGNED', and was 'ALL_NON_LOSSY' when the migration was planned: .* Set it to 'ALL_NON_LOSSY' again/)];
    expect(await during('green', more, all)).toEqual([refused, refused]);
    // a ledger that an earlier version has made is completed.
    await pair.run('green', 'DROP TABLE blue_green_pipeline.conversions');
    expect(await during('green', more, all)).toEqual([[], []]);
    await plan(pair, converting(['shop']));
    expect(await during('green', more, all)).toEqual([refused, refused]);
  });

  test('sees right before the switchover that events run on Green, and writes nothing then', async () => {
    expect(await during('green', { event_scheduler: 'ON', super_read_only: 'ON', read_only: 'ON' }, () => found(greenSettings, { scope: 'before-switchover' }))).toEqual([
      expect.stringMatching(/^blocker: event_scheduler on 'shop-green-abc123' is ON: .* start a new execution with \{\}/),
    ]);
  });
});

describe('replication-filters', () => {
  async function filtered<Result>(filter: string, run: () => Promise<Result>): Promise<Result> {
    const change = (to: string) => pair.run('green', 'STOP REPLICA SQL_THREAD', `CHANGE REPLICATION FILTER ${to}`, 'START REPLICA SQL_THREAD');
    await change(filter);
    return run().finally(() => change(filter.replace(/\(.*\)/, '()')));
  }

  test.each([
    ['REPLICATE_IGNORE_DB = (shop, mysql)', 'Replicate_Ignore_DB=shop'],
    ['REPLICATE_DO_DB = (shop)', 'Replicate_Do_DB=shop'],
    ['REPLICATE_IGNORE_TABLE = (shop.t, mysql.rds_history)', 'Replicate_Ignore_Table=shop.t'],
    [`REPLICATE_WILD_IGNORE_TABLE = ('shop.a%')`, 'Replicate_Wild_Ignore_Table=shop.a%'],
  ])('refuses a filter: %s', async (filter, named) => {
    expect(await filtered(filter, () => found(replicationFilters))).toEqual([
      expect.stringContaining(`blocker: replication to 'shop-green-abc123' is filtered (${named}): what Blue writes there does not arrive`),
    ]);
  });

  test('has nothing against what RDS leaves out of its own', async () => {
    expect(await filtered('REPLICATE_IGNORE_TABLE = (mysql.plugin, mysql.rds_history, innodb_memcache.cache_policies)', () => found(replicationFilters))).toEqual([]);
  });
});

describe('replication-caught-up', () => {
  test.each([
    ['STOP REPLICA', 'No', 'No'],
    ['STOP REPLICA SQL_THREAD', 'Yes', 'No'],
    ['STOP REPLICA IO_THREAD', 'No', 'Yes'],
  ])('refuses after %s', async (statement, io, sql) => {
    await pair.run('green', statement);
    const messages = await found(replicationCaughtUp).finally(() => pair.run('green', 'START REPLICA'));
    expect(messages).toEqual([expect.stringMatching(new RegExp(`^blocker: replication does not run \\(I/O thread ${io}, SQL thread ${sql}, lag .*\\): wait until it does$`))]);
  });

  test('refuses while Green is behind', async () => {
    const lock = await pair.green.connect();
    await lock.query('FLUSH TABLES WITH READ LOCK');
    let messages: string[] = [];
    try {
      // lag is counted from the time a statement carries.
      await pair.run('blue', 'SET TIMESTAMP = UNIX_TIMESTAMP() - 100', 'CREATE TABLE shop.late (id INT PRIMARY KEY)');
      await eventually('the lag shows', async () => (messages = await found(replicationCaughtUp)).length > 0);
    } finally {
      await lock.end();
    }
    expect(messages).toEqual([expect.stringMatching(/^blocker: Green is 1\d\d s behind: writes would be stopped for about that long\. Wait until it has caught up$/)]);
  });

  test('refuses a Green that says it is hardly behind, and does not execute what Blue has written', async () => {
    const lock = await pair.green.connect();
    await lock.query('FLUSH TABLES WITH READ LOCK');
    let messages: string[] = [];
    try {
      await pair.run('blue', 'CREATE TABLE shop.stuck (id INT PRIMARY KEY)');
      messages = await found(replicationCaughtUp);
    } finally {
      await lock.end();
    }
    expect(messages).toEqual([expect.stringMatching(/^blocker: Green says that it is [0-5] s behind, but has not executed Blue's position \S+:\d+ within 5 s: writes would be stopped until it has/)]);
    await pair.caughtUp();
  });

  test('refuses a delayed replica, which may well be 0 behind', async () => {
    const delay = (seconds: number) => pair.run('green', 'STOP REPLICA SQL_THREAD', `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}`, 'START REPLICA SQL_THREAD');
    await delay(60);
    const messages = await found(replicationCaughtUp).finally(() => delay(0));
    expect(messages).toEqual([expect.stringMatching(/^blocker: Green is a delayed replica \(60 s\): .*rds_set_source_delay\(0\)/)]);
  });

  test('leaves a server that is no replica to green-follows-blue', async () => {
    expect(await found(replicationCaughtUp, { green: blue })).toEqual([]);
  });
});

describe('time-zone-as-on-blue', () => {
  test('refuses a Green that tells another time', async () => {
    expect(await during('green', { time_zone: '+09:00' }, () => found(timeZoneAsOnBlue))).toEqual([
      expect.stringMatching(/^blocker: time_zone is \+09:00 on 'shop-green-abc123' and UTC on Blue: .* Set time_zone in Green's cluster parameter group as in Blue's$/),
    ]);
    expect(await during('green', { time_zone: 'SYSTEM' }, () => found(timeZoneAsOnBlue))).toEqual(await during('green', { time_zone: 'SYSTEM' }, async () => (
      (await pair.run<{ zone: string }>('green', 'SELECT @@system_time_zone AS zone'))[0]?.zone === 'UTC' ? [] : [expect.stringMatching(/^blocker: /)]
    )));
  });
});

describe('event-time-zones', () => {
  test('refuses a Green that does not know the zone of an event, whoever has acknowledged it', async () => {
    const zone = [`INSERT INTO mysql.time_zone (Time_zone_id) VALUES (999)`, `INSERT INTO mysql.time_zone_name VALUES ('Mars/Phobos', 999)`, `INSERT INTO mysql.time_zone_transition_type VALUES (999, 0, 3600, 0, 'MPT')`];
    await pair.run('blue', 'SET SESSION sql_log_bin = 0', ...zone, `SET SESSION time_zone = 'Mars/Phobos'`, 'CREATE EVENT shop.landing ON SCHEDULE EVERY 1 DAY DO SELECT 1');
    const context = { settings: converting(['shop']), situation, blue, green };
    const findings = await runChecks([eventTimeZones, timeZoneAsOnBlue], 'green', context, ['event-time-zones', 'time-zone-as-on-blue']).finally(() => pair.run(
      'blue', 'SET SESSION sql_log_bin = 0', 'DROP EVENT shop.landing', ...['time_zone', 'time_zone_name', 'time_zone_transition_type'].map((table) => `DELETE FROM mysql.${table} WHERE Time_zone_id = 999`),
    ));
    // acknowledging it does not help: MySQL would refuse them.
    expect(findings).toEqual([{ id: 'event-time-zones', severity: 'blocker', message: expect.stringMatching(/^Green does not know the time zones Mars\/Phobos, in which events on Blue start: they could not be altered \(error 1298\)/) as string }]);
  });
});

describe('long-transactions', () => {
  /** Opens a transaction on Blue, and looks at it when it is some time old. */
  async function lookAt(seconds: number, ...statements: readonly string[]): Promise<{ messages: string[]; atPreflight: string[]; id: number }> {
    await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO shop.t VALUES (1, 1), (2, 2)');
    const writer = await pair.blue.connect();
    try {
      await writer.query('BEGIN');
      for (const statement of statements) await writer.query(statement);
      // InnoDB brings this view up to date only when nobody has read it for 100 ms.
      const shown = `SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = ${writer.threadId}`;
      await eventually('the transaction shows', async () => (await pair.run('blue', 'DO SLEEP(0.11)', shown)).length === 1);
      await blue.run('SET TIMESTAMP = UNIX_TIMESTAMP() + ?', [seconds]);
      return { messages: await found(longTransactions), atPreflight: await foundAtPreflight(longTransactions), id: writer.threadId };
    } finally {
      await writer.end();
    }
  }

  test('refuses one that has written, and names its session, user, age and how to end it', async () => {
    const { messages, atPreflight, id } = await lookAt(100, 'INSERT INTO shop.t VALUES (3, 3), (4, 4)', 'UPDATE shop.t SET v = 5 WHERE id = 1');
    expect(messages).toEqual([
      expect.stringMatching(new RegExp(`^blocker: session ${id} of user 'root' has had a writing transaction open for 1\\d\\d s \\(3 rows changed\\): .* Let it finish, or end it \\(CALL mysql\\.rds_kill\\(${id}\\)\\)$`)),
    ]);
    expect(atPreflight).toEqual([
      expect.stringMatching(new RegExp(`^warning: session ${id} of user 'root' has had a writing transaction open for 1\\d\\d s \\(3 rows changed\\): .* \\(switchoverWindow\\)$`)),
    ]);
  });

  test('has nothing against a short one', async () => {
    expect(await lookAt(5, 'INSERT INTO shop.t VALUES (3, 3)')).toMatchObject({ messages: [], atPreflight: [] });
  });

  test('refuses whoever writes on Green, but for its replication', async () => {
    await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await pair.caughtUp();
    const writer = await pair.green.connect();
    try {
      await writer.query('BEGIN');
      await writer.query('INSERT INTO shop.t VALUES (1)');
      let messages: string[] = [];
      // InnoDB brings this view up to date only when nobody has read it for 100 ms.
      await eventually('the transaction shows', async () => { await green.run('DO SLEEP(0.11)'); return (messages = await found(longTransactions)).length > 0; });
      expect(messages).toEqual([expect.stringMatching(new RegExp(`^blocker: session ${writer.threadId} of user 'root' writes on Green, .*\\(CALL mysql\\.rds_kill\\(${writer.threadId}\\) on Green\\)$`))]);
    } finally {
      await writer.end();
    }
  });

  test('has nothing against one that only reads', async () => {
    expect(await lookAt(1000, 'SELECT * FROM shop.t FOR UPDATE')).toMatchObject({ messages: [] });
  });
});

describe('migration-complete', () => {
  test('refuses what was done by another plan than the construct has now', async () => {
    await migrate(pair, converting(['shop']));
    expect(await found(migrationComplete)).toEqual([]);
    expect(await found(migrationComplete, { settings: converting(['shop'], { utf8mb3_bin: 'utf8mb4_0900_bin' }) })).toEqual([expect.stringMatching(/^blocker: the stack was deployed meanwhile with another plan/)]);
  });

  test('refuses a Green without a ledger', async () => {
    expect(await found(migrationComplete)).toEqual([expect.stringMatching(/^blocker: there is no ledger of the migration on Green: start a new execution with \{\}/)]);
  });

  test('counts what is not done', async () => {
    await pair.run('blue', ...['a', 'b', 'c', 'd'].map((name) => `CREATE TABLE shop.${name} (id INT PRIMARY KEY, v VARCHAR(9))`));
    await pair.caughtUp();
    await plan(pair, converting(['shop']));
    const set = (object: string, state: string) => `UPDATE blue_green_pipeline.step SET state = '${state}' WHERE object_name = '${object}'`;
    await pair.run('green', set('a', 'RUNNING'), set('b', 'FAILED'), set('c', 'UNKNOWN'));
    expect(await found(migrationComplete)).toEqual([
      'blocker: 5 steps of the migration are not done (2 pending, 1 running, 1 failed, 1 unknown): start a new execution with {}',
    ]);
  });

  test('refuses columns that arrived after the plan was made', async () => {
    await migrate(pair, converting(['shop']));
    await pair.run('blue', 'CREATE TABLE shop.`o``dd あ` (id INT PRIMARY KEY, `A"b` VARCHAR(9) CHARACTER SET utf8mb3, c TEXT CHARACTER SET ascii, d TEXT CHARACTER SET utf8mb4)');
    await pair.caughtUp();
    expect(await found(migrationComplete)).toEqual(['blocker: 2 columns arrived from Blue after the plan was made and are not converted, e.g. shop.o`dd あ.A"b']);
  });
});

describe('tables-compared', () => {
  test('names the tables that arrived after the comparison, wherever they are, and says what becomes of them', async () => {
    await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await pair.caughtUp();
    await migrate(pair, converting(['shop']));
    await compareAll();
    await pair.run('blue', 'CREATE DATABASE other', 'CREATE TABLE other.`o``dd あ` (id INT PRIMARY KEY)', 'CREATE VIEW other.v AS SELECT 1');
    try {
      expect(await found(tablesCompared)).toEqual([
        expect.stringMatching(/^blocker: 1 table was not compared yet, or not found equal: other\.o`dd あ\. Such as Blue has got since the comparison the pipeline compares by itself; if new ones keep arriving, .*start a new execution with \{\}$/),
      ]);
      await pair.run('blue', ...Array.from({ length: 8 }, (_, index) => `CREATE TABLE shop.late${index} (id INT PRIMARY KEY)`));
      expect(await found(tablesCompared)).toEqual([expect.stringMatching(/^blocker: 9 tables were not compared yet, .*: other\.o`dd あ, (?:shop\.late\d, ){7}… and 1 more\. /)]);
    } finally {
      await pair.run('blue', 'DROP DATABASE other');
    }
  });

  test('does not take a table for equal that another execution compares just now, or has found different', async () => {
    await pair.run('blue', 'CREATE TABLE shop.one (id INT PRIMARY KEY)', 'CREATE TABLE shop.two (id INT PRIMARY KEY)', 'CREATE TABLE shop.three (id INT PRIMARY KEY)');
    await pair.caughtUp();
    await migrate(pair, converting(['shop']));
    await compareAll();
    expect(await found(tablesCompared)).toEqual([]);
    await pair.run(
      'green', `UPDATE blue_green_pipeline.comparison SET state = 'PENDING' WHERE table_name = 'two'`,
      `UPDATE blue_green_pipeline.comparison SET state = 'DIFFERENT' WHERE table_name = 'three'`,
    );
    expect(await found(tablesCompared)).toEqual([expect.stringMatching(/^blocker: 2 tables were not compared yet, or not found equal \(different: shop\.three\): shop\.three, shop\.two\. /)]);
  });

  test('has nothing against tables in tmp, which RDS does not copy', async () => {
    await migrate(pair, converting(['shop']));
    await pair.run('blue', 'CREATE DATABASE tmp', 'CREATE TABLE tmp.t (id INT PRIMARY KEY)');
    expect(await found(tablesCompared).finally(() => pair.run('blue', 'DROP DATABASE tmp'))).toEqual([]);
  });
});

describe('character-sets-as-on-blue', () => {
  test('refuses a table that took its character set from a default which is another one on Green', async () => {
    await pair.run('blue', 'CREATE DATABASE `o``dd あ` CHARACTER SET latin1');
    await pair.caughtUp();
    await pair.run('green', 'ALTER DATABASE `o``dd あ` CHARACTER SET utf8mb4');
    try {
      await pair.run('blue', 'CREATE TABLE `o``dd あ`.t (id INT PRIMARY KEY, `A"b` VARCHAR(9))');
      await pair.caughtUp();
      expect(await found(characterSetsAsOnBlue)).toEqual([
        expect.stringMatching(/^blocker: 1 column would read Blue's bytes in another character set: o`dd あ\.t\.A"b is utf8mb4 on Green and latin1 on Blue\. .*Delete the deployment together with Green, convert .* on Blue to utf8mb3 or utf8mb4, and start again$/),
      ]);
    } finally {
      await pair.run('blue', 'DROP DATABASE `o``dd あ`');
    }
  });

  test('names the first of many', async () => {
    const columns = (characterSet: string) => Array.from({ length: 22 }, (_, index) => `c${index} CHAR(1) CHARACTER SET ${characterSet}`).join(', ');
    await pair.run('blue', `CREATE TABLE shop.wide (${columns('utf8mb4')})`);
    await pair.caughtUp();
    await pair.run('green', 'DROP TABLE shop.wide', `CREATE TABLE shop.wide (${columns('latin1')})`);
    const [message = '', ...others] = await found(characterSetsAsOnBlue);
    expect(message).toMatch(/^blocker: 22 columns would read .* character set: (?:shop\.wide\.c\d+ is latin1 on Green and utf8mb4 on Blue; ){20}… and 2 more\. /);
    expect(others).toEqual([]);
  });

  test.each([
    ['utf8mb3', 'utf8mb4', true], ['ascii', 'utf8mb4', true], ['ascii', 'utf8mb3', true],
    ['utf8mb3', 'ascii', false], ['utf8mb4', 'utf8mb3', false], ['latin1', 'utf8mb4', false], ['utf8mb3', 'utf16', false],
  ])('knows whether bytes of %s mean the same in %s', async (source, target, same) => {
    await pair.run('blue', `CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(20) CHARACTER SET ${source})`);
    await pair.caughtUp();
    await pair.run('green', `ALTER TABLE shop.t MODIFY v VARCHAR(20) CHARACTER SET ${target}`);
    expect(await found(characterSetsAsOnBlue)).toHaveLength(same ? 0 : 1);
  });

  test('has nothing against a view, which stores nothing', async () => {
    await pair.run('blue', 'USE shop', 'CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9) CHARACTER SET ascii)', 'CREATE VIEW v AS SELECT IF(id, a, CONVERT(a USING latin1)) AS mixed FROM t');
    await pair.caughtUp();
    await migrate(pair, converting(['shop']));
    const mixed = `SELECT CHARACTER_SET_NAME AS name FROM information_schema.COLUMNS WHERE COLUMN_NAME = 'mixed'`;
    expect([await pair.run('blue', mixed), await pair.run('green', mixed)]).toEqual([[{ name: 'latin1' }], [{ name: 'utf8mb4' }]]);
    expect(await found(characterSetsAsOnBlue)).toEqual([]);
  });
});

describe('columns-as-on-blue', () => {
  test('refuses a column of Blue that stands at another place on Green, where its values are those of its neighbour', async () => {
    await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)');
    await pair.caughtUp();
    await pair.run('green', 'ALTER TABLE shop.t ADD COLUMN mine INT');
    await pair.run('blue', 'ALTER TABLE shop.t ADD COLUMN theirs INT', 'INSERT INTO shop.t VALUES (1, 2, 3)');
    await pair.caughtUp();
    // why: replication has gone on.
    expect(await pair.run('green', 'SELECT * FROM shop.t')).toEqual([{ id: 1, v: 2, mine: 3, theirs: null }]);
    await plan(pair, converting(['shop']));
    expect(await found(columnsAsOnBlue)).toEqual([expect.stringMatching(/^blocker: shop\.t\.theirs is column 3 on Blue and 4 on Green: row events carry values by position/)]);
  });

  test('has nothing against columns that only Green has at the end, nor against other types and tables', async () => {
    await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)', 'CREATE TABLE shop.T (v INT, id INT PRIMARY KEY)');
    await pair.caughtUp();
    await plan(pair, converting(['shop']));
    await pair.run('green', 'ALTER TABLE shop.t ADD COLUMN mine INT, MODIFY v BIGINT', 'CREATE TABLE shop.only (id INT)');
    expect(await found(columnsAsOnBlue)).toEqual([]);
  });
});

test('names with dots are not taken for one another', async () => {
  await pair.run('blue', 'CREATE DATABASE `shop.a`', 'CREATE TABLE `shop.a`.b (id INT PRIMARY KEY, v CHAR(1) CHARACTER SET utf8mb4, KEY k (v))', 'CREATE TABLE shop.`a.b` (id INT PRIMARY KEY, v CHAR(1) CHARACTER SET utf8mb4)');
  try {
    await pair.caughtUp();
    await migrate(pair, converting(['shop']));
    await compareAll();
    await pair.run('green', 'ALTER TABLE `shop.a`.b DROP KEY k, MODIFY v CHAR(1) CHARACTER SET latin1', `DELETE FROM blue_green_pipeline.comparison WHERE schema_name = 'shop.a'`);
    expect(await found(tablesCompared)).toEqual([expect.stringMatching(/^blocker: 1 table was not compared yet, .*: shop\.a\.b\. /)]);
    expect(await found(characterSetsAsOnBlue)).toEqual([expect.stringMatching(/^blocker: 1 column would read .*: shop\.a\.b\.v is latin1 on Green and utf8mb4 on Blue\./)]);
    expect(await found(indexesAsOnBlue)).toEqual([expect.stringMatching(/^blocker: 1 index is not .*index shop\.a\.b\.k \(BTREE v\) is missing on Green/s)]);
  } finally {
    await pair.run('blue', 'DROP DATABASE `shop.a`');
  }
});

describe('indexes-as-on-blue', () => {
  /** What the check says of indexes of Green that were changed, one line for each, sorted. */
  async function changed(...statements: readonly string[]): Promise<string[]> {
    await pair.run('blue', 'USE shop', ...INDEXED);
    await pair.caughtUp();
    await pair.run('green', 'USE shop', ...statements);
    const [message, ...others] = await found(indexesAsOnBlue);
    expect(others).toEqual([]);
    const [title = '', ...lines] = message?.split('\n') ?? [];
    return [title, ...lines.sort()];
  }

  test('names every index that is missing on Green or another one, with what it should be', async () => {
    const drop = ['words', 'prefixed', 'descending', 'expression', 'u', '`o``dd あ`'].map((name) => `DROP INDEX ${name}`).join(', ');
    const messages = await changed(`ALTER TABLE indexed ${drop}, ADD INDEX prefixed (b(6), a), ADD INDEX descending (c, a), ADD INDEX expression (c, (c + 1)), ADD INDEX u (a, c)`);
    expect(messages).toEqual([
      expect.stringMatching(/^blocker: 6 indexes are not as on Blue\. Create them on Green as SHOW CREATE TABLE prints them on Blue; if Blue has got them just now, the next look finds them:$/),
      'index shop.indexed.descending is (BTREE c, a) on Green and (BTREE c DESC, a) on Blue',
      'index shop.indexed.expression is (BTREE c, (expression)) on Green and (BTREE (expression), c) on Blue',
      'index shop.indexed.o`dd あ (BTREE c) is missing on Green',
      'index shop.indexed.prefixed is (BTREE b(6), a) on Green and (BTREE b(5), a) on Blue',
      'index shop.indexed.u is (BTREE a, c) on Green and (UNIQUE BTREE a, c) on Blue',
      'index shop.indexed.words (FULLTEXT b) is missing on Green',
    ]);
  });

  test('misses a primary key, too', async () => {
    expect(await changed('ALTER TABLE indexed DROP PRIMARY KEY')).toEqual([expect.stringMatching(/^blocker: 1 index is not as on Blue\. /), 'index shop.indexed.PRIMARY (UNIQUE BTREE id) is missing on Green']);
  });

  test('counts what it does not list', async () => {
    await pair.run('blue', `CREATE TABLE shop.many (id INT PRIMARY KEY, ${Array.from({ length: 23 }, (_, index) => `KEY k${index} (id)`).join(', ')})`);
    await pair.caughtUp();
    await pair.run('green', 'DROP TABLE shop.many', 'CREATE TABLE shop.many (id INT PRIMARY KEY)');
    expect(await found(indexesAsOnBlue)).toEqual([expect.stringMatching(/^blocker: 23 indexes are not .*:(?:\nindex shop\.many\.k\d+ \(BTREE id\) is missing on Green){20}\n… and 3 more$/)]);
  });

  test('has nothing against an index more on Green, nor against tables in tmp, which RDS does not copy', async () => {
    await pair.run('blue', 'CREATE DATABASE tmp', 'CREATE TABLE tmp.t (id INT PRIMARY KEY)');
    await pair.caughtUp();
    expect(await changed('ALTER TABLE indexed ADD INDEX more (c, id)', 'DROP TABLE tmp.t').finally(() => pair.run('blue', 'DROP DATABASE tmp'))).toEqual(['']);
  });
});

describe('production-takes-writes', () => {
  test('refuses a production that is read-only', async () => {
    expect(await during('green', { read_only: 'ON' }, () => found(productionTakesWrites))).toEqual([
      expect.stringMatching(/^blocker: production 'shop-green-abc123' is read-only \(read_only=1, innodb_read_only=0\)\. If it stays so, set read_only to 0 in its cluster parameter group; /),
    ]);
  });

  test('has nothing against one that takes writes, though the old Blue does not', async () => {
    expect(await during('blue', { read_only: 'ON' }, () => found(productionTakesWrites))).toEqual([]);
  });
});

describe('Check Green', () => {
  const facts = (which: 'blue' | 'green', identifier: string) => ({ ...pair.server(which), identifier }) as Situation['source'];

  /** What the task finds with production on the server that was Green. */
  async function checked(scope: Scope, source: Situation['source']): Promise<GreenFindings> {
    configure({ migration: converting(['shop']).migration });
    return checkGreen(eventOf({ situation: { phase: 'switched', deployment: null, source, target: facts('green', 'shop') } }, { scope }));
  }

  test('looks at production alone where somebody has deleted the old Blue after the switchover', async () => {
    expect(await checked('after-switchover', null)).toEqual({ blockers: 0, warnings: 0, findings: [], omitted: 0, replan: false });
    expect(await during('green', { read_only: 'ON' }, () => checked('after-switchover', null))).toMatchObject({
      blockers: 1, findings: [{ id: 'production-takes-writes', severity: 'blocker' }], replan: false,
    });
  });

  test('looks at the old Blue as well where it is there', async () => {
    expect(await checked('after-switchover', facts('blue', 'shop-old1'))).toMatchObject({ blockers: 1, findings: [{ id: 'old-blue-protected' }] });
    expect(await during('blue', { read_only: 'ON' }, () => checked('after-switchover', facts('blue', 'shop-old1')))).toMatchObject({ blockers: 0 });
  });

  test.each(['green', 'before-switchover'] as const)('does without Blue at no other time: %s', async (scope) => {
    await expect(checked(scope, null)).rejects.toThrow('Blue is not known');
  });

  test('asks for another plan where nothing but late tables is in the way', async () => {
    await migrate(pair, converting(['shop']));
    await compareAll();
    await pair.run('blue', 'CREATE TABLE shop.late (id INT PRIMARY KEY, v VARCHAR(9) CHARACTER SET utf8mb3)');
    await pair.caughtUp();
    const ids = ({ findings }: GreenFindings) => findings.map(({ id }) => id).sort();

    const late = await checked('before-switchover', facts('blue', 'shop'));
    expect([ids(late), late.replan]).toEqual([['migration-complete', 'tables-compared'], true]);
    await pair.run('green', 'ALTER TABLE shop.late DROP PRIMARY KEY');
    const wrong = await checked('before-switchover', facts('blue', 'shop'));
    expect([ids(wrong), wrong.replan]).toEqual([['indexes-as-on-blue', 'migration-complete', 'tables-compared'], false]);
  });
});

describe('an execution that is not the newest any more', () => {
  const NEWER = 'arn:aws:states:eu-central-1:123456789012:execution:machine:two 0';
  const facts = (which: 'blue' | 'green', identifier: string) => ({ ...pair.server(which), identifier }) as Situation['source'];
  const state = () => ({ situation: { phase: 'available' as const, deployment: null, source: facts('blue', 'shop'), target: facts('green', 'shop-green-abc123') } });
  const superseded = { name: 'SupersededByAnotherExecution', message: expect.stringMatching(/^execution arn:\S+:two has taken over the work on this Green/) as string };

  test('ends at the gate: what the newer one has found counts, and this one knows nothing of it', async () => {
    configure({ migration: converting(['shop']).migration });
    const ready = () => checkGreen(eventOf(state(), { scope: 'before-switchover' }));
    await migrate(pair, converting(['shop']));
    await compareAll();
    expect(await ready()).toMatchObject({ blockers: 0 });
    const redriven = { ...eventOf().execution, redriveCount: 1 };
    expect(await checkGreen(eventOf(state(), { scope: 'before-switchover', execution: redriven }))).toMatchObject({ blockers: 0 });
    // what a function of the run before still does, has no effect.
    await expect(ready()).rejects.toMatchObject({ name: 'SupersededByAnotherExecution' });
    await plan(pair, converting(['shop']), NEWER);
    await expect(ready()).rejects.toMatchObject(superseded);
  });

  test('ends while it waits for its window', async () => {
    // NOW is 21:00 in Tokyo.
    configure({ migration: converting(['shop']).migration, switchoverWindow: { from: '02:00', to: '05:00', timeZone: 'Asia/Tokyo' } });
    await migrate(pair, converting(['shop']));
    expect(await waitForWindow(eventOf(state()))).toMatchObject({ done: false, opensAt: '2026-11-20T17:00:00.000Z', standsSince: null });
    await plan(pair, converting(['shop']), NEWER);
    await expect(waitForWindow(eventOf(state()))).rejects.toMatchObject(superseded);
  });
});

describe('Wait For Window', () => {
  const waiting = (seconds: number, window: WindowProgress | null = null) => (
    waitForWindow(eventOf({ situation: { ...situation, target: { ...situation.target, ...pair.server('green') } as Situation['target'] }, window }, { now: after(seconds) }))
  );

  test('sees that replication stands still without an error, looks soon again, and fails when that lasts', async () => {
    configure({ switchoverWindow: { from: '02:00', to: '05:00', timeZone: 'Asia/Tokyo' } });
    await pair.run('green', 'STOP REPLICA SQL_THREAD');
    try {
      const first = await waiting(0, { done: false, waitSeconds: 600, startedAt: after(-36_000), opensAt: after(18_000), standsSince: null });
      expect(first).toMatchObject({ done: false, waitSeconds: 60, standsSince: NOW });
      expect(await waiting(300, first)).toMatchObject({ done: false, standsSince: NOW });
      await expect(waiting(301, first)).rejects.toMatchObject({ name: 'ReplicationStopped', message: expect.stringMatching(/SQL thread No.*no error is reported, so somebody has stopped it/) as string });
    } finally {
      await pair.run('green', 'START REPLICA SQL_THREAD');
    }
    await pair.caughtUp();
    expect(await waiting(300)).toMatchObject({ done: false, standsSince: null });
  });
});

describe('endpoint-leads-to-green', () => {
  test('refuses while the endpoint leads to the old Blue', async () => {
    expect(await found(endpointLeadsToGreen, { green: blue })).toEqual([
      `blocker: the production endpoint of 'shop-green-abc123' still leads to the old Blue (server ${pair.blue.serverUuid}): DNS may need some seconds`,
    ]);
  });

  test('has nothing against an endpoint that leads to another server', async () => {
    expect(await found(endpointLeadsToGreen)).toEqual([]);
  });
});

describe('old-blue-protected', () => {
  test('refuses an old Blue that takes writes, unless somebody knows better', async () => {
    expect(await found(oldBlueProtected)).toEqual([
      expect.stringMatching(/^blocker: the old Blue 'shop-old1' takes writes \(read_only=0\): .* Set read_only=1 in its cluster parameter group; or acknowledge this/),
    ]);
    const context = { settings: converting(['shop']), situation, blue, green };
    expect(await runChecks([oldBlueProtected], 'after-switchover', context, ['old-blue-protected'])).toMatchObject([{ severity: 'blocker', acknowledged: true }]);
  });

  test('has nothing to say of one that refuses them, nor as long as the endpoint leads there', async () => {
    expect(await during('blue', { read_only: 'ON' }, () => found(oldBlueProtected))).toEqual([]);
    expect(await found(oldBlueProtected, { green: blue })).toEqual([]);
  });
});

describe('old-blue-clients', () => {
  const clients = async () => {
    const problems = await oldBlueClients.run({ instances: (['blue', 'green'] as const).map((which) => ({ identifier: which, ...pair.server(which) })) });
    return problems.map(({ severity, message }) => `${severity}: ${message}`);
  };

  beforeEach(async () => { await Promise.all([blue.close(), green.close()]); });

  test('names whoever is connected to an instance, from where, in which database and for how long idle; the system and our own session are nobody', async () => {
    await eventually('nobody is connected', async () => (await clients()).length === 0);
    const left = await Promise.all([1, 2].map(() => Session.open(pair.server('green'))));
    await Promise.all(left.map((client) => client.run('USE shop')));
    expect(await clients()).toEqual([
      expect.stringMatching(/^blocker: user 'admin' from \S+ in database 'shop' \(2 sessions, idle for \d+ s\) are connected to 'green' of the old Blue: give whoever that is production's address/),
    ]);
    await Promise.all(left.map((client) => client.close()));
  });

  test('does not take for nobody what its user may not see', async () => {
    const process = (statement: string) => pair.run('blue', 'SET SESSION sql_log_bin = 0', statement);
    await process('REVOKE PROCESS ON *.* FROM rds_superuser_role');
    const findings = await runChecks([oldBlueClients], 'retire', { instances: [{ identifier: 'blue', ...pair.server('blue') }] }).finally(() => process('GRANT PROCESS ON *.* TO rds_superuser_role'));
    expect(findings).toMatchObject([{ severity: 'blocker', message: expect.stringMatching(/PROCESS privilege.*not known to be safe/) as string }]);
  });
});

describe('old-blue-visitors', () => {
  test.each([['2001:db8::1:54321', '2001:db8::1'], ['10.1.2.3:54321', '10.1.2.3'], ['localhost', 'localhost']])('reads the address of %s', async (host, address) => {
    expect(await blue.row(`SELECT ${ADDRESS} AS address FROM (SELECT '${host}' AS HOST) p`)).toEqual({ address });
  });

  test('names who has come by for a moment only; who logs in to look is nobody', async () => {
    const visitors = async () => (await runChecks([oldBlueVisitors], 'before-deletion', { instances: [{ identifier: 'green', ...pair.server('green') }] })).map(({ message }) => message);
    expect(await visitors()).toEqual([]);
    await pair.run('green', 'SET SESSION sql_log_bin = 0', `CREATE USER 'job' IDENTIFIED BY 'a secret'`);
    await Promise.all([1, 2].map(async () => (await Session.open(pair.server('green'), { credentials: { user: 'job', password: 'a secret' } })).close()));
    expect(await visitors()).toEqual([expect.stringMatching(/^user 'job' from 127\.0\.0\.1 has connected 2 times since 'green' of the old Blue was restarted .* ago: whoever that is comes and goes/)]);
    await pair.run('green', 'SET SESSION sql_log_bin = 0', `DROP USER 'job'`);
  });

  test('says why a password that was rotated since does not fit', async () => {
    const refused = inOldBlue(pair.server('green'), () => Session.use(pair.server('green'), () => Promise.reject(Object.assign(new Error('refused'), { name: 'LoginRefused' }))));
    await expect(refused).rejects.toMatchObject({ name: 'LoginRefused', message: expect.stringMatching(/has kept the passwords of the switchover.*--master-user-password/) as string });
  });
});

describe('old-blue-replication', () => {
  test('finds what replicates from it, and what it replicates from', async () => {
    expect(await found(oldBlueReplication)).toEqual([expect.stringMatching(/^blocker: user '\S+' from \S+ reads the binlog of the old Blue 'shop-old1'/)]);
    expect(await found(oldBlueReplication, { blue: green })).toEqual([expect.stringMatching(new RegExp(`^blocker: the old Blue 'shop-old1' replicates from another server \\(${pair.blue.serverUuid}\\)`))]);
    await pair.run('green', 'STOP REPLICA');
    expect(await found(oldBlueReplication, { blue: green })).toEqual([expect.stringMatching(/which is stopped and can be started at any time/)]);
    await pair.run('green', 'START REPLICA');
  });
});

describe('old-blue-read-only', () => {
  test('refuses an old Blue that takes writes', async () => {
    expect(await found(oldBlueReadOnly)).toEqual([expect.stringMatching(/^blocker: the old Blue 'shop-old1' takes writes \(read_only=0\)/)]);
    expect(await during('blue', { read_only: 'ON' }, () => found(oldBlueReadOnly))).toEqual([]);
  });
});

describe('Look At Old Blue Again', () => {
  const oldBlueStart = { done: true, waitSeconds: 5, startedAt: NOW, detail: '', instances: [] };
  const look = (lastLook: LastLook | null) => lookAtOldBlue(eventOf({ situation: { ...situation, source: { ...situation.source, ...pair.server('blue') } as Situation['source'] }, oldBlueStart, lastLook }));

  test('looks for some minutes where nobody has counted who came by', async () => {
    configure({ retireBlue: { kind: 'onRequest', bakeSeconds: 0, asks: false, removesDeletionProtection: false, patienceSeconds: 3600 } });
    await pair.run('green', 'STOP REPLICA');
    const readers = await blue.rows<{ id: number }>(`SELECT ID AS id FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'`);
    for (const { id } of readers) await pair.run('blue', `KILL ${id}`);
    await eventually('nobody reads the binlog', async () => (await found(oldBlueReplication)).length === 0);
    await during('blue', { read_only: 'ON' }, async () => {
      const quiet = await look(null);
      expect(quiet).toMatchObject({ done: false, waitSeconds: 20, quietSince: NOW });
      expect(await look({ ...quiet, quietSince: after(-230) })).toMatchObject({ done: false });
      expect(await look({ ...quiet, quietSince: after(-240) })).toMatchObject({ done: true });
    });
    await pair.run('green', 'START REPLICA');
  });

  test('waits for a moment, and then ends with everything that was found', async () => {
    configure({ retireBlue: { kind: 'onRequest', bakeSeconds: 0, asks: false, removesDeletionProtection: false, patienceSeconds: 3600 } });
    expect(await look(null)).toMatchObject({ done: false });
    await expect(look({ done: false, waitSeconds: 5, startedAt: after(-301), quietSince: null })).rejects.toMatchObject({
      name: 'RetireRefused', message: expect.stringMatching(/old-blue-replication.*old-blue-read-only.*Its final snapshot is there, and its deployment is gone/s) as string,
    });
  });
});
