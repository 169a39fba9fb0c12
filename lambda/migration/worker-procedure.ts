/** The schema of ours on Green; dropped in *Restore Production*. */
export const LEDGER_SCHEMA = 'blue_green_pipeline';

/** The named lock a worker's session holds for as long as it lives. A connection id would be given to somebody else after a restart. */
export function workerLock(worker: number): string {
  return `${LEDGER_SCHEMA}.worker.${worker}`;
}

/** Held while a step is claimed, or while the plan is written. */
export const CLAIM_LOCK = `${LEDGER_SCHEMA}.claim`;

/** Held by the task that runs the steps workers cannot. */
export const TASK_LOCK = `${LEDGER_SCHEMA}.task`;

/** Held while replication is stopped or started, so that a look and the monitor do not undo each other's work. */
export const APPLIER_LOCK = `${LEDGER_SCHEMA}.applier`;

/**
 * SQL mode of everything the pipeline runs: strict, so that no value is ever cut without an error; without NO_ZERO_DATE, because a
 * `DEFAULT '0000-00-00'` of old tables would make every ALTER fail (1067); and not the user's, because statements made from SHOW CREATE TABLE
 * have to be read in the mode they were printed in.
 */
export const SQL_MODE = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';

/** What a worker's session has set before the call. The lock timeout is long: when it strikes at the end of an ALTER, the finished copy is lost. */
export const WORKER_SESSION = `SET SESSION time_zone = '+00:00', autocommit = 1, foreign_key_checks = 0, unique_checks = 1, sql_mode = '${SQL_MODE}', `
  + 'lock_wait_timeout = 604800, innodb_lock_wait_timeout = 3600';

/**
 * What identifies the columns of a table: part of a query on information_schema.COLUMNS. A statement repeats the definitions of its moment;
 * run days later, it would silently undo what has been changed on Blue meanwhile.
 */
export const FINGERPRINT = `SUM(CRC32(CONCAT_WS('\\0', COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT IS NULL, COALESCE(COLUMN_DEFAULT, ''), EXTRA,
  COALESCE(COLLATION_NAME, ''), COALESCE(GENERATION_EXPRESSION, ''), COLUMN_COMMENT)))`;

/**
 * No room on disk or in the log of changes (3, 28, 1021, 1026, 1114, 1799, 1878), a sort that broke off (126, 1028, 1030, 1034), or a server
 * that cannot build it in place (1845, 1846): a step with another, slower way then goes that way.
 */
const NO_ROOM = [3, 28, 126, 1021, 1026, 1028, 1030, 1034, 1114, 1799, 1845, 1846, 1878];

/**
 * Part of a procedure: writes down how the claimed step has ended, and in `written` whether it could. Deadlock, lock timeout and a table that is used
 * in a foreign key check put the step back; everything else fails it.
 *
 * @param message of a failure, as an expression.
 */
export function recordOutcome(message: string): string {
  return `
    SET tries = 0;
    record: WHILE tries < 20 DO
      SET tries = tries + 1, written = 1;
      BEGIN
        DECLARE EXIT HANDLER FOR 1205, 1213 SET written = 0;
        UPDATE ${LEDGER_SCHEMA}.step
           SET needs_pause = needs_pause OR COALESCE(failed_errno = 1025 AND failed_message LIKE '%errno: 183%', 0),
               state = CASE WHEN failed_errno IS NULL THEN 'DONE' WHEN (failed_errno IN (1205, 1213) OR failed_message LIKE '%errno: 183%') AND attempts < 5 THEN 'PENDING' ELSE 'FAILED' END,
               finished_at = UTC_TIMESTAMP(6), errno = failed_errno, sql_state = failed_sqlstate, message = ${message}
         WHERE id = claimed;
      END;
      IF written = 1 THEN
        LEAVE record;
      END IF;
    END WHILE;`;
}

