import { setTimeout as sleep } from 'node:timers/promises';
import { Ledger } from '../../../lambda/migration/ledger';
import { LEDGER_SCHEMA } from '../../../lambda/migration/worker-procedure';
import { Session } from '../../../lambda/mysql/session';
import { presentPosition } from '../../../lambda/replication/catch-up';
import { type ComparisonProgress } from '../../../lambda/shared/state';
import { compare, type ComparisonRun, type Sessions } from '../../../lambda/verification/comparison';
import { ComparisonLedger } from '../../../lambda/verification/comparison-ledger';
import { Load, type Pace } from '../../../lambda/verification/load';
import { compareWithGreen, describeBoth } from '../../../lambda/verification/ranges';
import { comparedTable } from '../../../lambda/verification/row-expression';
import { type RangeOutcome } from '../../../lambda/verification/suspect';
import { type ComparisonSettings } from '../../../lib/private/contract';
import { openPair, type Pair } from '../helpers/pair';
import { after, NOW, settingsOf } from '../shared/event';

/** Twenty rows in chunks of four: 1 to 4, 5 to 8, … */
const ROWS = 20;
const ROWS_PER_CHUNK = 4;
const TABLE = `(id INT PRIMARY KEY, v INT, name VARCHAR(40)) DEFAULT CHARACTER SET utf8mb3`;

let pair: Pair;
let sessions: Sessions;
/** Names the execution of the present test. */
let execution = 0;

beforeAll(async () => {
  // the position a replica reports is brought up to date every 300 ms; the tests ask for it a thousand times.
  pair = await openPair({ green: { replica_checkpoint_period: 10 } });
  const green = await Session.open(pair.server('green'));
  await Ledger.create(green, { planHash: 'plan', serverUuid: pair.green.serverUuid, replicaVisible: true });
  await green.close();
});

beforeEach(async () => {
  execution += 1;
  await pair.run('blue', 'DROP DATABASE IF EXISTS shop', 'CREATE DATABASE shop');
  await openSessions();
});

afterEach(async () => {
  jest.restoreAllMocks();
  await closeSessions();
});

afterAll(() => pair?.close());

async function openSessions(): Promise<void> {
  const [blue, green, ledger] = [await Session.open(pair.server('blue')), await Session.open(pair.server('green')), await Session.open(pair.server('green'))];
  sessions = { blue, green, ledger };
}

async function closeSessions(): Promise<void> {
  await Promise.all(Object.values(sessions).map((session: Session) => session.close()));
}

/** Makes a table of twenty rows on Blue and waits until Green has it. */
async function fill(table: string, definition = TABLE): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, index) => `(${index + 1}, ${index * 7}, 'naïve 漢字 ${index}')`);
  await pair.run('blue', `CREATE TABLE shop.${table} ${definition}`, `INSERT INTO shop.${table} VALUES ${rows.join(', ')}`);
  await pair.caughtUp();
}

async function run(options: Partial<ComparisonRun> = {}): Promise<ComparisonProgress> {
  const now = { now: NOW, execution: `execution ${execution} 0`, previous: null, rowsPerChunk: ROWS_PER_CHUNK, ...options };
  // as the planning of this execution does.
  await pair.run('green', `UPDATE ${LEDGER_SCHEMA}.plan SET execution = '${now.execution}'`);
  return compare(sessions, settingsOf(), now);
}

/** The message of the differences, one line per table. */
async function differences(options: Partial<ComparisonRun> = {}): Promise<string> {
  const error = await run(options).then((progress) => { throw new Error(`no difference was found: ${JSON.stringify(progress)}`); }, (thrown: Error) => thrown);
  expect(error).toMatchObject({ name: 'DataDiffers' });
  return error.message;
}

test('equal data are equal, also where Green is converted already', async () => {
  await fill('converted');
  await fill('without_key', '(id INT, v INT, name VARCHAR(40)) DEFAULT CHARACTER SET utf8mb3');
  await pair.run('blue', 'CREATE TABLE shop.empty (id INT PRIMARY KEY)');
  await pair.caughtUp();
  await pair.run('green', 'ALTER TABLE shop.converted CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci');
  await pair.run('blue', `INSERT INTO shop.converted VALUES (100, 1, 'é漢 after the conversion')`);

  expect(await run()).toEqual({
    done: true, waitSeconds: 5, startedAt: NOW, tables: 3, tablesCompared: 3, rowsCompared: 2 * ROWS + 1, percent: 100, hotRows: 0,
    secondsSpent: expect.any(Number) as number, secondsRested: expect.any(Number) as number, secondsPerGigabyte: expect.any(Number) as number,
  });
});

