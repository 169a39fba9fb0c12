import { type SqlObject, type SqlStatement } from '../contract';
import { type Token, tokensOf } from './tokens';

/** What a statement of a file means: something to run, or something that holds for those behind it. */
export type Meaning =
  | ({ readonly kind: 'statement' } & Pick<SqlStatement, 'runner' | 'effect' | 'objects'>)
  /** USE: the default database of the statements behind it in the file. */
  | { readonly kind: 'use'; readonly database: string }
  /** SET: is set again before each of the statements behind it in the file. */
  | { readonly kind: 'set' };

/** A statement that is not run, and why. */
export class RefusedStatement extends Error {}

const OURS = 'blue_green_pipeline';
const SERVERS_OWN = ['mysql', 'sys', 'information_schema', 'performance_schema'];

const TRANSACTIONS = 'each statement of a file is a transaction of its own, together with its entry in the ledger, so that none is ever run twice. Leave it out; what has to happen at once belongs '
  + 'into one statement, or into a procedure that a file creates and calls';
const REPLICATION = 'it changes replication or the binlog, which the pipeline and RDS look after while Green follows Blue';
const ACCOUNTS = 'accounts and grants are replicated from Blue; change them there, before or after';
const SERVER = 'it changes the server, not the schema, and Green must stay as its parameter group says';
const LOCKS = 'a lock would end with the statement\'s session, and replication would wait for it';
const FILES = 'it reads or writes files of the server, of which Aurora has none; INSERT what small tables need';
const SESSION_BOUND = 'what it makes ends with its session, and every statement may have another one';
const INCOMPLETE = 'no statement begins so; a program with ; in its body (PROCEDURE, FUNCTION, TRIGGER, EVENT) needs a DELIMITER around it';
const CLIENT = 'it is a command of the mysql client; name the files so that their order is right';

/** First words of what is never run, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  ...same(['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'RELEASE', 'XA', 'START TRANSACTION', 'SET TRANSACTION', 'SET SESSION TRANSACTION', 'SET LOCAL TRANSACTION'], TRANSACTIONS),
  ...same(['START', 'STOP', 'CHANGE', 'RESET', 'PURGE', 'BINLOG'], REPLICATION),
  ...same(['GRANT', 'REVOKE', 'SET PASSWORD', 'SET ROLE', 'SET DEFAULT ROLE', 'RENAME USER'], ACCOUNTS),
  ...same(['CREATE', 'ALTER', 'DROP'].flatMap((verb) => [`${verb} USER`, `${verb} ROLE`]), ACCOUNTS),
  ...same(['KILL', 'SHUTDOWN', 'RESTART', 'INSTALL', 'UNINSTALL', 'CLONE', 'FLUSH', 'CACHE', 'ALTER INSTANCE', 'SET GLOBAL', 'SET PERSIST', 'SET PERSIST_ONLY', 'SET RESOURCE'], SERVER),
  ...same(['CREATE', 'ALTER', 'DROP'].flatMap((verb) => ['SERVER', 'TABLESPACE', 'UNDO', 'LOGFILE', 'RESOURCE'].map((what) => `${verb} ${what}`)), SERVER),
  ...same(['LOCK', 'UNLOCK'], LOCKS),
  ...same(['LOAD', 'IMPORT'], FILES),
  ...same(['PREPARE', 'EXECUTE', 'DEALLOCATE', 'HANDLER', 'DROP PREPARE', 'CREATE TEMPORARY', 'DROP TEMPORARY', 'GET', 'SIGNAL', 'RESIGNAL'], SESSION_BOUND),
  ...same(['END', 'DECLARE', 'IF', 'ELSE', 'ELSEIF', 'WHILE', 'LOOP', 'REPEAT', 'UNTIL', 'CASE', 'LEAVE', 'ITERATE', 'RETURN', 'OPEN', 'FETCH', 'CLOSE'], INCOMPLETE),
  ...same(['SOURCE', '\\', 'TEE', 'NOTEE', 'PAGER', 'NOPAGER', 'SYSTEM', 'WARNINGS', 'NOWARNING'], CLIENT),
};

/** Settings of a session that a file must not change. */
const REFUSED_VARIABLES: Readonly<Record<string, string>> = {
  ...same(['AUTOCOMMIT', 'COMPLETION_TYPE', 'TRANSACTION_ISOLATION', 'TRANSACTION_READ_ONLY', 'TX_ISOLATION', 'TX_READ_ONLY'], TRANSACTIONS),
  ...same(['SQL_LOG_BIN', 'GTID_NEXT', 'BINLOG_FORMAT', 'BINLOG_ROW_IMAGE', 'SESSION_TRACK_GTIDS', 'PSEUDO_SLAVE_MODE', 'PSEUDO_REPLICA_MODE', 'PSEUDO_THREAD_ID', 'SERVER_ID'], REPLICATION),
  ...same(['GLOBAL', 'PERSIST', 'PERSIST_ONLY'], SERVER),
};
const SCOPES = ['GLOBAL', 'PERSIST', 'PERSIST_ONLY'];
const CHARACTER_SETS = ['NAMES', 'CHARACTER', 'CHARSET', 'CHARACTER_SET_CLIENT', 'CHARACTER_SET_CONNECTION', 'CHARACTER_SET_RESULTS'];

