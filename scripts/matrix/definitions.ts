import { type Column, type ColumnType, parseColumn } from '../../lambda/compatibility/column';

const LATIN1 = 'CHARACTER SET latin1 COLLATE latin1_swedish_ci';
const ASCII = 'CHARACTER SET ascii COLLATE ascii_general_ci';
const UTF8MB3 = 'CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci';
const UTF8MB4 = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci';

/** Column definitions of every type family: sizes, signs, precisions, fractions, character sets, members, classes. */
export const DEFINITIONS: readonly string[] = [
  'TINYINT', 'TINYINT UNSIGNED', 'SMALLINT', 'SMALLINT UNSIGNED', 'MEDIUMINT', 'MEDIUMINT UNSIGNED', 'INT', 'INT NOT NULL', 'INT UNSIGNED', 'BIGINT', 'BIGINT UNSIGNED',
  'DECIMAL(10,2)', 'DECIMAL(12,2)', 'DECIMAL(12,4)', 'DECIMAL(10,4)', 'DECIMAL(12,2) UNSIGNED', 'DECIMAL(65,30)',
  'FLOAT', 'FLOAT UNSIGNED', 'FLOAT(7,3)', 'DOUBLE', 'DOUBLE UNSIGNED',
  'BIT(1)', 'BIT(5)', 'BIT(8)', 'BIT(64)',
  'DATE', 'YEAR', 'TIME', 'TIME(1)', 'TIME(2)', 'TIME(6)', 'DATETIME', 'DATETIME(3)', 'DATETIME(5)', 'DATETIME(6)', 'TIMESTAMP NULL', 'TIMESTAMP(3) NULL', 'TIMESTAMP(4) NULL', 'TIMESTAMP(6) NULL',
  `CHAR(10) ${LATIN1}`, `CHAR(10) ${UTF8MB3}`, `CHAR(10) ${UTF8MB4}`, `CHAR(100) ${UTF8MB3}`, `CHAR(100) ${UTF8MB4}`,
  `VARCHAR(10) ${UTF8MB4}`, `VARCHAR(20) ${ASCII}`, `VARCHAR(20) ${LATIN1}`, `VARCHAR(20) ${UTF8MB3}`, `VARCHAR(20) ${UTF8MB4}`, `VARCHAR(20) CHARACTER SET ucs2 COLLATE ucs2_general_ci`,
  `VARCHAR(20) CHARACTER SET cp1251 COLLATE cp1251_general_ci`, `VARCHAR(20) CHARACTER SET sjis COLLATE sjis_japanese_ci`,
  'VARCHAR(20) CHARACTER SET gbk COLLATE gbk_chinese_ci', 'VARCHAR(20) CHARACTER SET gb18030 COLLATE gb18030_chinese_ci', 'VARCHAR(20) CHARACTER SET utf16 COLLATE utf16_general_ci',
  'VARCHAR(20) CHARACTER SET utf32 COLLATE utf32_general_ci',
  `VARCHAR(64) ${UTF8MB3}`, `VARCHAR(64) ${UTF8MB4}`, 'VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin', `VARCHAR(64) ${UTF8MB4} NOT NULL`, `VARCHAR(100) ${UTF8MB3}`, `VARCHAR(75) ${UTF8MB4}`,
  `VARCHAR(255) ${UTF8MB3}`, `VARCHAR(191) ${UTF8MB4}`, `VARCHAR(255) ${LATIN1}`,
  `CHAR(255) ${UTF8MB3}`, `CHAR(255) ${UTF8MB4}`, `VARCHAR(300) ${UTF8MB3}`, `VARCHAR(300) ${UTF8MB4}`,
  'BINARY(16)', 'BINARY(20)', 'VARBINARY(16)', 'VARBINARY(20)', 'VARBINARY(300)',
  'TINYBLOB', 'BLOB', 'MEDIUMBLOB', 'LONGBLOB',
  `TINYTEXT ${UTF8MB3}`, `TEXT ${LATIN1}`, `TEXT ${ASCII}`, `TEXT ${UTF8MB3}`, `TEXT ${UTF8MB4}`, `MEDIUMTEXT ${UTF8MB3}`, `MEDIUMTEXT ${UTF8MB4}`, `LONGTEXT ${UTF8MB4}`,
  `ENUM('a','b')`, `ENUM('a','b','c') ${UTF8MB3}`, `ENUM('a','x','b')`, `ENUM('é','b') ${LATIN1}`, `ENUM('é','b','c') ${UTF8MB4}`, `ENUM(${members('a', 255)})`, `ENUM(${members('a', 256)})`,
  `SET('a','b')`, `SET('a','b','c')`, `SET('x','a','b')`, `SET(${members('a', 8)})`, `SET(${members('a', 9)})`, `SET(${members('a', 40)})`, `SET(${members('a', 64)})`,
  'JSON', 'POINT', 'POINT SRID 4326', 'LINESTRING', 'POLYGON', 'MULTIPOINT', 'MULTILINESTRING', 'MULTIPOLYGON', 'GEOMCOLLECTION', 'GEOMETRY', 'VECTOR(3)', 'VECTOR(4)',
];

