import { convertsSafely } from '../../migration/collations';
import { marks, type Table, tablesOf, tablesOutside, textColumnsOf } from '../../mysql/inventory';
import { tableKey } from '../../mysql/names';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { changedDatabasesOf, databasesOf, type MysqlContext } from './context';

/** The applier finds rows of a table without a key by scanning it. */
export const primaryKeys: Check<MysqlContext> = {
  id: 'primary-keys',
  scopes: ['preflight', 'green'],
  async run({ blue, green, settings }) {
    const databases = changedDatabasesOf(settings);
    const refused = await refusedTables(green ?? blue, settings);
    // nobody needs to be warned twice.
    if (green !== undefined) return refused;
    const [tables, others] = [await tablesOf(blue, databases), await tablesOutside(blue, databases)];
    // joined here: 5.7 would read all constraints anew for each table.
    const keyed = await tablesWith(blue, [...databases, ...new Set(others.map(({ schema }) => schema))], ['PRIMARY KEY', 'UNIQUE']);
    const keyless = (some: readonly Table[]) => some.filter(({ schema, name }) => !keyed.has(tableKey(schema, name)));
    return [...refused, ...keyless(tables).map(({ schema, name, rows }) => ({
      severity: 'warning' as const,
      message: `table ${schema}.${name} (about ${rows} rows) has no primary or unique key: on Green every update or delete of it scans the whole table, so replication may lag, and the comparison can `
        + 'only count equal rows. Add a primary key on Blue if it is written to often',
    })), ...keylessElsewhere(keyless(others))];
  },
};

/** Green follows all databases, whether the migration changes them or not. */
function keylessElsewhere(tables: readonly Table[]): Problem[] {
  if (tables.length === 0) return [];
  return [{
    severity: 'warning',
    message: `no primary or unique key, though the migration leaves them as they are: ${someOf(tables.map(({ schema, name, rows }) => `${schema}.${name} (about ${rows} rows)`))}. Green follows all databases, and every update or delete `
      + 'of such a table scans the whole of it there, so replication may lag. Add a primary key on Blue to those that are written to often',
  }];
}

/** A server may insist on primary keys: then it alters no table that has none, not even one that it has. */
async function refusedTables(session: Session, settings: MysqlContext['settings']): Promise<Problem[]> {
  const server = await session.row<{ Value: string }>(`SHOW GLOBAL VARIABLES WHERE Variable_name = 'sql_require_primary_key'`);
  if (server?.Value !== 'ON') return [];
  const databases = databasesOf(settings);
  const [tables, columns] = [await tablesOf(session, databases), await textColumnsOf(session, databases)];
  const converted = new Set(columns.filter(({ characterSet }) => convertsSafely(characterSet)).map(({ schema, table }) => tableKey(schema, table)));
  const keyed = await tablesWith(session, databases, ['PRIMARY KEY']);
  const named = tables.filter((table) => converted.has(tableKey(table.schema, table.name)) && !keyed.has(tableKey(table.schema, table.name))).map(({ schema, name }) => `${schema}.${name}`);
  if (named.length === 0) return [];
  return [{
    severity: 'blocker',
    message: `sql_require_primary_key is ON, and ${someOf(named)} ${named.length === 1 ? 'has' : 'have'} no primary key: such tables can be used, and not altered (error 3750). Add a primary key on Blue, or set the parameter to 0 in the `
      + 'cluster parameter group that Green gets',
  }];
}

/** Tables that have one of these constraints. */
async function tablesWith(session: Session, databases: readonly string[], constraints: readonly string[]): Promise<Set<string>> {
  const rows = await session.rows<{ schema: string; table: string }>(
    `SELECT DISTINCT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\` FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE IN (${marks(constraints)}) AND TABLE_SCHEMA IN (${marks(databases)})`,
    [...constraints, ...databases],
  );
  return new Set(rows.map(({ schema, table }) => tableKey(schema, table)));
}
