import { type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { type Certificates } from './certificates';
import { commonArguments, createDataDirectory } from './datadir';
import { type MysqlDistribution } from './distribution';
import { findFreePort, loopback } from './ports';
import { endProcess, hasEnded, type ProcessScope } from './process-scope';
import { type MysqlParameters, serverArguments, type ServerPlace } from './server-options';

/** How long a server may take to answer after its start, crash recovery included. */
const startPatienceMilliseconds = 120_000;

/** How often a start is tried when somebody else has taken the port. */
const portAttempts = 5;

/** How much of the error log an error shows, in lines. */
const shownLogLines = 15;

/** What a server is made from. */
export interface MysqlServerOptions {
  /** The program. */
  readonly distribution: MysqlDistribution;
  /** Ends the process and removes its files. */
  readonly scope: ProcessScope;
  /** Names the folder of the server within the scope, and the server in messages; unique within the scope. */
  readonly name: string;
  /** Its certificate and key. */
  readonly certificates: Certificates;
  /** System variables, on top of small and RDS-like defaults; `binlog_format: 'OFF'` turns the binary log off, as in Aurora. */
  readonly parameters?: MysqlParameters;
  /** An initialised data directory to start on, for example a clone; default: a new one. */
  readonly dataDirectory?: string;
}

/** How a server process ended. */
export interface MysqlExit {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null;
  /** The signal that ended it, or null. */
  readonly signal: NodeJS.Signals | null;
}

/**
 * A real MySQL server on the loopback address. TCP connections must use TLS; the administrator `root` logs in through the Unix
 * socket without a password. It can be stopped, killed and started again, always on the same port and data.
 */
export class MysqlServer {
  /** Starts a new server and resolves when it answers. Throws with the end of its error log when it does not. */
  public static async start(options: MysqlServerOptions): Promise<MysqlServer> {
    const folder = join(options.scope.folder, options.name);
    const dataDirectory = options.dataDirectory ?? join(folder, 'data');
    await mkdir(join(folder, 'tmp'), { recursive: true });
    if (options.dataDirectory === undefined) await createDataDirectory(options.distribution, dataDirectory);
    const place: Omit<ServerPlace, 'port'> = {
      dataDirectory,
      temporaryDirectory: join(folder, 'tmp'),
      socketPath: join(folder, 'mysql.sock'),
      errorLog: join(folder, 'error.log'),
      processIdFile: join(folder, 'mysqld.pid'),
      authorityFile: join(folder, 'authority.pem'),
      certificateFile: join(folder, 'certificate.pem'),
      keyFile: join(folder, 'key.pem'),
    };
    await writeFile(place.authorityFile, options.certificates.authority);
    await writeFile(place.certificateFile, options.certificates.certificate);
    await writeFile(place.keyFile, options.certificates.key, { mode: 0o600 });
    const server = new MysqlServer(options, place, await findFreePort());
    await server.startOnAnyPort();
    return server;
  }

  /** Its name within the scope. */
  public readonly name: string;
  /** The program it runs. */
  public readonly distribution: MysqlDistribution;
  /** The certificates it was started with. */
  public readonly certificates: Certificates;
  /** The address it listens on. */
  public readonly host = loopback;
  /** Unix socket of the administrator. */
  public readonly socketPath: string;
  /** The file that tells why it did not start or died. */
  public readonly errorLog: string;
  /** Its data directory. */
  public readonly dataDirectory: string;

  private readonly serverId = randomInt(1, 2 ** 32);
  private process?: ChildProcess;
  private exit: Promise<MysqlExit> = Promise.resolve({ code: 0, signal: null });
  private currentParameters: MysqlParameters;
  private uuid = '';

  private constructor(
    private readonly options: MysqlServerOptions,
    private readonly place: Omit<ServerPlace, 'port'>,
    private currentPort: number,
  ) {
    this.name = options.name;
    this.distribution = options.distribution;
    this.certificates = options.certificates;
    this.socketPath = place.socketPath;
    this.errorLog = place.errorLog;
    this.dataDirectory = place.dataDirectory;
    this.currentParameters = options.parameters ?? {};
  }

  /** Port on the loopback address; stays the same over restarts. */
  public get port(): number {
    return this.currentPort;
  }

  /** Process id of the running server; undefined when it does not run. */
  public get pid(): number | undefined {
    return this.isRunning ? this.process?.pid : undefined;
  }

  /** The server's own identity, which a data directory keeps over restarts. */
  public get serverUuid(): string {
    return this.uuid;
  }

  /** The parameters it was last started with, without the defaults. */
  public get parameters(): MysqlParameters {
    return this.currentParameters;
  }

  /** Whether its process runs. */
  public get isRunning(): boolean {
    return this.process !== undefined && !hasEnded(this.process);
  }

  /** Resolves when the process that runs now ends, for whatever reason. */
  public get exited(): Promise<MysqlExit> {
    return this.exit;
  }

  /** Starts it again after `stop()`, `kill()` or a crash, on the same port. Throws when it runs already or does not come up. */
  public async start(): Promise<void> {
    if (this.isRunning) throw new Error(`MySQL server '${this.name}' runs already.`);
    for (let attempt = 1; ; attempt++) {
      const failure = await this.tryToStart();
      if (failure === undefined) return;
      if (!isPortTaken(failure) || attempt === portAttempts) throw this.startError(failure);
      await sleep(200 * attempt);
    }
  }

  /** Shuts it down in order; kills it when that takes more than ten seconds. Does nothing when it does not run. */
  public async stop(): Promise<void> {
    if (!this.process) return;
    // a server that feeds a replica would wait for ten seconds until the replica hangs up.
    await this.query('SELECT ID AS id FROM performance_schema.processlist WHERE COMMAND LIKE ?', ['Binlog Dump%'])
      .then((feeds) => Promise.all(feeds.map(({ id }) => this.query('KILL ?', [id]))))
      .catch(() => undefined);
    await endProcess(this.process);
  }

  /** Kills it with SIGKILL, as a crash does. Does nothing when it does not run. */
  public async kill(): Promise<void> {
    if (this.process) await endProcess(this.process, 'SIGKILL');
  }

  /** Stops and starts it; with parameters given, these replace all that were given before. */
  public async restart(parameters?: MysqlParameters): Promise<void> {
    await this.stop();
    if (parameters) this.currentParameters = parameters;
    await this.start();
  }

  /** Opens a connection as the administrator, who may do everything; the caller ends it. */
  public connect(options: ConnectionOptions = {}): Promise<Connection> {
    return createConnection({ socketPath: this.socketPath, user: 'root', supportBigNumbers: true, ...options });
  }

  /** Runs the work with one administrator connection, which is closed afterwards. */
  public async withConnection<T>(work: (connection: Connection) => Promise<T>, options: ConnectionOptions = {}): Promise<T> {
    const connection = await this.connect(options);
    try {
      return await work(connection);
    } finally {
      await connection.end().catch(() => connection.destroy());
    }
  }

  /**
   * Runs one statement as the administrator, in a connection of its own, and returns its rows: those of the first result for a CALL,
   * none for a statement without rows.
   */
  public query<T = Record<string, unknown>>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    return this.withConnection(async (connection) => {
      const [result] = await connection.query(sql, [...values]);
      if (!Array.isArray(result)) return [];
      const first: unknown = result[0];
      return (Array.isArray(first) ? first : result) as T[];
    });
  }

  private async startOnAnyPort(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const failure = await this.tryToStart();
      if (failure === undefined) return;
      if (!isPortTaken(failure) || attempt === portAttempts) throw this.startError(failure);
      this.currentPort = await findFreePort();
    }
  }

  /** Returns what the error log says about this attempt when it failed. */
  private async tryToStart(): Promise<string | undefined> {
    // what a killed server leaves; the lock beside the socket would be believed if its process id were in use again.
    await Promise.all([this.socketPath, `${this.socketPath}.lock`, this.place.processIdFile].map((path) => rm(path, { force: true })));
    const logStart = await stat(this.errorLog).then((file) => file.size, () => 0);
    const output = await open(this.errorLog, 'a');
    try {
      const place = { ...this.place, port: this.currentPort };
      const commandLine = [...serverArguments(this.distribution, place, this.serverId, this.currentParameters), ...commonArguments()];
      const child = this.options.scope.spawn(this.distribution.command, commandLine, { cwd: this.options.scope.folder, stdio: ['ignore', output.fd, output.fd] });
      this.process = child;
      this.exit = new Promise((resolve) => {
        child.once('exit', (code, signal) => resolve({ code, signal }));
        child.once('error', () => resolve({ code: null, signal: null }));
      });
    } finally {
      await output.close();
    }
    if (await this.answers()) return undefined;
    await this.kill();
    return readFrom(this.errorLog, logStart);
  }

  /** Waits until the server answers; false when its process ends or the patience does. */
  private async answers(): Promise<boolean> {
    const deadline = Date.now() + startPatienceMilliseconds;
    while (this.isRunning && Date.now() < deadline) {
      if (existsSync(this.socketPath)) {
        try {
          const [row] = await this.query<{ uuid: string }>('SELECT @@server_uuid AS uuid');
          this.uuid = row?.uuid ?? '';
          return true;
        } catch {
          // it does not take connections yet.
        }
      }
      await sleep(50);
    }
    return false;
  }

  private startError(log: string): Error {
    const end = log.trim().split('\n').slice(-shownLogLines).join('\n');
    return new Error(`MySQL server '${this.name}' did not start. The end of its error log (${this.errorLog}):\n${end}`);
  }
}

function isPortTaken(log: string): boolean {
  return /Address already in use|Do you already have another mysqld server running on port/i.test(log);
}

async function readFrom(path: string, start: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - start)), 0, Math.max(0, size - start), start);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
