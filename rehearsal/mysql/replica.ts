import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessScope } from './process-scope';
import { createUser, unlogged } from './rds-compatibility';
import { MysqlServer } from './server';
import { type MysqlParameters } from './server-options';

/** The user with which Green reads Blue's binary log; named as on RDS. */
const replicationUser = 'rdsrepladmin';

/** A place in the binary log of a server. */
export interface BinlogPosition {
  /** File name, without folder. */
  readonly file: string;
  /** Offset of the next event in the file, in bytes. */
  readonly position: number;
}

/** A clone of a server and the place in the source's binary log up to which it has the source's data. */
export interface ClonedServer extends BinlogPosition {
  readonly server: MysqlServer;
}

/** Options of {@link cloneServer}. */
export interface CloneOptions {
  /** Ends the clone and removes its files. */
  readonly scope: ProcessScope;
  /** Name of the clone; unique within the scope. */
  readonly name: string;
  /** Its system variables; default: none besides the defaults of a server. */
  readonly parameters?: MysqlParameters;
}

/**
 * Makes a server with all data, users and settings tables of a running server, which goes on reading and writing meanwhile. The clone
 * has a server_uuid of its own, an empty binary log, and no replication yet.
 */
export async function cloneServer(source: MysqlServer, options: CloneOptions): Promise<ClonedServer> {
  const folder = join(options.scope.folder, options.name);
  const dataDirectory = join(folder, 'data');
  await mkdir(folder, { recursive: true });
  await source.query('CLONE LOCAL DATA DIRECTORY = ?', [dataDirectory]);
  await rm(join(dataDirectory, 'auto.cnf'), { force: true });
  const { distribution, certificates } = source;
  const server = await MysqlServer.start({ ...options, distribution, certificates, dataDirectory });
  try {
    return { server, ...await clonedPosition(server) };
  } catch (error) {
    await server.kill();
    throw error;
  }
}

/**
 * Makes a server the replica of another from this place on, over TLS, and starts replicating. Creates the user for it on the source.
 * Leaves the rest, such as parallel workers, to the replica's parameters.
 */
export async function startReplication(replica: MysqlServer, source: MysqlServer, from: BinlogPosition): Promise<void> {
  const password = randomBytes(15).toString('base64url');
  await unlogged(source, async (connection) => {
    await createUser(connection, replicationUser, password);
    await connection.query(`GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ?@'%'`, [replicationUser]);
  });
  await replica.query(
    `CHANGE REPLICATION SOURCE TO SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = ?, SOURCE_PASSWORD = ?, SOURCE_SSL = 1,
      SOURCE_LOG_FILE = ?, SOURCE_LOG_POS = ?, SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 0`,
    [source.host, source.port, replicationUser, password, from.file, from.position],
  );
  await replica.query('START REPLICA');
}

/** Stops both replication threads; the replica still knows its source. */
export async function stopReplication(replica: MysqlServer): Promise<void> {
  await replica.query('STOP REPLICA');
}

/** Stops replication and makes the replica forget its source. */
export async function resetReplication(replica: MysqlServer): Promise<void> {
  await replica.query('STOP REPLICA');
  await replica.query('RESET REPLICA ALL');
}

/** Where the binary log of a server ends now. Throws when it has none. */
export async function binlogEnd(server: MysqlServer): Promise<BinlogPosition> {
  const [row] = await server.query<{ file: string; position: number }>(
    `SELECT LOCAL->>'$.binary_log_file' AS file, CAST(LOCAL->>'$.binary_log_position' AS UNSIGNED) AS position FROM performance_schema.log_status`,
  );
  if (!row?.file) throw new Error(`MySQL server '${server.name}' has no binary log.`);
  return { file: row.file, position: Number(row.position) };
}

/**
 * Waits until the replica has applied the source's binary log up to this place.
 * Throws when replication does not run, or does not get there in so many seconds.
 */
export async function waitForReplica(replica: MysqlServer, until: BinlogPosition, seconds = 60): Promise<void> {
  const [row] = await replica.query<{ events: number | null }>('SELECT SOURCE_POS_WAIT(?, ?, ?) AS events', [until.file, until.position, seconds]);
  if (typeof row?.events === 'number' && row.events >= 0) return;
  const [status] = await replica.query<Record<string, unknown>>('SHOW REPLICA STATUS');
  const told = [status?.Last_IO_Error, status?.Last_SQL_Error].filter((text) => text).join('; ');
  throw new Error(`Replica '${replica.name}' did not reach ${until.file}:${until.position}: ${told || (status ? 'no error was reported' : 'it is no replica')}.`);
}

/** The clone itself remembers the place when it starts for the first time. */
async function clonedPosition(clone: MysqlServer): Promise<BinlogPosition> {
  const [row] = await clone.query<{ file: string; position: number; state: string }>(
    'SELECT BINLOG_FILE AS file, BINLOG_POSITION AS position, STATE AS state FROM performance_schema.clone_status',
  );
  if (row?.state !== 'Completed' || !row.file) {
    throw new Error(`The clone '${clone.name}' does not tell from which place to replicate: ${JSON.stringify(row)}. Its source needs a binary log.`);
  }
  return { file: row.file, position: Number(row.position) };
}
