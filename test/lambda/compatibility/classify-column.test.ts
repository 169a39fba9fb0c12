import { classifyColumn } from '../../../lambda/compatibility/classify-column';
import { type VerdictName } from '../../../lambda/compatibility/verdict';

const BOTH = 'ALL_NON_LOSSY,ALL_UNSIGNED';

/** Measured on 5.7, 8.0, 8.4 and 9.7, or by the matrix: from, to, and the verdict with '', ALL_NON_LOSSY, and ALL_UNSIGNED besides. */
const MEASURED: ReadonlyArray<readonly [from: string, to: string, none: VerdictName, nonLossy: VerdictName, unsigned: VerdictName]> = [
  ['INT', 'INT', 'SAFE', 'SAFE', 'SAFE'],
  ['INT', 'BIGINT', 'NEEDS_CONVERSION', 'SAFE', 'CORRUPTS'],
  ['TINYINT', 'SMALLINT', 'NEEDS_CONVERSION', 'SAFE', 'CORRUPTS'],
  ['BIGINT', 'INT', 'STOPS', 'STOPS', 'STOPS'],
  ['INT', 'INT UNSIGNED', 'CORRUPTS', 'CORRUPTS', 'CORRUPTS'],
  ['INT UNSIGNED', 'INT', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['INT UNSIGNED', 'BIGINT UNSIGNED', 'NEEDS_CONVERSION', 'DEPENDS_ON_DATA', 'SAFE'],
  ['INT UNSIGNED', 'BIGINT', 'NEEDS_CONVERSION', 'DEPENDS_ON_DATA', 'SAFE'],
  ['INT', 'VARCHAR(20)', 'STOPS', 'STOPS', 'STOPS'],
  ['INT', 'DECIMAL(10,0)', 'STOPS', 'STOPS', 'STOPS'],
  ['DECIMAL(10,2)', 'DECIMAL(12,4)', 'NEEDS_CONVERSION', 'SAFE', 'SAFE'],
  ['DECIMAL(10,2)', 'DECIMAL(10,4)', 'STOPS', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['DECIMAL(10,4)', 'DECIMAL(12,2)', 'STOPS', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['DECIMAL(12,4)', 'DECIMAL(10,2)', 'STOPS', 'STOPS', 'STOPS'],
  ['FLOAT', 'DOUBLE', 'NEEDS_CONVERSION', 'SAFE', 'SAFE'],
  ['DOUBLE', 'FLOAT', 'STOPS', 'STOPS', 'STOPS'],
  ['BIT(1)', 'BIT(8)', 'NEEDS_CONVERSION', 'SAFE', 'SAFE'],
  ['BIT(1)', 'TINYINT', 'STOPS', 'STOPS', 'STOPS'],
  ['VARCHAR(64) CHARACTER SET utf8mb3', 'VARCHAR(64) CHARACTER SET utf8mb4', 'NEEDS_CONVERSION', 'SAFE', 'SAFE'],
  ['VARCHAR(20) CHARACTER SET ascii', 'VARCHAR(20) CHARACTER SET utf8mb4', 'NEEDS_CONVERSION', 'SAFE', 'SAFE'],
  ['VARCHAR(20) CHARACTER SET latin1', 'VARCHAR(20) CHARACTER SET utf8mb4', 'STOPS', 'CORRUPTS', 'CORRUPTS'],
  ['TEXT CHARACTER SET latin1', 'TEXT CHARACTER SET utf8mb4', 'CORRUPTS', 'CORRUPTS', 'CORRUPTS'],
  ['TEXT CHARACTER SET utf8mb3', 'TEXT CHARACTER SET utf8mb4', 'SAFE', 'SAFE', 'SAFE'],
  ['TEXT CHARACTER SET utf8mb3', 'MEDIUMTEXT CHARACTER SET utf8mb4', 'NEEDS_CONVERSION', 'SAFE', 'SAFE'],
  ['VARCHAR(255) CHARACTER SET utf8mb3', 'VARCHAR(191) CHARACTER SET utf8mb4', 'STOPS', 'STOPS', 'STOPS'],
  ['VARCHAR(30) CHARACTER SET utf8mb3', 'VARCHAR(23) CHARACTER SET utf8mb4', 'STOPS', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['VARCHAR(100) CHARACTER SET utf8mb3', 'VARCHAR(75) CHARACTER SET utf8mb4', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['VARCHAR(20)', 'VARCHAR(21)', 'NEEDS_CONVERSION', 'SAFE', 'SAFE'],
  ['VARCHAR(20)', 'CHAR(30)', 'STOPS', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['TEXT', 'VARCHAR(100)', 'STOPS', 'STOPS', 'STOPS'],
  ['VARBINARY(16)', 'BINARY(20)', 'STOPS', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['BLOB', 'TEXT', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  [`ENUM('a','b')`, `ENUM('a','b','c')`, 'SAFE', 'SAFE', 'SAFE'],
  [`ENUM('a','b')`, `ENUM('a','x','b')`, 'CORRUPTS', 'CORRUPTS', 'CORRUPTS'],
  [`ENUM('a','b')`, `ENUM('b','a')`, 'CORRUPTS', 'CORRUPTS', 'CORRUPTS'],
  [`ENUM('a','b','c')`, `ENUM('a','b')`, 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  [`SET('a','b')`, `SET('x','a','b')`, 'CORRUPTS', 'CORRUPTS', 'CORRUPTS'],
  [`ENUM('a','b')`, 'VARCHAR(10)', 'STOPS', 'STOPS', 'STOPS'],
  ['DATETIME', 'DATETIME(6)', 'STOPS', 'STOPS', 'STOPS'],
  ['DATETIME(3)', 'DATETIME(6)', 'STOPS', 'STOPS', 'STOPS'],
  ['DATETIME(5)', 'DATETIME(6)', 'SAFE', 'SAFE', 'SAFE'],
  ['DATETIME(6)', 'DATETIME(5)', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['DATETIME', 'TIMESTAMP', 'STOPS', 'STOPS', 'STOPS'],
  ['DATE', 'DATETIME', 'STOPS', 'STOPS', 'STOPS'],
  ['JSON', 'LONGTEXT', 'STOPS', 'STOPS', 'STOPS'],
  ['POINT', 'GEOMETRY', 'SAFE', 'SAFE', 'SAFE'],
  ['GEOMETRY', 'POINT', 'CORRUPTS', 'CORRUPTS', 'CORRUPTS'],
  ['INT', 'INT NOT NULL', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA', 'DEPENDS_ON_DATA'],
  ['INT NOT NULL', 'INT', 'SAFE', 'SAFE', 'SAFE'],
  ['CHAR(0) CHARACTER SET utf8mb3', 'CHAR(0) CHARACTER SET utf8mb4', 'SAFE', 'SAFE', 'SAFE'],
  ['VARCHAR(0)', 'VARCHAR(0)', 'SAFE', 'SAFE', 'SAFE'],
  ['CHAR(0)', 'CHAR(1)', 'STOPS', 'STOPS', 'STOPS'],
];

test.each(MEASURED)('%s → %s is %s without a setting, %s with ALL_NON_LOSSY, %s with ALL_UNSIGNED besides', (from, to, none, nonLossy, unsigned) => {
  expect(['', 'ALL_NON_LOSSY', BOTH].map((conversions) => classifyColumn(from, to, conversions).verdict)).toEqual([none, nonLossy, unsigned]);
});

test('names the setting that is missing, whole', () => {
  expect(classifyColumn('INT', 'BIGINT', 'ALL_LOSSY')).toMatchObject({ verdict: 'NEEDS_CONVERSION', setting: 'ALL_LOSSY,ALL_NON_LOSSY' });
  expect(classifyColumn('INT UNSIGNED', 'BIGINT', '')).toMatchObject({ verdict: 'NEEDS_CONVERSION', setting: BOTH });
});

test('gives the query that decides', () => {
  expect(classifyColumn('INT UNSIGNED', 'BIGINT UNSIGNED', 'ALL_NON_LOSSY').query).toBe('SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} >= 2147483648)');
});

test('asks for everything that may go wrong with one column', () => {
  const query = (from: string, to: string, conversions = 'ALL_NON_LOSSY') => classifyColumn(from, to, conversions).query?.replaceAll('SELECT 1 FROM {table} WHERE ', '');
  expect(query('DECIMAL(10,2)', 'DECIMAL(10,4) UNSIGNED')).toBe('SELECT EXISTS (ABS({column}) >= 1e6) OR EXISTS ({column} < 0)');
  expect(query('INT UNSIGNED', 'BIGINT UNSIGNED NOT NULL')).toBe('SELECT EXISTS ({column} >= 2147483648) OR EXISTS ({column} IS NULL)');
  expect(query('VARBINARY(300)', 'VARCHAR(20)', 'ALL_LOSSY,ALL_NON_LOSSY')).toMatch(/^SELECT EXISTS \(LENGTH.*CHAR_LENGTH.*\) OR EXISTS \(CONVERT\(/);
});

test('is not appeased by a query that finds only some of the values', () => {
  const both = 'ALL_LOSSY,ALL_NON_LOSSY';
  expect(classifyColumn('VARCHAR(255) CHARACTER SET latin1', 'VARCHAR(20)', both)).toMatchObject({ verdict: 'CORRUPTS', reason: expect.stringContaining('bytes of latin1') });
  expect(classifyColumn('INT', 'SMALLINT', `${both},ALL_UNSIGNED`)).toMatchObject({ verdict: 'CORRUPTS', reason: expect.stringContaining('ALL_UNSIGNED') });
});

test.each(['INT', 'VARCHAR(10)', 'FROBNICATE'])('refuses a definition it cannot read, on either side, against %s', (known) => {
  for (const verdict of [classifyColumn('FROBNICATE', known, 'ALL_NON_LOSSY'), classifyColumn(known, 'FROBNICATE', 'ALL_NON_LOSSY')]) {
    expect(verdict).toMatchObject({ verdict: 'STOPS', reason: expect.stringContaining('not known') });
  }
});

test.each(['BIGINT', 'DECIMAL(12,4)', 'DOUBLE', 'BIT(8)', 'VARCHAR(100)', 'MEDIUMTEXT'])('calls nothing safe that ALL_LOSSY would cut, from %s', (from) => {
  for (const to of ['INT', 'DECIMAL(10,2)', 'FLOAT', 'BIT(1)', 'VARCHAR(10)', 'TINYTEXT']) {
    expect(classifyColumn(from, to, 'ALL_LOSSY,ALL_NON_LOSSY').verdict).not.toBe('SAFE');
  }
});

test('a generated column is as its expression: the same, whatever the character set of its literals, or refused', () => {
  const printed = (literal: string) => `varchar(9) GENERATED ALWAYS AS (concat(\`a\`,${literal})) STORED`;
  expect(classifyColumn(printed(`_utf8mb3'x'`), printed(`_utf8mb4'x'`), '').verdict).toBe('SAFE');
  expect(classifyColumn(printed(`_utf8mb3'x'`), printed(`_utf8mb4'y'`), '').verdict).toBe('CORRUPTS');
  expect(classifyColumn('varchar(9)', printed(`_utf8mb4'x'`), '').verdict).toBe('CORRUPTS');
});

test('refuses a setting that MySQL does not know', () => {
  expect(() => classifyColumn('INT', 'INT', 'ALL')).toThrow(`replica_type_conversions should be made of ALL_LOSSY, ALL_NON_LOSSY, ALL_SIGNED, ALL_UNSIGNED, got 'ALL'`);
});
