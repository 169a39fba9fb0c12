import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Connection } from 'mysql2/promise';
import { binlogEnd, cloneServer, type MysqlParameters, type MysqlServer, type ProcessScope, resetReplication, startReplication, TcpProxy } from '../mysql';
import { type BinlogPosition, type DatabaseEngine, type Endpoint, type EndpointFactory, type EngineFactory, type ParameterValues, type ReplicationState, type TopologyRow } from './engine';
import { serverValueOf, startOptionOf, variableOf } from './server-variables';

/** From how many seconds on a write on Blue counts as long-running; RDS does not document its limit. */
const LONG_RUNNING_SECONDS = 10;

/** How long changing the read-only state may wait for what still runs, in seconds. */
const LOCK_PATIENCE_SECONDS = 10;

/** The error of a server that will not change a variable of its applier while that runs. */
const APPLIER_MUST_BE_STOPPED = 3017;
const REPLICATION_MUST_BE_STOPPED = 1198;

/** Sessions that are not clients: replication into and out of this server, the event scheduler, and the administrator of the rehearsal. */
const CLIENTS = `p.USER NOT IN ('system user', 'event_scheduler', 'rdsrepladmin', 'root') AND p.COMMAND NOT LIKE 'Binlog Dump%'`;

/** A real MySQL server as the database of a cluster. */
export class MysqlEngine implements DatabaseEngine {
  private isForcedReadOnly = false;
  private readOnlyParameter = '0';
  private ignored: string[] = [];

  /**
   * @param server a running server. The parameters it was started with stay beneath those of the cluster.
   * @param scope where its files are.
   */
  constructor(public readonly server: MysqlServer, private readonly scope: ProcessScope, public readonly baseParameters: MysqlParameters = server.parameters) {}

  public get port(): number {
    return this.server.port;
  }

  public get ignoredParameters(): readonly string[] {
    return this.ignored;
  }

  public async start(parameters: ParameterValues): Promise<void> {
    await this.server.restart({ ...startOptions(this.baseParameters, parameters), ...(this.isForcedReadOnly ? { super_read_only: 'ON' } : {}) });
    await this.remember(parameters);
  }

  /** Takes note of parameters the server has been started with. */
  public async remember(parameters: ParameterValues): Promise<void> {
    this.readOnlyParameter = parameters['read_only'] ?? '0';
    const rows = await this.server.query<{ name: string }>('SELECT VARIABLE_NAME AS name FROM performance_schema.global_variables');
    const known = new Set(rows.map((row) => row.name));
    this.ignored = Object.keys(parameters).filter((parameter) => !known.has(variableOf(parameter) ?? ''));
  }

  public stop(): Promise<void> {
    return this.server.stop();
  }

  public async applyParameter(name: string, value: string | undefined): Promise<void> {
    const variable = variableOf(name);
    if (variable === undefined || this.ignored.includes(name)) {
      this.ignored = [...new Set([...this.ignored, name])];
      return;
    }
    if (variable === 'read_only') {
      this.readOnlyParameter = value ?? '0';
      // a protection by RDS itself is stronger, and ends with this value.
      if (this.isForcedReadOnly) return;
    }
    const serverValue = value === undefined ? undefined : serverValueOf(name, value);
    const set = (connection: Connection) => serverValue === undefined
      ? connection.query('SET GLOBAL ?? = DEFAULT', [variable])
      : connection.query('SET GLOBAL ?? = ?', [variable, /^\d+$/.test(serverValue) ? Number(serverValue) : serverValue]);
    await this.server.withConnection(async (connection) => {
      try {
        await set(connection);
      } catch (error) {
        if (!isErrorNumber(error, APPLIER_MUST_BE_STOPPED, REPLICATION_MUST_BE_STOPPED)) throw error;
        await connection.query('STOP REPLICA SQL_THREAD');
        await set(connection).finally(() => connection.query('START REPLICA SQL_THREAD'));
      }
    });
  }

  public async setForcedReadOnly(on: boolean): Promise<void> {
    await this.server.withConnection(async (connection) => {
      await connection.query('SET SESSION lock_wait_timeout = ?', [LOCK_PATIENCE_SECONDS]);
      if (on) {
        await connection.query('SET GLOBAL super_read_only = ON');
      } else {
        await connection.query('SET GLOBAL super_read_only = OFF');
        await connection.query('SET GLOBAL read_only = ?', [Number(this.readOnlyParameter)]);
      }
    });
    this.isForcedReadOnly = on;
  }

  public async announce(topology: readonly TopologyRow[]): Promise<void> {
    await this.server.withConnection(async (connection) => {
      // each server says it for itself.
      await connection.query('SET SESSION sql_log_bin = 0');
      await connection.query(
        `CREATE TABLE IF NOT EXISTS mysql.rds_topology (
           id INT PRIMARY KEY, endpoint VARCHAR(255) NOT NULL, port INT NOT NULL, role VARCHAR(64) NOT NULL, status VARCHAR(64) NOT NULL, version VARCHAR(16) NOT NULL)`,
      );
      const rows = topology.map(({ endpoint, port, role, status }, index) => [index + 1, endpoint, port, role, status, '1.0']);
      await connection.query('REPLACE INTO mysql.rds_topology VALUES ?', [rows]);
    });
  }

  public dropClients(): Promise<void> {
    return this.dropSessions(CLIENTS);
  }

  public dropReplicas(): Promise<void> {
    return this.dropSessions(`p.COMMAND LIKE 'Binlog Dump%'`);
  }

  public async binlogPosition(): Promise<BinlogPosition | undefined> {
    const [row] = await this.server.query<{ isOn: number }>('SELECT @@GLOBAL.log_bin AS isOn');
    return row?.isOn ? binlogEnd(this.server) : undefined;
  }

