import { createHash } from 'node:crypto';
import { type CharacterSetConversion, ErrorName, type MigrationSettings, type PipelineSettings } from '../../lib/private/contract';
import { foreignKeysOf, type Histogram, histogramsOf, marks, referencedColumnsOf, schemaCollations, storedObjectsOf, type Table, tablesOf, type TextColumn, textColumnsOf } from '../mysql/inventory';
import { quoteName, quoteTable, tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { messageOf, PipelineError } from '../shared/errors';
import { convertsSafely } from './collations';
import { characterSetOf, type ConvertibleTable, conversionStatement, defaultCollation, needsConversion } from './conversion';
import { buildStatement, copyStatement, deferrableIndexes, type PrintedIndex } from './indexes';
import { isForWorkers, type LooseStep, type NewStep } from './ledger';
import { recreationSteps } from './stored-objects';
import { unitsOf } from './units';
import { FINGERPRINT } from './worker-procedure';

/** Begins each statement of a worker, so that an operator who sees it in the list of processes knows whose it is. */
const MARK = '/* blue_green_pipeline */ ';
/** Sorting an index takes room for its entries about twice. */
const SORT_FACTOR = 2;

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
  return createHash('sha256').update(JSON.stringify({ migration: canonical(migration), targetEngineVersion: targetEngineVersion ?? null })).digest('hex').slice(0, 32);
}

/** What of a migration decides about the result; indexes and the applier only about the way there. */
function canonical(migration: MigrationSettings): object {
  switch (migration.kind) {
    case 'none':
      return { kind: migration.kind };
    case 'convertCharacterSet':
      return { kind: migration.kind, databases: [...migration.databases].sort(), collations: Object.entries(migration.collations).sort() };
    case 'sqlFiles':
      return { kind: migration.kind, database: migration.database, fingerprint: migration.fingerprint };
  }
}

/** The steps that are still to be done on this server. */
export async function makePlan(session: Session, settings: PipelineSettings): Promise<MigrationPlan> {
  return settings.migration.kind === 'convertCharacterSet' ? planConversion(session, settings.migration, settings.workers) : { steps: [], skippedTables: 0 };
}

/** Everything a conversion has to look at, in a constant number of queries. */
async function planConversion(session: Session, migration: CharacterSetConversion, workers: number): Promise<MigrationPlan> {
  const { databases, collations } = migration;
  const [tables, columns] = [await tablesOf(session, databases), await textColumnsOf(session, databases)];
  const columnsByTable = new Map<string, TextColumn[]>(tables.map(({ schema, name }) => [tableKey(schema, name), []]));
  for (const column of columns) columnsByTable.get(tableKey(column.schema, column.table))?.push(column);
  const convertible = tables.map((table) => ({ ...table, columns: columnsByTable.get(tableKey(table.schema, table.name)) ?? [] }));
  const wanted = convertible.filter(needsConversion);
  const steps = await tableSteps(session, wanted, migration, workers);
  steps.push(...histogramSteps(await histogramsOf(session, databases), wanted));
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
  session: Session, tables: readonly (Table & ConvertibleTable)[], { databases, collations, deferredIndexes, applier }: CharacterSetConversion, workers: number,
): Promise<LooseStep[]> {
  // before the statements are made: whatever is changed in between shows as a difference.
  const fingerprints = await fingerprintsOf(session, databases);
  const foreignKeys = await foreignKeysOf(session, databases);
  const cascaded = new Set(foreignKeys.filter(({ cascades }) => cascades).map(({ schema, table }) => tableKey(schema, table)));
  const referenced = await referencedColumnsOf(session, databases);
  const steps: LooseStep[] = [];
  for (const table of tables) {
    const { schema, name, bytes } = table;
    const key = tableKey(schema, name);
    const printed = (await session.row<{ 'Create Table': string }>(`SHOW CREATE TABLE ${quoteTable(schema, name)}`))?.['Create Table'] ?? '';
    // a cascaded change comes without a metadata lock, so such a table is only touched while replication stands still.
    const needsPause = applier === 'paused' || cascaded.has(key);
    const candidates = isCopied(table) && (applier === 'paused' || !cascaded.has(key)) ? deferrableIndexes(printed, { referenced: referenced.get(key) ?? new Set() }) : [];
    const indexBytes = sizeOfIndexes(table, candidates.length);
    const isWorthIt = indexBytes >= deferredIndexes.leastBytes && indexBytes * SORT_FACTOR * workers <= deferredIndexes.roomBytes;
    const deferred = isWorthIt ? candidates : [];
    steps.push({
      kind: 'TABLE', schema, object: name, bytes: deferred.length > 0 ? bytes - table.indexBytes : bytes, needsPause,
      fingerprint: fingerprints.get(key) ?? 0, statement: MARK + conversionStatement(table, printed, collations, deferred),
    });
    if (deferred.length > 0) steps.push({ kind: 'INDEXES', schema, object: name, bytes: indexBytes, needsPause, ...indexBuild({ schema, name }, deferred) });
  }
  return steps;
}

