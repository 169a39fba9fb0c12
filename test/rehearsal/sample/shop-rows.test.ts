import { insertStatements, shopSize } from '../../../rehearsal/sample/shop-rows';
import { shopTables } from '../../../rehearsal/sample/shop-schema';

describe('shopSize', () => {
  test.each([300, 1000, 4567, 300_000])('divides %i rows among all tables', (rows) => {
    const size = shopSize(rows);
    expect(Object.values(size).reduce((sum, count) => sum + count, 0)).toBe(rows);
    expect(shopTables.filter((table) => size[table] < 1)).toEqual([]);
  });

  test.each([0, 299, 1000.5, Number.NaN])('fails for %p rows', (rows) => {
    expect(() => shopSize(rows)).toThrow("'rows' should be a whole number of at least 300");
  });
});

describe('insertStatements', () => {
  const size = shopSize(1000);
  const all = (seed: number) => shopTables.map((table) => [...insertStatements(table, size, seed, 10_000)]);

  test('gives the same rows for the same seed', () => {
    expect(all(1)).toEqual(all(1));
    expect(all(1)).not.toEqual(all(2));
  });

  test('keeps statements near the given size', () => {
    const lengths = all(1).flat().map((statement) => Buffer.byteLength(statement));
    expect(Math.max(...lengths)).toBeLessThan(30_000);
    expect(lengths.length).toBeGreaterThan(shopTables.length);
  });

  test('never writes a character of four bytes: the tables could not hold it', () => {
    expect(all(1).flat().join('')).not.toMatch(/[\u{10000}-\u{10ffff}]/u);
  });
});
