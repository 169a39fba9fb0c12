import { type Table, tablesOf, tablesOutside } from '../../mysql/inventory';
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
    const elsewhere = (await tablesOutside(blue, changed)).filter(({ engine }) => engine !== 'InnoDB');
    const problems = [...inMemory(elsewhere.filter(({ engine }) => engine === 'MEMORY')), ...withoutTransactions(elsewhere.filter(({ engine }) => engine !== 'MEMORY'))];
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
function inMemory(tables: readonly Table[]): Problem[] {
  const named = tables.map(({ schema, name }) => `${schema}.${name}`);
  if (named.length === 0) return [];
  return [{
    severity: 'warning',
    message: `${someOf(named)} ${named.length === 1 ? 'is' : 'are'} kept in memory (ENGINE=MEMORY), which has no rows on Green: a change or delete of one that is there on Blue stops replication (1032), and Compare Data finds the others missing. `
      + 'Empty such tables on Blue right before (TRUNCATE TABLE), make them InnoDB, or write to them no more until the switchover',
  }];
}

/** Green follows all databases, whether the migration changes them or not. */
function withoutTransactions(tables: readonly Table[]): Problem[] {
  const named = tables.map(({ schema, name, engine }) => `${schema}.${name} (${engine})`);
  if (named.length === 0) return [];
  return [{
    severity: 'warning',
    message: `${someOf(named)}: not InnoDB, so rows are not replicated in transactions: after a crash of Green they may be missing or there twice. Convert such tables on Blue (ALTER TABLE … ENGINE=InnoDB), or write to them no more until the switchover`,
  }];
}
