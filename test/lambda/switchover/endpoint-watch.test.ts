import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEDGER_SCHEMA } from '../../../lambda/migration/worker-procedure';
import { type EndpointWatch } from '../../../lambda/shared/state';
import { watchEndpoint, type WatchOptions } from '../../../lambda/switchover/endpoint-watch';
import { binlogEnd, TcpProxy, unlogged } from '../../../rehearsal/mysql';
import { eventually } from '../../rehearsal/mysql/eventually';
import { MASTER, openPair, type Pair } from '../helpers/pair';
import { after, NOW } from '../shared/event';

/** The switchover's limit in these tests, and the seconds after which the watch gives up. */
const TIMEOUT = 300;
const GIVEN_UP = TIMEOUT + 60;

let pair: Pair;
/** The production endpoint. */
let endpoint: TcpProxy;

beforeAll(async () => {
  pair = await openPair();
  endpoint = await TcpProxy.open(pair.blue.port);
  await pair.run('green', `CREATE DATABASE ${LEDGER_SCHEMA}`);
});

beforeEach(() => {
  endpoint.retarget(pair.blue.port);
  endpoint.refuse(false);
});

afterAll(async () => {
  await endpoint?.close();
  await pair?.close();
});

function watch(options: Partial<WatchOptions> = {}, port = endpoint.port): Promise<EndpointWatch> {
  return watchEndpoint({ endpoint: '127.0.0.1', port }, { now: NOW, previous: null, timeoutSeconds: TIMEOUT, watchSeconds: 1, ...options });
}

/** What an invocation saw in the last second before it gives up. */
function lastSecond(options: Partial<WatchOptions> = {}, port = endpoint.port): Promise<EndpointWatch> {
  return watch({ now: after(GIVEN_UP - 1), previous: seen({}), ...options }, port);
}

/** What earlier invocations saw: nothing to speak of. */
function seen(earlier: Partial<EndpointWatch>): EndpointWatch {
  return {
    done: false, waitSeconds: 1, startedAt: NOW, firstServer: pair.blue.serverUuid, changedAt: null, probes: 0, longestReadGapMilliseconds: 0,
    longestWriteGapMilliseconds: 0, readLostAt: null, writeLostAt: null, errors: {}, ...earlier,
  };
}

/** How often the functions' user has logged in to a server. */
async function logins(which: 'blue' | 'green'): Promise<number> {
  const [row] = await pair.run<{ logins: number | string }>(which, `SELECT COALESCE(SUM(TOTAL_CONNECTIONS), 0) AS logins FROM performance_schema.accounts WHERE USER = '${MASTER.user}'`);
  return Number(row?.logins);
}

async function moreLogins(which: 'blue' | 'green'): Promise<void> {
  const before = await logins(which);
  await eventually(`the watch has looked at ${which} twice`, async () => await logins(which) > before + 1);
}

function total(errors: EndpointWatch['errors']): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

test('measures the gaps while the endpoint goes from Blue to Green, and ends some time after', async () => {
  await pair.run('green', 'SET GLOBAL read_only = ON');
  try {
    const watching = watch();
    await moreLogins('blue');
    endpoint.refuse(true);
    endpoint.dropConnections();
    const refusedAt = Date.now();
    await sleep(400);
    endpoint.retarget(pair.green.port);
    const refused = Date.now() - refusedAt;
    endpoint.refuse(false);
    await moreLogins('green');
    const readOnly = Date.now() - refusedAt;
    await pair.run('green', 'SET GLOBAL read_only = OFF');
    const result = await watching;

    expect(result).toMatchObject({ done: true, startedAt: NOW, firstServer: pair.blue.serverUuid, readLostAt: null, writeLostAt: null });
    expect(Date.parse(result.changedAt ?? '')).toBeGreaterThan(Date.parse(NOW));
    expect(total(result.errors)).toBeGreaterThan(0);
    expect(result.probes).toBeGreaterThan(total(result.errors));
    // a probe that was answered already may be counted a moment after the endpoint has closed.
    expect(result.longestReadGapMilliseconds).toBeGreaterThanOrEqual(refused - 50);
    expect(result.longestWriteGapMilliseconds).toBeGreaterThanOrEqual(readOnly - 50);
    expect(result.longestWriteGapMilliseconds).toBeGreaterThan(result.longestReadGapMilliseconds);
  } finally {
    await pair.run('green', 'SET GLOBAL read_only = OFF');
  }
});

test('never writes', async () => {
  const before = await binlogEnd(pair.blue);
  const { probes } = await lastSecond();
  expect([probes > 1, await binlogEnd(pair.blue)]).toEqual([true, before]);
});

