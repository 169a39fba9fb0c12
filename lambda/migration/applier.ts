import { replicaStatus } from '../mysql/dialect';
import { startReplication, stopReplication } from '../mysql/rds-procedures';
import { type Session } from '../mysql/session';
import { messageOf } from '../shared/errors';
import { log } from '../shared/log';
import { type Ledger } from './ledger';
import { liveWorkers } from './planning';
import { APPLIER_LOCK, CLAIM_LOCK, TASK_LOCK } from './worker-procedure';

/** How long somebody else may take to stop or start replication. Whoever holds the lock for longer is gone. */
const PATIENCE_SECONDS = 60;
/** How long the monitor waits for a lock: it comes by again in a minute. */
const SHORT_PATIENCE_SECONDS = 2;

/**
 * Lets the applier run, or stand still, as the open steps need it.
 *
 * Why at all: row events of a parent change the children of a cascading foreign key (CASCADE, SET NULL) inside InnoDB, without a metadata
 * lock on them. While such a child is being copied by an ALTER, a cascaded delete can be lost, and the ALTER fails at its end with 1025
 * (errno 183, "Table is being used in foreign key check"). Both were measured on real replicas. So these children are converted last, while
 * replication stands still; everything else is converted beside the running applier.
 *
 * Lifecycle: first the debt is written down, then replication is stopped, then the steps may be claimed. Backwards: first nothing may be
 * claimed any more, then replication is started, then the debt is settled. Whatever dies in between, the next look goes on from the ledger
 * and from what the server says of its threads. Where no look comes any more, the monitor starts replication again ({@link resumeForsaken}).
 */
export async function tendApplier(green: Session, ledger: Ledger): Promise<void> {
  await holding(green, APPLIER_LOCK, () => tend(green, ledger));
}

async function tend(green: Session, ledger: Ledger): Promise<void> {
  const [plan, needs, status] = [await ledger.plan(), await ledger.pauseNeeds(), await replicaStatus(green)];
  if (plan === undefined || status === undefined) return;
  const runs = status.sqlRunning !== 'No';
  if (plan.applierPaused && runs) {
    // somebody has started it (RDS, a restart of the server): nothing that needs the pause may be claimed until it stands still again.
    await ledger.markApplier({ paused: false, owed: plan.applierOwed });
  }
  if (needs.waiting + needs.running > 0) {
    const standsStill = plan.applierPaused && !runs;
    if (!standsStill && needs.othersRunning + needs.othersClaimable + needs.running === 0) await pause(green, ledger);
    return;
  }
  if (plan.applierOwed || plan.applierPaused) await resumeApplier(green, ledger);
}

async function pause(green: Session, ledger: Ledger): Promise<void> {
  await ledger.markApplier({ paused: false, owed: true });
  try {
    await stopReplication(green);
  } catch (thrown) {
    // a replica that may not be stopped is no reason to give up: 1025 is tried again, and what is lost the comparison finds.
    log.warn('replication could not be stopped for the children of cascading foreign keys; they are converted while it runs', { cause: messageOf(thrown) });
  }
  await ledger.markApplier({ paused: true, owed: true });
}

/** Starts replication again, whatever is still to be done: an operator who mends data on Blue needs it. */
export async function resumeApplier(green: Session, ledger: Ledger): Promise<void> {
  await resume(green, ledger, () => Promise.resolve(true));
}

/**
 * Starts replication again where the pipeline has stopped it and there is no reason left, or nobody who would go on: an execution that was stopped, or
 * whose function does not come back, must not keep replication standing until Blue has deleted what Green still needs.
 *
 * Never starts it while a worker, or a statement of the task, is at work for an execution that still comes by; nor on a server that is no replica.
 *
 * @returns whether it has been started.
 */
export async function resumeForsaken(green: Session, ledger: Ledger): Promise<boolean> {
  const plan = await ledger.plan();
  if (plan === undefined || !(plan.applierOwed || plan.applierPaused) || await replicaStatus(green) === undefined) return false;
  // who holds them stops or starts replication at this moment, or makes a plan.
  const locks: string[] = [];
  try {
    for (const lock of [APPLIER_LOCK, CLAIM_LOCK]) {
      if (!await take(green, lock, SHORT_PATIENCE_SECONDS)) return false;
      locks.push(lock);
    }
    return await resume(green, ledger, () => isForsaken(green, ledger));
  } finally {
    for (const lock of locks) await release(green, lock);
  }
}

/** A lease that is over lets no worker begin anything; only a look renews it, and looks at the applier afterwards. */
async function isForsaken(green: Session, ledger: Ledger): Promise<boolean> {
  const [plan, needs] = [await ledger.plan(), await ledger.pauseNeeds()];
  if (plan?.ready === true && needs.waiting + needs.running === 0) return true;
  if (await ledger.leaseRuns() || (await liveWorkers(green)).size > 0) return false;
  return (await green.row<{ free: number }>('SELECT IS_FREE_LOCK(?) AS free', [TASK_LOCK]))?.free === 1;
}

/** @param may whether replication may be started, asked while nothing can be claimed. */
async function resume(green: Session, ledger: Ledger, may: () => Promise<boolean>): Promise<boolean> {
  const goesOn = await holding(green, CLAIM_LOCK, async () => {
    if (!await may()) return false;
    await ledger.markApplier({ paused: false, owed: true });
    return true;
  });
  if (!goesOn) return false;
  await startReplication(green);
  const status = await replicaStatus(green);
  if (status?.sqlRunning === 'Yes') await ledger.markApplier({ paused: false, owed: false });
  return true;
}

async function holding<Result>(green: Session, lock: string, work: () => Promise<Result>): Promise<Result> {
  await take(green, lock, PATIENCE_SECONDS);
  try {
    return await work();
  } finally {
    await release(green, lock);
  }
}

async function take(green: Session, lock: string, seconds: number): Promise<boolean> {
  return (await green.row<{ got: number | null }>('SELECT GET_LOCK(?, ?) AS got', [lock, seconds]))?.got === 1;
}

async function release(green: Session, lock: string): Promise<void> {
  await green.row('SELECT RELEASE_LOCK(?)', [lock]);
}
