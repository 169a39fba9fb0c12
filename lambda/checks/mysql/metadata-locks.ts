import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check } from '../check';
import { type MysqlContext } from './context';

const LONG_SECONDS = 30;

/** Sessions that have waited for a metadata lock for long: somebody holds a table, and a switchover, like the statement that waits, would wait for him. */
export const metadataLocks: Check<MysqlContext> = {
  id: 'metadata-locks',
  scopes: ['preflight', 'before-switchover'],
  async run({ blue, situation }) {
    const waiting = await waitersOf(blue);
    if (waiting.length === 0) return [];
    const holders = await holdersOf(blue);
    const who = holders.length === 0
      ? 'who holds it, performance_schema would say, which shows no locks here'
      : `held by ${someOf(holders.map(({ id, user, object }) => `session ${id} of user '${user}' (${object})`))}`;
    return [{
      severity: situation.deployment === null ? 'warning' : 'blocker',
      message: `${waiting.length} session${waiting.length === 1 ? ' has' : 's have'} waited for a metadata lock on Blue for up to ${waiting[0]?.seconds} s, `
        + `${who}: everybody who comes later queues behind, and a switchover that meets it is rolled back. Let the holder commit, or end it (CALL mysql.rds_kill(id))`,
    }];
  },
};

/** Threads of the server itself wait where nobody else does: a replica's applier for the migration, for example. */
function waitersOf(blue: Session): Promise<{ id: number; seconds: number }[]> {
  return blue.rows(
    `SELECT ID AS id, TIME AS seconds FROM information_schema.PROCESSLIST
      WHERE (STATE LIKE 'Waiting for % metadata lock' OR STATE IN ('Waiting for global read lock', 'Waiting for commit lock', 'Waiting for backup lock')) AND TIME >= ? AND COMMAND = 'Query'
      ORDER BY TIME DESC`,
    [LONG_SECONDS],
  );
}

/** Who holds what somebody else waits for; nobody where performance_schema is off, or does not watch these locks (before 8.0). */
async function holdersOf(blue: Session): Promise<{ id: number; user: string; object: string }[]> {
  return blue.rows<{ id: number; user: string; object: string }>(
    `SELECT DISTINCT h.PROCESSLIST_ID AS id, COALESCE(h.PROCESSLIST_USER, '?') AS user, COALESCE(CONCAT(g.OBJECT_SCHEMA, '.', g.OBJECT_NAME), g.OBJECT_TYPE) AS object
       FROM performance_schema.metadata_locks w
       JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = w.OBJECT_TYPE AND g.OBJECT_SCHEMA <=> w.OBJECT_SCHEMA AND g.OBJECT_NAME <=> w.OBJECT_NAME
        AND g.LOCK_STATUS = 'GRANTED' AND g.OWNER_THREAD_ID <> w.OWNER_THREAD_ID
       JOIN performance_schema.threads h ON h.THREAD_ID = g.OWNER_THREAD_ID AND h.PROCESSLIST_ID IS NOT NULL
      WHERE w.LOCK_STATUS = 'PENDING' AND w.OBJECT_TYPE IN ('TABLE', 'GLOBAL', 'COMMIT', 'BACKUP LOCK')`,
  ).catch(() => []);
}