test('finds what was planted on Green: missing, additional and changed rows in the first, a middle and the last chunk', async () => {
  const planted = {
    missing_first: 'DELETE FROM ? WHERE id = 1',
    missing_middle: 'DELETE FROM ? WHERE id = 10',
    missing_last: 'DELETE FROM ? WHERE id = 20',
    extra_first: 'INSERT INTO ? VALUES (-5, 0, NULL)',
    extra_last: 'INSERT INTO ? VALUES (21, 0, NULL)',
    changed_first: 'UPDATE ? SET v = NULL WHERE id = 1',
    changed_middle: `UPDATE ? SET name = 'naïve' WHERE id = 8`,
    changed_last: 'UPDATE ? SET v = v + 1 WHERE id = 20',
    exchanged: 'UPDATE ? SET v = IF(id = 2, 14, 7) WHERE id IN (2, 3)',
  };
  for (const table of Object.keys(planted)) await fill(table);
  for (const [table, statement] of Object.entries(planted)) await pair.run('green', statement.replace('?', `shop.${table}`));

  const message = await differences();

  expect(message).toMatch(/^9 tables hold different data on Blue and Green, so nothing is switched over; Blue is untouched\./);
  expect(message).toContain('shop.missing_first: 1 rows differ (1 missing on Green); (id) = (1), in the range from the start up to (4)');
  expect(message).toContain('shop.missing_middle: 1 rows differ (1 missing on Green); (id) = (10), in the range behind (8) up to (12)');
  expect(message).toContain('shop.missing_last: 1 rows differ (1 missing on Green); (id) = (20), in the range behind (16) up to (20)');
  expect(message).toContain('shop.extra_first: 1 rows differ (1 only on Green); (id) = (-5), in the range from the start up to (4)');
  expect(message).toContain('shop.extra_last: 1 rows differ (1 only on Green); (id) = (21), in the range behind (20) to the end');
  expect(message).toContain('shop.changed_first: 1 rows differ (1 with different content); (id) = (1)');
  expect(message).toContain('shop.changed_middle: 1 rows differ (1 with different content); (id) = (8)');
  expect(message).toContain('shop.changed_last: 1 rows differ (1 with different content); (id) = (20)');
  expect(message).toContain('shop.exchanged: 2 rows differ (2 with different content); (id) = (2), (3)');
  expect(message).not.toMatch(/naïve|漢字/);
});

test('finds what was planted in a table without a key', async () => {
  const definition = TABLE.replace(' PRIMARY KEY', '');
  for (const table of ['missing', 'doubled', 'changed']) await fill(table, definition);
  await pair.run('green', 'DELETE FROM shop.missing WHERE id = 5', 'INSERT INTO shop.doubled SELECT * FROM shop.doubled', 'UPDATE shop.changed SET v = 0 WHERE id = 5');

  const message = await differences();

  expect(message).toContain('shop.missing: 1 rows differ (1 missing on Green)');
  expect(message).toContain('shop.doubled: 20 rows differ (20 with different content)');
  expect(message).toContain('shop.changed: 2 rows differ (1 missing on Green, 1 only on Green)');
});

test('finds single rows in a large chunk, also where a column is called like a selected expression', async () => {
  for (const table of ['missing', 'extra', 'changed', 'equal']) {
    await pair.run('blue', `CREATE TABLE shop.${table} (a VARCHAR(20) CHARACTER SET utf8mb3, b INT, share INT, PRIMARY KEY (a, b))`, 'SET SESSION cte_max_recursion_depth = 3000',
      `INSERT INTO shop.${table} WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 3000) SELECT CONCAT('é', n % 7), n, n FROM n`);
  }
  await pair.caughtUp();
  await pair.run('green', 'DELETE FROM shop.missing WHERE b = 1500', `INSERT INTO shop.extra VALUES ('é3', 0, 0)`, 'UPDATE shop.changed SET share = -share WHERE b IN (7, 1234, 2999)');

  const message = await differences({ rowsPerChunk: 20_000 });

  expect(message).toMatch(/^3 tables hold different data/);
  expect(message).toContain('shop.missing: 1 rows differ (1 missing on Green)');
  expect(message).toContain('shop.extra: 1 rows differ (1 only on Green)');
  expect(message).toContain('shop.changed: 3 rows differ (3 with different content)');
});

