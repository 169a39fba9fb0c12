import { tablesOf } from '../../mysql/inventory';
import { type Check } from '../check';
import { changedDatabasesOf, type MysqlContext } from './context';

/** Replication and the migration's crash safety rely on InnoDB. */
export const storageEngines: Check<MysqlContext> = {
  id: 'storage-engines',
  scopes: ['preflight', 'green'],
  async run({ blue, settings }) {
    const others = (await tablesOf(blue, changedDatabasesOf(settings))).filter(({ engine }) => engine !== 'InnoDB');
    if (settings.migration.kind === 'sqlFiles') {
      return others.map(({ schema, name, engine }) => ({
        severity: 'warning' as const,
        message: `table ${schema}.${name} is ${engine}: a statement of the SQL files that is interrupted while it changes this table cannot be undone, and would be done again from its start`,
      }));
    }
    return others.map(({ schema, name, engine }) => ({
      severity: 'blocker' as const,
      message: `table ${schema}.${name} is ${engine}: a crash in the middle of its conversion could leave it damaged or converted by half, and its rows are not replicated in transactions. `
        + 'Convert it to InnoDB on Blue first (ALTER TABLE … ENGINE=InnoDB)',
    }));
  },
};
