import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isRunning, type ProcessIdentity } from './process-identity';

/** How long somebody else may hold a lock before waiting for it is given up: a slow download takes minutes. */
const patienceMilliseconds = 15 * 60_000;

interface Holder extends ProcessIdentity {
  /** Tells two locks taken by the same process apart. */
  readonly token: string;
}

/**
 * Runs the work while holding a lock file that names its holder; others wait. The lock of a process that died is taken over.
 * Throws when a living process holds it for more than 15 minutes.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const token = await acquire(path);
  try {
    return await work();
  } finally {
    await release(path, token);
  }
}

async function acquire(path: string): Promise<string> {
  const mine: Holder = { ...identify(process.pid), token: randomUUID() };
  const written = `${path}.${mine.token}`;
  await writeFile(written, JSON.stringify(mine));
  try {
    const deadline = Date.now() + patienceMilliseconds;
    for (;;) {
      // link fails when the name exists, and the file it makes visible is complete: nobody reads half a holder.
      if (await linkIfFree(written, path)) return mine.token;
      const holder = await readHolder(path);
      if (!holder) continue;
      if (!isRunning(holder)) await breakLock(path, holder);
      else if (Date.now() > deadline) {
        throw new Error(`Process ${holder.pid} has held the lock '${path}' for 15 minutes. End that process, or delete the file if it does something else.`);
      } else await sleep(100);
    }
  } finally {
    await rm(written, { force: true });
  }
}

/**
 * Removes the lock of a dead holder. Only one process may do that at a time: otherwise the second one would remove the lock which
 * the first has just taken for itself. The lock for breaking is broken in the same way if its holder dies.
 */
async function breakLock(path: string, dead: Holder): Promise<void> {
  await withFileLock(`${path}.break`, () => release(path, dead.token));
}

async function release(path: string, token: string): Promise<void> {
  const holder = await readHolder(path);
  if (holder?.token === token) await rm(path, { force: true });
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