/** At the head of the loop `work` of a procedure: nobody begins anything once the lease is over, nor on a server that has become production. */
export const GOES_ON_ONLY_ON_A_REPLICA = `IF NOT EXISTS (SELECT 1 FROM ${LEDGER_SCHEMA}.plan WHERE lease_until > UTC_TIMESTAMP(6)) THEN
      LEAVE work;
    END IF;
    IF EXISTS (SELECT 1 FROM ${LEDGER_SCHEMA}.plan WHERE replica_visible = 1)
       AND NOT EXISTS (SELECT 1 FROM performance_schema.replication_connection_configuration) THEN
      LEAVE work;
    END IF;`;

/**
 * Lifecycle: takes its named lock; then, again and again: looks whether its lease still runs, whether this server still is a replica, and
 * whether a step has failed (then it starts nothing new, unless it shall carry on); claims the largest pending unit that nobody works on and
 * that is not waiting for a failed step; runs the statement; records success or the full diagnostics. It ends when nothing is left to claim,
 * or when a table is not as it was planned: then the next look plans anew.
 *
 * Units in whose tables a transaction has written come last: an applier that waits for a table that is being altered keeps its locks on the others of
 * its transaction, and a worker that claims one of those would only wait behind it.
 *
 * Gotchas: nobody is connected any more while it runs, so a statement that returns rows would fail (1160). Claims are serialised by a named
 * lock and made by primary key: a bare `UPDATE … ORDER BY … LIMIT 1` of several workers deadlocks thousands of times. Deadlock and lock
 * timeout put the step back (5 tries), so does "Table is being used in foreign key check" (1025, errno 183), which then needs the applier to
 * stand still; everything else fails it. A session that is killed runs no handler: its step stays RUNNING and
 * the supervisor judges it by the facts.
 */
