import { isApplier, metadataLockWaits } from '../mysql/lock-waits';
import { type Session } from '../mysql/session';

interface Holder {
  readonly id: number;
  readonly user: string | null;
  readonly object: string | null;
}

const ROW_LOCK = `
  SELECT h.PROCESSLIST_ID AS id, h.PROCESSLIST_USER AS user, CONCAT(l.OBJECT_SCHEMA, '.', l.OBJECT_NAME) AS object
    FROM performance_schema.data_lock_waits w
    JOIN performance_schema.threads a ON a.THREAD_ID = w.REQUESTING_THREAD_ID AND ${isApplier('a')}
    JOIN performance_schema.threads h ON h.THREAD_ID = w.BLOCKING_THREAD_ID AND NOT ${isApplier('h')} AND h.PROCESSLIST_ID IS NOT NULL
    JOIN performance_schema.data_locks l ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID
   LIMIT 1`;

/**
 * Which lock the applier waits for, and whose it is.
 *
 * @returns undefined where it waits for none, or where the server does not tell (performance_schema is off).
 */
export async function lockHolder(green: Session): Promise<string | undefined> {
  for (const [kind, find] of [['a metadata lock', metadataLockHolder], ['a row lock', rowLockHolder]] as const) {
    const holder = await find(green).catch(() => undefined);
    if (holder === undefined) continue;
    return `${kind} held by session ${holder.id} (user '${holder.user ?? '?'}') on ${holder.object ?? 'all tables'} (CALL mysql.rds_kill(${holder.id}) on Green ends it)`;
  }
  return undefined;
}

/** Who has worked or slept longest. */
async function metadataLockHolder(green: Session): Promise<Holder | undefined> {
  for (const { schema, object, holder } of await metadataLockWaits(green, 'applier')) {
    if (holder === null || holder.connection === null || holder.isApplier) continue;
    return { id: holder.connection, user: holder.user, object: schema === null || object === null ? null : `${schema}.${object}` };
  }
  return undefined;
}

function rowLockHolder(green: Session): Promise<Holder | undefined> {
  return green.row<Holder>(ROW_LOCK);
}
