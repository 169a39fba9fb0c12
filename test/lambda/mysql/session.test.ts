import dns from 'node:dns';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server as TcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { Session } from '../../../lambda/mysql/session';
import { EnvironmentName } from '../../../lib/private/contract';
import { createApplicationUser, createCertificates, createMasterUser, findFreePort, type MysqlServer, type ProcessScope, TcpProxy } from '../../../rehearsal/mysql';
import { SecretsManager } from '../../../rehearsal/secrets-manager/server';
import { eventually } from '../../rehearsal/mysql/eventually';
import { openServer } from '../../rehearsal/mysql/servers';

const PASSWORD = 'correct-Horse-0815';
const WRONG_PASSWORD = 'battery-Staple-4711';

let scope: ProcessScope;
let mysql: MysqlServer;
let secrets: SecretsManager;
/** In front of Secrets Manager, whose address the functions' client looks up once. */
let secretsEndpoint: TcpProxy;
let folder: string;
let authority: string;
let foreignAuthority: string;
const listeners: TcpServer[] = [];

beforeAll(async () => {
  const opened = await openServer();
  ({ scope, server: mysql } = opened);
  await createMasterUser(mysql, 'admin', PASSWORD);
  folder = mkdtempSync(path.join(tmpdir(), 'session-test-'));
  authority = path.join(folder, 'authority.pem');
  foreignAuthority = path.join(folder, 'foreign.pem');
  writeFileSync(authority, opened.certificates.authority);
  writeFileSync(foreignAuthority, (await createCertificates()).authority);
  secrets = await SecretsManager.start({
    region: 'eu-central-1',
    secrets: new Map([
      ['right', JSON.stringify({ username: 'admin', password: PASSWORD })],
      ['wrong', JSON.stringify({ username: 'admin', password: WRONG_PASSWORD })],
      ['text', `user admin, password ${PASSWORD}`],
      ['empty', JSON.stringify({ username: 'admin', password: '' })],
      ['nameless', JSON.stringify({ password: PASSWORD })],
      ['number', '4711'],
      ['denied', JSON.stringify({ username: 'admin', password: PASSWORD })],
    ]),
    authorize: (_, __, resources) => !resources.join().includes(':secret:denied'),
  });
  secretsEndpoint = await TcpProxy.open(Number(new URL(secrets.endpoint).port));
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIDTEST', AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${secretsEndpoint.port}`,
  });
});

beforeEach(() => {
  process.env.NODE_EXTRA_CA_CERTS = authority;
  logInWith('right');
});

afterAll(async () => {
  for (const listener of listeners) listener.close();
  await secretsEndpoint?.close();
  await secrets?.close();
  await scope?.close();
  rmSync(folder, { recursive: true, force: true });
});

function logInWith(secretArn: string): void {
  process.env[EnvironmentName.LOGIN] = JSON.stringify({ kind: 'secret', secretArn });
}

async function listening(onConnection: (socket: Socket) => void): Promise<number> {
  const listener = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  listeners.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return (listener.address() as AddressInfo).port;
}

/** What a client sends to the server on its way. */
async function recorded(): Promise<{ port: number; sent: () => string }> {
  const chunks: Buffer[] = [];
  const port = await listening((client) => {
    const upstream = connect(mysql.port, '127.0.0.1');
    upstream.on('error', () => client.destroy());
    client.on('data', (chunk) => chunks.push(chunk));
    client.on('close', () => upstream.destroy());
    client.pipe(upstream).pipe(client);
  });
  return { port, sent: () => Buffer.concat(chunks).toString('latin1') };
}

/** The error of opening a session, in which no password may stand, however deep. */
async function refusal(server: { endpoint?: string; port?: number } = {}, timeoutMilliseconds?: number): Promise<Error> {
  const opening = Session.open({ endpoint: '127.0.0.1', port: mysql.port, ...server }, { timeoutMilliseconds });
  const error = await opening.then(() => { throw new Error('the session was opened'); }, (thrown: Error) => thrown);
  const everything = [error.stack, inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error)].join();
  expect(everything).not.toContain(PASSWORD);
  expect(everything).not.toContain(WRONG_PASSWORD);
  return error;
}

