import { quoteName, quoteTable } from '../mysql/names';
import { type Session } from '../mysql/session';
import { property } from '../shared/errors';
import { closingParenthesis, endOfQuotes, readCreateTable, textOf } from '../shared/sql-text';
import { type Twins } from './twins';
import { type TableName } from './units';

/** The invisible primary key that a server adds where there is none, to the letter. */
const ADDED_COLUMN = '`my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */';
const ADDED_KEY = 'PRIMARY KEY (`my_row_id`)';

/**
 * Makes an empty copy of a table in the twin of its schema. Foreign keys into other schemas lead into their twins.
 *
 * @returns its name, quoted.
 */
export async function makeTwin(session: Session, twins: Twins, { schema, name, printed }: TableName & { readonly printed: string }): Promise<string> {
  const twin = quoteTable(await twins.of(schema), name);
  const { definitions, options } = readCreateTable(printed);
  const own = await Promise.all(definitions.map((definition) => withinTwins(twins, definition)));
  await session.run(`CREATE TABLE ${twin} (${own.join(', ')})${options}`).catch(async (thrown: unknown) => {
    if (property(thrown, 'errno') === undefined) throw thrown;
    // not everything that exists could be made today; without its foreign keys, the server copies it nevertheless.
    await session.run(`CREATE TABLE ${twin} LIKE ${quoteTable(schema, name)}`);
  });
  return twin;
}

/** What SHOW CREATE TABLE prints of a table, whose name is quoted. */
export async function printedTable(session: Session, table: string): Promise<string> {
  return (await session.row<{ 'Create Table': string }>(`SHOW CREATE TABLE ${table}`))?.['Create Table'] ?? '';
}

/**
 * What SHOW CREATE TABLE prints of the copy of a table without a primary key, without the one that a server adds to every new table
 * (sql_generate_invisible_primary_key): the table itself stays without.
 */
export function withoutAddedKey(copied: string, printed: string): string {
  const { definitions, options } = readCreateTable(copied);
  const isAdded = (definition: string) => definition === ADDED_COLUMN || definition === ADDED_KEY;
  if (!definitions.includes(ADDED_COLUMN) || readCreateTable(printed).definitions.includes(ADDED_COLUMN)) return copied;
  return `CREATE TABLE \`copy\` (${definitions.filter((definition) => !isAdded(definition)).join(', ')})${options}`;
}

/** What follows the name in the text of SHOW CREATE TABLE. */
export function bodyOf(printed: string): string {
  return printed.slice(endOfQuotes(printed, printed.indexOf('`')));
}

/** Whether it refers to other tables. */
export function hasForeignKeys(printed: string): boolean {
  return readCreateTable(printed).definitions.some((definition) => referenceIn(definition) !== undefined);
}

async function withinTwins(twins: Twins, definition: string): Promise<string> {
  const reference = referenceIn(definition);
  if (reference?.schema === undefined) return definition;
  const { start, end, schema } = reference;
  return `${definition.slice(0, start)}${quoteName(await twins.of(schema))}${definition.slice(end)}`;
}

/** Where a foreign key names the schema it leads into, if it does; undefined for everything else. */
function referenceIn(definition: string): { readonly start: number; readonly end: number; readonly schema?: string } | undefined {
  if (!definition.startsWith('CONSTRAINT `')) return undefined;
  const nameEnd = endOfQuotes(definition, 'CONSTRAINT '.length);
  if (!definition.startsWith(' FOREIGN KEY (', nameEnd)) return undefined;
  const start = closingParenthesis(definition, definition.indexOf('(', nameEnd)) + ' REFERENCES '.length;
  const end = endOfQuotes(definition, start);
  return { start, end, ...definition[end] === '.' && { schema: textOf(definition.slice(start, end)) } };
}
