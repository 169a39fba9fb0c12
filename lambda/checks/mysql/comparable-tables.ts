import { targetCollation } from '../../migration/collations';
import { tablesOf } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { comparedTable, type ComparedColumn, type DescribedTable, describeTable } from '../../verification/row-expression';
import { MOST_ROWS_WITHOUT_KEY } from '../../verification/suspect';
import { type Check } from '../check';
import { databasesOf, type MysqlContext } from './context';

/** What a server reads and hashes in the four minutes a query of the comparison may take, by a cautious estimate. */
const MOST_BYTES_AT_ONCE = 4 * 1024 ** 3;

/** A large table without a key along which it could be read in pieces is refused by the comparison, days later; here it is known from the start. */
export const comparableTables: Check<MysqlContext> = {
  id: 'comparable-tables',
  scopes: ['preflight'],
  acknowledgeable: true,
  async run({ blue, settings }) {
    if (settings.comparison?.kind === 'off') return [];
    const schemas = (await blue.rows<{ name: string }>('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA')).map(({ name }) => name);
    const own = schemas.filter((name) => name !== 'tmp' && !SYSTEM_SCHEMAS.some((system) => system === name));
    const large = (await tablesOf(blue, own)).filter(({ rows, bytes }) => rows > MOST_ROWS_WITHOUT_KEY || bytes > MOST_BYTES_AT_ONCE);
    const problems = [];
    for (const { schema, name, rows, bytes, indexBytes } of large) {
      const table = await describeTable(blue, schema, name);
      if (comparedTable(table, converted(table, settings.migration, databasesOf(settings))).key.length > 0) continue;
      const size = bytes - indexBytes;
      const what = `table ${schema}.${name} (about ${rows} rows, ${Math.ceil(size / 1024 ** 2)} MiB) has no key along which it could be compared in pieces (a primary or unique key of whole numbers, texts, binary strings or dates, `
        + 'without NULL or prefix, whose order is the same on Green)';
      problems.push(size > MOST_BYTES_AT_ONCE
        ? { severity: 'blocker' as const, message: `${what}, and is too large to be read at once within 4 minutes: Compare Data would refuse it, after everything else is done. Add such a key on Blue, or keep the collation of its text key` }
        : { severity: 'warning' as const, message: `${what}: it is compared as a whole, and refused if it is never at rest meanwhile. Add such a key on Blue, or stop writing to it while Compare Data runs` });
    }
    return problems;
  },
};

/** The table as the migration will make it. */
function converted(table: DescribedTable, migration: MysqlContext['settings']['migration'], databases: readonly string[]): DescribedTable {
  if (migration.kind !== 'convertCharacterSet' || !databases.includes(table.schema)) return table;
  const column = (one: ComparedColumn) => (one.collation === null ? one : { ...one, collation: targetCollation(one.collation, migration.collations) });
  return { ...table, columns: table.columns.map(column), keys: table.keys.map((key) => key.map(column)) };
}
