import { type PipelineSettings } from '../../lib/private/contract';
import { killSession } from '../mysql/rds-procedures';
import { type Session } from '../mysql/session';
import { messageOf } from '../shared/errors';
import { log } from '../shared/log';
import { type Ledger, type RunningStep } from './ledger';
import { type LockHolder, metadataLocks, type MetadataLocks } from './metadata-locks';

/** How long a worker's statement waits before those who hold its lock are ended, where that is chosen. */
const GRACE_SECONDS = 60;
/** The state of an execution is small. */
const MOST_LINES = 5;

/** What is said where Performance Schema does not show metadata locks. */
export const NOT_VISIBLE = 'who holds the lock is not visible: Performance Schema, or its instrument wait/lock/metadata/sql/mdl, is off on Green, and may not be turned on by the pipeline\'s user';

/** What a look at the locks has found and done. */
export interface LockWatch {
  readonly locks: MetadataLocks;
  /** Who keeps workers waiting, for the reader of the execution. */
  readonly lines: readonly string[];
  /** When the next holder will be ended; undefined when none will. */
  readonly dueSeconds: number | undefined;
}

/**
 * Names those who hold metadata locks that workers wait for; ends them after a grace time, where that is chosen. A session that has read
 * a table in a transaction, and stays, keeps a finished copy from taking its place for ever, and on Green nobody has to read at all.
 *
 * Never ended: the applier, workers, any session of the server's own, and ours.
 */
export async function watchLocks(
  green: Session, ledger: Ledger, settings: Pick<PipelineSettings, 'lockHolders'>, { running, alive }: { readonly running: readonly RunningStep[]; readonly alive: ReadonlyMap<number, number> },
): Promise<LockWatch> {
  const locks = await metadataLocks(green, [...alive.values()]);
  const lines = new Set<string>();
  const due: number[] = [];
  for (const step of running) {
    const holders = locks.holders.filter(({ waiter }) => step.worker !== null && waiter === alive.get(step.worker));
    const foreign = holders.filter(({ isForeign }) => isForeign);
    if (foreign.length > 0 !== (step.secondsBlocked !== null)) await ledger.markBlocked(step, foreign.length > 0);
    const patience = GRACE_SECONDS - (step.secondsBlocked ?? 0);
    const ends = settings.lockHolders === 'end' && foreign.length > 0;
    if (ends && patience > 0) due.push(patience);
    for (const holder of holders) lines.add(ends && patience <= 0 && holder.isForeign ? `${holder.text} (${await end(green, holder)})` : holder.text);
  }
  if (lines.size > 0) log.warn('workers wait for metadata locks', { holders: [...lines] });
  return { locks, lines: [...lines].slice(0, MOST_LINES), dueSeconds: due.length === 0 ? undefined : Math.min(...due) };
}

async function end(green: Session, { connection }: LockHolder): Promise<string> {
  try {
    await killSession(green, connection ?? 0);
    return 'ended';
  } catch (thrown) {
    // it has gone by itself, or belongs to somebody whom RDS protects.
    return `could not be ended: ${messageOf(thrown)}`;
  }
}