test('names no text that may be about a person, in keys neither', async () => {
  await pair.run('blue', 'CREATE TABLE shop.people (email VARCHAR(60) CHARACTER SET utf8mb3 PRIMARY KEY, token BINARY(4) NOT NULL)');
  await pair.run('blue', `INSERT INTO shop.people VALUES ('ann@example.com', X'01020304'), ('bob@example.com', X'05060708')`);
  await pair.caughtUp();
  await pair.run('green', `UPDATE shop.people SET token = X'FF' WHERE email LIKE 'bob%'`);

  const message = await differences();

  expect(message).toContain('shop.people: 1 rows differ (1 with different content)\n');
  // neither as text nor as the literals keys are remembered as.
  expect(message).not.toMatch(/example|626F62|05060708/i);
});

test('finds a table and a column that Green lacks, and lets a column more at the end pass', async () => {
  for (const table of ['lost_table', 'lost_column', 'more_columns']) await fill(table);
  await pair.run('green', 'DROP TABLE shop.lost_table', 'ALTER TABLE shop.lost_column DROP COLUMN name', 'ALTER TABLE shop.more_columns ADD COLUMN note VARCHAR(10) DEFAULT 7');

  const message = await differences();

  expect(message).toContain('shop.lost_table: the table does not exist on Green');
  expect(message).toContain('shop.lost_column: Green has no column name');
  expect(message).not.toContain('shop.more_columns');
});

test('takes no difference from a key that Green orders otherwise', async () => {
  await pair.run('blue', 'CREATE TABLE shop.codes (code VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci PRIMARY KEY)');
  await pair.run('blue', `INSERT INTO shop.codes VALUES ('a_b'), ('a-b'), ('ab'), ('a b'), ('_a'), ('-a'), ('1'), ('!'), ('z'), ('[z]'), ('Z z')`);
  await pair.caughtUp();
  await pair.run('green', 'ALTER TABLE shop.codes CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci');

  expect(await run()).toMatchObject({ done: true, rowsCompared: 11, hotRows: 0 });
});

test('waits for a table that Blue has just got', async () => {
  const locked = await pair.green.connect();
  await locked.query('FLUSH TABLES WITH READ LOCK');
  await pair.run('blue', `CREATE TABLE shop.fresh ${TABLE}`, `INSERT INTO shop.fresh VALUES (1, 1, 'x')`);

  const comparing = run();
  await sleep(300);
  await locked.end();

  expect(await comparing).toMatchObject({ done: true, tables: 1, rowsCompared: 1 });
});

test('forgets a table that Blue has dropped since', async () => {
  await fill('aaa');
  await fill('temporary');
  // the first look at the rows comes when both tables are listed.
  const rows = sessions.green.row.bind(sessions.green);
  jest.spyOn(sessions.green, 'row').mockImplementationOnce(async (...query) => {
    await pair.run('blue', 'DROP TABLE shop.temporary');
    return rows(...query);
  });

  expect(await run()).toMatchObject({ done: true, tables: 2, tablesCompared: 2, rowsCompared: ROWS });
});

test('lets a table pass that Blue drops and makes anew while it is described', async () => {
  await fill('staging');
  const rows = sessions.green.rows.bind(sessions.green);
  let descriptions = 0;
  jest.spyOn(sessions.green, 'rows').mockImplementation(async (sql, ...values) => {
    if (!sql.includes('information_schema.COLUMNS')) return rows(sql, ...values);
    descriptions += 1;
    if (descriptions > 2) return rows(sql, ...values);
    await pair.run('blue', 'DROP TABLE shop.staging');
    await pair.caughtUp();
    const found = await rows(sql, ...values);
    await fill('staging');
    return found as never;
  });

  expect(await run()).toMatchObject({ done: true, rowsCompared: ROWS });
});

test('describes a table again that is altered on Blue in the middle', async () => {
  await fill('altered');
  const row = sessions.blue.row.bind(sessions.blue);
  const spy = jest.spyOn(sessions.blue, 'row').mockImplementation(async (sql, ...values) => {
    if (!sql.includes('LIMIT 1 OFFSET 3')) return row(sql, ...values);
    spy.mockImplementation(row);
    await pair.run('blue', 'ALTER TABLE shop.altered DROP COLUMN name');
    return row(sql, ...values);
  });

  expect(await run()).toMatchObject({ done: true, tablesCompared: 1, rowsCompared: ROWS });
});

