import { marks } from '../../mysql/inventory';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { databasesOf, type MysqlContext } from './context';

/** Both sides of a foreign key on text have to have one character set: a key between a database that is converted and one that is not would break. */
export const foreignKeysToOtherDatabases: Check<MysqlContext> = {
  id: 'foreign-keys-to-other-databases',
  scopes: ['preflight'],
  async run({ blue, settings }) {
    const databases = databasesOf(settings);
    if (databases.length === 0) return FINE;
    const keys = await blue.rows<{ name: string; other: string }>(
      `SELECT DISTINCT CONCAT_WS('.', k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME) AS name, IF(k.TABLE_SCHEMA IN (${marks(databases)}), k.REFERENCED_TABLE_SCHEMA, k.TABLE_SCHEMA) AS other
         FROM information_schema.KEY_COLUMN_USAGE k
         JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = k.TABLE_SCHEMA AND c.TABLE_NAME = k.TABLE_NAME AND c.COLUMN_NAME = k.COLUMN_NAME
        WHERE k.REFERENCED_TABLE_SCHEMA IS NOT NULL AND c.CHARACTER_SET_NAME IN ('utf8', 'utf8mb3', 'ascii')
          AND (k.TABLE_SCHEMA IN (${marks(databases)})) <> (k.REFERENCED_TABLE_SCHEMA IN (${marks(databases)})) ORDER BY 1`,
      [...databases, ...databases, ...databases],
    );
    if (keys.length === 0) return FINE;
    const others = [...new Set(keys.map(({ other }) => other))];
    return blocker(`${keys.length} foreign key${keys.length === 1 ? ' connects' : 's connect'} a text column of a database that is converted with one that is not (${someOf(keys.map(({ name }) => name))}): the two would have `
      + `different character sets (error 3780), and the key could be neither checked nor made again. Convert ${someOf(others)}, too (databases of the Migration), or drop the key`);
  },
};