/** Partition maintenance that answers with rows, as the statements of these names do. */
const ANSWERING = ['ANALYZE', 'CHECK', 'OPTIMIZE', 'REPAIR'];
const PROGRAMS = ['VIEW', 'PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'DATABASE', 'SCHEMA'];
const INDEXES = ['INDEX', 'UNIQUE', 'FULLTEXT', 'SPATIAL'];
const MODIFIERS = ['LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE', 'INTO', 'FROM'];

/**
 * Judges a statement by its words: who runs it, what it leaves behind, which table or program it names.
 *
 * @throws RefusedStatement
 */
export function meaningOf(sql: string): Meaning {
  const tokens = tokensOf(sql);
  const words = tokens.map(({ kind, value }) => (kind === 'word' || kind === 'symbol' ? value : ''));
  refuse(tokens, words);
  const [first = ''] = words;
  switch (first) {
    case 'USE': {
      const database = tokens[1]?.kind === 'word' ? tokens[1].written : tokens[1]?.value ?? '';
      if (isReserved(database)) throw new RefusedStatement(belongsToOthers(database));
      return { kind: 'use', database };
    }
    case 'SET':
      return { kind: 'set' };
    case 'ALTER': case 'CREATE': case 'DROP': case 'RENAME': case 'TRUNCATE':
      return definition(tokens, words);
    case 'INSERT': case 'REPLACE': case 'UPDATE': case 'DELETE':
      refuseSystem(nameAt(tokens, words.findIndex((word, index) => index > 0 && !MODIFIERS.includes(word))));
      return { kind: 'statement', runner: 'worker', effect: 'data', objects: [] };
    case 'WITH':
      return { kind: 'statement', runner: ['UPDATE', 'DELETE'].includes(verbBehindWith(words)) ? 'worker' : 'task', effect: 'data', objects: [] };
    case 'SELECT': case 'VALUES': case 'TABLE': case '(': case 'DO':
      return { kind: 'statement', runner: 'task', effect: 'data', objects: [] };
    case 'SHOW': case 'DESCRIBE': case 'DESC': case 'EXPLAIN': case 'HELP': case 'ANALYZE': case 'CHECK': case 'CHECKSUM': case 'OPTIMIZE': case 'REPAIR':
      return { kind: 'statement', runner: 'task', effect: 'none', objects: [] };
    default:
      if (first === 'CALL') refuseSystem(nameAt(tokens, 1));
      return { kind: 'statement', runner: 'task', effect: 'anything', objects: [] };
  }
}

function definition(tokens: readonly Token[], words: readonly string[]): Meaning {
  const [verb = '', second = ''] = words;
  if (second === 'TABLE' || second === 'TABLES' || verb === 'TRUNCATE') return tableDefinition(tokens, words);
  if (INDEXES.includes(second)) return { kind: 'statement', runner: 'worker', effect: 'definition', objects: [tableAt(tokens, words.indexOf('ON') + 1)] };
  const at = words.findIndex((word) => PROGRAMS.includes(word));
  if (at < 0) return { kind: 'statement', runner: 'task', effect: 'anything', objects: [] };
  if (words.includes('SONAME')) throw new RefusedStatement(SERVER);
  const kind = (words[at] === 'SCHEMA' ? 'DATABASE' : words[at] ?? '').toLowerCase() as 'view' | 'procedure' | 'function' | 'trigger' | 'event' | 'database';
  const named = nameAt(tokens, afterExists(words, at + 1));
  if (kind !== 'database') return { kind: 'statement', runner: 'task', effect: 'definition', objects: [{ kind, ...refuseSystem(named) }] };
  if (isReserved(named.name)) throw new RefusedStatement(belongsToOthers(named.name));
  // ALTER DATABASE without a name is about the default database.
  const isNamed = tokens[at + 1]?.kind === 'name' || !['CHARACTER', 'CHARSET', 'COLLATE', 'DEFAULT', 'ENCRYPTION', 'READ', ''].includes(words[at + 1] ?? '');
  return { kind: 'statement', runner: 'task', effect: 'definition', objects: [isNamed ? { kind, schema: named.name, name: named.name } : { kind, schema: null, name: '' }] };
}

function tableDefinition(tokens: readonly Token[], words: readonly string[]): Meaning {
  const [verb = '', second = ''] = words;
  const objects = [tableAt(tokens, afterExists(words, second.startsWith('TABLE') ? 2 : 1))];
  // both name several, and what is renamed and dropped on Green is meant to differ from Blue.
  if (verb === 'DROP' || verb === 'RENAME') words.forEach((word, index) => { if (word === ',') objects.push(tableAt(tokens, index + 1)); });
  if (words.some((word, index) => ANSWERING.includes(word) && words[index + 1] === 'PARTITION')) return { kind: 'statement', runner: 'task', effect: 'none', objects: [] };
  if (words.some((word, index) => ['IMPORT', 'DISCARD'].includes(word) && words.slice(index + 1).includes('TABLESPACE'))) throw new RefusedStatement(FILES);
  // exchanged twice, it would be as before.
  return { kind: 'statement', runner: 'worker', effect: words.includes('EXCHANGE') ? 'anything' : 'definition', objects };
}

function tableAt(tokens: readonly Token[], index: number): SqlObject {
  return { kind: 'table', ...refuseSystem(nameAt(tokens, index)) };
}

function refuse(tokens: readonly Token[], words: readonly string[]): void {
  for (const length of [3, 2, 1]) {
    const reason = REFUSED[words.slice(0, length).join(' ')];
    if (reason !== undefined) throw new RefusedStatement(reason);
  }
  if (words[0] === 'SET') refuseSettings(tokens);
  if (words[0] === 'CREATE' && words.includes('REFERENCE') && words.indexOf('REFERENCE') <= 4 && words.includes('SPATIAL')) throw new RefusedStatement(SERVER);
  // the body of a program is not run by its creation.
  const isProgram = words[0] === 'CREATE' && words.some((word) => ['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT'].includes(word));
  const into = words.findIndex((word, index) => word === 'INTO' && ['OUTFILE', 'DUMPFILE', '@'].includes(words[index + 1] ?? ''));
  if (into >= 0 && !isProgram) throw new RefusedStatement(words[into + 1] === '@' ? `${SESSION_BOUND}. Use SET @name = (SELECT …), which is evaluated again before each statement behind it` : FILES);
  tokens.forEach((token, index) => {
    if (tokens[index + 1]?.value !== '.' || token.kind === 'text') return;
    if (token.value.toLowerCase() === OURS || (token.value.toLowerCase() === 'mysql' && !isProgram)) throw new RefusedStatement(belongsToOthers(token.value.toLowerCase()));
  });
}

/** A file may set what holds for its session, and its own variables. */
function refuseSettings(tokens: readonly Token[]): void {
  for (const assignment of assignmentsOf(tokens.slice(1))) {
    const words = assignment.map(({ value }) => value.toUpperCase());
    if (words[0] === '@' && words[1] !== '@') continue;
    const start = words[0] === '@' ? (words[3] === '.' ? 4 : 2) : ['SESSION', 'LOCAL'].includes(words[0] ?? '') ? 1 : 0;
    const reason = REFUSED_VARIABLES[words[start] ?? ''] ?? REFUSED_VARIABLES[words.slice(0, start).find((word) => SCOPES.includes(word)) ?? ''];
    if (reason !== undefined) throw new RefusedStatement(reason);
    const value = assignment.slice(start + 1).filter(({ value: word }) => !['=', ':', 'SET'].includes(word));
    if (CHARACTER_SETS.includes(words[start] ?? '') && !/^(?:utf8|default$|@)/i.test(value[0]?.value ?? '')) throw new RefusedStatement('files are UTF-8 and are sent as such; leave it out');
    if (words[start] === 'SQL_MODE' && value.some((token) => /NO_BACKSLASH_ESCAPES/i.test(token.value))) {
      throw new RefusedStatement('files are read with backslashes as escapes; write texts so that they do not need NO_BACKSLASH_ESCAPES');
    }
  }
}

/** What commas separate, outside of parentheses. */
function assignmentsOf(tokens: readonly Token[]): Token[][] {
  const found: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'symbol' && token.value === '(') depth += 1;
    if (token.kind === 'symbol' && token.value === ')') depth -= 1;
    if (token.kind === 'symbol' && token.value === ',' && depth === 0) found.push([]);
    else found.at(-1)?.push(token);
  }
  return found;
}

