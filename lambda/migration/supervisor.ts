import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { Session, type Server } from '../mysql/session';
import { messageOf, PipelineError, property } from '../shared/errors';
import { log } from '../shared/log';
import { type MigrationProgress } from '../shared/state';
import { inWords, secondsBetween, secondsUntilNextLook } from '../shared/waiting';
import { resumeApplier, tendApplier } from './applier';
import { type Counts, isForWorkers, Ledger, type Step, type StepFailure } from './ledger';
import { judgeOrphans, liveWorkers, mustBeReplica, writePlan } from './planning';
import { presentScript } from './stored-objects';
import { TASK_LOCK, WORKER_SESSION } from './worker-procedure';

/** How long a look waits for workers it has just started to take their locks. */
const START_PATIENCE_MILLISECONDS = 5000;
/** Lock wait timeout, deadlock. */
const TRANSIENT = [1205, 1213];
/** Where the server does not show whether it is a replica, leases are short: they are the only thing that ends a worker. */
const LONGEST_BLIND_LEASE_SECONDS = 900;

/**
 * One look at the migration: repairs what a crash left behind, starts missing workers, runs what only the task can run, and tells how far
 * it is. The work itself goes on inside MySQL between the looks.
 *
 * @throws `NotAReplica`, `MigrationFailed`, `GreenCheckFailed`, `SupersededByAnotherExecution`.
 */
export async function supervise(
  server: Server,
  settings: PipelineSettings,
  { now, startedAt, execution }: { readonly now: string; readonly startedAt: string; readonly execution: string },
): Promise<MigrationProgress> {
  return Session.use(server, async (green) => {
    await mustBeReplica(green);
    const ledger = await openLedger(green);
    await ledger.mustBeOurs(execution);
    // the writing was interrupted, or a table has been changed on Blue since.
    if ((await ledger.plan())?.ready !== true) await writePlan(green, settings, execution);
    const elapsed = secondsBetween(startedAt, now);
    await judgeOrphans(green, ledger);
    await failWhenNothingRuns(green, ledger);
    await ledger.renewLease(await leaseSeconds(green, elapsed));
    await tendApplier(green, ledger);
    await startWorkers(server, green, ledger, settings.workers);
    let counts = await ledger.counts();
    if (await ledger.scriptsAreDue()) {
      await runScripts(green, ledger, settings);
      counts = await ledger.counts();
    }
    return progress(green, ledger, counts, { elapsed, startedAt, patience: settings.patience.migrationSeconds });
  });
}

async function openLedger(green: Session): Promise<Ledger> {
  const ledger = await Ledger.open(green);
  if (ledger === undefined) {
    throw new PipelineError(ErrorName.GREEN_CHECK_FAILED, 'the ledger of the migration has vanished from Green: start a new execution with {}; it plans again what is still to do');
  }
  return ledger;
}

/** A failed step lets the others finish; only then the execution ends. */
async function failWhenNothingRuns(green: Session, ledger: Ledger): Promise<void> {
  const failed = await ledger.steps('FAILED', 'UNKNOWN');
  const [first] = failed;
  if (first === undefined || (await ledger.steps('RUNNING')).some(({ kind }) => isForWorkers(kind))) return;
  if ((await ledger.plan())?.applierOwed === true) await resumeApplier(green, ledger);
  const { done, pending } = await ledger.counts();
  const list = failed.slice(0, 10).map((step) => `${nameOf(step)}: error ${step.errno} (${step.sqlState}): ${step.message}. Statement: ${excerpt(step.statement)}`).join('\n');
  for (const step of failed) log.error('step failed', { ...step });
  throw new PipelineError(
    ErrorName.MIGRATION_FAILED,
    `${failed.length} step${failed.length === 1 ? '' : 's'} of the migration failed on Green; ${done} are done and stay done, ${pending} have not been started; Blue is untouched.\n${list}\n`
    + 'Mend the cause (on Blue, if it is in the data: replication brings it to Green), then redrive this execution or start a new one with {}: it goes on with what is not done',
  );
}

/** A lease of three times the next wait outlives two lost looks; a stopped execution does not renew it, and nothing new is started. */
async function leaseSeconds(green: Session, elapsed: number): Promise<number> {
  const lease = Math.max(60, 3 * secondsUntilNextLook(elapsed));
  const visible = await green.row('SELECT 1 AS found FROM performance_schema.replication_connection_configuration').catch(() => undefined) !== undefined;
  return visible ? lease : Math.min(lease, LONGEST_BLIND_LEASE_SECONDS);
}

