import { convertsSafely } from '../../migration/collations';
import { bytesInRow, convertibleColumnsOf, type SizedColumn } from '../../migration/column-bytes';
import { tableKey } from '../../mysql/names';
import { someOf } from '../../shared/lists';
import { type Check } from '../check';
import { databasesOf, type MysqlContext } from './context';

/**
 * The characters of a VARCHAR of utf8mb4, and the bytes of the columns of a row together, without what TEXT and BLOB hold (MySQL Reference Manual,
 * "Limits on Table Column Count and Row Size").
 */
const MOST_CHARACTERS = 16_383;
const MOST_BYTES_OF_A_ROW = 65_535;

/** A character of utf8mb4 counts four bytes of a row and one of utf8mb3 three: a VARCHAR (1074) or a row (1118) that fits today may be too long then. */
export const rowLengths: Check<MysqlContext> = {
  id: 'row-lengths',
  scopes: ['preflight', 'green'],
  async run({ blue, settings }) {
    const tables = new Map<string, SizedColumn[]>();
    for (const column of await convertibleColumnsOf(blue, databasesOf(settings))) {
      const key = tableKey(column.schema, column.table);
      const columns = tables.get(key);
      if (columns === undefined) tables.set(key, [column]);
      else columns.push(column);
    }
    const named = [...tables.values()].flatMap(tooLong).sort();
    if (named.length === 0) return [];
    return [{
      severity: 'blocker',
      message: `${named.length} ${named.length === 1 ? 'length is' : 'lengths are'} too large for utf8mb4: ${someOf(named, { separator: '; ' })}. Give the columns on Blue no more characters than they need, or make them `
        + 'TEXT (ALTER TABLE … MODIFY … TEXT), which holds as much outside of the row',
    }];
  },
};

/** What of a table would be too long, in words. */
function tooLong(columns: readonly SizedColumn[]): string[] {
  const converted = columns.filter(({ characterSet }) => convertsSafely(characterSet ?? ''));
  const [first] = converted;
  if (first === undefined) return [];
  const single = converted.filter(({ type, characters }) => type === 'varchar' && (characters ?? 0) > MOST_CHARACTERS)
    .map(({ schema, table, name, characters }) => `${schema}.${table}.${name} has ${characters} characters, and at most ${MOST_CHARACTERS} fit (error 1074)`);
  const bytes = columns.reduce((sum, column) => sum + bytesInRow(column), 0);
  return single.length > 0 || bytes <= MOST_BYTES_OF_A_ROW ? single : [`a row of ${first.schema}.${first.table} would have ${bytes} of ${MOST_BYTES_OF_A_ROW} bytes (error 1118)`];
}
