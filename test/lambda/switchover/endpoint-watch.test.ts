import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEDGER_SCHEMA } from '../../../lambda/migration/worker-procedure';
import { type EndpointWatch, type ErrorCounts, type GapsSeen } from '../../../lambda/shared/state';
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
/** Where the functions read the secret, and for how long their words are kept back, in milliseconds. */
let secrets: Server;
let secretsDelay = 0;
const onTheWay = new Set<Socket>();

beforeAll(async () => {
  pair = await openPair();
  endpoint = await TcpProxy.open(pair.blue.port);
  secrets = await slowWayTo(new URL(process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? ''));
  process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER = `http://127.0.0.1:${(secrets.address() as AddressInfo).port}`;
  await pair.run('green', `CREATE DATABASE ${LEDGER_SCHEMA}`);
});

beforeEach(() => {
  endpoint.retarget(pair.blue.port);
  endpoint.refuse(false);
});

afterAll(async () => {
  await endpoint?.close();
  for (const socket of onTheWay) socket.destroy();
  secrets?.close();
  await pair?.close();
});

/** Passes on what is said, after a while. */
async function slowWayTo({ hostname, port }: URL): Promise<Server> {
  const way = createServer((client) => {
    const server = connect({ host: hostname, port: Number(port) });
    for (const socket of [client, server]) {
      socket.on('error', () => undefined);
      onTheWay.add(socket);
    }
    client.on('data', (word: Buffer) => { setTimeout(() => server.write(word), secretsDelay); });
    server.pipe(client);
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  return way;
}

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
    done: false, waitSeconds: 1, startedAt: NOW, firstServer: pair.blue.serverUuid, changedAt: null, probes: 0, resolutionMilliseconds: 0, lastProbeAt: null,
    fresh: gaps({}), pooled: gaps({}), topology: [], ...earlier,
  };
}

function gaps(earlier: Partial<GapsSeen>): GapsSeen {
  return { longestReadGapMilliseconds: 0, longestWriteGapMilliseconds: 0, readLostAt: null, writeLostAt: null, errors: {}, ...earlier };
}

/** How many sessions of the functions' user have come and gone on a server: each look with a new connection is one. */
async function looks(which: 'blue' | 'green'): Promise<number> {
  const [row] = await pair.run<{ looks: number | string }>(
    which, `SELECT COALESCE(SUM(TOTAL_CONNECTIONS - CURRENT_CONNECTIONS), 0) AS looks FROM performance_schema.accounts WHERE USER = '${MASTER.user}'`,
  );
  return Number(row?.looks);
}

async function moreLooks(which: 'blue' | 'green', more = 2): Promise<void> {
  const before = await looks(which);
  await eventually(`the watch has looked at ${which}`, async () => await looks(which) >= before + more);
}

function total(errors: ErrorCounts): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

test('measures the gaps while the endpoint goes from Blue to Green, and ends some time after', async () => {
  await pair.run('green', 'SET GLOBAL read_only = ON');
  try {
    const watching = watch();
    await moreLooks('blue');
    endpoint.refuse(true);
    endpoint.dropConnections();
    const refusedAt = Date.now();
    await sleep(400);
    endpoint.retarget(pair.green.port);
    const refused = Date.now() - refusedAt;
    endpoint.refuse(false);
    await moreLooks('green');
    const readOnly = Date.now() - refusedAt;
    await pair.run('green', 'SET GLOBAL read_only = OFF');
    const result = await watching;

    expect(result).toMatchObject({ done: true, startedAt: NOW, firstServer: pair.blue.serverUuid, topology: [] });
    expect(Date.parse(result.changedAt ?? '')).toBeGreaterThan(Date.parse(NOW));
    expect(result.resolutionMilliseconds).toBeGreaterThanOrEqual(100);
    for (const { errors, longestReadGapMilliseconds, longestWriteGapMilliseconds } of [result.fresh, result.pooled]) {
      expect(total(errors)).toBeGreaterThan(0);
      expect(result.probes).toBeGreaterThan(total(errors));
      // a probe that was answered already may be counted a moment after the endpoint has closed.
      expect(longestReadGapMilliseconds).toBeGreaterThanOrEqual(refused - 50);
      expect(longestWriteGapMilliseconds).toBeGreaterThanOrEqual(readOnly - 50);
      expect(longestWriteGapMilliseconds).toBeGreaterThan(longestReadGapMilliseconds);
    }
    expect(Object.keys(result.pooled.errors)[0]).not.toBe('ECONNREFUSED');
  } finally {
    await pair.run('green', 'SET GLOBAL read_only = OFF');
  }
});

