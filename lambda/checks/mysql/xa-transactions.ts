import { type Session } from '../../mysql/session';
import { property } from '../../shared/errors';
import { type Check } from '../check';
import { type MysqlContext } from './context';

/** XA RECOVER needs XA_RECOVER_ADMIN, which a user of its own may lack. */
const DENIED = [1227, 1401];

/**
 * A prepared XA transaction keeps its locks until somebody commits it or rolls it back, even when its client and the server have gone; a
 * switchover cuts it off from its coordinator.
 */
export const xaTransactions: Check<MysqlContext> = {
  id: 'xa-transactions',
  scopes: ['preflight', 'before-switchover'],
  async run({ blue, situation }) {
    const prepared = await preparedTransactions(blue);
    if (prepared === 0) return [];
    return [{
      severity: situation.deployment === null ? 'warning' : 'blocker',
      message: `${prepared} XA transaction${prepared === 1 ? ' is' : 's are'} prepared on Blue and neither committed nor rolled back (XA RECOVER lists them): their rows stay locked, and RDS does not switch `
        + 'over while writes are open. Let the transaction manager finish them, or end each with XA COMMIT or XA ROLLBACK',
    }];
  },
};

/** Without XA RECOVER only those whose client is gone can be told from other transactions. */
async function preparedTransactions(blue: Session): Promise<number> {
  try {
    return (await blue.rows('XA RECOVER')).length;
  } catch (thrown) {
    if (!DENIED.includes(Number(property(thrown, 'errno')))) throw thrown;
    const row = await blue.row<{ transactions: number }>('SELECT COUNT(*) AS transactions FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = 0 AND trx_rows_modified > 0');
    return Number(row?.transactions ?? 0);
  }
}