/** The index behind IF EXISTS and IF NOT EXISTS. */
function afterExists(words: readonly string[], start: number): number {
  if (words[start] !== 'IF') return start;
  return words[start + 1] === 'NOT' ? start + 3 : start + 2;
}

/** `schema.name` or `name` at a token. */
function nameAt(tokens: readonly Token[], index: number): { readonly schema: string | null; readonly name: string } {
  const text = (token: Token | undefined) => (token?.kind === 'word' ? token.written : token?.value ?? '');
  const [first, dot, second] = tokens.slice(index, index + 3);
  return dot?.value === '.' ? { schema: text(first), name: text(second) } : { schema: null, name: text(first) };
}

function refuseSystem<Name extends { readonly schema: string | null }>(name: Name): Name {
  if (name.schema !== null && isReserved(name.schema)) throw new RefusedStatement(belongsToOthers(name.schema));
  return name;
}

function belongsToOthers(schema: string): string {
  return `'${schema}' belongs to the server or to the pipeline`;
}

function isReserved(schema: string): boolean {
  return [...SERVERS_OWN, OURS].includes(schema.toLowerCase());
}

/** The statement behind the common table expressions: the first verb outside of parentheses. */
function verbBehindWith(words: readonly string[]): string {
  let depth = 0;
  for (const word of words) {
    if (word === '(') depth += 1;
    else if (word === ')') depth -= 1;
    else if (depth === 0 && ['SELECT', 'UPDATE', 'DELETE', 'TABLE', 'VALUES'].includes(word)) return word;
  }
  return '';
}

function same(keys: readonly string[], reason: string): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, reason]));
}
