import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { PersistentConnection } from './persistent-connection';
import { Random } from './random';
import { RememberedRows, type Verification } from './remembered-rows';
import { type ExistingRows, type Operation, ShopSession, UnexpectedRowsError } from './writer-operations';

/** Where and how fast the writer writes. */
export interface WriterOptions {
  /** The cluster endpoint: the name applications use, which points at another server after the switchover. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The certificate authority of the servers (PEM); without it the connection is not encrypted. */
  readonly ca?: string;
  /** @default shop */
  readonly database?: string;
  /** @default 2 */
  readonly connections?: number;
  /** Of all connections together. @default 100 */
  readonly operationsPerSecond?: number;
  /** The same seed gives the same kinds of operations; their keys differ from run to run. @default 1 */
  readonly seed?: number;
  /** Beyond so many the writer only updates rows it knows, so that its memory stays bounded. @default 100000 */
  readonly maximumRememberedRows?: number;
}

/** The errors of one kind. */
export interface WriterError {
  /** As mysql2 names it, such as ECONNREFUSED or ER_OPTION_PREVENTS_STATEMENT. */
  readonly code: string;
  /** The server's error number, if the server answered. */
  readonly errno?: number;
  /** The first message of this kind. */
  readonly message: string;
  readonly firstAt: Date;
  count: number;
}

/** The longest time in which no write was acknowledged. */
export interface WriteOutage {
  readonly milliseconds: number;
  /** The acknowledgement before the gap. */
  readonly startedAt: Date;
}

const RETRY_MILLISECONDS = 50;
const STOP_PATIENCE_MILLISECONDS = 2000;
const EXISTING_ROWS = 2000;

// read-only (1290, 1836, 1792), overloaded or stopping (1040, 1053), lock conflicts (1205, 1213), killed or idle session (1317, 3169, 4031).
const TRANSIENT_SERVER_ERRORS: ReadonlySet<number> = new Set([1290, 1836, 1792, 1040, 1053, 1205, 1213, 1317, 3169, 4031]);

/**
 * An application that keeps writing to the shop through the cluster endpoint, while the pipeline changes the database behind it.
 *
 * After any error it opens a new connection, looks whether the operation was carried out, and repeats it if not. What was acknowledged is
 * remembered and can be verified in the end; an operation of which nobody knows the outcome counts neither as written nor as lost.
 */
export class Writer {
  private readonly memory = new RememberedRows();
  private readonly errors = new Map<string, WriterError>();
  private readonly nonce = randomBytes(4).toString('hex');
  private readonly abort = new AbortController();
  private sessions: Promise<void>[] = [];
  private acknowledged = 0;
  private busy = 0;
  private paused = false;
  private stopping = false;
  private lastAcknowledgement: number | undefined;
  private longest: WriteOutage | undefined;

  constructor(private readonly options: WriterOptions) {}

  /** Operations whose success the server has confirmed, by an answer or by a later read. */
  public get acknowledgedWrites(): number {
    return this.acknowledged;
  }

  /** The longest gap between two acknowledged writes over all connections, including the one that still lasts; 0 before the second one. */
  public get writeOutageMilliseconds(): number {
    return this.writeOutage?.milliseconds ?? 0;
  }

  /** The longest gap with the moment it began; pauses do not count. */
  public get writeOutage(): WriteOutage | undefined {
    const current = this.gap();
    return current && current.milliseconds > (this.longest?.milliseconds ?? 0) ? current : this.longest;
  }

  /** One entry for each kind of error met so far, in order of appearance. */
  public get firstErrors(): readonly WriterError[] {
    return [...this.errors.values()];
  }

  /**
   * Starts writing; resolves when the sessions run.
   *
   * @throws the error if the database cannot be read in the beginning: a rehearsal with a wrong address should not wait for it.
   */
  public async start(): Promise<void> {
    if (this.sessions.length > 0) throw new Error('the writer has been started already');
    const count = this.options.connections ?? 2;
    const connection = new PersistentConnection(this.options, this.abort.signal);
    const existing: ExistingRows[] = [];
    try {
      for (let index = 0; index < count; index++) existing.push(await connection.use((open) => readExistingRows(open, index, count)));
    } finally {
      connection.close();
    }
    this.sessions = existing.map((rows, index) => this.session(index, rows));
  }

  /** Stops writing; at once if nothing is under way, and after 2 seconds at most, leaving unknown what has not been answered by then. */
  public async stop(): Promise<void> {
    this.closeGap();
    this.stopping = true;
    const impatience = setTimeout(() => this.abort.abort(new Error('the writer has been stopped')), STOP_PATIENCE_MILLISECONDS);
    await Promise.all(this.sessions);
    clearTimeout(impatience);
  }

