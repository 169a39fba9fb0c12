/**
 * An AbortController that its parent's signal aborts, too. Unlike AbortSignal.any it can be let go, so that an execution's signal
 * does not collect a listener for each of ten thousand tasks.
 */
export class LinkedAbort {
  private readonly controller = new AbortController();
  private readonly follow = () => this.controller.abort(this.parent.reason);

  constructor(private readonly parent: AbortSignal) {
    if (parent.aborted) this.follow();
    else parent.addEventListener('abort', this.follow, { once: true });
  }

  /** Aborted by `abort`, or with the parent's reason. */
  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Aborts this signal, and not the parent's. */
  public abort(reason: Error): void {
    this.controller.abort(reason);
  }

  /** Forgets the parent. */
  public release(): void {
    this.parent.removeEventListener('abort', this.follow);
  }
}
