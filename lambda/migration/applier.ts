import { replicaStatus } from '../mysql/dialect';
import { startReplication, stopReplication } from '../mysql/rds-procedures';
import { type Session } from '../mysql/session';
import { messageOf } from '../shared/errors';
import { log } from '../shared/log';
import { type Ledger } from './ledger';
import { CLAIM_LOCK } from './worker-procedure';

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
 * and from what the server says of its threads.
 */
export async function tendApplier(green: Session, ledger: Ledger): Promise<void> {
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
  await green.row('SELECT GET_LOCK(?, 60)', [CLAIM_LOCK]);
  try {
    await ledger.markApplier({ paused: false, owed: true });
  } finally {
    await green.row('SELECT RELEASE_LOCK(?)', [CLAIM_LOCK]);
  }
  await startReplication(green);
  const status = await replicaStatus(green);
  if (status?.sqlRunning === 'Yes') await ledger.markApplier({ paused: false, owed: false });
}
