import { setTimeout as sleep } from 'node:timers/promises';
import { ErrorName } from '../../lib/private/contract';
import { Session, type Server } from '../mysql/session';
import { messageOf, property } from '../shared/errors';
import { log } from '../shared/log';
import { type Ledger, type StepFailure } from './ledger';
import { liveWorkers, mustBeReplica } from './planning';
import { traceOf } from './statement-judgement';
import { LONG_LOCK_WAITS, preparedName, SLOTS, STATEMENT_SESSION } from './statement-procedure';
import { begin, nextStatement, settle, statementsBehind, type StatementStep } from './statement-steps';
import { LEDGER_SCHEMA, TASK_LOCK } from './worker-procedure';

/** How the statements are run. */
export interface StatementOptions {
  /**
   * Leaves those that the function itself would have to run.
   *
   * @default false
   */
  readonly onlyWorkers?: boolean;
  /** @default 60000 */
  readonly budgetMilliseconds?: number;
}

/** How long one look goes on from statement to statement; what is not over then goes on without it. */
const BUDGET_MILLISECONDS = 60_000;
/** How long a look stays with a worker: short statements are over by then, and the next can follow at once. */
const WORKER_PATIENCE_MILLISECONDS = 2000;
const MILLISECONDS_BETWEEN_LOOKS = 50;
/** Lock wait timeout, deadlock: nothing was changed, and the next look tries again. */
const TRANSIENT = [1205, 1213];

/**
 * Runs the statements of SQL files in their order, as far as one look gets: workers inside MySQL run what can be prepared and returns no rows, this function
 * everything else. One at a time, and none before all earlier ones are done.
 *
 * @returns whether anything was started.
 */
export async function runStatements(
  server: Server, green: Session, ledger: Ledger, { onlyWorkers = false, budgetMilliseconds = BUDGET_MILLISECONDS }: StatementOptions = {},
): Promise<boolean> {
  let started = false;
  for (const deadline = Date.now() + budgetMilliseconds; Date.now() < deadline;) {
    const next = await nextStatement(green);
    if (next?.state !== 'PENDING' || (onlyWorkers && next.runner !== 'WORKER') || (next.needsPause && (await ledger.plan())?.applierPaused !== true)) return started;
    await mustBeReplica(green);
    const goesOn = next.runner === 'WORKER' ? await startWorker(server, green, next) : await runHere(server, green, next.id);
    started = true;
    if (!goesOn) return started;
  }
  return started;
}

/**
 * Starts a worker with this statement and those behind it that can be prepared already, and cuts its connection: the server carries on without a client.
 *
 * @returns whether it has ended meanwhile.
 */
async function startWorker(server: Server, green: Session, first: StatementStep): Promise<boolean> {
  const alive = await liveWorkers(green);
  const number = Array.from({ length: alive.size + 1 }, (_, index) => index + 1).find((candidate) => !alive.has(candidate)) ?? 1;
  const session = await Session.open(server);
  try {
    const failure = await failureOf(async () => {
      await enter(session, first);
      await session.run(LONG_LOCK_WAITS);
      await prepare(session, first, 1);
    });
    if (failure !== undefined) {
      await fail(green, first, failure);
      return true;
    }
    const prepared = await prepareMore(session, first, await statementsBehind(green, first, SLOTS));
    await session.run(`SET @${LEDGER_SCHEMA}_sql_mode = @@SESSION.sql_mode`);
    session.send(`CALL ${LEDGER_SCHEMA}.statement_worker(?, ?, ?)`, [number, first.unit, prepared]);
    log.info('statement worker started', { worker: number, origin: first.origin, statements: prepared });
    return await ends(green, number, first);
  } finally {
    session.abandon();
  }
}

