import { marks } from '../../mysql/inventory';
import { type Check } from '../check';
import { changedDatabasesOf, type MysqlContext } from './context';

/** The applier finds rows of a table without a key by scanning it. */
export const primaryKeys: Check<MysqlContext> = {
  id: 'primary-keys',
  scopes: ['preflight'],
  async run({ blue, settings }) {
    const databases = changedDatabasesOf(settings);
    const tables = await blue.rows<{ name: string; rows: number }>(
      `SELECT CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME) AS name, COALESCE(t.TABLE_ROWS, 0) AS \`rows\`
         FROM information_schema.TABLES t
        WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA IN (${marks(databases)})
          AND NOT EXISTS (SELECT 1 FROM information_schema.TABLE_CONSTRAINTS c
                           WHERE c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME AND c.CONSTRAINT_TYPE IN ('PRIMARY KEY', 'UNIQUE'))
        ORDER BY 1`,
      databases,
    );
    return tables.map(({ name, rows }) => ({
      severity: 'warning' as const,
      message: `table ${name} (about ${rows} rows) has no primary or unique key: on Green every update or delete of it scans the whole table, so replication may lag, and the comparison can `
        + 'only count equal rows. Add a primary key on Blue if it is written to often',
    }));
  },
};
