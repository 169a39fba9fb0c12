import { readdir } from 'node:fs/promises';
import { createCertificates, createMasterUser, type MysqlServer, type ProcessScope } from '../../../rehearsal/mysql';
import { logIn, openServer, rowsOf } from './servers';

describe('MysqlServer', () => {
  let scope: ProcessScope;
  let server: MysqlServer;

  beforeAll(async () => {
    ({ scope, server } = await openServer({ max_connections: 77 }));
    await createMasterUser(server, 'admin', 'first password');
    await server.query('CREATE DATABASE shop');
    await server.query('CREATE TABLE shop.item (id INT PRIMARY KEY)');
  });
  afterAll(async () => scope?.close());

  test('runs with its parameters and writes a binary log of rows', async () => {
    const [row] = await server.query('SELECT @@max_connections AS connections, @@log_bin AS logged, @@binlog_format AS format, @@gtid_mode AS gtid');
    expect(row).toEqual({ connections: 77, logged: 1, format: 'ROW', gtid: 'OFF' });
  });

  test('stops and starts on the same port, with the same identity and data', async () => {
    const { port, serverUuid, pid } = server;
    await server.query('INSERT INTO shop.item VALUES (1)');
    await server.stop();
    expect(server.isRunning).toBe(false);
    expect(await server.exited).toEqual({ code: 0, signal: null });
    await server.start();
    expect({ port: server.port, serverUuid: server.serverUuid }).toEqual({ port, serverUuid });
    expect(server.pid).not.toBe(pid);
    expect(await server.query('SELECT id FROM shop.item WHERE id = 1')).toHaveLength(1);
  });

  test('keeps what was acknowledged when it is killed', async () => {
    await server.query('INSERT INTO shop.item VALUES (2)');
    await server.kill();
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await server.start();
    expect(await server.query('SELECT id FROM shop.item WHERE id = 2')).toHaveLength(1);
  });

  test('restarts with other parameters in place of the old ones; binlog_format OFF is no binary log', async () => {
    await server.restart({ binlog_format: 'OFF' });
    const [row] = await server.query('SELECT @@max_connections AS connections, @@log_bin AS logged');
    expect(row).toEqual({ connections: 200, logged: 0 });
    await server.restart({});
    expect(await server.query('SELECT @@log_bin AS logged')).toEqual([{ logged: 1 }]);
  });

  test('refuses to start twice', async () => {
    await expect(server.start()).rejects.toThrow(`MySQL server 'blue' runs already.`);
  });

  test('shows its error log when a parameter keeps it from starting, and starts again without', async () => {
    await expect(server.restart({ no_such_variable: 1 })).rejects.toThrow(/'blue' did not start[^]*unknown variable 'no-such-variable=1'/);
    await server.restart({});
    expect(server.isRunning).toBe(true);
  });

  test('lets users in over verified TLS only', async () => {
    const connection = await logIn(server.port, server.certificates.authority, 'admin', 'first password');
    expect(await rowsOf(connection, `SHOW SESSION STATUS LIKE 'Ssl_version'`)).toEqual([{ Variable_name: 'Ssl_version', Value: 'TLSv1.3' }]);
    await connection.end();

    const stranger = await createCertificates();
    await expect(logIn(server.port, stranger.authority, 'admin', 'first password')).rejects.toMatchObject({ code: 'HANDSHAKE_SSL_ERROR' });
    const { authority } = server.certificates;
    await expect(logIn(server.port, authority, 'admin', 'wrong')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
    await expect(logIn(server.port, authority, 'admin', 'first password', { ssl: undefined })).rejects.toMatchObject({ code: 'ER_SECURE_TRANSPORT_REQUIRED' });
  });

  test('keeps all its files in the folder of its scope', async () => {
    expect(server.dataDirectory.startsWith(scope.folder)).toBe(true);
    expect(await readdir(scope.folder)).toEqual(['blue']);
  });
});
