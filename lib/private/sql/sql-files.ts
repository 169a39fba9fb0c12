import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type SqlFilesContent, type SqlStatement } from '../contract';
import { UnreadableSql } from './scanner';
import { splitStatements } from './splitter';
import { meaningOf, RefusedStatement } from './statement';

/** All files together: statements that make a schema are small, and data does not belong there. */
const MOST_BYTES = 10 * 1024 * 1024;
const MOST_STATEMENTS = 10_000;
/** The ledger keeps the name. */
const MOST_NAME_CHARACTERS = 200;
const MOST_PROBLEMS_SHOWN = 20;

/**
 * Reads the `*.sql` files of a folder, in the order of the numbers and letters of their names (`2.sql` before `10.sql`).
 *
 * @throws an error that names property, files, lines and remedy, of everything that is wrong at once.
 */
export function readFolder(directory: string): SqlFilesContent {
  const files = filesIn(directory);
  const problems: string[] = [];
  const statements = files.flatMap((file) => statementsIn(path.join(directory, file), file, problems));
  if (problems.length > 0) {
    const more = problems.length > MOST_PROBLEMS_SHOWN ? `\n… and ${problems.length - MOST_PROBLEMS_SHOWN} more` : '';
    throw new Error(`'directory' should hold SQL that can be run, got in '${directory}':\n${problems.slice(0, MOST_PROBLEMS_SHOWN).join('\n')}${more}`);
  }
  if (statements.length === 0) throw new Error(`'directory' should hold at least one statement, got only comments in '${directory}'; use Migration.none() to change nothing`);
  if (statements.length > MOST_STATEMENTS) throw new Error(`'directory' should hold at most ${MOST_STATEMENTS} statements, got ${statements.length} in '${directory}'; several rows fit into one INSERT`);
  return { fingerprint: fingerprintOf(statements), statements };
}

function filesIn(directory: string): string[] {
  const entries = fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true ? fs.readdirSync(directory, { withFileTypes: true }) : undefined;
  if (entries === undefined) throw new Error(`'directory' should be a folder, got '${path.resolve(directory)}', which is none; write it relative to the folder the app is run in, or with path.join(__dirname, …)`);
  const files = entries.filter((entry) => !entry.isDirectory() && entry.name.endsWith('.sql')).map(({ name }) => name);
  if (files.length === 0) throw new Error(`'directory' should hold at least one file *.sql, got none in '${path.resolve(directory)}'; folders in it are not looked into`);
  const long = files.find((name) => name.length > MOST_NAME_CHARACTERS);
  if (long !== undefined) throw new Error(`'directory' should hold files with names of at most ${MOST_NAME_CHARACTERS} characters, got '${long}'`);
  const bytes = files.reduce((sum, name) => sum + fs.statSync(path.join(directory, name)).size, 0);
  if (bytes > MOST_BYTES) throw new Error(`'directory' should hold at most ${MOST_BYTES} bytes of SQL, got ${bytes} in '${directory}'; bring data to Green through Blue instead`);
  return files.sort(naturally);
}

/** The same order on every machine: no locale of the user's, and names that differ in case alone still have one. */
function naturally(one: string, other: string): number {
  return new Intl.Collator('en', { numeric: true }).compare(one, other) || (one < other ? -1 : 1);
}

function statementsIn(file: string, name: string, problems: string[]): SqlStatement[] {
  const found: SqlStatement[] = [];
  const session: string[] = [];
  let database: string | undefined;
  try {
    for (const { line, sql } of splitStatements(textOf(file))) {
      try {
        const { kind, ...meaning } = meaningOf(sql);
        if (kind === 'set') session.push(sql);
        else if ('database' in meaning) database = meaning.database;
        else if ('runner' in meaning) found.push({ file: name, line, sql, ...database === undefined ? {} : { database }, session: [...session], ...meaning });
      } catch (thrown) {
        if (!(thrown instanceof RefusedStatement)) throw thrown;
        problems.push(`${name}:${line}: ${excerpt(sql)}: ${thrown.message}`);
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof UnreadableSql)) throw thrown;
    problems.push(`${name}:${thrown.line}: ${thrown.message}`);
  }
  return found;
}

function textOf(file: string): string {
  const bytes = fs.readFileSync(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableSql(1, 'it is not UTF-8; save it in this encoding');
  }
}

/** Lines may move, and comments around statements change: what is run stays the same. */
function fingerprintOf(statements: readonly SqlStatement[]): string {
  return createHash('sha256').update(JSON.stringify(statements.map(({ file, sql, database, session }) => [file, sql, database ?? null, session]))).digest('hex').slice(0, 32);
}

function excerpt(sql: string): string {
  const oneLine = sql.replaceAll(/\s+/g, ' ');
  return oneLine.length > 60 ? `${oneLine.slice(0, 60)} …` : oneLine;
}
