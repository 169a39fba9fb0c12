/** A table that is hard to convert, and a row or two of it. */
export interface ZooTable {
  readonly title: string;
  readonly name: string;
  /** What follows the name in CREATE TABLE. */
  readonly definition: string;
  /** Lists of values. */
  readonly rows?: readonly string[];
}

/** Quoted in a definition as the server prints it. */
const ODD = `it''s \\\\ "quoted", (x) \`tick\` CHARACTER SET latin1 COLLATE latin1_bin, あ`;

/** Created in a database whose default is utf8mb3_general_ci, foreign keys unchecked, in this order. */
export const ZOO: readonly ZooTable[] = [
  { title: 'every text type', name: 'text_types', definition: '(id INT PRIMARY KEY, c CHAR(5), v VARCHAR(20), tt TINYTEXT, t TEXT, mt MEDIUMTEXT, lt LONGTEXT)', rows: [`1, 'あ', 'い', 'う', 'え', 'お', 'か'`] },
  { title: 'text with a length', name: 'text_lengths', definition: '(id INT PRIMARY KEY, a TEXT(50), b TEXT(500), c TEXT(70000), d NATIONAL VARCHAR(9), e NCHAR(3))', rows: [`1, 'a', 'b', 'c', 'd', 'e'`] },
  { title: 'an ENUM with odd members', name: 'odd_enum', definition: `(id INT PRIMARY KEY, e ENUM('a,b', 'it''s', '(x', 'back\\\\slash', 'あ, )', 'CHARACTER SET latin1', '"', '\`', 'nl\\n') NOT NULL DEFAULT 'it''s')`, rows: [`1, 'a,b'`, `2, 'back\\\\slash'`, `3, 'あ, )'`, `4, 'nl\\n'`] },
  { title: 'a SET with odd members', name: 'odd_set', definition: `(id INT PRIMARY KEY, s SET('x', 'y)', 'z''', 'COLLATE utf8mb3_bin') DEFAULT 'x,y)' COMMENT 's')`, rows: [`1, 'x,z'''`, `2, NULL`] },
  { title: 'odd comments', name: 'odd_comments', definition: `(id INT PRIMARY KEY COMMENT '${ODD}', v VARCHAR(9) COMMENT '${ODD}', t TEXT COMMENT 'a\\nb\\r\\0c', KEY v (v) COMMENT '${ODD}') COMMENT '${ODD}, \`v\` varchar(9)'`, rows: [`1, 'v', 't'`] },
  { title: 'a long comment', name: 'long_comment', definition: `(v VARCHAR(9) COMMENT '${'あ'.repeat(1000)}')`, rows: [`'v'`] },
  { title: 'odd defaults', name: 'odd_defaults', definition: `(id INT PRIMARY KEY, v VARCHAR(99) NOT NULL DEFAULT '${ODD}', w CHAR(3) DEFAULT '\\n''"', x VARCHAR(9) DEFAULT '', y CHAR(3) DEFAULT NULL)`, rows: [`1, DEFAULT, DEFAULT, DEFAULT, DEFAULT`] },
  { title: 'defaults that are expressions', name: 'expression_defaults', definition: `(id INT PRIMARY KEY, v VARCHAR(50) DEFAULT (CONCAT('a', "it's", '\\n', ')')), t TEXT DEFAULT ('x'), u VARCHAR(36) NOT NULL DEFAULT (UUID()))`, rows: [`1, DEFAULT, DEFAULT, 'u'`] },
  { title: 'backticks, blanks and commas in names', name: 'odd `names`, (yes)', definition: '(`id` INT PRIMARY KEY, `a``b` VARCHAR(9), `a b` CHAR(2), `,` TEXT, `(` TEXT, `\'` VARCHAR(3), "\\" VARCHAR(3), `あ` VARCHAR(3))'.replace('"\\"', '`\\`'), rows: [`1, 'a', 'b', 'c', 'd', 'e', 'f', 'g'`] },
  { title: 'emoji in names and comments', name: '☕ `❤`', definition: "(`☕` INT PRIMARY KEY, `❤``❤` VARCHAR(9) DEFAULT '☕' COMMENT '☕ `❤`', KEY `☕❤` (`❤``❤`)) COMMENT '❤'", rows: [`1, '❤'`] },
  { title: 'a line break in names', name: 'line\nbreak', definition: '(`a\nb` VARCHAR(9), KEY `k\nk` (`a\nb`))', rows: [`'a'`] },
  { title: 'reserved words as names', name: 'select', definition: '(`key` VARCHAR(9) PRIMARY KEY, `unique` TEXT, `constraint` CHAR(3), `character set` VARCHAR(9), KEY `index` (`constraint`))', rows: [`'k', 'u', 'c', 's'`] },
  { title: 'names of 64 characters', name: 'n'.repeat(64), definition: `(${'c'.repeat(64)} VARCHAR(9))`, rows: [`'c'`] },
  { title: 'a name that ends like a clause', name: 'clause', definition: '(`v CHARACTER SET latin1` VARCHAR(9) COLLATE utf8mb3_bin)', rows: [`'c'`] },
  { title: 'stored and virtual generated columns', name: 'generated', definition: `(id INT PRIMARY KEY, a VARCHAR(10), s VARCHAR(30) AS (CONCAT(a, '-あ', ")", 'it''s')) STORED NOT NULL COMMENT 's', v VARCHAR(30) AS (UPPER(a)) VIRTUAL, n INT AS (CHAR_LENGTH(a)) STORED, KEY v (v), KEY n (n))`, rows: [`1, 'a', DEFAULT, DEFAULT, DEFAULT`] },
  { title: 'a generated column of another character set', name: 'generated_latin1', definition: '(id INT PRIMARY KEY, a VARCHAR(10), h VARCHAR(50) CHARACTER SET latin1 AS (HEX(a)) STORED, b VARBINARY(50) AS (CAST(a AS BINARY)) STORED)', rows: [`1, 'あ', DEFAULT, DEFAULT`] },
  { title: 'invisible columns and indexes', name: 'invisible', definition: `(id INT PRIMARY KEY, a VARCHAR(10) NOT NULL DEFAULT 'x' INVISIBLE COMMENT 'i', b VARCHAR(10), KEY b (b) INVISIBLE)`, rows: ['1, NULL'] },
  { title: 'prefix indexes', name: 'prefix_indexes', definition: '(id INT PRIMARY KEY, v VARCHAR(300), t TEXT, b BLOB, KEY v (v(20)), KEY t (t(191), v(3) DESC), UNIQUE KEY u (t(10)), KEY b (b(5)))', rows: [`1, 'v', 't', 'b'`] },
  { title: 'FULLTEXT indexes', name: 'fulltext', definition: '(id INT PRIMARY KEY, a TEXT, b VARCHAR(99), FULLTEXT KEY ab (a, b), FULLTEXT KEY ng (b) WITH PARSER ngram)', rows: [`1, 'word', '日本語'`] },
  { title: 'unique and descending indexes', name: 'unique_indexes', definition: `(a VARCHAR(10), b VARCHAR(10), UNIQUE KEY ab (a, b DESC) USING BTREE, KEY b (b) KEY_BLOCK_SIZE=1024 COMMENT 'x')`, rows: [`'a', 'b'`, `NULL, 'b'`] },
  { title: 'functional indexes', name: 'functional', definition: `(id INT PRIMARY KEY, v VARCHAR(20), n INT, KEY lo ((LOWER(v)), n) COMMENT '((', UNIQUE KEY co ((CONCAT(v, '),('))) INVISIBLE, KEY nn ((n + 1)), KEY plain (v))`, rows: [`1, 'a', 1`] },
  { title: 'multi-valued and JSON indexes', name: 'json', definition: `(id INT PRIMARY KEY, j JSON, v VARCHAR(9) AS (j->>'$."a b"') STORED, KEY m ((CAST(j->'$.tags' AS CHAR(20) ARRAY))), KEY v (v))`, rows: [`1, '{"a b": "x", "tags": ["あ"]}', DEFAULT`] },
  { title: 'CHECK constraints', name: 'checks', definition: `(id INT PRIMARY KEY, v VARCHAR(20) CHECK (v <> 'CHARACTER SET latin1'), CONSTRAINT \`c\`\`k\` CHECK (v LIKE '%' OR v = ')'), CONSTRAINT off CHECK (CHAR_LENGTH(v) < 15) NOT ENFORCED)`, rows: [`1, 'v'`] },
  { title: 'RANGE partitions on text', name: 'range_partitions', definition: `(v VARCHAR(10) NOT NULL, n INT) COMMENT 'p' PARTITION BY RANGE COLUMNS (v) (PARTITION p0 VALUES LESS THAN ('m') COMMENT 'a, (b', PARTITION p1 VALUES LESS THAN (MAXVALUE))`, rows: [`'a', 1`, `'z', 2`] },
  { title: 'LIST partitions on text', name: 'list_partitions', definition: `(v VARCHAR(10) NOT NULL, n INT) PARTITION BY LIST COLUMNS (v) (PARTITION p0 VALUES IN ('a', 'あ'), PARTITION p1 VALUES IN ('b'))`, rows: [`'あ', 1`, `'b', 2`] },
  { title: 'KEY partitions and sub-partitions', name: 'key_partitions', definition: '(v VARCHAR(10) NOT NULL, n INT NOT NULL) PARTITION BY RANGE (n) SUBPARTITION BY KEY (v) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (5), PARTITION p1 VALUES LESS THAN MAXVALUE)', rows: [`'a', 1`, `'z', 9`] },
  { title: 'a collation per column', name: 'collations', definition: '(a CHAR(9) COLLATE utf8mb3_bin, b VARCHAR(9) COLLATE utf8mb3_unicode_ci, c TEXT COLLATE utf8mb3_unicode_520_ci, d VARCHAR(9) COLLATE utf8mb3_general_ci, e VARCHAR(9) COLLATE utf8mb3_swedish_ci, f VARCHAR(9) CHARACTER SET ascii, g VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin)', rows: [`'a', 'b', 'c', 'd', 'e', 'f', 'g'`] },
  { title: 'columns of other character sets', name: 'other_sets', definition: `(id INT PRIMARY KEY, l VARCHAR(9) CHARACTER SET latin1 DEFAULT 'é', s VARCHAR(9) CHARACTER SET sjis, u VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci, b VARBINARY(9), bl BLOB, x CHAR(3) CHARACTER SET binary, v VARCHAR(9))`, rows: [`1, 'é', 'あ', '𠮷', 'b', 'b', 'x', 'v'`] },
  { title: 'a default of utf8mb4 with columns of utf8mb3', name: 'mixed_default', definition: '(id INT PRIMARY KEY, a VARCHAR(9) CHARACTER SET utf8mb3, b VARCHAR(9)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci', rows: [`1, 'a', '𠮷'`] },
  { title: 'a default of latin1 with columns of utf8mb3', name: 'latin1_default', definition: '(id INT PRIMARY KEY, a VARCHAR(9) CHARACTER SET utf8mb3, b VARCHAR(9)) DEFAULT CHARACTER SET latin1', rows: [`1, 'あ', 'é'`] },
  { title: 'no text at all', name: 'no_text', definition: '(id INT PRIMARY KEY, n DECIMAL(9, 2), d DATE)', rows: ['1, 2.5, NULL'] },
  { title: 'zero dates', name: 'zero_dates', definition: `(id INT PRIMARY KEY, d DATETIME DEFAULT '0000-00-00 00:00:00', e DATE NOT NULL DEFAULT '0000-00-00', t TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00', v VARCHAR(9))`, rows: [`1, DEFAULT, DEFAULT, DEFAULT, 'v'`] },
  { title: 'TIMESTAMP columns', name: 'timestamps', definition: '(id INT PRIMARY KEY, a TIMESTAMP NULL, b TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, c TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), v VARCHAR(9))', rows: [`1, '2038-01-19 03:14:07', '2020-01-01 00:00:00', '2020-01-01 00:00:00.5', 'v'`] },
  { title: 'AUTO_INCREMENT and table options', name: 'options', definition: `(id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(9)) AUTO_INCREMENT=77 AVG_ROW_LENGTH=100 MIN_ROWS=3 STATS_PERSISTENT=1 STATS_SAMPLE_PAGES=9 PACK_KEYS=1 CHECKSUM=1`, rows: [`DEFAULT, 'v'`] },
  { title: 'row format COMPACT', name: 'compact', definition: '(id INT PRIMARY KEY, v VARCHAR(150), KEY v (v)) ROW_FORMAT=COMPACT', rows: [`1, 'v'`] },
  { title: 'row format REDUNDANT', name: 'redundant', definition: '(id INT PRIMARY KEY, v VARCHAR(150), KEY v (v)) ROW_FORMAT=REDUNDANT', rows: [`1, 'v'`] },
  { title: 'row format COMPRESSED', name: 'compressed', definition: '(id INT PRIMARY KEY, v VARCHAR(150), t TEXT) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=4', rows: [`1, 'v', 't'`] },
  { title: 'no primary key', name: 'keyless', definition: '(v VARCHAR(9), w VARCHAR(9))', rows: [`'a', 'b'`, `'a', 'b'`] },
  { title: 'a text primary key of the greatest length', name: 'long_key', definition: '(v VARCHAR(768), PRIMARY KEY (v))', rows: [`'v'`] },
  { title: 'the longest VARCHAR that converts', name: 'long_varchar', definition: '(v VARCHAR(16383))', rows: [`'あ'`] },
  { title: 'a foreign key on text', name: 'fk_parent', definition: '(code VARCHAR(9) PRIMARY KEY, name VARCHAR(9))', rows: [`'あ', 'n'`] },
  { title: 'its child', name: 'fk_child', definition: '(id INT PRIMARY KEY, code VARCHAR(9), KEY code (code), CONSTRAINT `f``k` FOREIGN KEY (code) REFERENCES fk_parent (code) ON UPDATE CASCADE ON DELETE SET NULL)', rows: [`1, 'あ'`] },
  { title: 'a foreign key to itself', name: 'fk_self', definition: '(code VARCHAR(9) PRIMARY KEY, parent VARCHAR(9), FOREIGN KEY (parent) REFERENCES fk_self (code))', rows: [`'a', NULL`, `'b', 'a'`] },
  { title: 'a foreign key into another schema', name: 'fk_far', definition: '(id INT PRIMARY KEY, code VARCHAR(9), FOREIGN KEY (code) REFERENCES `zoo two`.parent (code))', rows: [`1, 'あ'`] },
  { title: 'spatial columns and indexes', name: 'spatial', definition: '(id INT PRIMARY KEY, p POINT NOT NULL SRID 4326, v VARCHAR(9), SPATIAL KEY p (p))', rows: [`1, ST_SRID(POINT(1, 2), 4326), 'v'`] },
  { title: 'many columns', name: 'many', definition: `(${Array.from({ length: 200 }, (_, index) => `c${index} VARCHAR(9) COMMENT 'column ${index}'`).join(', ')})`, rows: [Array.from({ length: 200 }, (_, index) => `'あ${index}'`).join(', ')] },
];