  /** Stops writing for a while; resolves when nothing is under way. */
  public async pause(): Promise<void> {
    this.paused = true;
    while (this.busy > 0 && !this.stopping) await sleep(5);
    this.closeGap();
  }

  /** Goes on after a pause. */
  public resume(): void {
    this.paused = false;
  }

  /**
   * Compares the database with every acknowledged write. Call it when the writer is stopped or paused; the login needs SELECT on the shop.
   *
   * @throws the server's error if a query fails.
   */
  public async verify(connection: Connection): Promise<Verification> {
    return { acknowledgedWrites: this.acknowledged, ...await this.memory.compare(connection) };
  }

  private async session(index: number, existing: ExistingRows): Promise<void> {
    const connections = this.options.connections ?? 2;
    const interval = 1000 * connections / (this.options.operationsPerSecond ?? 100);
    const mayGrow = () => this.memory.size < (this.options.maximumRememberedRows ?? 100_000);
    const application = new ShopSession(`${this.nonce}-${index}`, new Random((this.options.seed ?? 1) * 1000 + index), existing, this.memory, mayGrow);
    const connection = new PersistentConnection(this.options, this.abort.signal);
    try {
      while (!this.stopping) {
        const startedAt = performance.now();
        if (!this.paused) {
          this.busy++;
          await this.carryOut(application.next(), application, connection);
          this.busy--;
        }
        const pause = interval - (performance.now() - startedAt);
        if (pause > 0) await sleep(pause);
      }
    } finally {
      connection.close();
    }
  }

  /** Repeats the operation until it is known to have happened, or known to be impossible, or the writer stops. */
  private async carryOut(operation: Operation, application: ShopSession, connection: PersistentConnection): Promise<void> {
    let attempted = false;
    let impossible = false;
    do {
      try {
        const done = attempted && await connection.use((open) => operation.isDone(open));
        if (attempted && !done && (impossible || operation.once)) return;
        if (!done) {
          await connection.open();
          attempted = true;
          await connection.use((open) => operation.run(open));
        }
        const row = operation.remember();
        this.acknowledge();
        // an attempt whose answer was lost may still be under way in a server: what it touched is not deleted or changed again.
        if (done) application.avoid(row);
        return;
      } catch (error) {
        this.recordError(error);
        impossible = impossible || isPermanent(error);
        connection.close();
        if (!this.stopping) await sleep(RETRY_MILLISECONDS);
      }
    } while (!this.stopping);
    if (attempted && operation.row) {
      application.avoid(operation.row);
      this.memory.forget([operation.row]);
    }
  }

  private acknowledge(): void {
    this.closeGap();
    this.acknowledged++;
    this.lastAcknowledgement = performance.now();
  }

  private gap(): WriteOutage | undefined {
    if (this.lastAcknowledgement === undefined) return undefined;
    const milliseconds = Math.round(performance.now() - this.lastAcknowledgement);
    return { milliseconds, startedAt: new Date(Date.now() - milliseconds) };
  }

  private closeGap(): void {
    this.longest = this.writeOutage;
    this.lastAcknowledgement = undefined;
  }

  private recordError(error: unknown): void {
    const { code, errno, sqlState } = details(error);
    const name = code ?? 'CONNECTION_CLOSED';
    const known = this.errors.get(name);
    if (known) {
      known.count++;
      return;
    }
    const message = error instanceof Error ? error.message : String(error);
    this.errors.set(name, { code: name, ...(sqlState === undefined || errno === undefined ? {} : { errno }), message, firstAt: new Date(), count: 1 });
  }
}

/** The session's share of what the shop contains: with two sessions, one has the even numbers and one the odd. */
async function readExistingRows(connection: Connection, index: number, count: number): Promise<ExistingRows> {
  const ids = async (table: string, share: boolean) => {
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT id FROM ${table} ${share ? `WHERE id % ${count} = ${index}` : ''} ORDER BY id LIMIT ${EXISTING_ROWS}`);
    return rows.map((row) => Number(row['id']));
  };
  const [suppliers] = await connection.query<RowDataPacket[]>(`SELECT code FROM suppliers ORDER BY code LIMIT ${EXISTING_ROWS}`);
  return {
    suppliers: suppliers.map((row) => String(row['code'])),
    categories: await ids('categories', false),
    products: await ids('products', false),
    customers: await ids('customers', true),
    orders: await ids('orders', true),
  };
}

function details(error: unknown): { readonly code?: string; readonly errno?: number; readonly sqlState?: string } {
  return typeof error === 'object' && error !== null ? error : {};
}

/** Whether repeating is useless: the server refuses the statement itself, or the application has found something it did not expect. */
function isPermanent(error: unknown): boolean {
  const { errno, sqlState } = details(error);
  if (error instanceof UnexpectedRowsError) return true;
  return sqlState !== undefined && (errno === undefined || !TRANSIENT_SERVER_ERRORS.has(errno));
}
