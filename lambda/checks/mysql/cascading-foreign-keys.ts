import { foreignKeysOf } from '../../mysql/inventory';
import { someOf } from '../../shared/lists';
import { type Check, FINE } from '../check';
import { databasesOf, type MysqlContext } from './context';

/** Children of cascading foreign keys are converted while replication stands still, because row events change them without a metadata lock. */
export const cascadingForeignKeys: Check<MysqlContext> = {
  id: 'cascading-foreign-keys',
  scopes: ['preflight'],
  async run({ blue, settings }) {
    const children = new Set((await foreignKeysOf(blue, databasesOf(settings))).filter(({ cascades }) => cascades).map(({ schema, table }) => `${schema}.${table}`));
    if (children.size === 0) return FINE;
    return [{
      severity: 'note',
      message: `${children.size} tables are children of foreign keys with CASCADE or SET NULL (${someOf([...children])}): a delete of a parent could be lost in a child that is being `
        + 'converted, so the pipeline stops replication into Green (mysql.rds_stop_replication) while it converts them, and starts it again. Blue must keep its binlogs for that long',
    }];
  },
};
