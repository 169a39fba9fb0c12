import { type Report } from '../../../lambda/report/content';
import { after, NOW } from '../shared/event';

/** A report of an execution that went well, with everything a report can have. */
export function exampleReport(report: Partial<Report> = {}): Report {
  return {
    summary: '\'shop\' was switched over, converted to utf8mb4, and restored to Blue\'s settings (46 h 10 min)',
    cluster: 'shop',
    retired: false,
    deployment: 'bgd-0a1b2c3d4e5f6071',
    execution: 'arn:aws:states:eu-central-1:111122223333:execution:pipeline:night-1',
    startedAt: NOW,
    endedAt: after(166_200),
    seconds: 166_200,
    timeline: [
      { name: 'Checks', startedAt: NOW, seconds: 60 },
      { name: 'Wait For Green', startedAt: after(60), seconds: 3000 },
      { name: 'Run Migration', startedAt: after(3060), seconds: 150_000 },
      { name: 'Wait For Replication', startedAt: after(153_060), seconds: 10_000 },
      { name: 'Compare Data', startedAt: after(163_060), seconds: 3140 },
    ],
    findings: ['[warning] primary-keys: shop.<log> has no primary key', '[note] name-length: long & fine'],
    migration: {
      steps: 25, tables: 12, bytes: 767_000_000, seconds: 149_000,
      slowest: [{ name: 'shop.orders', bytes: 500_000_000, seconds: 100_000 }, { name: 'shop.items', bytes: 200_000_000, seconds: 40_000 }],
    },
    lag: [[1_795_000_000, 0], [1_795_040_000, 40_000], [1_795_080_000, null], [1_795_120_000, 90_000], [1_795_160_000, 0]],
    tablesCompared: 12,
    rowsCompared: 3_000_000,
    hotRows: 2,
    comparedShare: 1,
    outage: {
      readMilliseconds: 310, writeMilliseconds: 2740, errors: { ECONNREFUSED: 3 },
      pooled: { readMilliseconds: 420, writeMilliseconds: 2860, errors: { PROTOCOL_CONNECTION_LOST: 1 } },
      resolutionMilliseconds: 130, newServerAt: '2026-11-20T12:00:00.000Z',
    },
    coordinates: { file: 'mysql-bin-changelog.000003', position: 157 },
    cancelledSwitchovers: [],
    remarks: ['event shop.nightly was enabled again'],
    ...report,
  };
}
