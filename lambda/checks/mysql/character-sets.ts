import { convertsSafely, staysAsItIs, targetCollation } from '../../migration/collations';
import { characterSetOf } from '../../migration/conversion';
import { schemaCollations, tablesOf, type TextColumn, textColumnsOf } from '../../mysql/inventory';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { databasesOf, type MysqlContext } from './context';

/**
 * Row events carry bytes, not characters: only columns whose bytes mean the same in utf8mb4 stay right while Blue writes the old and Green
 * stores the new character set (docs/replication-safety.md).
 */
export const characterSets: Check<MysqlContext> = {
  id: 'character-sets',
  scopes: ['preflight', 'green'],
  async run({ blue, green, settings }) {
    const { migration } = settings;
    if (migration.kind !== 'convertCharacterSet') return [];
    const columns = await textColumnsOf(blue, databasesOf(settings));
    const problems: Problem[] = [...await unsafeDefaults(blue, databasesOf(settings))];
    const unsafe = columns.filter((column) => !convertsSafely(column.characterSet) && !staysAsItIs(column.characterSet));
    for (const [characterSet, found] of grouped(unsafe, (column) => column.characterSet)) {
      problems.push({
        severity: 'blocker',
        message: `${columnsInText(found)} ${found.length === 1 ? 'is' : 'are'} ${characterSet}: while Green is already utf8mb4, rows written on Blue would arrive there with ${characterSet} bytes and `
          + `be stored wrong without any error ('café' becomes 'caf'). Convert ${found.length === 1 ? 'it' : 'them'} on Blue first (ALTER TABLE … MODIFY … CHARACTER SET utf8mb3), or leave this database out`,
      });
    }
    const isKnown = await knownCollations(green ?? blue, green === undefined);
    const unknown = columns.filter((column) => convertsSafely(column.characterSet) && !isKnown(targetCollation(column.collation, migration.collations)));
    for (const [collation, found] of grouped(unknown, (column) => column.collation)) {
      problems.push({
        severity: 'blocker',
        message: `${columnsInText(found)} ${found.length === 1 ? 'has' : 'have'} collation ${collation}, of which utf8mb4 has no counterpart named `
          + `'${targetCollation(collation, migration.collations)}': name one in 'collations' of the Migration, e.g. { '${collation}': 'utf8mb4_general_ci' }`,
      });
    }
    return problems;
  },
};

/** The collations of Green are what counts. Before there is one, Blue's stand for them, and those that 8.0 has brought for a Blue that is older. */
async function knownCollations(session: Session, isBlue: boolean): Promise<(name: string) => boolean> {
  const names = new Set((await session.rows<{ name: string }>('SELECT COLLATION_NAME AS name FROM information_schema.COLLATIONS')).map(({ name }) => name));
  const isOlder = isBlue && !names.has('utf8mb4_0900_ai_ci');
  return (name) => names.has(name) || (isOlder && name.includes('_0900_'));
}

/**
 * A CREATE TABLE or ADD COLUMN that names no character set takes the default, of Blue on Blue and of Green on Green. Where Green's is utf8mb4
 * already, a latin1 default of Blue makes two columns whose bytes mean different things.
 */
async function unsafeDefaults(blue: MysqlContext['blue'], databases: readonly string[]): Promise<Problem[]> {
  const isUnsafe = (collation: string) => !convertsSafely(characterSetOf(collation)) && !staysAsItIs(characterSetOf(collation));
  const schemas = [...await schemaCollations(blue, databases)].filter(([, collation]) => isUnsafe(collation)).map(([name, collation]) => `database ${name} (${characterSetOf(collation)})`);
  const tables = (await tablesOf(blue, databases)).filter(({ collation }) => isUnsafe(collation))
    .map(({ schema, name, collation }) => `table ${schema}.${name} (${characterSetOf(collation)})`);
  const found = [...schemas, ...tables];
  if (found.length === 0) return [];
  return [{
    severity: 'blocker',
    message: `${someOf(found)}: the default character set is none that converts truly, so a table or column made on Blue meanwhile without `
      + 'naming its own would be another one on Green, and its rows stored wrong without any error. Change the default on Blue, which is done in a moment and touches no row '
      + '(ALTER DATABASE … CHARACTER SET utf8mb3; ALTER TABLE … DEFAULT CHARACTER SET utf8mb3)',
  }];
}

function grouped(columns: readonly TextColumn[], by: (column: TextColumn) => string): Map<string, TextColumn[]> {
  const groups = new Map<string, TextColumn[]>();
  for (const column of columns) groups.set(by(column), [...groups.get(by(column)) ?? [], column]);
  return groups;
}

function columnsInText(columns: readonly TextColumn[]): string {
  const shown = columns.slice(0, 8).map(({ schema, table, column }) => `${schema}.${table}.${column}`).join(', ');
  return columns.length > 8 ? `${shown} and ${columns.length - 8} more columns` : `column${columns.length === 1 ? '' : 's'} ${shown}`;
}
