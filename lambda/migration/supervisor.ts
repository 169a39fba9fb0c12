import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { Session, type Server } from '../mysql/session';
import { STANDARD_WORKERS } from '../shared/capacity';
import { messageOf, PipelineError, property } from '../shared/errors';
import { log } from '../shared/log';
import { publish } from '../shared/metrics';
import { type MigrationProgress } from '../shared/state';
import { inWords, secondsBetween, secondsUntilNextMigrationLook } from '../shared/waiting';
import { resumeApplier, tendApplier } from './applier';
import { type Counts, isForWorkers, Ledger, type Step, type StepFailure } from './ledger';
import { type LockWatch, NOT_VISIBLE, watchLocks } from './lock-watch';
import { judgeOrphans, liveWorkers, mustBeReplica, writePlan } from './planning';
import { activities, type Activity, measuresOfProgress, measuresOfSteps, outlook, secondsLeft, shareDone, showProgress } from './progress';
import { nextStatement } from './statement-steps';
import { runStatements } from './statements';
import { presentScript } from './stored-objects';
import { TASK_LOCK, WORKER_SESSION } from './worker-procedure';

/** How long a look waits for workers it has just started to take their locks. */
const START_PATIENCE_MILLISECONDS = 5000;
/** How long the monitor, which has a minute, goes on from statement to statement. */
const REVIVAL_MILLISECONDS = 20_000;
/** Lock wait timeout, deadlock. */
const TRANSIENT = [1205, 1213];
/** Where the server does not show whether it is a replica, leases are short: they are the only thing that ends a worker. */
const LONGEST_BLIND_LEASE_SECONDS = 900;

/** When, for whom, and after which look a look happens. */
export interface Look {
  readonly now: string;
  /** The run of the state machine (`runOf`). */
  readonly execution: string;
  /** What the look before this one has answered; null for the first. */
  readonly previous: Pick<MigrationProgress, 'startedAt' | 'looks' | 'settledSince' | 'lockHolders'> | null;
}

/** How the pace of the looks stands. */
type Pace = Pick<MigrationProgress, 'startedAt' | 'looks' | 'settledSince'> & { readonly now: string };

/**
 * One look at the migration: repairs what a crash left behind, starts missing workers, runs what only the task can run, and tells how far
 * it is, and who is in the way. The work itself goes on inside MySQL between the looks.
 *
 * @throws `NotAReplica`, `MigrationFailed`, `GreenCheckFailed`, `SupersededByAnotherExecution`.
 */
export async function supervise(server: Server, settings: PipelineSettings, { now, execution, previous }: Look): Promise<MigrationProgress> {
  return Session.use(server, async (green) => {
    await mustBeReplica(green);
    const ledger = await openLedger(green);
    await ledger.mustBeOurs(execution);
    // the writing was interrupted, or a table has been changed on Blue since.
    if ((await ledger.plan())?.ready !== true) await writePlan(green, settings, execution);
    await judgeOrphans(green, ledger);
    await ledger.chooseOnFailure(settings.onStepFailure);
    await failWhenNothingRuns(green, ledger, settings, now);
    const { startedAt, looks, settledSince } = previous ?? { startedAt: now, looks: 0, settledSince: now };
    const before: Pace = { now, startedAt, looks: looks + 1, settledSince };
    // the answer of this look may get lost, and the longest wait is the safe guess.
    await renewLease(green, ledger, waitAfter(before));
    await showProgress(green);
    await tendApplier(green, ledger);
    let started = await startWorkers(server, green, ledger, settings);
    if (settings.migration.kind === 'sqlFiles') {
      started = await runStatements(server, green, ledger);
      await failWhenNothingRuns(green, ledger, settings, now);
    }
    let counts = await ledger.counts();
    if (await ledger.scriptsAreDue()) {
      await runScripts(green, ledger, settings);
      counts = await ledger.counts();
    }
    const found = await progress(green, ledger, counts, { settings, pace: started ? { ...before, settledSince: now } : before, previous });
    await renewLease(green, ledger, found.waitSeconds);
    return found;
  });
}

