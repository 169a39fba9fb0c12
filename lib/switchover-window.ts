import { Token } from 'aws-cdk-lib';
import { type SwitchoverWindowSettings } from './private/contract';

/** A shorter one would be over before everything is looked at once more. */
const LEAST_MINUTES = 30;

/**
 * A day of the week.
 */
export enum Weekday {
  /** Monday. */
  MONDAY = 'Mon',
  /** Tuesday. */
  TUESDAY = 'Tue',
  /** Wednesday. */
  WEDNESDAY = 'Wed',
  /** Thursday. */
  THURSDAY = 'Thu',
  /** Friday. */
  FRIDAY = 'Fri',
  /** Saturday. */
  SATURDAY = 'Sat',
  /** Sunday. */
  SUNDAY = 'Sun',
}

/**
 * A part of the day.
 */
export interface DailyWindowProps {
  /**
   * When it opens, on the clock of the time zone: `HH:MM`, from `00:00` to `23:59`.
   */
  readonly opens: string;

  /**
   * When it closes: `HH:MM`. Earlier than `opens` means the next day. At least 30 minutes after `opens`.
   */
  readonly closes: string;

  /**
   * The time zone of both, as IANA calls it: `Asia/Tokyo`. Daylight saving time is followed: a time that a day leaves out does not come, one that it
   * has twice comes twice.
   */
  readonly timeZone: string;

  /**
   * The days on which it opens.
   *
   * @default - every day
   */
  readonly days?: Weekday[];
}

/**
 * When a switchover may be started.
 */
export class SwitchoverWindow {
  /**
   * The same part of every day, or of some days of the week. A switchover is started inside it; it may end up to `switchoverTimeout` after it.
   *
   * @param props the part of the day.
   */
  public static daily(props: DailyWindowProps): SwitchoverWindow {
    const { opens, closes, timeZone, days } = props;
    const length = (minutes('closes', closes) - minutes('opens', opens) + 1440) % 1440;
    if (length < LEAST_MINUTES) {
      throw new Error(`'closes' should be at least ${LEAST_MINUTES} minutes after 'opens', got '${opens}' to '${closes}': everything is looked at once more inside the window; for no limit, leave switchoverWindow out`);
    }
    checkTimeZone(timeZone);
    if (days?.length === 0) throw new Error(`'days' should name at least one day, got none; leave it out for every day`);
    return new SwitchoverWindow({ from: opens, to: closes, timeZone, ...days === undefined ? {} : { days: [...new Set(days)] } });
  }

  private constructor(
    /** @internal */
    public readonly _settings: SwitchoverWindowSettings,
  ) {}
}

function minutes(property: string, time: string): number {
  const [, hour, minute] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) {
    throw new Error(`'${property}' should be a time of the day from 00:00 to 23:59, written HH:MM, got '${Token.isUnresolved(time) ? 'a token' : time}'`);
  }
  return Number(hour) * 60 + Number(minute);
}

function checkTimeZone(timeZone: string): void {
  const wrong = `'timeZone' should be a time zone of the IANA database, such as 'Asia/Tokyo' or 'UTC', got '${Token.isUnresolved(timeZone) ? 'a token' : timeZone}'`;
  if (timeZone === '') throw new Error(wrong);
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
  } catch {
    throw new Error(wrong);
  }
}
