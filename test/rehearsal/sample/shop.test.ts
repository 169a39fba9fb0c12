import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { createCertificates } from '../../../rehearsal/mysql/certificates';
import { findMysql } from '../../../rehearsal/mysql/install';
import { ProcessScope } from '../../../rehearsal/mysql/process-scope';
import { createMasterUser } from '../../../rehearsal/mysql/rds-compatibility';
import { binlogEnd, cloneServer, startReplication, stopReplication, waitForReplica } from '../../../rehearsal/mysql/replica';
import { MysqlServer } from '../../../rehearsal/mysql/server';
import { TcpProxy } from '../../../rehearsal/mysql/tcp-proxy';
import { probeFourByteText } from '../../../rehearsal/sample/four-byte-text';
import { loadShop } from '../../../rehearsal/sample/shop';
import { createPrograms, shopTables } from '../../../rehearsal/sample/shop-schema';
import { Writer } from '../../../rehearsal/sample/writer';

const USER = 'admin';
const PASSWORD = 'a password of the test';
const ROWS = 2000;

let scope: ProcessScope;
let blue: MysqlServer;
let endpoint: TcpProxy;
const writers: Writer[] = [];

beforeAll(async () => {
  scope = await ProcessScope.open('shop-test');
  const [distribution, certificates] = await Promise.all([findMysql(), createCertificates()]);
  blue = await MysqlServer.start({
    distribution, scope, certificates, name: 'blue',
    parameters: { character_set_server: 'utf8mb3', collation_server: 'utf8mb3_general_ci', log_bin_trust_function_creators: 1, binlog_format: 'ROW' },
  });
  await createMasterUser(blue, USER, PASSWORD);
  endpoint = await TcpProxy.open(blue.port);
  const connection = await connectAs(blue);
  await loadShop(connection, { rows: ROWS, seed: 7 });
  await connection.end();
});

afterAll(async () => {
  // a writer of a test that has failed would go on for ever.
  await Promise.all(writers.map((writer) => writer.stop()));
  await endpoint?.close();
  await scope?.close();
});

function connectAs(server: MysqlServer): Promise<Connection> {
  return createConnection({ host: server.host, port: server.port, user: USER, password: PASSWORD, ssl: { ca: server.certificates.authority } });
}

function newWriter(seed: number): Writer {
  const { authority: ca } = blue.certificates;
  const writer = new Writer({ host: '127.0.0.1', port: endpoint.port, user: USER, password: PASSWORD, ca, seed, connections: 2, operationsPerSecond: 400 });
  writers.push(writer);
  return writer;
}

async function writes(writer: Writer, count: number): Promise<void> {
  const until = writer.acknowledgedWrites + count;
  while (writer.acknowledgedWrites < until) await sleep(10);
}

async function withServer<T>(server: MysqlServer, action: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connectAs(server);
  try {
    return await action(connection);
  } finally {
    await connection.end();
  }
}

/**
 * Converts a table while the applier does not run: it takes no metadata lock on the children that a delete cascades to, so that the
 * conversion fails (1025, 'errno: 183') or, rarely, brings a row back that the cascade has just deleted.
 */
