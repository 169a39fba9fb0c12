import { doubtfulKeys, mayFindMoreEqual } from '../../../lambda/migration/unique-keys';

describe('whether texts that are different may become equal', () => {
  test.each([
    ['utf8mb3_general_ci', 'utf8mb4_general_ci', false],
    ['utf8mb3_unicode_520_ci', 'utf8mb4_unicode_520_ci', false],
    ['ascii_general_ci', 'utf8mb4_general_ci', false],
    ['utf8mb3_general_ci', 'utf8mb4_bin', false],
    ['utf8mb3_general_ci', 'utf8mb4_0900_ai_ci', true],
    ['utf8mb3_bin', 'utf8mb4_general_ci', true],
    ['utf8mb3_general_ci', 'utf8mb4_unicode_ci', true],
    ['latin1_general_ci', 'utf8mb4_general_ci', true],
    ['utf8mb4_0900_bin', 'utf8mb4_bin', true],
    ['utf8mb4_bin', 'utf8mb4_bin', false],
  ])('from %s to %s: %s', (from, to, expected) => {
    expect(mayFindMoreEqual(from, to)).toBe(expected);
  });
});

describe('keys that today\'s rows may violate', () => {
  const table = (columns: string, keys: string) => `CREATE TABLE \`t\` (\n  ${columns},\n  ${keys}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3`;
  const [old, ci] = ['`v` varchar(9)', '`v` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci'];

  test('are those with a column that is compared by another family', () => {
    const number = '`n` int NOT NULL';
    expect(doubtfulKeys(table(`${old},\n  ${number}`, 'UNIQUE KEY `a``b` (`n`,`v`(3) DESC),\n  KEY `v` (`v`)'), table(`${ci},\n  ${number}`, 'UNIQUE KEY `a``b` (`n`,`v`(3) DESC),\n  KEY `v` (`v`)'))).toEqual([{
      key: 'a`b',
      query: 'SELECT 1 FROM {table} WHERE `n` IS NOT NULL AND `v` IS NOT NULL GROUP BY `n`, LEFT(CONVERT(`v` USING utf8mb4) COLLATE utf8mb4_0900_ai_ci, 3) HAVING COUNT(*) > 1 LIMIT 1',
    }]);
  });

  test('are new ones, whatever they compare', () => {
    expect(doubtfulKeys(table('`n` int', 'KEY `n` (`n`)'), table('`n` int', 'UNIQUE KEY `u` (`n`)'))).toEqual([
      { key: 'u', query: 'SELECT 1 FROM {table} WHERE `n` IS NOT NULL GROUP BY `n` HAVING COUNT(*) > 1 LIMIT 1' },
    ]);
  });

  test('cannot be looked at where a part is an expression or a column that is not there yet', () => {
    expect(doubtfulKeys(table('`n` int', 'KEY `n` (`n`)'), table('`n` int', 'UNIQUE KEY `u` ((`n` + 1))'))).toEqual([{ key: 'u' }]);
    expect(doubtfulKeys(table('`n` int', 'KEY `n` (`n`)'), table('`n` int,\n  `m` char(36) DEFAULT (uuid())', 'UNIQUE KEY `u` (`m`)'))).toEqual([{ key: 'u' }]);
  });

  test.each([
    ['int DEFAULT NULL', []],
    ['int NOT NULL AUTO_INCREMENT', []],
    ['int NOT NULL', [{ key: 'u', always: true }]],
    [`int DEFAULT '0' COMMENT 'DEFAULT NULL'`, [{ key: 'u', always: true }]],
  ])('of a new column that is %s are known without the data', (definition, expected) => {
    expect(doubtfulKeys(table('`n` int', 'KEY `n` (`n`)'), table(`\`n\` int,\n  \`m\` ${definition}`, 'UNIQUE KEY `u` (`m`)'))).toEqual(expected);
  });

  test('are none where every column keeps its family', () => {
    const same = '`v` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci';
    expect(doubtfulKeys(table(old, 'PRIMARY KEY (`v`)'), table(same, 'PRIMARY KEY (`v`)'))).toEqual([]);
  });
});
