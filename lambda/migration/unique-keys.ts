import { columnsOf } from '../compatibility/classify-table';
import { type Column } from '../compatibility/column';
import { quoteName } from '../mysql/names';
import { closingParenthesis, endOfQuotes, readCreateTable, splitByCommas, textOf } from '../shared/sql-text';
import { convertsSafely } from './collations';

/** A primary or unique key, as SHOW CREATE TABLE prints it. */
interface UniqueKey {
  readonly name: string;
  readonly parts: readonly KeyPart[];
}

/** A column, or the beginning of one; an expression has no column. */
interface KeyPart {
  readonly text: string;
  readonly column?: string;
  readonly length?: number;
}

/** A key that rows of today may violate once the table is as it shall be. */
export interface DoubtfulKey {
  readonly key: string;
  /** Finds such rows, `{table}` stands for the table; undefined where MySQL cannot be asked before. */
  readonly query?: string;
  /** Every second row violates it. */
  readonly always?: boolean;
}

/** What a text column is compared by where SHOW CREATE TABLE prints no collation. */
const DEFAULTS: Readonly<Record<string, string>> = { ascii: 'ascii_general_ci', latin1: 'latin1_swedish_ci', utf8mb3: 'utf8mb3_general_ci', utf8mb4: 'utf8mb4_0900_ai_ci' };

/**
 * The unique keys in which two rows of today may become equal (1062): those that are new, and those with a column whose collation changes into
 * one that may find more texts equal. An empty copy cannot show that.
 *
 * @param before SHOW CREATE TABLE of today's table.
 * @param after that of its changed copy.
 * @param renamed columns with another name, old to new.
 */
export function doubtfulKeys(before: string, after: string, renamed: Readonly<Record<string, string>> = {}): DoubtfulKey[] {
  const present = new Set(uniqueKeysOf(before).map(({ parts }) => parts.map((part) => textAfter(part, renamed)).join()));
  const [old, changed] = [new Map(columnsOf(before).map((column) => [renamed[column.name] ?? column.name, column])), columnsByName(after)];
  return uniqueKeysOf(after).flatMap(({ name, parts }): DoubtfulKey[] => {
    const merged = parts.filter(({ column = '' }) => mayFindMoreEqual(collationOf(old.get(column)), collationOf(changed.get(column))));
    if (merged.length === 0 && present.has(parts.map(({ text }) => text).join())) return [];
    const added = parts.map(({ column = '' }) => [old.get(column), changed.get(column)] as const).flatMap(([was, is]) => (was === undefined && is !== undefined ? [valueOf(is)] : []));
    if (added.some((value) => value === 'null' || value === 'another in each')) return [];
    if (added.length === parts.length && added.every((value) => value === 'one for all')) return [{ key: name, always: true }];
    const askable = parts.every(({ column }) => column !== undefined && old.get(column)?.name === column);
    return [{ key: name, ...askable && { query: duplicates(parts, merged, changed) } }];
  });
}

function textAfter({ text, column = '' }: KeyPart, renamed: Readonly<Record<string, string>>): string {
  const next = renamed[column];
  return next === undefined ? text : text.replace(quoteName(column), () => quoteName(next));
}

/** What a row of Blue gets in a column that only Green has. */
function valueOf({ text, nullable, generated }: Column): 'null' | 'another in each' | 'one for all' | 'not known' {
  const words = text.replaceAll(/'(?:[^'\\]|\\.|'')*'/g, `''`);
  if (/\bAUTO_INCREMENT\b/.test(words)) return 'another in each';
  if (generated !== undefined || /\bDEFAULT (?:\(|CURRENT_TIMESTAMP)/.test(words)) return 'not known';
  return nullable && !/\bDEFAULT (?!NULL)/.test(words) ? 'null' : 'one for all';
}

/**
 * Whether two texts that are different by one collation may be equal by another. Not by the same family (utf8mb3_general_ci and
 * utf8mb4_general_ci give all characters of utf8mb3 the same weights), nor by the codes of the characters (_bin): every collation of utf8mb3
 * and ascii ignores spaces at the end, as utf8mb4_bin does.
 */
export function mayFindMoreEqual(from: string | undefined, to: string | undefined): boolean {
  if (from === to || to === undefined) return false;
  if (from === undefined) return true;
  if (!convertsSafely(from.split('_', 1)[0] ?? '')) return true;
  return !to.endsWith('_bin') && withoutCharacterSet(from) !== withoutCharacterSet(to);
}

function withoutCharacterSet(collation: string): string {
  return collation.replace(/^[^_]+_/, '');
}

function collationOf(column: Column | undefined): string | undefined {
  if (column?.type === undefined || !('characterSet' in column.type) || column.type.characterSet === 'binary') return undefined;
  return column.collation ?? DEFAULTS[column.type.characterSet] ?? `${column.type.characterSet}_unknown`;
}

function columnsByName(printed: string): Map<string, Column> {
  return new Map(columnsOf(printed).map((column) => [column.name, column]));
}

function duplicates(parts: readonly KeyPart[], merged: readonly KeyPart[], changed: ReadonlyMap<string, Column>): string {
  const expressions = parts.map((part) => {
    const [column, collation] = [quoteName(part.column ?? ''), collationOf(changed.get(part.column ?? '')) ?? ''];
    const text = merged.includes(part) ? `CONVERT(${column} USING ${collation.split('_', 1)[0]}) COLLATE ${collation}` : column;
    return part.length === undefined ? text : `LEFT(${text}, ${part.length})`;
  });
  const known = parts.map(({ column = '' }) => `${quoteName(column)} IS NOT NULL`).join(' AND ');
  return `SELECT 1 FROM {table} WHERE ${known} GROUP BY ${expressions.join(', ')} HAVING COUNT(*) > 1 LIMIT 1`;
}

function uniqueKeysOf(printed: string): UniqueKey[] {
  return readCreateTable(printed).definitions.flatMap((definition) => {
    if (definition.startsWith('PRIMARY KEY ')) return [{ name: 'PRIMARY', parts: partsOf(definition, 0) }];
    if (!definition.startsWith('UNIQUE KEY `')) return [];
    const nameEnd = endOfQuotes(definition, 'UNIQUE KEY '.length);
    return [{ name: textOf(definition.slice('UNIQUE KEY '.length, nameEnd)), parts: partsOf(definition, nameEnd) }];
  });
}

function partsOf(definition: string, from: number): KeyPart[] {
  const open = definition.indexOf('(', from);
  return splitByCommas(definition.slice(open + 1, closingParenthesis(definition, open) - 1)).map((part) => {
    const text = part.replace(/ DESC$/, '');
    if (!text.startsWith('`')) return { text };
    const end = endOfQuotes(text, 0);
    const length = /^\((\d+)\)/.exec(text.slice(end))?.[1];
    return { text, column: textOf(text.slice(0, end)), ...length !== undefined && { length: Number(length) } };
  });
}
