import { quoteName, quoteTable } from '../mysql/names';
import { readCreateTable } from '../shared/sql-text';
import { convertsSafely, staysAsItIs, targetCollation } from './collations';
import { functionalIndex, type PrintedIndex } from './indexes';
import { columnsIn } from './table-text';

/** The character set everything is converted to. */
const CHARACTER_SET = 'utf8mb4';

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
 * @param deferred indexes that are dropped by the same statement, to be built anew afterwards.
 */
export function conversionStatement(
  table: ConvertibleTable, printed: string, chosen: Readonly<Record<string, string>>, deferred: readonly PrintedIndex[] = [],
): string {
  const { definitions } = readCreateTable(printed);
  const columns = new Map(columnsIn(definitions).map((column) => [column.name, column]));
  const clauses = table.columns.filter(({ characterSet }) => convertsSafely(characterSet)).map(({ column, collation }) => {
    const definition = columns.get(column);
    if (definition === undefined) throw new Error(`column '${column}' of ${table.schema}.${table.name} is not in its SHOW CREATE TABLE`);
    return `MODIFY COLUMN ${quoteName(column)} ${definition.type} CHARACTER SET ${CHARACTER_SET} COLLATE ${targetCollation(collation, chosen)}${definition.rest}`;
  });
  if (clauses.length > 0) clauses.push(...definitions.flatMap(functionalIndex));
  clauses.push(...deferred.map(({ name }) => `DROP INDEX ${quoteName(name)}`));
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
