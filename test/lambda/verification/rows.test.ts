import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Connection } from 'mysql2/promise';
import { Session } from '../../../lambda/mysql/session';
import { ChunkEnds } from '../../../lambda/verification/chunk-ends';
import { aggregate, digests, endOfChunk, type Range, shares } from '../../../lambda/verification/chunks';
import { takeDatesAsTheyAre } from '../../../lambda/verification/ranges';
import { behind, comparedTable, type ComparedTable, describeTable, rowExpression, upTo } from '../../../lambda/verification/row-expression';
import { createMasterUser, type MysqlServer, type ProcessScope } from '../../../rehearsal/mysql';
import { openServer } from '../../rehearsal/mysql/servers';

const CREDENTIALS = { user: 'admin', password: 'secret' } as const;

let scope: ProcessScope;
let mysql: MysqlServer;
let folder: string;
let session: Session;
let connection: Connection;

beforeAll(async () => {
  const opened = await openServer({ innodb_buffer_pool_size: '128M' });
  ({ scope, server: mysql } = opened);
  await createMasterUser(mysql, CREDENTIALS.user, CREDENTIALS.password);
  folder = mkdtempSync(path.join(tmpdir(), 'rows-test-'));
  process.env.NODE_EXTRA_CA_CERTS = path.join(folder, 'authority.pem');
  writeFileSync(process.env.NODE_EXTRA_CA_CERTS, opened.certificates.authority);
  await mysql.query('CREATE DATABASE rows_test CHARACTER SET utf8mb4');
  session = await openSession();
  await takeDatesAsTheyAre(session);
  connection = await mysql.connect({ database: 'rows_test', charset: 'utf8mb4' });
  await connection.query(`SET SESSION sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'`);
});

beforeEach(() => connection.query('DROP TABLE IF EXISTS one, other'));

afterAll(async () => {
  await session?.close();
  await connection?.end();
  await scope?.close();
  rmSync(folder, { recursive: true, force: true });
});

function openSession(): Promise<Session> {
  return Session.open({ endpoint: mysql.host, port: mysql.port }, { credentials: CREDENTIALS });
}

/** Table `one` as the comparison sees it. */
async function one(): Promise<ComparedTable> {
  const table = await describeTable(session, 'rows_test', 'one');
  return comparedTable(table, table);
}

/** Whether the rows of both tables look equal, to the aggregate and one by one alike. */
async function looksEqual(by: Session = session): Promise<boolean> {
  const table = await one();
  const twin = { ...table, name: 'other' };
  const [ours, theirs] = [await aggregate(by, table, {}), await aggregate(by, twin, {})];
  const [ourRows, theirRows] = [await digests(by, table, {}), await digests(by, twin, {})];
  const equal = JSON.stringify(ours) === JSON.stringify(theirs);
  expect(JSON.stringify([...ourRows].sort()) === JSON.stringify([...theirRows].sort())).toBe(equal);
  return equal;
}

/** Two tables with a key and these columns, each with one row of these values. */
async function twoRows(columns: string | readonly [string, string], values: string, otherValues: string): Promise<void> {
  const [ours, theirs] = typeof columns === 'string' ? [columns, columns] : columns;
  await connection.query(`CREATE TABLE one (id INT PRIMARY KEY, ${ours})`);
  await connection.query(`CREATE TABLE other (id INT PRIMARY KEY, ${theirs})`);
  await connection.query(`INSERT INTO one VALUES (1, ${values})`);
  await connection.query(`INSERT INTO other VALUES (1, ${otherValues})`);
}

