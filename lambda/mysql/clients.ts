/** Users of MySQL and of RDS itself: who replicates is told by the command. */
export const USERS_OF_THE_SYSTEM: readonly string[] = ['system user', 'event_scheduler', 'rdsadmin', 'rdsrepladmin', 'mysql.session', 'mysql.infoschema', 'mysql.sys'];

/** The address in the column HOST of a list of processes, of which the port is the last part; an IPv6 address has colons of its own. */
export const ADDRESS = `IF(p.HOST LIKE '%:%', LEFT(p.HOST, CHAR_LENGTH(p.HOST) - CHAR_LENGTH(SUBSTRING_INDEX(p.HOST, ':', -1)) - 1), p.HOST)`;
