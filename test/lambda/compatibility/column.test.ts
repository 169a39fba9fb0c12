import { columnsOf } from '../../../lambda/compatibility/classify-table';
import { parseColumn } from '../../../lambda/compatibility/column';

test.each([
  ['int(11) NOT NULL', { kind: 'integer', name: 'INT', bytes: 4, unsigned: false }],
  ['int(10) unsigned zerofill', { kind: 'integer', name: 'INT', bytes: 4, unsigned: true }],
  ['tinyint(1)', { kind: 'integer', name: 'TINYINT', bytes: 1, unsigned: false }],
  ['decimal(12,4) unsigned', { kind: 'decimal', precision: 12, scale: 4, unsigned: true }],
  ['decimal(10,0)', { kind: 'decimal', precision: 10, scale: 0, unsigned: false }],
  ['double', { kind: 'float', name: 'DOUBLE', digits: '', unsigned: false }],
  ['float(7,3)', { kind: 'float', name: 'FLOAT', digits: '(7,3)', unsigned: false }],
  ['bit(5)', { kind: 'bit', bits: 5 }],
  ['datetime(6) DEFAULT CURRENT_TIMESTAMP(6)', { kind: 'temporal', name: 'DATETIME', fraction: 6 }],
  ['timestamp NULL DEFAULT NULL', { kind: 'temporal', name: 'TIMESTAMP', fraction: 0 }],
  ['year(4)', { kind: 'temporal', name: 'YEAR', fraction: 0 }],
  ['VARCHAR(64) CHARACTER SET utf8mb3', { kind: 'string', fixed: false, characterSet: 'utf8mb3', length: 64, bytes: 192 }],
  ['varchar(64) CHARACTER SET utf8 COLLATE utf8_bin', { kind: 'string', fixed: false, characterSet: 'utf8mb3', length: 64, bytes: 192 }],
  ['varchar(64) COLLATE latin1_bin', { kind: 'string', fixed: false, characterSet: 'latin1', length: 64, bytes: 64 }],
  ['char(2)', { kind: 'string', fixed: true, characterSet: 'utf8mb4', length: 2, bytes: 8 }],
  ['varbinary(16)', { kind: 'string', fixed: false, characterSet: 'binary', length: 16, bytes: 16 }],
  ['mediumtext CHARACTER SET ascii', { kind: 'large', characterSet: 'ascii', lengthBytes: 3, bytes: 16_777_215 }],
  ['blob', { kind: 'large', characterSet: 'binary', lengthBytes: 2, bytes: 65_535 }],
  [`enum('a,b','it''s',')')`, { kind: 'members', name: 'ENUM', members: ['a,b', `it's`, ')'] }],
  ['json', { kind: 'json' }],
  ['point NOT NULL /*!80003 SRID 4326 */', { kind: 'spatial', name: 'POINT', srid: 4326 }],
])('reads %s', (definition, type) => {
  expect(parseColumn(definition).type).toEqual(type);
});

test.each(['', 'FROBNICATE', 'INT(', 'VARCHAR', 'VARCHAR(x)', 'VARCHAR(5) CHARACTER SET klingon', 'TEXT(100)', 'ENUM()', `ENUM('a`, 'DECIMAL(1,2,3)'])(
  'refuses to guess what %p is', (definition) => {
    expect(parseColumn(definition).type).toBeUndefined();
  },
);

test('is not misled by defaults, comments and expressions', () => {
  const column = parseColumn(`\`a\`\`b\` varchar(10) CHARACTER SET utf8mb3 NOT NULL DEFAULT 'unsigned, NULL' COMMENT 'CHARACTER SET latin1, it''s AS (b)'`);
  expect(column).toMatchObject({ name: 'a`b', nullable: false, type: { characterSet: 'utf8mb3' } });
  expect(column.generated).toBeUndefined();
});

test.each([
  ['int GENERATED ALWAYS AS (`a` + 1) VIRTUAL', false],
  [`varchar(9) GENERATED ALWAYS AS (concat(\`a\`,_utf8mb4')')) STORED NOT NULL`, true],
])('reads the generated column %s', (definition, stored) => {
  expect(parseColumn(definition).generated).toMatchObject({ stored });
});

test('reads the columns of a table, with its character set and collation where a column names none', () => {
  const columns = columnsOf([
    'CREATE TABLE `a(b` (', '  `id` bigint NOT NULL AUTO_INCREMENT,', '  `name` varchar(10) DEFAULT NULL,',
    '  `code` varchar(5) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL,', '  PRIMARY KEY (`id`),', '  KEY `k` (`name`(3))',
    ') ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_unicode_ci',
  ].join('\n'));
  expect(columns).toMatchObject([
    { name: 'id', nullable: false, type: { kind: 'integer' } },
    { name: 'name', nullable: true, collation: 'utf8mb3_unicode_ci', type: { characterSet: 'utf8mb3' } },
    { name: 'code', collation: 'latin1_bin', type: { characterSet: 'latin1' } },
  ]);
});
