import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { type BinlogPosition, binlogPosition, isReader, parsePosition, positionText, reached, replicaStatus, type ReplicaStatus, type ReplicationError } from '../mysql/dialect';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { publish } from '../shared/metrics';
import { type ReplicationProgress } from '../shared/state';
import { inWords, secondsBetween, secondsUntilNextLook } from '../shared/waiting';
import { lockHolder } from './lock-holder';
import { measuresOf } from './observation';
import { passesByItself, remedyOf } from './remedies';

/** MySQL counts the lag in whole seconds of two clocks: on a busy server it flickers between 0 and 1. */
const CAUGHT_UP_SECONDS = 1;

/** A planned pause is no fault, and an I/O thread that has lost its source connects again by itself; an applier with an error never goes on. */
const STANDSTILL_PATIENCE_SECONDS = 300;

/** Two looks far apart cannot tell a standstill from two short ones. */
const STANDSTILL_LOOK_SECONDS = 60;

/** An applier that says it is at most a second behind has executed within this time whatever it has really received. */
const PROOF_MILLISECONDS = 5000;

/**
 * One look at replication. Done when both threads run, Green has executed what Blue had written when the wait began, and for the time to hold
 * the lag has been 0 and everything Blue had written at the moment of each look was executed right after it.
 *
 * The lag alone proves nothing: it is NULL while a thread stands still, and 0 where an applier has received nothing to be behind of.
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
  const status = await mustReplicate(green, (seen) => publish(now, measuresOf(seen)));
  const { standstill, standsSince } = mustGoOn(status, now, previous?.standsSince ?? null);
  const position = previous?.position ?? await presentPosition(blue);
  const wanted = parsePosition(position);
  const claimsTo = standstill === undefined && status.lagSeconds !== null && status.lagSeconds <= CAUGHT_UP_SECONDS && reached(status.executed, wanted);
  const caughtUp = claimsTo && await waitUntilExecuted(green, parsePosition(await presentPosition(blue)), PROOF_MILLISECONDS);
  const caughtUpSince = caughtUp ? previous?.caughtUpSince ?? now : null;
  const held = caughtUpSince === null ? 0 : secondsBetween(caughtUpSince, now);
  const done = caughtUp && held >= settings.lagHoldSeconds;
  const executed = positionText(status.executed);
  const executedSince = previous?.executed === executed ? previous.executedSince ?? now : now;
  const detail = [
    status.lagSeconds === null ? 'lag unknown' : `${status.lagSeconds} s behind`,
    `executed ${executed}${caughtUp || executedSince === now ? '' : ` (unchanged for ${inWords(secondsBetween(executedSince, now))})`}`,
    `wanted ${position}`,
  ].join(', ') + await hindrance(green, { standstill, waits: !caughtUp, proven: caughtUp || !claimsTo });
  if (!done && elapsed > settings.patience.replicationSeconds) {
    throw new PipelineError(
      ErrorName.REPLICATION_LAGS,
      `Green has not caught up within ${inWords(settings.patience.replicationSeconds)} (replicationPatience): ${detail}. Writes on Blue come faster than Green applies them, or something holds the `
      + 'applier. Raise the patience, lower the load, or end what holds it, and start a new execution with {}; it continues',
    );
  }
  const remaining = caughtUp ? Math.max(1, settings.lagHoldSeconds - held) : status.lagSeconds === null ? undefined : Math.max(5, status.lagSeconds / 4);
  const waitSeconds = untilStandstillIsKnown(standsSince, secondsUntilNextLook(elapsed, remaining));
  return { done, waitSeconds, startedAt, lagSeconds: status.lagSeconds, position, executed, executedSince, caughtUpSince, standsSince, detail };
}

/**
 * One look at a Green that only has to follow meanwhile.
 *
 * @returns since when it stands still although no error says so; null while all runs.
 * @throws `NotAReplica`, `ReplicationStopped`, `ReplicationLags`.
 */
export async function mustFollow(green: Session, now: string, standsSince: string | null): Promise<string | null> {
  return mustGoOn(await mustReplicate(green), now, standsSince).standsSince;
}

/** How long may be waited until the next look, where replication may be standing still. */
export function untilStandstillIsKnown(standsSince: string | null, waitSeconds: number): number {
  return standsSince === null ? waitSeconds : Math.min(waitSeconds, STANDSTILL_LOOK_SECONDS);
}

/** Waits until Green has executed what stands before a place in Blue's binlog. */
export async function waitUntilExecuted(green: Session, wanted: BinlogPosition, patienceMilliseconds: number): Promise<boolean> {
  const deadline = Date.now() + patienceMilliseconds;
  for (let pause = 10; ; pause = Math.min(pause * 2, 100)) {
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
    await mustBeWriter(blue, 'Blue');
    throw new PipelineError(
      ErrorName.REPLICATION_STOPPED,
      'Blue writes no binlog any more (binlog_format OFF), so Green cannot follow it: set it to ROW, delete the deployment together with Green and start again',
    );
  }
  return positionText(position);
}

