import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { type MysqlContext } from './context';

/**
 * gh-ost and pt-online-schema-change exchange a table for its copy when they are done: on Green, where the table is converted, that brings the
 * unconverted copy, and drops the other.
 */
export const onlineSchemaChange: Check<MysqlContext> = {
  id: 'online-schema-change',
  scopes: ['preflight', 'before-switchover'],
  acknowledgeable: true,
  async run({ blue }) {
    const tables = await blue.rows<{ name: string }>(
      `SELECT CONCAT(copy.TABLE_SCHEMA, '.', copy.TABLE_NAME) AS name FROM information_schema.TABLES copy
         JOIN information_schema.TABLES original ON original.TABLE_SCHEMA = copy.TABLE_SCHEMA
          AND copy.TABLE_NAME IN (CONCAT('_', original.TABLE_NAME, '_gho'), CONCAT('_', original.TABLE_NAME, '_ghc'), CONCAT('_', original.TABLE_NAME, '_new'))
        WHERE copy.TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) ORDER BY 1`,
      SYSTEM_SCHEMAS,
    );
    const triggers = await blue.rows<{ name: string }>(
      `SELECT CONCAT(TRIGGER_SCHEMA, '.', TRIGGER_NAME) AS name FROM information_schema.TRIGGERS WHERE TRIGGER_NAME LIKE 'pt\\_osc\\_%' AND TRIGGER_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) ORDER BY 1`,
      SYSTEM_SCHEMAS,
    );
    const found = [...tables, ...triggers].map(({ name }) => name);
    if (found.length === 0) return FINE;
    return blocker(`gh-ost or pt-online-schema-change is at work on Blue, or was broken off (${someOf(found)}): in the end it renames its copy into place, and on Green a table that is converted would be `
      + 'replaced by one that is not. Let it finish, or drop what it has left behind (triggers first), then start again');
  },
};
