import { type ChildProcess, type SpawnOptions } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { type Readable } from 'node:stream';
import { type Ending, exited, platformError, type ReportedError, thrown, timedOut } from './function-error';
import { type LambdaFunction } from './lambda-function';

/** Starts processes and remembers them, so that none outlives a rehearsal. */
export interface ProcessSpawner {
  /** Starts a program directly, without a shell, like `spawn` of node:child_process. */
  spawn(command: string, args: string[], options: SpawnOptions): ChildProcess;
}

/** One invocation of a function in a process. */
export interface EnvironmentInvocation {
  readonly requestId: string;
  /** The event, a JSON text. */
  readonly event: string;
  /** Called when the function gets its event, after a cold start. */
  readonly onStart?: () => void;
}

type Message =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly result: string }
  | { readonly type: 'error'; readonly fatal?: boolean; readonly error: ReportedError };

// Lambda gives the code outside the handler 10 seconds, then starts over within the function's own time limit.
const initialisationSeconds = 10;
// Lambda's limit of an answer: 6 MB and 100 bytes.
const resultBytes = 6_291_556;

/**
 * One execution environment: a process that has loaded a function and answers its invocations, one at a time.
 */
export class ExecutionEnvironment {
  /** How the process ended; all its output and messages have been read by then. */
  public readonly ended: Promise<Ending>;
  private readonly child: ChildProcess;
  private readonly initialised = deferred<void>();
  private answer?: Deferred<string>;
  private outputRead?: Deferred<void>;
  private openOutputs = 0;
  private gone = false;

  constructor(
    private readonly fn: LambdaFunction,
    variables: Readonly<Record<string, string>>,
    spawner: ProcessSpawner,
    private readonly log: (line: string) => void,
  ) {
    const heap = Math.floor(fn.memoryMegabytes * 0.9);
    this.child = spawner.spawn(process.execPath, [`--max-old-space-size=${heap}`, path.join(__dirname, 'bootstrap.cjs')], {
      cwd: fn.codeDirectory,
      env: variables,
      // a group of its own: the terminal's Ctrl-C must not hit a function before the rehearsal has stopped in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.ended = new Promise((resolve) => {
      this.child.once('error', (failure) => { if (this.child.pid === undefined) resolve({ code: null, signal: null, failure }); });
      this.child.once('close', (code, signal) => resolve({ code, signal }));
    });
    this.child.once('exit', () => this.kill());
    this.child.on('message', (message: Message) => this.receive(message));
    for (const stream of [this.child.stdout, this.child.stderr]) if (stream) this.readLines(stream);
  }

  /** The id of the process; 0 where it could not be started. */
  public get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Whether the process can take another invocation. */
  public get usable(): boolean {
    return !this.gone && this.child.connected;
  }

  /**
   * Runs one invocation.
   *
   * @returns the function's answer, a JSON text.
   * @throws TaskError as AWS words it, where the function threw, ran out of time, or died.
   */
  public async run({ requestId, event, onStart }: EnvironmentInvocation): Promise<string> {
    const { timeoutSeconds } = this.fn;
    await this.within(initialisationSeconds + timeoutSeconds, requestId, this.initialised.promise);
    this.answer = deferred<string>();
    this.outputRead = deferred<void>();
    this.openOutputs = 2;
    const deadline = Date.now() + timeoutSeconds * 1000;
    // a failing send means that the process has just ended, which is reported as such.
    this.child.send({ requestId, deadline, arn: this.fn.arn, event }, () => undefined);
    onStart?.();
    const result = await this.within(timeoutSeconds, requestId, this.answer.promise);
    const bytes = Buffer.byteLength(result);
    if (bytes <= resultBytes) return result;
    const text = `Response payload size (${bytes} bytes) exceeded maximum allowed payload size (${resultBytes} bytes).`;
    throw platformError('Function.ResponseSizeTooLarge', text);
  }

  /** Ends the process, and what it started, at once (SIGKILL). */
  public kill(): void {
    this.gone = true;
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // there is no such group any more, or the spawner gave the process none.
      if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    }
  }

  private async within<T>(seconds: number, requestId: string, awaited: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(timedOut(requestId, this.fn.timeoutSeconds));
        this.kill();
      }, seconds * 1000);
    });
    const died = this.ended.then((ending): never => { throw exited(requestId, ending); });
    try {
      return await Promise.race([awaited, late, died]);
    } catch (error) {
      // the last words of a dying process belong to its log.
      if (this.gone) await this.ended;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private receive(message: Message): void {
    switch (message.type) {
      case 'ready':
        this.initialised.resolve();
        break;
      case 'result':
        this.afterOutput(() => this.answer?.resolve(message.result));
        break;
      case 'error':
        if (!message.fatal) return this.afterOutput(() => this.answer?.reject(thrown(message.error)));
        this.gone = true;
        this.initialised.reject(thrown(message.error));
        this.answer?.reject(thrown(message.error));
        break;
    }
  }

  // messages and output come through different pipes: an answer counts when the output before it has been read.
  private afterOutput(settle: () => void): void {
    void this.outputRead?.promise.then(settle);
  }

  private readLines(stream: Readable): void {
    readline.createInterface({ input: stream }).on('line', (line) => {
      const mark = line.indexOf('\0end ');
      if (mark < 0) return this.log(line);
      // the function's last line may lack its newline.
      if (mark > 0) this.log(line.slice(0, mark));
      this.openOutputs -= 1;
      if (this.openOutputs === 0) this.outputRead?.resolve();
    });
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onResolve, onReject) => { resolve = onResolve; reject = onReject; });
  // whoever waits hears of a rejection; without anybody waiting it must not end the rehearsal.
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
