/** The longest time Aurora keeps binary logs, in hours; higher values are lowered to it without a word. */
const longestRetentionHours = 2160;

/** The procedures belong to the administrator, with whose rights they run; callers need EXECUTE only. */
const createProcedure = `CREATE DEFINER = 'root'@'localhost' PROCEDURE`;

/** The statements that give a server the configuration table and the procedures of RDS; each may be run again. */
export const rdsProcedures: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS mysql.rds_configuration (
    name VARCHAR(100) NOT NULL PRIMARY KEY,
    value VARCHAR(100) NULL,
    description VARCHAR(300) NOT NULL
  ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4`,

  `INSERT IGNORE INTO mysql.rds_configuration VALUES
    ('binlog retention hours', NULL, 'How many hours binary logs are kept before they are removed; NULL leaves it to the service.')`,

  'DROP PROCEDURE IF EXISTS mysql.rds_show_configuration',
  `${createProcedure} mysql.rds_show_configuration()
  SQL SECURITY DEFINER
  BEGIN
    SELECT name, value, description FROM mysql.rds_configuration;
  END`,

  'DROP PROCEDURE IF EXISTS mysql.rds_set_configuration',
  // it writes to this server only: neither Green nor any other replica gets the setting through the binary log.
  `${createProcedure} mysql.rds_set_configuration(IN setting_name VARCHAR(100), IN setting_value INT)
  SQL SECURITY DEFINER
  BEGIN
    DECLARE previous_log_bin TINYINT DEFAULT @@session.sql_log_bin;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
      ROLLBACK;
      SET SESSION sql_log_bin = previous_log_bin;
      RESIGNAL;
    END;
    IF NOT EXISTS (SELECT 1 FROM mysql.rds_configuration WHERE name = setting_name) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'There is no configuration setting of this name.';
    END IF;
    IF setting_value < 1 THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'The value of binlog retention hours must be NULL or at least 1.';
    END IF;
    COMMIT;
    SET SESSION sql_log_bin = 0;
    UPDATE mysql.rds_configuration SET value = LEAST(setting_value, ${longestRetentionHours}) WHERE name = setting_name;
    COMMIT;
    SET SESSION sql_log_bin = previous_log_bin;
  END`,

  'DROP PROCEDURE IF EXISTS mysql.rds_stop_replication',
  `${createProcedure} mysql.rds_stop_replication()
  SQL SECURITY DEFINER
  BEGIN
    STOP REPLICA;
    SELECT 'Replication is stopped.' AS Message;
  END`,

  'DROP PROCEDURE IF EXISTS mysql.rds_start_replication',
  `${createProcedure} mysql.rds_start_replication()
  SQL SECURITY DEFINER
  BEGIN
    START REPLICA;
    SELECT 'Replication is started.' AS Message;
  END`,

  'DROP PROCEDURE IF EXISTS mysql.rds_kill',
  `${createProcedure} mysql.rds_kill(IN thread_id BIGINT UNSIGNED)
  SQL SECURITY DEFINER
  BEGIN
    KILL CONNECTION thread_id;
  END`,

  'DROP PROCEDURE IF EXISTS mysql.rds_kill_query',
  `${createProcedure} mysql.rds_kill_query(IN thread_id BIGINT UNSIGNED)
  SQL SECURITY DEFINER
  BEGIN
    KILL QUERY thread_id;
  END`,
];
