import { createHash } from 'node:crypto';
import { type CharacterSetConversion, ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { foreignKeysOf, marks, schemaCollations, storedObjectsOf, type Table, tablesOf, type TextColumn, textColumnsOf } from '../mysql/inventory';
import { quoteName, quoteTable } from '../mysql/names';
import { type Session } from '../mysql/session';
import { messageOf, PipelineError } from '../shared/errors';
import { characterSetOf, type ConvertibleTable, conversionStatement, defaultCollation, needsConversion } from './conversion';
import { type NewStep } from './ledger';
import { recreationSteps } from './stored-objects';
import { unitsOf } from './units';
import { FINGERPRINT } from './worker-procedure';

/** What has to be done, made from the facts of this moment. */
export interface MigrationPlan {
  readonly steps: readonly NewStep[];
  /** Tables that are already as they should be. */
  readonly skippedTables: number;
}

/**
 * The fingerprint that tells whether a deployment and a ledger belong to what the construct wants now.
 */
export function planHash({ migration, targetEngineVersion }: PipelineSettings): string {
  const canonical = migration.kind === 'none'
    ? { kind: migration.kind }
    : { kind: migration.kind, databases: [...migration.databases].sort(), collations: Object.entries(migration.collations).sort() };
  return createHash('sha256').update(JSON.stringify({ migration: canonical, targetEngineVersion: targetEngineVersion ?? null })).digest('hex').slice(0, 32);
}

/** The steps that are still to be done on this server. */
export async function makePlan(session: Session, settings: PipelineSettings): Promise<MigrationPlan> {
  return settings.migration.kind === 'none' ? { steps: [], skippedTables: 0 } : planConversion(session, settings.migration);
}

/** Everything a conversion has to look at, in a constant number of queries. */
async function planConversion(session: Session, { databases, collations }: CharacterSetConversion): Promise<MigrationPlan> {
  const [tables, columns] = [await tablesOf(session, databases), await textColumnsOf(session, databases)];
  const columnsByTable = new Map<string, TextColumn[]>(tables.map(({ schema, name }) => [`${schema}\0${name}`, []]));
  for (const column of columns) columnsByTable.get(`${column.schema}\0${column.table}`)?.push(column);
  const convertible = tables.map((table) => ({ ...table, columns: columnsByTable.get(`${table.schema}\0${table.name}`) ?? [] }));
  const wanted = convertible.filter(needsConversion);
  const steps = await tableSteps(session, wanted, { databases, collations });
  for (const [database, collation] of await schemaCollations(session, databases)) {
    if (characterSetOf(collation) === 'utf8mb4') continue;
    const statement = `ALTER DATABASE ${quoteName(database)} CHARACTER SET utf8mb4 COLLATE ${defaultCollation(collation, collations)}`;
    steps.push({ kind: 'DATABASE', schema: database, object: database, bytes: 0, statement, script: [{ sql: statement }] });
  }
  const objects = (await storedObjectsOf(session, databases)).filter(({ databaseCollation }) => characterSetOf(databaseCollation) !== 'utf8mb4');
  steps.push(...await refusedIfHidden(() => recreationSteps(session, objects, collations)));
  return { steps: await inUnits(session, databases, steps), skippedTables: tables.length - wanted.length };
}

async function tableSteps(
  session: Session, tables: readonly (Table & ConvertibleTable)[], { databases, collations }: Pick<CharacterSetConversion, 'databases' | 'collations'>,
): Promise<Omit<NewStep, 'unit' | 'unitBytes'>[]> {
  // before the statements are made: whatever is changed in between shows as a difference.
  const fingerprints = await fingerprintsOf(session, databases);
  const steps: Omit<NewStep, 'unit' | 'unitBytes'>[] = [];
  for (const table of tables) {
    const printed = (await session.row<{ 'Create Table': string }>(`SHOW CREATE TABLE ${quoteTable(table.schema, table.name)}`))?.['Create Table'] ?? '';
    const statement = `/* blue_green_pipeline */ ${conversionStatement(table, printed, collations)}`;
    steps.push({ kind: 'TABLE', schema: table.schema, object: table.name, bytes: table.bytes, fingerprint: fingerprints.get(`${table.schema}\0${table.name}`) ?? 0, statement });
  }
  return steps;
}

async function fingerprintsOf(session: Session, databases: readonly string[]): Promise<Map<string, number>> {
  const rows = await session.rows<{ schema: string; name: string; fingerprint: string | number }>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name, ${FINGERPRINT} AS fingerprint FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (${marks(databases)}) GROUP BY TABLE_SCHEMA, TABLE_NAME`,
    databases,
  );
  return new Map(rows.map(({ schema, name, fingerprint }) => [`${schema}\0${name}`, Number(fingerprint)]));
}

/** Puts the steps into units: tables by their foreign keys, everything else each by itself behind them. */
async function inUnits(session: Session, databases: readonly string[], steps: readonly Omit<NewStep, 'unit' | 'unitBytes'>[]): Promise<NewStep[]> {
  const tables = steps.filter(({ kind }) => kind === 'TABLE');
  const foreignKeys = await foreignKeysOf(session, databases);
  const units = unitsOf(tables.map(({ schema, object }) => ({ schema, name: object })), foreignKeys);
  const cascaded = new Set(foreignKeys.filter(({ cascades }) => cascades).map(({ schema, table }) => `${schema}\0${table}`));
  const bytes = new Map<number, number>();
  tables.forEach((step, index) => bytes.set(units[index] ?? 0, (bytes.get(units[index] ?? 0) ?? 0) + step.bytes));
  const others = steps.filter(({ kind }) => kind !== 'TABLE');
  return [
    ...tables.map((step, index) => ({
      ...step, unit: units[index] ?? 0, unitBytes: bytes.get(units[index] ?? 0) ?? 0, needsPause: cascaded.has(`${step.schema}\0${step.object}`),
    })),
    ...others.map((step, index) => ({ ...step, unit: -1 - index, unitBytes: 0 })),
  ];
}

async function refusedIfHidden<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (thrown) {
    if (thrown instanceof PipelineError) throw thrown;
    throw new PipelineError(ErrorName.PLAN_REFUSED, `routines, triggers and events have to be created again with the new collation, and one cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** Whether a table is as the conversion wants it; the test by which a step is DONE, whoever did it. */
export async function isConverted(session: Session, schema: string, name: string): Promise<boolean> {
  const table = (await tablesOf(session, [schema])).find((candidate) => candidate.name === name);
  if (table === undefined) return true;
  const columns: TextColumn[] = (await textColumnsOf(session, [schema])).filter((column) => column.table === name);
  return !needsConversion({ ...table, columns });
}