function members(prefix: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `'${prefix}${index === 0 ? '' : index}'`).join(',');
}

/** A definition, as the classifier reads it and as a table is made from it. */
export interface Definition {
  readonly sql: string;
  readonly column: Column;
  readonly type: ColumnType;
  /** Typical and extreme values, as SQL literals for a column of this definition. */
  readonly values: readonly string[];
}

/** The definition with its values. Throws for one the classifier cannot read. */
export function definition(sql: string): Definition {
  const column = parseColumn(sql);
  if (column.type === undefined) throw new Error(`the classifier should be able to read '${sql}'`);
  return { sql, column, type: column.type, values: [...column.nullable ? ['NULL'] : [], ...new Set(valuesOf(column.type))] };
}

/** How a value is read for the comparison: what it means, in a form that does not depend on the type's size. */
export function meaning(own: ColumnType, other: ColumnType): string {
  switch (own.kind) {
    case 'integer':
    case 'decimal': return other.kind === 'float' ? 'CAST(c + 0e0 AS CHAR)' : 'CAST(c AS CHAR)';
    case 'float': return 'CAST(c + 0e0 AS CHAR)';
    case 'bit': return 'CAST(c + 0 AS CHAR)';
    case 'temporal':
    case 'json': return 'CAST(c AS CHAR)';
    case 'members': return 'HEX(CONVERT(c USING utf8mb4))';
    case 'string':
    case 'large': return own.characterSet === 'binary' || ('characterSet' in other && other.characterSet === 'binary') ? 'HEX(c)' : 'HEX(CONVERT(c USING utf8mb4))';
    case 'spatial':
    case 'vector': return 'HEX(c)';
  }
}

