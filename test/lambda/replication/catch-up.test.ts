import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { binlogPosition, parsePosition } from '../../../lambda/mysql/dialect';
import { Session } from '../../../lambda/mysql/session';
import { lookAtReplication, mustReplicate, presentPosition, waitUntilExecuted } from '../../../lambda/replication/catch-up';
import { type ReplicationProgress } from '../../../lambda/shared/state';
import { handler as monitor } from '../../../lambda/tasks/monitor';
import { ErrorName, type PipelineSettings } from '../../../lib/private/contract';
import { binlogEnd } from '../../../rehearsal/mysql';
import { eventually } from '../../rehearsal/mysql/eventually';
import { publishedBy } from '../helpers/metrics';
import { openPair, type Pair } from '../helpers/pair';
import { after, NOW, settingsOf } from '../shared/event';

let pair: Pair;
let blue: Session;
let green: Session;

beforeAll(async () => {
  // the position a replica reports is brought up to date every 300 ms.
  pair = await openPair({ green: { replica_checkpoint_period: 10 }, prepare: async (connection) => { await connection.query('CREATE DATABASE shop'); } });
  [blue, green] = [await Session.open(pair.server('blue')), await Session.open(pair.server('green'))];
});

afterAll(async () => {
  await blue?.close();
  await green?.close();
  await pair?.close();
});

/** One look, so many seconds after the first. */
function look(previous: ReplicationProgress | null = null, seconds = 0, settings: PipelineSettings = settingsOf()): Promise<ReplicationProgress> {
  return lookAtReplication({ blue, green }, settings, { now: after(seconds), previous });
}

/** A first look, taken when Green is known to have caught up. */
async function caughtUp(): Promise<ReplicationProgress> {
  await pair.caughtUp();
  let progress: ReplicationProgress | undefined;
  await eventually('a look finds Green caught up', async () => (progress = await look()).caughtUpSince !== null);
  if (progress === undefined) throw new Error('nothing was seen');
  return progress;
}

/** Makes a table of one row, on both sides. */
async function table(name: string): Promise<void> {
  await pair.run('blue', `CREATE TABLE shop.${name} (id INT PRIMARY KEY, v INT)`, `INSERT INTO shop.${name} VALUES (1, 1)`);
  await pair.caughtUp();
}

async function threads(): Promise<{ io: unknown; sql: unknown; lag: unknown }> {
  const [row] = await pair.run('green', 'SHOW REPLICA STATUS');
  return { io: row?.Replica_IO_Running, sql: row?.Replica_SQL_Running, lag: row?.Seconds_Behind_Source };
}

async function runs(): Promise<void> {
  await eventually('both threads run', async () => {
    const { io, sql } = await threads();
    return io === 'Yes' && sql === 'Yes';
  });
}

/** Starts replication again, and waits until the applier has got over what it was held up by. */
async function startAgain(): Promise<void> {
  await pair.run('green', 'START REPLICA');
  await runs();
  await pair.caughtUp();
}

/** Runs the work while replication is stopped by this statement. */
async function whileStopped<Result>(statement: string, work: () => Promise<Result>): Promise<Result> {
  await pair.run('green', statement);
  try {
    return await work();
  } finally {
    await startAgain();
  }
}

/** Lets the applier stand still on Green until the function it returns is called. */
async function holdApplier(): Promise<() => Promise<void>> {
  const connection = await pair.green.connect();
  await connection.query('FLUSH TABLES WITH READ LOCK');
  return () => connection.end();
}

