import { metadataLockWaits } from '../../mysql/lock-waits';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check } from '../check';
import { type MysqlContext } from './context';

const LONG_SECONDS = 30;
/** Objects whose locks keep others from working. */
const OF_ALL = ['TABLE', 'GLOBAL', 'COMMIT', 'BACKUP LOCK'];

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

/**
 * Clients, also those that run a prepared statement. Threads of the server itself wait where nobody else does: a replica's applier for the migration, for
 * example.
 */
function waitersOf(blue: Session): Promise<{ id: number; seconds: number }[]> {
  return blue.rows(
    `SELECT ID AS id, TIME AS seconds FROM information_schema.PROCESSLIST
      WHERE (STATE LIKE 'Waiting for % metadata lock' OR STATE IN ('Waiting for global read lock', 'Waiting for commit lock', 'Waiting for backup lock')) AND TIME >= ? AND COMMAND IN ('Query', 'Execute') AND USER <> 'system user'
      ORDER BY TIME DESC`,
    [LONG_SECONDS],
  );
}

/** Who holds what somebody else waits for; nobody where performance_schema is off, or does not watch these locks (before 8.0). */
async function holdersOf(blue: Session): Promise<{ id: number; user: string; object: string }[]> {
  const waits = await metadataLockWaits(blue, 'everybody').catch(() => []);
  const holders = waits.flatMap(({ type, schema, object, holder }) => (holder === null || holder.connection === null || !OF_ALL.includes(type) ? [] : [{
    id: holder.connection, user: holder.user ?? '?', object: schema === null || object === null ? type : `${schema}.${object}`,
  }]));
  return [...new Map(holders.map((holder) => [`${holder.id} ${holder.object}`, holder])).values()];
}
