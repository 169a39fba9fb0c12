import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { ExecutionEnvironment, type ProcessSpawner } from './environment';
import { exited, platformError } from './function-error';
import { type LambdaFunction } from './lambda-function';
import { processVariables } from './variables';

export { type ProcessSpawner } from './environment';
export { type LambdaFunction } from './lambda-function';

/** What a runner needs. */
export interface LambdaRunnerOptions {
  /** The functions that can be invoked. */
  readonly functions: readonly LambdaFunction[];
  /** Variables for all functions: `AWS_REGION`, the endpoints of the rehearsal's services, `NODE_EXTRA_CA_CERTS`. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets every line a function writes to its output. */
  readonly log?: (functionName: string, line: string) => void;
  /** Starts the processes; by default they are started by this process and remembered by nobody else. */
  readonly scope?: ProcessSpawner;
  /** Injects faults: see {@link LambdaRunner.onInvoke}. */
  readonly onInvoke?: InvokeHook;
}

/** An invocation that is about to start. */
export interface Invocation {
  readonly functionName: string;
  readonly payload: unknown;
}

/** An invocation under way. */
export interface RunningInvocation extends Invocation {
  /** The id of the process, for tests that kill it; 0 where it could not be started. */
  readonly pid: number;
  readonly startedAt: Date;
}

/** A fault to inject into an invocation. */
export type InvocationFault =
  /** Kills the process so long after the function got its event, or not at all where it answers earlier. */
  | { readonly killAfterMilliseconds: number }
  /** Lets the function finish its work, then kills the process as if it had died before answering. */
  | { readonly loseAnswer: true };

/** Looks at an invocation before it starts; may throw an error of its own, or return a fault. */
export type InvokeHook = (invocation: Invocation) => InvocationFault | undefined | void | Promise<InvocationFault | undefined | void>;

// Lambda's limit of a synchronous invocation's payload.
const payloadBytes = 6_291_456;

/**
 * Runs Lambda functions in processes of their own, as Lambda does: a process is reused for one invocation after the other, a
 * further one is started while all are busy, and whatever ends a process ends its invocation with the error Lambda reports.
 */
export class LambdaRunner {
  /** Called before every invocation; for tests that inject faults. */
  public onInvoke?: InvokeHook;
  private readonly functions: ReadonlyMap<string, LambdaFunction>;
  private readonly environments = new Set<ExecutionEnvironment>();
  private readonly idle = new Map<string, ExecutionEnvironment[]>();
  private readonly underWay = new Set<RunningInvocation>();
  private readonly spawner: ProcessSpawner;
  private closed = false;

  constructor(private readonly options: LambdaRunnerOptions) {
    this.functions = new Map(options.functions.map((fn) => [fn.name, fn]));
    this.spawner = options.scope ?? { spawn };
    this.onInvoke = options.onInvoke;
  }

  /** The invocations that have a process at this moment, the oldest first. */
  public get running(): readonly RunningInvocation[] {
    return [...this.underWay];
  }

  /**
   * Invokes a function and waits for its result.
   *
   * Where the signal is aborted the wait ends, the function does not: as in AWS it goes on, and its result is thrown away.
   *
   * @param functionName its name or ARN.
   * @param payload the event; the function sees what is left of it after JSON.
   * @throws TaskError with `error` and `cause` as Step Functions reports them; the signal's reason once it is aborted.
   */
  public async invoke(functionName: string, payload: unknown, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    const answer = this.run(this.find(functionName), JSON.stringify(payload ?? null));
    return signal ? firstOf(answer, signal) : answer;
  }

  /** Ends every process, whatever it is doing, and waits until all are gone. Invocations under way fail. */
  public async close(): Promise<void> {
    this.closed = true;
    const environments = [...this.environments];
    for (const environment of environments) environment.kill();
    await Promise.all(environments.map((environment) => environment.ended));
  }

  private find(nameOrArn: string): LambdaFunction {
    const name = /^arn:[^:]+:lambda:[^:]*:[^:]*:function:([^:]+)(:\$LATEST)?$/.exec(nameOrArn)?.[1] ?? nameOrArn;
    const fn = this.functions.get(name);
    if (!fn) throw platformError('Lambda.ResourceNotFoundException', `Function not found: ${nameOrArn}; known are ${[...this.functions.keys()].join(', ')}`);
    return fn;
  }

  private async run(fn: LambdaFunction, event: string): Promise<unknown> {
    if (Buffer.byteLength(event) > payloadBytes) {
      throw platformError('Lambda.RequestTooLargeException', `Request must be smaller than ${payloadBytes} bytes for the InvokeFunction operation`);
    }
    const payload: unknown = JSON.parse(event);
    const fault = (await this.onInvoke?.({ functionName: fn.name, payload })) ?? undefined;
    if (this.closed) throw new Error(`cannot invoke '${fn.name}': the Lambda runner is closed`);
    const environment = this.takeEnvironment(fn);
    const invocation: RunningInvocation = { functionName: fn.name, pid: environment.pid, startedAt: new Date(), payload };
    this.underWay.add(invocation);
    try {
      const result: unknown = JSON.parse(await this.runWithFault(environment, event, fault));
      return result;
    } finally {
      this.underWay.delete(invocation);
      this.giveBack(fn, environment);
    }
  }

  private async runWithFault(environment: ExecutionEnvironment, event: string, fault?: InvocationFault): Promise<string> {
    const requestId = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    const onStart = () => {
      if (fault && 'killAfterMilliseconds' in fault) timer = setTimeout(() => environment.kill(), fault.killAfterMilliseconds);
    };
    try {
      const result = await environment.run({ requestId, event, onStart });
      if (!fault || !('loseAnswer' in fault)) return result;
      environment.kill();
      throw exited(requestId, await environment.ended);
    } finally {
      clearTimeout(timer);
    }
  }

  private takeEnvironment(fn: LambdaFunction): ExecutionEnvironment {
    const idle = this.idle.get(fn.name) ?? [];
    for (let warm = idle.pop(); warm; warm = idle.pop()) if (warm.usable) return warm;
    const log = (line: string) => this.options.log?.(fn.name, line);
    const environment = new ExecutionEnvironment(fn, processVariables(fn, this.options.environment), this.spawner, log);
    this.environments.add(environment);
    void environment.ended.then(() => this.environments.delete(environment));
    return environment;
  }

  private giveBack(fn: LambdaFunction, environment: ExecutionEnvironment): void {
    if (environment.usable) this.idle.set(fn.name, [...(this.idle.get(fn.name) ?? []), environment]);
  }
}

function firstOf<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
