import { convertsSafely } from '../../migration/collations';
import { marks, viewsOf } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS, tableKey } from '../../mysql/names';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check } from '../check';
import { type GreenContext } from './context';

/**
 * Replication writes bytes of Blue's character set into Green's column. A table that was made meanwhile, by a statement that left the character
 * set to the server, may differ in a way no plan has foreseen.
 */
export const characterSetsAsOnBlue: Check<GreenContext> = {
  id: 'character-sets-as-on-blue',
  scopes: ['before-switchover'],
  async run({ blue, green }) {
    const [wanted, present] = [await characterSetsOf(blue), await characterSetsOf(green)];
    const wrong = [...present].filter(([column, found]) => {
      const source = wanted.get(column);
      return source !== undefined && source !== found && !(convertsSafely(source) && holdsAll(found));
    });
    if (wrong.length === 0) return [];
    const named = wrong.map(([column, found]) => `${column.replaceAll('\0', '.')} is ${found} on Green and ${wanted.get(column)} on Blue`);
    return [{
      severity: 'blocker',
      message: `${wrong.length} column${wrong.length === 1 ? '' : 's'} would read Blue's bytes in another character set: ${someOf(named, { most: 20, separator: '; ' })}. What was written since is stored wrong without any `
        + 'error. Delete the deployment together with Green, convert these on Blue to utf8mb3 or utf8mb4, and start again',
    }];
  },
};

/** Whether a character set has every character of those that convert safely, as the same bytes. */
function holdsAll(characterSet: string): boolean {
  return characterSet === 'utf8mb4' || (convertsSafely(characterSet) && characterSet !== 'ascii');
}

/** Schema, table and column, with NUL between them (a dot may be part of a name) → character set; without columns that have none, and without views. */
async function characterSetsOf(session: Session): Promise<Map<string, string>> {
  const views = await viewsOf(session, `NOT IN (${marks(SYSTEM_SCHEMAS)})`, SYSTEM_SCHEMAS);
  const rows = await session.rows<{ schema: string; table: string; column: string; characterSet: string }>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, COLUMN_NAME AS \`column\`, CHARACTER_SET_NAME AS characterSet
       FROM information_schema.COLUMNS WHERE CHARACTER_SET_NAME IS NOT NULL AND TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)})`,
    SYSTEM_SCHEMAS,
  );
  return new Map(rows.filter(({ schema, table }) => !views.has(tableKey(schema, table))).map(({ schema, table, column, characterSet }) => [`${tableKey(schema, table)}\0${column}`, characterSet]));
}
