import { classifyTable, queryFor, type TableFacts } from '../../../lambda/compatibility/classify-table';
import { parseColumn } from '../../../lambda/compatibility/column';

const BLUE = ['`id` INT NOT NULL', '`a` VARCHAR(10)', '`b` VARCHAR(10)'];

function classify(from: readonly string[], to: readonly string[], conversions = 'ALL_NON_LOSSY', facts: TableFacts = {}) {
  return classifyTable(from.map((text) => parseColumn(text)), to.map((text) => parseColumn(text)), conversions, facts);
}

test.each([
  ['as it was', BLUE, 'SAFE'],
  ['with a column at the end', [...BLUE, '`c` INT NOT NULL'], 'SAFE'],
  ['without the last column', BLUE.slice(0, 2), 'SAFE'],
  ['with a wider column', ['`id` BIGINT NOT NULL', ...BLUE.slice(1)], 'SAFE'],
  ['with a column in the middle, of the same type', ['`id` INT NOT NULL', '`c` VARCHAR(10)', '`a` VARCHAR(10)', '`b` VARCHAR(10)'], 'CORRUPTS'],
  ['with a column in the middle, of another type', ['`id` INT NOT NULL', '`c` JSON', '`a` VARCHAR(10)', '`b` VARCHAR(10)'], 'CORRUPTS'],
  ['with two columns swapped', ['`id` INT NOT NULL', '`b` VARCHAR(10)', '`a` VARCHAR(10)'], 'CORRUPTS'],
  ['with two columns of different types swapped', ['`a` VARCHAR(10)', '`id` INT NOT NULL', '`b` VARCHAR(10)'], 'STOPS'],
  ['without a column in the middle', ['`id` INT NOT NULL', '`b` VARCHAR(10)'], 'CORRUPTS'],
  ['with another name, unsaid', ['`id` INT NOT NULL', '`a` VARCHAR(10)', '`x` VARCHAR(10)'], 'CORRUPTS'],
])('a table on Green %s is %s', (_, green, verdict) => {
  expect(classify(BLUE, green).verdict).toBe(verdict);
});

test('a renamed column is as its type, if it is said to be renamed', () => {
  expect(classify(BLUE, [...BLUE.slice(0, 2), '`x` VARCHAR(10)'], '', { renamed: { b: 'x' } }).verdict).toBe('SAFE');
});

test('the verdict is that of the worst column, with its position and name', () => {
  const verdict = classify(BLUE, ['`id` INT UNSIGNED NOT NULL', '`a` VARCHAR(20)', '`b` VARCHAR(10)'], '');
  expect(verdict).toMatchObject({ verdict: 'CORRUPTS', reason: expect.stringContaining(`column 1, 'id'`) });
  expect(verdict.columns.map((column) => column.verdict)).toEqual(['CORRUPTS', 'NEEDS_CONVERSION', 'SAFE']);
});

test('names one setting that serves all columns', () => {
  expect(classify(['`a` INT UNSIGNED', '`b` VARCHAR(10)'], ['`a` BIGINT UNSIGNED', '`b` VARCHAR(20)'], '')).toMatchObject({
    verdict: 'NEEDS_CONVERSION', setting: 'ALL_NON_LOSSY,ALL_UNSIGNED',
  });
});

test('refuses to widen signed and unsigned numbers together, for which there is no setting', () => {
  expect(classify(['`a` INT UNSIGNED', '`b` INT'], ['`a` BIGINT UNSIGNED', '`b` BIGINT'], '')).toMatchObject({
    verdict: 'STOPS', reason: expect.stringContaining('ALL_NON_LOSSY,ALL_UNSIGNED and ALL_NON_LOSSY'),
  });
});

test('a query names the column, and the table when it is asked for one', () => {
  const query = classify(['`a``b` INT UNSIGNED'], ['`a``b` BIGINT UNSIGNED']).query ?? '';
  expect(queryFor(query, '`shop`.`orders`')).toBe('SELECT EXISTS (SELECT 1 FROM `shop`.`orders` WHERE `a``b` >= 2147483648)');
});

test.each([
  ['utf8mb4_0900_ai_ci', 'DEPENDS_ON_DATA'],
  ['utf8mb4_general_ci', 'SAFE'],
])('a unique column whose collation becomes %s is %s', (collation, verdict) => {
  const from = '`a` VARCHAR(10) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci';
  expect(classify([from], [`\`a\` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE ${collation}`], 'ALL_NON_LOSSY', { unique: ['a'] }).verdict).toBe(verdict);
});

test('a unique column that also needs a setting is not said to be right with it', () => {
  const [from, to] = ['`a` VARCHAR(10) CHARACTER SET utf8mb3', '`a` VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci'];
  expect(classify([from], [to], '', { unique: ['a'] })).toMatchObject({ verdict: 'STOPS', reason: expect.stringMatching(/ALL_NON_LOSSY.*and then.*1062/), query: expect.stringContaining('HAVING') });
});
