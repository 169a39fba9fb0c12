import {
  binlogEnd, cloneServer, createMasterUser, type MysqlServer, type ProcessScope, resetReplication, startReplication, stopReplication, waitForReplica,
} from '../../../rehearsal/mysql';
import { eventually } from './eventually';
import { openServer } from './servers';

const fingerprint = `SELECT COUNT(*) AS number, SUM(id) AS ids, SUM(value) AS sums, BIT_XOR(CRC32(CONCAT(id, '-', writer, '-', value))) AS bits FROM shop.counter`;

describe('a clone that replicates', () => {
  let scope: ProcessScope;
  let blue: MysqlServer;

  beforeAll(async () => {
    ({ scope, server: blue } = await openServer());
    await createMasterUser(blue, 'admin', 'secret');
    await blue.query('CREATE DATABASE shop');
    await blue.query('CREATE TABLE shop.counter (id BIGINT AUTO_INCREMENT PRIMARY KEY, writer INT NOT NULL, value INT NOT NULL)');
  });
  afterAll(async () => scope?.close());

  test('gets every write exactly once, while writers go on', async () => {
    const writers = startWriters(blue, 3);
    let clone;
    try {
      await eventually('the writers write', () => writers.written() > 300);
      clone = await cloneServer(blue, { scope, name: 'green', parameters: { replica_parallel_workers: 2 } });
      const before = writers.written();
      await startReplication(clone.server, blue, clone);
      await eventually('the writers go on', () => writers.written() > before + 300);
    } finally {
      await writers.stop();
    }
    const green = clone.server;
    await waitForReplica(green, await binlogEnd(blue));
    expect(await green.query(fingerprint)).toEqual(await blue.query(fingerprint));
    expect(green.serverUuid).not.toBe(blue.serverUuid);
    const [status] = await green.query('SHOW REPLICA STATUS');
    expect(status).toMatchObject({
      Source_User: 'rdsrepladmin', Source_SSL_Allowed: 'Yes', Replica_IO_Running: 'Yes', Replica_SQL_Running: 'Yes', Source_UUID: blue.serverUuid,
    });

    // a replica that crashes goes on by itself.
    await green.kill();
    await blue.query('INSERT INTO shop.counter (writer, value) VALUES (9, 9)');
    await green.start();
    await waitForReplica(green, await binlogEnd(blue));
    expect(await green.query(fingerprint)).toEqual(await blue.query(fingerprint));

    await stopReplication(green);
    expect(await green.query('SHOW REPLICA STATUS')).toMatchObject([{ Replica_IO_Running: 'No', Replica_SQL_Running: 'No' }]);
    await resetReplication(green);
    expect(await green.query('SHOW REPLICA STATUS')).toEqual([]);
    await expect(waitForReplica(green, await binlogEnd(blue), 1)).rejects.toThrow(/'green' did not reach .*it is no replica/);
  });

  test('says what is missing when the source has no binary log', async () => {
    await blue.restart({ binlog_format: 'OFF' });
    await expect(cloneServer(blue, { scope, name: 'blind' })).rejects.toThrow(/Its source needs a binary log/);
    await blue.restart({});
  });
});

/** Writers that insert and update, one statement per transaction, until they are stopped. */
function startWriters(server: MysqlServer, count: number): { written: () => number; stop: () => Promise<void> } {
  let written = 0;
  let stopped = false;
  const done = Promise.all(Array.from({ length: count }, (_, writer) => server.withConnection(async (connection) => {
    while (!stopped) {
      await connection.query('INSERT INTO shop.counter (writer, value) VALUES (?, ?)', [writer, written++]);
      if (written % 5 === 0) await connection.query('UPDATE shop.counter SET value = value + 1 WHERE writer = ? ORDER BY id DESC LIMIT 3', [writer]);
    }
  })));
  return {
    written: () => written,
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}
