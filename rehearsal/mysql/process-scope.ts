import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Writable } from 'node:stream';
import { identify, type ProcessIdentity } from './process-identity';

/** How long a process may take to end by itself after SIGTERM, in milliseconds. */
const patienceMilliseconds = 10_000;

/**
 * Owns the temporary folder and every process of one rehearsal or test. `close()` ends and removes all of it; should this process
 * die without closing (SIGKILL, crash), a watchdog process does the same.
 */
export class ProcessScope {
  /** Creates the temporary folder and starts the watchdog. The label becomes part of the folder's name. */
  public static async open(label = 'rehearsal'): Promise<ProcessScope> {
    const folder = await mkdtemp(join(tmpdir(), `blue-green-${label}-`));
    return new ProcessScope(folder, startWatchdog());
  }

  private readonly closers: (() => Promise<void> | void)[] = [];
  private closing?: Promise<void>;

  private constructor(
    /** The temporary folder, removed by `close()`. */
    public readonly folder: string,
    private readonly watchdog: ChildProcess,
  ) {
    this.tell({ folder });
  }

  /**
   * Starts a process (no shell, in a process group of its own, so that the terminal's Ctrl-C does not reach it) and ends it when
   * the scope closes. As with `child_process.spawn`, a command that cannot be started is reported by the event `error`.
   */
  public spawn(command: string, commandArguments: readonly string[], options: SpawnOptions = {}): ChildProcess {
    if (this.closing) throw new Error(`Cannot start '${command}': its process scope is closed.`);
    const child = spawn(command, commandArguments, { ...options, shell: false, detached: true });
    if (child.pid === undefined) return child;
    const identity = identify(child.pid);
    this.tell({ started: identity });
    // no polite ending: what it holds is removed a moment later, and a server that fed a replica would take ten seconds.
    const cancel = this.onClose(() => endProcess(child, 'SIGKILL'));
    child.once('exit', () => {
      this.tell({ ended: identity });
      cancel();
    });
    return child;
  }

  /**
   * Runs this action when the scope closes, before everything that was registered or started earlier is ended.
   * Returns a function that takes the action back.
   */
  public onClose(action: () => Promise<void> | void): () => void {
    if (this.closing) throw new Error('The process scope is closed: it takes no more actions.');
    // a wrapper of its own, so that the same function registered twice can be taken back once.
    const closer = () => action();
    this.closers.push(closer);
    return () => {
      const index = this.closers.indexOf(closer);
      if (index >= 0) this.closers.splice(index, 1);
    };
  }

  /**
   * Ends everything in reverse order and removes the folder; a second call waits for the first. Errors do not keep the rest from
   * being ended; they are thrown together at the end.
   */
  public close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let closer = this.closers.pop(); closer; closer = this.closers.pop()) {
      try {
        await closer();
      } catch (error) {
        errors.push(error);
      }
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch((error: unknown) => errors.push(error));
    this.tell({ goodbye: true });
    this.watchdog.stdin?.end();
    // with nothing else left to wait for, this process would end here, in the middle of whatever its caller still wants to do.
    this.watchdog.ref();
    await exitOf(this.watchdog);
    if (errors.length > 0) throw new AggregateError(errors, `Closing the process scope left ${errors.length} error(s): ${errors.map(String).join('; ')}`);
  }

  private tell(message: { folder?: string; started?: ProcessIdentity; ended?: ProcessIdentity; goodbye?: boolean }): void {
    const pipe = this.watchdog.stdin;
    if (pipe?.writable) pipe.write(`${JSON.stringify(message)}\n`);
  }
}

/**
 * Ends a child process: the signal, then SIGKILL when it still runs after the patience. Resolves when it has ended.
 */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM', patience = patienceMilliseconds): Promise<void> {
  if (hasEnded(child)) return;
  const exit = exitOf(child);
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), patience);
  await exit;
  clearTimeout(timer);
}

/** Whether a child process has ended, or never started. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function exitOf(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function startWatchdog(): ChildProcess {
  const watchdog = spawn(process.execPath, [join(__dirname, 'watchdog.mjs')], { cwd: '/', detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  // neither the watchdog nor its pipe keeps this process alive.
  watchdog.unref();
  const pipe: (Writable & { unref?: () => void }) | null = watchdog.stdin;
  pipe?.unref?.();
  // a watchdog that somebody killed must not take the rehearsal with it: closing still works without.
  pipe?.on('error', () => undefined);
  watchdog.on('error', () => undefined);
  return watchdog;
}
