import { isOpen, openSeconds, opensAt } from '../../../lambda/switchover/window';
import { type SwitchoverWindowSettings } from '../../../lib/private/contract';

const TOKYO: SwitchoverWindowSettings = { from: '02:00', to: '05:00', timeZone: 'Asia/Tokyo' };
const WEEKEND_NIGHTS: SwitchoverWindowSettings = { from: '22:00', to: '04:00', timeZone: 'UTC', days: ['Fri', 'Sat'] };
/** The clock goes from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25. */
const BERLIN: SwitchoverWindowSettings = { from: '02:00', to: '05:00', timeZone: 'Europe/Berlin' };
const HOUR_LEFT_OUT: SwitchoverWindowSettings = { from: '02:00', to: '03:00', timeZone: 'Europe/Berlin' };

describe('a window', () => {
  test.each([
    [TOKYO, '2026-11-20T16:59:59.999Z', false],
    [TOKYO, '2026-11-20T17:00:00.000Z', true],
    [TOKYO, '2026-11-20T19:59:59.999Z', true],
    [TOKYO, '2026-11-20T20:00:00.000Z', false],
    // a Friday, and the Sunday into which the night of Saturday lasts.
    [WEEKEND_NIGHTS, '2026-11-20T22:00:00Z', true],
    [WEEKEND_NIGHTS, '2026-11-20T03:00:00Z', false],
    [WEEKEND_NIGHTS, '2026-11-22T03:59:00Z', true],
    [WEEKEND_NIGHTS, '2026-11-22T22:00:00Z', false],
    [undefined, '2026-11-22T22:00:00Z', true],
  ])('%j at %s is open: %s', (window, moment, open) => {
    expect(isOpen(window, moment)).toBe(open);
    expect(opensAt(window, moment) === moment).toBe(open);
  });

  test.each([
    ['the same night', TOKYO, '2026-11-20T12:00:33.123Z', '2026-11-20T17:00:00.000Z'],
    ['the next night', TOKYO, '2026-11-20T20:00:00.000Z', '2026-11-21T17:00:00.000Z'],
    ['days later', WEEKEND_NIGHTS, '2026-11-22T04:00:00.000Z', '2026-11-27T22:00:00.000Z'],
    ['where the clock leaves its beginning out', BERLIN, '2026-03-29T00:30:00.000Z', '2026-03-29T01:00:00.000Z'],
    ['on the next day where the clock leaves all of it out', HOUR_LEFT_OUT, '2026-03-29T00:30:00.000Z', '2026-03-30T00:00:00.000Z'],
    ['for the first of two hours of that name', HOUR_LEFT_OUT, '2026-10-24T12:00:00.000Z', '2026-10-25T00:00:00.000Z'],
    ['in a time zone a quarter of an hour apart', { ...TOKYO, timeZone: 'Asia/Kathmandu' }, '2026-11-20T12:00:00.000Z', '2026-11-20T20:15:00.000Z'],
  ])('opens next %s', (_, window, moment, opens) => {
    expect(opensAt(window, moment)).toBe(opens);
  });

  test.each([
    ['all of it', TOKYO, '2026-11-20T12:00:00Z', '2026-11-20T23:00:00Z', 3 * 3600],
    ['what is left of it', TOKYO, '2026-11-20T19:59:30Z', '2026-11-20T23:00:00Z', 30],
    ['several nights', TOKYO, '2026-11-20T12:00:00Z', '2026-11-23T17:00:10Z', 3 * 3 * 3600 + 10],
    ['two hours where the clock is put forward', BERLIN, '2026-03-28T23:00:00Z', '2026-03-29T12:00:00Z', 2 * 3600],
    ['four hours where the clock is put back', BERLIN, '2026-10-24T22:00:00Z', '2026-10-25T12:00:00Z', 4 * 3600],
    ['nothing where time goes backwards', TOKYO, '2026-11-20T18:00:00Z', '2026-11-20T17:00:00Z', 0],
    ['everything without a window', undefined, '2026-11-20T12:00:00Z', '2026-11-20T13:00:00Z', 3600],
  ])('counts %s', (_, window, start, end, seconds) => {
    expect(openSeconds(window, start, end)).toBe(seconds);
  });
});
