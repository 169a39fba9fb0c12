import { readFileSync } from 'node:fs';
import path from 'node:path';
import { lagOf } from '../../../lambda/mysql/dialect';
import { KNOWN_ERRORS, passesByItself, remedyOf } from '../../../lambda/replication/remedies';

describe('the remedy of an error of replication', () => {
  test.each([
    [1032, /a row that Blue changed is missing on Green.*Delete the deployment together with Green/],
    [1062, /Green already has a row with that key.*Mend the data on Blue/],
    [1677, /set ALL_NON_LOSSY/],
    [13146, /set ALL_NON_LOSSY/],
    [1236, /Raise binlogRetention/],
    [13114, /Raise binlogRetention/],
    [1594, /a log that Green wrote for itself cannot be read/],
    [13121, /a log that Green wrote for itself cannot be read/],
    [1756, /the parallel workers of Green were stopped in the middle\. CALL mysql\.rds_start_replication/],
    [2003, /Green cannot connect to Blue.*tries again by itself/],
    [2061, /Blue refuses the user RDS replicates with/],
    [1114, /Green has no room/],
    [4711, /^mend the cause, then CALL mysql\.rds_start_replication/],
  ])('of %i', (errno, remedy) => {
    expect(remedyOf(errno)).toMatch(remedy);
  });

  test.each([[2003, true], [2061, true], [1236, false], [13114, false], [1062, false], [4711, false]])('%i passes by itself: %s', (errno, passes) => {
    expect(passesByItself(errno)).toBe(passes);
  });

  test('stands in the runbook for every number', () => {
    const [, section = ''] = /\n## ReplicationStopped\n([^]*?)\n## /.exec(readFileSync(path.join(__dirname, '..', '..', '..', 'docs', 'runbook.md'), 'utf8')) ?? [];
    const rows = section.split('\n').filter((line) => /^\| \d/.test(line)).flatMap((line) => (line.split('|')[1] ?? '').split(',').map(Number));
    expect(KNOWN_ERRORS.filter((errno) => !rows.includes(errno))).toEqual([]);
  });
});

test.each([[null, null], [undefined, null], ['', null], [-1, null], ['-1', null], [0, 0], ['17', 17]])('a lag of %j is %j', (value, lag) => {
  expect(lagOf(value)).toBe(lag);
});
