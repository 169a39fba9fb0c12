import { setTimeout as sleep } from 'node:timers/promises';
import { type GreenContext } from '../../../lambda/checks/mysql/context';
import { dataStillEqual } from '../../../lambda/checks/mysql/data-still-equal';
import { Ledger } from '../../../lambda/migration/ledger';
import { LEDGER_SCHEMA } from '../../../lambda/migration/worker-procedure';
import { Session } from '../../../lambda/mysql/session';
import { type Situation } from '../../../lambda/shared/state';
import { compare, type Sessions } from '../../../lambda/verification/comparison';
import { lastLook } from '../../../lambda/verification/last-look';
import { Phase } from '../../../lib/private/contract';
import { openPair, type Pair } from '../helpers/pair';
import { NOW, settingsOf } from '../shared/event';

/** More than a sample takes. */
const ROWS = 3000;
const TABLE = '(id INT PRIMARY KEY, v INT, name VARCHAR(40)) DEFAULT CHARACTER SET utf8mb3';
const SEED = 'bgd-1';

let pair: Pair;
let sessions: Sessions;
/** Names the execution of the present test. */
let execution = 0;

beforeAll(async () => {
  // the position a replica reports is brought up to date every 300 ms.
  pair = await openPair({ green: { replica_checkpoint_period: 10 } });
  const green = await Session.open(pair.server('green'));
  await Ledger.create(green, { planHash: 'plan', serverUuid: pair.green.serverUuid, replicaVisible: true });
  await green.close();
});

beforeEach(async () => {
  execution += 1;
  await pair.run('blue', 'DROP DATABASE IF EXISTS shop', 'CREATE DATABASE shop');
  const [blue, green, ledger] = [await Session.open(pair.server('blue')), await Session.open(pair.server('green')), await Session.open(pair.server('green'))];
  sessions = { blue, green, ledger };
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(Object.values(sessions).map((session: Session) => session.close()));
});

afterAll(() => pair?.close());

/** Makes a table on Blue with rows 1, 2, 3, … */
async function fill(table: string, rows = 20, definition = TABLE): Promise<void> {
  await pair.run(
    'blue', `CREATE TABLE shop.${table} ${definition}`, `SET SESSION cte_max_recursion_depth = ${ROWS}`,
    `INSERT INTO shop.${table} WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${rows}) SELECT n, n * 7, CONCAT('naïve 漢字 ', n) FROM n`,
  );
}

/** Compares everything, as the execution has done before. */
async function compared(): Promise<void> {
  await pair.caughtUp();
  const name = `execution ${execution} 0`;
  await pair.run('green', `UPDATE ${LEDGER_SCHEMA}.plan SET execution = '${name}'`);
  await compare(sessions, settingsOf(), { now: NOW, execution: name, previous: null });
}

/** Writes on Blue, and waits until Green has it. */
async function later(...statements: readonly string[]): Promise<void> {
  await pair.run('blue', ...statements);
  await pair.caughtUp();
}

/** What the last look finds. */
async function differences(seed = SEED): Promise<readonly string[]> {
  return (await lastLook(sessions, seed)).differences;
}

