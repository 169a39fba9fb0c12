import { quoteTable } from '../../../lambda/mysql/names';
import { type CharacterSetConversion } from '../../../lib/private/contract';
import { openPair, type Pair } from '../helpers/pair';
import { converting, migrate, plan } from './migrate';
import { ZOO } from './zoo';

/**
 * Text in quotes; and outside of them a clause of character set or collation, and the mark of one before a literal, which the server itself
 * changes whenever it copies a table.
 */
const CLAUSES = /('(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`)| (?:CHARACTER SET|COLLATE) \w+| (?:DEFAULT CHARSET|COLLATE)=\w+|_utf8mb[34](?=')/g;

interface Column {
  readonly column: string;
  readonly type: string;
  readonly characterSet: string | null;
  readonly collation: string | null;
}

let pair: Pair;

/** The tests of what a conversion does to every table of the zoo; for one file each, because a file has one pair. */
export function testConversion(deferred: CharacterSetConversion['deferredIndexes']): void {
  const settings = converting(['zoo', 'zoo two'], { utf8mb3_swedish_ci: 'utf8mb4_0900_as_cs' }, deferred);

  beforeAll(async () => {
    pair = await openPair({
      prepare: async (connection) => {
        await connection.query(`SET SESSION foreign_key_checks = 0, sql_mode = 'STRICT_TRANS_TABLES'`);
        await connection.query('CREATE DATABASE `zoo two` CHARACTER SET utf8mb3');
        await connection.query('CREATE TABLE `zoo two`.parent (code VARCHAR(9) PRIMARY KEY)');
        await connection.query('CREATE DATABASE zoo CHARACTER SET utf8mb3');
        await connection.query('USE zoo');
        for (const { name, definition, rows = [] } of ZOO) {
          await connection.query(`CREATE TABLE ${quoteTable('zoo', name)} ${definition}`);
          for (const row of rows) await connection.query(`INSERT INTO ${quoteTable('zoo', name)} VALUES (${row})`);
        }
      },
    });
    await migrate(pair, settings);
  });
  afterAll(() => pair?.close());

  describe.each(ZOO)('$title', ({ name }) => {
    test('nothing but character set and collation differs afterwards', async () => {
      const [blue, green] = [await printed('blue', name), await printed('green', name)];
      expect(linesWithoutClauses(green)).toEqual(linesWithoutClauses(blue));
    });

    test('columns of utf8mb3 and ascii become utf8mb4 of the same family, others stay', async () => {
      const expected = (await columnsOf('blue', name)).map((column) => ({ ...column, ...converted(column) }));
      expect(await columnsOf('green', name)).toEqual(expected);
    });

    test('the data is the same', async () => {
      expect(await rowsOf('green', name)).toEqual(await rowsOf('blue', name));
    });
  });

  test('the default of a table follows the family of its collation', async () => {
    const rows = await pair.run<{ name: string; collation: string }>('green', `SELECT TABLE_NAME AS name, TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'zoo'`);
    const collations = new Map(rows.map(({ name, collation }) => [name, collation]));
    expect([collations.get('text_types'), collations.get('mixed_default'), collations.get('latin1_default')]).toEqual(['utf8mb4_general_ci', 'utf8mb4_unicode_ci', 'utf8mb4_general_ci']);
  });

  test('the default of a database follows the family of its collation', async () => {
    const rows = await pair.run('green', `SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('zoo', 'zoo two')`);
    expect(rows).toEqual([{ collation: 'utf8mb4_general_ci' }, { collation: 'utf8mb4_general_ci' }]);
  });

  test('a chosen collation wins over the family', async () => {
    const [column] = (await columnsOf('green', 'collations')).filter(({ column: name }) => name === 'e');
    expect(column?.collation).toBe('utf8mb4_0900_as_cs');
  });

  test('characters of four bytes go into tables with functional indexes and are found there', async () => {
    await pair.run('green', `INSERT INTO zoo.functional VALUES (2, '𠮷', 1)`);
    expect(await pair.run('green', `SELECT id FROM zoo.functional FORCE INDEX (lo) WHERE LOWER(v) = '𠮷'`)).toEqual([{ id: 2 }]);
  });

  test('rows written on Blue afterwards arrive unchanged', async () => {
    await pair.run('blue', `INSERT INTO zoo.text_types VALUES (2, 'あ', 'é', 'う', 'え', 'お', 'か')`, `UPDATE zoo.odd_enum SET e = 'あ, )'`, `DELETE FROM zoo.generated`);
    await pair.caughtUp();
    for (const name of ['text_types', 'odd_enum', 'generated']) expect(await rowsOf('green', name)).toEqual(await rowsOf('blue', name));
  });

  test('a second plan finds nothing to do', async () => {
    const { pending } = await plan(pair, settings);
    expect(pending).toBe(0);
  });
}

async function printed(which: 'blue' | 'green', name: string): Promise<string> {
  const [row] = await pair.run<{ 'Create Table': string }>(which, `SET sql_mode = ''`, `SHOW CREATE TABLE ${quoteTable('zoo', name)}`);
  return row?.['Create Table'] ?? '';
}

/** The order of keys is not looked at: functional indexes are made anew and stand behind the others then. */
function linesWithoutClauses(text: string): string[] {
  return text.replace(CLAUSES, (_, quoted: string | undefined) => quoted ?? '').split('\n').map((line) => line.replace(/,$/, '')).sort();
}

function columnsOf(which: 'blue' | 'green', name: string): Promise<Column[]> {
  return pair[which].query<Column>(
    `SELECT COLUMN_NAME AS \`column\`, CAST(COLUMN_TYPE AS CHAR) AS type, CHARACTER_SET_NAME AS characterSet, COLLATION_NAME AS collation
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'zoo' AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [name],
  );
}

function converted({ characterSet, collation }: Column): Pick<Column, 'characterSet' | 'collation'> {
  if (collation === 'utf8mb3_swedish_ci') return { characterSet: 'utf8mb4', collation: 'utf8mb4_0900_as_cs' };
  const changes = characterSet === 'utf8mb3' || characterSet === 'ascii';
  return changes ? { characterSet: 'utf8mb4', collation: collation?.replace(/^[^_]+/, 'utf8mb4') ?? null } : { characterSet, collation };
}

function rowsOf(which: 'blue' | 'green', name: string): Promise<Record<string, unknown>[]> {
  return pair[which].withConnection(async (connection) => {
    const [rows] = await connection.query(`SELECT * FROM ${quoteTable('zoo', name)}`);
    return rows as Record<string, unknown>[];
  }, { charset: 'utf8mb4', dateStrings: true });
}
