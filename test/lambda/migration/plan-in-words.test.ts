import { differenceOf, isReplaceable, planInWords } from '../../../lambda/migration/plan-in-words';
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

describe('a plan may take the place of another', () => {
  const files = (fingerprint: string, database = 'shop') => settingsOf({ migration: { kind: 'sqlFiles', database, others: [], fingerprint, applier: 'running' } });
  const many = Array.from({ length: 64 }, (_, index) => `database_${index}`);

  test.each<[string, PipelineSettings, PipelineSettings, boolean]>([
    ['with other SQL files', files('a'), files('b'), true],
    ['with other collations', converting(['shop']), converting(['shop'], { utf8mb3_bin: 'utf8mb4_bin' }), true],
    ['with the same words: another hash tells nothing else', files('a'), files('a'), false],
    ['with files of another database', files('a'), files('b', 'mall'), false],
    ['with another database', converting(['shop']), converting(['shop', 'mall']), false],
    ['of another kind', converting(['shop']), files('a'), false],
    ['with other files and another version', files('a'), { ...files('b'), targetEngineVersion: '8.0.mysql_aurora.3.12.0' }, false],
    ['with so many databases that the words are cut', converting(many), converting(many, { utf8mb3_bin: 'utf8mb4_bin' }), false],
  ])('%s', (_, before, after, expected) => {
    expect(isReplaceable(planInWords(before), planInWords(after))).toBe(expected);
  });

  test('not where nobody knows the words of the other one', () => {
    expect(isReplaceable(undefined, planInWords(files('a')))).toBe(false);
  });
});

test('a deployment without the words tells nothing', () => {
  expect(differenceOf(undefined, planInWords(converting(['shop'])))).toEqual([]);
});
