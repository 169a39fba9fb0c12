import { type Session } from '../mysql/session';

interface Holder {
  readonly id: number;
  readonly user: string | null;
  readonly object: string | null;
}

/** The applier and its workers, by the names of all versions. */
const isApplier = (alias: string) => `(${alias}.NAME LIKE 'thread/sql/replica%' OR ${alias}.NAME LIKE 'thread/sql/slave%')`;

/** A lock on everything (FLUSH TABLES WITH READ LOCK, LOCK INSTANCE FOR BACKUP) has no object. Who has waited or slept longest is named first. */
const METADATA_LOCK = `
  SELECT h.PROCESSLIST_ID AS id, h.PROCESSLIST_USER AS user, CONCAT(w.OBJECT_SCHEMA, '.', w.OBJECT_NAME) AS object
    FROM performance_schema.metadata_locks w
    JOIN performance_schema.threads a ON a.THREAD_ID = w.OWNER_THREAD_ID AND ${isApplier('a')}
    JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = w.OBJECT_TYPE AND g.OBJECT_SCHEMA <=> w.OBJECT_SCHEMA AND g.OBJECT_NAME <=> w.OBJECT_NAME AND g.LOCK_STATUS = 'GRANTED'
    JOIN performance_schema.threads h ON h.THREAD_ID = g.OWNER_THREAD_ID AND NOT ${isApplier('h')} AND h.PROCESSLIST_ID IS NOT NULL
   WHERE w.LOCK_STATUS = 'PENDING' ORDER BY h.PROCESSLIST_TIME DESC LIMIT 1`;

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
  for (const [kind, sql] of [['a metadata lock', METADATA_LOCK], ['a row lock', ROW_LOCK]] as const) {
    const holder = await green.row<Holder>(sql).catch(() => undefined);
    if (holder === undefined) continue;
    return `${kind} held by session ${holder.id} (user '${holder.user ?? '?'}') on ${holder.object ?? 'all tables'} (CALL mysql.rds_kill(${holder.id}) on Green ends it)`;
  }
  return undefined;
}
