import { closingParenthesis, endOfQuotes, splitByCommas, textOf } from '../shared/sql-text';
import { bytesPerCharacter, characterSetName } from './character-sets';

/** Types whose values are whole numbers, with the bytes they take. */
const INTEGERS: Readonly<Record<string, number>> = { TINYINT: 1, SMALLINT: 2, MEDIUMINT: 3, INT: 4, BIGINT: 8 };

/** TEXT and BLOB with the bytes their length takes. */
const LARGE: Readonly<Record<string, number>> = { TINY: 1, '': 2, MEDIUM: 3, LONG: 4 };

const SPATIAL = ['GEOMETRY', 'POINT', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON', 'GEOMCOLLECTION'];

/** Other words for the types above. */
const SYNONYMS: Readonly<Record<string, string>> = {
  BOOL: 'TINYINT', BOOLEAN: 'TINYINT', DEC: 'DECIMAL', FIXED: 'DECIMAL', GEOMETRYCOLLECTION: 'GEOMCOLLECTION', INTEGER: 'INT', NUMERIC: 'DECIMAL', REAL: 'DOUBLE',
};

/** What a column holds, as far as row events know or forget it. */
export type ColumnType =
  | { readonly kind: 'integer'; readonly name: string; readonly bytes: number; readonly unsigned: boolean }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number; readonly unsigned: boolean }
  | { readonly kind: 'float'; readonly name: 'FLOAT' | 'DOUBLE'; readonly digits: string; readonly unsigned: boolean }
  | { readonly kind: 'bit'; readonly bits: number }
  | { readonly kind: 'temporal'; readonly name: 'DATE' | 'YEAR' | 'TIME' | 'DATETIME' | 'TIMESTAMP'; readonly fraction: number }
  /** CHAR and BINARY (`fixed`), VARCHAR and VARBINARY; `length` is in characters. */
  | { readonly kind: 'string'; readonly fixed: boolean; readonly characterSet: string; readonly length: number; readonly bytes: number }
  /** TEXT and BLOB of every size. */
  | { readonly kind: 'large'; readonly characterSet: string; readonly lengthBytes: number; readonly bytes: number }
  | { readonly kind: 'members'; readonly name: 'ENUM' | 'SET'; readonly members: readonly string[] }
  | { readonly kind: 'json' }
  | { readonly kind: 'spatial'; readonly name: string; readonly srid: number | null }
  | { readonly kind: 'vector'; readonly length: number };

/** A column as it was written, and what that says. */
export interface Column {
  /** Empty for a definition without one. */
  readonly name: string;
  /** What was read, for messages. */
  readonly text: string;
  /** Undefined: not known, and therefore refused. */
  readonly type?: ColumnType;
  readonly nullable: boolean;
  /** The collation that is named, if any. */
  readonly collation?: string;
  /** Of a generated column, its expression and whether it is stored. */
  readonly generated?: { readonly expression: string; readonly stored: boolean };
}

/**
 * Reads a column's definition as SHOW CREATE TABLE prints it, with or without the name in backticks. Never throws: what it cannot read has
 * no type.
 *
 * @param characterSet what a text column has that names no character set: the table's default.
 */
export function parseColumn(definition: string, characterSet = 'utf8mb4'): Column {
  const text = definition.trim();
  try {
    const nameEnd = text.startsWith('`') ? endOfQuotes(text, 0) : 0;
    return { name: nameEnd > 0 ? textOf(text.slice(0, nameEnd)) : '', ...parseDefinition(text.slice(nameEnd).trim(), characterSet) };
  } catch {
    return { name: '', text, nullable: true };
  }
}