describe('rows look different', () => {
  test.each([
    ['NULL and an empty text', 'c VARCHAR(10)', 'NULL', `''`],
    ['NULL and zero', 'c INT', 'NULL', '0'],
    ['NULL and empty bytes', 'c VARBINARY(10)', 'NULL', `''`],
    ['NULL and an empty large text', 'c TEXT', 'NULL', `''`],
    ['NULL and JSON null', 'c JSON', 'NULL', `'null'`],
    ['a value in the next column', 'c VARCHAR(10), d VARCHAR(10)', `NULL, 'x'`, `'x', NULL`],
    ['a value in the next column, next to an empty one', 'c VARCHAR(10), d VARCHAR(10)', `'', 'x'`, `'x', ''`],
    ['a separator that belongs to the other column', 'c VARCHAR(10), d VARCHAR(10)', `'a#b', 'c'`, `'a', 'b#c'`],
    ['our own separator in a value', 'c VARCHAR(10), d VARCHAR(10)', `'1:a', ''`, `'1', ':a'`],
    ['the bytes of our own separator in a value', 'c VARBINARY(10), d VARBINARY(10)', `X'61FF', X'62'`, `X'61', X'FF62'`],
    ['NULL and the byte that stands for it', 'c VARBINARY(10)', 'NULL', `X'FE'`],
    ['two numbers that read alike together', 'c INT, d INT', '1, 23', '12, 3'],
    ['upper and lower case', 'c VARCHAR(10)', `'a'`, `'A'`],
    ['an accent', 'c VARCHAR(10)', `'é'`, `'e'`],
    ['composed and decomposed', 'c VARCHAR(10)', `_utf8mb4 X'C3A9'`, `_utf8mb4 X'65CC81'`],
    ['a space at the end', 'c VARCHAR(10)', `'a'`, `'a '`],
    ['a space at the end of a large text', 'c TEXT', `'a'`, `'a '`],
    ['a NUL at the end of bytes', 'c VARBINARY(10)', `X'61'`, `X'6100'`],
    ['bytes that are no text', 'c VARBINARY(10)', `X'FF'`, `X'FE'`],
    ['large bytes that are no text', 'c BLOB', `X'FF'`, `X'FE'`],
    ['two emoji', 'c VARCHAR(10)', `'😀'`, `'😁'`],
    ['an emoji and the question mark it may become', 'c VARCHAR(10)', `'😀'`, `'?'`],
    ['text that was cut at a character', 'c VARCHAR(10)', `'café'`, `'caf'`],
    ['JSON number and text', 'c JSON', `'{"a": 1}'`, `'{"a": "1"}'`],
    ['JSON whole and floating number', 'c JSON', `'[1]'`, `'[1.0]'`],
    ['a bit', 'c BIT(1)', `b'0'`, `b'1'`],
    ['no bit and NULL', 'c BIT(1)', `b'0'`, 'NULL'],
    ['the lowest of 64 bits', 'c BIT(64)', '18446744073709551615', '18446744073709551614'],
    ['a point', 'c POINT', `ST_GeomFromText('POINT(1 2)')`, `ST_GeomFromText('POINT(2 1)')`],
    ['the reference system of a point', 'c POINT', `ST_GeomFromText('POINT(1 2)', 0)`, `ST_GeomFromText('POINT(2 1)', 4326)`],
    ['an enumerated value', `c ENUM('a', 'b')`, `'a'`, `'b'`],
    ['a set', `c SET('a', 'b')`, `'a,b'`, `'b'`],
    ['an empty set and NULL', `c SET('a', 'b')`, `''`, 'NULL'],
    ['a zero date and NULL', 'c DATE', `'0000-00-00'`, 'NULL'],
    ['a zero date and the year 0', 'c DATETIME', `'0000-00-00 00:00:00'`, `'0000-01-01 00:00:00'`],
    ['a microsecond', 'c DATETIME(6)', `'2026-01-01 00:00:00.000001'`, `'2026-01-01 00:00:00'`],
    ['a second of a timestamp', 'c TIMESTAMP NULL', `'2026-01-01 00:00:01'`, `'2026-01-01 00:00:00'`],
    ['the sign of a time', 'c TIME', `'-00:00:01'`, `'00:00:01'`],
    ['the years 0 and 2000', 'c YEAR', `'0000'`, '2000'],
    ['neighbouring floats', 'c FLOAT', '16777215', '16777214'],
    ['small neighbouring floats', 'c FLOAT', '1.0000001', '1.0000002'],
    ['the last digit of a double', 'c DOUBLE', '0.1e0 + 0.2e0', '0.3e0'],
    ['a double with fixed digits', 'c DOUBLE(10,2)', '0.01', '0.02'],
    ['the last digit of a decimal', 'c DECIMAL(65,30)', '12345678901234567890123456789012345.000000000000000000000000000001', '12345678901234567890123456789012345'],
    ['large whole numbers', 'c BIGINT UNSIGNED', '18446744073709551615', '18446744073709551614'],
  ])('%s', async (_, columns, values, otherValues) => {
    await twoRows(columns, values, otherValues);
    expect(await looksEqual()).toBe(false);
  });

  test('a stored generated column', async () => {
    await connection.query('CREATE TABLE one (id INT PRIMARY KEY, c INT AS (id + 1) STORED)');
    await connection.query('CREATE TABLE other (id INT PRIMARY KEY, c INT AS (id + 2) STORED)');
    for (const table of ['one', 'other']) await connection.query(`INSERT INTO ${table} (id) VALUES (1)`);

    expect(await looksEqual()).toBe(false);
  });

  test('doubled rows, in a table without a key', async () => {
    for (const table of ['one', 'other']) await connection.query(`CREATE TABLE ${table} (c INT)`);
    await connection.query('INSERT INTO one VALUES (1), (2), (2)');
    await connection.query('INSERT INTO other VALUES (1)');

    expect(await looksEqual()).toBe(false);
  });

  test('other rows as often, in a table without a key', async () => {
    for (const table of ['one', 'other']) await connection.query(`CREATE TABLE ${table} (c INT)`);
    await connection.query('INSERT INTO one VALUES (1), (1), (2)');
    await connection.query('INSERT INTO other VALUES (1), (2), (2)');

    expect(await looksEqual()).toBe(false);
  });

  test('other rows in the same number, where a column is called like a selected expression', async () => {
    for (const table of ['one', 'other']) await connection.query(`CREATE TABLE ${table} (k INT, v INT)`);
    await connection.query('INSERT INTO one VALUES (1, 1), (1, 2), (1, 3)');
    await connection.query('INSERT INTO other VALUES (1, 1), (1, 99), (1, 3)');

    expect(await looksEqual()).toBe(false);
  });

  test('rows with the same key, where the other side has lost its key', async () => {
    await connection.query('CREATE TABLE one (id INT PRIMARY KEY, v INT)');
    await connection.query('CREATE TABLE other (id INT, v INT)');
    await connection.query('INSERT INTO one VALUES (1, 1), (2, 2), (3, 3)');
    await connection.query('INSERT INTO other VALUES (1, 1), (2, 2), (2, 2), (3, 77), (3, 3)');

    expect(await looksEqual()).toBe(false);
    const twin = await digests(session, { ...await one(), name: 'other' }, {});
    expect([...await digests(session, await one(), {})].filter(([key, digest]) => twin.get(key) !== digest).map(([key]) => key)).toEqual(['2', '3']);
  });

  test('values exchanged between two rows, also where the sum of their CRC32 does not change', async () => {
    for (const table of ['one', 'other']) await connection.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, c INT NOT NULL)`);
    await connection.query('INSERT INTO one SELECT n, 100000 + n * 13 FROM (WITH RECURSIVE r (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM r WHERE n < 800) SELECT n FROM r) numbers');
    const checksum = (id: string, c: string) => `CRC32(${rowExpression((tables.columns)).replaceAll('`id`', id).replaceAll('`c`', c)})`;
    const tables = await one();
    const [pairs] = await connection.query(
      `SELECT a.id AS first, b.id AS second FROM one a JOIN one b ON a.id < b.id
        WHERE ${checksum('a.id', 'a.c')} + ${checksum('b.id', 'b.c')} = ${checksum('a.id', 'b.c')} + ${checksum('b.id', 'a.c')} LIMIT 1`,
    );
    const [pair] = pairs as { first: number; second: number }[];
    await connection.query('INSERT INTO other SELECT IF(id = ?, ?, IF(id = ?, ?, id)), c FROM one', [pair?.first, pair?.second, pair?.second, pair?.first]);

    const sums = ['one', 'other'].map((table) => session.row(`SELECT SUM(${checksum('id', 'c')}) AS total FROM rows_test.${table}`));
    const [ours, theirs] = await Promise.all(sums);
    expect(theirs).toEqual(ours);
    expect(await looksEqual()).toBe(false);
  });
});

describe('rows look equal', () => {
  const text = `'é漢 naïve ñ'`;

  test.each([
    ['text in utf8mb3 and utf8mb4', ['c VARCHAR(20) CHARACTER SET utf8mb3', 'c VARCHAR(20) CHARACTER SET utf8mb4'] as const, text, text],
    ['large text in utf8mb3 and utf8mb4', ['c TEXT CHARACTER SET utf8mb3', 'c MEDIUMTEXT CHARACTER SET utf8mb4'] as const, text, text],
    ['an enumerated value in utf8mb3 and utf8mb4', [`c ENUM('é', 'b') CHARACTER SET utf8mb3`, `c ENUM('é', 'b') CHARACTER SET utf8mb4`] as const, `'é'`, `'é'`],
    ['text in ascii and utf8mb4', ['c CHAR(36) CHARACTER SET ascii', 'c CHAR(36) CHARACTER SET utf8mb4'] as const, `'0b9c'`, `'0b9c'`],
    ['text in latin1 and utf8mb4', ['c VARCHAR(20) CHARACTER SET latin1', 'c VARCHAR(20) CHARACTER SET utf8mb4'] as const, `'café'`, `'café'`],
    ['a wider whole number', ['c INT', 'c BIGINT'] as const, '-7', '-7'],
    ['a FLOAT that became a DOUBLE', ['c FLOAT', 'c DOUBLE'] as const, '0.1', '0.10000000149011612'],
    ['JSON members in another order', 'c JSON', `'{"a": 1, "b": [2, null]}'`, `'{"b": [2, null], "a": 1}'`],
    ['CHAR that was padded', 'c CHAR(5)', `'a'`, `'a  '`],
    ['a column more at the end', ['c INT', 'c INT, d INT DEFAULT 7'] as const, '1', '1, 9'],
    ['a virtual column that follows another rule', ['c INT, v INT AS (c + 1) VIRTUAL', 'c INT, v INT AS (c + 2) VIRTUAL'] as const, '1, DEFAULT', '1, DEFAULT'],
  ])('%s', async (_, columns, values, otherValues) => {
    await twoRows(columns, values, otherValues);
    expect(await looksEqual()).toBe(true);
  });

  test.each([
    ['numbers that are filled with zeros on one side', '(id INT PRIMARY KEY, c INT(5) UNSIGNED ZEROFILL, d DECIMAL(9,2) ZEROFILL)', '(id INT PRIMARY KEY, c BIGINT, d DECIMAL(9,2))'],
    ['a key that is filled with zeros', '(id INT(6) ZEROFILL PRIMARY KEY, c INT, d INT)', '(id INT(9) ZEROFILL PRIMARY KEY, c INT, d INT)'],
    ['a key with more digits', '(id DECIMAL(10,2) PRIMARY KEY, c INT, d INT)', '(id DECIMAL(14,4) PRIMARY KEY, c INT, d INT)'],
  ])('%s', async (_, ours, theirs) => {
    await connection.query(`CREATE TABLE one ${ours}`);
    await connection.query(`CREATE TABLE other ${theirs}`);
    for (const table of ['one', 'other']) await connection.query(`INSERT INTO ${table} VALUES (1, 7, 2), (20, 8, 3)`);
    const [described, twin] = [await describeTable(session, 'rows_test', 'one'), await describeTable(session, 'rows_test', 'other')];
    const table = comparedTable(described, twin, true);

    expect(await aggregate(session, table, {})).toEqual(await aggregate(session, { ...table, name: 'other' }, {}));
    expect(await digests(session, table, {})).toEqual(await digests(session, { ...table, name: 'other' }, {}));
  });

  test('one moment, written under different time zones', async () => {
    for (const [table, zone, time] of [['one', '+00:00', '12:00:00'], ['other', '+09:00', '21:00:00']]) {
      await connection.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, c TIMESTAMP(3))`);
      await connection.query(`SET time_zone = '${zone}'`);
      await connection.query(`INSERT INTO ${table} VALUES (1, '2026-11-20 ${time}.125')`);
    }
    await connection.query(`SET time_zone = '+00:00'`);

    expect(await looksEqual()).toBe(true);
  });
});

