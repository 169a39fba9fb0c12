import { type Clock } from '../../../rehearsal/clock';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** A clock that moves only when the test moves it, so that every intermediate state can be looked at. */
export class ManualClock implements Clock {
  private milliseconds = new Date('2026-11-20T12:00:00Z').getTime();
  private sleepers: Sleeper[] = [];

  public now(): Date {
    return new Date(this.milliseconds);
  }

  public realSeconds(seconds: number): number {
    return seconds;
  }

  public sleep(seconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        until: this.milliseconds + seconds * 1000,
        wake: () => { signal?.removeEventListener('abort', stop); resolve(); },
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop, { once: true });
      this.sleepers.push(sleeper);
    });
  }

  /** Moves the clock on; who sleeps wakes in the right order and at the right moment, and gets the time to go on. */
  public async advance(seconds: number): Promise<void> {
    const end = this.milliseconds + seconds * 1000;
    for (;;) {
      await settle();
      const [next] = this.sleepers.filter(({ until }) => until <= end).sort((left, right) => left.until - right.until);
      if (!next) break;
      this.milliseconds = Math.max(this.milliseconds, next.until);
      this.sleepers = this.sleepers.filter((sleeper) => sleeper !== next);
      next.wake();
    }
    this.milliseconds = end;
    await settle();
  }
}

/** Lets everything run that waits for nothing but its turn. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}