/** Whether the worker has got past its first statement and is gone, or still works after a while. */
async function ends(green: Session, worker: number, first: StatementStep): Promise<boolean> {
  let seen = false;
  for (const deadline = Date.now() + WORKER_PATIENCE_MILLISECONDS; Date.now() < deadline; await sleep(MILLISECONDS_BETWEEN_LOOKS)) {
    const runs = (await liveWorkers(green)).has(worker);
    seen ||= runs;
    const next = await nextStatement(green);
    // it may have come and gone between two looks.
    if (!runs && (next === undefined || next.unit !== first.unit || next.state === 'FAILED')) return true;
    // it put the statement back: a lock, a lease.
    if (!runs && seen && next?.state === 'PENDING') return false;
  }
  return false;
}

async function prepareMore(session: Session, first: StatementStep, following: readonly StatementStep[]): Promise<number> {
  let prepared = 1;
  for (const step of following.slice(1)) {
    const alike = step.runner === 'WORKER' && step.state === 'PENDING' && step.needsPause === first.needsPause && JSON.stringify(step.session) === JSON.stringify(first.session);
    // a change of data cannot be prepared before its table is there: it is tried again when it is the first.
    if (!alike || await failureOf(() => prepare(session, step, prepared + 1)) !== undefined) break;
    prepared += 1;
  }
  return prepared;
}

async function prepare(session: Session, { statement }: StatementStep, slot: number): Promise<void> {
  await session.run(`SET @${LEDGER_SCHEMA}_statement = ?`, [statement]);
  await session.run(`PREPARE ${preparedName(slot)} FROM @${LEDGER_SCHEMA}_statement`);
}

/**
 * Runs a statement in a session of its own, which holds the task's lock: when this function dies, the lock tells as long as the statement still runs.
 *
 * @returns whether the next one may follow.
 */
async function runHere(server: Server, green: Session, id: number): Promise<boolean> {
  return Session.use(server, async (own) => {
    if (await own.row<{ got: number }>('SELECT GET_LOCK(?, 0) AS got', [TASK_LOCK]).then((row) => row?.got) !== 1) return false;
    // another look may have run it before we got the lock.
    const step = await nextStatement(own);
    if (step?.id !== id || step.state !== 'PENDING') return true;
    const failure = await failureOf(async () => {
      await begin(green, step, step.effect === 'definition' ? await traceOf(green, step) : null);
      await enter(own, step);
      if (step.effect === 'data') await own.run('START TRANSACTION');
      await own.discard(step.statement);
      // in the same transaction where there is one.
      await own.run(`UPDATE ${LEDGER_SCHEMA}.step SET state = 'DONE', finished_at = UTC_TIMESTAMP(6) WHERE id = ?`, [id]);
      if (step.effect === 'data') await own.run('COMMIT');
    });
    if (failure === undefined) return true;
    await own.run('ROLLBACK');
    if (!TRANSIENT.includes(failure.errno)) {
      await fail(green, step, failure);
      return true;
    }
    await settle(green, { ...step, attempts: step.attempts + 1 }, 'PENDING');
    return false;
  });
}

/** Makes a session one in which the statements of a file are run: as a client of the server would have it, with what the file sets. */
export async function enter(session: Session, { session: lines }: Pick<StatementStep, 'session'>): Promise<void> {
  await session.run(STATEMENT_SESSION);
  for (const { sql } of lines) await session.run(sql);
}

async function fail(green: Session, { id }: StatementStep, { errno, sqlState, message }: StepFailure): Promise<void> {
  await green.run(
    `UPDATE ${LEDGER_SCHEMA}.step SET state = 'FAILED', finished_at = UTC_TIMESTAMP(6), errno = ?, sql_state = ?, message = ? WHERE id = ? AND state IN ('PENDING', 'RUNNING')`,
    [errno, sqlState, message, id],
  );
}

/** A statement that fails is an answer; a server that does not answer is none. */
async function failureOf(work: () => Promise<void>): Promise<StepFailure | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    if (property(thrown, 'name') === ErrorName.DATABASE_UNREACHABLE) throw thrown;
    return { errno: Number(property(thrown, 'errno') ?? 0), sqlState: String(property(thrown, 'sqlState') ?? ''), message: messageOf(thrown) };
  }
}
