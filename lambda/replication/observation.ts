import { MetricName } from '../../lib/private/contract';
import { reached, replicaStatus, type ReplicaStatus } from '../mysql/dialect';
import { type Session } from '../mysql/session';
import { type Measures } from '../shared/metrics';

/** What SHOW REPLICA STATUS says, as metrics. */
export function measuresOf({ lagSeconds, ioRunning, sqlRunning }: ReplicaStatus): Measures {
  const runs = ioRunning === 'Yes' && sqlRunning === 'Yes';
  return {
    [MetricName.REPLICA_LAG]: lagSeconds,
    // a thread that stands still says itself why there is no lag.
    [MetricName.REPLICA_LAG_UNKNOWN]: runs && lagSeconds === null ? 1 : 0,
    // 'Connecting' receives nothing.
    [MetricName.IO_THREAD_RUNNING]: ioRunning === 'Yes' ? 1 : 0,
    [MetricName.SQL_THREAD_RUNNING]: sqlRunning === 'Yes' ? 1 : 0,
  };
}

/**
 * Looks at replication on Green, without a connection to Blue.
 *
 * @param retentionHours for which Blue keeps its binlogs.
 * @returns undefined where the server is no replica (any more).
 */
export async function observeReplication(green: Session, retentionHours: number): Promise<Measures | undefined> {
  const status = await replicaStatus(green);
  if (status === undefined) return undefined;
  const age = await ageOfApplied(green, status);
  return { ...measuresOf(status), [MetricName.BINLOG_RETENTION_USED]: age === null ? null : age / (retentionHours * 3600) * 100 };
}

/**
 * How old is what Green has applied last, in seconds: where it goes on after a crash, Blue must still have what follows. (What it has
 * received beyond that does not count: a replica that recovers throws its relay log away.) Null where nobody knows.
 */
async function ageOfApplied(green: Session, { lagSeconds, ioRunning, executed, received }: ReplicaStatus): Promise<number | null> {
  if (lagSeconds !== null) return lagSeconds;
  // the lag of a stopped applier is NULL, but not where it stands.
  if (ioRunning === 'Yes' && reached(executed, received)) return 0;
  const row = await green.row<{ age: number | string | null }>(
    `SELECT TIMESTAMPDIFF(SECOND, MAX(NULLIF(LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, 0)), NOW(6)) AS age FROM performance_schema.replication_applier_status_by_worker`,
  ).catch(() => undefined);
  return row?.age === undefined || row.age === null ? null : Math.max(0, Number(row.age));
}
