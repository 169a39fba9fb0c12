import { type LockHolder as Holder, type LockWait, metadataLockWaits, showsMetadataLocks, type ThreadDetail, threadDetails } from '../mysql/lock-waits';
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

/** The longest text of a statement that is shown. */
const MOST_CHARACTERS = 120;
/** Users of RDS and of the server itself, whose sessions nobody may end. */
const SERVERS_OWN = ['rdsadmin', 'rdsrepladmin', 'rdstopmgr', 'event_scheduler', 'system user', 'mysql.session'];

/**
 * Which workers wait for a metadata lock, and who holds it. Statements are shown as their digests, in which every value is a question mark.
 *
 * @param connections of the workers.
 */
export async function metadataLocks(green: Session, connections: readonly number[]): Promise<MetadataLocks> {
  if (connections.length === 0) return { visible: true, waiting: [], holders: [] };
  if (!await showsMetadataLocks(green)) return { visible: false, waiting: [], holders: [] };
  const waits = await metadataLockWaits(green, connections);
  const inTheWay = waits.flatMap((wait) => (wait.holder !== null && keepsWaiting(wait, wait.holder.held) ? [{ wait, holder: wait.holder }] : []));
  const details = new Map((await threadDetails(green, [...new Set(inTheWay.map(({ holder }) => holder.thread))])).map((detail) => [detail.thread, detail]));
  const waiting = new Map(waits.map(({ waiter, wanted }) => [waiter, { connection: waiter ?? 0, wanted }]));
  // a session may hold the same table by several locks, and may be gone by now.
  const holders = new Map(inTheWay.flatMap(({ wait, holder }) => {
    const detail = details.get(holder.thread);
    return detail === undefined ? [] : [[`${wait.waiter} ${holder.thread}`, holderInWords(wait, holder, detail)] as const];
  }));
  return { visible: true, waiting: [...waiting.values()], holders: [...holders.values()] };
}

/**
 * Whether a granted lock keeps a wanted one waiting, as far as workers want them: for anything but a table (global read lock, schema), a shared or
 * exclusive one does. https://dev.mysql.com/doc/dev/mysql-server/latest/classMDL__ticket.html
 */
function keepsWaiting({ type, wanted }: LockWait, held: string): boolean {
  if (type !== 'TABLE') return ['SHARED', 'EXCLUSIVE'].includes(held);
  if (wanted === 'EXCLUSIVE' || ['SHARED_UPGRADABLE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'EXCLUSIVE'].includes(held)) return true;
  return wanted === 'SHARED_NO_WRITE' && ['SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO'].includes(held);
}

function holderInWords({ waiter, type, schema, object }: LockWait, { connection, isApplier, user, host }: Holder, detail: ThreadDetail): LockHolder {
  const isOurs = detail.isSelf || detail.namedLocks.some((lock) => lock.startsWith(`${LEDGER_SCHEMA}.`));
  const isForeign = connection !== null && !isApplier && !isOurs && user !== null && !SERVERS_OWN.includes(user);
  const name = isApplier ? 'replication\'s applier' : isOurs ? 'another worker' : `session ${connection ?? '?'} (${user ?? 'the server'}${host === null ? '' : `@${host}`})`;
  const what = schema === null ? `the ${type.toLowerCase()} lock` : object === null ? `schema ${schema}` : `${schema}.${object}`;
  const runs = detail.statement === null || !isForeign ? '' : `; ${detail.ended ? 'its last statement' : 'it runs'}: ${excerpt(detail.statement)}`;
  return { waiter: waiter ?? 0, connection, isForeign, text: `${name} holds ${what} for ${inWords(detail.seconds)}${runs}` };
}

function excerpt(statement: string): string {
  return statement.length > MOST_CHARACTERS ? `${statement.slice(0, MOST_CHARACTERS)} …` : statement;
}
