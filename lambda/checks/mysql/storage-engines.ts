import { marks, tablesOf } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { changedDatabasesOf, type MysqlContext } from './context';

/** Replication and the migration's crash safety rely on InnoDB. */
export const storageEngines: Check<MysqlContext> = {
  id: 'storage-engines',
  scopes: ['preflight', 'green'],
  async run({ blue, settings }) {
    const changed = changedDatabasesOf(settings);
    const others = (await tablesOf(blue, changed)).filter(({ engine }) => engine !== 'InnoDB');
    const problems = await inMemoryElsewhere(blue, changed);
    if (settings.migration.kind === 'sqlFiles') {
      return [...problems, ...others.map(({ schema, name, engine }) => ({
        severity: 'warning' as const,
        message: `table ${schema}.${name} is ${engine}: a statement of the SQL files that is interrupted while it changes this table cannot be undone, and would be done again from its start`,
      }))];
    }
    return [...problems, ...others.map(({ schema, name, engine }) => ({
      severity: 'blocker' as const,
      message: `table ${schema}.${name} is ${engine}: a crash in the middle of its conversion could leave it damaged or converted by half, and its rows are not replicated in transactions. `
        + 'Convert it to InnoDB on Blue first (ALTER TABLE … ENGINE=InnoDB)',
    }))];
  },
};

/** A table in memory has no rows on Green, which is made from Blue's storage, and none after each restart. */
async function inMemoryElsewhere(blue: Session, changed: readonly string[]): Promise<Problem[]> {
  const tables = await blue.rows<{ schema: string; name: string }>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name FROM information_schema.TABLES WHERE ENGINE = 'MEMORY' AND TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) ORDER BY 1, 2`,
    SYSTEM_SCHEMAS,
  );
  const named = tables.filter(({ schema }) => !changed.includes(schema)).map(({ schema, name }) => `${schema}.${name}`);
  if (named.length === 0) return [];
  return [{
    severity: 'warning',
    message: `${someOf(named)} ${named.length === 1 ? 'is' : 'are'} kept in memory (ENGINE=MEMORY), which has no rows on Green: a change or delete of one that is there on Blue stops replication (1032), and Compare Data finds the others missing. `
      + 'Empty such tables on Blue right before (TRUNCATE TABLE), make them InnoDB, or write to them no more until the switchover',
  }];
}