  public async replication(): Promise<ReplicationState | undefined> {
    const status = await this.replicaStatus();
    if (!status) return undefined;
    return {
      healthy: status.Replica_IO_Running === 'Yes' && status.Replica_SQL_Running === 'Yes',
      lagSeconds: status.Seconds_Behind_Source ?? undefined,
      error: status.Last_IO_Error || status.Last_SQL_Error || undefined,
    };
  }

  public async hasExecuted(position: BinlogPosition): Promise<boolean> {
    const status = await this.replicaStatus();
    if (!status) return false;
    const [executed, wanted] = [fileNumber(status.Relay_Source_Log_File), fileNumber(position.file)];
    return executed > wanted || (executed === wanted && Number(status.Exec_Source_Log_Pos) >= position.position);
  }

  public detachReplica(): Promise<void> {
    return resetReplication(this.server);
  }

  public activeWrites(): Promise<string[]> {
    return this.writes(0);
  }

  public longRunningWrites(): Promise<string[]> {
    return this.writes(LONG_RUNNING_SECONDS);
  }

  public async destroy(): Promise<void> {
    await this.server.stop();
    await rm(join(this.scope.folder, this.server.name), { recursive: true, force: true });
  }

  private async dropSessions(which: string): Promise<void> {
    await this.server.withConnection(async (connection) => {
      const [rows] = await connection.query(`SELECT p.ID AS id FROM performance_schema.processlist p WHERE ${which}`);
      for (const { id } of rows as { id: number }[]) {
        // a session that has ended by itself meanwhile is as good as one that was killed.
        await connection.query('KILL ?', [id]).catch((error: unknown) => { if (!isErrorNumber(error, 1094)) throw error; });
      }
    });
  }

  /** Transactions that have changed rows, and statements that change definitions, running for at least so many seconds. */
  private writes(seconds: number): Promise<string[]> {
    return this.server.withConnection(async (connection) => {
      // the time InnoDB shows is the system's.
      await connection.query(`SET SESSION time_zone = 'SYSTEM'`);
      const [rows] = await connection.query(
        `SELECT CONCAT('session ', p.ID, ' of ', p.USER, ': ', LEFT(COALESCE(p.INFO, 'an open transaction'), 100)) AS text
          FROM performance_schema.processlist p LEFT JOIN information_schema.INNODB_TRX t ON t.TRX_MYSQL_THREAD_ID = p.ID
          WHERE ${CLIENTS} AND (
            (t.TRX_ROWS_MODIFIED > 0 AND TIMESTAMPDIFF(SECOND, t.TRX_STARTED, NOW()) >= ?)
            OR (p.COMMAND = 'Query' AND p.TIME >= ? AND p.INFO REGEXP '^[[:space:]]*(ALTER|CREATE|DROP|OPTIMIZE|RENAME|TRUNCATE)[[:space:]]')
          )`,
        [seconds, seconds],
      );
      return (rows as { text: string }[]).map((row) => row.text);
    });
  }

  private async replicaStatus(): Promise<ReplicaStatus | undefined> {
    const [status] = await this.server.query<ReplicaStatus>('SHOW REPLICA STATUS');
    return status;
  }
}

/** Makes green servers with MySQL's CLONE plugin; storage is copied, not shared as in Aurora. */
export class MysqlEngineFactory implements EngineFactory {
  constructor(private readonly scope: ProcessScope) {}

  public async clone(source: DatabaseEngine, options: { identifier: string; parameters: ParameterValues }): Promise<MysqlEngine> {
    if (!(source instanceof MysqlEngine)) throw new Error('a MySQL server can be cloned from a MySQL server only');
    const { server, file, position } = await cloneServer(source.server, {
      scope: this.scope, name: options.identifier, parameters: startOptions(source.baseParameters, options.parameters),
    });
    const engine = new MysqlEngine(server, this.scope, source.baseParameters);
    await engine.remember(options.parameters);
    await startReplication(server, source.server, { file, position });
    return engine;
  }
}

/** Endpoints that really listen: a TCP proxy each. */
export class ProxyEndpointFactory implements EndpointFactory {
  public async open(targetPort: number): Promise<Endpoint> {
    const proxy = await TcpProxy.open(targetPort);
    return {
      port: proxy.port,
      retarget: (port) => {
        proxy.retarget(port);
        proxy.dropConnections();
      },
      refuse: () => {
        proxy.refuse(true);
        proxy.dropConnections();
      },
      accept: () => proxy.refuse(false),
      close: () => proxy.close(),
    };
  }
}

interface ReplicaStatus {
  readonly Replica_IO_Running: string;
  readonly Replica_SQL_Running: string;
  readonly Seconds_Behind_Source: number | null;
  readonly Last_IO_Error: string;
  readonly Last_SQL_Error: string;
  readonly Relay_Source_Log_File: string;
  readonly Exec_Source_Log_Pos: number | string;
}

function startOptions(base: MysqlParameters, parameters: ParameterValues): MysqlParameters {
  const options = Object.entries(parameters).flatMap(([parameter, value]): [string, string][] => {
    const variable = variableOf(parameter);
    const serverValue = serverValueOf(parameter, value);
    return variable === undefined || serverValue === undefined ? [] : [[startOptionOf(variable), serverValue]];
  });
  return { ...base, ...Object.fromEntries(options) };
}

/** Files are numbered: mysql-bin-changelog.000012. */
const fileNumber = (file: string) => Number(file.slice(file.lastIndexOf('.') + 1));

function isErrorNumber(error: unknown, ...numbers: number[]): boolean {
  return error instanceof Error && 'errno' in error && numbers.includes(Number(error.errno));
}
