/** Ends with the present Green: nothing can be mended there. */
const START_ANEW = 'delete the deployment together with Green and start again';
const START_REPLICATION = 'CALL mysql.rds_start_replication on Green and redrive this execution';

const BINLOG_GONE = `Blue cannot send the binlog Green needs next, most likely because the retention was too short. Raise binlogRetention, ${START_ANEW}`;
const TYPES_DIFFER = 'the column types on Blue and Green differ more than replica_type_conversions allows: set ALL_NON_LOSSY in Green\'s cluster parameter group (GreenClusterParameterGroup does), '
  + `then ${START_REPLICATION}`;
const RELAY_LOG_DAMAGED = `a log that Green wrote for itself cannot be read (a crash, a full disk). See whether Green's storage is full, then ${START_REPLICATION}; if the error comes again, ${START_ANEW}`;
const DISK_FULL = `Green has no room for what it has to write: a larger instance class, or fewer workers, then ${START_REPLICATION}`;
const SCHEMA_CHANGED = `Green lacks what Blue's statement names: somebody changed Green, or Blue's schema was changed in a way that does not fit Green's. ${capital(START_ANEW)}`;
const ALREADY_THERE = `what Blue's statement makes is there on Green already: somebody made it there. Drop it on Green if it is empty, then ${START_REPLICATION}; otherwise ${START_ANEW}`;
const NOT_ALLOWED = `the applier lacks a privilege, or log_bin_trust_function_creators, for Blue's statement: grant it, or set the parameter in Green's cluster parameter group, then ${START_REPLICATION}`;
const DOES_NOT_FIT = `a value of Blue does not fit Green's column: the column is narrower or stricter there. Look at the row on Blue; if it may be changed there, ${START_ANEW}`;
const FOREIGN_KEY = `a row Blue's foreign keys allow is refused on Green: rows are missing or left over there. ${capital(START_ANEW)}`;
const LOCKED = `somebody held locks on Green for so long that the applier gave up. Find out who works there (nobody should), then ${START_REPLICATION}`;
const PACKET_TOO_LARGE = `a change is larger than max_allowed_packet (replica_max_allowed_packet) or max_binlog_cache_size of Green: raise it in Green's parameter group, then ${START_REPLICATION}`;
const UNREACHABLE = 'Green cannot connect to Blue. See that Blue is available; Green tries again by itself as long as its I/O thread runs. If it stays so, look at Green in the RDS console';
const LOGIN_REFUSED = 'Blue refuses the user RDS replicates with. Nobody should change that user: look at the deployment in the RDS console, and ask AWS Support';
const SOURCE_INCIDENT = `Blue has lost events of its binlog (an incident), so Green can never be the same: ${START_ANEW}`;
const INCONSISTENT_WORKERS = `the parallel workers of Green were stopped in the middle. ${capital(START_REPLICATION)}, which mends it; if the error comes again, ${START_ANEW}`;
const METADATA_UNREADABLE = `Green cannot read where it was in Blue's binlog (a crash). ${capital(START_ANEW)}`;

/**
 * What helps, by MySQL's error number; the five-digit ones are those of 8.0 and later for the server's own threads.
 * https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
 */
const REMEDIES: Readonly<Record<number, string>> = {
  1032: `a row that Blue changed is missing on Green: somebody wrote on Green, or replication started from the wrong place. ${capital(START_ANEW)}`,
  1062: 'Green already has a row with that key: somebody wrote on Green, or a unique key has become stricter by its new collation. Mend the data on Blue, or delete Green and start again',
  1146: `the table does not exist on Green: somebody dropped or renamed it there. ${capital(START_ANEW)}`,
  ...all([1049, 1051, 1054, 1305], SCHEMA_CHANGED),
  1091: `Blue has dropped an index or a column that was missing on Green just then. When the migration has built it, ${START_REPLICATION}`,
  ...all([1007, 1050, 1060, 1061, 1304], ALREADY_THERE),
  ...all([1044, 1142, 1143, 1227, 1370, 1418, 1419], NOT_ALLOWED),
  ...all([1048, 1264, 1265, 1292, 1364, 1366, 1406], DOES_NOT_FIT),
  ...all([1216, 1217, 1451, 1452], FOREIGN_KEY),
  ...all([1205, 1213], LOCKED),
  ...all([3, 1021, 1114], DISK_FULL),
  ...all([1153, 1197, 13125], PACKET_TOO_LARGE),
  ...all([1236, 13114], BINLOG_GONE),
  ...all([1590, 13119], SOURCE_INCIDENT),
  ...all([1594, 1595, 13121, 13122], RELAY_LOG_DAMAGED),
  ...all([1677, 13146], TYPES_DIFFER),
  ...all([1755, 1756], INCONSISTENT_WORKERS),
  ...all([1871, 1872, 13123, 13124], METADATA_UNREADABLE),
  ...all([1040, 2002, 2003, 2005, 2006, 2013, 2026], UNREACHABLE),
  ...all([1045, 1130, 2061], LOGIN_REFUSED),
};

/** Errors of connecting: the I/O thread tries again by itself. */
const PASSING: readonly number[] = [1040, 1045, 1053, 1130, 1158, 1159, 1160, 1161, 2002, 2003, 2005, 2006, 2013, 2026, 2061];

/** What to do about an error of replication. Every number has an answer. */
export function remedyOf(errno: number): string {
  return REMEDIES[errno] ?? `mend the cause, then ${START_REPLICATION}; or ${START_ANEW}`;
}

/** Whether the server goes on by itself when the cause is gone. */
export function passesByItself(errno: number): boolean {
  return PASSING.includes(errno);
}

/** All numbers with an answer of their own. */
export const KNOWN_ERRORS: readonly number[] = Object.keys(REMEDIES).map(Number);

function all(numbers: readonly number[], remedy: string): Record<number, string> {
  return Object.fromEntries(numbers.map((errno) => [errno, remedy]));
}

function capital(sentence: string): string {
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}`;
}
