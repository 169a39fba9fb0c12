import { tablesChangedByFiles } from '../../migration/statement-steps';
import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type GreenContext } from './context';

/** Every index of Blue is there on Green: a missing one would make production slow, one that is not unique any more wrong. */
export const indexesAsOnBlue: Check<GreenContext> = {
  id: 'indexes-as-on-blue',
  scopes: ['before-switchover'],
  async run({ blue, green }) {
    const [wanted, present] = [await indexesOf(blue), await indexesOf(green)];
    const problems = [...wanted].flatMap(([index, definition]) => {
      const found = present.get(index);
      if (found === undefined) return [`index ${index} (${definition}) is missing on Green`];
      return found === definition ? [] : [`index ${index} is (${found}) on Green and (${definition}) on Blue`];
    });
    // what SQL files have changed is meant to differ.
    const prefixes = [...await tablesChangedByFiles(green)].map((table) => `index ${table.replace('\0', '.')}.`);
    const meant = problems.filter((problem) => prefixes.some((prefix) => problem.startsWith(prefix)));
    const others = problems.filter((problem) => !meant.includes(problem));
    const notes: Problem[] = meant.length === 0 ? [] : [{
      severity: 'note', message: `indexes of tables that the SQL files change are not as on Blue: ${someOf(meant, { separator: '; ' })}. See whether all of them are meant`,
    }];
    if (others.length === 0) return notes;
    return [...notes, {
      severity: 'blocker',
      message: `${others.length} index${others.length === 1 ? ' is' : 'es are'} not as on Blue. Create them on Green as SHOW CREATE TABLE prints them on Blue; if Blue has got them just now, the next look finds them:\n`
        + someOf(others, { most: 20, separator: '\n' }),
    }];
  },
};

/** `schema.table.index` → kind and columns. Expressions have no name: only their place counts. */
async function indexesOf(session: Session): Promise<Map<string, string>> {
  await session.run('SET SESSION group_concat_max_len = 65535');
  const rows = await session.rows<{ name: string; definition: string }>(
    `SELECT CONCAT_WS('.', TABLE_SCHEMA, TABLE_NAME, INDEX_NAME) AS name,
            CONCAT(IF(NON_UNIQUE, '', 'UNIQUE '), INDEX_TYPE, ' ', GROUP_CONCAT(CONCAT(COALESCE(COLUMN_NAME, '(expression)'), IF(COLLATION = 'D', ' DESC', ''), IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')))
              ORDER BY SEQ_IN_INDEX SEPARATOR ', ')) AS definition
       FROM information_schema.STATISTICS WHERE TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) AND TABLE_SCHEMA <> 'tmp'
      GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE`,
    SYSTEM_SCHEMAS,
  );
  return new Map(rows.map(({ name, definition }) => [name, definition]));
}
