import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS, tableKey } from '../../mysql/names';
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
    const tables = await blue.rows<{ schema: string; name: string }>(
      `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) ORDER BY 1, 2`, SYSTEM_SCHEMAS,
    );
    // joined here: on the server, each of thousands of tables would be compared with each.
    const all = new Set(tables.map(({ schema, name }) => tableKey(schema, name)));
    const copies = tables.filter(({ schema, name }) => originalsOf(name).some((original) => all.has(tableKey(schema, original))));
    const triggers = await blue.rows<{ name: string }>(
      `SELECT CONCAT(TRIGGER_SCHEMA, '.', TRIGGER_NAME) AS name FROM information_schema.TRIGGERS WHERE TRIGGER_NAME LIKE 'pt\\_osc\\_%' AND TRIGGER_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) ORDER BY 1`,
      SYSTEM_SCHEMAS,
    );
    const found = [...copies.map(({ schema, name }) => `${schema}.${name}`), ...triggers.map(({ name }) => name)];
    if (found.length === 0) return FINE;
    return blocker(`gh-ost or pt-online-schema-change is at work on Blue, or was broken off (${someOf(found)}): in the end it renames its copy into place, and on Green a table that is converted would be `
      + 'replaced by one that is not. Let it finish, or drop what it has left behind (triggers first), then start again');
  },
};

/** Of which tables a table of this name may be the copy or the log; where a name is taken, pt-online-schema-change puts more underscores before it. */
function originalsOf(name: string): string[] {
  const [, underscores = '', rest = ''] = /^(_+)(.*)_(?:gho|ghc|new)$/s.exec(name) ?? [];
  return Array.from(underscores, (_, index) => underscores.slice(index + 1) + rest);
}
