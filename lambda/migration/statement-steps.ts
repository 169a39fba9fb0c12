import { type SqlFiles, type SqlObject } from '../../lib/private/contract';
import { foreignKeysOf, tablesOf } from '../mysql/inventory';
import { quoteName, tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { type ScriptLine } from './ledger';
import { type FileStatement } from './sql-files';
import { LEDGER_SCHEMA } from './worker-procedure';

/** Rows of one INSERT into the ledger. */
const BATCH = 100;

/** What a statement names, with its schema. */
export type ObjectInFull = SqlObject & { readonly schema: string };

/** A statement of a file as it stands in the ledger. */
export interface StatementStep {
  readonly id: number;
  /** Its place in the order of all, from 1. */
  readonly unit: number;
  /** `file:line`. */
  readonly origin: string;
  readonly statement: string;
  /** What is run before it in its session: USE, and the SET statements of its file. */
  readonly session: readonly ScriptLine[];
  readonly runner: 'WORKER' | 'TASK';
  readonly effect: FileStatement['effect'];
  /** By what it is judged: the first it names, in full; undefined where it names nothing. */
  readonly object: ObjectInFull | undefined;
  readonly needsPause: boolean;
  readonly trace: string | null;
  readonly state: 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'UNKNOWN';
  readonly worker: number | null;
  readonly attempts: number;
}

/**
 * Writes the statements that are not in the ledger yet: all of them, or what an interrupted writing has left. Done ones stay done and unknown ones unknown;
 * what has failed may be run again. The caller holds the claim lock, and knows that the ledger belongs to these files.
 */
export async function writeStatements(green: Session, migration: SqlFiles, statements: readonly FileStatement[]): Promise<void> {
  await green.run(`UPDATE ${LEDGER_SCHEMA}.plan SET ready = 0 WHERE id = 1`);
  await green.run(
    `UPDATE ${LEDGER_SCHEMA}.step SET state = 'PENDING', attempts = 0, finished_at = NULL, errno = NULL, sql_state = NULL, message = NULL WHERE kind = 'STATEMENT' AND state = 'FAILED'`,
  );
  const written = Number((await green.row<{ steps: number }>(`SELECT COUNT(*) AS steps FROM ${LEDGER_SCHEMA}.step WHERE kind = 'STATEMENT'`))?.steps ?? 0);
  const facts = await factsOf(green, statements);
  for (let start = written; start < statements.length; start += BATCH) {
    const batch = statements.slice(start, start + BATCH);
    await green.run(
      `INSERT INTO ${LEDGER_SCHEMA}.step (kind, unit, unit_bytes, origin, effect, objects, schema_name, object_name, bytes, needs_pause, runner, statement, script, indexes)
       VALUES ${batch.map(() => '(?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
      batch.flatMap((statement, index) => {
        const objects = inFull(statement);
        const key = objects[0]?.kind === 'table' ? tableKey(objects[0].schema, objects[0].name) : '';
        const needsPause = migration.applier === 'paused' || (statement.effect === 'definition' && facts.cascaded.has(key));
        return [
          'STATEMENT', start + index + 1, `${statement.file}:${statement.line}`, statement.effect, JSON.stringify(objects), objects[0]?.schema ?? statement.database, objects[0]?.name ?? '',
          facts.bytes.get(key) ?? 0, needsPause ? 1 : 0, statement.runner === 'worker' ? 'WORKER' : 'TASK', statement.sql, JSON.stringify(sessionOf(statement)), '[]',
        ];
      }),
    );
  }
  await green.run(`UPDATE ${LEDGER_SCHEMA}.plan SET ready = 1 WHERE id = 1`);
}

/**
 * The statements that can be proved: those that have not been run. None while one runs, or may have been run: those behind it need what it makes, and
 * were proved before it began.
 */
export async function openStatements(green: Session, statements: readonly FileStatement[]): Promise<FileStatement[]> {
  const begun = await green.rows<{ unit: number; state: StatementStep['state'] }>(
    `SELECT unit, state FROM ${LEDGER_SCHEMA}.step WHERE kind = 'STATEMENT' AND state IN ('DONE', 'RUNNING', 'UNKNOWN')`,
  );
  if (begun.some(({ state }) => state !== 'DONE')) return [];
  const done = new Set(begun.map(({ unit }) => unit));
  return statements.filter((_, index) => !done.has(index + 1));
}

/** The tables whose definition the files change, by their keys: these may differ from Blue's. */
export async function tablesChangedByFiles(green: Session): Promise<Set<string>> {
  if (await green.row(`SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'step'`, [LEDGER_SCHEMA]) === undefined) return new Set();
  const rows = await green.rows<{ objects: string }>(`SELECT DISTINCT objects FROM ${LEDGER_SCHEMA}.step WHERE kind = 'STATEMENT'`);
  const objects = rows.flatMap((row) => JSON.parse(row.objects) as ObjectInFull[]);
  return new Set(objects.filter(({ kind }) => kind === 'table').map(({ schema, name }) => tableKey(schema, name)));
}

/** Columns of a table that files take away, or give another name. */
export interface LeftOut {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

/** Writes down what the proof has shown to be gone when the files have been run; what an earlier one has shown stays, because some of it is done. */
export async function writeLeftOut(green: Session, tables: readonly LeftOut[]): Promise<void> {
  for (const { schema, name, columns } of tables) {
    for (const column of columns) await green.run(`INSERT IGNORE INTO ${LEDGER_SCHEMA}.left_out (schema_name, table_name, column_name) VALUES (?, ?, ?)`, [schema, name, column]);
  }
}

/** The columns that files take away on Green, by the keys of their tables: everything else that Green lacks is lost. */
export async function columnsLeftOutByFiles(green: Session): Promise<Map<string, Set<string>>> {
  const rows = await green.rows<{ schema: string; name: string; column: string }>(
    `SELECT schema_name AS \`schema\`, table_name AS name, column_name AS \`column\` FROM ${LEDGER_SCHEMA}.left_out`,
  );
  const found = new Map<string, Set<string>>();
  for (const { schema, name, column } of rows) found.set(tableKey(schema, name), (found.get(tableKey(schema, name)) ?? new Set()).add(column));
  return found;
}

/** The first statement that is not done: everything before it is. */
export async function nextStatement(session: Session): Promise<StatementStep | undefined> {
  return (await statementsFrom(session, `unit = (SELECT MIN(unit) FROM ${LEDGER_SCHEMA}.step WHERE kind = 'STATEMENT' AND state <> 'DONE')`))[0];
}

/** Statements under way. */
export function runningStatements(session: Session): Promise<StatementStep[]> {
  return statementsFrom(session, `state = 'RUNNING'`);
}

/** The statements from one on, in their order. */
export function statementsBehind(session: Session, { unit }: StatementStep, most: number): Promise<StatementStep[]> {
  return statementsFrom(session, `unit BETWEEN ${unit} AND ${unit + most - 1}`);
}

/** Writes down what is about to be run by the task, and how what it changes looks before. */
export async function begin(session: Session, { id }: StatementStep, trace: string | null): Promise<void> {
  await session.run(
    `UPDATE ${LEDGER_SCHEMA}.step SET state = 'RUNNING', worker = NULL, attempts = attempts + 1, trace = ?, started_at = UTC_TIMESTAMP(6), finished_at = NULL, errno = NULL, sql_state = NULL, message = NULL
      WHERE id = ? AND state = 'PENDING'`,
    [trace, id],
  );
}

/** Records what became of a statement whose runner is gone, unless somebody else was faster. */
export async function settle(session: Session, { id, attempts }: StatementStep, state: 'DONE' | 'PENDING' | 'UNKNOWN', message: string | null = null): Promise<void> {
  await session.run(
    `UPDATE ${LEDGER_SCHEMA}.step SET state = ?, finished_at = IF(? = 'PENDING', NULL, UTC_TIMESTAMP(6)), message = ? WHERE id = ? AND state = 'RUNNING' AND attempts = ?`,
    [state, state, message, id, attempts],
  );
}

async function statementsFrom(session: Session, condition: string): Promise<StatementStep[]> {
  const rows = await session.rows<Omit<StatementStep, 'session' | 'object' | 'needsPause'> & { script: string; objects: string; needsPause: number }>(
    `SELECT id, unit, origin, statement, script, runner, effect, objects, needs_pause AS needsPause, trace, state, worker, attempts FROM ${LEDGER_SCHEMA}.step WHERE kind = 'STATEMENT' AND ${condition} ORDER BY unit`,
  );
  return rows.map(({ script, objects, needsPause, ...row }) => ({
    ...row, session: JSON.parse(script) as ScriptLine[], object: (JSON.parse(objects) as ObjectInFull[])[0], needsPause: Boolean(needsPause),
  }));
}

/** What a statement names, with its schema; a database without a name is the default one. */
function inFull({ objects, database }: FileStatement): ObjectInFull[] {
  return objects.map(({ kind, schema, name }) => (kind === 'database' ? { kind, schema: name || database, name: name || database } : { kind, schema: schema ?? database, name }));
}

function sessionOf({ database, session }: FileStatement): ScriptLine[] {
  return [{ sql: `USE ${quoteName(database)}` }, ...session.map((sql) => ({ sql }))];
}

/** How large the named tables are, and which are children of cascading foreign keys: row events change those without a metadata lock. */
async function factsOf(green: Session, statements: readonly FileStatement[]): Promise<{ bytes: Map<string, number>; cascaded: Set<string> }> {
  const schemas = [...new Set(statements.flatMap((statement) => inFull(statement).map(({ schema }) => schema)))];
  const bytes = new Map((await tablesOf(green, schemas)).map((table) => [tableKey(table.schema, table.name), table.bytes]));
  const cascading = (await foreignKeysOf(green, schemas)).filter(({ cascades }) => cascades);
  return { bytes, cascaded: new Set(cascading.map(({ schema, table }) => tableKey(schema, table))) };
}
