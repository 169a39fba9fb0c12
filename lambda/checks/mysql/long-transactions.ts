import { type Session } from '../../mysql/session';
import { type Check, type Problem } from '../check';
import { type MysqlContext } from './context';

/**
 * RDS does not document what it calls long. Whoever has written for longer than this is thrown out in the middle, and rolling it back takes about as
 * long again, while nobody may write.
 */
const LONG_SECONDS = 10;

/** RDS refuses a switchover while long writes run on Blue, or anybody writes on Green, and rolls back what it must interrupt (switchover guardrails). */
export const longTransactions: Check<MysqlContext> = {
  id: 'long-transactions',
  scopes: ['preflight', 'before-switchover'],
  async run({ blue, green }) {
    const onBlue = (await writing(blue, LONG_SECONDS)).map(({ id, user, seconds, modified }): Problem => ({
      severity: green === undefined ? 'warning' : 'blocker',
      message: `session ${id} of user '${user}' has had a writing transaction open for ${seconds} s (${modified} rows changed): RDS refuses to switch over${green === undefined
        ? ' while there is such a one. If it comes every day, see to it that the switchover has an hour without it (switchoverWindow)'
        : `, or rolls it back. Let it finish, or end it (CALL mysql.rds_kill(${id}))`}`,
    }));
    if (green === undefined) return onBlue;
    const onGreen = (await writing(green, 0)).map(({ id, user, seconds, modified }): Problem => ({
      severity: 'blocker',
      message: `session ${id} of user '${user}' writes on Green, for ${seconds} s (${modified} rows changed): RDS refuses to switch over, and nobody should write there. End it `
        + `(CALL mysql.rds_kill(${id}) on Green)`,
    }));
    return [...onBlue, ...onGreen];
  },
};

/**
 * Transactions of clients (not of replication, nor of RDS) that have changed rows. InnoDB shows times in the zone of the system; a prepared XA
 * transaction has no session any more.
 */
async function writing(session: Session, seconds: number): Promise<{ id: number; user: string; seconds: number; modified: number }[]> {
  return session.rows(
    `SELECT * FROM (
       SELECT t.trx_mysql_thread_id AS id, COALESCE(p.USER, '?') AS user, t.trx_rows_modified AS modified,
              TIMESTAMPDIFF(SECOND, CONVERT_TZ(t.trx_started, 'SYSTEM', '+00:00'), NOW()) AS seconds
         FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
        WHERE t.trx_rows_modified > 0 AND p.USER NOT IN ('system user', 'rdsadmin')) w
      WHERE w.seconds >= ? ORDER BY w.seconds DESC`,
    [seconds],
  );
}
