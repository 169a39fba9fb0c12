import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** The folder of the repository. */
export const root = path.join(__dirname, '..');

/** What became of a stage of the tests. */
export interface StageResult {
  readonly passed: number;
  readonly failed: number;
  /** Shown if anything failed. */
  readonly output: string;
}

const running = new Set<ChildProcess>();

/** The signal that has asked the tests to stop, if any. */
let stopSignal: NodeJS.Signals | undefined;

/** Passes the signal on to every running command; those that have not been started yet will not be. */
export function stopCommands(signal: NodeJS.Signals): void {
  stopSignal = signal;
  for (const child of running) child.kill(signal);
}

/** What a command has printed and how it ended. */
export interface CommandResult {
  readonly succeeded: boolean;
  readonly output: string;
}

/** How to run a command. */
export interface CommandOptions {
  /** @default the repository */
  readonly cwd?: string;
  /** Called with each complete line that the command prints. */
  readonly onLine?: (line: string) => void;
}

/** Runs a program installed in node_modules, or `node` or `npm`, and collects what it prints. Rejects only if it cannot be started. */
export function command(program: string, words: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const executable = program === 'node' ? process.execPath : program === 'npm' ? program : path.join(root, 'node_modules', '.bin', program);
  return new Promise((resolve, reject) => {
    if (stopSignal) return resolve({ succeeded: false, output: `not started because of ${stopSignal}` });
    const child = spawn(executable, words, { cwd: options.cwd ?? root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FORCE_COLOR: '0' } });
    running.add(child);
    let output = '';
    let rest = '';
    const collect = (chunk: string) => {
      output += chunk;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine?.(line);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => { running.delete(child); reject(error); });
    child.on('close', (code) => { running.delete(child); resolve({ succeeded: code === 0, output }); });
  });
}

/** Runs the commands one after the other, up to the first that fails: together they are one test. */
export async function oneTest(...commands: ReadonlyArray<() => Promise<CommandResult>>): Promise<StageResult> {
  for (const next of commands) {
    const { succeeded, output } = await next();
    if (!succeeded) return { passed: 0, failed: 1, output };
  }
  return { passed: 1, failed: 0, output: '' };
}

/** Runs a stage, prints a line with its time, and what it has printed if it failed. */
export async function stage(name: string, run: () => Promise<StageResult>): Promise<StageResult> {
  const startedAt = performance.now();
  let result: StageResult;
  try {
    result = await run();
  } catch (error) {
    result = { passed: 0, failed: 1, output: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const counts = result.passed + result.failed > 1 ? ` (${result.passed} passed, ${result.failed} failed)` : '';
  console.log(`${result.failed === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)} ${seconds.padStart(6)} s${counts}`);
  if (result.failed > 0) console.log(result.output.trimEnd());
  return result;
}