/** A number or time without the zeros at the end of its fraction, which only say how many digits the type has. */
export function withoutZeros(text: string | null, type: ColumnType): string | null {
  if (text === null || !['decimal', 'temporal'].includes(type.kind)) return text;
  return text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

function valuesOf(type: ColumnType): string[] {
  switch (type.kind) {
    case 'integer': return integers(type.bytes, type.unsigned);
    case 'decimal': return decimals(type.precision, type.scale, type.unsigned);
    case 'float': return floats(type);
    case 'bit': return [`b'0'`, `b'1'`, `b'${'1'.repeat(type.bits)}'`, `b'1${'0'.repeat(type.bits - 1)}'`];
    case 'temporal': return temporals(type);
    case 'string':
    case 'large': return type.characterSet === 'binary' ? binaries(type) : texts(type);
    case 'members': return chosen(type);
    case 'json': return [`'{"a": [1, "é", null]}'`, `'null'`, `'"x"'`, `'17'`, `'[]'`];
    case 'spatial': return spatials(type.name, type.srid ?? 0);
    case 'vector': return vectors(type.length);
  }
}

function integers(bytes: number, unsigned: boolean): string[] {
  const half = 1n << BigInt(bytes * 8 - 1);
  const numbers = unsigned ? [0n, 1n, 42n, half - 1n, half, 2n * half - 1n] : [0n, 1n, 42n, half - 1n, -1n, -42n, -half];
  return numbers.map(String);
}

function decimals(precision: number, scale: number, unsigned: boolean): string[] {
  const most = `${'9'.repeat(precision - scale)}.${'9'.repeat(scale)}`;
  const least = `0.${'0'.repeat(scale - 1)}1`;
  return ['0', '1.5', '42', most, least, ...unsigned ? [] : ['-1.5', `-${most}`, `-${least}`]];
}

function floats({ name, digits, unsigned }: Extract<ColumnType, { kind: 'float' }>): string[] {
  const most = digits !== '' ? '9999.999' : name === 'FLOAT' ? '3.4e38' : '1.7e308';
  return ['0', '1.5', '1.1', '42', most, ...digits !== '' ? [] : ['1.2e-30'], ...unsigned ? [] : ['-1.5', '-1.1', `-${most}`]];
}

function temporals({ name, fraction }: Extract<ColumnType, { kind: 'temporal' }>): string[] {
  const digits = fraction === 0 ? '' : `.${'987654'.slice(0, fraction)}`;
  const nines = fraction === 0 ? '' : `.${'9'.repeat(fraction)}`;
  const written: Record<typeof name, string[]> = {
    DATE: ['2024-02-29', '1000-01-01', '9999-12-31'],
    YEAR: ['2024', '1901', '2155', '0000'],
    TIME: [`12:34:56${digits}`, `-01:02:03${digits}`, '00:00:00', '838:59:59', '-838:59:59'],
    DATETIME: [`2024-02-29 12:34:56${digits}`, '1000-01-01 00:00:00', `9999-12-31 23:59:59${nines}`],
    TIMESTAMP: [`2024-02-29 12:34:56${digits}`, '1970-01-01 00:00:01', `2038-01-19 03:14:06${digits}`],
  };
  return written[name].map((text) => `'${text}'`);
}

/** Texts of one kind of character each that the character set can hold. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  ascii: ['x'], latin1: ['x', 'é', 'ß€'], cp1251: ['x', 'ж'], sjis: ['x', 'あ'], gbk: ['x', '中'], gb18030: ['x', '中', '😀'],
  ucs2: ['x', '中'], utf16: ['x', '中', '😀'], utf32: ['x', '中', '😀'], utf8mb3: ['x', 'é', '中'], utf8mb4: ['x', 'é', '中', '😀'],
};

/** How much of a text is written that could be longer: more than the next smaller type holds. */
const LONGEST = 66_000;

function texts(type: Extract<ColumnType, { kind: 'string' | 'large' }>): string[] {
  const samples = SAMPLES[type.characterSet] ?? ['x'];
  // of large types, one kind of character to the end is enough: row events of megabytes take their time.
  const full = samples.map((sample, index) => {
    const most = type.kind === 'string' ? type.length / [...sample].length : Math.min(type.bytes, index === 0 ? LONGEST : 300) / Buffer.byteLength(sample);
    return `REPEAT('${sample}', ${Math.floor(most)})`;
  });
  return [`''`, `'a'`, `'word'`, ...samples.map((sample) => `'${sample}1'`), `'a '`, `'  '`, ...full];
}

function binaries(type: Extract<ColumnType, { kind: 'string' | 'large' }>): string[] {
  return [`''`, `X'61'`, `X'00'`, `X'6100'`, `X'6120'`, `X'FF00FE'`, `X'C3A9'`, `REPEAT(X'FF', ${Math.min(type.bytes, 300)})`, `REPEAT(X'61', ${Math.min(type.bytes, LONGEST)})`];
}

function chosen({ name, members: all }: Extract<ColumnType, { kind: 'members' }>): string[] {
  const quoted = [...new Set([all[0], all[1], all.at(-1)])].map((member) => `'${member ?? ''}'`);
  return name === 'ENUM' ? quoted : [...quoted, `''`, `'${all.join(',')}'`];
}

function spatials(name: string, srid: number): string[] {
  const written: Record<string, string[]> = {
    POINT: ['POINT(1 2)', 'POINT(-77.5 38.25)'],
    LINESTRING: ['LINESTRING(0 0, 1 1, 2 5)', 'LINESTRING(-1 -2, 3.5 4)'],
    POLYGON: ['POLYGON((0 0, 4 0, 4 4, 0 0))', 'POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 1 2, 2 2, 1 1))'],
    MULTIPOINT: ['MULTIPOINT((1 2))', 'MULTIPOINT((1 2), (-3 4.5))'],
    MULTILINESTRING: ['MULTILINESTRING((0 0, 1 1))', 'MULTILINESTRING((0 0, 1 1), (2 2, 3.5 -3))'],
    MULTIPOLYGON: ['MULTIPOLYGON(((0 0, 4 0, 4 4, 0 0)))', 'MULTIPOLYGON(((0 0, 4 0, 4 4, 0 0)), ((5 5, 6 5, 6 6, 5 5)))'],
    GEOMCOLLECTION: ['GEOMETRYCOLLECTION EMPTY', 'GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(0 0, 1 1))'],
  };
  const all = written[name] ?? Object.values(written).flat();
  return all.map((text) => `ST_GeomFromText('${text}', ${srid})`);
}

function vectors(length: number): string[] {
  const numbers = ['1', '-1.5', '3.4e38', '1.2e-30'];
  return [Array.from({ length }, () => '0'), Array.from({ length }, (_, index) => numbers[index % numbers.length]), Array.from({ length }, () => '0.1')].map((all) => `TO_VECTOR('[${all.join(',')}]')`);
}
