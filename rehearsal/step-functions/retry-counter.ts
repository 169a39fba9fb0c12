import { type Retrier } from './definition';
import { matchesError, type TaskError } from './errors';

/** Counts the retries of one visit to a state: each retrier on its own, over all errors of the visit. */
export class RetryCounter {
  private readonly counts = new Map<Retrier, number>();

  constructor(private readonly retriers: readonly Retrier[]) {}

  /**
   * Seconds to wait before the state is tried again; undefined if it is not. The first retrier that names the error decides: if
   * it is used up, later ones are not asked.
   */
  public nextDelay(thrown: TaskError): number | undefined {
    const retrier = this.retriers.find(({ errorEquals }) => matchesError(errorEquals, thrown));
    if (!retrier) return undefined;
    const count = this.counts.get(retrier) ?? 0;
    if (count >= retrier.maxAttempts) return undefined;
    this.counts.set(retrier, count + 1);
    return Math.min(retrier.intervalSeconds * retrier.backoffRate ** count, retrier.maxDelaySeconds);
  }
}
