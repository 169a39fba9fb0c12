import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type HistoryCost } from '../../bench/history';
import { type Startup } from '../../bench/startup';

const root = path.join(__dirname, '..', '..');

/** What a bench that needs no server reports. */
function bench<Report>(...words: readonly string[]): Report {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-'));
  try {
    const report = path.join(folder, 'report.json');
    execFileSync(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...words, '--report', report], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    return JSON.parse(fs.readFileSync(report, 'utf8')) as Report;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describe('npm run bench history', () => {
  let costs: readonly HistoryCost[];
  const of = (name: string) => costs.find((cost) => cost.name.startsWith(name));

  beforeAll(() => { costs = bench('history'); });

  test('45 hours of migration cost less than 0.15 USD', () => {
    expect(of('45 h')?.usd).toBeLessThan(0.15);
  });

  test('to be asked for a week, and to keep the old Blue for another, costs next to nothing', () => {
    expect(of('1 h, 7 days')?.events).toBeLessThan((of('1 h of')?.events ?? 0) + 500);
    expect(of('1 h, 7 days')?.usd).toBeLessThan(0.1);
  });

  test('30 days, a day of lag and a day of comparison stay below 10,000 events, of which Step Functions allows 25,000', () => {
    expect(of('30 days')?.events).toBeLessThan(10_000);
  });
});

test('npm run bench startup weighs every function', () => {
  const startups = bench<readonly Startup[]>('startup', '--rounds', '1');
  expect(startups.length).toBeGreaterThan(20);
  expect(startups.every(({ kilobytes, milliseconds }) => kilobytes > 0 && milliseconds.length === 1)).toBe(true);
});
