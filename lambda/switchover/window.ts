import { type SwitchoverWindowSettings } from '../../lib/private/contract';

const MINUTE = 60_000;
/** Windows and shifts of the clock are longer than this, and begin and end on a whole minute. */
const HOP = 15 * MINUTE;
/** A week, and a day in which the clock is changed. */
const LONGEST = 8 * 24 * 60 * MINUTE;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Whether a switchover may be started at a moment (ISO 8601): what the clock on the wall of the time zone shows decides. */
export function isOpen(window: SwitchoverWindowSettings | undefined, moment: string): boolean {
  return window === undefined || new WindowClock(window).isOpen(Date.parse(moment));
}

/** When it opens next (ISO 8601); the moment itself where it is open. */
export function opensAt(window: SwitchoverWindowSettings | undefined, moment: string): string {
  if (window === undefined) return moment;
  const [clock, at] = [new WindowClock(window), Date.parse(moment)];
  return clock.isOpen(at) ? moment : new Date(clock.nextChange(at)).toISOString();
}

/** For how many whole seconds of a time it was open. */
export function openSeconds(window: SwitchoverWindowSettings | undefined, start: string, end: string): number {
  const [first, last] = [Date.parse(start), Math.max(Date.parse(start), Date.parse(end))];
  if (window === undefined) return Math.round((last - first) / 1000);
  const clock = new WindowClock(window);
  let open = 0;
  for (let at = first; at < last;) {
    const change = Math.min(last, clock.nextChange(at));
    if (clock.isOpen(at)) open += change - at;
    at = change;
  }
  return Math.round(open / 1000);
}

/** The clock on the wall of a time zone, beside which a window is written. */
class WindowClock {
  private readonly format: Intl.DateTimeFormat;
  private readonly from: string;
  private readonly to: string;
  private readonly days: readonly string[];

  constructor({ from, to, timeZone, days = DAYS }: SwitchoverWindowSettings) {
    this.format = new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    [this.from, this.to, this.days] = [from, to, days];
  }

  public isOpen(moment: number): boolean {
    const parts = Object.fromEntries(this.format.formatToParts(moment).map(({ type, value }) => [type, value]));
    const [day = '', time] = [parts.weekday, `${parts.hour}:${parts.minute}`];
    if (this.from < this.to) return this.days.includes(day) && time >= this.from && time < this.to;
    // it closes on the day after the one on which it has opened.
    const dayBefore = DAYS[(DAYS.indexOf(day) + 6) % 7] ?? '';
    return (this.days.includes(day) && time >= this.from) || (this.days.includes(dayBefore) && time < this.to);
  }

  /** The next moment at which it opens or closes. */
  public nextChange(moment: number): number {
    const present = this.isOpen(moment);
    const minute = Math.floor(moment / MINUTE) * MINUTE;
    for (let hop = minute; hop < minute + LONGEST; hop += HOP) {
      if (this.isOpen(hop + HOP) === present) continue;
      for (let at = hop + MINUTE; at < hop + HOP; at += MINUTE) if (this.isOpen(at) !== present) return at;
      return hop + HOP;
    }
    return minute + LONGEST;
  }
}