/** A column that is converted loses its histogram, which tells the optimiser how its values are spread: it is made again at the end. */
function histogramSteps(histograms: readonly Histogram[], tables: readonly ConvertibleTable[]): LooseStep[] {
  return tables.flatMap(({ schema, name, columns }) => {
    const converted = new Set(columns.filter(({ characterSet }) => convertsSafely(characterSet)).map(({ column }) => column));
    const lost = histograms.filter((one) => one.schema === schema && one.table === name && converted.has(one.column));
    if (lost.length === 0) return [];
    const script = lost.map(({ column, buckets, autoUpdate }) => ({
      sql: `ANALYZE NO_WRITE_TO_BINLOG TABLE ${quoteTable(schema, name)} UPDATE HISTOGRAM ON ${quoteName(column)} WITH ${buckets} BUCKETS${autoUpdate ? ' AUTO UPDATE' : ''}`,
    }));
    return [{ kind: 'HISTOGRAMS' as const, schema, object: name, bytes: 0, statement: script.map(({ sql }) => sql).join(';\n'), script }];
  });
}

/** InnoDB's statistics may be older than the indexes, and then say 0: no entry of an index is longer than its row. */
function sizeOfIndexes({ bytes, indexBytes }: Table, indexes: number): number {
  return indexBytes > 0 ? indexBytes : indexes * bytes;
}

/** Whether the conversion copies the table; a change of its default alone does not. */
function isCopied({ columns }: ConvertibleTable): boolean {
  return columns.some(({ characterSet }) => convertsSafely(characterSet));
}

/** The statements of an INDEXES step. */
export function indexBuild({ schema, name }: { readonly schema: string; readonly name: string }, indexes: readonly PrintedIndex[]): Required<Pick<NewStep, 'statement' | 'fallback' | 'indexes'>> {
  const table = quoteTable(schema, name);
  return { statement: MARK + buildStatement(table, indexes), fallback: MARK + copyStatement(table, indexes), indexes };
}

async function fingerprintsOf(session: Session, databases: readonly string[]): Promise<Map<string, number>> {
  const rows = await session.rows<{ schema: string; name: string; fingerprint: string | number }>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name, ${FINGERPRINT} AS fingerprint FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (${marks(databases)}) GROUP BY TABLE_SCHEMA, TABLE_NAME`,
    databases,
  );
  return new Map(rows.map(({ schema, name, fingerprint }) => [tableKey(schema, name), Number(fingerprint)]));
}

/** Puts the steps into units: those of tables by foreign keys, everything else each by itself behind them. */
async function inUnits(session: Session, databases: readonly string[], steps: readonly LooseStep[]): Promise<NewStep[]> {
  const ofTables = steps.filter(({ kind }) => isForWorkers(kind));
  const units = unitsOf(ofTables.map(({ schema, object }) => ({ schema, name: object })), await foreignKeysOf(session, databases));
  const bytes = new Map<number, number>();
  ofTables.forEach((step, index) => bytes.set(units[index] ?? 0, (bytes.get(units[index] ?? 0) ?? 0) + step.bytes));
  const others = steps.filter(({ kind }) => !isForWorkers(kind));
  return [
    ...ofTables.map((step, index) => ({ ...step, unit: units[index] ?? 0, unitBytes: bytes.get(units[index] ?? 0) ?? 0 })),
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