async function convert(green: Connection, table: string): Promise<void> {
  await green.query('STOP REPLICA SQL_THREAD');
  await green.query(`ALTER TABLE shop.${table} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
  await green.query('START REPLICA SQL_THREAD');
}

const violations = { lostWrites: 0, corruptedRows: 0, examples: [] };

test('loads exactly the rows that were asked for, and no row without its parent', async () => {
  const counts = await blue.query<{ n: number }>(shopTables.map((table) => `SELECT COUNT(*) AS n FROM shop.${table}`).join(' UNION ALL '));
  expect(counts.reduce((sum, { n }) => sum + n, 0)).toBe(ROWS);
  const keys = await blue.query<Record<'t' | 'c' | 'rt' | 'rc', string>>(
    "SELECT TABLE_NAME t, COLUMN_NAME c, REFERENCED_TABLE_NAME rt, REFERENCED_COLUMN_NAME rc FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = 'shop' AND REFERENCED_TABLE_NAME IS NOT NULL");
  expect(keys.length).toBeGreaterThanOrEqual(8);
  for (const { t, c, rt, rc } of keys) {
    const orphans = await blue.query(`SELECT 1 FROM shop.${t} AS child LEFT JOIN shop.${rt} AS parent ON parent.${rc} = child.${c} WHERE child.${c} IS NOT NULL AND parent.${rc} IS NULL`);
    expect({ t, c, orphans }).toEqual({ t, c, orphans: [] });
  }
});

test('holds text in every column that a conversion changes', async () => {
  const columns = await blue.query<Record<'t' | 'c', string>>(
    "SELECT TABLE_NAME t, COLUMN_NAME c FROM information_schema.COLUMNS JOIN information_schema.TABLES USING (TABLE_SCHEMA, TABLE_NAME) WHERE TABLE_SCHEMA = 'shop' AND CHARACTER_SET_NAME IS NOT NULL AND TABLE_TYPE = 'BASE TABLE'");
  for (const { t, c } of columns) {
    const filled = await blue.query(`SELECT 1 FROM shop.${t} WHERE ${c} IS NOT NULL AND ${c} <> '' LIMIT 1`);
    expect({ t, c, rows: filled.length }).toEqual({ t, c, rows: 1 });
  }
});

test('refuses characters of four bytes, and leaves nothing behind', async () => {
  const before = await blue.query('CHECKSUM TABLE shop.reviews');
  const result = await withServer(blue, probeFourByteText);
  expect(result).toEqual({ table: 'refused', procedure: 'refused', errno: 1366 });
  expect(await blue.query('CHECKSUM TABLE shop.reviews')).toEqual(before);
});

test('remembers what it wrote through broken connections and a server that is read-only for a while', async () => {
  const writer = newWriter(1);
  await writer.start();
  for (let round = 0; round < 8; round++) {
    await writes(writer, 40);
    endpoint.dropConnections();
  }
  await blue.query('SET GLOBAL super_read_only = 1');
  await sleep(250);
  await blue.query('SET GLOBAL super_read_only = 0');
  await blue.query('SET GLOBAL read_only = 0');
  endpoint.refuse(true);
  endpoint.dropConnections();
  await sleep(150);
  endpoint.refuse(false);
  await writes(writer, 300);
  await writer.stop();
  const verification = await withServer(blue, (connection) => writer.verify(connection));
  expect(verification).toEqual({ ...violations, acknowledgedWrites: writer.acknowledgedWrites });
  expect(writer.writeOutageMilliseconds).toBeGreaterThanOrEqual(150);
  expect(writer.firstErrors.map(({ errno }) => errno)).toContain(1290);
  expect(writer.firstErrors.map(({ code }) => code)).not.toContain('UNEXPECTED_ROWS');
});

test('finds what was lost and what was changed behind its back', async () => {
  const writer = newWriter(2);
  await writer.start();
  await writes(writer, 400);
  await writer.pause();
  const paused = writer.acknowledgedWrites;
  await blue.query("UPDATE shop.reviews SET body = CONCAT(body, ' ') ORDER BY id DESC LIMIT 1");
  await blue.query('DELETE FROM shop.access_log WHERE request_id = (SELECT id FROM (SELECT request_id AS id FROM shop.access_log WHERE logged_at = "2026-01-31 12:34:56" LIMIT 1) AS one)');
  const verification = await withServer(blue, (connection) => writer.verify(connection));
  expect(verification.corruptedRows).toBe(1);
  // the log also holds rows of the writer before this one, which this one does not know.
  expect(verification.lostWrites).toBeLessThanOrEqual(1);
  expect(verification.examples[0]).toMatch(/should be|not there/);
  expect(writer.acknowledgedWrites).toBe(paused);
  writer.resume();
  await writes(writer, 10);
  await writer.stop();
});

test('fails to start where the database cannot be reached', async () => {
  const { authority: ca } = blue.certificates;
  const writer = new Writer({ host: '127.0.0.1', port: endpoint.port, user: USER, password: 'wrong', ca });
  await expect(writer.start()).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  await writer.stop();
});

test('stops although nobody answers any more', async () => {
  const writer = newWriter(3);
  await writer.start();
  await writes(writer, 20);
  await withServer(blue, async (connection) => {
    await connection.query('LOCK TABLES shop.orders WRITE, shop.customers WRITE, shop.reviews WRITE, shop.access_log WRITE');
    await sleep(300);
    await writer.stop();
    await connection.query('UNLOCK TABLES');
  });
  expect(await withServer(blue, (connection) => writer.verify(connection))).toMatchObject(violations);
});

test('is replicated into converted tables, and nothing is lost when the endpoint moves to them', async () => {
  const cloned = await cloneServer(blue, { scope, name: 'green', parameters: { replica_type_conversions: 'ALL_NON_LOSSY', log_bin_trust_function_creators: 1 } });
  const green = cloned.server;
  const writer = newWriter(4);
  await writer.start();
  await writes(writer, 100);
  await startReplication(green, blue, cloned);
  await green.withConnection(async (connection) => {
    await connection.query("SET SESSION foreign_key_checks = 0, sql_mode = 'STRICT_TRANS_TABLES'");
    await connection.query('ALTER DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci');
    for (const table of shopTables) {
      // writes must arrive between two conversions, when a parent has its new character set and the child has not.
      await writes(writer, 20);
      await waitForReplica(green, await binlogEnd(blue));
      await convert(connection, table);
    }
    await writes(writer, 100);
    await blue.query('SET GLOBAL super_read_only = 1');
    await waitForReplica(green, await binlogEnd(blue));
    await stopReplication(green);
    endpoint.retarget(green.port);
    endpoint.dropConnections();
    await writes(writer, 50);
    await writer.stop();
    const [left] = await connection.query<RowDataPacket[]>("SELECT TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME <> 'order_overview' AND CHARACTER_SET_NAME <> 'utf8mb4'");
    expect(left).toEqual([]);
    // the programs have kept the character set they were written with.
    expect(await withServer(green, probeFourByteText)).toMatchObject({ table: 'refused', procedure: 'refused' });
    await connection.query('USE shop');
    for (const program of createPrograms.slice(0, 5)) {
      const [, kind = '', name = ''] = /^CREATE (\w+) (\w+)/.exec(program) ?? [];
      await connection.query(`DROP ${kind} ${name}`);
      await connection.query(program);
    }
  });
  expect(await withServer(green, probeFourByteText)).toEqual({ table: 'stored', procedure: 'stored' });
  expect(await withServer(green, (connection) => writer.verify(connection))).toEqual({ ...violations, acknowledgedWrites: writer.acknowledgedWrites });
});
