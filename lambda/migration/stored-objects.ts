import { marks, type StoredObject } from '../mysql/inventory';
import { quoteName, quoteTable } from '../mysql/names';
import { type Row, type Session } from '../mysql/session';
import { type NewStep, type ScriptLine } from './ledger';

/**
 * Routines, triggers and events keep the collation their database had when they were created: after the conversion '𠮷' through an old
 * procedure would still fail (1366). They are created again, with body, definer, SQL mode and grants as they were.
 *
 * Every script may be run again from its start: it drops what it creates. The statements are in the ledger before anything is dropped, so a
 * crash in between loses nothing.
 */
export async function recreationSteps(session: Session, objects: readonly StoredObject[]): Promise<Omit<NewStep, 'unit' | 'unitBytes'>[]> {
  const steps: Omit<NewStep, 'unit' | 'unitBytes'>[] = [];
  for (const object of objects.filter(({ kind }) => kind === 'PROCEDURE' || kind === 'FUNCTION')) {
    const { statement, environment } = await definitionOf(session, object);
    const name = quoteTable(object.schema, object.name);
    steps.push({
      kind: 'ROUTINE', schema: object.schema, object: object.name, bytes: 0, statement,
      script: [
        { sql: `USE ${quoteName(object.schema)}` },
        { sql: `DROP ${object.kind} IF EXISTS ${name}` },
        { sql: statement, session: environment },
        ...await grantsOn(session, object),
      ],
    });
  }
  for (const object of objects.filter(({ kind }) => kind === 'EVENT')) {
    const { statement, environment } = await definitionOf(session, object);
    steps.push({
      kind: 'EVENT', schema: object.schema, object: object.name, bytes: 0, statement,
      script: [
        { sql: `USE ${quoteName(object.schema)}` },
        { sql: `DROP EVENT IF EXISTS ${quoteTable(object.schema, object.name)}` },
        { sql: statement, session: environment },
      ],
    });
  }
  const tables = new Map(objects.filter(({ kind }) => kind === 'TRIGGER').map(({ schema, table }) => [`${schema}\0${table}`, { schema, table: table ?? '' }]));
  for (const { schema, table } of tables.values()) steps.push(await triggersOf(session, schema, table));
  return steps;
}

/**
 * All triggers of a table at once: their order is part of their meaning, and under the table's lock no replicated statement can find them missing.
 */
async function triggersOf(session: Session, schema: string, table: string): Promise<Omit<NewStep, 'unit' | 'unitBytes'>> {
  const names = await session.rows<{ name: string }>(
    `SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ? AND EVENT_OBJECT_TABLE = ? ORDER BY ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
    [schema, table],
  );
  const script: ScriptLine[] = [{ sql: `USE ${quoteName(schema)}` }, { sql: `LOCK TABLES ${quoteTable(schema, table)} WRITE` }];
  const statements: string[] = [];
  for (const { name } of names) script.push({ sql: `DROP TRIGGER IF EXISTS ${quoteTable(schema, name)}` });
  for (const { name } of names) {
    const { statement, environment } = await definitionOf(session, { kind: 'TRIGGER', schema, name });
    statements.push(statement);
    script.push({ sql: statement, session: environment });
  }
  script.push({ sql: 'UNLOCK TABLES' });
  return { kind: 'TRIGGERS', schema, object: table, bytes: 0, statement: statements.join(';\n'), script };
}

/** The statement that creates an object, and the session it has to be created in. */
async function definitionOf(session: Session, { kind, schema, name }: Pick<StoredObject, 'kind' | 'schema' | 'name'>): Promise<{ statement: string; environment: Record<string, string> }> {
  const row: Row | undefined = await session.row(`SHOW CREATE ${kind} ${quoteTable(schema, name)}`);
  const statement = row?.[kind === 'TRIGGER' ? 'SQL Original Statement' : `Create ${kind.charAt(0)}${kind.slice(1).toLowerCase()}`];
  if (row === undefined || typeof statement !== 'string') {
    throw new Error(`our user may not see the definition of ${kind.toLowerCase()} ${schema}.${name}: grant it SHOW_ROUTINE (or SELECT on *.*), TRIGGER and EVENT`);
  }
  const environment: Record<string, string> = {
    sql_mode: String(row.sql_mode),
    character_set_client: String(row.character_set_client),
    collation_connection: String(row.collation_connection),
  };
  if (typeof row.time_zone === 'string') environment.time_zone = row.time_zone;
  return { statement, environment };
}

/** DROP takes the grants on a routine with it. */
async function grantsOn(session: Session, { kind, schema, name }: StoredObject): Promise<ScriptLine[]> {
  const grants = await session.rows<{ user: string; host: string; privileges: string }>(
    `SELECT User AS user, Host AS host, Proc_priv AS privileges FROM mysql.procs_priv WHERE Db = ? AND Routine_name = ? AND Routine_type IN (${marks([kind])})`,
    [schema, name, kind],
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