describe('the last look', () => {
  test('finds nothing where data are equal, also where Green is converted and Blue has gone on', async () => {
    await fill('converted', ROWS);
    await fill('without_key', 20, TABLE.replace(' PRIMARY KEY', ''));
    await pair.run('blue', 'CREATE TABLE shop.empty (id INT PRIMARY KEY)', 'CREATE TABLE shop.texts (code VARCHAR(20) PRIMARY KEY)', `INSERT INTO shop.texts VALUES ('a'), ('b')`);
    await pair.caughtUp();
    await pair.run('green', 'ALTER TABLE shop.converted CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci');
    await compared();
    await later(`INSERT INTO shop.converted VALUES (9001, 1, 'é漢')`, 'DELETE FROM shop.converted WHERE id < 100', 'INSERT INTO shop.empty VALUES (5)', `INSERT INTO shop.texts VALUES ('c')`);

    expect(await lastLook(sessions, SEED)).toEqual({ differences: [], tables: 4, omitted: 0, restless: [] });
  });

  test('finds rows that were inserted after the comparison and damaged on Green', async () => {
    const damages = { changed: 'UPDATE ? SET v = 0 WHERE id = 9001', missing: 'DELETE FROM ? WHERE id = 9001', additional: 'INSERT INTO ? VALUES (9003, 0, NULL)' };
    for (const table of Object.keys(damages)) await fill(table, ROWS);
    await compared();
    await later(...Object.keys(damages).map((table) => `INSERT INTO shop.${table} VALUES (9001, 1, 'late'), (9002, 2, 'later')`));
    for (const [table, statement] of Object.entries(damages)) await pair.run('green', statement.replace('?', `shop.${table}`));

    const found = await differences();

    expect(found).toEqual(expect.arrayContaining([
      'shop.changed: 1 rows differ (1 with different content); (id) = (9001), in the range behind (3000) to the end',
      'shop.missing: 1 rows differ (1 missing on Green); (id) = (9001), in the range behind (3000) to the end',
      'shop.additional: 1 rows differ (1 only on Green); (id) = (9003), in the range behind (3000) to the end',
    ]));
  });

  test('looks at a sample that follows from the seed', async () => {
    await fill('sampled', ROWS);
    await compared();
    await pair.run('green', 'UPDATE shop.sampled SET v = -1');

    const [once, again, other] = [await differences('bgd-1'), await differences('bgd-1'), await differences('bgd-2')];

    expect(once).toEqual([expect.stringMatching(/^shop\.sampled: \d+ rows differ \(\d+ with different content\); \(id\) = .*, in the range behind \(\d+\) (up to \(\d+\)|to the end)$/)]);
    expect(again).toEqual(once);
    expect(other).toHaveLength(1);
    expect(other).not.toEqual(once);
  });

  test.each([
    ['a single row', 'INT', ['7']],
    ['a single row with the key 0', 'BIGINT UNSIGNED', ['0']],
    ['keys as far apart as can be', 'BIGINT', ['-9223372036854775808', '9223372036854775807']],
    ['keys as large as can be', 'BIGINT UNSIGNED', ['18446744073709551614', '18446744073709551615']],
  ])('the sample reaches the rows of a table with %s', async (_, type, keys) => {
    await pair.run('blue', `CREATE TABLE shop.extreme (id ${type} PRIMARY KEY, v INT)`, `INSERT INTO shop.extreme VALUES ${keys.map((key) => `(${key}, 1)`).join(', ')}`);
    await compared();
    expect(await differences()).toEqual([]);
    await pair.run('green', 'UPDATE shop.extreme SET v = 0');
    expect(await differences()).toEqual([expect.stringContaining(`(${keys.at(-1)})`)]);
  });

  test('finds rows that were inserted into an empty table, behind those of the sample, too', async () => {
    await pair.run('blue', 'CREATE TABLE shop.fresh (id VARCHAR(20) CHARACTER SET ascii PRIMARY KEY, v INT)');
    await compared();
    await later(`SET SESSION cte_max_recursion_depth = ${ROWS}`, `INSERT INTO shop.fresh WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ${ROWS}) SELECT LPAD(n, 6, '0'), n FROM n`);
    await pair.run('green', `DELETE FROM shop.fresh WHERE id = '002500'`);
    expect(await differences()).toEqual(['shop.fresh: 1 rows differ (1 missing on Green)']);
  });

  test('looks at the first rows where the key is a text, and names none', async () => {
    await pair.run('blue', 'CREATE TABLE shop.people (email VARCHAR(60) CHARACTER SET utf8mb4 PRIMARY KEY, v INT)', `INSERT INTO shop.people VALUES ('ann@example.com', 1), ('bob@example.com', 2)`);
    await compared();
    await later(`INSERT INTO shop.people VALUES ('zoe@example.com', 1)`);
    await pair.run('green', 'UPDATE shop.people SET v = 0');
    expect(await differences()).toEqual(['shop.people: 3 rows differ (3 with different content)', 'shop.people: 1 rows differ (1 with different content)']);
  });

  test('looks at the whole of a small table without a key', async () => {
    await fill('without_key', 20, TABLE.replace(' PRIMARY KEY', ''));
    await compared();
    await later(`INSERT INTO shop.without_key VALUES (21, 1, 'late')`);
    await pair.run('green', 'DELETE FROM shop.without_key WHERE id IN (1, 21)');
    expect(await differences()).toEqual(['shop.without_key: 2 rows differ (2 missing on Green)']);
  });

  test('passes over a large table without a key, which it has no time for', async () => {
    await fill('large', 20, TABLE.replace(' PRIMARY KEY', ''));
    await compared();
    await pair.run('green', `UPDATE ${LEDGER_SCHEMA}.comparison SET rows_compared = 5001`, 'DELETE FROM shop.large');
    expect(await lastLook(sessions, SEED)).toEqual({ differences: [], tables: 1, omitted: 0, restless: [] });
  });

  test('passes over a table that Blue has dropped since, not over one that only Green has lost', async () => {
    await fill('dropped');
    await fill('lost');
    await compared();
    await later('DROP TABLE shop.dropped');
    await pair.run('green', 'DROP TABLE shop.lost');
    expect(await differences()).toEqual(['shop.lost: the table does not exist on Green']);
  });

  test('is never wrong about rows that change all the time', async () => {
    await fill('busy');
    await fill('busy_without_key', 20, TABLE.replace(' PRIMARY KEY', ''));
    await compared();
    let writing = true;
    const writers = ['busy', 'busy_without_key'].map((table) => pair.blue.withConnection(async (connection) => {
      for (let id = 100; writing; id += 1) {
        await connection.query(`INSERT INTO shop.${table} VALUES (${id}, 1, 'new')`);
        await connection.query(`UPDATE shop.${table} SET v = v + 1 WHERE id IN (20, ${id})`);
        await connection.query(`DELETE FROM shop.${table} WHERE id = ${id - 3}`);
        await sleep(2 + Math.random() * 10);
      }
    }));

    const found: string[] = [];
    try {
      for (let time = 0; time < 10; time += 1) found.push(...await differences(`bgd-${time}`));
    } finally {
      writing = false;
      await Promise.all(writers);
    }

    expect(found).toEqual([]);
  });
});

