const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WEEK_MINUTES = 7 * 24 * 60;

/**
 * How long it is until a weekly maintenance window opens.
 *
 * @param window as RDS writes it, in UTC: `sun:05:00-sun:06:00`.
 * @returns 0 while it is open; undefined where it is written otherwise.
 */
export function secondsUntilWindow(window: string, now: string): number | undefined {
  const [, from, to] = /^(\w{3}:\d\d:\d\d)-(\w{3}:\d\d:\d\d)$/.exec(window) ?? [];
  const [opens, closes] = [minuteOfWeek(from), minuteOfWeek(to)];
  if (opens === undefined || closes === undefined) return undefined;
  const date = new Date(now);
  const present = (date.getUTCDay() * 24 + date.getUTCHours()) * 60 + date.getUTCMinutes();
  const length = (closes - opens + WEEK_MINUTES) % WEEK_MINUTES;
  const since = (present - opens + WEEK_MINUTES) % WEEK_MINUTES;
  return since < length ? 0 : (WEEK_MINUTES - since) * 60;
}

function minuteOfWeek(text = ''): number | undefined {
  const [day = '', hours, minutes] = text.split(':');
  const index = DAYS.indexOf(day.toLowerCase());
  return index === -1 ? undefined : (index * 24 + Number(hours)) * 60 + Number(minutes);
}
