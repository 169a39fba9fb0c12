import { readFileSync } from 'node:fs';

/**
 * One certain process: the kernel gives its number to another process some time after its end, so the start time belongs to the identity.
 */
export interface ProcessIdentity {
  /** Process id. */
  readonly pid: number;
  /** Start time in clock ticks since boot, as the kernel tells it; undefined where there is no /proc. */
  readonly startTime?: string;
}

/** The identity of a process that runs now; without start time where the kernel does not tell it. */
export function identify(pid: number): ProcessIdentity {
  const status = readStatus(pid);
  return status ? { pid, startTime: status.startTime } : { pid };
}

/** Whether exactly this process still runs. A zombie, and another process with the same number, count as ended. */
export function isRunning(process_: ProcessIdentity): boolean {
  try {
    process.kill(process_.pid, 0);
  } catch (error) {
    // EPERM means that it lives and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (process_.startTime === undefined) return true;
  const status = readStatus(process_.pid);
  return status !== undefined && status.state !== 'Z' && status.startTime === process_.startTime;
}

/** State letter and start time out of /proc/<pid>/stat. */
function readStatus(pid: number): { state: string; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the name in parentheses may hold blanks and parentheses itself: fields are counted from behind it (field 3 is the state, 22 the start time).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    return state !== undefined && startTime !== undefined ? { state, startTime } : undefined;
  } catch {
    return undefined;
  }
}
