import { closingParenthesis, endOfQuotes, readCreateTable, splitByCommas, textOf } from '../shared/sql-text';
import { columnsIn, type PrintedColumn } from './table-text';

/** An index as SHOW CREATE TABLE prints it. */
export interface PrintedIndex {
  readonly name: string;
  /** To the letter: what stands behind ADD. */
  readonly definition: string;
}

/** What an index must not be dropped for, as far as the table's own text does not tell. */
export interface IndexDuties {
  /** Columns other tables' foreign keys refer to. */
  readonly referenced: ReadonlySet<string>;
}

/** An index definition, taken apart. */
interface ParsedIndex extends PrintedIndex {
  readonly kind: string;
  /** Names of its columns; undefined where a part is an expression. */
  readonly columns: readonly string[] | undefined;
  /** Whether a part is only the beginning of a column. */
  readonly hasPrefix: boolean;
}

const INDEX = /^(?:(UNIQUE|FULLTEXT|SPATIAL) )?KEY (?=`)/;

/**
 * The secondary indexes that may be missing while a table is copied, to be built by sorting afterwards: faster by a multiple than inserting
 * row by row, as soon as the indexes are larger than the buffer pool.
 *
 * Never any index of a table without a primary or unique key (the applier would scan the table for every row), never one that is unique,
 * FULLTEXT, SPATIAL or functional, or has a virtual column; nor one that an AUTO_INCREMENT column or a foreign key, on either side, needs.
 */
export function deferrableIndexes(printed: string, { referenced }: IndexDuties): PrintedIndex[] {
  const { definitions } = readCreateTable(printed);
  const columns = columnsIn(definitions).map(({ name, type, rest }) => ({ name, type, rest: withoutText(rest) }));
  const indexes = definitions.flatMap(parseIndex);
  if (!definitions.some((definition) => definition.startsWith('PRIMARY KEY')) && !indexes.some((index) => identifiesRows(index, columns))) return [];
  const virtual = new Set(columns.filter(({ rest }) => / GENERATED ALWAYS AS .* VIRTUAL\b/s.test(rest)).map(({ name }) => name));
  const leading = new Set([
    ...referenced,
    ...columns.filter(({ rest }) => / AUTO_INCREMENT\b/.test(rest)).map(({ name }) => name),
    ...definitions.flatMap(foreignKeyColumns),
  ]);
  return indexes
    .filter((index) => index.kind === '' && index.columns?.[0] !== undefined && !leading.has(index.columns[0]) && !index.columns.some((column) => virtual.has(column)))
    .map(({ name, definition }) => ({ name, definition }));
}

/**
 * A functional index is a hidden column, which keeps the character set it had when the index was made: '𠮷' could be written into no row of
 * the table. So the index is made anew in the same statement; it then stands behind the others.
 *
 * @returns the clauses, none for any other definition.
 */
export function functionalIndex(definition: string): string[] {
  const [index] = parseIndex(definition);
  if (index === undefined || index.columns !== undefined) return [];
  return [`DROP INDEX ${quotedName(definition)}`, `ADD ${definition}`];
}

/** Builds indexes by sorting. LOCK=SHARED, because with LOCK=NONE an applier that catches up overflows the log of changes (1799). */
export function buildStatement(table: string, indexes: readonly PrintedIndex[]): string {
  return `ALTER TABLE ${table} ${indexes.map(({ definition }) => `ADD ${definition}`).join(', ')}, ALGORITHM=INPLACE, LOCK=SHARED`;
}

/** Builds the same by copying the table, which needs no room for sorting. */
export function copyStatement(table: string, indexes: readonly PrintedIndex[]): string {
  return `ALTER TABLE ${table} ${indexes.map(({ definition }) => `ADD ${definition}`).join(', ')}, ALGORITHM=COPY`;
}

function parseIndex(definition: string): ParsedIndex[] {
  const match = INDEX.exec(definition);
  if (match === null) return [];
  const nameEnd = endOfQuotes(definition, match[0].length);
  const inside = splitByCommas(insideParentheses(definition, nameEnd));
  const isExpression = inside.some((part) => !part.startsWith('`'));
  return [{
    name: textOf(quotedName(definition)),
    definition,
    kind: match[1] ?? '',
    columns: isExpression ? undefined : inside.map((part) => textOf(part.slice(0, endOfQuotes(part, 0)))),
    hasPrefix: inside.some((part) => part.startsWith('`') && part[endOfQuotes(part, 0)] === '('),
  }];
}

/** Whether the applier can find a row by it: unique, whole columns, none of them NULL. */
function identifiesRows({ kind, columns: names, hasPrefix }: ParsedIndex, columns: readonly PrintedColumn[]): boolean {
  return kind === 'UNIQUE' && !hasPrefix && names !== undefined
    && names.every((name) => columns.some((column) => column.name === name && / NOT NULL\b/.test(column.rest)));
}

/** A comment or a default may say anything. */
function withoutText(definition: string): string {
  const start = definition.indexOf(`'`);
  return start < 0 ? definition : definition.slice(0, start) + withoutText(definition.slice(endOfQuotes(definition, start)));
}

function foreignKeyColumns(definition: string): string[] {
  if (!definition.startsWith('CONSTRAINT `')) return [];
  const nameEnd = endOfQuotes(definition, 'CONSTRAINT '.length);
  if (!definition.startsWith(' FOREIGN KEY (', nameEnd)) return [];
  return splitByCommas(insideParentheses(definition, nameEnd)).map(textOf);
}

function insideParentheses(definition: string, from: number): string {
  const open = definition.indexOf('(', from);
  return definition.slice(open + 1, closingParenthesis(definition, open) - 1);
}

function quotedName(definition: string): string {
  const start = definition.indexOf('`');
  return definition.slice(start, endOfQuotes(definition, start));
}