test('takes the time in which Secrets Manager says nothing not for a gap', async () => {
  endpoint.refuse(true);
  secretsDelay = 500;
  try {
    const { fresh, pooled } = await lastSecond();
    for (const { readLostAt } of [fresh, pooled]) expect(Date.parse(readLostAt ?? '')).toBeGreaterThanOrEqual(Date.parse(after(GIVEN_UP - 1)) + 500);
  } finally {
    secretsDelay = 0;
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
    let { fresh, pooled, changedAt } = await lastSecond();
    await eventually('both clients have been answered', async () => {
      ({ fresh, pooled, changedAt } = await lastSecond());
      return fresh.longestReadGapMilliseconds < 1000 && pooled.longestReadGapMilliseconds < 1000;
    });
    expect(changedAt).toBeNull();
    for (const client of [fresh, pooled]) {
      expect(client.longestWriteGapMilliseconds).toBeGreaterThanOrEqual(1000);
      expect(client.longestReadGapMilliseconds).toBeLessThan(client.longestWriteGapMilliseconds);
      expect(client.writeLostAt).not.toBeNull();
    }
  } finally {
    await pair.run('blue', 'SET GLOBAL read_only = OFF');
  }
});

describe('an endpoint that does not let in', () => {
  test('counts every probe as an error, and does not fail', async () => {
    endpoint.refuse(true);
    const result = await lastSecond({ previous: seen({ firstServer: null, probes: 7, fresh: gaps({ errors: { ECONNREFUSED: 7 } }) }) });
    expect(result).toMatchObject({ done: true, firstServer: null, changedAt: null });
    expect([result.probes > 7, total(result.fresh.errors)]).toEqual([true, result.probes]);
    for (const { longestReadGapMilliseconds, longestWriteGapMilliseconds } of [result.fresh, result.pooled]) {
      expect(longestReadGapMilliseconds).toBeGreaterThanOrEqual(1000);
      expect(longestWriteGapMilliseconds).toBeGreaterThanOrEqual(1000);
    }
  });

  test('tells a refused login from a server that is not there', async () => {
    await unlogged(pair.blue, (connection) => connection.query('ALTER USER ? ACCOUNT LOCK', [MASTER.user]));
    try {
      const refused = await lastSecond();
      expect(refused.fresh.errors).toEqual({ ER_ACCOUNT_HAS_BEEN_LOCKED: refused.probes });
    } finally {
      await unlogged(pair.blue, (connection) => connection.query('ALTER USER ? ACCOUNT UNLOCK', [MASTER.user]));
    }
    const closed = await TcpProxy.open();
    const { port } = closed;
    await closed.close();
    const absent = await lastSecond({}, port);
    expect(absent.fresh.errors).toEqual({ ECONNREFUSED: absent.probes });
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
      const { probes, fresh, pooled } = await lastSecond({}, (silent.address() as AddressInfo).port);
      // those that get no answer do not keep the others waiting.
      expect([probes > 1, total(fresh.errors)]).toEqual([true, probes]);
      expect(total(pooled.errors)).toBeGreaterThan(0);
      for (const kind of Object.keys({ ...fresh.errors, ...pooled.errors })) expect(kind).toMatch(/^(PROBE_TIMEOUT|ETIMEDOUT)$/);
    } finally {
      for (const socket of open) socket.destroy();
      silent.close();
    }
  });
});

