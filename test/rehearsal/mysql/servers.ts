import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { type Certificates, createCertificates, findMysql, type MysqlParameters, MysqlServer, ProcessScope } from '../../../rehearsal/mysql';

/** Starts a server in a scope of its own. */
export async function openServer(parameters?: MysqlParameters): Promise<{ scope: ProcessScope; server: MysqlServer; certificates: Certificates }> {
  const [distribution, certificates, scope] = await Promise.all([findMysql(), createCertificates(), ProcessScope.open('test')]);
  try {
    const server = await MysqlServer.start({ distribution, certificates, scope, name: 'blue', ...(parameters ? { parameters } : {}) });
    return { scope, server, certificates };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/** Logs in as an application does: over TCP and TLS, verifying the server. */
export function logIn(port: number, authority: string, user: string, password: string, options: ConnectionOptions = {}): Promise<Connection> {
  return createConnection({ host: '127.0.0.1', port, user, password, ssl: { ca: authority, verifyIdentity: true }, ...options });
}

/** The rows of one statement. */
export async function rowsOf(connection: Connection, sql: string): Promise<Record<string, unknown>[]> {
  const [rows] = await connection.query(sql);
  return rows as Record<string, unknown>[];
}
