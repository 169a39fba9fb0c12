/**
 * Time as the rehearsal's AWS sees it. Only the interpreter and the control plane use it; real processes (Lambda functions,
 * MySQL, the workload) live in real time.
 */
export interface Clock {
  /** The current moment. */
  now(): Date;
  /** Resolves after so many seconds of this clock, or rejects with the signal's reason as soon as it is aborted. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
  /** How long so many seconds of this clock are in real time, for those who wait for somebody of the real world. */
  realSeconds(seconds: number): number;
}

/**
 * A clock that runs `factor` times as fast as the wall clock: with 60, a wait of one minute takes one second.
 */
export class CompressedClock implements Clock {
  private readonly startedAt = Date.now();

  constructor(private readonly factor: number) {
    if (!(factor > 0)) throw new Error(`'factor' should be above 0, got '${factor}'`);
  }

  public now(): Date {
    return new Date(this.startedAt + (Date.now() - this.startedAt) * this.factor);
  }

  public sleep(seconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const stop = () => { clearTimeout(timer); reject(signal?.reason as Error); };
      const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve(); }, (seconds * 1000) / this.factor);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  public realSeconds(seconds: number): number {
    return seconds / this.factor;
  }
}

/**
 * A clock that does not wait at all: sleeping moves it forward. Thirty days of polling take as long as the calls themselves.
 */
export class SimulatedClock implements Clock {
  private milliseconds: number;

  constructor(start: Date) {
    this.milliseconds = start.getTime();
  }

  public now(): Date {
    return new Date(this.milliseconds);
  }

  public async sleep(seconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.milliseconds += seconds * 1000;
    // lets other branches run, so that one that sleeps for ever does not starve them.
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }

  /** Nobody outside lives in simulated time. */
  public realSeconds(seconds: number): number {
    return seconds;
  }
}
