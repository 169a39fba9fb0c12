import { quoteName, quoteTable } from '../mysql/names';
import { convertsSafely, staysAsItIs, targetCollation } from './collations';

/** The character set everything is converted to. */
const CHARACTER_SET = 'utf8mb4';

/** A column definition of SHOW CREATE TABLE: its name, its type with arguments, and what follows character set and collation, to the letter. */
interface PrintedColumn {
  readonly name: string;
  readonly type: string;
  readonly rest: string;
}

/** A table as far as its conversion is concerned. */
export interface ConvertibleTable {
  readonly schema: string;
  readonly name: string;
  readonly collation: string;
  readonly columns: readonly { readonly column: string; readonly characterSet: string; readonly collation: string }[];
}

/** Whether anything of the table has to be converted. */
export function needsConversion(table: ConvertibleTable): boolean {
  return !staysAsItIs(characterSetOf(table.collation)) || table.columns.some(({ characterSet }) => convertsSafely(characterSet));
}

/**
 * The one ALTER TABLE that converts a table.
 *
 * Column by column instead of CONVERT TO CHARACTER SET, because CONVERT gives every column the same collation and widens TEXT to
 * MEDIUMTEXT. What is not meant to change (defaults, comments, generated expressions, visibility) is taken to the letter from SHOW CREATE TABLE.
 *
 * @param printed the text of SHOW CREATE TABLE, read with a SQL mode without ANSI_QUOTES and NO_BACKSLASH_ESCAPES.
 */
export function conversionStatement(table: ConvertibleTable, printed: string, chosen: Readonly<Record<string, string>>): string {
  const definitions = definitionsIn(printed);
  const columns = new Map(definitions.filter(isColumn).map(parseColumn).map((column) => [column.name, column]));
  const clauses = table.columns.filter(({ characterSet }) => convertsSafely(characterSet)).map(({ column, collation }) => {
    const definition = columns.get(column);
    if (definition === undefined) throw new Error(`column '${column}' of ${table.schema}.${table.name} is not in its SHOW CREATE TABLE`);
    return `MODIFY COLUMN ${quoteName(column)} ${definition.type} CHARACTER SET ${CHARACTER_SET} COLLATE ${targetCollation(collation, chosen)}${definition.rest}`;
  });
  if (clauses.length > 0) clauses.push(...definitions.flatMap(functionalIndex));
  if (!staysAsItIs(characterSetOf(table.collation))) clauses.push(`DEFAULT CHARACTER SET ${CHARACTER_SET} COLLATE ${defaultCollation(table.collation, chosen)}`);
  return `ALTER TABLE ${quoteTable(table.schema, table.name)} ${clauses.join(', ')}`;
}

/**
 * The collation a table or database has as its default afterwards. A default holds no data, so any character set may be left behind; one
 * without a counterpart of the same family becomes utf8mb4_general_ci.
 */
export function defaultCollation(collation: string, chosen: Readonly<Record<string, string>>): string {
  const characterSet = characterSetOf(collation);
  if (convertsSafely(characterSet) || staysAsItIs(characterSet) || chosen[collation] !== undefined) return targetCollation(collation, chosen);
  return 'utf8mb4_general_ci';
}

/** `utf8mb3_general_ci` → `utf8mb3`. */
export function characterSetOf(collation: string): string {
  return collation.split('_', 1)[0] ?? '';
}

/** What stands in the parentheses of SHOW CREATE TABLE, to the letter: columns, then keys and constraints. */
function definitionsIn(printed: string): string[] {
  const open = printed.indexOf('(', endOfQuoted(printed, printed.indexOf('`')));
  return parts(printed.slice(open + 1, endOfParentheses(printed, open) - 1));
}

function isColumn(definition: string): boolean {
  return definition.startsWith('`');
}

/**
 * A functional index is a hidden column, which keeps the character set it had when the index was made: '𠮷' could be written into no row of
 * the table. So the index is made anew in the same statement; it then stands behind the others.
 *
 * @returns the clauses, none for any other definition.
 */
function functionalIndex(definition: string): string[] {
  const kind = /^(?:UNIQUE )?KEY (?=`)/.exec(definition)?.[0];
  if (kind === undefined) return [];
  const nameEnd = endOfQuoted(definition, kind.length);
  const open = definition.indexOf('(', nameEnd);
  if (!parts(definition.slice(open + 1, endOfParentheses(definition, open) - 1)).some((part) => part.startsWith('('))) return [];
  return [`DROP INDEX ${definition.slice(kind.length, nameEnd)}`, `ADD ${definition}`];
}

function parseColumn(printed: string): PrintedColumn {
  const nameEnd = endOfQuoted(printed, 0);
  const name = printed.slice(1, nameEnd - 1).replaceAll('``', '`');
  const definition = printed.slice(nameEnd).trimStart();
  const word = /^[a-z]+/i.exec(definition)?.[0] ?? '';
  const typeEnd = definition[word.length] === '(' ? endOfParentheses(definition, word.length) : word.length;
  const rest = definition.slice(typeEnd).replace(/^ CHARACTER SET \w+/, '').replace(/^ COLLATE \w+/, '');
  return { name, type: definition.slice(0, typeEnd), rest };
}

/** What commas separate outside of quotes and parentheses. */
function parts(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === `'` || character === '`') index = endOfQuoted(text, index) - 1;
    else if (character === '(') index = endOfParentheses(text, index) - 1;
    else if (character === ',') {
      found.push(text.slice(start, index).trim());
      start = index + 1;
    }
  }
  return [...found, text.slice(start).trim()];
}

/** The index behind a quoted text that starts at `start`; a doubled quote or one behind a backslash belongs to the text. */
function endOfQuoted(text: string, start: number): number {
  const quote = text[start];
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\' && quote !== '`') index += 1;
    else if (text[index] === quote && text[index + 1] === quote) index += 1;
    else if (text[index] === quote) return index + 1;
  }
  throw new Error(`no closing ${quote} in: ${text}`);
}

/** The index behind the parenthesis that opens at `start`. */
function endOfParentheses(text: string, start: number): number {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    const character = text[index];
    if (character === `'` || character === '`') index = endOfQuoted(text, index) - 1;
    else if (character === '(') depth += 1;
    else if (character === ')') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  throw new Error(`no closing parenthesis in: ${text}`);
}
