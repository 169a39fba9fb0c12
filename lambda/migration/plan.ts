import { createHash } from 'node:crypto';
import { type CharacterSetConversion, ErrorName, type MigrationSettings, type PipelineSettings } from '../../lib/private/contract';
import { foreignKeysOf, type Histogram, histogramsOf, marks, referencedColumnsOf, schemaCollations, storedObjectsOf, type Table, tablesOf, type TextColumn, textColumnsOf } from '../mysql/inventory';
import { inLanes } from '../mysql/lanes';
import { quoteName, quoteTable, tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { STANDARD_ROOM_BYTES, STANDARD_WORKERS } from '../shared/capacity';
import { messageOf, PipelineError, property } from '../shared/errors';
import { convertsSafely } from './collations';
import { characterSetOf, type ConvertibleTable, conversionStatement, defaultCollation, needsConversion } from './conversion';
import { buildStatement, copyStatement, deferrableIndexes, type PrintedIndex } from './indexes';
import { isForWorkers, type LooseStep, type NewStep } from './ledger';
import { type Proof } from './proof';
import { recreationSteps } from './stored-objects';
import { unitsOf } from './units';
import { FINGERPRINT } from './worker-procedure';

/** Begins each statement of a worker, so that an operator who sees it in the list of processes knows whose it is. */
const MARK = '/* blue_green_pipeline */ ';
/** It may be dropped on Blue at any moment. */
const NO_SUCH_TABLE = 1146;
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

/**
 * The steps that are still to be done on this server.
 *
 * @param proof is shown every table and its statements; what it thinks of them, it says at its end.
 */
export async function makePlan(session: Session, settings: PipelineSettings, proof?: Proof): Promise<MigrationPlan> {
  const { migration, workers = STANDARD_WORKERS } = settings;
  return migration.kind === 'convertCharacterSet' ? planConversion(session, migration, workers, proof) : { steps: [], skippedTables: 0 };
}

/** Everything a conversion has to look at, in a constant number of queries. */
async function planConversion(session: Session, migration: CharacterSetConversion, workers: number, proof: Proof | undefined): Promise<MigrationPlan> {
  const { databases, collations } = migration;
  const [tables, columns] = [await tablesOf(session, databases), await textColumnsOf(session, databases)];
  const columnsByTable = new Map<string, TextColumn[]>(tables.map(({ schema, name }) => [tableKey(schema, name), []]));
  for (const column of columns) columnsByTable.get(tableKey(column.schema, column.table))?.push(column);
  const convertible = tables.map((table) => ({ ...table, columns: columnsByTable.get(tableKey(table.schema, table.name)) ?? [] }));
  const wanted = convertible.filter(needsConversion);
  const steps = await tableSteps(session, wanted, migration, workers, proof);
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
  session: Session, tables: readonly (Table & ConvertibleTable)[], migration: CharacterSetConversion, workers: number, proof: Proof | undefined,
): Promise<LooseStep[]> {
  const { databases } = migration;
  // before the statements are made: whatever is changed in between shows as a difference.
  const fingerprints = await fingerprintsOf(session, databases);
  const cascaded = new Set((await foreignKeysOf(session, databases)).filter(({ cascades }) => cascades).map(({ schema, table }) => tableKey(schema, table)));
  const referenced = await referencedColumnsOf(session, databases);
  const steps: LooseStep[][] = [];
  await inLanes(await proof?.sessions(tables.length) ?? [session], tables, async (lane, table, index) => {
    const key = tableKey(table.schema, table.name);
    const printed = await printedTable(lane, table);
    if (printed === undefined) return;
    const [fingerprint, leading] = [fingerprints.get(key) ?? 0, referenced.get(key) ?? new Set<string>()];
    const own = stepsOf(table, printed, migration, { workers, fingerprint, cascades: cascaded.has(key), referenced: leading });
    steps[index] = own;
    await proof?.add(lane, { schema: table.schema, name: table.name, printed, steps: own });
  });
  return steps.flat();
}

/** @returns undefined for a table that has been dropped on Blue meanwhile. */
async function printedTable(session: Session, { schema, name }: Pick<Table, 'schema' | 'name'>): Promise<string | undefined> {
  try {
    return (await session.row<{ 'Create Table': string }>(`SHOW CREATE TABLE ${quoteTable(schema, name)}`))?.['Create Table'];
  } catch (thrown) {
    if (property(thrown, 'errno') === NO_SUCH_TABLE) return undefined;
    throw thrown;
  }
}

/** What else decides about the steps of a table. */
interface Surroundings {
  readonly workers: number;
  readonly fingerprint: number;
  /** Whether it is the child of a foreign key that cascades. */
  readonly cascades: boolean;
  /** Columns that foreign keys of other tables lead to. */
  readonly referenced: ReadonlySet<string>;
}

function stepsOf(
  table: Table & ConvertibleTable, printed: string, { collations, deferredIndexes, applier }: CharacterSetConversion,
  { workers, fingerprint, cascades, referenced }: Surroundings,
): LooseStep[] {
  const { schema, name, bytes } = table;
  // a cascaded change comes without a metadata lock, so such a table is only touched while replication stands still.
  const needsPause = applier === 'paused' || cascades;
  const candidates = isCopied(table) && (applier === 'paused' || !cascades) ? deferrableIndexes(printed, { referenced }) : [];
  const indexBytes = sizeOfIndexes(table, candidates.length);
  const isWorthIt = indexBytes >= deferredIndexes.leastBytes && indexBytes * SORT_FACTOR * workers <= (deferredIndexes.roomBytes ?? STANDARD_ROOM_BYTES);
  const deferred = isWorthIt ? candidates : [];
  const copy: LooseStep = {
    kind: 'TABLE', schema, object: name, bytes: deferred.length > 0 ? bytes - table.indexBytes : bytes, needsPause, fingerprint,
    statement: MARK + conversionStatement(table, printed, collations, deferred),
  };
  return deferred.length === 0 ? [copy] : [copy, { kind: 'INDEXES', schema, object: name, bytes: indexBytes, needsPause, ...indexBuild({ schema, name }, deferred) }];
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