describe('how much is compared, and from where', () => {
  async function runWith(comparison: ComparisonSettings, more: Partial<Sessions> = {}, rowsPerChunk = 1): Promise<ComparisonProgress> {
    execution += 1;
    const name = `execution ${execution} 0`;
    await pair.run('green', `UPDATE ${LEDGER_SCHEMA}.plan SET execution = '${name}'`);
    return compare({ ...sessions, ...more }, settingsOf({ comparison }), { now: NOW, execution: name, previous: null, rowsPerChunk });
  }

  test('a sample is a part of each table, the same for the same seed', async () => {
    await fill('sampled');
    const rows: number[] = [];
    for (const seed of ['one', 'one', 'other']) {
      const progress = await runWith({ kind: 'sample', share: 0.3, seed });
      expect(progress).toMatchObject({ done: true, tablesCompared: 1 });
      rows.push(progress.rowsCompared);
    }
    expect(rows[1]).toBe(rows[0]);
    expect(rows.every((count) => count >= 1 && count < ROWS)).toBe(true);
    // the first piece: neither what is passed over nor the last one says how long pieces take.
    const pieces = jest.spyOn(Load.prototype, 'took');
    await runWith({ kind: 'sample', share: 0.001 });
    expect(pieces.mock.calls.flatMap(([times]) => times)).toHaveLength(1);
    // the first piece always is.
    await pair.run('green', 'UPDATE shop.sampled SET v = -1 WHERE id = 1');
    await expect(runWith({ kind: 'sample', share: 0.001 })).rejects.toMatchObject({ name: 'DataDiffers' });
  });

  test('nothing is read where it is switched off', async () => {
    await fill('ignored');
    await pair.run('green', 'DELETE FROM shop.ignored');
    expect(await runWith({ kind: 'off' })).toMatchObject({ done: true, tables: 0, rowsCompared: 0 });
  });

  test('tables are read from a reader; what only the reader has not got yet is no difference', async () => {
    await fill('late_there');
    const reader = await Session.open(pair.server('blue'));
    const query = reader.row.bind(reader);
    const stale = jest.spyOn(reader, 'row').mockImplementation((sql, ...values) => query(sql.replace('CRC32(CONCAT(', `CRC32(CONCAT('as it was', `), ...values) as never);
    const onWriter = jest.spyOn(sessions.blue, 'row');
    const progress = await runWith({ kind: 'full' }, { reader }, 100).finally(() => reader.close());
    expect(progress).toMatchObject({ done: true, rowsCompared: ROWS, hotRows: 0 });
    expect(stale.mock.calls.some(([sql]) => sql.includes('CRC32('))).toBe(true);
    expect(onWriter.mock.calls.some(([sql]) => sql.includes('CRC32('))).toBe(false);
  });

  test('what a reader has not got yet when it is read is the last look\'s', async () => {
    await fill('late_there');
    const reader = await Session.open(pair.server('blue'));
    await reader.run('START TRANSACTION WITH CONSISTENT SNAPSHOT');
    // a transaction that sees Blue as it was knows no settings of its session.
    jest.spyOn(reader, 'run').mockResolvedValue(0);
    await pair.run('blue', `INSERT INTO shop.late_there VALUES (21, 1, 'new')`);
    await pair.caughtUp();
    await runWith({ kind: 'full' }, { reader }, 100).finally(() => reader.close());
    expect(await pair.run('green', `SELECT last_key AS lastKey FROM ${LEDGER_SCHEMA}.comparison`)).toEqual([{ lastKey: expect.stringContaining('"20"') as string }]);
  });

  test.each([
    ['the history list is long', { mostHistory: -1 }],
    ['Blue is slow to answer', { mostLatencyMilliseconds: 0 }],
  ])('nothing is read while %s', async (_, limits) => {
    await fill('waiting');
    // the time of this invocation is over as soon as it is asked for again.
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValueOnce(now).mockReturnValueOnce(now).mockReturnValue(now + 700_000);
    const progress = await runWith({ kind: 'full', ...limits }).finally(() => clock.mockRestore());
    expect(progress).toMatchObject({ done: false, rowsCompared: 0 });
  });

  describe('of a lone writer', () => {
    const loadOf = (limits: Partial<ComparisonSettings>, onWriter = true) => new Load(sessions.blue, { limits, onWriter, deadline: Date.now() + 60_000 });
    const times = (...all: number[]) => all.map((milliseconds) => ({ milliseconds, statements: 1 }));
    const writtenTo = (load: Load) => {
      for (const position of ['binlog.000001:4', 'binlog.000001:5']) load.stands(position);
    };

    test('pieces become smaller where they take long, and grow again', () => {
      const load = loadOf({ chunkMilliseconds: 100 }, false);
      load.took(times(400));
      load.took(times(150));
      expect([load.rows(6000), load.rows(30), load.rows(1)]).toEqual([2000, 10, 1]);
      load.took([]);
      // one that was held up is none of them.
      load.took(times(10, 10, 400));
      expect(load.rows(6000)).toBe(4000);
      expect(load.restedMilliseconds).toBe(0);
    });

    test('pieces are small while somebody writes, where they are read from the writer', () => {
      const rows = (onWriter: boolean, limits: Partial<ComparisonSettings> = {}) => {
        const load = loadOf(limits, onWriter);
        writtenTo(load);
        for (let batch = 0; batch < 3; batch += 1) load.took(times(10, 10, 10, 10));
        return load.rows(20_000);
      };
      expect(rows(true)).toBe(2500);
      expect([rows(false), rows(true, { chunkMilliseconds: 10 })]).toEqual([20_000, 20_000]);
    });

    test('is left alone for longer while somebody writes, unless the pauses are given', async () => {
      const rested = async (limits: Partial<ComparisonSettings> = {}) => {
        const load = loadOf(limits);
        await load.reading(() => sleep(50));
        const quiet = load.restedMilliseconds;
        writtenTo(load);
        await load.reading(() => sleep(50));
        return [quiet, load.restedMilliseconds - quiet];
      };
      // whoever looks again for long is told by Blue's position that somebody writes.
      const load = loadOf({});
      load.stands('binlog.000001:4');
      await load.reading(() => sleep(50));
      expect(load.restedMilliseconds).toBeGreaterThan(100);
      // what is in hand at the end has to be over in time.
      const late = new Load(sessions.blue, { limits: { pauseShare: 100 }, onWriter: true, deadline: Date.now() - 1 });
      await late.reading(() => sleep(50));
      expect(late.restedMilliseconds).toBe(0);
      const [quiet = 0, written = 0] = await rested();
      expect(quiet).toBeLessThan(written / 2);
      expect(written).toBeGreaterThan(100);
      expect(await rested({ pauseShare: 0 })).toEqual([0, 0]);
    });

    test('one thing is read at a time, whoever asks, also after one that failed', async () => {
      const load = loadOf({ pauseShare: 0 });
      let [busy, most] = [0, 0];
      const read = async (fails: boolean) => {
        busy += 1;
        most = Math.max(most, busy);
        await sleep(1);
        busy -= 1;
        if (fails) throw new Error('gone');
      };
      const all = await Promise.allSettled([true, false, false].map((fails) => load.reading(() => read(fails))));
      expect([most, ...all.map(({ status }) => status)]).toEqual([1, 'rejected', 'fulfilled', 'fulfilled']);
    });

    test('what has changed is looked at again at the same pace', async () => {
      await fill('paced');
      const paced: string[] = [];
      const pace: Pace = {
        reading: async (read) => {
          const query = jest.spyOn(sessions.blue, 'rows');
          const result = await read();
          paced.push(...query.mock.calls.map(([sql]) => sql));
          query.mockRestore();
          return result;
        },
      };
      const described = await describeBoth(sessions, 'shop', 'paced');
      const table = comparedTable(described.table, described.twin, false);
      const reading = { aggregates: [{ rows: ROWS, sum: 'as it was before' }], position: await presentPosition(sessions.blue) };
      expect(await compareWithGreen({ ...sessions, pace }, [{ table, range: {} }], reading)).toEqual([{ rows: ROWS, hotRows: 0 }]);
      expect(paced.filter((sql) => sql.includes('SHA2'))).not.toEqual([]);
    });
  });
});

