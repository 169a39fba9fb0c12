import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { type BinlogPosition, binlogPosition, parsePosition, positionText, reached, replicaStatus, type ReplicaStatus } from '../mysql/dialect';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { type ReplicationProgress } from '../shared/state';
import { inWords, secondsBetween, secondsUntilNextLook } from '../shared/waiting';

/** MySQL counts the lag in whole seconds of two clocks: on a busy server it flickers between 0 and 1. */
const CAUGHT_UP_SECONDS = 1;

const BINLOG_GONE = 'Blue cannot send the binlog Green needs next, most likely because the retention was too short. Raise binlogRetention, delete the deployment together with Green and start again';
const TYPES_DIFFER = 'the column types on Blue and Green differ more than replica_type_conversions allows: set ALL_NON_LOSSY in Green\'s cluster parameter group (GreenClusterParameterGroup does)';

/** What helps, by MySQL's error number; the five-digit ones are those of 8.0 and later. */
const REMEDIES: Readonly<Record<number, string>> = {
  1032: 'a row that Blue changed is missing on Green: somebody wrote on Green, or replication started from the wrong place. Delete the deployment together with Green and start again',
  1062: 'Green already has a row with that key: somebody wrote on Green, or a unique key has become stricter by its new collation. Mend the data on Blue, or delete Green and start again',
  1146: 'the table does not exist on Green: somebody dropped or renamed it there. Delete the deployment together with Green and start again',
  1236: BINLOG_GONE,
  1677: TYPES_DIFFER,
  13114: BINLOG_GONE,
  13146: TYPES_DIFFER,
};

/** An I/O thread that has lost its source connects again by itself; an applier with an error never does. */
const RECONNECT_PATIENCE_SECONDS = 300;

/**
 * One look at replication. Done when both threads run, Green has executed what Blue had written when the wait began, and the lag has been 0
 * for the time to hold. An unknown lag is not 0.
 *
 * @throws `NotAReplica`, `ReplicationStopped`, `ReplicationLags`.
 */
export async function lookAtReplication(
  { blue, green }: { readonly blue: Session; readonly green: Session },
  settings: PipelineSettings,
  { now, previous }: { readonly now: string; readonly previous: ReplicationProgress | null },
): Promise<ReplicationProgress> {
  const startedAt = previous?.startedAt ?? now;
  const elapsed = secondsBetween(startedAt, now);
  const status = await mustReplicate(green);
  const disconnectedSince = status.ioRunning === 'Yes' ? null : previous?.disconnectedSince ?? now;
  if (disconnectedSince !== null && secondsBetween(disconnectedSince, now) > RECONNECT_PATIENCE_SECONDS) throw stopped(status);
  const position = previous?.position ?? await presentPosition(blue);
  const caughtUp = isCaughtUp(status, parsePosition(position));
  const caughtUpSince = caughtUp ? previous?.caughtUpSince ?? now : null;
  const held = caughtUpSince === null ? 0 : secondsBetween(caughtUpSince, now);
  const done = caughtUp && held >= settings.lagHoldSeconds;
  const detail = await describe(green, status, parsePosition(position));
  if (!done && elapsed > settings.patience.replicationSeconds) {
    throw new PipelineError(
      ErrorName.REPLICATION_LAGS,
      `Green has not caught up within ${inWords(settings.patience.replicationSeconds)} (replicationPatience): ${detail}. Writes on Blue come faster than Green applies them, or something holds the `
      + 'applier. Raise the patience, lower the load, and start a new execution with {}; it continues',
    );
  }
  const remaining = caughtUp ? Math.max(1, settings.lagHoldSeconds - held) : status.lagSeconds === null ? undefined : Math.max(5, status.lagSeconds / 4);
  const waitSeconds = secondsUntilNextLook(elapsed, remaining);
  return { done, waitSeconds, startedAt, lagSeconds: status.lagSeconds, position, caughtUpSince, disconnectedSince, detail };
}

