import { quoteName } from '../mysql/names';
import { type Session } from '../mysql/session';
import { BINARY, commonColumns, type ComparedColumn, LARGE, SPATIAL } from './common-columns';

export { type ComparedColumn } from './common-columns';

/** A table of one server. */
export interface DescribedTable {
  readonly schema: string;
  readonly name: string;
  /** The stored columns; none where the table does not exist. */
  readonly columns: readonly ComparedColumn[];
  /** The primary key and the unique keys without NULL whose columns have an exact text and a stable order, the primary key first. */
  readonly keys: readonly (readonly ComparedColumn[])[];
}

/** What is compared of a table: Blue's columns, and the key its chunks are cut by. */
export interface ComparedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ComparedColumn[];
  /** Empty where there is no key that orders the rows alike on both sides. */
  readonly key: readonly ComparedColumn[];
}

/** Types whose values have an exact text and a stable order, so that chunks can be cut by them. */
const KEY_TYPES = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'char', 'varchar', 'binary', 'varbinary', 'date', 'datetime', 'timestamp', 'year'];

/** Reads the stored columns of a table and the keys it could be cut by. */
export async function describeTable(session: Session, schema: string, name: string): Promise<DescribedTable> {
  const reading = session.rows<ComparedColumn & { extra: string }>(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, CHARACTER_SET_NAME AS characterSet, COLLATION_NAME AS collation, COALESCE(NUMERIC_SCALE, DATETIME_PRECISION) AS digits, EXTRA AS extra,
            NUMERIC_PRECISION IS NOT NULL AND COLUMN_TYPE LIKE '%zerofill%' AS filled
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [schema, name],
  );
  const [columns, parts] = await Promise.all([reading, partsOfKeys(session, schema, name)]);
  // a virtual column holds nothing of its own: it follows from the others.
  const stored = columns.filter(({ extra }) => !extra.toUpperCase().includes('VIRTUAL GENERATED'));
  return { schema, name, columns: stored, keys: usableKeys(parts, stored) };
}

/**
 * The table as it is compared with its twin on Green.
 *
 * @param isMeantToDiffer where the migration has changed the columns themselves: then those are compared that both have, in a form that both types have.
 */
export function comparedTable({ schema, name, columns, keys }: DescribedTable, twin: DescribedTable, isMeantToDiffer = false): ComparedTable {
  const twinOf = (column: ComparedColumn) => twin.columns.find((other) => other.name === column.name);
  const alike = (column: ComparedColumn) => {
    const other = twinOf(column);
    // in one order, and with one text for each value.
    return other !== undefined && orderOf(other) === orderOf(column) && (other.digits ?? 0) === (column.digits ?? 0);
  };
  const isFilled = (column: ComparedColumn) => Boolean(column.filled) || Boolean(twinOf(column)?.filled);
  const withoutZeros = (column: ComparedColumn): ComparedColumn => (isFilled(column) ? { ...column, filled: 1 } : column);
  // the statement is the same on both sides: a text whose bytes differ on one of them is converted on both.
  const asBytesAllow = (column: ComparedColumn): ComparedColumn => {
    const characterSet = twinOf(column)?.characterSet ?? null;
    if (column.characterSet === null || characterSet === null) return column;
    return isUnicode(column.characterSet) && !isUnicode(characterSet) ? { ...column, characterSet } : column;
  };
  const compared = isMeantToDiffer ? commonColumns(columns, twin.columns) : columns;
  const key = keys.find((candidate) => candidate.every(alike)) ?? [];
  return { schema, name, columns: compared.map(asBytesAllow).map(withoutZeros), key: key.map(withoutZeros) };
}

function isUnicode(characterSet: string): boolean {
  return ['ascii', 'utf8', 'utf8mb3', 'utf8mb4'].includes(characterSet);
}

/** Text orders alike where the collations have the same name, apart from character sets of which one contains the other. */
function orderOf({ collation }: ComparedColumn): string | undefined {
  return collation?.replace(/^(ascii|utf8|utf8mb3|utf8mb4)_/, 'unicode_');
}

/** A part of a unique key. */
interface PartOfKey {
  readonly key: string;
  /** null: an expression. */
  readonly column: string | null;
  readonly nullable: string;
  /** Characters of a prefix; null: the whole column. */
  readonly part: number | null;
}

function partsOfKeys(session: Session, schema: string, name: string): Promise<PartOfKey[]> {
  return session.rows<PartOfKey>(
    `SELECT INDEX_NAME AS \`key\`, COLUMN_NAME AS \`column\`, NULLABLE AS nullable, SUB_PART AS part FROM information_schema.STATISTICS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME, SEQ_IN_INDEX`,
    [schema, name],
  );
}