describe('while Blue is written to', () => {
  test('is never wrong about rows that are inserted, updated, deleted and changed back all the time', async () => {
    await fill('busy');
    await fill('busy_without_key', TABLE.replace(' PRIMARY KEY', ''));
    const statements = ['busy', 'busy_without_key'].flatMap((table) => [
      [`UPDATE shop.${table} SET v = 1 - v WHERE id = 3`],
      [`UPDATE shop.${table} SET v = v + 1 WHERE id IN (7, 8, 9)`],
      [`INSERT INTO shop.${table} VALUES (50, 1, 'queue')`, `DELETE FROM shop.${table} WHERE id = 50`],
      [`DELETE FROM shop.${table} WHERE id = 12`, `INSERT INTO shop.${table} VALUES (12, 7, 'back again')`],
    ]);
    await pair.run('blue', 'UPDATE shop.busy SET v = 0 WHERE id = 3', 'UPDATE shop.busy_without_key SET v = 0 WHERE id = 3');
    let writing = true;
    const writers = statements.map(async (each) => {
      const connection = await pair.blue.connect();
      while (writing) {
        for (const statement of each) await connection.query(statement);
        await sleep(2 + Math.random() * 10);
      }
      await connection.end();
    });

    const endings: string[] = [];
    for (let time = 0; time < 12; time += 1) endings.push(await run({ execution: `busy ${time}` }).then(({ done }) => String(done), (thrown: Error) => thrown.message));
    writing = false;
    await Promise.all(writers);

    expect(endings).toEqual(endings.map(() => 'true'));
  });

  test('still finds the row that is really different among those that change', async () => {
    await fill('busy');
    await pair.run('green', 'UPDATE shop.busy SET v = -1 WHERE id = 2');
    let writing = true;
    const writer = (async () => {
      const connection = await pair.blue.connect();
      while (writing) await connection.query('UPDATE shop.busy SET v = v + 1 WHERE id IN (1, 3, 4, 5)');
      await connection.end();
    })();

    const message = await differences().finally(() => { writing = false; });
    await writer;

    expect(message).toContain('shop.busy: 1 rows differ (1 with different content); (id) = (2)');
  });

  /** Runs something around each reading of Green's rows. */
  function aroundGreen(before: (reading: number) => Promise<unknown>, behind: (reading: number) => Promise<unknown> = async () => undefined): void {
    const rows = sessions.green.rows.bind(sessions.green);
    let reading = 0;
    jest.spyOn(sessions.green, 'rows').mockImplementation(async (sql, ...values) => {
      if (!sql.includes('SHA2(') && !sql.includes('CRC32(')) return rows(sql, ...values);
      reading += 1;
      await before(reading);
      await pair.caughtUp();
      const result = await rows(sql, ...values);
      await behind(reading);
      return result as never;
    });
  }

  test('counts a row as hot that is never seen at rest', async () => {
    await fill('counter');
    aroundGreen(() => pair.run('blue', 'UPDATE shop.counter SET v = v + 1 WHERE id = 2'));

    expect(await run()).toMatchObject({ done: true, hotRows: 1, rowsCompared: ROWS });
  });

  test('finds rows that every change stores wrong, although they change all the time', async () => {
    await pair.run('blue', 'CREATE TABLE shop.warm (id INT PRIMARY KEY, n INT, name VARCHAR(20) CHARACTER SET latin1)', `INSERT INTO shop.warm VALUES (1, 0, 'café'), (2, 0, 'naïve')`);
    await pair.caughtUp();
    await pair.run('green', 'ALTER TABLE shop.warm MODIFY name VARCHAR(20) CHARACTER SET utf8mb4');
    const change = () => pair.run('blue', 'UPDATE shop.warm SET n = n + 1');
    await change();
    await pair.caughtUp();
    // before every look, and in the middle of every third.
    const { rows: readBlue } = sessions.blue;
    let looks = 0;
    jest.spyOn(sessions.blue, 'rows').mockImplementation(async (sql, ...values) => {
      if (sql.includes('SHA2(') && (looks += 1) % 2 === 1) await change();
      return readBlue.call(sessions.blue, sql, ...values) as never;
    });
    aroundGreen(async (reading) => reading % 3 === 0 && change());

    expect(await differences()).toContain('shop.warm: 2 rows differ (2 with different content); (id) = (1), (2)');
  });

  test('takes a row that looks different seven times on end, and then does not, for equal', async () => {
    await fill('flag');
    const set = (v: number) => pair.run('blue', `UPDATE shop.flag SET v = ${v} WHERE id = 2`);
    await set(0);
    // the first reading is the aggregate's.
    aroundGreen(async (reading) => reading <= 8 && set(1), async (reading) => reading <= 8 && set(0));

    expect(await run()).toMatchObject({ done: true, hotRows: 0 });
  });

  test('sees only what is committed, whatever isolation the server prefers', async () => {
    await fill('pending');
    await pair.run('blue', `SET GLOBAL transaction_isolation = 'READ-UNCOMMITTED'`);
    const open = await pair.blue.connect();
    await open.query('BEGIN');
    await open.query('UPDATE shop.pending SET v = -1');
    await closeSessions();
    await openSessions();

    const progress = await run().finally(async () => {
      await open.end();
      await pair.run('blue', 'SET GLOBAL transaction_isolation = DEFAULT');
    });

    expect(progress).toMatchObject({ done: true, hotRows: 0 });
  });
});

