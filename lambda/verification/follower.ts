/**
 * Works off what it is given, one after the other and everything that waits at once, while whoever gives goes on; who is too far ahead has to wait.
 */
export class Follower<Piece> {
  private waiting: Piece[] = [];
  private turns: Promise<void> = Promise.resolve();
  private atWork: Promise<void> = Promise.resolve();

  /**
   * @param work receives the pieces in the order they were given.
   * @param most pieces that may wait.
   */
  constructor(private readonly work: (pieces: readonly Piece[]) => Promise<void>, private readonly most: number) {}

  /**
   * Returns when there is room for another.
   *
   * @throws what the work has thrown; nothing is worked off any more then.
   */
  public async give(piece: Piece): Promise<void> {
    this.waiting.push(piece);
    this.turns = this.turns.then(() => this.takeAll());
    // whoever waits for the end hears of it; until then it must not end the process.
    this.turns.catch(() => undefined);
    if (this.waiting.length >= this.most) await this.atWork;
  }

  /** Waits until everything is worked off; throws what the work has thrown. */
  public async finish(): Promise<void> {
    await this.turns;
  }

  private async takeAll(): Promise<void> {
    if (this.waiting.length === 0) return;
    const pieces = this.waiting;
    this.waiting = [];
    this.atWork = this.work(pieces);
    await this.atWork;
  }
}
