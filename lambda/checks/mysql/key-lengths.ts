import { marks } from '../../mysql/inventory';
import { someOf } from '../../shared/lists';
import { type Check } from '../check';
import { databasesOf, type MysqlContext } from './context';

/** What InnoDB takes as a key, and as a part of one in the older row formats. */
const MOST_BYTES = 3072;
const MOST_BYTES_OF_A_PART = 767;

/** A character of utf8mb4 counts four bytes in a key and one of utf8mb3 three: a key that fits today may be too long then (1071). */
export const keyLengths: Check<MysqlContext> = {
  id: 'key-lengths',
  scopes: ['preflight', 'green'],
  async run({ blue, settings }) {
    const databases = databasesOf(settings);
    if (databases.length === 0) return [];
    const rows = await blue.rows<{ name: string; total: number | string; longest: number | string }>(
      `SELECT name, SUM(bytes) AS total, MAX(bytes) AS longest FROM (
         SELECT CONCAT(s.TABLE_SCHEMA, '.', s.TABLE_NAME, '.', s.INDEX_NAME) AS name, t.ROW_FORMAT AS format,
                CASE WHEN c.DATA_TYPE IN ('enum', 'set') THEN 8
                     WHEN c.CHARACTER_SET_NAME IS NULL THEN COALESCE(s.SUB_PART, c.CHARACTER_OCTET_LENGTH, 8)
                     WHEN c.CHARACTER_SET_NAME IN ('utf8', 'utf8mb3', 'ascii', 'utf8mb4') THEN COALESCE(s.SUB_PART, c.CHARACTER_MAXIMUM_LENGTH) * 4
                     ELSE COALESCE(s.SUB_PART, c.CHARACTER_MAXIMUM_LENGTH) END AS bytes
           FROM information_schema.STATISTICS s
           JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = s.TABLE_SCHEMA AND c.TABLE_NAME = s.TABLE_NAME AND c.COLUMN_NAME = s.COLUMN_NAME
           JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = s.TABLE_SCHEMA AND t.TABLE_NAME = s.TABLE_NAME
          WHERE s.INDEX_TYPE = 'BTREE' AND s.TABLE_SCHEMA IN (${marks(databases)})) parts
        GROUP BY name, format HAVING total > ${MOST_BYTES} OR (format IN ('Compact', 'Redundant') AND longest > ${MOST_BYTES_OF_A_PART}) ORDER BY name`,
      databases,
    );
    if (rows.length === 0) return [];
    const named = rows.map(({ name, total, longest }) => (Number(total) > MOST_BYTES
      ? `${name} (${total} of ${MOST_BYTES} bytes)`
      : `${name} (a part of ${longest} bytes, and ${MOST_BYTES_OF_A_PART} fit into its row format)`));
    return [{
      severity: 'blocker',
      message: `${rows.length} index${rows.length === 1 ? '' : 'es'} would be too long in utf8mb4 (error 1071): ${someOf(named)}. Shorten the columns or index only their beginning on Blue `
        + '(KEY k (col(191))); where only the row format is too old, ALTER TABLE … ROW_FORMAT=DYNAMIC',
    }];
  },
};