describe('a look at rows that takes long', () => {
  /** The parts of a table as the comparison reads them; the claims of Blue are the caller's. */
  async function outcomeOf(table: string, rows: number, { last, until }: { last?: string[]; until?: number }): Promise<RangeOutcome | undefined> {
    const { table: described, twin } = await describeBoth(sessions, 'shop', table);
    const reading = { aggregates: [{ rows, sum: '1' }], position: await presentPosition(sessions.blue) };
    return (await compareWithGreen(sessions, [{ table: comparedTable(described, twin), range: {}, last }], reading, until))[0];
  }

  test('is not begun where the function would end before it: a large table without a key is not known to be equal then', async () => {
    await fill('without_key', TABLE.replace(' PRIMARY KEY', ''));
    expect(await outcomeOf('without_key', 300_000, { until: Date.now() - 1 })).toMatchObject({ difference: expect.stringContaining('never held still') as string });
    expect(await outcomeOf('without_key', 300_000, {})).toEqual({ rows: 300_000, hotRows: 0 });
  });

  test('is left to the next function where this one has little time: a large table without a key is read as a whole', async () => {
    await fill('without_key', TABLE.replace(' PRIMARY KEY', ''));
    const pending = ComparisonLedger.prototype.pending;
    jest.spyOn(ComparisonLedger.prototype, 'pending').mockImplementation(async function large(this: ComparisonLedger) {
      return (await pending.call(this)).map((table) => ({ ...table, bytes: 300 * 1024 * 1024 }));
    });
    const now = Date.now();
    // every look at the clock is two minutes later than the first.
    const clock = jest.spyOn(Date, 'now').mockReturnValueOnce(now).mockReturnValue(now + 120_000);
    expect(await run().finally(() => clock.mockRestore())).toMatchObject({ done: false, rowsCompared: 0 });
    expect(await run()).toMatchObject({ done: true, rowsCompared: ROWS });
  });

  test('reads no rows that were inserted behind the last key while a table is filled', async () => {
    await pair.run('blue', 'CREATE TABLE shop.filled (id INT PRIMARY KEY, v INT)', 'SET SESSION cte_max_recursion_depth = 30000',
      'INSERT INTO shop.filled WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 26000) SELECT n, n FROM n');
    await pair.caughtUp();
    await pair.run('green', 'UPDATE shop.filled SET v = 0 WHERE id = 11');
    const keys = jest.spyOn(sessions.green, 'rows');
    expect(await outcomeOf('filled', 10, { last: ['10'] })).toEqual({ rows: 10, hotRows: 0 });
    expect(keys.mock.calls.filter(([sql]) => sql.includes('SHA2(') && !sql.includes('> 10'))).toEqual([]);
    expect(await outcomeOf('filled', 11, { last: ['11'] })).toMatchObject({ difference: expect.stringContaining('(id) = (11)') as string });
  });

  test('finds rows that only Green has behind the last key, however many they are', async () => {
    await pair.run('blue', 'CREATE TABLE shop.flooded (id INT PRIMARY KEY, v INT)', 'INSERT INTO shop.flooded VALUES (1, 1)');
    await pair.caughtUp();
    const flood = (from: number, to: number) => pair.run('green', 'SET SESSION cte_max_recursion_depth = 130000',
      `INSERT INTO shop.flooded WITH RECURSIVE n (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM n WHERE n < ${to}) SELECT n, n FROM n`);
    await flood(2, 26_000);
    expect(await outcomeOf('flooded', 1, { last: ['1'] })).toMatchObject({ difference: expect.stringMatching(/at least 5000 rows differ \(5000 only on Green\)/) as string });
    await flood(26_001, 101_000);
    expect(await outcomeOf('flooded', 1, { last: ['1'] })).toMatchObject({ difference: expect.stringContaining('too many rows to tell which') as string });
  });
});