test('takes a server that is read-only for readable, not for writable', async () => {
  await pair.run('blue', 'SET GLOBAL read_only = ON');
  try {
    const result = await lastSecond();
    expect(result).toMatchObject({ errors: {}, changedAt: null, readLostAt: null });
    expect(result.longestWriteGapMilliseconds).toBeGreaterThanOrEqual(1000);
    expect(result.longestReadGapMilliseconds).toBeLessThan(result.longestWriteGapMilliseconds);
    expect(result.writeLostAt).not.toBeNull();
  } finally {
    await pair.run('blue', 'SET GLOBAL read_only = OFF');
  }
});

describe('an endpoint that does not let in', () => {
  test('counts every probe as an error, and does not fail', async () => {
    endpoint.refuse(true);
    const result = await lastSecond({ previous: seen({ firstServer: null, probes: 7, errors: { ECONNREFUSED: 7 } }) });
    expect(result).toMatchObject({ done: true, firstServer: null, changedAt: null });
    expect([result.probes > 7, total(result.errors)]).toEqual([true, result.probes]);
    expect(result.longestReadGapMilliseconds).toBeGreaterThanOrEqual(1000);
    expect(result.longestWriteGapMilliseconds).toBeGreaterThanOrEqual(1000);
  });

  test('tells a refused login from a server that is not there', async () => {
    await unlogged(pair.blue, (connection) => connection.query('ALTER USER ? ACCOUNT LOCK', [MASTER.user]));
    try {
      const refused = await lastSecond();
      expect(refused.errors).toEqual({ ER_ACCOUNT_HAS_BEEN_LOCKED: refused.probes });
    } finally {
      await unlogged(pair.blue, (connection) => connection.query('ALTER USER ? ACCOUNT UNLOCK', [MASTER.user]));
    }
    const closed = await TcpProxy.open();
    const { port } = closed;
    await closed.close();
    const absent = await lastSecond({}, port);
    expect(absent.errors).toEqual({ ECONNREFUSED: absent.probes });
  });

  test.each([
    ['never says a word', 0],
    ['falls silent in the middle of the login', 2],
    ['falls silent when the login is over', 5],
  ])('does not wait for a server that %s', async (_, words) => {
    const open = new Set<Socket>();
    const silent = createServer((client) => {
      const server = connect({ host: '127.0.0.1', port: pair.blue.port });
      for (const socket of [client, server]) {
        open.add(socket);
        socket.on('error', () => undefined);
      }
      client.pipe(server);
      let said = 0;
      server.on('data', (word: Buffer) => { if ((said += 1) <= words) client.write(word); });
    }).listen(0, '127.0.0.1');
    try {
      await once(silent, 'listening');
      const { probes, errors } = await lastSecond({}, (silent.address() as AddressInfo).port);
      expect([probes, Object.values(errors)]).toEqual([1, [1]]);
      expect(Object.keys(errors)[0]).toMatch(/^(PROBE_TIMEOUT|ETIMEDOUT)$/);
    } finally {
      for (const socket of open) socket.destroy();
      silent.close();
    }
  });
});

describe('over several invocations', () => {
  test('a gap goes on where the last invocation has seen nothing', async () => {
    const { longestReadGapMilliseconds, longestWriteGapMilliseconds } = await lastSecond({
      previous: seen({
        readLostAt: after(GIVEN_UP - 21), writeLostAt: after(GIVEN_UP - 31), longestReadGapMilliseconds: 5000, longestWriteGapMilliseconds: 5000,
      }),
    });
    expect(longestReadGapMilliseconds).toBeGreaterThanOrEqual(20_000);
    expect(longestWriteGapMilliseconds).toBeGreaterThanOrEqual(30_000);
    expect(longestReadGapMilliseconds).toBeLessThan(longestWriteGapMilliseconds);
  });

  test('what one sees of a gap is what the next goes on with', async () => {
    endpoint.refuse(true);
    const first = await lastSecond();
    endpoint.refuse(false);
    const second = await lastSecond({ now: after(GIVEN_UP + 9), previous: first });
    expect(first.readLostAt).toBe(after(GIVEN_UP - 1));
    expect(second).toMatchObject({ readLostAt: null, writeLostAt: null });
    expect(second.longestReadGapMilliseconds).toBeGreaterThanOrEqual(10_000);
  });

  test('the pause between them is no gap', async () => {
    const { longestReadGapMilliseconds } = await lastSecond({ previous: seen({ longestReadGapMilliseconds: 30_000 }) });
    expect(longestReadGapMilliseconds).toBe(30_000);
  });

  test('the time after the change is counted from the change', async () => {
    const previous = seen({ changedAt: NOW, probes: 5 });
    expect(await watch({ now: after(60), previous, watchSeconds: 60 })).toMatchObject({ done: true, changedAt: NOW, probes: 5 });
  });

  test('they end at the deadline where the endpoint still leads to Blue', async () => {
    expect(await lastSecond()).toMatchObject({ done: true, changedAt: null, errors: {}, firstServer: pair.blue.serverUuid });
  });
});
