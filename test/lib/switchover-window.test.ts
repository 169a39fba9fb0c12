import { Token } from 'aws-cdk-lib';
import { SwitchoverWindow, Weekday } from '../../lib';

const NIGHT = { opens: '02:00', closes: '05:00', timeZone: 'Asia/Tokyo' };
const NIGHT_SETTINGS = { from: '02:00', to: '05:00', timeZone: 'Asia/Tokyo' };

describe('a switchover window', () => {
  test.each([
    [NIGHT, NIGHT_SETTINGS],
    [{ ...NIGHT, opens: '23:45', closes: '00:15' }, { ...NIGHT_SETTINGS, from: '23:45', to: '00:15' }],
    [{ ...NIGHT, days: [Weekday.SATURDAY, Weekday.SUNDAY, Weekday.SATURDAY] }, { ...NIGHT_SETTINGS, days: ['Sat', 'Sun'] }],
  ])('is what was given: %j', (props, settings) => {
    expect(SwitchoverWindow.daily(props)._settings).toEqual(settings);
  });

  test.each([
    [{ opens: '2:00' }, `'opens' should be a time of the day from 00:00 to 23:59, written HH:MM, got '2:00'`],
    [{ closes: '24:00' }, `'closes' should be a time of the day from 00:00 to 23:59, written HH:MM, got '24:00'`],
    [{ opens: Token.asString({ Ref: 'Opens' }) }, `'opens' should be a time of the day from 00:00 to 23:59, written HH:MM, got 'a token'`],
    [{ closes: '02:29' }, /^'closes' should be at least 30 minutes after 'opens', got '02:00' to '02:29': .*leave switchoverWindow out$/],
    [{ closes: '02:00' }, /^'closes' should be at least 30 minutes after 'opens'/],
    [{ timeZone: 'Asia/Tokio' }, `'timeZone' should be a time zone of the IANA database, such as 'Asia/Tokyo' or 'UTC', got 'Asia/Tokio'`],
    [{ timeZone: '' }, /^'timeZone' should be a time zone/],
    [{ days: [] }, /^'days' should name at least one day, got none/],
  ])('fails for %j', (props, message) => {
    expect(() => SwitchoverWindow.daily({ ...NIGHT, ...props })).toThrow(message);
  });
});
