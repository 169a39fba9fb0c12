import { CLAIM_LOCK, GOES_ON_ONLY_ON_A_REPLICA, LEDGER_SCHEMA, recordOutcome } from './worker-procedure';

/** Statements a worker takes along: it goes on from one to the next without a client. */
export const SLOTS = 16;

/** The name under which a session has prepared the statement of a slot, from 1. */
export function preparedName(slot: number): string {
  return `${LEDGER_SCHEMA}_${slot}`;
}

/**
 * What a client of this server would have: users try their files in such a session. Backslashes are escapes in any case, because the files were
 * split so; a worker waits for locks as long as its statement deserves.
 */
export const STATEMENT_SESSION = `SET SESSION sql_mode = REPLACE(@@GLOBAL.sql_mode, 'NO_BACKSLASH_ESCAPES', ''), time_zone = @@GLOBAL.time_zone, foreign_key_checks = @@GLOBAL.foreign_key_checks,
  unique_checks = @@GLOBAL.unique_checks, autocommit = 1`;

/** The session of a worker, besides. */
export const LONG_LOCK_WAITS = 'SET SESSION lock_wait_timeout = 604800, innodb_lock_wait_timeout = 3600';

/**
 * What tells whether the definition of a table has changed: its ids in InnoDB (a rebuilt or truncated table has another one), columns, indexes,
 * constraints, partitions and options. A query that returns `trace`; names of other than plain characters have no id that could be looked up here.
 */
export function traceQuery(schema: string, table: string): string {
  const where = `TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table}`;
  const sum = (from: string, ...columns: readonly string[]) => `(SELECT SUM(CRC32(CONCAT_WS('\\0', ${columns.map((column) => `COALESCE(${column}, '\\1')`).join(', ')}))) FROM information_schema.${from} WHERE ${where})`;
  const name = `CONCAT(${schema}, '/', ${table})`;
  return `SELECT SHA2(CONCAT_WS('|',
    (SELECT CONCAT_WS(',', COUNT(*), SUM(TABLE_ID), MAX(TABLE_ID)) FROM information_schema.INNODB_TABLES WHERE NAME = ${name} OR LEFT(NAME, CHAR_LENGTH(${name}) + 3) = CONCAT(${name}, '#p#')),
    ${sum('TABLES', 'UNIX_TIMESTAMP(CREATE_TIME)', 'ENGINE', 'ROW_FORMAT', 'TABLE_COLLATION', 'CREATE_OPTIONS', 'TABLE_COMMENT')},
    ${sum('COLUMNS', 'COLUMN_NAME', 'ORDINAL_POSITION', 'COLUMN_TYPE', 'IS_NULLABLE', 'COLUMN_DEFAULT', 'EXTRA', 'COLLATION_NAME', 'GENERATION_EXPRESSION', 'COLUMN_COMMENT')},
    ${sum('STATISTICS', 'INDEX_NAME', 'SEQ_IN_INDEX', 'COLUMN_NAME', 'EXPRESSION', 'NON_UNIQUE', 'SUB_PART', 'COLLATION', 'INDEX_TYPE', 'INDEX_COMMENT', 'IS_VISIBLE')},
    ${sum('TABLE_CONSTRAINTS', 'CONSTRAINT_NAME', 'CONSTRAINT_TYPE', 'ENFORCED')},
    ${sum('PARTITIONS', 'PARTITION_NAME', 'PARTITION_ORDINAL_POSITION', 'PARTITION_METHOD', 'PARTITION_EXPRESSION', 'PARTITION_DESCRIPTION')}), 256) AS trace`;
}

/**
 * Lifecycle: takes its named lock, then runs the statements of the slots in their order: looks at lease, replica and the steps before; writes down
 * what is about to be run, and how the table looks; runs it; records success or the full diagnostics. It ends at the first statement that is not DONE.
 *
 * Gotchas: a statement inside a procedure has the procedure's default database and SQL mode. One that the session has prepared before the call keeps
 * the database it was prepared in; the mode is set here. Changes of data are one transaction with their row in the ledger, so that a crash leaves
 * both or neither.
 */