export const WORKER_PROCEDURE = `
CREATE PROCEDURE ${LEDGER_SCHEMA}.worker(IN worker_number INT)
main: BEGIN
  DECLARE claimed INT;
  DECLARE claimed_statement, claimed_fallback LONGTEXT;
  DECLARE claimed_schema, claimed_table VARCHAR(64) CHARACTER SET utf8mb3;
  DECLARE claimed_fingerprint BIGINT UNSIGNED;
  DECLARE tries INT;
  DECLARE written INT;
  DECLARE failed_errno INT;
  DECLARE failed_sqlstate CHAR(5);
  DECLARE failed_message, remark TEXT;

  IF COALESCE(GET_LOCK(CONCAT('${LEDGER_SCHEMA}.worker.', worker_number), 0), 0) <> 1 THEN
    LEAVE main;
  END IF;

  work: LOOP
    ${GOES_ON_ONLY_ON_A_REPLICA}
    IF EXISTS (SELECT 1 FROM ${LEDGER_SCHEMA}.plan WHERE carry_on = 0) AND EXISTS (SELECT 1 FROM ${LEDGER_SCHEMA}.step WHERE state IN ('FAILED', 'UNKNOWN')) THEN
      LEAVE work;
    END IF;

    SET claimed = NULL, tries = 0;
    IF COALESCE(GET_LOCK('${CLAIM_LOCK}', 60), 0) <> 1 THEN
      LEAVE work;
    END IF;
    claim: WHILE tries < 20 DO
      SET tries = tries + 1, written = 1;
      BEGIN
        DECLARE EXIT HANDLER FOR 1205, 1213 SET written = 0;
        DECLARE EXIT HANDLER FOR NOT FOUND SET claimed = NULL;
        SELECT candidate.id, candidate.statement, candidate.fallback, candidate.schema_name, candidate.object_name, candidate.fingerprint
          INTO claimed, claimed_statement, claimed_fallback, claimed_schema, claimed_table, claimed_fingerprint
          FROM ${LEDGER_SCHEMA}.step candidate
          LEFT JOIN (
            SELECT DISTINCT touched.unit FROM performance_schema.metadata_locks held
              JOIN ${LEDGER_SCHEMA}.step touched ON touched.schema_name = held.OBJECT_SCHEMA AND touched.object_name = held.OBJECT_NAME AND touched.state = 'PENDING'
             WHERE held.OBJECT_TYPE = 'TABLE' AND held.LOCK_STATUS = 'GRANTED' AND held.LOCK_TYPE = 'SHARED_WRITE' AND held.LOCK_DURATION = 'TRANSACTION') written
            ON written.unit = candidate.unit
         WHERE candidate.state = 'PENDING' AND candidate.runner = 'WORKER' AND candidate.kind <> 'STATEMENT'
           AND (candidate.needs_pause = 0 OR (SELECT applier_paused FROM ${LEDGER_SCHEMA}.plan WHERE id = 1) = 1)
           AND NOT EXISTS (SELECT 1 FROM ${LEDGER_SCHEMA}.step busy WHERE busy.unit = candidate.unit AND busy.state IN ('RUNNING', 'FAILED', 'UNKNOWN'))
           AND (candidate.kind <> 'INDEXES' OR NOT EXISTS (
             SELECT 1 FROM ${LEDGER_SCHEMA}.step copy
              WHERE copy.schema_name = candidate.schema_name AND copy.object_name = candidate.object_name AND copy.kind = 'TABLE' AND copy.state <> 'DONE'))
         ORDER BY written.unit IS NOT NULL, candidate.unit_bytes DESC, candidate.unit, candidate.id
         LIMIT 1;
        UPDATE ${LEDGER_SCHEMA}.step
           SET state = 'RUNNING', worker = worker_number, attempts = attempts + 1, started_at = UTC_TIMESTAMP(6),
               blocked_since = NULL, finished_at = NULL, errno = NULL, sql_state = NULL, message = NULL
         WHERE id = claimed;
      END;
      IF written = 1 THEN
        LEAVE claim;
      END IF;
    END WHILE;
    DO RELEASE_LOCK('${CLAIM_LOCK}');
    IF claimed IS NULL OR written = 0 THEN
      LEAVE work;
    END IF;

    IF claimed_fingerprint IS NOT NULL AND NOT claimed_fingerprint <=> (SELECT ${FINGERPRINT} FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = claimed_schema AND TABLE_NAME = claimed_table) THEN
      UPDATE ${LEDGER_SCHEMA}.plan SET ready = 0 WHERE id = 1;
      UPDATE ${LEDGER_SCHEMA}.step SET state = 'PENDING' WHERE id = claimed;
      LEAVE work;
    END IF;

    SET remark = NULL;
    execution: LOOP
      SET failed_errno = NULL, failed_sqlstate = NULL, failed_message = remark;
      BEGIN
        DECLARE EXIT HANDLER FOR SQLEXCEPTION
          GET DIAGNOSTICS CONDITION 1 failed_errno = MYSQL_ERRNO, failed_sqlstate = RETURNED_SQLSTATE, failed_message = MESSAGE_TEXT;
        SET @blue_green_pipeline_statement = claimed_statement;
        PREPARE blue_green_pipeline_statement FROM @blue_green_pipeline_statement;
        EXECUTE blue_green_pipeline_statement;
        DEALLOCATE PREPARE blue_green_pipeline_statement;
      END;
      IF claimed_fallback IS NULL OR COALESCE(failed_errno NOT IN (${NO_ROOM.join(', ')}), TRUE) THEN
        LEAVE execution;
      END IF;
      SET remark = CONCAT('done in the slower way after error ', failed_errno, ': ', failed_message), claimed_statement = claimed_fallback, claimed_fallback = NULL;
    END LOOP;

${recordOutcome(`IF(failed_errno IS NOT NULL AND remark IS NOT NULL, CONCAT(failed_message, ' (', remark, ')'), failed_message)`)}
  END LOOP;

  DO RELEASE_LOCK(CONCAT('${LEDGER_SCHEMA}.worker.', worker_number));
END`;
