import { createdSchemas, schemaReferences, withSchemas } from '../../../lambda/migration/schema-references';

const SERVERS = ['mysql', 'sys', 'information_schema', 'blue_green_pipeline'];
const SCHEMAS = { find: (name: string) => ['shop', 'far away', ...SERVERS].find((schema) => schema === name), mayBeCopied: (name: string) => !SERVERS.includes(name) };
const rewritten = (sql: string) => withSchemas(sql, schemaReferences(sql, SCHEMAS), () => 'twin');

describe('the schemas a statement names', () => {
  test.each([
    ['before a table', 'ALTER TABLE shop.orders ADD n INT', 'ALTER TABLE `twin`.orders ADD n INT'],
    ['in backticks, with blanks and comments', 'DROP TABLE `shop` /* shop.x */ . `orders`, `far away`.x -- shop.y', 'DROP TABLE `twin` /* shop.x */ . `orders`, `twin`.x -- shop.y'],
    ['before a column', 'UPDATE shop.t SET shop.t.a = 1', 'UPDATE `twin`.t SET `twin`.t.a = 1'],
    ['in a comment that the server runs', 'CREATE TABLE x (a INT) /*!80000 AS SELECT a FROM shop.t */', 'CREATE TABLE x (a INT) /*!80000 AS SELECT a FROM `twin`.t */'],
    ['in the body of a program', 'CREATE PROCEDURE p() BEGIN DELETE FROM shop.t; END', 'CREATE PROCEDURE p() BEGIN DELETE FROM `twin`.t; END'],
    ['as such', 'DROP DATABASE IF EXISTS shop', 'DROP DATABASE IF EXISTS `twin`'],
    ['but not in texts', `INSERT INTO t VALUES ('shop.t', 'it''s shop.t')`, `INSERT INTO t VALUES ('shop.t', 'it''s shop.t')`],
    ['but not of the server, to read', 'SELECT 1 FROM information_schema.TABLES', 'SELECT 1 FROM information_schema.TABLES'],
    ['but not tables and aliases before a dot', 'SELECT o.id, orders.id, @@session.sql_mode, 1.5 FROM orders o', 'SELECT o.id, orders.id, @@session.sql_mode, 1.5 FROM orders o'],
  ])('%s', (_, sql, expected) => {
    expect(rewritten(sql)).toBe(expected);
  });

  test.each([
    ['a schema of the server', 'DROP TABLE mysql.user', /belongs to the server/],
    ['the ledger', 'DELETE FROM `blue_green_pipeline`.step', /belongs to the server or to the pipeline/],
    ['a table that is called like its schema', 'SELECT shop.id FROM shop', /'shop' is a database and the name of something else/],
    ['an alias that is called like a schema', 'SELECT shop.id FROM orders AS shop', /give that an alias/],
    ['quotes that are left open', 'DROP TABLE `shop', /quotes are left open/],
  ])('are not certain with %s', (_, sql, expected) => {
    expect(() => rewritten(sql)).toThrow(expected);
  });

  test('which it creates', () => {
    expect([createdSchemas('CREATE DATABASE IF NOT EXISTS `n` CHARACTER SET utf8mb4'), createdSchemas('CREATE TABLE n.t (a INT)'), createdSchemas('ALTER DATABASE CHARACTER SET utf8mb4')]).toEqual([['n'], [], []]);
  });
});
