import { clientsWithoutTls } from '../../../lambda/checks/mysql/clients-without-tls';
import { metadataLocks } from '../../../lambda/checks/mysql/metadata-locks';
import { NOT_VISIBLE } from '../../../lambda/migration/lock-watch';
import { Session } from '../../../lambda/mysql/session';
import { lockHolder } from '../../../lambda/replication/lock-holder';
import { type Situation } from '../../../lambda/shared/state';
import { eventually } from '../../rehearsal/mysql/eventually';
import { openPair, type Pair } from '../helpers/pair';
import { converting, finish, look, plan } from '../migration/migrate';

let pair: Pair;

beforeAll(async () => {
  pair = await openPair();
  // as on small classes of RDS; only the cloning of a server needs it.
  for (const server of [pair.blue, pair.green]) await server.restart({ ...server.parameters, performance_schema: 'OFF' });
  await pair.run('green', 'START REPLICA');
  await pair.caughtUp();
});
afterAll(() => pair?.close());

/** Holds a table in a session's transaction meanwhile. */
async function whileHeld<Result>(which: 'blue' | 'green', table: string, work: () => Promise<Result>): Promise<Result> {
  const holder = await pair[which].connect();
  try {
    await holder.query('START TRANSACTION');
    await holder.query(`SELECT * FROM ${table}`);
    return await work();
  } finally {
    await holder.end();
  }
}

function waits(which: 'blue' | 'green', whose: string): Promise<void> {
  return eventually('somebody waits', async () => (await pair.run(which, `SELECT 1 FROM information_schema.PROCESSLIST WHERE STATE = 'Waiting for table metadata lock' AND ${whose}`)).length > 0);
}

test('a worker that waits is seen, and why nobody is named is said; the migration goes on', async () => {
  await pair.run('blue', 'CREATE DATABASE shop CHARACTER SET utf8mb3', 'CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(9))');
  await pair.caughtUp();
  const settings = converting(['shop']);
  await plan(pair, settings);
  const seen = await whileHeld('green', 'shop.t', async () => {
    await look(pair, settings);
    await waits('green', `INFO LIKE '%ALTER TABLE%'`);
    return look(pair, settings);
  });
  expect(seen).toMatchObject({ workers: 0, waiting: 1, running: ['shop.t (waits for a metadata lock to begin)'], lockHolders: [NOT_VISIBLE] });
  expect((await finish(pair, settings)).done).toBe(true);
});

test('an applier that waits names nobody', async () => {
  await pair.run('blue', 'CREATE TABLE shop.held (id INT PRIMARY KEY)');
  await pair.caughtUp();
  await whileHeld('green', 'shop.held', async () => {
    await pair.run('blue', 'ALTER TABLE shop.held ADD COLUMN w INT');
    await waits('green', `USER = 'system user'`);
    expect(await Session.use(pair.server('green'), lockHolder)).toBeUndefined();
  });
});

test('whether clients without TLS would be locked out is not passed over', async () => {
  const source = { identifier: 'shop', engineVersion: '8.0.mysql_aurora.3.10.1' } as Situation['source'];
  const settings = { ...converting(['shop']), targetEngineVersion: '8.4.mysql_aurora.8.4.7' };
  const problems = await Session.use(pair.server('blue'), (blue) => clientsWithoutTls.run({ settings, situation: { phase: 'none', deployment: null, source, target: null }, blue }));
  expect(problems).toEqual([{ severity: 'warning', message: expect.stringMatching(/cannot be seen, because performance_schema is off there: see that every client speaks TLS/) as string }]);
});

test('a session of Blue that waits is found, and nobody who makes it wait', async () => {
  const situation: Situation = { phase: 'none', deployment: null, source: null, target: null };
  await pair.run('blue', 'CREATE TABLE shop.waited (id INT PRIMARY KEY)');
  const waiter = await pair.blue.connect();
  let waiting: Promise<unknown> | undefined;
  const findings = await whileHeld('blue', 'shop.waited', async () => {
    waiting = waiter.query('TRUNCATE TABLE shop.waited');
    await waits('blue', `INFO LIKE 'TRUNCATE%'`);
    return Session.use(pair.server('blue'), async (blue) => {
      const rows = blue.rows.bind(blue);
      // whoever has waited for no time has waited for long.
      jest.spyOn(blue, 'rows').mockImplementation(async (sql, values) => rows(sql, values?.[0] === 30 ? [0] : values) as never);
      return metadataLocks.run({ settings: converting(['shop']), situation, blue });
    });
  });
  await waiting;
  await waiter.end();
  expect(findings).toEqual([{ severity: 'warning', message: expect.stringContaining('who holds it, performance_schema would say, which shows no locks here') as string }]);
});
