import { marks, type StoredObject } from '../mysql/inventory';
import { quoteName, quoteTable, tableKey } from '../mysql/names';
import { type Row, type Session } from '../mysql/session';
import { property } from '../shared/errors';
import { convertsSafely, targetCollation } from './collations';
import { characterSetOf } from './conversion';
import { type LooseStep, type ScriptLine, type Step } from './ledger';

/** Collations that do not follow the rule "same family". */
type Collations = Readonly<Record<string, string>>;

/** There is no such routine, trigger, event. */
const MISSING = [1305, 1360, 1539];

/** The definer and the body of what SHOW CREATE EVENT prints: the first DO outside of quotes. Without ANSI_QUOTES, names stand in backticks. */
const PRINTED_EVENT = /^CREATE (DEFINER=`(?:[^`]|``)*`@`(?:[^`]|``)*`) EVENT `(?:[^`]|``)+`(?:'(?:[^'\\]|\\.|'')*'|[^'])*? DO (.*)$/s;

/**
 * Routines, triggers and events keep the collation their database had when they were created: after the conversion '𠮷' through an old
 * procedure would still fail (1366), and '?' would be stored by a statement it prepares. They are created again, events are
 * altered, with body, definer, SQL mode and grants as they were.
 *
 * Every script may be run again from its start: it drops what it creates. The statements are in the ledger before anything is dropped, so a
 * crash in between loses nothing.
 */
export async function recreationSteps(session: Session, objects: readonly StoredObject[], chosen: Collations): Promise<LooseStep[]> {
  const steps: LooseStep[] = [];
  for (const { kind, schema, name } of objects) {
    if (kind === 'PROCEDURE' || kind === 'FUNCTION') steps.push(await routine(session, kind, schema, name, chosen));
    if (kind === 'EVENT') steps.push(await event(session, schema, name, chosen));
  }
  const tables = new Map(objects.filter(({ kind }) => kind === 'TRIGGER').map(({ schema, table }) => [tableKey(schema, table ?? ''), { schema, table: table ?? '' }]));
  for (const { schema, table } of tables.values()) steps.push(await triggersOf(session, schema, table, chosen));
  return steps;
}

/**
 * The script of a step for the objects as they are at this moment: days may lie between plan and step, and what was changed on Blue meanwhile
 * must not come back. An object that is missing was dropped on Blue, or by a run of this script that did not reach its end; then the ledger
 * holds the only definition.
 */
export async function presentScript(session: Session, step: Step, chosen: Collations): Promise<readonly ScriptLine[]> {
  if (step.kind === 'DATABASE' || step.kind === 'HISTOGRAMS') return step.script;
  const present = (await presentStep(session, step, chosen))?.script ?? [];
  if (step.state === 'PENDING') return present;
  const has = (sql: string) => present.some((line) => line.sql === sql);
  if (step.script.some(({ sql }) => sql.startsWith('DROP ') && !has(sql))) return step.script;
  return [...present, ...step.script.filter(({ sql }) => sql.startsWith('GRANT ') && !has(sql))];
}

async function presentStep(session: Session, { kind, schema, object }: Step, chosen: Collations): Promise<LooseStep | undefined> {
  try {
    if (kind === 'PROCEDURE' || kind === 'FUNCTION') return await routine(session, kind, schema, object, chosen);
    return kind === 'EVENT' ? await event(session, schema, object, chosen) : await triggersOf(session, schema, object, chosen);
  } catch (thrown) {
    if (MISSING.includes(Number(property(thrown, 'errno')))) return undefined;
    throw thrown;
  }
}

async function routine(session: Session, kind: 'PROCEDURE' | 'FUNCTION', schema: string, name: string, chosen: Collations): Promise<LooseStep> {
  const { statement: printed, environment } = await definitionOf(session, kind, schema, name, chosen);
  const statement = kind === 'FUNCTION' ? await returningConverted(session, schema, name, printed, chosen) : printed;
  const script = [
    { sql: `USE ${quoteName(schema)}` },
    { sql: `DROP ${kind} IF EXISTS ${quoteTable(schema, name)}` },
    { sql: statement, session: environment },
    ...await grantsOn(session, kind, schema, name),
  ];
  return { kind, schema, object: name, bytes: 0, statement, script };
}

/** SHOW CREATE FUNCTION prints the character set of what is returned, also where it came from the database: it is converted as a column is. */
async function returningConverted(session: Session, schema: string, name: string, printed: string, chosen: Collations): Promise<string> {
  const returned = await session.row<{ type: string; characterSet: string | null; collation: string }>(
    `SELECT DTD_IDENTIFIER AS type, CHARACTER_SET_NAME AS characterSet, COLLATION_NAME AS collation
       FROM information_schema.ROUTINES WHERE ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_SCHEMA = ? AND ROUTINE_NAME = ?`,
    [schema, name],
  );
  if (returned === undefined || returned.characterSet === null || !convertsSafely(returned.characterSet)) return printed;
  const { type, characterSet, collation } = returned;
  const [before, after] = [`) RETURNS ${type} CHARSET ${characterSet}`, `) RETURNS ${type} CHARSET utf8mb4 COLLATE ${targetCollation(collation, chosen)}`];
  const start = printed.indexOf(before);
  if (start < 0) throw new Error(`what SHOW CREATE FUNCTION prints of ${schema}.${name} was not understood: ${printed}`);
  const rest = printed.slice(start + before.length);
  const present = ` COLLATE ${collation}\n`;
  return `${printed.slice(0, start)}${after}${rest.startsWith(present) ? rest.slice(present.length - 1) : rest}`;
}

/**
 * ALTER EVENT writes the body anew, and the collations with it. DROP and CREATE would lose events: one whose time is over, and which is not
 * preserved, cannot be created any more.
 */
async function event(session: Session, schema: string, name: string, chosen: Collations): Promise<LooseStep> {
  const { statement: printed, environment } = await definitionOf(session, 'EVENT', schema, name, chosen);
  const [, definer, body] = PRINTED_EVENT.exec(printed) ?? [];
  if (definer === undefined || body === undefined) throw new Error(`what SHOW CREATE EVENT prints of ${schema}.${name} was not understood: ${printed}`);
  const statement = `ALTER ${definer} EVENT ${quoteTable(schema, name)} DO ${body}`;
  return { kind: 'EVENT', schema, object: name, bytes: 0, statement, script: [{ sql: `USE ${quoteName(schema)}` }, { sql: statement, session: environment }] };
}

/**
 * All triggers of a table at once: their order is part of their meaning, and under the table's lock no replicated statement can find them missing.
 */
async function triggersOf(session: Session, schema: string, table: string, chosen: Collations): Promise<LooseStep> {
  const names = await session.rows<{ name: string }>(
    'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER',
    [schema, table],
  );
  if (names.length === 0) return { kind: 'TRIGGERS', schema, object: table, bytes: 0, statement: '', script: [] };
  const script: ScriptLine[] = [{ sql: `USE ${quoteName(schema)}` }, { sql: `LOCK TABLES ${quoteTable(schema, table)} WRITE` }];
  const statements: string[] = [];
  for (const { name } of names) script.push({ sql: `DROP TRIGGER IF EXISTS ${quoteTable(schema, name)}` });
  for (const { name } of names) {
    const { statement, environment } = await definitionOf(session, 'TRIGGER', schema, name, chosen);
    statements.push(statement);
    script.push({ sql: statement, session: environment });
  }
  script.push({ sql: 'UNLOCK TABLES' });
  return { kind: 'TRIGGERS', schema, object: table, bytes: 0, statement: statements.join(';\n'), script };
}

/** The statement that creates an object, and the session it has to be created in. */
async function definitionOf(
  session: Session, kind: StoredObject['kind'], schema: string, name: string, chosen: Collations,
): Promise<{ statement: string; environment: Record<string, string> }> {
  const row: Row | undefined = await session.row(`SHOW CREATE ${kind} ${quoteTable(schema, name)}`);
  const statement = row?.[kind === 'TRIGGER' ? 'SQL Original Statement' : `Create ${kind.charAt(0)}${kind.slice(1).toLowerCase()}`];
  if (row === undefined || typeof statement !== 'string') {
    throw new Error(`our user may not see the definition of ${kind.toLowerCase()} ${schema}.${name}: grant it SHOW_ROUTINE (or SELECT on *.*), TRIGGER and EVENT`);
  }
  const connection = String(row.collation_connection);
  const environment: Record<string, string> = {
    sql_mode: String(row.sql_mode),
    // the statement travels in utf8mb4, whatever it was once written in; what a routine prepares is read in this character set too.
    character_set_client: 'utf8mb4',
    collation_connection: convertsSafely(characterSetOf(connection)) ? targetCollation(connection, chosen) : connection,
  };
  if (typeof row.time_zone === 'string') environment.time_zone = row.time_zone;
  return { statement, environment };
}

/** DROP takes the grants on a routine with it. MySQL writes the bytes of a routine's name into mysql.procs_priv as if they were latin1. */
async function grantsOn(session: Session, kind: 'PROCEDURE' | 'FUNCTION', schema: string, name: string): Promise<ScriptLine[]> {
  const grants = await session.rows<{ user: string; host: string; privileges: string }>(
    `SELECT p.User AS user, p.Host AS host, p.Proc_priv AS privileges FROM mysql.procs_priv p JOIN mysql.user u ON u.User = p.User AND u.Host = p.Host
      WHERE p.Db = ? AND (p.Routine_name = ? OR CONVERT(CAST(CONVERT(p.Routine_name USING latin1) AS BINARY) USING utf8mb4) COLLATE utf8mb4_general_ci = ?)
        AND p.Routine_type IN (${marks([kind])})`,
    [schema, name, name, kind],
  );
  return grants.map(({ user, host, privileges }) => {
    const words = privileges.split(',').map((word) => word.trim().toUpperCase());
    const plain = words.filter((word) => word !== 'GRANT');
    const account = `${quoteText(user)}@${quoteText(host)}`;
    return { sql: `GRANT ${plain.length > 0 ? plain.join(', ') : 'USAGE'} ON ${kind} ${quoteTable(schema, name)} TO ${account}${words.includes('GRANT') ? ' WITH GRANT OPTION' : ''}` };
  });
}

function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll(`'`, `''`)}'`;
}
