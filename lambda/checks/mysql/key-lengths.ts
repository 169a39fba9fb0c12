import { convertsSafely } from '../../migration/collations';
import { convertedBytes, convertibleColumnsOf } from '../../migration/column-bytes';
import { marks } from '../../mysql/inventory';
import { tableKey } from '../../mysql/names';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check } from '../check';
import { databasesOf, type MysqlContext } from './context';

/** What InnoDB takes as a key, and as a part of one in the older row formats. */
const MOST_BYTES = 3072;
const MOST_BYTES_OF_A_PART = 767;

/** A column in an index, or the beginning of one. */
interface Part {
  readonly schema: string;
  readonly table: string;
  readonly index: string;
  readonly column: string;
  /** Characters of text, bytes of anything else; null for the whole column. */
  readonly length: number | null;
}

/** A character of utf8mb4 counts four bytes in a key and one of utf8mb3 three: a key that fits today may be too long then (1071). */
export const keyLengths: Check<MysqlContext> = {
  id: 'key-lengths',
  scopes: ['preflight', 'green'],
  async run({ blue, settings }) {
    const databases = databasesOf(settings);
    const named = (await tooLong(blue, databases)).sort();
    if (named.length === 0) return [];
    return [{
      severity: 'blocker',
      message: `${named.length} index${named.length === 1 ? '' : 'es'} would be too long in utf8mb4 (error 1071): ${someOf(named)}. Shorten the columns or index only their beginning on Blue `
        + '(KEY k (col(191))); where only the row format is too old, ALTER TABLE … ROW_FORMAT=DYNAMIC',
    }];
  },
};

async function tooLong(blue: Session, databases: readonly string[]): Promise<string[]> {
  const columns = new Map((await convertibleColumnsOf(blue, databases)).map((column) => [`${tableKey(column.schema, column.table)}\0${column.name}`, column]));
  const indexes = new Map<string, Part[]>();
  for (const part of await partsOf(blue, databases)) {
    const key = `${tableKey(part.schema, part.table)}\0${part.index}`;
    indexes.set(key, [...indexes.get(key) ?? [], part]);
  }
  const old = await tablesOfOldFormats(blue, databases);
  return [...indexes.values()].flatMap((parts) => {
    const [{ schema, table, index } = { schema: '', table: '', index: '' }] = parts;
    const found = parts.map((part) => ({ part, column: columns.get(`${tableKey(schema, table)}\0${part.column}`) }));
    // what is not converted stays as long as it is.
    if (!found.some(({ column }) => convertsSafely(column?.characterSet ?? ''))) return [];
    const lengths = found.map(({ part, column }) => (column === undefined ? 0 : convertedBytes(column, part.length ?? undefined)));
    const [total, longest] = [lengths.reduce((sum, length) => sum + length, 0), Math.max(...lengths)];
    const name = `${schema}.${table}.${index}`;
    if (total > MOST_BYTES) return [`${name} (${total} of ${MOST_BYTES} bytes)`];
    return longest > MOST_BYTES_OF_A_PART && old.has(tableKey(schema, table)) ? [`${name} (a part of ${longest} bytes, and ${MOST_BYTES_OF_A_PART} fit into its row format)`] : [];
  });
}

function partsOf(blue: Session, databases: readonly string[]): Promise<Part[]> {
  return blue.rows<Part>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, INDEX_NAME AS \`index\`, COLUMN_NAME AS \`column\`, SUB_PART AS length
       FROM information_schema.STATISTICS WHERE INDEX_TYPE = 'BTREE' AND COLUMN_NAME IS NOT NULL AND TABLE_SCHEMA IN (${marks(databases)})`,
    databases,
  );
}

async function tablesOfOldFormats(blue: Session, databases: readonly string[]): Promise<Set<string>> {
  const rows = await blue.rows<{ schema: string; name: string }>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name FROM information_schema.TABLES WHERE ROW_FORMAT IN ('Compact', 'Redundant') AND TABLE_SCHEMA IN (${marks(databases)})`, databases,
  );
  return new Set(rows.map(({ schema, name }) => tableKey(schema, name)));
}