/** Runs the work while no byte from Blue reaches Green, though the connection stands: as behind a network device that has forgotten it. */
async function whileSilent(work: () => Promise<void>): Promise<void> {
  const open = new Set<Socket>();
  const silent = createServer((client) => {
    const source = connect({ host: '127.0.0.1', port: pair.blue.port });
    for (const socket of [client, source]) {
      open.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(source).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { file, position } = await binlogEnd(pair.blue);
  const connectTo = (port: number) => `CHANGE REPLICATION SOURCE TO SOURCE_PORT = ${port}, SOURCE_LOG_FILE = '${file}', SOURCE_LOG_POS = ${position}`;
  try {
    await pair.run('green', 'STOP REPLICA', connectTo((silent.address() as AddressInfo).port), 'START REPLICA');
    await runs();
    for (const socket of open) {
      socket.unpipe();
      socket.pause();
    }
    await work();
  } finally {
    for (const socket of open) socket.destroy();
    silent.close();
    await pair.run('green', 'STOP REPLICA', connectTo(pair.blue.port));
    await startAgain();
  }
}

describe('a look at replication', () => {
  test('is done when Green has executed what Blue had written, and the lag has stayed at 0 for the time to hold', async () => {
    await table('held');
    const first = await caughtUp();
    const second = await look(first, 59);
    const third = await look(second, 60);

    expect(first).toMatchObject({ done: false, startedAt: NOW, caughtUpSince: NOW, standsSince: null, lagSeconds: 0 });
    expect(first.detail).toMatch(/^0 s behind, executed mysql-bin-changelog\.\d+:\d+, wanted mysql-bin-changelog\.\d+:\d+$/);
    expect(second).toMatchObject({ done: false, caughtUpSince: NOW });
    expect(third).toMatchObject({ done: true, startedAt: NOW, caughtUpSince: NOW });
  });

  test('is done at once where nothing has to be held', async () => {
    await caughtUp();
    expect(await look(null, 0, settingsOf({ lagHoldSeconds: 0 }))).toMatchObject({ done: true });
  });

  test('waits for the position Blue had when the wait began, not for what is written later', async () => {
    await table('moving');
    const first = await caughtUp();
    const release = await holdApplier();
    try {
      await pair.run('blue', 'INSERT INTO shop.moving VALUES (2, 2)');
      const later = await look(first, 60);
      const anew = await look();
      expect([later.position, later.detail]).toEqual([first.position, expect.stringContaining(`wanted ${first.position}`)]);
      expect(anew).toMatchObject({ done: false, caughtUpSince: null });
      expect(anew.position).not.toBe(first.position);
    } finally {
      await release();
      await pair.caughtUp();
    }
  });

  test('begins to hold anew when Green has fallen behind in between', async () => {
    const first = await caughtUp();
    const behind = await whileStopped('STOP REPLICA IO_THREAD', () => look(first, 30));
    await caughtUp();
    const again = await look(behind, 40);

    expect(behind).toMatchObject({ done: false, caughtUpSince: null });
    expect(again).toMatchObject({ done: false, caughtUpSince: after(40), standsSince: null });
    expect(await look(again, 99)).toMatchObject({ done: false });
    expect(await look(again, 100)).toMatchObject({ done: true });
  });

  test('takes an unknown lag not for 0, though the position is reached', async () => {
    const first = await caughtUp();
    await whileStopped('STOP REPLICA IO_THREAD', async () => {
      expect(await look({ ...first, startedAt: after(-100), caughtUpSince: after(-100) })).toMatchObject({
        done: false, lagSeconds: null, caughtUpSince: null, detail: expect.stringMatching(/^lag unknown, executed /) as string,
      });
    });
  });

  test('names who holds the metadata lock the applier waits for', async () => {
    await table('locked');
    await caughtUp();
    const holder = await pair.green.connect();
    try {
      await holder.query('START TRANSACTION');
      await holder.query('SELECT * FROM shop.locked');
      await pair.run('blue', 'ALTER TABLE shop.locked ADD COLUMN w INT');
      let detail = '';
      await eventually('the applier waits', async () => (detail = (await look()).detail).includes('metadata lock'));
      expect(detail).toContain(`; the applier waits for a metadata lock held by session ${holder.threadId} (user 'root') on shop.locked (CALL mysql.rds_kill(${holder.threadId}) on Green ends it)`);
    } finally {
      await holder.end();
      await pair.caughtUp();
    }
  });

  test('names nobody where the server does not watch metadata locks', async () => {
    await table('unwatched');
    await caughtUp();
    const watch = (enabled: string) => pair.run('green', `UPDATE performance_schema.setup_instruments SET ENABLED = '${enabled}' WHERE NAME = 'wait/lock/metadata/sql/mdl'`);
    await watch('NO');
    const holder = await pair.green.connect();
    try {
      await holder.query('START TRANSACTION');
      await holder.query('SELECT * FROM shop.unwatched');
      await pair.run('blue', 'ALTER TABLE shop.unwatched ADD COLUMN w INT');
      await eventually('the applier waits', async () => (await pair.run('green', `SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = 'system user' AND STATE LIKE 'Waiting for table metadata lock'`)).length > 0);
      expect((await look()).detail).not.toContain('the applier waits for');
    } finally {
      await holder.end();
      await watch('YES');
      await pair.caughtUp();
    }
  });

  test('names who holds the row the applier waits for, and since when nothing was executed', async () => {
    await table('held_row');
    const first = await caughtUp();
    const holder = await pair.green.connect();
    try {
      await holder.query('START TRANSACTION');
      await holder.query('SELECT * FROM shop.held_row FOR UPDATE');
      await pair.run('blue', 'UPDATE shop.held_row SET v = 2');
      const behind = { ...first, position: await presentPosition(blue) };
      let detail = '';
      await eventually('the applier waits', async () => (detail = (await look(behind, 90)).detail).includes('row lock'));
      expect(detail).toMatch(new RegExp(`executed \\S+:\\d+ \\(unchanged for 1 min 30 s\\), wanted .*; the applier waits for a row lock held by session ${holder.threadId} \\(user 'root'\\) on shop\\.held_row `));
    } finally {
      await holder.end();
      await pair.caughtUp();
    }
  });

  test('takes a lag of 0 not for the truth where Green has received nothing', async () => {
    await table('unheard');
    const first = await caughtUp();
    await whileSilent(async () => {
      await pair.run('blue', 'INSERT INTO shop.unheard VALUES (2, 2)');
      const fooled = await look(first, 100);
      expect(await threads()).toEqual({ io: 'Yes', sql: 'Yes', lag: 0 });
      expect(fooled).toMatchObject({
        done: false, lagSeconds: 0, caughtUpSince: null,
        detail: expect.stringMatching(/^0 s behind, .*; it does not have what Blue has written by now, although it says that it is not behind$/) as string,
      });
    });
  });

  test('takes a delayed replica not for caught up, and fails when the delay stays', async () => {
    const first = await caughtUp();
    const delay = (seconds: number) => pair.run('green', 'STOP REPLICA SQL_THREAD', `CHANGE REPLICATION SOURCE TO SOURCE_DELAY = ${seconds}`, 'START REPLICA SQL_THREAD');
    await delay(3600);
    try {
      await runs();
      const delayed = await look(first, 100);
      expect(delayed).toMatchObject({ done: false, lagSeconds: 0, standsSince: after(100), detail: expect.stringMatching(/; Green is a delayed replica \(3600 s\)$/) as string });
      await expect(look(delayed, 401)).rejects.toMatchObject({
        name: ErrorName.REPLICATION_LAGS, message: expect.stringMatching(/^Green is a delayed replica \(3600 s\), .*rds_set_source_delay\(0\)/) as string,
      });
    } finally {
      await delay(0);
      await runs();
    }
  });

  test('fails when its patience is over, and says how far Green is', async () => {
    await table('late');
    const release = await holdApplier();
    try {
      await pair.run('blue', 'INSERT INTO shop.late VALUES (2, 2)');
      const first = await look();
      let held = await look(first, 7200);
      await eventually('the applier waits', async () => (held = await look(first, 7200)).detail.includes('metadata lock'));
      expect(held).toMatchObject({ done: false, detail: expect.stringMatching(/the applier waits for a metadata lock held by session \d+ \(user 'root'\) on all tables/) as string });
      await expect(look(first, 7201)).rejects.toMatchObject({
        name: ErrorName.REPLICATION_LAGS,
        message: expect.stringMatching(/^Green has not caught up within 2 h 0 min \(replicationPatience\): .*executed \S+:\d+ \(unchanged for 2 h 0 min\), wanted \S+:\d+.*Raise the patience.*start a new execution with \{\}/) as string,
      });
    } finally {
      await release();
      await pair.caughtUp();
    }
  });

  test('fails on a server that follows none', async () => {
    await expect(lookAtReplication({ blue, green: blue }, settingsOf(), { now: NOW, previous: null })).rejects.toMatchObject({
      name: ErrorName.NOT_A_REPLICA, message: expect.stringMatching(/is not a replica, so it is not Green any more .*RDS console/) as string,
    });
  });
});

describe('an applier that has stopped', () => {
  test.each([
    [1032, 'a row is missing on Green', 'missing', {
      damage: 'DELETE FROM shop.missing', write: 'UPDATE shop.missing SET v = 2', mend: 'INSERT INTO shop.missing VALUES (1, 1)',
      found: /Could not execute Update_rows event on table shop\.missing; Can't find record/, remedy: /a row that Blue changed is missing on Green.*Delete the deployment together with Green/,
    }],
    [1062, 'Green has a row with that key', 'twice', {
      damage: 'INSERT INTO shop.twice VALUES (2, 0)', write: 'INSERT INTO shop.twice VALUES (2, 2)', mend: 'DELETE FROM shop.twice WHERE id = 2',
      found: /Duplicate entry '2' for key 'twice\.PRIMARY'/, remedy: /Green already has a row with that key.*Mend the data on Blue/,
    }],
    [1146, 'a table is missing on Green', 'gone', {
      damage: 'RENAME TABLE shop.gone TO shop.elsewhere', write: 'INSERT INTO shop.gone VALUES (2, 2)', mend: 'RENAME TABLE shop.elsewhere TO shop.gone',
      found: /Table 'shop\.gone' doesn't exist/, remedy: /the table does not exist on Green/,
    }],
    [13146, 'the types differ too much', 'types', {
      damage: 'ALTER TABLE shop.types DROP COLUMN v, ADD COLUMN v DATETIME', write: 'INSERT INTO shop.types VALUES (2, 2)', mend: 'ALTER TABLE shop.types DROP COLUMN v, ADD COLUMN v INT',
      found: /of table 'shop\.types' cannot be converted from type 'int' to type 'datetime'/, remedy: /replica_type_conversions allows: set ALL_NON_LOSSY in Green's cluster parameter group/,
    }],
    [1050, 'what Blue makes is there already', 'other', {
      damage: 'CREATE TABLE shop.other_too (id INT)', write: 'CREATE TABLE shop.other_too (id INT PRIMARY KEY)', mend: 'DROP TABLE shop.other_too',
      found: /Table 'other_too' already exists/, remedy: /is there on Green already: somebody made it there\. Drop it on Green if it is empty, then CALL mysql\.rds_start_replication/,
    }],
  ])('fails with error %i and its remedy: %s', async (errno, _, name, { damage, write, mend, found, remedy }) => {
    await table(name);
    await pair.run('green', damage);
    try {
      await pair.run('blue', write);
      await eventually('the applier has stopped', async () => (await threads()).sql === 'No');
      const error = await look().then((progress) => { throw new Error(JSON.stringify(progress)); }, (thrown: Error) => thrown);
      expect(error.name).toBe(ErrorName.REPLICATION_STOPPED);
      expect(error.message).toMatch(/^replication from Blue to Green has stopped \(I\/O thread Yes, SQL thread No, executed up to mysql-bin-changelog\.\d+:\d+\): /);
      // the worker's own error comes first; the coordinator's only says that there is one.
      expect(error.message).toContain(`): error ${errno}: `);
      expect(error.message).toMatch(found);
      expect(error.message).toMatch(remedy);
    } finally {
      await pair.run('green', mend);
      await startAgain();
    }
  });

  test('is given five minutes where no error is reported: a planned pause is no fault', async () => {
    const first = await caughtUp();
    await whileStopped('STOP REPLICA SQL_THREAD', async () => {
      const paused = await look(first, 3600);
      expect(paused).toMatchObject({ done: false, lagSeconds: null, caughtUpSince: null, standsSince: after(3600), detail: expect.stringMatching(/; the SQL thread is stopped$/) as string });
      expect(await look(paused, 3900)).toMatchObject({ done: false, standsSince: after(3600) });
      await expect(look(paused, 3901)).rejects.toMatchObject({
        name: ErrorName.REPLICATION_STOPPED,
        message: expect.stringMatching(/I\/O thread Yes, SQL thread No.*: no error is reported, so somebody has stopped it.*CALL mysql\.rds_start_replication/) as string,
      });
    });
    expect(await look(await caughtUp(), 10)).toMatchObject({ standsSince: null });
  });
});

describe('an I/O thread without its source', () => {
  /** Runs the work while Green tries in vain to connect. */
  async function whileConnecting(work: () => Promise<void>): Promise<void> {
    await pair.caughtUp();
    const { file, position } = await binlogEnd(pair.blue);
    // a change of the port alone would make Green forget where it was.
    const connectTo = (port: number) => `CHANGE REPLICATION SOURCE TO SOURCE_PORT = ${port}, SOURCE_LOG_FILE = '${file}', SOURCE_LOG_POS = ${position}`;
    await pair.run('green', 'STOP REPLICA', connectTo(1), 'START REPLICA');
    try {
      await eventually('Green has tried to connect', async () => (await pair.run('green', 'SHOW REPLICA STATUS'))[0]?.Last_IO_Errno === 2003);
      await work();
    } finally {
      await pair.run('green', 'STOP REPLICA', connectTo(pair.blue.port));
      await startAgain();
    }
  }

  test('is given five minutes to connect again, however long the wait has lasted', async () => {
    const first = await caughtUp();
    await whileConnecting(async () => {
      const lost = await look(first, 3600);
      const still = await look(lost, 3900);
      expect(lost).toMatchObject({ done: false, lagSeconds: null, caughtUpSince: null, standsSince: after(3600) });
      expect(still).toMatchObject({ done: false, standsSince: after(3600) });
      await expect(look(still, 3901)).rejects.toMatchObject({
        name: ErrorName.REPLICATION_STOPPED, message: expect.stringMatching(/I\/O thread Connecting, SQL thread Yes.*: error 2003: .*Green cannot connect to Blue/) as string,
      });
    });
  });

  test('says so where it has given up trying, as it does from 8.4 on', async () => {
    const first = await caughtUp();
    const { file, position } = await binlogEnd(pair.blue);
    const connectTo = (port: number, retries: number) => (
      `CHANGE REPLICATION SOURCE TO SOURCE_PORT = ${port}, SOURCE_RETRY_COUNT = ${retries}, SOURCE_CONNECT_RETRY = 1, SOURCE_LOG_FILE = '${file}', SOURCE_LOG_POS = ${position}`
    );
    await pair.run('green', 'STOP REPLICA', connectTo(1, 1), 'START REPLICA');
    try {
      await eventually('Green has given up', async () => (await threads()).io === 'No');
      const lost = await look(first, 0);
      expect(lost).toMatchObject({ done: false, standsSince: NOW, waitSeconds: 5 });
      await expect(look(lost, 301)).rejects.toMatchObject({
        name: ErrorName.REPLICATION_STOPPED,
        message: expect.stringMatching(/I\/O thread No.*: error 2003: .*The thread has given up trying, so start it again when the cause is gone: CALL mysql\.rds_start_replication on Green/) as string,
      });
    } finally {
      await pair.run('green', 'STOP REPLICA', connectTo(pair.blue.port, 10));
      await startAgain();
    }
  });

  test('is looked at again within a minute, however long the wait has lasted: two short interruptions are no long one', async () => {
    const first = await caughtUp();
    await whileConnecting(async () => {
      expect(await look(first, 7000)).toMatchObject({ done: false, standsSince: after(7000), waitSeconds: 60 });
    });
  });

  test('fails after these five minutes also where somebody has stopped it', async () => {
    await whileStopped('STOP REPLICA IO_THREAD', async () => {
      const first = await look();
      await expect(look(first, 301)).rejects.toMatchObject({
        name: ErrorName.REPLICATION_STOPPED, message: expect.stringMatching(/I\/O thread No, SQL thread Yes.*: no error is reported/) as string,
      });
    });
  });

  test('fails at once where Blue no longer has the binlog it needs', async () => {
    await pair.run('green', 'STOP REPLICA IO_THREAD');
    try {
      await pair.run('blue', 'FLUSH BINARY LOGS', 'FLUSH BINARY LOGS');
      await pair.run('blue', `PURGE BINARY LOGS TO '${(await binlogEnd(pair.blue)).file}'`);
      await pair.run('green', 'START REPLICA IO_THREAD');
      await eventually('Green has asked in vain', async () => (await threads()).io === 'No');
      await expect(look()).rejects.toMatchObject({
        name: ErrorName.REPLICATION_STOPPED,
        message: expect.stringMatching(/I\/O thread No, SQL thread Yes.*: error 13114: .*Blue cannot send the binlog Green needs next, most likely because the retention was too short\. Raise binlogRetention/) as string,
      });
    } finally {
      const { file, position } = await binlogEnd(pair.blue);
      await pair.run('green', 'STOP REPLICA', `CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE = '${file}', SOURCE_LOG_POS = ${position}`);
      await startAgain();
    }
  });
});

describe('waiting for a position', () => {
  test('ends when Green has executed it', async () => {
    await table('awaited');
    const release = await holdApplier();
    let reached = false;
    try {
      await pair.run('blue', 'INSERT INTO shop.awaited VALUES (2, 2)');
      const wanted = await binlogPosition(blue);
      if (wanted === undefined) throw new Error('Blue has no binlog');
      const early = await waitUntilExecuted(green, wanted, 50);
      const waiting = waitUntilExecuted(green, wanted, 60_000).then((answer) => { reached = answer; });
      await release();
      await waiting;
      expect([early, reached]).toEqual([false, true]);
      expect(await pair.run('green', 'SELECT v FROM shop.awaited WHERE id = 2')).toEqual([{ v: 2 }]);
    } finally {
      await release().catch(() => undefined);
    }
  });

  test('is over when its time is over, also where somebody has stopped the applier', async () => {
    await table('paused');
    await whileStopped('STOP REPLICA SQL_THREAD', async () => {
      await pair.run('blue', 'INSERT INTO shop.paused VALUES (2, 2)');
      expect(await waitUntilExecuted(green, parsePosition(await presentPosition(blue)), 50)).toBe(false);
    });
  });

  test('fails on a server that follows none', async () => {
    const wanted = await binlogPosition(blue);
    if (wanted === undefined) throw new Error('Blue has no binlog');
    await expect(waitUntilExecuted(blue, wanted, 1000)).rejects.toMatchObject({ name: ErrorName.NOT_A_REPLICA });
  });
});

test('a position is read from Blue as file and offset', async () => {
  expect(await presentPosition(blue)).toMatch(/^mysql-bin-changelog\.\d{6}:\d+$/);
});

describe('the monitor', () => {
  const observe = (retentionHours = 1) => publishedBy(() => monitor({ now: after(0), green: pair.server('green'), retentionHours }));

  test('publishes the lag, the threads and that there is no migration', async () => {
    await pair.caughtUp();
    await eventually('the lag is 0', async () => (await threads()).lag === 0);
    expect(await observe()).toEqual({
      ReplicaLag: 0, ReplicaLagUnknown: 0, IoThreadRunning: 1, SqlThreadRunning: 1, BinlogRetentionUsed: 0, StepsOpen: 0, ApplierPaused: 0,
    });
  });

  test('publishes no lag while nobody knows it, but how old is what was applied last', async () => {
    await table('aged');
    await pair.run('green', 'STOP REPLICA SQL_THREAD');
    await pair.run('blue', 'UPDATE shop.aged SET v = 2');
    // the server counts whole seconds.
    await eventually('a second has passed', async () => (await observe(1 / 3600)).BinlogRetentionUsed !== 0);
    expect(await observe()).toEqual({
      ReplicaLagUnknown: 0, IoThreadRunning: 1, SqlThreadRunning: 0, BinlogRetentionUsed: expect.any(Number) as number, StepsOpen: 0, ApplierPaused: 0,
    });
    await startAgain();
  });

  test('publishes that nothing is known where Green does not answer, and does not fail', async () => {
    const { endpoint } = pair.server('green');
    expect(await publishedBy(() => monitor({ now: after(0), green: { endpoint, port: 1 }, retentionHours: 1 }))).toEqual({ ReplicaLagUnknown: 1 });
  });

  test('publishes nothing where there is no Green under its name any more', async () => {
    expect(await publishedBy(() => monitor({ now: after(0), green: { endpoint: 'shop-green-abcdef.invalid', port: 3306 }, retentionHours: 1 }))).toEqual({});
  });

  test('publishes nothing of a server that is no replica, nor before it knows where Green is', async () => {
    expect(await publishedBy(() => monitor({ now: after(0), green: pair.server('blue'), retentionHours: 1 }))).toEqual({});
    expect(await publishedBy(() => monitor({}))).toEqual({});
  });
});

/** The last one: Blue is another server after it. */
describe('an endpoint that leads to a reader, as for a moment after a failover', () => {
  let reader: Session;

  beforeAll(async () => {
    await pair.blue.restart({ ...pair.blue.parameters, innodb_read_only: 'ON', binlog_format: 'OFF' });
    reader = await Session.open(pair.server('blue'));
  });

  afterAll(() => reader?.close());

  test.each([
    ['Blue', () => presentPosition(reader)],
    ['Green', () => mustReplicate(reader)],
  ])('is waited for, and nothing is said of a %s that has lost its binlog or its source', async (name, ask) => {
    await expect(ask()).rejects.toMatchObject({
      name: ErrorName.DATABASE_UNREACHABLE, message: `the endpoint of ${name} leads to a reader (innodb_read_only is 1), as it may for a moment after a failover; this passes by itself`,
    });
  });
});
