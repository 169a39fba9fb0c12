import { meaningOf } from '../../../../lib/private/sql/statement';

/** Runner, effect, and what is named. */
function shortly(sql: string): string {
  const meaning = meaningOf(sql);
  if (meaning.kind !== 'statement') return meaning.kind === 'use' ? `use ${meaning.database}` : meaning.kind;
  const { runner, effect, objects } = meaning;
  return [`${runner} ${effect}`, ...objects.map(({ kind, schema, name }) => `${kind} ${schema ?? '-'}.${name}`)].join(' ');
}

describe('a statement', () => {
  test.each([
    ['ALTER TABLE t ADD c INT', 'worker definition table -.t'],
    ['alter table `Shop`.`or``ders` add c int', 'worker definition table Shop.or`ders'],
    ['/* x */ ALTER /* y */ TABLE t FORCE', 'worker definition table -.t'],
    ['/*!80000 ALTER TABLE t FORCE */', 'worker definition table -.t'],
    ['CREATE TABLE IF NOT EXISTS a.t (id INT)', 'worker definition table a.t'],
    ['DROP TABLE IF EXISTS t, u', 'worker definition table -.t table -.u'],
    ['RENAME TABLE t TO u, v TO t', 'worker definition table -.t table -.v'],
    ['TRUNCATE t', 'worker definition table -.t'],
    ['TRUNCATE TABLE t', 'worker definition table -.t'],
    ['CREATE UNIQUE INDEX i ON t (a)', 'worker definition table -.t'],
    ['DROP INDEX `on` ON x.t', 'worker definition table x.t'],
    ['ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u', 'worker anything table -.t'],
    ['ALTER TABLE t ANALYZE PARTITION ALL', 'task none'],
    ['INSERT INTO t SELECT 1', 'worker data'],
    ['REPLACE t VALUES (1)', 'worker data'],
    ['UPDATE LOW_PRIORITY t SET a = 1', 'worker data'],
    ['DELETE FROM t', 'worker data'],
    ['WITH c AS (SELECT 1) UPDATE t JOIN c SET a = 1', 'worker data'],
    ['WITH c AS (UPDATE_LOG) SELECT * FROM c', 'task data'],
    ['SELECT 1', 'task data'],
    ['(SELECT 1) UNION (SELECT 2)', 'task data'],
    ['DO SLEEP(1)', 'task data'],
    ['SHOW TABLES', 'task none'],
    ['OPTIMIZE TABLE t', 'task none'],
    ['CALL p(1)', 'task anything'],
    ['CREATE OR REPLACE ALGORITHM = MERGE DEFINER = `a`@`%` SQL SECURITY INVOKER VIEW v AS SELECT 1', 'task definition view -.v'],
    ['CREATE DEFINER = CURRENT_USER PROCEDURE IF NOT EXISTS p() BEGIN COMMIT; END', 'task definition procedure -.p'],
    ['CREATE FUNCTION f() RETURNS INT RETURN 1', 'task definition function -.f'],
    ['CREATE TRIGGER a.g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1', 'task definition trigger a.g'],
    ['ALTER EVENT e DISABLE', 'task definition event -.e'],
    ['DROP VIEW IF EXISTS v', 'task definition view -.v'],
    ['CREATE DATABASE IF NOT EXISTS b', 'task definition database b.b'],
    ['ALTER DATABASE CHARACTER SET utf8mb4', 'task definition database -.'],
    ['SELECT * FROM information_schema.TABLES', 'task data'],
    ['USE `my shop`', 'use my shop'],
    ['SET foreign_key_checks = 0', 'set'],
    ['SET SESSION sql_mode = "ANSI_QUOTES", @x = 1', 'set'],
    ['SET @old = @@GLOBAL.sql_mode, sql_mode = @old', 'set'],
    ['/*!40101 SET NAMES utf8mb4 */', 'set'],
    ['SET @autocommit = (SELECT COUNT(*) FROM t)', 'set'],
  ])('%s', (sql, meaning) => {
    expect(shortly(sql)).toBe(meaning);
  });
});

describe('refuses', () => {
  test.each([
    ['START TRANSACTION', /^each statement of a file is a transaction/],
    ['commit', /^each statement of a file is a transaction/],
    ['SET autocommit = 0', /^each statement of a file is a transaction/],
    ['SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', /^each statement/],
    ['/*!50000 COMMIT */', /^each statement/],
    ['SET sql_log_bin = 0', /^it changes replication or the binlog/],
    ['SET @@session.sql_log_bin = 0', /^it changes replication/],
    ['STOP REPLICA', /^it changes replication/],
    ['RESET BINARY LOGS AND GTIDS', /^it changes replication/],
    ['CHANGE REPLICATION SOURCE TO SOURCE_HOST = "x"', /^it changes replication/],
    ['PURGE BINARY LOGS TO "x"', /^it changes replication/],
    ['SET GLOBAL max_connections = 1', /^it changes the server/],
    ['SET sql_mode = "", @@GLOBAL.max_connections = 1', /^it changes the server/],
    ['SET PERSIST x = 1', /^it changes the server/],
    ['FLUSH TABLES', /^it changes the server/],
    ['KILL 1', /^it changes the server/],
    ['SHUTDOWN', /^it changes the server/],
    ['CREATE SPATIAL REFERENCE SYSTEM 4120 NAME "x"', /^it changes the server/],
    ['CREATE FUNCTION f RETURNS INT SONAME "x.so"', /^it changes the server/],
    ['LOCK TABLES t WRITE', /^a lock would end/],
    ['GRANT SELECT ON *.* TO x', /^accounts and grants/],
    ['CREATE USER x', /^accounts and grants/],
    ['LOAD DATA INFILE "x" INTO TABLE t', /^it reads or writes files/],
    ['SELECT * FROM t INTO OUTFILE "x"', /^it reads or writes files/],
    ['ALTER TABLE t DISCARD TABLESPACE', /^it reads or writes files/],
    ['SELECT 1 INTO @x', /Use SET @name = \(SELECT …\)/],
    ['CREATE TEMPORARY TABLE t (id INT)', /^what it makes ends with its session/],
    ['PREPARE s FROM "SELECT 1"', /^what it makes ends with its session/],
    ['END', /needs a DELIMITER around it/],
    ['source other.sql', /^it is a command of the mysql client/],
    ['SET NAMES latin1', /^files are UTF-8/],
    ['SET sql_mode = "NO_BACKSLASH_ESCAPES"', /^files are read with backslashes/],
    ['USE mysql', /^'mysql' belongs to the server or to the pipeline/],
    ['DELETE FROM `mysql`.user', /^'mysql' belongs/],
    ['CALL mysql.rds_stop_replication()', /^'mysql' belongs/],
    ['DROP DATABASE blue_green_pipeline', /^'blue_green_pipeline' belongs/],
    ['UPDATE blue_green_pipeline.step SET state = 1', /^'blue_green_pipeline' belongs/],
    ['CREATE TABLE sys.t (id INT)', /^'sys' belongs/],
    ['UPDATE performance_schema.setup_actors SET ENABLED = "NO"', /^'performance_schema' belongs/],
  ])('%s', (sql, reason) => {
    expect(() => meaningOf(sql)).toThrow(reason);
  });
});