/**
 * Starts workers again that a crash of Green has ended, between two looks, which may be hours apart. As many as have worked before; what they had under
 * way is judged by the facts.
 *
 * @returns whether any was started.
 */
export async function revive(server: Server, green: Session, ledger: Ledger, settings: PipelineSettings): Promise<boolean> {
  // an execution that comes by no more, or a plan that is being made: nobody wants anything begun.
  if ((await ledger.plan())?.ready !== true || !await ledger.leaseRuns() || (await liveWorkers(green)).size > 0) return false;
  const [workers, statement] = [await ledger.mostWorkers(), await nextStatement(green)];
  const isStatementLost = statement?.state === 'RUNNING' && statement.runner === 'WORKER';
  if (workers === 0 && !isStatementLost) return false;
  await judgeOrphans(green, ledger);
  await tendApplier(green, ledger);
  if (isStatementLost) return runStatements(server, green, ledger, { onlyWorkers: true, budgetMilliseconds: REVIVAL_MILLISECONDS });
  return startWorkers(server, green, ledger, { ...settings, workers: Math.min(workers, settings.workers ?? workers) });
}

async function openLedger(green: Session): Promise<Ledger> {
  const ledger = await Ledger.open(green);
  if (ledger === undefined) {
    throw new PipelineError(ErrorName.GREEN_CHECK_FAILED, 'the ledger of the migration has vanished from Green: start a new execution with {}; it plans again what is still to do');
  }
  return ledger;
}

/** A failed step lets the others finish, or all that does not depend on it, as was chosen; only then the execution ends. */
async function failWhenNothingRuns(green: Session, ledger: Ledger, { onStepFailure }: PipelineSettings, now: string): Promise<void> {
  const failed = await ledger.steps('FAILED', 'UNKNOWN');
  const [first] = failed;
  if (first === undefined || (await ledger.running()).some(({ kind }) => isForWorkers(kind))) return;
  if (onStepFailure === 'carryOn' && await ledger.waitingForWorkers() > 0) return;
  if ((await ledger.plan())?.applierOwed === true) await resumeApplier(green, ledger);
  const counts = await ledger.counts();
  const { done, pending } = counts;
  publish(now, measuresOfSteps(counts));
  const list = failed.slice(0, 10).map(describeFailure).join('\n');
  for (const step of failed) log.error('step failed', { ...step });
  throw new PipelineError(
    ErrorName.MIGRATION_FAILED,
    `${failed.length} step${failed.length === 1 ? '' : 's'} of the migration failed on Green; ${done} are done and stay done, ${pending} have not been started; Blue is untouched.\n${list}\n`
    + 'Mend the cause (on Blue, if it is in the data: replication brings it to Green), then redrive this execution or start a new one with {}: it goes on with what is not done',
  );
}

/** In a file, MySQL's line of an error counts from the beginning of the statement. */
function describeFailure(step: Step): string {
  const what = step.state === 'UNKNOWN' ? `not known whether it is done: ${step.message}` : `error ${step.errno} (${step.sqlState}): ${step.message}`;
  return `${originOfError(step) ?? nameOf(step)}: ${what}. Statement: ${excerpt(step.statement)}`;
}

function originOfError({ origin, message }: Step): string | undefined {
  const [, file, line] = /^(.*):(\d+)$/s.exec(origin ?? '') ?? [];
  const within = / at line (\d+)$/.exec(message ?? '')?.[1] ?? '1';
  return file === undefined ? undefined : `${file}:${Number(line) + Number(within) - 1}`;
}

/** Three times the next wait outlives two lost looks; a stopped execution does not renew it, and nothing new is started. */
async function renewLease(green: Session, ledger: Ledger, waitSeconds: number): Promise<void> {
  const lease = Math.max(60, 3 * waitSeconds);
  const visible = await green.row('SELECT 1 AS found FROM performance_schema.replication_connection_configuration').catch(() => undefined) !== undefined;
  await ledger.renewLease(visible ? lease : Math.min(lease, LONGEST_BLIND_LEASE_SECONDS));
}

