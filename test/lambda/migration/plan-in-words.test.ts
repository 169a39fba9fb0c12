import { differenceOf, planInWords } from '../../../lambda/migration/plan-in-words';
import { type PipelineSettings } from '../../../lib/private/contract';
import { settingsOf } from '../shared/event';

function converting(databases: readonly string[], collations: Readonly<Record<string, string>> = {}): PipelineSettings {
  return settingsOf({ migration: { kind: 'convertCharacterSet', databases, collations, deferredIndexes: { leastBytes: 0, roomBytes: 0 }, applier: 'running' } });
}

test('a plan is written in words a tag can hold', () => {
  const words = planInWords(converting(['shop', 'お店', 'a "b" c'], { utf8mb3_bin: 'utf8mb4_0900_bin' }));
  expect(words).toBe('migration=convertCharacterSet databases=a--b--c:shop:お店 collations=utf8mb3_bin/utf8mb4_0900_bin targetEngineVersion=as-on-Blue');
  expect(words).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u);
});

test('a plan with many databases is cut to what a tag can hold', () => {
  expect(planInWords(converting(Array.from({ length: 64 }, (_, index) => `database_${index}`)))).toHaveLength(256);
});

test('what has changed is named, property by property', () => {
  const [before, after] = [converting(['shop']), { ...converting(['shop', 'mall']), targetEngineVersion: '8.0.mysql_aurora.3.12.0' }].map(planInWords);
  expect(differenceOf(before, after ?? '')).toEqual([
    `databases was 'shop' and is 'mall:shop'`, `targetEngineVersion was 'as-on-Blue' and is '8.0.mysql_aurora.3.12.0'`,
  ]);
});

test('another kind of migration is named, too', () => {
  expect(differenceOf(planInWords(converting(['shop'])), planInWords(settingsOf({ migration: { kind: 'none' } })))).toEqual([
    `migration was 'convertCharacterSet' and is 'none'`, `databases was 'shop' and is not given`, `collations was 'same-family' and is not given`,
  ]);
});

test('a deployment without the words tells nothing', () => {
  expect(differenceOf(undefined, planInWords(converting(['shop'])))).toEqual([]);
});