/** Waits until Green has executed what stands before a place in Blue's binlog. */
export async function waitUntilExecuted(green: Session, wanted: BinlogPosition, patienceMilliseconds: number): Promise<boolean> {
  const deadline = Date.now() + patienceMilliseconds;
  for (let pause = 10; ; pause = Math.min(pause * 2, 500)) {
    const status = await mustReplicate(green);
    if (reached(status.executed, wanted)) return true;
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Where Blue's binlog stands now. */
export async function presentPosition(blue: Session): Promise<string> {
  const position = await binlogPosition(blue);
  if (position === undefined) {
    throw new PipelineError(
      ErrorName.REPLICATION_STOPPED,
      'Blue writes no binlog any more (binlog_format OFF), so Green cannot follow it: set it to ROW, delete the deployment together with Green and start again',
    );
  }
  return positionText(position);
}

async function mustReplicate(green: Session): Promise<ReplicaStatus> {
  const status = await replicaStatus(green);
  if (status === undefined) {
    throw new PipelineError(
      ErrorName.NOT_A_REPLICA,
      'the server behind Green\'s endpoint is not a replica, so it is not Green any more (was it switched over by hand?): look at the deployment in the RDS console; a new execution with {} '
      + 'continues with what is still to do',
    );
  }
  if (status.sqlRunning === 'No' || (status.ioRunning === 'No' && status.errors.length > 0)) throw stopped(status);
  return status;
}

function stopped({ ioRunning, sqlRunning, executed, errors: [error] }: ReplicaStatus): PipelineError {
  const found = error === undefined ? 'no error is reported' : `error ${error.errno}: ${error.message}`;
  const remedy = (error === undefined ? undefined : REMEDIES[error.errno])
    ?? 'mend the cause, then CALL mysql.rds_start_replication on Green and redrive this execution; or delete the deployment together with Green and start again';
  return new PipelineError(
    ErrorName.REPLICATION_STOPPED,
    `replication from Blue to Green has stopped (I/O thread ${ioRunning}, SQL thread ${sqlRunning}, executed up to ${positionText(executed)}): ${found}. ${remedy}`,
  );
}

function isCaughtUp(status: ReplicaStatus, wanted: BinlogPosition): boolean {
  return status.ioRunning === 'Yes' && status.sqlRunning === 'Yes' && status.lagSeconds !== null && status.lagSeconds <= CAUGHT_UP_SECONDS && reached(status.executed, wanted);
}

async function describe(green: Session, status: ReplicaStatus, wanted: BinlogPosition): Promise<string> {
  const lag = status.lagSeconds === null ? 'lag unknown' : `${status.lagSeconds} s behind`;
  const text = `${lag}, executed ${positionText(status.executed)}, wanted ${positionText(wanted)}`;
  if (reached(status.executed, wanted)) return text;
  const holder = await metadataLockHolder(green);
  return holder === undefined ? text : `${text}; the applier waits for a metadata lock held by ${holder}`;
}

/** Who holds a metadata lock the applier waits for. */
async function metadataLockHolder(green: Session): Promise<string | undefined> {
  const row = await green.row<{ id: number; user: string; object: string }>(
    `SELECT h.PROCESSLIST_ID AS id, h.PROCESSLIST_USER AS user, CONCAT(w.OBJECT_SCHEMA, '.', w.OBJECT_NAME) AS object
       FROM performance_schema.metadata_locks w
       JOIN performance_schema.threads a ON a.THREAD_ID = w.OWNER_THREAD_ID AND a.NAME LIKE 'thread/sql/replica%'
       JOIN performance_schema.metadata_locks g ON g.OBJECT_SCHEMA = w.OBJECT_SCHEMA AND g.OBJECT_NAME = w.OBJECT_NAME AND g.LOCK_STATUS = 'GRANTED'
       JOIN performance_schema.threads h ON h.THREAD_ID = g.OWNER_THREAD_ID AND h.THREAD_ID <> a.THREAD_ID AND h.PROCESSLIST_ID IS NOT NULL
      WHERE w.LOCK_STATUS = 'PENDING' LIMIT 1`,
  ).catch(() => undefined);
  return row === undefined ? undefined : `session ${row.id} (user '${row.user}') on ${row.object}`;
}