function waitAfter({ startedAt, now, looks, settledSince }: Pace, remainingSeconds?: number): number {
  const [elapsedSeconds, settledSeconds] = [secondsBetween(startedAt, now), secondsBetween(settledSince, now)];
  return secondsUntilNextMigrationLook({ elapsedSeconds, looks, settledSeconds, remainingSeconds });
}

/**
 * Starts workers up to the wanted number and cuts their connections as soon as they hold their locks: the server carries on without a client.
 *
 * @returns whether any was started.
 */
async function startWorkers(server: Server, green: Session, ledger: Ledger, settings: PipelineSettings): Promise<boolean> {
  const { workers: wanted = STANDARD_WORKERS, onStepFailure } = settings;
  if (onStepFailure === 'finishRunning' && (await ledger.counts()).failed > 0) return false;
  const alive = await liveWorkers(green);
  const missing = Math.min(wanted - alive.size, await ledger.claimable());
  const free = Array.from({ length: wanted + alive.size }, (_, index) => index + 1).filter((number) => !alive.has(number)).slice(0, Math.max(0, missing));
  if (free.length === 0) return false;
  const sessions: Session[] = [];
  try {
    for (const number of free) {
      const session = await Session.open(server);
      sessions.push(session);
      await session.run(WORKER_SESSION);
      session.send('CALL blue_green_pipeline.worker(?)', [number]);
    }
    const deadline = Date.now() + START_PATIENCE_MILLISECONDS;
    // a worker that found nothing to claim has come and gone.
    while (Date.now() < deadline && await ledger.claimable() > 0) {
      const now = await liveWorkers(green);
      if (free.every((number) => now.has(number))) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    for (const session of sessions) session.abandon();
  }
  log.info('workers started', { workers: free });
  return true;
}

/**
 * Runs the steps that workers cannot: short statements that cannot be prepared. Each script may be run again from its start, so a task
 * that dies in the middle of one loses nothing: the step stays RUNNING, and the next look runs it.
 */
async function runScripts(green: Session, ledger: Ledger, { migration }: PipelineSettings): Promise<void> {
  const chosen = migration.kind === 'convertCharacterSet' ? migration.collations : {};
  if (await green.row<{ got: number }>('SELECT GET_LOCK(?, 0) AS got', [TASK_LOCK]).then((row) => row?.got) !== 1) return;
  try {
    for (const step of await ledger.steps('PENDING', 'RUNNING')) {
      if (isForWorkers(step.kind) || step.kind === 'STATEMENT') continue;
      const failure = await failureOf(green, async (pinned) => {
        const script = await presentScript(green, step, chosen);
        await ledger.startScript(step.id, script);
        for (const { sql, session } of script) {
          await setSession(green, session ?? pinned);
          await green.run(sql);
        }
      });
      // somebody has held a lock for too long: the next look tries again.
      if (failure === undefined || !TRANSIENT.includes(failure.errno)) await ledger.endScript(step.id, failure);
    }
  } finally {
    await green.row('SELECT RELEASE_LOCK(?)', [TASK_LOCK]);
  }
}

/** Does something in a session that is as before afterwards; a statement that fails is an answer. */
async function failureOf(green: Session, work: (pinned: Readonly<Record<string, string>>) => Promise<void>): Promise<StepFailure | undefined> {
  const pinned = await green.row<Record<string, string>>(
    'SELECT @@sql_mode AS sql_mode, @@character_set_client AS character_set_client, @@collation_connection AS collation_connection, @@time_zone AS time_zone',
  ) ?? {};
  try {
    await work(pinned);
    return undefined;
  } catch (thrown) {
    if (property(thrown, 'name') === ErrorName.DATABASE_UNREACHABLE) throw thrown;
    await green.run('UNLOCK TABLES');
    return { errno: Number(property(thrown, 'errno') ?? 0), sqlState: String(property(thrown, 'sqlState') ?? ''), message: messageOf(thrown) };
  } finally {
    await setSession(green, pinned);
  }
}

async function setSession(green: Session, values: Readonly<Record<string, string>>): Promise<void> {
  const entries = Object.entries(values);
  if (entries.length > 0) await green.run(`SET SESSION ${entries.map(([name]) => `${name} = ?`).join(', ')}`, entries.map(([, value]) => value));
}

async function progress(
  green: Session, ledger: Ledger, counts: Counts, { settings, pace, previous }: { readonly settings: PipelineSettings; readonly pace: Pace; readonly previous: Look['previous'] },
): Promise<MigrationProgress> {
  const steps = counts.pending + counts.running + counts.done + counts.failed + counts.unknown;
  // replication that was stopped for some steps has to run again before anybody waits for it.
  const done = counts.done === steps && (await ledger.plan())?.applierOwed !== true;
  const [running, alive] = [await ledger.running(), await liveWorkers(green)];
  const watch = await watchLocks(green, ledger, settings, { running, alive });
  const active = await activities(green, running, alive, watch.locks);
  const share = shareDone(counts, active);
  const left = done ? 0 : secondsLeft(await outlook(ledger, active, settings.migration.kind === 'sqlFiles' ? 1 : settings.workers ?? STANDARD_WORKERS));
  publish(pace.now, measuresOfProgress(counts, active, left));
  const texts = active.map(describe);
  refuseToLast(pace, settings, { done, counts, steps, texts });
  return {
    done,
    waitSeconds: waitAfter(pace, earlier(left, watch.dueSeconds)),
    startedAt: pace.startedAt,
    percent: done ? 100 : Math.min(99, Math.floor(share * 100)),
    steps,
    finished: counts.done,
    workers: active.filter(({ waits }) => waits === undefined).length,
    waiting: active.filter(({ waits }) => waits !== undefined).length,
    running: texts.slice(0, 8),
    lockHolders: linesOf(watch, active, previous),
    secondsLeft: left ?? null,
    looks: pace.looks,
    settledSince: pace.settledSince,
  };
}

/** @throws `MigrationFailed` when the migration takes longer than it may. */
function refuseToLast(
  { startedAt, now }: Pace,
  { patience }: PipelineSettings,
  { done, counts, steps, texts }: { readonly done: boolean; readonly counts: Counts; readonly steps: number; readonly texts: readonly string[] },
): void {
  if (done || secondsBetween(startedAt, now) <= patience.migrationSeconds) return;
  throw new PipelineError(
    ErrorName.MIGRATION_FAILED,
    `the migration has not finished within ${inWords(patience.migrationSeconds)} (migrationPatience): ${counts.done} of ${steps} steps are done; the statements that run go on. Raise the patience and start a `
    + `new execution with {}; it continues. Running: ${texts.join(', ') || 'nothing'}`,
  );
}

function linesOf({ locks, lines }: LockWatch, active: readonly Activity[], previous: Look['previous']): readonly string[] {
  if (locks.visible || !active.some(({ waits }) => waits !== undefined)) return lines;
  if (previous?.lockHolders.includes(NOT_VISIBLE) !== true) log.warn(NOT_VISIBLE);
  return [NOT_VISIBLE];
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? one ?? other : Math.min(one, other);
}

/** What a step does, for a reader of the execution. */
export function describe({ step, share, waits }: Activity): string {
  if (waits === 'to begin') return `${nameOf(step)} (waits for a metadata lock to begin)`;
  if (waits === 'to end') return `${nameOf(step)} (copied; waits for a metadata lock to end)`;
  return `${nameOf(step)}${share === undefined || share === 0 ? '' : ` ${Math.floor(share * 100)} %`}`;
}

function nameOf({ kind, schema, object, origin }: Pick<Step, 'kind' | 'schema' | 'object' | 'origin'>): string {
  if (origin !== null) return origin;
  if (kind === 'DATABASE') return `database ${schema}`;
  return kind === 'TABLE' ? `${schema}.${object}` : `${kind === 'INDEXES' ? 'indexes of' : kind.toLowerCase()} ${schema}.${object}`;
}

function excerpt(statement: string): string {
  return statement.length > 400 ? `${statement.slice(0, 400)} …` : statement;
}