export const STATEMENT_PROCEDURE = `
CREATE PROCEDURE ${LEDGER_SCHEMA}.statement_worker(IN worker_number INT, IN first_unit INT, IN statements INT)
main: BEGIN
  DECLARE slot INT DEFAULT 0;
  DECLARE claimed INT;
  DECLARE claimed_effect VARCHAR(10);
  DECLARE claimed_schema, claimed_table VARCHAR(64) CHARACTER SET utf8mb3;
  DECLARE claimed_trace CHAR(64);
  DECLARE tries, written INT;
  DECLARE failed_errno INT;
  DECLARE failed_sqlstate CHAR(5);
  DECLARE failed_message TEXT;

  IF COALESCE(GET_LOCK(CONCAT('${LEDGER_SCHEMA}.worker.', worker_number), 0), 0) <> 1 THEN
    LEAVE main;
  END IF;
  SET SESSION sql_mode = @${LEDGER_SCHEMA}_sql_mode;

  work: WHILE slot < statements DO
    SET slot = slot + 1, claimed = NULL;
    ${GOES_ON_ONLY_ON_A_REPLICA}

    IF COALESCE(GET_LOCK('${CLAIM_LOCK}', 60), 0) <> 1 THEN
      LEAVE work;
    END IF;
    BEGIN
      DECLARE EXIT HANDLER FOR 1205, 1213, NOT FOUND SET claimed = NULL;
      SELECT candidate.id, candidate.effect, candidate.schema_name, candidate.object_name INTO claimed, claimed_effect, claimed_schema, claimed_table
        FROM ${LEDGER_SCHEMA}.step candidate
       WHERE candidate.kind = 'STATEMENT' AND candidate.unit = first_unit + slot - 1 AND candidate.state = 'PENDING' AND candidate.runner = 'WORKER'
         AND (candidate.needs_pause = 0 OR (SELECT applier_paused FROM ${LEDGER_SCHEMA}.plan WHERE id = 1) = 1)
         AND NOT EXISTS (SELECT 1 FROM ${LEDGER_SCHEMA}.step earlier WHERE earlier.kind = 'STATEMENT' AND earlier.unit < candidate.unit AND earlier.state <> 'DONE');
      SET claimed_trace = IF(claimed_effect = 'definition', (${traceQuery('claimed_schema', 'claimed_table')}), NULL);
      UPDATE ${LEDGER_SCHEMA}.step
         SET state = 'RUNNING', worker = worker_number, attempts = attempts + 1, trace = claimed_trace, started_at = UTC_TIMESTAMP(6),
             finished_at = NULL, errno = NULL, sql_state = NULL, message = NULL
       WHERE id = claimed;
    END;
    DO RELEASE_LOCK('${CLAIM_LOCK}');
    IF claimed IS NULL THEN
      LEAVE work;
    END IF;

    SET failed_errno = NULL, failed_sqlstate = NULL, failed_message = NULL;
    BEGIN
      DECLARE EXIT HANDLER FOR SQLEXCEPTION
      BEGIN
        GET DIAGNOSTICS CONDITION 1 failed_errno = MYSQL_ERRNO, failed_sqlstate = RETURNED_SQLSTATE, failed_message = MESSAGE_TEXT;
        ROLLBACK;
      END;
      IF claimed_effect = 'data' THEN
        START TRANSACTION;
      END IF;
      CASE slot ${Array.from({ length: SLOTS }, (_, index) => `WHEN ${index + 1} THEN EXECUTE ${preparedName(index + 1)};`).join(' ')} END CASE;
      IF claimed_effect = 'data' THEN
        UPDATE ${LEDGER_SCHEMA}.step SET state = 'DONE', finished_at = UTC_TIMESTAMP(6) WHERE id = claimed;
        COMMIT;
      END IF;
    END;

${recordOutcome('failed_message')}
    IF failed_errno IS NOT NULL OR written = 0 THEN
      LEAVE work;
    END IF;
  END WHILE;

  DO RELEASE_LOCK(CONCAT('${LEDGER_SCHEMA}.worker.', worker_number));
END`;
