import { type SqlToken, sqlTokens } from '../shared/sql-tokens';

/** A place of a statement that names a schema. */
export interface SchemaReference {
  readonly schema: string;
  readonly start: number;
  readonly end: number;
}

/** A statement of which it is not certain what it would touch. */
export class UncertainStatement extends Error {}

/** Read only, and about the copies as about everything else. */
const READABLE = 'information_schema';

/** What is known of the schemas of a server. */
export interface Schemas {
  /** The schema of this name, as the server finds it: with or without regard to capitals. */
  readonly find: (name: string) => string | undefined;
  /** Whether a schema of this name has a copy, or may get one. */
  readonly mayBeCopied: (name: string) => boolean;
}

/**
 * Where a statement names schemas that exist, before a dot or after CREATE, ALTER and DROP DATABASE. What it names without a schema is in the default
 * database, and a name before a dot that is no schema's is a table's or an alias.
 *
 * @throws UncertainStatement where a name may be a schema's or another, and where a schema has no copy.
 */
export function schemaReferences(sql: string, { find, mayBeCopied }: Schemas): SchemaReference[] {
  const tokens = tokensOf(sql);
  const databases = databasePositions(tokens);
  const isSchema = ({ value }: SqlToken) => find(value) !== undefined || !mayBeCopied(value);
  const references = tokens.filter((token, index) => databases.has(index) || (isQualifier(tokens, index) && isSchema(token)));
  return references.filter(({ value }) => value.toLowerCase() !== READABLE).map(({ value, start, end }) => {
    if (!mayBeCopied(value)) throw new UncertainStatement(`it names the database '${value}', which belongs to the server or to the pipeline`);
    const alone = tokens.some((token, index) => token.value === value && isName(token) && !databases.has(index) && !isQualifier(tokens, index) && tokens[index - 1]?.value !== '.');
    if (alone) throw new UncertainStatement(`'${value}' is a database and the name of something else in it; give that an alias, or leave the name of the database out`);
    return { schema: find(value) ?? value, start, end };
  });
}

/** A statement with other names of the schemas. */
export function withSchemas(sql: string, references: readonly SchemaReference[], nameOf: (schema: string) => string): string {
  return [...references].sort((one, other) => other.start - one.start).reduce((text, { schema, start, end }) => `${text.slice(0, start)}\`${nameOf(schema)}\`${text.slice(end)}`, sql);
}

/** The schemas that a statement creates. */
export function createdSchemas(sql: string): string[] {
  const tokens = tokensOf(sql);
  return tokens[0]?.value.toUpperCase() === 'CREATE' ? [...databasePositions(tokens)].flatMap((index) => tokens[index]?.value ?? []) : [];
}

function tokensOf(sql: string): SqlToken[] {
  try {
    return sqlTokens(sql);
  } catch {
    throw new UncertainStatement('quotes are left open in it');
  }
}

/** CREATE DATABASE IF NOT EXISTS x, DROP SCHEMA x. */
function databasePositions(tokens: readonly SqlToken[]): Set<number> {
  const words = tokens.map(({ kind, value }) => (kind === 'word' ? value.toUpperCase() : ''));
  const [first = '', second = ''] = words;
  if (!['CREATE', 'ALTER', 'DROP'].includes(first) || !['DATABASE', 'SCHEMA'].includes(second)) return new Set();
  const at = 2 + (words[2] === 'IF' ? (words[3] === 'NOT' ? 3 : 2) : 0);
  const isOption = tokens[at]?.kind === 'word' && ['CHARACTER', 'CHARSET', 'COLLATE', 'DEFAULT', 'ENCRYPTION', 'READ'].includes(words[at] ?? '');
  return isOption || tokens[at] === undefined ? new Set() : new Set([at]);
}

/** The first of names with dots between; not that of a variable, @@session.x or @x. */
function isQualifier(tokens: readonly SqlToken[], index: number): boolean {
  const [before, token, dot, after] = [tokens[index - 1], tokens[index], tokens[index + 1], tokens[index + 2]];
  if (token === undefined || !isName(token) || dot?.value !== '.' || dot.kind !== 'symbol' || after === undefined) return false;
  return !(before?.kind === 'symbol' && ['.', '@'].includes(before.value));
}

function isName({ kind, value }: SqlToken): boolean {
  return kind === 'name' || (kind === 'word' && !/^\d+$/.test(value));
}
