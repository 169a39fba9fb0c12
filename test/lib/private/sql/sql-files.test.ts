import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Migration } from '../../../../lib';
import { readFolder } from '../../../../lib/private/sql/sql-files';

let directory: string;

beforeEach(() => { directory = mkdtempSync(path.join(tmpdir(), 'sql-')); });
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function given(files: Readonly<Record<string, string | Buffer>>): string {
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(directory, name), content);
  return directory;
}

describe('a folder of SQL files', () => {
  test('is read in the order of its numbers, and nothing else in it', () => {
    mkdirSync(path.join(directory, 'more.sql'));
    const { statements } = readFolder(given({ '10.sql': 'SELECT 10', '2.sql': 'SELECT 2', '1b.sql': 'SELECT 1', 'README.md': 'SELECT', 'B.sql': 'SELECT 12', 'a.sql': 'SELECT 11' }));
    expect(statements.map(({ file, sql }) => `${file} ${sql}`)).toEqual(['1b.sql SELECT 1', '2.sql SELECT 2', '10.sql SELECT 10', 'a.sql SELECT 11', 'B.sql SELECT 12']);
  });

  test('gives each statement the database and the session of what stands before it in its file', () => {
    const { statements } = readFolder(given({ 'a.sql': '\uFEFFSELECT 1; SET @a = 1; USE other; SET @b = 2; SELECT 2;', 'b.sql': 'SELECT 3' }));
    expect(statements.map(({ sql, database, session }) => [sql, database, session])).toEqual([
      ['SELECT 1', undefined, []], ['SELECT 2', 'other', ['SET @a = 1', 'SET @b = 2']], ['SELECT 3', undefined, []],
    ]);
  });

  test('has a fingerprint of what is run, not of how it is laid out', () => {
    const one = readFolder(given({ 'a.sql': 'SELECT 1; SELECT 2' })).fingerprint;
    expect(readFolder(given({ 'a.sql': '-- first\n\nSELECT 1;\n\nSELECT 2;\n' })).fingerprint).toBe(one);
    expect(readFolder(given({ 'a.sql': 'SELECT 1; SELECT 3' })).fingerprint).not.toBe(one);
    expect(readFolder(given({ 'a.sql': 'SET @a = 1; SELECT 1; SELECT 2' })).fingerprint).not.toBe(one);
  });

  test('names the other databases of its statements', () => {
    given({ 'a.sql': 'ALTER TABLE crm.t ADD a INT; ALTER TABLE shop.t ADD a INT; USE archive; SELECT 1' });
    expect(Migration.sqlFiles(directory, { database: 'shop' })._settings).toMatchObject({ kind: 'sqlFiles', database: 'shop', others: ['archive', 'crm'], applier: 'running' });
  });
});

describe('fails', () => {
  test('for a folder that is none', () => {
    expect(() => readFolder(path.join(directory, 'missing'))).toThrow(/^'directory' should be a folder, got '.*missing', which is none; write it relative to/);
  });

  test('for a folder without files', () => {
    expect(() => readFolder(given({ 'a.txt': 'SELECT 1' }))).toThrow(/^'directory' should hold at least one file \*\.sql, got none in/);
  });

  test('for files without statements', () => {
    expect(() => readFolder(given({ 'a.sql': '-- nothing yet' }))).toThrow(/^'directory' should hold at least one statement, got only comments/);
  });

  test('for more than 10 MiB', () => {
    expect(() => readFolder(given({ 'a.sql': `SELECT '${'x'.repeat(11 * 1024 ** 2)}'` }))).toThrow(/^'directory' should hold at most 10485760 bytes of SQL, got 115/);
  });

  test('for everything that is wrong, at once, with files and lines', () => {
    given({
      '1.sql': 'ALTER TABLE t ADD a INT;\nCOMMIT;\n\n  GRANT ALL\n  ON *.* TO x;', '2.sql': `SELECT 1;\nSELECT 'open;`, '3.sql': Buffer.from([0x53, 0xe9]), '4.sql': 'DELIMITER //\nCREATE PROCEDURE p() BEGIN END;',
    });
    expect(() => readFolder(directory)).toThrow(new RegExp([
      `^'directory' should hold SQL that can be run, got in '.*':`,
      String.raw`1\.sql:2: COMMIT: each statement of a file is a transaction .*`,
      String.raw`1\.sql:4: GRANT ALL ON \*\.\* TO x: accounts and grants .*`,
      String.raw`2\.sql:2: a text in quotes does not end.*`,
      String.raw`3\.sql:1: it is not UTF-8.*`,
      String.raw`4\.sql:2: the statement that begins here has not been ended by its delimiter '//' when the file ends$`,
    ].join('\n')));
  });

  test.each(['', 'mysql'])('for the database %p', (database) => {
    expect(() => Migration.sqlFiles(given({ 'a.sql': 'SELECT 1' }), { database })).toThrow(/^'database' should hold/);
  });
});
