import { type Connection } from 'mysql2/promise';
import { versionNumbers } from './distribution';
import { rdsProcedures } from './rds-procedures';
import { type MysqlServer } from './server';

/** The role that carries what the master user of an Aurora cluster may do. */
const masterRole = 'rds_superuser_role';

/** What Aurora MySQL version 3 grants to its master user: neither SUPER nor any right to set system variables. */
const staticPrivileges = [
  'ALTER', 'ALTER ROUTINE', 'CREATE', 'CREATE ROLE', 'CREATE ROUTINE', 'CREATE TEMPORARY TABLES', 'CREATE USER', 'CREATE VIEW', 'DELETE', 'DROP',
  'DROP ROLE', 'EVENT', 'EXECUTE', 'INDEX', 'INSERT', 'LOCK TABLES', 'PROCESS', 'REFERENCES', 'RELOAD', 'REPLICATION CLIENT', 'REPLICATION SLAVE',
  'SELECT', 'SHOW DATABASES', 'SHOW VIEW', 'TRIGGER', 'UPDATE',
];
const dynamicPrivileges = [
  'APPLICATION_PASSWORD_ADMIN', 'CONNECTION_ADMIN', 'FLUSH_OPTIMIZER_COSTS', 'FLUSH_STATUS', 'FLUSH_TABLES', 'FLUSH_USER_RESOURCES', 'ROLE_ADMIN',
  'SHOW_ROUTINE', 'XA_RECOVER_ADMIN',
];

/**
 * Adds to a server what RDS adds to MySQL: the table mysql.rds_configuration and the procedures mysql.rds_*. Leaves no trace in the
 * binary log. May be run again.
 */
export async function installRdsProcedures(server: MysqlServer): Promise<void> {
  await unlogged(server, async (connection) => {
    for (const statement of rdsProcedures) await connection.query(statement);
  });
}

/**
 * Creates the master user with the rights that Aurora MySQL version 3 gives it, by way of its role. It logs in over TLS from anywhere
 * with this password. Leaves no trace in the binary log. May be run again, to change the password.
 */
export async function createMasterUser(server: MysqlServer, name: string, password: string): Promise<void> {
  await unlogged(server, async (connection) => {
    await connection.query('CREATE ROLE IF NOT EXISTS ??', [masterRole]);
    const privileges = [...staticPrivileges, ...dynamicPrivileges, ...definerPrivileges(server.distribution.version)].join(', ');
    await connection.query(`GRANT ${privileges} ON *.* TO ?? WITH GRANT OPTION`, [masterRole]);
    await createUser(connection, name, password);
    await connection.query('GRANT ?? TO ? WITH ADMIN OPTION', [masterRole, name]);
    await connection.query('SET DEFAULT ROLE ALL TO ?', [name]);
  });
}

/**
 * Creates a user who may log in over TLS from anywhere; each grant reads as between GRANT and TO, for example `SELECT ON shop.*`.
 * Leaves no trace in the binary log. May be run again, to change the password.
 */
export async function createApplicationUser(server: MysqlServer, name: string, password: string, grants: readonly string[] = []): Promise<void> {
  await unlogged(server, async (connection) => {
    await createUser(connection, name, password);
    for (const grant of grants) await connection.query(`GRANT ${grant} TO ?`, [name]);
  });
}

/** Runs statements as the administrator in one session that does not write to the binary log. */
export function unlogged<T>(server: MysqlServer, work: (connection: Connection) => Promise<T>): Promise<T> {
  return server.withConnection(async (connection) => {
    await connection.query('SET SESSION sql_log_bin = 0');
    return work(connection);
  });
}

/** Creates the user or changes its password. */
export async function createUser(connection: Connection, name: string, password: string): Promise<void> {
  await connection.query(`CREATE USER IF NOT EXISTS ?@'%'`, [name]);
  await connection.query(`ALTER USER ?@'%' IDENTIFIED WITH caching_sha2_password BY ?`, [name, password]);
}

/** The right to create programs for other definers: one privilege until 8.0, two since. */
function definerPrivileges(version: string): string[] {
  const { major, minor } = versionNumbers(version);
  return major > 8 || minor >= 2 ? ['SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER'] : ['SET_USER_ID'];
}
