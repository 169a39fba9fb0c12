import { ErrorName, type PipelineSettings, type SqlFiles } from '../../lib/private/contract';
import { replicaStatus } from '../mysql/dialect';
import { indexNamesOf, tablesOf } from '../mysql/inventory';
import { tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { log } from '../shared/log';
import { type PlanSummary } from '../shared/state';
import { isForWorkers, Ledger, type NewStep, type Step } from './ledger';
import { indexBuild, isConverted, makePlan, planHash } from './plan';
import { type Proved, withProof } from './proof';
import { keepConversions } from './proved-conversions';
import { keepQuestions } from './questions';
import { readSqlFiles } from './sql-files';
import { judgeStatements } from './statement-judgement';
import { proveStatements } from './statement-proof';
import { openStatements, runningStatements, writeLeftOut, writeStatements } from './statement-steps';
import { CLAIM_LOCK, TASK_LOCK, workerLock } from './worker-procedure';

/** Workers are numbered from 1; an earlier execution may have had more of them than this one. */
const MOST_WORKERS = 64;

/**
 * Makes or completes the ledger on Green: what is done stays done, what runs goes on, everything else is planned again from the facts.
 * This is also how an execution continues after a failure that was mended, and how it takes over from another one.
 *
 * @throws `NotAReplica`, `PlanChanged`, `PlanRefused`.
 */
export async function writePlan(green: Session, settings: PipelineSettings, execution: string): Promise<PlanSummary> {
  await mustBeReplica(green);
  const uuid = (await green.row<{ uuid: string }>('SELECT @@server_uuid AS uuid'))?.uuid ?? '';
  const visible = await green.row('SELECT 1 AS found FROM performance_schema.replication_connection_configuration').catch(() => undefined) !== undefined;
  const ledger = await Ledger.create(green, { planHash: planHash(settings), serverUuid: uuid, replicaVisible: visible });
  await refuseBegunPlan(ledger, settings);
  await ledger.takeOver(execution);
  try {
    // neither may a step be claimed meanwhile, nor a script be half way through what it drops and creates.
    for (const lock of [TASK_LOCK, CLAIM_LOCK]) await takeLock(green, lock);
    await replaceOtherPlan(green, ledger, settings);
    await judgeOrphans(green, ledger);
    const { skippedTables, warnings } = settings.migration.kind === 'sqlFiles' ? await writeFiles(green, ledger, settings.migration) : await writeSteps(green, ledger, settings);
    const counts = await ledger.counts();
    return { steps: counts.pending + counts.running + counts.done, pending: counts.pending, skippedTables, bytes: counts.bytes, warnings };
  } finally {
    for (const lock of [TASK_LOCK, CLAIM_LOCK]) await green.row('SELECT RELEASE_LOCK(?)', [lock]);
  }
}

/** What was begun by another plan cannot be continued by this one. */
async function refuseBegunPlan(ledger: Ledger, settings: PipelineSettings): Promise<void> {
  const [present, wanted] = [await ledger.plan(), planHash(settings)];
  if (present === undefined || present.planHash === wanted || !await ledger.hasBegun()) return;
  const { pending, done, failed } = await ledger.counts();
  throw new PipelineError(
    ErrorName.PLAN_CHANGED,
    `the ledger on Green belongs to another plan (${present.planHash}; the construct now says ${wanted}), which was begun (${done} steps are done, ${failed} have failed, ${pending} wait): Green is as that one `
    + 'wants it in part. Put the Migration back as it was to continue; or give this Green up (an execution with { "action": "abandon" }), and start again',
  );
}

/** A plan of which nothing was begun has left nothing on Green: a corrected one takes its place. */
async function replaceOtherPlan(green: Session, ledger: Ledger, settings: PipelineSettings): Promise<void> {
  const [present, wanted] = [await ledger.plan(), planHash(settings)];
  if (present === undefined || present.planHash === wanted) return;
  await refuseBegunPlan(ledger, settings);
  // a worker that was started for the other plan holds its statements, and waits for the lock that is ours.
  if ((await liveWorkers(green)).size > 0) throw new PipelineError(ErrorName.DATABASE_UNREACHABLE, 'a worker of the plan that is to be replaced has not ended yet; trying again');
  await ledger.startOver(wanted);
  log.info('the plan on Green, of which nothing was begun, is replaced', { before: present.planHash, now: wanted });
}

/** Plans from the facts of Green what is not done. */
async function writeSteps(green: Session, ledger: Ledger, settings: PipelineSettings): Promise<Pick<PlanSummary, 'skippedTables' | 'warnings'>> {
  await ledger.resumeFailedScripts();
  const running = new Map((await ledger.steps('RUNNING')).map((step) => [keyOf(step), step]));
  const { result: { steps, skippedTables }, warnings, ...proved } = await withProof(green, (proof) => makePlan(green, settings, proof));
  await keepProved(green, ledger, proved);
  for (const step of steps) {
    const same = running.get(keyOf(step));
    if (same !== undefined) await ledger.moveToUnit(same.id, step);
  }
  const copying = [...running.values()].filter(({ kind }) => kind === 'TABLE');
  const kept = new Set(copying.flatMap(({ schema, object }) => (['INDEXES', 'HISTOGRAMS'] as const).map((kind) => keyOf({ kind, schema, object }))));
  await ledger.replaceOpenSteps(steps.filter((step) => !running.has(keyOf(step)) && !kept.has(keyOf(step))));
  await refreshIndexSteps(green, ledger, settings);
  return { skippedTables, warnings };
}

/** Proves what is still to be run of the files, and completes the ledger. */
async function writeFiles(green: Session, ledger: Ledger, migration: SqlFiles): Promise<Pick<PlanSummary, 'skippedTables' | 'warnings'>> {
  const statements = readSqlFiles(migration);
  const open = await openStatements(green, statements);
  const { result: leftOut, warnings, ...proved } = await withProof(green, (proof) => proveStatements(proof, green, open));
  await keepProved(green, ledger, proved);
  await writeLeftOut(green, leftOut);
  await writeStatements(green, migration, statements);
  return { skippedTables: 0, warnings };
}

/** Written down before anything can be begun: right before the switchover it has to hold still. */
async function keepProved(green: Session, ledger: Ledger, { questions, conversions }: Proved): Promise<void> {
  await keepQuestions(green, questions);
  await keepConversions(green, conversions, await ledger.hasBegun());
}

/** Steps whose indexes are missing for us stay; of each, what has been built meanwhile, by whomever, is done. */
async function refreshIndexSteps(green: Session, ledger: Ledger, { migration }: PipelineSettings): Promise<void> {
  const open = (await ledger.steps('PENDING', 'FAILED', 'UNKNOWN')).filter(({ kind }) => kind === 'INDEXES');
  if (open.length === 0 || migration.kind !== 'convertCharacterSet') return;
  const names = await indexNamesOf(green, migration.databases);
  const tables = new Set((await tablesOf(green, migration.databases)).map(({ schema, name }) => tableKey(schema, name)));
  // before a table is copied, its indexes are there, and will be dropped.
  const uncopied = new Set((await ledger.steps('PENDING', 'RUNNING')).filter(({ kind }) => kind === 'TABLE').map(({ schema, object }) => tableKey(schema, object)));
  for (const { id, schema, object, indexes } of open.filter((step) => !uncopied.has(tableKey(step.schema, step.object)))) {
    const missing = tables.has(tableKey(schema, object)) ? indexes.filter(({ name }) => names.get(tableKey(schema, object))?.has(name) !== true) : [];
    await ledger.rebuild(id, missing.length === 0 ? undefined : indexBuild({ schema, name: object }, missing));
  }
}

/** Whether a step has had its effect, by the facts of the table; one that has been dropped on Blue needs nothing. */
async function isDone(green: Session, { kind, schema, object, indexes }: Step): Promise<boolean> {
  if (kind === 'TABLE') return isConverted(green, schema, object);
  if (!(await tablesOf(green, [schema])).some(({ name }) => name === object)) return true;
  const names = (await indexNamesOf(green, [schema])).get(tableKey(schema, object));
  return indexes.every(({ name }) => names?.has(name) === true);
}

async function takeLock(green: Session, lock: string): Promise<void> {
  if (await green.row<{ got: number }>('SELECT GET_LOCK(?, 60) AS got', [lock]).then((row) => row?.got) === 1) return;
  throw new PipelineError(ErrorName.DATABASE_UNREACHABLE, 'another session holds the plan for a minute already; trying again');
}

/** What a step is about. */
function keyOf({ kind, schema, object }: Pick<NewStep, 'kind' | 'schema' | 'object'>): string {
  return `${kind}\0${tableKey(schema, object)}`;
}

/**
 * Nothing is ever altered on a server that is not the replica of something.
 *
 * @throws `NotAReplica`.
 */
export async function mustBeReplica(green: Session): Promise<void> {
  if (await replicaStatus(green) !== undefined) return;
  throw new PipelineError(
    ErrorName.NOT_A_REPLICA,
    'the server behind Green\'s endpoint is not a replica, so it is not Green any more (was it switched over by hand?), and nothing is altered on it: look at the deployment in the RDS '
    + 'console; a new execution with {} continues with what is still to do',
  );
}

/** The numbers of the workers whose session lives. */
export async function liveWorkers(green: Session): Promise<Map<number, number>> {
  const numbers = Array.from({ length: MOST_WORKERS }, (_, index) => index + 1);
  const row = await green.row<Record<string, number | null>>(`SELECT ${numbers.map((number) => `IS_USED_LOCK('${workerLock(number)}') AS w${number}`).join(', ')}`);
  return new Map(numbers.flatMap((number) => (typeof row?.[`w${number}`] === 'number' ? [[number, Number(row[`w${number}`])] as const] : [])));
}

/**
 * A step that is RUNNING while its worker is gone (killed session, crashed server) is judged by the table: converted means done, otherwise
 * it is pending again. Never by guess.
 */
export async function judgeOrphans(green: Session, ledger: Ledger): Promise<void> {
  // first the steps, then the workers: the other way round, a worker that has just been started would look dead.
  const running = (await ledger.steps('RUNNING')).filter(({ kind }) => isForWorkers(kind));
  const statements = await runningStatements(green);
  const alive = await liveWorkers(green);
  await judgeStatements(green, statements, alive);
  for (const step of running.filter(({ worker }) => worker === null || !alive.has(worker))) {
    await ledger.judge(step, await isDone(green, step) ? 'DONE' : 'PENDING');
  }
}