describe('data-still-equal', () => {
  const situation: Situation = { phase: Phase.AVAILABLE, deployment: { identifier: SEED, name: 'shop-utf8mb4', status: 'AVAILABLE' }, source: null, target: null };

  function context(): GreenContext {
    return { settings: settingsOf(), situation, blue: sessions.blue, green: sessions.green };
  }

  test('runs right before the switchover, and has nothing to say where data are equal', async () => {
    await fill('orders');
    await compared();
    expect(dataStillEqual.scopes).toEqual(['before-switchover']);
    expect(await dataStillEqual.run(context())).toEqual([]);
  });

  test('stops the switchover where they differ, and says where', async () => {
    await fill('orders');
    await compared();
    await later(`INSERT INTO shop.orders VALUES (21, 1, 'late')`);
    await pair.run('green', 'DELETE FROM shop.orders WHERE id = 21');
    const problems = await dataStillEqual.run(context());
    expect(problems).toContainEqual({
      severity: 'blocker',
      message: 'data differ in shop.orders: 1 rows differ (1 missing on Green); (id) = (21), in the range behind (20) to the end, although they were equal when they were compared: somebody writes on '
        + 'Green, or replication does not carry everything over. Find out which before anything is switched over',
    });
  });

  test('names a table of which no row was ever seen at rest, as long as that is so', async () => {
    await pair.run('blue', 'CREATE TABLE shop.counter (id INT PRIMARY KEY, v INT)', 'INSERT INTO shop.counter VALUES (1, 1)');
    const rows = sessions.green.rows.bind(sessions.green);
    const restless = jest.spyOn(sessions.green, 'rows').mockImplementation(async (sql, ...values) => {
      if (sql.includes('CRC32(CRC32') || sql.includes('SHA2(')) await later('UPDATE shop.counter SET v = v + 1');
      return rows(sql, ...values) as never;
    });
    await compared();
    expect(await dataStillEqual.run(context())).toEqual([{ severity: 'warning', message: expect.stringMatching(/^every row of shop\.counter changed all the time while it was looked at, so none was seen to be equal/) as string }]);
    restless.mockRestore();
    expect(await dataStillEqual.run(context())).toEqual([]);
  });

  test('tells how many tables it had no time for', async () => {
    for (const table of ['one', 'two']) await fill(table);
    await compared();
    jest.spyOn(Date, 'now').mockReturnValueOnce(0);
    expect(await dataStillEqual.run(context())).toEqual([{ severity: 'note', message: 'the last look before the switchover had time for 0 tables; 2 were compared only earlier' }]);
  });
});
