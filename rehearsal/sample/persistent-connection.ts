import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql, { type Connection } from 'mysql2/promise';
import { SHOP_SQL_MODE } from './shop';

/** Where to connect to. */
export interface ConnectionAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The certificate authority of the servers (PEM); without it the connection is not encrypted. */
  readonly ca?: string;
  /** @default shop */
  readonly database?: string;
}

const CONNECT_TIMEOUT_MILLISECONDS = 1000;
// longer than a switchover usually blocks writes, so that a blocked write is waited for rather than sent again.
const ANSWER_TIMEOUT_MILLISECONDS = 10_000;

/**
 * An application's connection: opened when it is needed, closed after an error and then opened anew. Nothing waits for an answer
 * longer than 10 seconds, or after `signal` is aborted.
 */
export class PersistentConnection {
  private connection: Connection | undefined;
  private socket: net.Socket | undefined;

  constructor(private readonly address: ConnectionAddress, private readonly signal: AbortSignal) {}

  /** Makes sure that the connection is open; rejects with mysql2's error, leaving nothing open. */
  public async open(): Promise<Connection> {
    return this.connection ?? this.connect();
  }

  /**
   * Does something with the open connection.
   *
   * @throws the action's error, or one with code NO_ANSWER or STOPPED; the caller then closes the connection, as its state is unknown.
   */
  public async use<T>(action: (connection: Connection) => Promise<T>): Promise<T> {
    return this.patiently(action(await this.open()));
  }

  /** Closes the connection without saying goodbye, as a process that dies does. */
  public close(): void {
    this.connection?.destroy();
    // mysql2 only half-closes the socket, which stays open as long as the other side does not answer.
    this.socket?.destroy();
    this.connection = undefined;
    this.socket = undefined;
  }

  private async connect(): Promise<Connection> {
    const { host, port, user, password, ca, database = 'shop' } = this.address;
    this.signal.throwIfAborted();
    const socket = net.connect({ host, port, noDelay: true });
    this.socket = socket;
    try {
      const connection = await this.patiently(mysql.createConnection({
        stream: () => socket, user, password, database, connectTimeout: CONNECT_TIMEOUT_MILLISECONDS, ...(ca === undefined ? {} : { ssl: { ca } }),
      }));
      // a connection that breaks while nobody waits for an answer says so by this event, which would otherwise end the process.
      connection.on('error', () => { if (this.connection === connection) this.close(); });
      await this.patiently(connection.query(`SET SESSION sql_mode = '${SHOP_SQL_MODE}', time_zone = '+00:00'`));
      this.connection = connection;
      return connection;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  // a destroyed connection of mysql2 never answers what is still asked of it, hence the race.
  private async patiently<T>(answer: Promise<T>): Promise<T> {
    const answered = new AbortController();
    const signal = AbortSignal.any([this.signal, answered.signal]);
    const impatience = sleep(ANSWER_TIMEOUT_MILLISECONDS, undefined, { signal }).then(
      () => { throw Object.assign(new Error(`no answer within ${ANSWER_TIMEOUT_MILLISECONDS / 1000} seconds`), { code: 'NO_ANSWER' }); },
      () => { throw Object.assign(new Error('stopped before an answer came'), { code: 'STOPPED' }); },
    );
    try {
      return await Promise.race([answer, impatience]);
    } finally {
      answered.abort();
    }
  }
}
