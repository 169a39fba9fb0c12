import { reportPage } from '../../../lambda/report/page';
import { exampleReport } from './report-example';

/** The text a reader sees. */
function words(html: string): string {
  return html.replace(/<style>[\s\S]*?<\/style>/, '').replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
}

test('the page says what happened, how long, how much, and what to do', () => {
  const page = words(reportPage(exampleReport()));
  expect(page).toContain('was switched over, converted to utf8mb4');
  for (const figure of ['46 h 10 min', 'writes refused for 2.7 s', 'reads failed for 310 ms', '12 tables', '767.0 MB', '3,000,000 rows', 'but for 2 that kept changing']) expect(page).toContain(figure);
  for (const line of ['Run Migration 2026-11-20 12:51 41 h 40 min', 'shop.orders 500.0 MB', 'event shop.nightly was enabled again', 'mysql-bin-changelog.000003, position 157']) expect(page).toContain(line);
});

test('the page takes every text as text', () => {
  const page = reportPage(exampleReport({ cluster: '<script>alert(1)</script>', remarks: ['a "quoted" \'remark\' & more <b>'] }));
  expect(page).not.toMatch(/<script|<b>\)/);
  expect(page).toContain('&lt;script&gt;');
  expect(page).toContain('shop.&lt;log&gt; has no primary key');
});

test('the page loads nothing', () => {
  expect(reportPage(exampleReport())).not.toMatch(/\b(?:src|href)=|@import|url\(|https?:/);
});

test('the curve has a gap where nothing was known', () => {
  const [, path = ''] = /<path d="([^"]*)"/.exec(reportPage(exampleReport())) ?? [];
  expect(path.match(/M/g)).toHaveLength(2);
});

test('what an execution did not do has no section', () => {
  const page = reportPage(exampleReport({ lag: [], migration: null, rowsCompared: null, outage: null, coordinates: null, remarks: [], findings: [] }));
  expect([...page.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)).toEqual(['Timeline']);
});