/**
 * Starts workers up to the wanted number and cuts their connections as soon as they hold their locks: the server carries on without a client.
 */
async function startWorkers(server: Server, green: Session, ledger: Ledger, wanted: number): Promise<void> {
  if ((await ledger.counts()).failed > 0) return;
  const alive = await liveWorkers(green);
  const missing = Math.min(wanted - alive.size, await ledger.claimable());
  const free = Array.from({ length: wanted + alive.size }, (_, index) => index + 1).filter((number) => !alive.has(number)).slice(0, Math.max(0, missing));
  if (free.length === 0) return;
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
      if (isForWorkers(step.kind)) continue;
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
  green: Session,
  ledger: Ledger,
  counts: Counts,
  { elapsed, startedAt, patience }: { elapsed: number; startedAt: string; patience: number },
): Promise<MigrationProgress> {
  const steps = counts.pending + counts.running + counts.done + counts.failed + counts.unknown;
  // replication that was stopped for some steps has to run again before anybody waits for it.
  const done = counts.done === steps && (await ledger.plan())?.applierOwed !== true;
  const running = await describeRunning(green, await ledger.steps('RUNNING'));
  const bytesDone = counts.bytesDone + running.reduce((sum, step) => sum + step.bytes * step.share, 0);
  const share = counts.bytes === 0 ? 1 : Math.min(1, bytesDone / counts.bytes);
  const secondsLeft = done ? 0 : share > 0.02 ? Math.round(counts.secondsRunning * (1 - share) / share) : null;
  if (!done && elapsed > patience) {
    throw new PipelineError(
      ErrorName.MIGRATION_FAILED,
      `the migration has not finished within ${inWords(patience)} (migrationPatience): ${counts.done} of ${steps} steps are done; the statements that run go on. Raise the patience and start a `
      + `new execution with {}; it continues. Running: ${running.map(({ text }) => text).join(', ') || 'nothing'}`,
    );
  }
  return {
    done,
    waitSeconds: secondsUntilNextLook(elapsed, secondsLeft ?? undefined),
    startedAt,
    percent: done ? 100 : Math.floor(share * 100),
    steps,
    finished: counts.done,
    workers: running.length,
    running: running.slice(0, 8).map(({ text }) => text),
    secondsLeft,
  };
}

/** What the running steps do, as far as the server shows it. */
async function describeRunning(green: Session, steps: readonly Step[]): Promise<{ text: string; bytes: number; share: number }[]> {
  const alive = await liveWorkers(green);
  const described: { text: string; bytes: number; share: number }[] = [];
  for (const step of steps) {
    const connection = step.worker === null ? undefined : alive.get(step.worker);
    const shown = connection === undefined ? undefined : await green.row<Record<'state', string | null> & Record<'done' | 'estimated', number | null>>(
      `SELECT t.PROCESSLIST_STATE AS state, s.WORK_COMPLETED AS done, s.WORK_ESTIMATED AS estimated
         FROM performance_schema.threads t LEFT JOIN performance_schema.events_stages_current s USING (THREAD_ID) WHERE t.PROCESSLIST_ID = ?`,
      [connection],
    ).catch(() => undefined);
    const share = shown?.done !== null && shown?.done !== undefined && shown.estimated ? Math.min(0.99, Number(shown.done) / Number(shown.estimated)) : 0;
    const waiting = shown?.state?.startsWith('Waiting for') === true ? ` (${shown.state})` : '';
    described.push({ text: `${nameOf(step)}${share > 0 ? ` ${Math.floor(share * 100)} %` : ''}${waiting}`, bytes: step.bytes, share });
  }
  return described;
}

function nameOf({ kind, schema, object }: Step): string {
  if (kind === 'DATABASE') return `database ${schema}`;
  return kind === 'TABLE' ? `${schema}.${object}` : `${kind === 'INDEXES' ? 'indexes of' : kind.toLowerCase()} ${schema}.${object}`;
}

function excerpt(statement: string): string {
  return statement.length > 400 ? `${statement.slice(0, 400)} …` : statement;
}
