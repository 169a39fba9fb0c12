/** The longest time between two sightings. */
export class Gap {
  private missing = false;

  /**
   * @param last the moment of the last sighting, or of the beginning.
   * @param most the longest gap so far, in milliseconds.
   */
  constructor(private last: number, private most: number) {}

  /** The last sighting, while there is none. */
  public get lostAt(): number | undefined {
    return this.missing ? this.last : undefined;
  }

  /** Takes note of a look, and whether it has seen what it was to see. */
  public look(seen: boolean): void {
    this.missing = !seen;
    if (!seen) return;
    this.most = this.longest();
    this.last = Date.now();
  }

  /** In milliseconds; a gap that goes on counts. */
  public longest(): number {
    return Math.max(this.most, Date.now() - this.last);
  }
}
