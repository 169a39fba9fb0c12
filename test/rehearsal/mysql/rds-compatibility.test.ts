import { type Connection } from 'mysql2/promise';
import { binlogEnd, createApplicationUser, createMasterUser, installRdsProcedures, type MysqlServer, type ProcessScope } from '../../../rehearsal/mysql';
import { eventually } from './eventually';
import { logIn, openServer, rowsOf } from './servers';

describe('what RDS adds to MySQL', () => {
  let scope: ProcessScope;
  let server: MysqlServer;
  let master: Connection;

  beforeAll(async () => {
    ({ scope, server } = await openServer());
    const before = await binlogEnd(server);
    await installRdsProcedures(server);
    await installRdsProcedures(server);
    await createMasterUser(server, 'admin', 'first');
    await createMasterUser(server, 'admin', 'second');
    await createApplicationUser(server, 'reader', 'pass', ['SELECT ON mysql.rds_configuration']);
    expect(await binlogEnd(server)).toEqual(before);
    master = await logIn(server.port, server.certificates.authority, 'admin', 'second');
  });
  afterAll(async () => {
    await master?.end();
    await scope?.close();
  });

  const retention = async () => {
    const [[rows]] = await master.query('CALL mysql.rds_show_configuration()') as unknown as [[{ name: string; value: string | null }[]]];
    return rows.find((row) => row.name === 'binlog retention hours')?.value;
  };
  const setRetention = (value: string) => master.query(`CALL mysql.rds_set_configuration('binlog retention hours', ${value})`);

  test('retention: unset at first, kept as text, lowered to the maximum, unset again', async () => {
    const before = await binlogEnd(server);
    expect(await retention()).toBeNull();
    await setRetention('168');
    expect(await retention()).toBe('168');
    await setRetention('5000');
    expect(await retention()).toBe('2160');
    await setRetention('NULL');
    expect(await retention()).toBeNull();
    // replicas have a retention of their own.
    expect(await binlogEnd(server)).toEqual(before);
  });

  test('retention: zero and unknown settings are refused and nothing changes', async () => {
    await expect(setRetention('0')).rejects.toThrow('must be NULL or at least 1');
    await expect(master.query(`CALL mysql.rds_set_configuration('no such thing', 1)`)).rejects.toThrow('no configuration setting of this name');
    expect(await retention()).toBeNull();
    expect(await rowsOf(master, 'SELECT @@session.sql_log_bin AS logged')).toEqual([{ logged: 1 }]);
  });

  test('retention: takes effect without autocommit too', async () => {
    await master.query('SET autocommit = 0');
    await setRetention('24');
    await master.query('ROLLBACK');
    await master.query('SET autocommit = 1');
    expect(await retention()).toBe('24');
  });

  test.each(['rds_kill', 'rds_kill_query'])('%s ends what another session does', async (procedure) => {
    const victim = await logIn(server.port, server.certificates.authority, 'reader', 'pass');
    victim.on('error', () => undefined);
    const sleeping = victim.query('SELECT SLEEP(60) AS interrupted').then(([rows]) => rows, (error: unknown) => error);
    const isAsleep = `SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${victim.threadId} AND INFO LIKE 'SELECT SLEEP%'`;
    await eventually('the session sleeps', async () => (await rowsOf(master, isAsleep)).length === 1);
    await master.query(`CALL mysql.${procedure}(${victim.threadId})`);
    const outcome = await sleeping;
    if (procedure === 'rds_kill') {
      expect(outcome).toBeInstanceOf(Error);
      victim.destroy();
    } else {
      // SLEEP answers 1 when it is interrupted.
      expect(outcome).toEqual([{ interrupted: 1 }]);
      await victim.end();
    }
  });

  test('the master user has the rights of Aurora, by its role, also in its procedures', async () => {
    await master.query('CREATE DATABASE work');
    await master.query(`CREATE PROCEDURE work.look() SQL SECURITY DEFINER SELECT COUNT(*) > 0 AS seen FROM information_schema.processlist`);
    const [[rows]] = await master.query('CALL work.look()') as unknown as [[unknown[]]];
    expect(rows).toEqual([{ seen: 1 }]);
    await server.query('SET GLOBAL read_only = 1');
    // CONNECTION_ADMIN passes read_only.
    await master.query('CREATE TABLE work.item (id INT)');
    await server.query('SET GLOBAL read_only = 0');
  });

  test.each([
    'SET SESSION sql_log_bin = 0', 'SET GLOBAL read_only = 1', 'STOP REPLICA', 'PURGE BINARY LOGS BEFORE NOW()', 'SHUTDOWN', 'CLONE LOCAL DATA DIRECTORY = "/nowhere/at/all"',
  ])('the master user may not: %s', async (statement) => {
    await expect(master.query(statement)).rejects.toMatchObject({ code: 'ER_SPECIFIC_ACCESS_DENIED_ERROR' });
  });

  test('replication is stopped and started by procedure', async () => {
    await server.query(`CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_CONNECT_RETRY = 60`);
    await master.query('CALL mysql.rds_start_replication()');
    expect(await server.query('SHOW REPLICA STATUS')).toMatchObject([{ Replica_SQL_Running: 'Yes' }]);
    await master.query('CALL mysql.rds_stop_replication()');
    expect(await server.query('SHOW REPLICA STATUS')).toMatchObject([{ Replica_SQL_Running: 'No', Replica_IO_Running: 'No' }]);
    await server.query('RESET REPLICA ALL');
  });

  test('a user without EXECUTE may not call the procedures', async () => {
    const reader = await logIn(server.port, server.certificates.authority, 'reader', 'pass');
    expect(await rowsOf(reader, 'SELECT COUNT(*) AS number FROM mysql.rds_configuration')).toEqual([{ number: 1 }]);
    await expect(reader.query(`CALL mysql.rds_set_configuration('binlog retention hours', 1)`)).rejects.toMatchObject({ code: 'ER_PROCACCESS_DENIED_ERROR' });
    await reader.end();
  });
});