describe('over several invocations', () => {
  test('a gap goes on where the last invocation has seen nothing', async () => {
    const [readLostAt, writeLostAt] = [after(GIVEN_UP - 21), after(GIVEN_UP - 31)];
    const lost = gaps({ readLostAt, writeLostAt, longestReadGapMilliseconds: 5000, longestWriteGapMilliseconds: 5000 });
    const { fresh, pooled } = await lastSecond({ previous: seen({ fresh: lost, pooled: lost }) });
    for (const { longestReadGapMilliseconds, longestWriteGapMilliseconds } of [fresh, pooled]) {
      expect(longestReadGapMilliseconds).toBeGreaterThanOrEqual(20_000);
      expect(longestWriteGapMilliseconds).toBeGreaterThanOrEqual(30_000);
      expect(longestReadGapMilliseconds).toBeLessThan(longestWriteGapMilliseconds);
    }
  });

  test('what one sees of a gap is what the next goes on with', async () => {
    endpoint.refuse(true);
    const first = await lastSecond();
    endpoint.refuse(false);
    const second = await lastSecond({ now: after(GIVEN_UP + 9), previous: first });
    for (const kind of ['fresh', 'pooled'] as const) {
      // since it looks: a moment behind the beginning, when it knows how to log in.
      expect(Date.parse(first[kind].readLostAt ?? '')).toBeGreaterThanOrEqual(Date.parse(after(GIVEN_UP - 1)));
      expect(second[kind].longestReadGapMilliseconds).toBeGreaterThanOrEqual(10_000);
    }
  });

  test('the pause between them is no gap, but nobody was looking', async () => {
    const { resolutionMilliseconds, fresh } = await lastSecond({
      previous: seen({ fresh: gaps({ longestReadGapMilliseconds: 30_000 }), lastProbeAt: after(GIVEN_UP - 3), resolutionMilliseconds: 110 }),
    });
    expect(fresh.longestReadGapMilliseconds).toBe(30_000);
    expect(resolutionMilliseconds).toBeGreaterThanOrEqual(2000);
  });

  test('the time after the change is counted from the change', async () => {
    const previous = seen({ changedAt: NOW, probes: 5 });
    expect(await watch({ now: after(60), previous, watchSeconds: 60 })).toMatchObject({ done: true, changedAt: NOW, probes: 5 });
  });

  test('they end some time after RDS has been seen to have given up, as soon as a client can write again', async () => {
    expect(await watch({ previous: seen({ probes: 5 }), isOff: true, watchSeconds: 0 })).toMatchObject({ done: true, changedAt: null, topology: [] });
    await pair.run('blue', 'SET GLOBAL read_only = ON');
    try {
      const { done, fresh } = await lastSecond({ isOff: true, watchSeconds: 0 });
      expect([done, fresh.writeLostAt]).toEqual([true, expect.any(String)]);
    } finally {
      await pair.run('blue', 'SET GLOBAL read_only = OFF');
    }
  });

  test('they end at the deadline where the endpoint still leads to Blue', async () => {
    expect(await lastSecond()).toMatchObject({ done: true, changedAt: null, fresh: { errors: {} }, pooled: { errors: {} }, firstServer: pair.blue.serverUuid });
  });
});

describe('a server that tells how its switchover stands', () => {
  const tell = (status: string) => pair.run('blue', `UPDATE mysql.rds_topology SET status = '${status}'`);

  beforeEach(() => pair.run(
    'blue', 'CREATE TABLE mysql.rds_topology (id INT PRIMARY KEY, endpoint VARCHAR(255), port INT, role VARCHAR(60), status VARCHAR(60), version VARCHAR(20))',
    `INSERT INTO mysql.rds_topology VALUES (1, 'blue', 3306, 'BLUE_GREEN_DEPLOYMENT_SOURCE', 'AVAILABLE', '1.0'), (2, 'green', 3306, 'BLUE_GREEN_DEPLOYMENT_TARGET', 'AVAILABLE', '1.0')`,
  ));

  afterEach(() => pair.run('blue', 'DROP TABLE mysql.rds_topology'));

  test('lets the watch end when RDS has rolled back', async () => {
    const watching = watch({ watchSeconds: 0 });
    for (const status of ['SWITCHOVER_INITIATED', 'SWITCHOVER_IN_PROGRESS']) {
      await tell(status);
      // as many as may be under way at once, and one that has begun after them.
      await moreLooks('blue', 5);
    }
    await tell('AVAILABLE');
    expect(await watching).toMatchObject({ done: true, changedAt: null });
    expect((await watching).topology.slice(-3)).toEqual(['SWITCHOVER_INITIATED', 'SWITCHOVER_IN_PROGRESS', 'AVAILABLE']);
  });

  test('is believed over several invocations', async () => {
    expect(await watch({ previous: seen({ topology: ['AVAILABLE', 'SWITCHOVER_INITIATED'] }) })).toMatchObject({ done: true, topology: ['AVAILABLE', 'SWITCHOVER_INITIATED', 'AVAILABLE'] });
  });
});
