import { runChecks, type Scope } from '../../../../lambda/checks/check';
import { type GreenContext } from '../../../../lambda/checks/mysql/context';
import { endpointLeadsToGreen } from '../../../../lambda/checks/mysql/endpoint-leads-to-green';
import { greenFollowsBlue } from '../../../../lambda/checks/mysql/green-follows-blue';
import { greenSettings } from '../../../../lambda/checks/mysql/green-settings';
import { longTransactions } from '../../../../lambda/checks/mysql/long-transactions';
import { migrationComplete } from '../../../../lambda/checks/mysql/migration-complete';
import { replicationCaughtUp } from '../../../../lambda/checks/mysql/replication-caught-up';
import { Session } from '../../../../lambda/mysql/session';
import { type Situation } from '../../../../lambda/shared/state';
import { eventually } from '../../../rehearsal/mysql/eventually';
import { openPair, type Pair } from '../../helpers/pair';
import { converting, migrate, plan } from '../../migration/migrate';
import { settingsOf } from '../../shared/event';

const CHECKS = [greenFollowsBlue, greenSettings, replicationCaughtUp, longTransactions, migrationComplete, endpointLeadsToGreen];

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

type GreenCheck = typeof greenSettings;

/** What a check finds, `severity: message`. */
async function found(check: GreenCheck, context: Partial<GreenContext> = {}): Promise<string[]> {
  const problems = await check.run({ settings: converting(['shop']), situation, blue, green, ...context });
  return problems.map(({ severity, message }) => `${severity}: ${message}`);
}

/** Runs something while global variables of a server are other than they should be. */
async function during<Result>(which: 'blue' | 'green', variables: Readonly<Record<string, string>>, run: () => Promise<Result>): Promise<Result> {
  const names = Object.keys(variables);
  const [before = {}] = await pair.run<Record<string, string | number>>(which, `SELECT ${names.map((name) => `@@global.${name} AS ${name}`).join(', ')}`);
  const set = (values: Readonly<Record<string, string | number>>) => Object.entries(values).map(([name, value]) => `SET GLOBAL ${name} = ${typeof value === 'number' ? value : `'${value}'`}`);
  await pair.run(which, ...set(variables));
  return run().finally(() => pair.run(which, ...set(before)));
}

test('nothing is found where everything is as it should be', async () => {
  await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(9))');
  await pair.caughtUp();
  await migrate(pair, converting(['shop']));
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
    expect(await during('green', { log_bin_trust_function_creators: 'OFF' }, () => found(greenSettings))).toEqual([
      expect.stringMatching(/^blocker: log_bin_trust_function_creators is OFF on Green: .*1419.* Set it to 1 in Green's cluster parameter group/),
    ]);
  });

  test('refuses a Green on which nothing can be written', async () => {
    expect(await during('green', { super_read_only: 'ON', read_only: 'ON' }, () => found(greenSettings))).toEqual([
      expect.stringMatching(/^blocker: our user cannot write on 'shop-green-abc123' \(.*--super-read-only.*\): use a user with CONNECTION_ADMIN .* or set read_only to 0/),
    ]);
  });

  test('writes nothing on a server that is not Green', async () => {
    await found(greenSettings, { green: blue });
    expect(await pair.run('blue', `SHOW DATABASES LIKE 'blue%'`)).toEqual([]);
  });

  test('tells everything at once', async () => {
    expect(await during('green', { replica_type_conversions: '', event_scheduler: 'ON', log_bin_trust_function_creators: 'OFF', super_read_only: 'ON', read_only: 'ON' }, () => found(greenSettings))).toHaveLength(4);
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

  test('leaves a server that is no replica to green-follows-blue', async () => {
    expect(await found(replicationCaughtUp, { green: blue })).toEqual([]);
  });
});

describe('long-transactions', () => {
  /** Opens a transaction on Blue, and looks at it when it is some time old. */
  async function lookAt(seconds: number, ...statements: readonly string[]): Promise<{ messages: string[]; id: number }> {
    await pair.run('blue', 'CREATE TABLE shop.t (id INT PRIMARY KEY, v INT)', 'INSERT INTO shop.t VALUES (1, 1), (2, 2)');
    const writer = await pair.blue.connect();
    try {
      await writer.query('BEGIN');
      for (const statement of statements) await writer.query(statement);
      await blue.run('SET TIMESTAMP = UNIX_TIMESTAMP() + ?', [seconds]);
      return { messages: await found(longTransactions), id: writer.threadId };
    } finally {
      await writer.end();
    }
  }

  test('refuses one that has written, and names its session, user, age and how to end it', async () => {
    const { messages, id } = await lookAt(100, 'INSERT INTO shop.t VALUES (3, 3), (4, 4)', 'UPDATE shop.t SET v = 5 WHERE id = 1');
    expect(messages).toEqual([
      expect.stringMatching(new RegExp(`^blocker: session ${id} of user 'root' has had a writing transaction open for 1\\d\\d s \\(3 rows changed\\): .* Let it finish, or end it \\(CALL mysql\\.rds_kill\\(${id}\\)\\)$`)),
    ]);
  });

  test('has nothing against a short one', async () => {
    expect(await lookAt(30, 'INSERT INTO shop.t VALUES (3, 3)')).toMatchObject({ messages: [] });
  });

  test('has nothing against one that only reads', async () => {
    expect(await lookAt(1000, 'SELECT * FROM shop.t FOR UPDATE')).toMatchObject({ messages: [] });
  });
});

describe('migration-complete', () => {
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

describe('endpoint-leads-to-green', () => {
  test('refuses while the endpoint leads to the old Blue', async () => {
    expect(await found(endpointLeadsToGreen, { green: blue })).toEqual([
      `blocker: the production endpoint of 'shop-green-abc123' still leads to the old Blue (server ${pair.blue.serverUuid}): DNS may need some seconds`,
    ]);
  });

  test('refuses an old Blue that takes writes', async () => {
    expect(await found(endpointLeadsToGreen)).toEqual([
      expect.stringMatching(/^blocker: the old Blue 'shop-old1' takes writes: .* Set read_only=1 in its cluster parameter group$/),
    ]);
  });
});