function parseDefinition(text: string, characterSet: string): Omit<Column, 'name'> {
  const word = /^[a-z]+/i.exec(text)?.[0] ?? '';
  const afterWord = text.slice(word.length).trimStart();
  const typeEnd = afterWord.startsWith('(') ? closingParenthesis(afterWord, 0) : 0;
  const parameters = typeEnd > 0 ? splitByCommas(afterWord.slice(1, typeEnd - 1)) : [];
  // conditional comments hold attributes of later versions: /*!80003 SRID 4326 */, /*!80023 INVISIBLE */.
  const rest = afterWord.slice(typeEnd).replace(/\/\*!\d+(.*?)\*\//g, '$1');
  const attributes = ` ${withoutQuotesAndParentheses(rest)} `;
  const collation = /\bCOLLATE[ =]+(\w+)/i.exec(attributes)?.[1]?.toLowerCase();
  const named = /\b(?:CHARACTER SET|CHARSET)[ =]+(\w+)/i.exec(attributes)?.[1] ?? collation?.split('_', 1)[0];
  const type = typeFrom(word.toUpperCase(), parameters, attributes, characterSetName(named ?? characterSet));
  const generated = generatedFrom(rest);
  return {
    text,
    nullable: !/\bNOT NULL\b/i.test(attributes) && !/\bPRIMARY KEY\b/i.test(attributes),
    ...type !== undefined && { type },
    ...collation !== undefined && { collation: collation.replace(/^utf8_/, 'utf8mb3_') },
    ...generated !== undefined && { generated },
  };
}

function typeFrom(written: string, parameters: readonly string[], attributes: string, characterSet: string): ColumnType | undefined {
  const name = SYNONYMS[written] ?? written;
  // ZEROFILL makes a number unsigned.
  const unsigned = /\b(?:UNSIGNED|ZEROFILL)\b/i.test(attributes);
  const numbers = parameters.map((parameter) => (/^\d+$/.test(parameter) ? Number(parameter) : NaN));
  const [first, second] = numbers;
  if (name !== 'ENUM' && name !== 'SET' && numbers.some((number) => Number.isNaN(number))) return undefined;
  const integer = INTEGERS[name];
  if (integer !== undefined) return parameters.length > 1 ? undefined : { kind: 'integer', name, bytes: integer, unsigned };
  const large = /^(TINY|MEDIUM|LONG|)(TEXT|BLOB)$/.exec(name);
  if (large !== null) return parameters.length > 0 ? undefined : largeType(LARGE[large[1] ?? ''] ?? 0, large[2] === 'TEXT' ? characterSet : 'binary');
  if (SPATIAL.includes(name)) return parameters.length > 0 ? undefined : { kind: 'spatial', name, srid: sridFrom(attributes) };
  switch (name) {
    case 'DECIMAL': return parameters.length > 2 ? undefined : { kind: 'decimal', precision: first ?? 10, scale: second ?? 0, unsigned };
    case 'FLOAT':
    case 'DOUBLE': return floatType(name, numbers, unsigned);
    case 'BIT': return parameters.length > 1 ? undefined : { kind: 'bit', bits: first ?? 1 };
    case 'DATE':
    case 'YEAR': return { kind: 'temporal', name, fraction: 0 };
    case 'TIME':
    case 'DATETIME':
    case 'TIMESTAMP': return parameters.length > 1 ? undefined : { kind: 'temporal', name, fraction: first ?? 0 };
    case 'CHAR':
    case 'BINARY': return parameters.length > 1 ? undefined : stringType(true, name === 'CHAR' ? characterSet : 'binary', first ?? 1);
    case 'VARCHAR':
    case 'VARBINARY': return first === undefined || second !== undefined ? undefined : stringType(false, name === 'VARCHAR' ? characterSet : 'binary', first);
    case 'ENUM':
    case 'SET': return membersType(name, parameters);
    case 'JSON': return { kind: 'json' };
    case 'VECTOR': return parameters.length > 1 ? undefined : { kind: 'vector', length: first ?? 2048 };
    default: return undefined;
  }
}

function floatType(name: 'FLOAT' | 'DOUBLE', numbers: readonly number[], unsigned: boolean): ColumnType | undefined {
  if (numbers.length > 2) return undefined;
  const [precision, scale] = numbers;
  if (scale === undefined) return { kind: 'float', name: precision !== undefined && precision > 24 ? 'DOUBLE' : name, digits: '', unsigned };
  return { kind: 'float', name, digits: `(${precision},${scale})`, unsigned };
}

function stringType(fixed: boolean, characterSet: string, length: number): ColumnType | undefined {
  const each = characterSet === 'binary' ? 1 : bytesPerCharacter(characterSet);
  if (each === undefined) return undefined;
  return { kind: 'string', fixed, characterSet, length, bytes: length * each };
}

function largeType(lengthBytes: number, characterSet: string): ColumnType | undefined {
  if (characterSet !== 'binary' && bytesPerCharacter(characterSet) === undefined) return undefined;
  return { kind: 'large', characterSet, lengthBytes, bytes: 256 ** lengthBytes - 1 };
}

function membersType(name: 'ENUM' | 'SET', parameters: readonly string[]): ColumnType | undefined {
  if (parameters.length === 0 || parameters.some((parameter) => !parameter.startsWith(`'`) || endOfQuotes(parameter, 0) !== parameter.length)) return undefined;
  return { kind: 'members', name, members: parameters.map(textOf) };
}

function sridFrom(attributes: string): number | null {
  const srid = /\bSRID (\d+)/i.exec(attributes)?.[1];
  return srid === undefined ? null : Number(srid);
}

function generatedFrom(rest: string): Column['generated'] {
  const [, before = ''] = /^((?:[^'`(]|'(?:[^'\\]|\\.|'')*')*?\bAS )\(/i.exec(rest) ?? [];
  if (before === '') return undefined;
  const end = closingParenthesis(rest, before.length);
  // the character set of a literal changes with the conversion, and its text does not.
  const expression = rest.slice(before.length, end).replaceAll(/_utf8(?:mb[34])?\s*(?=\\?')/gi, '');
  return { expression, stored: /^\s*(?:STORED|PERSISTENT)\b/i.test(rest.slice(end)) };
}

/** The attributes, without defaults, comments and expressions, whose words mean nothing. */
function withoutQuotesAndParentheses(text: string): string {
  let kept = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === `'` || character === '`' || character === '"') index = endOfQuotes(text, index) - 1;
    else if (character === '(') index = closingParenthesis(text, index) - 1;
    else kept += character;
  }
  return kept;
}
