import { marks } from './inventory';
import { type Session } from './session';

/** Somebody waits for a metadata lock, and somebody else holds one on the same object; in Performance Schema's words. */
export interface LockWait {
  /** `TABLE`, `SCHEMA`, `GLOBAL`, … */
  readonly type: string;
  /** A lock on everything (FLUSH TABLES WITH READ LOCK, LOCK INSTANCE FOR BACKUP) has neither schema nor object. */
  readonly schema: string | null;
  readonly object: string | null;
  /** `SHARED_WRITE`, `EXCLUSIVE`, … */
  readonly wanted: string;
  /** The connection that waits; null for a thread of the server. */
  readonly waiter: number | null;
  /** Null where nobody holds any. Whether it is one that keeps the other waiting is not said. */
  readonly holder: LockHolder | null;
}

/** Somebody who holds a metadata lock. */
export interface LockHolder {
  readonly held: string;
  readonly thread: number;
  /** Null for a thread of the server. */
  readonly connection: number | null;
  readonly isApplier: boolean;
  readonly user: string | null;
  readonly host: string | null;
}

/** What a thread has done so far. */
export interface ThreadDetail {
  readonly thread: number;
  /** How long its transaction lasts; without one, how long it has been in its present state. */
  readonly seconds: number;
  /** The digest of its statement, or of its last one, in which every value is a question mark. */
  readonly statement: string | null;
  /** Whether the statement has ended. */
  readonly ended: boolean;
  /** Whether it is the session that looks. */
  readonly isSelf: boolean;
  /** The locks of GET_LOCK it holds. */
  readonly namedLocks: readonly string[];
}

/** Whose waits are looked at: those of the applier and its workers, of everybody, or of some connections. */
export type Waiters = 'applier' | 'everybody' | readonly number[];

interface Row extends Omit<LockWait, 'holder'>, Omit<LockHolder, 'held' | 'thread' | 'isApplier'> {
  readonly held: string | null;
  readonly thread: number | null;
  readonly isApplier: number | null;
}

interface DetailRow extends Pick<ThreadDetail, 'thread' | 'statement'> {
  readonly seconds: number | string | null;
  readonly ended: number | null;
  readonly self: number | null;
  readonly namedLocks: string | null;
}

/** In a jam of hundreds of sessions there are as many pairs as waiters times holders. */
const MOST_PAIRS = 5000;

/** The condition that a row of `performance_schema.threads` is the applier or one of its workers, by the names of all versions. */
export function isApplier(alias: string): string {
  return `(${alias}.NAME LIKE 'thread/sql/replica%' OR ${alias}.NAME LIKE 'thread/sql/slave%')`;
}

/** Whether the server shows its metadata locks; where it does not, it shows none, without an error. */
export async function showsMetadataLocks(session: Session): Promise<boolean> {
  return await session.row(
    `SELECT 1 AS found FROM performance_schema.setup_instruments WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES' AND @@performance_schema = 1`,
  ).catch(() => undefined) !== undefined;
}

/**
 * Who waits for which metadata lock, and who holds one on the same object; whoever has worked or slept longest is named first. Locks of GET_LOCK are left out.
 *
 * @returns nothing where the server does not show metadata locks.
 */
export async function metadataLockWaits(session: Session, waiters: Waiters): Promise<LockWait[]> {
  const whose = waiters === 'everybody' ? 'TRUE' : waiters === 'applier' ? isApplier('w') : `w.PROCESSLIST_ID IN (${marks(waiters)})`;
  const rows = await session.rows<Row>(
    `SELECT p.OBJECT_TYPE AS type, p.OBJECT_SCHEMA AS \`schema\`, p.OBJECT_NAME AS object, p.LOCK_TYPE AS wanted, w.PROCESSLIST_ID AS waiter,
            g.LOCK_TYPE AS held, h.THREAD_ID AS thread, h.PROCESSLIST_ID AS connection, ${isApplier('h')} AS isApplier, h.PROCESSLIST_USER AS user, h.PROCESSLIST_HOST AS host
       FROM performance_schema.metadata_locks p
       JOIN performance_schema.threads w ON w.THREAD_ID = p.OWNER_THREAD_ID AND ${whose}
       LEFT JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE AND g.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND g.OBJECT_NAME <=> p.OBJECT_NAME
        AND g.LOCK_STATUS = 'GRANTED' AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID
       LEFT JOIN performance_schema.threads h ON h.THREAD_ID = g.OWNER_THREAD_ID
      WHERE p.LOCK_STATUS = 'PENDING' AND p.OBJECT_TYPE <> 'USER LEVEL LOCK'
      ORDER BY h.PROCESSLIST_TIME DESC LIMIT ${MOST_PAIRS}`,
    typeof waiters === 'string' ? [] : waiters,
  );
  return rows.map(({ type, schema, object, wanted, waiter, ...row }) => ({ type, schema, object, wanted, waiter, holder: holderOf(row) }));
}

function holderOf({ held, thread, connection, isApplier: applies, user, host }: Omit<Row, keyof LockWait>): LockHolder | null {
  return thread === null || held === null ? null : { held, thread, connection, isApplier: Boolean(applies), user, host };
}

/** What some threads do and hold. */
export async function threadDetails(session: Session, threads: readonly number[]): Promise<ThreadDetail[]> {
  if (threads.length === 0) return [];
  const rows = await session.rows<DetailRow>(
    `SELECT h.THREAD_ID AS thread, h.PROCESSLIST_COMMAND = 'Sleep' AS ended, h.PROCESSLIST_ID = CONNECTION_ID() AS self,
            COALESCE((SELECT t.TIMER_WAIT / 1e12 FROM performance_schema.events_transactions_current t WHERE t.THREAD_ID = h.THREAD_ID AND t.STATE = 'ACTIVE'), h.PROCESSLIST_TIME) AS seconds,
            (SELECT s.DIGEST_TEXT FROM performance_schema.events_statements_current s WHERE s.THREAD_ID = h.THREAD_ID ORDER BY s.EVENT_ID DESC LIMIT 1) AS statement,
            (SELECT GROUP_CONCAT(n.OBJECT_NAME SEPARATOR '\\n') FROM performance_schema.metadata_locks n
              WHERE n.OWNER_THREAD_ID = h.THREAD_ID AND n.OBJECT_TYPE = 'USER LEVEL LOCK' AND n.LOCK_STATUS = 'GRANTED') AS namedLocks
       FROM performance_schema.threads h WHERE h.THREAD_ID IN (${marks(threads)})`,
    threads,
  );
  return rows.map(({ thread, seconds, statement, ended, self, namedLocks }) => ({
    thread, seconds: Number(seconds ?? 0), statement, ended: Number(ended) === 1, isSelf: Number(self) === 1, namedLocks: namedLocks?.split('\n') ?? [],
  }));
}