describe('a session', () => {
  test('has everything pinned that results depend on, whatever the server\'s own settings are', async () => {
    await mysql.query(`SET GLOBAL time_zone = '+09:00', GLOBAL sql_mode = 'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH', GLOBAL autocommit = 0, GLOBAL transaction_isolation = 'READ-UNCOMMITTED'`);
    await mysql.query('SET GLOBAL max_execution_time = 1, GLOBAL wait_timeout = 2');
    try {
      const row = await Session.use({ endpoint: '127.0.0.1', port: mysql.port }, (session) => session.row(
        `SELECT @@time_zone AS zone, @@sql_mode AS mode, @@autocommit AS autocommit, @@transaction_isolation AS isolation, @@max_execution_time AS milliseconds, @@wait_timeout AS idle`,
      ));
      expect(row).toEqual({
        zone: '+00:00', mode: 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', autocommit: 1, isolation: 'REPEATABLE-READ', milliseconds: 0, idle: 28_800,
      });
    } finally {
      await mysql.query('SET GLOBAL time_zone = DEFAULT, GLOBAL sql_mode = DEFAULT, GLOBAL autocommit = DEFAULT, GLOBAL transaction_isolation = DEFAULT');
      await mysql.query('SET GLOBAL max_execution_time = DEFAULT, GLOBAL wait_timeout = DEFAULT');
    }
  });

  test('reads and writes names whole, sees all rows and may change them, whatever a server does to its clients', async () => {
    const settings = {
      init_connect: `'SET NAMES latin1'`, sql_select_limit: '1', sql_big_selects: '0', max_join_size: '1', sql_safe_updates: '1', sql_quote_show_create: '0', completion_type: `'RELEASE'`, transaction_read_only: '1',
      show_gipk_in_create_table_and_information_schema: '0', sql_generate_invisible_primary_key: '1',
    };
    const set = (value: (name: string) => string) => mysql.query(`SET ${Object.keys(settings).map((name) => `GLOBAL ${name} = ${value(name)}`).join(', ')}`);
    // init_connect is for those without CONNECTION_ADMIN.
    await createApplicationUser(mysql, 'plain', PASSWORD, ['ALL ON pinned.*']);
    await set((name) => settings[name as keyof typeof settings]);
    try {
      const session = await Session.open({ endpoint: '127.0.0.1', port: mysql.port }, { credentials: { user: 'plain', password: PASSWORD } });
      await session.run('CREATE DATABASE pinned');
      await session.run(`CREATE TABLE pinned.\`あ\` (id INT PRIMARY KEY, v VARCHAR(9) DEFAULT 'あ') COMMENT 'あ'`);
      await session.run('START TRANSACTION');
      await session.run('INSERT INTO pinned.`あ` (id) VALUES (1), (2), (3)');
      await session.run('COMMIT');
      await session.run(`UPDATE pinned.\`あ\` SET v = 'い' WHERE v = 'あ'`);
      expect(await session.rows('SELECT a.id AS id FROM pinned.`あ` a JOIN pinned.`あ` b ORDER BY 1')).toHaveLength(9);
      expect((await session.row<{ 'Create Table': string }>('SHOW CREATE TABLE pinned.`あ`'))?.['Create Table']).toMatch(/^CREATE TABLE `あ` \(.*DEFAULT 'あ',.*COMMENT='あ'$/s);
      await session.run('CREATE TABLE pinned.keyless (v INT)');
      expect((await session.row<{ 'Create Table': string }>('SHOW CREATE TABLE pinned.keyless'))?.['Create Table']).toContain('my_row_id');
      await session.run('DROP DATABASE pinned');
      await session.close();
    } finally {
      await set(() => 'DEFAULT');
      await mysql.query('DROP USER plain');
    }
  });

  test('speaks TLS', async () => {
    const row = await Session.use({ endpoint: '127.0.0.1', port: mysql.port }, (session) => session.row<{ Value: string }>(`SHOW STATUS LIKE 'Ssl_version'`));
    expect(row?.Value).toMatch(/^TLSv1\.[23]$/);
  });

  test('leaves what the server says of a statement as it is', async () => {
    await Session.use({ endpoint: '127.0.0.1', port: mysql.port }, async (session) => {
      await expect(session.rows('SELECT nothing')).rejects.toMatchObject({ errno: 1054 });
    });
  });

  test('leaves a statement to the server when it is abandoned', async () => {
    const session = await Session.open({ endpoint: '127.0.0.1', port: mysql.port });
    session.send('CREATE DATABASE abandoned');
    await eventually('the statement is done', async () => (await mysql.query(`SHOW DATABASES LIKE 'abandoned'`)).length === 1);
    session.abandon();
    await mysql.query('DROP DATABASE abandoned');
  });
});

describe('fails with LoginRefused', () => {
  test('on a wrong password', async () => {
    logInWith('wrong');
    expect(await refusal()).toMatchObject({
      name: 'LoginRefused', message: expect.stringMatching(/^MySQL at 127\.0\.0\.1:\d+ refused the login of 'admin' \(1045: .*see that the secret holds the present password/) as string,
    });
  });

  test('on a certificate of a foreign authority, to which it sends neither user nor password', async () => {
    process.env.NODE_EXTRA_CA_CERTS = foreignAuthority;
    const { port, sent } = await recorded();

    expect(await refusal({ port })).toMatchObject({ name: 'LoginRefused', message: expect.stringMatching(/the TLS certificate of MySQL .* is not one Amazon RDS issued.*so no password was sent/) as string });
    expect(sent()).not.toMatch(/admin|Horse/);
  });

  test('on a certificate for another host name, to which it sends neither user nor password', async () => {
    const { port, sent } = await recorded();
    const lookup = jest.spyOn(dns, 'lookup').mockImplementation(((_: string, __: unknown, done: (error: null, addresses: dns.LookupAddress[]) => void) => {
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as typeof dns.lookup);

    const error = await refusal({ endpoint: 'shop.example', port });
    lookup.mockRestore();

    expect(error).toMatchObject({ name: 'LoginRefused', message: expect.stringMatching(/certificate.*shop\.example.*so no password was sent/) as string });
    expect(sent()).not.toMatch(/admin|Horse/);
  });
});

describe('fails with DatabaseUnreachable', () => {
  test('on a closed port', async () => {
    expect(await refusal({ port: await findFreePort() })).toMatchObject({
      name: 'DatabaseUnreachable', message: expect.stringMatching(/does not answer \(ECONNREFUSED.*security group/) as string,
    });
  });

  test('on a host nobody knows', async () => {
    expect(await refusal({ endpoint: 'shop.cluster-abc.invalid' })).toMatchObject({ name: 'DatabaseUnreachable' });
  });

  test('on a port that swallows packets', async () => {
    const port = await listening(() => undefined);
    expect(await refusal({ port }, 300)).toMatchObject({ name: 'DatabaseUnreachable', message: expect.stringMatching(/ETIMEDOUT/) as string });
  });

  test('on a server that falls silent in the middle of the login', async () => {
    const port = await listening((client) => {
      const upstream = connect(mysql.port, '127.0.0.1');
      upstream.on('error', () => undefined);
      client.on('close', () => upstream.destroy());
      // the greeting passes; what the client answers is swallowed.
      upstream.pipe(client);
    });
    expect(await refusal({ port }, 300)).toMatchObject({ name: 'DatabaseUnreachable', message: expect.stringMatching(/ETIMEDOUT/) as string });
  });

  test('on a connection that is closed at once', async () => {
    expect(await refusal({ port: await listening((socket) => socket.destroy()) })).toMatchObject({ name: 'DatabaseUnreachable' });
  });

  test('on a connection that is killed in the middle of a query', async () => {
    const session = await Session.open({ endpoint: '127.0.0.1', port: mysql.port });
    const id = (await session.row<{ id: number }>('SELECT CONNECTION_ID() AS id'))?.id;
    const query = session.rows('SELECT SLEEP(60)').then(() => undefined, (thrown: Error) => thrown);
    await eventually('the query runs', async () => (await mysql.query(`SELECT 1 FROM performance_schema.processlist WHERE ID = ? AND INFO LIKE 'SELECT SLEEP%'`, [id])).length === 1);

    await mysql.query(`KILL ${id}`);

    expect(await query).toMatchObject({ name: 'DatabaseUnreachable' });
    await expect(session.rows('SELECT 1')).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
    await session.close();
  });

  test.each([['resets', (client: Socket) => client.resetAndDestroy()], ['closes', (client: Socket) => client.destroy()]])('on a server that %s the connection during the TLS handshake', async (_, breaks) => {
    const port = await listening((client) => {
      const upstream = connect(mysql.port, '127.0.0.1');
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
      client.on('error', () => undefined);
      upstream.pipe(client);
      // the first that the client sends is its wish for TLS, and it goes on at once.
      client.once('data', () => breaks(client));
    });
    expect(await refusal({ port })).toMatchObject({ name: 'DatabaseUnreachable' });
  });

  test('on a connection that breaks in the middle of a query', async () => {
    const proxy = await TcpProxy.open(mysql.port);
    const session = await Session.open({ endpoint: '127.0.0.1', port: proxy.port });
    const query = session.rows('SELECT SLEEP(60)').then(() => undefined, (thrown: Error) => thrown);

    proxy.dropConnections();

    expect(await query).toMatchObject({ name: 'DatabaseUnreachable' });
    await session.close();
    await proxy.close();
  });

  test('when the server has no connections left', async () => {
    await mysql.query('SET GLOBAL max_connections = 10');
    const sessions: Session[] = [];
    const fill = async () => { for (;;) sessions.push(await Session.open({ endpoint: '127.0.0.1', port: mysql.port })); };
    try {
      await expect(fill()).rejects.toMatchObject({ name: 'DatabaseUnreachable', message: expect.stringMatching(/ER_CON_COUNT_ERROR/) as string });
    } finally {
      await Promise.all(sessions.map((session) => session.close()));
      await eventually('a connection is free again', () => mysql.query('SET GLOBAL max_connections = 200').then(() => true, () => false));
    }
  });
});

describe('fails with SecretInvalid', () => {
  test.each([
    ['missing', /secret 'missing' cannot be read \(ResourceNotFoundException: .*see that it exists/],
    ['denied', /secret 'denied' cannot be read \(AccessDeniedException: /],
    ['text', /secret 'text' is not JSON: it should be a JSON object with 'username' and 'password'/],
    ['number', /secret 'number' has no 'username'/],
    ['nameless', /secret 'nameless' has no 'username'/],
    ['empty', /secret 'empty' has no 'password'/],
  ])('on a secret that is %s', async (secret, message) => {
    logInWith(secret);
    expect(await refusal()).toMatchObject({ name: 'SecretInvalid', message: expect.stringMatching(message) as string });
  });
});

describe('fails with SecretUnreachable, and says the three remedies', () => {
  const remedies = expect.stringMatching(/Secrets Manager does not answer.*NAT gateway.*interface endpoint for secretsmanager.*DatabaseAccess\.iam/) as string;

  afterEach(() => {
    secretsEndpoint.dropConnections();
    secretsEndpoint.retarget(Number(new URL(secrets.endpoint).port));
  });

  test('when packets to Secrets Manager are swallowed', async () => {
    secretsEndpoint.dropConnections();
    secretsEndpoint.retarget(await listening(() => undefined));
    expect(await refusal()).toMatchObject({ name: 'SecretUnreachable', message: remedies });
  });

  test('when nobody listens there', async () => {
    secretsEndpoint.dropConnections();
    secretsEndpoint.retarget(undefined);
    expect(await refusal()).toMatchObject({ name: 'SecretUnreachable', message: remedies });
  });
});