describe('a comparison that was interrupted', () => {
  /** Lets the ledger's session die at the statement of this number that writes down how far it is. */
  function dieAt(record: number): void {
    const write = sessions.ledger.run.bind(sessions.ledger);
    let records = 0;
    jest.spyOn(sessions.ledger, 'run').mockImplementation(async (sql, ...values) => {
      if (sql.startsWith('UPDATE') && (records += 1) === record) throw new Error('killed');
      return write(sql, ...values);
    });
  }

  const previous: ComparisonProgress = { done: false, waitSeconds: 5, startedAt: NOW, tables: 1, tablesCompared: 0, rowsCompared: 0, percent: 0, hotRows: 0 };

  test('goes on behind the last chunk it has written down', async () => {
    await fill('orders');
    dieAt(2);
    await expect(run({ chunksPerBatch: 2, millisecondsPerRecord: 0 })).rejects.toThrow('killed');
    await closeSessions();
    await openSessions();
    const [written] = await pair.run<{ comparedTo: string }>('green', `SELECT compared_to AS comparedTo FROM ${LEDGER_SCHEMA}.comparison`);
    const rest = ROWS - Number((JSON.parse(written?.comparedTo ?? '') as { literals: string[] }).literals[0]);
    // a row of a chunk that was compared already: only a comparison from the start would see it.
    await pair.run('green', 'UPDATE shop.orders SET v = -1 WHERE id = 1');
    const chunks = jest.spyOn(sessions.blue, 'row');

    expect(await run({ now: after(60), previous })).toMatchObject({ done: true, startedAt: NOW, rowsCompared: ROWS });
    expect(rest).toBeLessThan(ROWS);
    expect(chunks.mock.calls.filter(([sql]) => sql.includes('CRC32('))).toHaveLength(rest / ROWS_PER_CHUNK + 1);
  });

  test('begins a table anew that has another key by now', async () => {
    await fill('orders', TABLE.replace('v INT', 'v INT NOT NULL'));
    dieAt(2);
    await expect(run({ chunksPerBatch: 2, millisecondsPerRecord: 0 })).rejects.toThrow('killed');
    await closeSessions();
    await openSessions();
    await pair.run('blue', 'ALTER TABLE shop.orders DROP PRIMARY KEY, DROP COLUMN id, ADD PRIMARY KEY (v)');
    await pair.caughtUp();
    await pair.run('green', `UPDATE shop.orders SET name = '' WHERE v = 0`);

    expect(await differences({ now: after(60), previous })).toContain('(v) = (0)');
  });

  test('begins anew in another execution', async () => {
    await fill('orders');
    dieAt(1);
    await expect(run()).rejects.toThrow('killed');
    await closeSessions();
    await openSessions();
    await pair.run('green', 'UPDATE shop.orders SET v = -1 WHERE id = 1');

    expect(await differences({ execution: `execution ${execution} 1` })).toContain('(id) = (1)');
  });

  test('ends when a newer execution has taken over', async () => {
    await fill('orders');
    await pair.run('green', `UPDATE ${LEDGER_SCHEMA}.plan SET execution = 'newer 0'`);

    const older = { now: NOW, execution: 'older 0', previous: null };
    const left = new ComparisonLedger(sessions.ledger, 'older');
    await new ComparisonLedger(sessions.ledger, 'newer').listTables(sessions.blue, ROWS_PER_CHUNK);
    await left.settle({ schema: 'shop', name: 'orders' }, undefined);
    expect(await left.pending()).toMatchObject([{ name: 'orders' }]);
    await expect(compare(sessions, settingsOf(), older)).rejects.toMatchObject({ name: 'SupersededByAnotherExecution', message: expect.stringContaining('execution newer has taken over') as string });
  });

  test('lists all tables, also where it died in the middle of listing them', async () => {
    const names = Array.from({ length: 201 }, (_, index) => `t${index}`);
    await pair.run('blue', ...names.map((name) => `CREATE TABLE shop.${name} (id INT PRIMARY KEY)`));
    await pair.caughtUp();
    const write = sessions.ledger.run.bind(sessions.ledger);
    let batches = 0;
    jest.spyOn(sessions.ledger, 'run').mockImplementation(async (sql, ...values) => {
      if (sql.startsWith('INSERT') && (batches += 1) === 2) throw new Error('killed');
      return write(sql, ...values);
    });
    await expect(run()).rejects.toThrow('killed');
    await closeSessions();
    await openSessions();

    expect(await run({ now: after(60), previous })).toMatchObject({ done: true, tables: 201, tablesCompared: 201 });
  });

  test('fails when its patience is over', async () => {
    await fill('orders');
    jest.spyOn(Date, 'now').mockReturnValueOnce(0);

    await expect(run({ now: after(7201), previous })).rejects.toMatchObject({
      name: 'DataDiffers', message: expect.stringMatching(/not finished within 2 h 0 min \(comparisonPatience\), 0 of 1 tables are compared: data that was not compared is not known to be equal/) as string,
    });
  });
});