describe('large values', () => {
  let small: Session;

  beforeAll(async () => {
    await mysql.query('SET GLOBAL max_allowed_packet = 1048576');
    small = await openSession();
    await mysql.query('SET GLOBAL max_allowed_packet = DEFAULT');
  });

  afterAll(() => small.close());

  test.each([
    ['text of 2 MB', 'LONGTEXT CHARACTER SET utf8mb3', `REPEAT('é', 1000000)`, `CONCAT(REPEAT('é', 999999), 'e')`],
    ['text that four bytes a character would bring near the limit', 'MEDIUMTEXT CHARACTER SET utf8mb3', `REPEAT('x', 262143)`, `CONCAT(REPEAT('x', 262142), 'y')`],
    ['text of just the limit', 'MEDIUMTEXT CHARACTER SET utf8mb3', `REPEAT('x', 1048576)`, `CONCAT(REPEAT('x', 1048575), 'y')`],
    ['latin1 text that grows when it is converted', 'MEDIUMTEXT CHARACTER SET latin1', `REPEAT('é', 1048000)`, `CONCAT(REPEAT('é', 1047999), 'e')`],
    ['bytes of 2 MB', 'LONGBLOB', `REPEAT(X'FF', 2000000)`, `CONCAT(REPEAT(X'FF', 1999999), X'FE')`],
    ['JSON just below the limit', 'JSON', `JSON_OBJECT('a', REPEAT('x', 1048550), 'b', 1)`, `JSON_OBJECT('a', REPEAT('x', 1048550), 'b', 2)`],
    ['a line of 2 MB', 'LINESTRING', `ST_GeomFromText(CONCAT('LINESTRING(0 0', REPEAT(', 1 1', 125000), ')'))`, `ST_GeomFromText(CONCAT('LINESTRING(0 0', REPEAT(', 1 1', 124999), ', 1 2)'))`],
    ['VARCHAR as long as a row', 'VARCHAR(16000)', `REPEAT('漢', 16000)`, `CONCAT(REPEAT('漢', 15999), '字')`],
  ])('are told apart where max_allowed_packet is 1 MB, and are never taken for NULL: %s', async (_, type, value, otherValue) => {
    await twoRows(`c ${type}`, value, otherValue);
    expect(await looksEqual(small)).toBe(false);

    await connection.query(`UPDATE other SET c = ${value}`);
    expect(await looksEqual(small)).toBe(true);

    await connection.query('UPDATE other SET c = NULL');
    expect(await looksEqual(small)).toBe(false);
  });

  test('fail where even the server cannot read them whole', async () => {
    await twoRows('c JSON', `JSON_OBJECT('a', REPEAT('x', 2000000), 'b', 1)`, `JSON_OBJECT('a', REPEAT('x', 2000000), 'b', 2)`);

    for (const read of [aggregate, shares, digests]) {
      await expect(read(small, await one(), {})).rejects.toMatchObject({
        name: 'DataDiffers', message: expect.stringMatching(/table rows_test\.one has a value that cannot be read whole \(.*max_allowed_packet \(1048576\).*raise max_allowed_packet/) as string,
      });
    }
  });
});

describe('chunks', () => {
  const ROWS_PER_CHUNK = 3;

  /** The ranges a table is cut into. */
  async function ranges(table: ComparedTable, rowsPerChunk = ROWS_PER_CHUNK): Promise<Range[]> {
    const all: Range[] = [];
    for (let after: string[] | undefined; ;) {
      const end = await endOfChunk(session, table, after, rowsPerChunk);
      all.push({ after, upTo: end });
      if (end === undefined) return all;
      after = end;
    }
  }

  test.each([
    ['whole numbers, negative ones among them', 'k INT', ['-2147483648', '-7', '-1', '0', '1', '5', '7', '8', '2147483647']],
    ['whole numbers beyond 2^53 and 2^63', 'k BIGINT UNSIGNED', ['0', '9007199254740992', '9007199254740993', '9007199254740994', '9223372036854775808', '18446744073709551614', '18446744073709551615']],
    ['decimals', 'k DECIMAL(20,4)', ['-1.5', '-1.4999', '0', '0.0001', '1.5', '9007199254740993.0001', '9007199254740993.0002']],
    ['dates, a zero date among them', 'k DATE', [`'0000-00-00'`, `'1000-01-01'`, `'2026-02-28'`, `'2026-03-01'`, `'9999-12-31'`]],
    ['times of day', 'k DATETIME(6)', [`'0000-00-00'`, `'2026-01-01 00:00:00'`, `'2026-01-01 00:00:00.000001'`, `'2026-01-01 00:00:00.000002'`, `'2026-01-01 00:00:01'`]],
    ['moments', 'k TIMESTAMP(3) NOT NULL', [`'0000-00-00'`, `'1970-01-01 00:00:01'`, `'2026-01-01'`, `'2026-01-01 00:00:00.001'`, `'2038-01-19 03:14:07'`]],
    ['years', 'k YEAR', ['0', '1901', '1999', '2001', '2026', '2155']],
    ['text in which case does not count', 'k VARCHAR(20) CHARACTER SET utf8mb3', [`'a'`, `'B'`, `'c'`, `'D'`, `'é'`, `'Z'`, `''`]],
    ['text in which case counts', 'k VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin', [`'a'`, `'A'`, `'b'`, `'B'`, `'é'`, `'E'`, `'á'`]],
    ['Japanese', 'k VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_unicode_ci', [`'日本'`, `'東京'`, `'とうきょう'`, `'カタカナ'`, `'ー'`, `'愛'`, `'、'`]],
    ['Japanese in Japanese order', 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_ja_0900_as_cs_ks', [`'日本'`, `'とうきょう'`, `'トウキョウ'`, `'ハハ'`, `'はは'`, `'愛'`, `'𠮷'`]],
    ['emoji', 'k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci', [`'😀'`, `'😁'`, `'👨‍👩‍👧'`, `'a😀'`, `''`]],
    ['backslashes, quotes and what else SQL is written with', 'k VARCHAR(20)', [`'\\\\'`, `''''`, `'"'`, `'\`'`, `'\\\\'' --'`, `'%'`, `'\\0'`, `'\\n'`, `'?'`, `'\\\\\\''`]],
    ['dates that are none', 'k DATETIME', [`'2026-02-28'`, `'2026-02-30'`, `'2026-02-31 12:00:00'`, `'2026-03-01'`]],
    ['texts that Unicode gives back otherwise', 'k VARCHAR(20) CHARACTER SET cp932 COLLATE cp932_bin', [`_cp932 X'82A0'`, `_cp932 X'ED40'`, `_cp932 X'ED41'`, `_cp932 X'FA5C'`, `_cp932 X'FA5D'`]],
    ['ordered like a selected text', 'k0 INT', ['1', '2', '10', '11', '100', '-5', '3']],
    ['latin1', 'k VARCHAR(20) CHARACTER SET latin1', [`'ä'`, `'ö'`, `'ß'`, `'z'`, `'a'`]],
    ['ascii', 'k CHAR(8) CHARACTER SET ascii', [`'0b9c'`, `'_'`, `'A'`, `'z'`, `'~'`]],
    ['bytes', 'k BINARY(4)', [`X'00000000'`, `X'27'`, `X'5C27'`, `X'FF'`, `X'FFFFFFFF'`]],
    ['bytes of any length', 'k VARBINARY(8)', [`''`, `X'00'`, `X'0000'`, `X'27'`, `X'5C'`, `X'C3A9'`, `X'FF'`]],
  ])('hold every row once: %s', async (_, column, keys) => {
    const [name = ''] = column.split(' ', 1);
    await connection.query(`CREATE TABLE one (${column}, PRIMARY KEY (${name}))`);
    await connection.query(`INSERT INTO one VALUES ${keys.map((key) => `(${key})`).join(', ')}`);
    const table = await one();
    expect(table.key.map((part) => part.name)).toEqual([name]);

    const cut = await ranges(table);

    const rows = await Promise.all(cut.map(async (range) => [...await digests(session, table, range)]));
    expect(rows.slice(0, -1).every((chunk) => chunk.length === ROWS_PER_CHUNK)).toBe(true);
    expect(cut).toHaveLength(Math.floor(keys.length / ROWS_PER_CHUNK) + 1);
    expect(rows.flat().sort()).toEqual([...await digests(session, table, {})].sort());
    expect(new Set(rows.flat().map(([key]) => key)).size).toBe(keys.length);
    const found = rows.flat().map(([key]) => key);
    expect([...(await digests(session, table, {}, { keys: found })).keys()].sort()).toEqual(found.sort());
  });

  test.each([
    ['a key of several columns', 'PRIMARY KEY (a, b, c)'],
    ['a descending key', 'PRIMARY KEY (a DESC, b DESC, c DESC)'],
    ['a key of ascending and descending columns', 'PRIMARY KEY (a, b DESC, c)'],
    ['a unique key without NULL', 'UNIQUE KEY (c, a, b)'],
    ['a partitioned table', 'PRIMARY KEY (a, b, c)) PARTITION BY KEY (a) PARTITIONS 3 -- '],
  ])('hold every row once: %s', async (_, key) => {
    await connection.query(`CREATE TABLE one (a VARCHAR(10) CHARACTER SET utf8mb3 NOT NULL, b INT NOT NULL, c DATE NOT NULL, v INT, ${key}\n)`.replace(/-- \n\)/, ''));
    // upper and lower case are one value to the collation, and end up on both sides of a border.
    await connection.query(`INSERT INTO one VALUES ${['a', 'A', 'b', 'ß', 'ss', ''].flatMap((a, index) => [1, 2, 3].map((b) => `('${a}', ${b + 10 * index}, '2026-01-0${b}', ${index})`)).join(', ')}`);
    const table = await one();
    expect(table.key).toHaveLength(3);

    const cut = await ranges(table, 4);

    const rows = await Promise.all(cut.map(async (range) => [...(await digests(session, table, range)).keys()]));
    expect(rows.map((chunk) => chunk.length)).toEqual([4, 4, 4, 4, 2]);
    expect(new Set(rows.flat()).size).toBe(18);
  });

  test.each([
    ['an ENUM as key', `k ENUM('z', 'a') PRIMARY KEY`],
    ['a TIME as key', 'k TIME PRIMARY KEY'],
    ['a FLOAT as key', 'k FLOAT PRIMARY KEY'],
    ['a key of a prefix', 'k VARCHAR(20) NOT NULL, UNIQUE KEY (k(3))'],
    ['a unique key with NULL', 'k INT NULL UNIQUE'],
    ['a unique key on an expression', 'k INT NOT NULL, UNIQUE KEY ((k + 1))'],
    ['a key on a virtual column', 'k INT NOT NULL, g INT AS (k * 2) VIRTUAL NOT NULL UNIQUE'],
    ['no key at all', 'k INT, KEY (k)'],
  ])('are not cut where nothing orders the rows for certain: %s', async (_, columns) => {
    await connection.query(`CREATE TABLE one (${columns})`);
    expect((await one()).key).toEqual([]);
    expect(await ranges(await one())).toEqual([{}]);
  });

  test('are cut by the next key where the primary key will not do', async () => {
    await connection.query(`CREATE TABLE one (k ENUM('z', 'a') PRIMARY KEY, a INT NOT NULL, b INT NOT NULL, UNIQUE KEY (a, b))`);
    expect((await one()).key.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('are not cut by text that is ordered otherwise on the other side', async () => {
    await connection.query('CREATE TABLE one (k VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci PRIMARY KEY)');
    const ours = await describeTable(session, 'rows_test', 'one');
    await connection.query('CREATE TABLE other (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci PRIMARY KEY)');
    const key = async () => comparedTable(ours, await describeTable(session, 'rows_test', 'other')).key.map(({ name }) => name);

    expect(await key()).toEqual([]);
    await connection.query('ALTER TABLE other CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci');
    expect(await key()).toEqual(['k']);
  });

  test('are found by counting up a whole number that has few gaps, and by counting rows where it has many, or where rows are inserted', async () => {
    await connection.query('CREATE TABLE one (k BIGINT PRIMARY KEY)');
    const numbers = (length: number, first: number, step = 1) => Array.from({ length }, (_, n) => first + n * step);
    const keys = [...numbers(40, -5), ...numbers(10, 100, 100), ...numbers(20, 2000)];
    await connection.query(`INSERT INTO one VALUES ${keys.map((k) => `(${k})`).join(', ')}`);
    const table = await one();
    const searches = jest.spyOn(session, 'row');
    const ends = new ChunkEnds(session, table);

    const counts: number[] = [];
    for (let after: string[] | undefined; ;) {
      const end = await ends.behind(after, 4);
      const { rows } = await aggregate(session, table, { after, upTo: end });
      counts.push(rows);
      ends.had(rows);
      if (end === undefined) break;
      after = end;
    }
    const searched = searches.mock.calls.filter(([sql]) => sql.includes('OFFSET')).length;
    searches.mockRestore();

    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(keys.length);
    expect(Math.max(...counts)).toBe(4);
    // two until it is known to have few gaps, those in the sparse part, and the end.
    expect(searched).toBeLessThan(12);
    expect(counts.length).toBeLessThan(keys.length / 4 + 4);
  });

  test.each([[0, 1], [2, 1], [3, 2], [6, 3], [7, 3]])('cut %p rows into %p chunks of three', async (rows, chunks) => {
    await connection.query('CREATE TABLE one (k INT PRIMARY KEY)');
    if (rows > 0) await connection.query(`INSERT INTO one VALUES ${Array.from({ length: rows }, (_, k) => `(${k})`).join(', ')}`);

    const table = await one();
    const cut = await ranges(table);

    expect(cut).toHaveLength(chunks);
    const counts = await Promise.all(cut.map(async (range) => (await aggregate(session, table, range)).rows));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rows);
  });

  test('are divided into shares that hold every row once', async () => {
    await connection.query('CREATE TABLE one (a VARCHAR(10) CHARACTER SET utf8mb3, b INT, v INT, PRIMARY KEY (a, b))');
    await connection.query(`INSERT INTO one VALUES ${Array.from({ length: 200 }, (_, n) => `('ñ${n % 3}', ${n}, ${n})`).join(', ')}`);
    const [table, range] = [await one(), { after: [`_utf8mb4 X'C3B130'`, '99'] }];

    const divided = [...await shares(session, table, range)];

    const all = [...await digests(session, table, range)];
    const rows = await Promise.all(divided.map(async ([share]) => [...await digests(session, table, range, { shares: [share] })]));
    expect(rows.map(({ length }) => length)).toEqual(divided.map(([, { rows: count }]) => count));
    expect(rows.flat().sort()).toEqual(all.sort());
    expect(await digests(session, table, range, { keys: all.slice(3, 5).map(([key]) => key) })).toEqual(new Map(all.slice(3, 5)));
  });

  test.each(['utf8mb3', 'utf8mb4'])('are read by their index, also in %s', async (characterSet) => {
    await connection.query(`CREATE TABLE one (a VARCHAR(10) CHARACTER SET ${characterSet} NOT NULL, b INT NOT NULL, v INT, PRIMARY KEY (a, b))`);
    await connection.query(`INSERT INTO one SELECT CONCAT('k', n), n, n FROM (WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 900) SELECT n FROM r) numbers`);
    await connection.query('ANALYZE TABLE one');
    const table = await one();
    const [, second] = await ranges(table, 20);

    const [plan] = await session.rows<{ type: string; key: string; rows: number }>(
      `EXPLAIN FORMAT=TRADITIONAL SELECT v FROM rows_test.one WHERE ${behind(table.key, second?.after ?? [])} AND ${upTo(table.key, second?.upTo ?? [])}`,
    );

    expect(plan).toMatchObject({ type: 'range', key: 'PRIMARY' });
    expect(plan?.rows).toBeLessThan(100);
  });
});
