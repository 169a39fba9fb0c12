import { tablesChangedByFiles } from '../../migration/statement-steps';
import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS, tableKey } from '../../mysql/names';
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
    const problems = [...wanted].flatMap(([index, { table, definition }]) => {
      const [found, name] = [present.get(index)?.definition, index.replaceAll('\0', '.')];
      if (found === undefined) return [{ table, text: `index ${name} (${definition}) is missing on Green` }];
      return found === definition ? [] : [{ table, text: `index ${name} is (${found}) on Green and (${definition}) on Blue` }];
    });
    // what SQL files have changed is meant to differ.
    const changed = await tablesChangedByFiles(green);
    const meant = problems.filter(({ table }) => changed.has(table)).map(({ text }) => text);
    const others = problems.filter(({ table }) => !changed.has(table)).map(({ text }) => text);
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

/** An index, and its table by {@link tableKey}. */
interface Index {
  readonly table: string;
  /** Kind and columns. Expressions have no name: only their place counts. */
  readonly definition: string;
}

/** The indexes by schema, table and name, with NUL between them, because a dot may be part of a name. */
async function indexesOf(session: Session): Promise<Map<string, Index>> {
  // information_schema of 5.7 takes names for equal that differ in capitals only.
  await session.run('SET SESSION group_concat_max_len = 65535');
  const rows = await session.rows<{ schema: string; table: string; name: string; definition: string }>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, INDEX_NAME AS name,
            CONCAT(IF(NON_UNIQUE, '', 'UNIQUE '), INDEX_TYPE, ' ', GROUP_CONCAT(CONCAT(COALESCE(COLUMN_NAME, '(expression)'), IF(COLLATION = 'D', ' DESC', ''), IF(SUB_PART IS NULL OR INDEX_TYPE = 'SPATIAL', '', CONCAT('(', SUB_PART, ')')))
              ORDER BY SEQ_IN_INDEX SEPARATOR ', ')) AS definition
       FROM information_schema.STATISTICS WHERE TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) AND TABLE_SCHEMA <> 'tmp'
      GROUP BY CAST(TABLE_SCHEMA AS BINARY), CAST(TABLE_NAME AS BINARY), TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE`,
    SYSTEM_SCHEMAS,
  );
  return new Map(rows.map(({ schema, table, name, definition }) => [`${tableKey(schema, table)}\0${name}`, { table: tableKey(schema, table), definition }]));
}
