import { cutToWidth, displayWidth, padToWidth } from '../../../rehearsal/terminal/display-width';
import { durationText } from '../../../rehearsal/terminal/duration';
import { summaryText } from '../../../rehearsal/terminal/summary';

test.each([['abc', 3], ['商品', 4], ['ｶﾅ', 2], ['（全角）', 8], ['𠮷', 2], ['😋', 2], ['が', 2], ['é', 1], ['é', 1], ['→…', 2], ['', 0]])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('pads and cuts by columns, not by characters', () => {
  expect(padToWidth('商品', 6)).toBe('商品  ');
  expect(padToWidth('7', 3, 'right')).toBe('  7');
  expect(padToWidth('long', 2)).toBe('long');
  expect(cutToWidth('商品の名前', 6)).toBe('商品…');
  expect(cutToWidth('商品の名前', 10)).toBe('商品の名前');
});

test.each([[0, '0 s'], [0.42, '0.4 s'], [9.96, '10 s'], [59.6, '1 min 00 s'], [185, '3 min 05 s'], [7625, '2 h 07 min']])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});

const report = {
  status: 'SUCCEEDED',
  states: [
    { name: 'Read Input', enteredAt: '2026-01-01T00:00:00Z', seconds: 1 },
    { name: 'Run Migration', enteredAt: '2026-01-01T00:00:01Z', seconds: 30 },
    { name: 'Run Migration', enteredAt: '2026-01-01T00:00:31Z', seconds: 40 },
  ],
  historyEvents: 321,
  acknowledgedWrites: 12345,
  lostWrites: 0,
  corruptedRows: 0,
  writeOutageMilliseconds: 1234,
  tables: [{ name: 'orders', rows: 45000, characterSetBefore: 'utf8mb3', characterSetAfter: 'utf8mb4' }, { name: '商品', rows: 5, characterSetBefore: 'utf8mb3', characterSetAfter: 'utf8mb4' }],
};

test('the summary says what happened, in columns', () => {
  expect(summaryText(report)).toBe(`Execution  SUCCEEDED

States
  Read Input          1.0 s
  Run Migration  1 min 10 s  2 times

Tables
  table     rows  before      after
  orders  45,000  utf8mb3  →  utf8mb4
  商品         5  utf8mb3  →  utf8mb4
  total   45,005

Application
  acknowledged writes          12,345
  lost writes                       0
  corrupted rows                    0
  longest write outage          1.2 s
  history events        321 of 25,000`);
});

test('the summary says so when data was lost, and shows the error', () => {
  expect(summaryText({ ...report, lostWrites: 1 })).toContain('Execution  SUCCEEDED, but data was lost');
  expect(summaryText({ ...report, status: 'FAILED', error: { name: 'PreflightFailed', message: 'binlog_format is OFF' } })).toContain('    "message": "binlog_format is OFF"');
});