/**
 * What Green says of its replication.
 *
 * @throws `NotAReplica`, or `ReplicationStopped` where an error keeps it from going on.
 */
export async function mustReplicate(green: Session, note?: (seen: ReplicaStatus) => void): Promise<ReplicaStatus> {
  const status = await replicaStatus(green);
  if (status !== undefined) note?.(status);
  if (status === undefined) {
    await mustBeWriter(green, 'Green');
    throw new PipelineError(
      ErrorName.NOT_A_REPLICA,
      'the server behind Green\'s endpoint is not a replica, so it is not Green any more (was it switched over by hand?): look at the deployment in the RDS console; a new execution with {} '
      + 'continues with what is still to do',
    );
  }
  const fatal = lastingError(status);
  if (fatal !== undefined) throw stopped(status, `error ${fatal.errno}: ${fatal.message}. ${remedyOf(fatal.errno)}`);
  return status;
}

/** The error that has stopped a thread for good; an I/O thread that only tries to connect again has none. */
export function lastingError({ errors, ioRunning, sqlRunning }: ReplicaStatus): ReplicationError | undefined {
  return errors.find(({ thread, errno }) => (thread === 'SQL' ? sqlRunning === 'No' : ioRunning === 'No' && !passesByItself(errno)));
}

/** Right after a failover the name of a cluster may still lead to what is a reader now: neither a binlog nor a replica is to be found there. */
async function mustBeWriter(session: Session, name: string): Promise<void> {
  if (!await isReader(session)) return;
  throw new PipelineError(ErrorName.DATABASE_UNREACHABLE, `the endpoint of ${name} leads to a reader (innodb_read_only is 1), as it may for a moment after a failover; this passes by itself`);
}

/** A standstill without an error is given some minutes. */
function mustGoOn(status: ReplicaStatus, now: string, before: string | null): { readonly standstill?: string; readonly standsSince: string | null } {
  const standstill = standstillOf(status);
  if (standstill === undefined) return { standsSince: null };
  const standsSince = before ?? now;
  if (secondsBetween(standsSince, now) > STANDSTILL_PATIENCE_SECONDS) throw standsStill(status, standstill);
  return { standstill, standsSince };
}

/** Why nothing arrives or nothing is executed, though there is no error that lasts. */
function standstillOf({ ioRunning, sqlRunning, delaySeconds }: ReplicaStatus): string | undefined {
  const reasons = [
    ...ioRunning === 'Yes' ? [] : [ioRunning === 'Connecting' ? 'the I/O thread has no connection to Blue' : 'the I/O thread is stopped'],
    ...sqlRunning === 'Yes' ? [] : ['the SQL thread is stopped'],
    ...delaySeconds > 0 ? [`Green is a delayed replica (${delaySeconds} s)`] : [],
  ];
  return reasons.length === 0 ? undefined : reasons.join(', and ');
}

/** The pause has lasted too long to be a planned one. */
function standsStill(status: ReplicaStatus, standstill: string): PipelineError {
  const [error] = status.errors;
  if (error !== undefined) {
    // from 8.4 on it tries ten times and then stops for good.
    const gaveUp = error.thread === 'I/O' && status.ioRunning === 'No' ? '. The thread has given up trying, so start it again when the cause is gone: CALL mysql.rds_start_replication on Green' : '';
    return stopped(status, `error ${error.errno}: ${error.message}. ${remedyOf(error.errno)}${gaveUp}`);
  }
  if (status.ioRunning === 'Yes' && status.sqlRunning === 'Yes') {
    return new PipelineError(
      ErrorName.REPLICATION_LAGS,
      `${standstill}, so it would never be as Blue is, and a switchover would stop writes for that long. Take the delay out (CALL mysql.rds_set_source_delay(0) on Green), then redrive this execution`,
    );
  }
  return stopped(
    status,
    `no error is reported, so somebody has stopped it, and ${standstill} for more than ${inWords(STANDSTILL_PATIENCE_SECONDS)}. CALL mysql.rds_start_replication on Green and redrive this execution`,
  );
}

function stopped({ ioRunning, sqlRunning, executed }: ReplicaStatus, found: string): PipelineError {
  return new PipelineError(
    ErrorName.REPLICATION_STOPPED,
    `replication from Blue to Green has stopped (I/O thread ${ioRunning}, SQL thread ${sqlRunning}, executed up to ${positionText(executed)}): ${found}`,
  );
}

/** What a reader of the progress should know of an applier that has not caught up. */
async function hindrance(
  green: Session,
  { standstill, waits, proven }: { readonly standstill?: string; readonly waits: boolean; readonly proven: boolean },
): Promise<string> {
  if (standstill !== undefined) return `; ${standstill}`;
  if (!waits) return '';
  const holder = await lockHolder(green);
  if (holder !== undefined) return `; the applier waits for ${holder}`;
  return proven ? '' : `; it does not have what Blue has written by now, although it says that it is not behind`;
}
