import { Token } from 'aws-cdk-lib';
import { SwitchoverWindow, Weekday } from '../../lib';

const NIGHT = { from: '02:00', to: '05:00', timeZone: 'Asia/Tokyo' };

describe('a switchover window', () => {
  test.each([
    [NIGHT, NIGHT],
    [{ ...NIGHT, from: '23:45', to: '00:15' }, { ...NIGHT, from: '23:45', to: '00:15' }],
    [{ ...NIGHT, days: [Weekday.SATURDAY, Weekday.SUNDAY, Weekday.SATURDAY] }, { ...NIGHT, days: ['Sat', 'Sun'] }],
  ])('is what was given: %j', (props, settings) => {
    expect(SwitchoverWindow.daily(props)._settings).toEqual(settings);
  });

  test.each([
    [{ from: '2:00' }, `'from' should be a time of the day from 00:00 to 23:59, written HH:MM, got '2:00'`],
    [{ to: '24:00' }, `'to' should be a time of the day from 00:00 to 23:59, written HH:MM, got '24:00'`],
    [{ from: Token.asString({ Ref: 'From' }) }, `'from' should be a time of the day from 00:00 to 23:59, written HH:MM, got 'a token'`],
    [{ to: '02:29' }, /^'to' should be at least 30 minutes after 'from', got '02:00' to '02:29': .*leave switchoverWindow out$/],
    [{ to: '02:00' }, /^'to' should be at least 30 minutes after 'from'/],
    [{ timeZone: 'Asia/Tokio' }, `'timeZone' should be a time zone of the IANA database, such as 'Asia/Tokyo' or 'UTC', got 'Asia/Tokio'`],
    [{ timeZone: '' }, /^'timeZone' should be a time zone/],
    [{ days: [] }, /^'days' should name at least one day, got none/],
  ])('fails for %j', (props, message) => {
    expect(() => SwitchoverWindow.daily({ ...NIGHT, ...props })).toThrow(message);
  });
});
