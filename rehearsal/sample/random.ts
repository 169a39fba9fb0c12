/**
 * Numbers that look random and are the same for the same seed, so that a rehearsal can be repeated exactly.
 */
export class Random {
  private state: number;

  /** @param seed any integer; two instances with the same seed give the same sequence. */
  constructor(seed: number) {
    // a seed of 1 and one of 2 must not give similar beginnings, hence the multiplication.
    this.state = Math.imul(seed ^ 0x5f356495, 0x2c9277b5) >>> 0;
  }

  /** A number of [0, 1). */
  public next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `minimum` to `maximum`, both included. */
  public integer(minimum: number, maximum: number): number {
    return minimum + Math.floor(this.next() * (maximum - minimum + 1));
  }

  /** True in `share` of all calls, a number from 0 to 1. */
  public chance(share: number): boolean {
    return this.next() < share;
  }

  /** One of the given items; throws a RangeError if there is none. */
  public pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError('cannot pick an item from an empty list');
    return item;
  }

  /** Lower-case hexadecimal digits, `length` of them. */
  public hexadecimal(length: number): string {
    let digits = '';
    while (digits.length < length) digits += Math.floor(this.next() * 0x1000000).toString(16).padStart(6, '0');
    return digits.slice(0, length);
  }
}
