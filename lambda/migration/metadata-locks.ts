import { marks } from '../mysql/inventory';
import { type Session } from '../mysql/session';
import { inWords } from '../shared/waiting';
import { LEDGER_SCHEMA } from './worker-procedure';

/** A worker whose statement waits for a metadata lock. */
export interface WaitingWorker {
  /** Its connection. */
  readonly connection: number;
  /** The lock it wants, in Performance Schema's words: `SHARED_NO_WRITE` before a copy, `EXCLUSIVE` at its end. */
  readonly wanted: string;
}

/** Somebody who holds a lock a worker waits for. */
export interface LockHolder {
  /** The worker's connection. */
  readonly waiter: number;
  /** The holder's connection; null for a thread of the server. */
  readonly connection: number | null;
  /** Whether it is a session of somebody else: not the applier, not a worker, nobody of the server's own. */
  readonly isForeign: boolean;
  /** Who holds what since when, and what it runs, without a value of anybody's data. */
  readonly text: string;
}

/** What a look at the metadata locks has found. */
export interface MetadataLocks {
  /** Absent where the server does not show its metadata locks. */
  readonly visible: boolean;
  readonly waiting: readonly WaitingWorker[];
  readonly holders: readonly LockHolder[];
}

interface Row {
  readonly waiter: number;
  readonly type: string;
  readonly schema: string | null;
  readonly object: string | null;
  readonly wanted: string;
  readonly thread: string | null;
  readonly connection: number | null;
  readonly user: string | null;
  readonly host: string | null;
  readonly seconds: number | string | null;
  readonly statement: string | null;
  readonly ended: number | null;
  readonly ours: number | null;
}

/** The longest text of a statement that is shown. */
const MOST_CHARACTERS = 120;
/** Users of RDS and of the server itself, whose sessions nobody may end. */
const SERVERS_OWN = ['rdsadmin', 'rdsrepladmin', 'rdstopmgr', 'event_scheduler', 'system user', 'mysql.session'];

/**
 * Granted locks that keep a wanted one waiting, as far as tables are concerned; for anything else (global read lock, schema) a shared or
 * exclusive one does. https://dev.mysql.com/doc/dev/mysql-server/latest/classMDL__ticket.html
 */
const CONFLICTS = `(p.OBJECT_TYPE <> 'TABLE' AND g.LOCK_TYPE IN ('SHARED', 'EXCLUSIVE')
  OR p.OBJECT_TYPE = 'TABLE' AND (p.LOCK_TYPE = 'EXCLUSIVE' OR g.LOCK_TYPE IN ('SHARED_UPGRADABLE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE')
    OR p.LOCK_TYPE = 'SHARED_NO_WRITE' AND g.LOCK_TYPE IN ('SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO')))`;

/**
 * Which workers wait for a metadata lock, and who holds it. Statements are shown as their digests, in which every value is a question mark.
 *
 * @param connections of the workers.
 */
export async function metadataLocks(green: Session, connections: readonly number[]): Promise<MetadataLocks> {
  if (connections.length === 0) return { visible: true, waiting: [], holders: [] };
  const visible = await green.row(
    `SELECT 1 AS found FROM performance_schema.setup_instruments WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES' AND @@performance_schema = 1`,
  ).catch(() => undefined) !== undefined;
  if (!visible) return { visible, waiting: [], holders: [] };
  const rows = await green.rows<Row>(
    `SELECT w.PROCESSLIST_ID AS waiter, p.OBJECT_TYPE AS type, p.OBJECT_SCHEMA AS \`schema\`, p.OBJECT_NAME AS object, p.LOCK_TYPE AS wanted,
            h.NAME AS thread, h.PROCESSLIST_ID AS connection, h.PROCESSLIST_USER AS user, h.PROCESSLIST_HOST AS host,
            COALESCE((SELECT t.TIMER_WAIT / 1e12 FROM performance_schema.events_transactions_current t WHERE t.THREAD_ID = h.THREAD_ID AND t.STATE = 'ACTIVE'), h.PROCESSLIST_TIME) AS seconds,
            (SELECT s.DIGEST_TEXT FROM performance_schema.events_statements_current s WHERE s.THREAD_ID = h.THREAD_ID ORDER BY s.EVENT_ID DESC LIMIT 1) AS statement,
            h.PROCESSLIST_COMMAND = 'Sleep' AS ended,
            h.PROCESSLIST_ID = CONNECTION_ID() OR EXISTS (
              SELECT 1 FROM performance_schema.metadata_locks n
               WHERE n.OWNER_THREAD_ID = h.THREAD_ID AND n.OBJECT_TYPE = 'USER LEVEL LOCK' AND n.OBJECT_NAME LIKE '${LEDGER_SCHEMA}.%' AND n.LOCK_STATUS = 'GRANTED') AS ours
       FROM performance_schema.metadata_locks p
       JOIN performance_schema.threads w ON w.THREAD_ID = p.OWNER_THREAD_ID AND w.PROCESSLIST_ID IN (${marks(connections)})
       LEFT JOIN performance_schema.metadata_locks g
              ON g.OBJECT_TYPE = p.OBJECT_TYPE AND g.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND g.OBJECT_NAME <=> p.OBJECT_NAME AND g.LOCK_STATUS = 'GRANTED'
             AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID AND ${CONFLICTS}
       LEFT JOIN performance_schema.threads h ON h.THREAD_ID = g.OWNER_THREAD_ID
      WHERE p.LOCK_STATUS = 'PENDING' AND p.OBJECT_TYPE <> 'USER LEVEL LOCK'`,
    connections,
  );
  const waiting = new Map(rows.map(({ waiter, wanted }) => [waiter, { connection: waiter, wanted }]));
  // a session may hold the same table by several locks.
  const holders = new Map(rows.filter(({ thread }) => thread !== null).map((row) => [`${row.waiter} ${row.thread} ${row.connection}`, holderOf(row)]));
  return { visible, waiting: [...waiting.values()], holders: [...holders.values()] };
}

function holderOf({ waiter, type, schema, object, thread, connection, user, host, seconds, statement, ended, ours }: Row): LockHolder {
  const isApplier = /\/(?:replica|slave)_(?:sql|worker)/.test(thread ?? '');
  const isForeign = connection !== null && !isApplier && Number(ours) !== 1 && user !== null && !SERVERS_OWN.includes(user);
  const name = isApplier ? 'replication\'s applier' : Number(ours) === 1 ? 'another worker' : `session ${connection ?? '?'} (${user ?? 'the server'}${host === null ? '' : `@${host}`})`;
  const what = schema === null ? `the ${type.toLowerCase()} lock` : object === null ? `schema ${schema}` : `${schema}.${object}`;
  const runs = statement === null || !isForeign ? '' : `; ${Number(ended) === 1 ? 'its last statement' : 'it runs'}: ${excerpt(statement)}`;
  return { waiter, connection, isForeign, text: `${name} holds ${what} for ${inWords(Number(seconds ?? 0))}${runs}` };
}

function excerpt(statement: string): string {
  return statement.length > MOST_CHARACTERS ? `${statement.slice(0, MOST_CHARACTERS)} …` : statement;
}
