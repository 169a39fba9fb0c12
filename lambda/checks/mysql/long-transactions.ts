import { type Check } from '../check';
import { type GreenContext } from './context';

const LONG_SECONDS = 60;

/** RDS refuses a switchover while long writes or DDL run on Blue, and rolls back what it must interrupt (switchover guardrails). */
export const longTransactions: Check<GreenContext> = {
  id: 'long-transactions',
  scopes: ['before-switchover'],
  async run({ blue }) {
    const transactions = await blue.rows<{ id: number; user: string; seconds: number; modified: number }>(
      `SELECT t.trx_mysql_thread_id AS id, COALESCE(p.USER, '?') AS user, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS seconds, t.trx_rows_modified AS modified
         FROM information_schema.INNODB_TRX t LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
        WHERE t.trx_mysql_thread_id <> 0 AND t.trx_rows_modified > 0 AND t.trx_started < NOW() - INTERVAL ? SECOND`,
      [LONG_SECONDS],
    );
    return transactions.map(({ id, user, seconds, modified }) => ({
      severity: 'blocker' as const,
      message: `session ${id} of user '${user}' has had a writing transaction open for ${seconds} s (${modified} rows changed): RDS refuses to switch over, or rolls it back. `
        + `Let it finish, or end it (CALL mysql.rds_kill(${id}))`,
    }));
  },
};