function usableKeys(parts: readonly PartOfKey[], columns: readonly ComparedColumn[]): ComparedColumn[][] {
  return [...new Set(parts.map((part) => part.key))].flatMap((key) => {
    const members = parts.filter((part) => part.key === key);
    const found = members.map(({ column }) => columns.find((candidate) => candidate.name === column)).filter((column) => column !== undefined);
    const usable = members.every(({ nullable, part }) => nullable !== 'YES' && part === null) && found.length === members.length
      && found.every(({ type }) => KEY_TYPES.includes(type));
    return usable ? [found] : [];
  });
}

/** Bytes that are in no utf8mb4 text, and in nothing else that stands in a row's text: one between the columns, one in place of NULL. */
const SEPARATOR = `CAST(X'FF' AS BINARY)`;
const NULL_MARK = `CAST(X'FE' AS BINARY)`;

/**
 * One text that is equal exactly when the rows are equal, whatever the character sets on the two sides: the bytes of each column's content in utf8mb4,
 * or a mark for NULL, and between them a separator, neither of which any content has, so that neither NULLs nor separators can hide a shifted value.
 * What may be any bytes is written in hexadecimal digits, and what may be large as its SHA-256, so that no row is too long for max_allowed_packet. Each
 * content is computed once, and most are not even copied: that is most of the work.
 */
export function rowExpression(columns: readonly ComparedColumn[]): string {
  // bytes among them make all of it bytes: nothing is converted, and no collations have to fit together.
  return `CONCAT(${columns.map((column) => `IFNULL(${contentExpression(column)}, ${NULL_MARK})`).join(`, ${SEPARATOR}, `)})`;
}

/** Whether a content may be longer than a row. */
export function mayBeLarge({ type }: ComparedColumn): boolean {
  return LARGE.includes(type) || SPATIAL.includes(type);
}

function contentExpression({ name, type, characterSet, cast, filled }: ComparedColumn): string {
  const column = cast === undefined ? quoteName(name) : `CAST(${quoteName(name)} AS ${cast})`;
  if (type === 'json') return `SHA2(CAST(${column} AS CHAR CHARACTER SET utf8mb4), 256)`;
  // its bytes: reference system and well-known binary. ST_AsWKB would leave out the first, and refuse what it thinks invalid.
  if (SPATIAL.includes(type)) return `SHA2(${column}, 256)`;
  // the bytes of these mean the same in utf8mb4.
  const text = characterSet === null || isUnicode(characterSet) ? column : `CONVERT(${column} USING utf8mb4)`;
  if (LARGE.includes(type)) return `SHA2(${text}, 256)`;
  if (BINARY.includes(type)) return `HEX(${column})`;
  // as many zeros as the column is wide would not be the same on both sides.
  if (type === 'bit' || (Boolean(filled) && type !== 'float' && type !== 'double')) return `${column} + 0`;
  // a FLOAT is printed with six digits; as a DOUBLE with all it has.
  if (type === 'float' || type === 'double') return `${column} + 0e0`;
  return text;
}

/**
 * An expression whose value is the SQL literal of a key column, exact in every character set. Of what is not Unicode, both sides have the same, and it is
 * left as it is: some characters of cp932 would come back from Unicode as others.
 */
export function literalExpression({ name, type, characterSet, filled }: ComparedColumn): string {
  const column = quoteName(name);
  if (BINARY.includes(type)) return `CONCAT('X''', HEX(${column}), '''')`;
  if (characterSet !== null && !isUnicode(characterSet)) return `CONCAT('_${characterSet} X''', HEX(${column}), '''')`;
  if (characterSet !== null) return `CONCAT('_utf8mb4 X''', HEX(CONVERT(${column} USING utf8mb4)), '''')`;
  if (['date', 'datetime', 'timestamp'].includes(type)) return `CONCAT('''', CAST(${column} AS CHAR), '''')`;
  return `CAST(${column}${Boolean(filled) ? ' + 0' : ''} AS CHAR)`;
}

/** `key = literals`. */
export function equalTo(key: readonly ComparedColumn[], literals: readonly string[]): string {
  return `(${key.map(({ name }, index) => `${quoteName(name)} = ${literals[index]}`).join(' AND ')})`;
}

/**
 * `key > literals`, written out so that the index is used: a comparison of row constructors would read the whole table.
 */
export function behind(key: readonly ComparedColumn[], literals: readonly string[]): string {
  return ordered(key, literals, '>');
}

/** `key <= literals`. */
export function upTo(key: readonly ComparedColumn[], literals: readonly string[]): string {
  return `NOT ${ordered(key, literals, '>')}`;
}

function ordered(key: readonly ComparedColumn[], literals: readonly string[], operator: '>'): string {
  const alternatives = key.map((column, index) => {
    const equal = key.slice(0, index).map((earlier, position) => `${quoteName(earlier.name)} = ${literals[position]}`);
    return `(${[...equal, `${quoteName(column.name)} ${operator} ${literals[index]}`].join(' AND ')})`;
  });
  return `(${alternatives.join(' OR ')})`;
}
