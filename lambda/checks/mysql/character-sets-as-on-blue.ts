import { convertsSafely } from '../../migration/collations';
import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
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
    const named = wrong.map(([column, found]) => `${column} is ${found} on Green and ${wanted.get(column)} on Blue`);
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

/** `schema.table.column` → character set; columns without one are left out, and views, which store nothing. */
async function characterSetsOf(session: Session): Promise<Map<string, string>> {
  const rows = await session.rows<{ name: string; characterSet: string }>(
    `SELECT CONCAT_WS('.', c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME) AS name, c.CHARACTER_SET_NAME AS characterSet
       FROM information_schema.COLUMNS c
       JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME AND t.TABLE_TYPE = 'BASE TABLE'
      WHERE c.CHARACTER_SET_NAME IS NOT NULL AND c.TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)})`,
    SYSTEM_SCHEMAS,
  );
  return new Map(rows.map(({ name, characterSet }) => [name, characterSet]));
}
