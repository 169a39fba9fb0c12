import { property } from '../shared/errors';
import { type Row, type Session } from './session';

/** MySQL's number for "you have an error in your SQL syntax". */
const SYNTAX_ERROR = 1064;

/** The filters of an applier, which have the same names in all versions. */
const FILTERS = [
  'Replicate_Do_DB', 'Replicate_Ignore_DB', 'Replicate_Do_Table', 'Replicate_Ignore_Table', 'Replicate_Wild_Do_Table', 'Replicate_Wild_Ignore_Table', 'Replicate_Rewrite_DB',
];
/** Schemas of MySQL and RDS, and their tables, as filters name them: RDS leaves out tables such as mysql.rds_history. */
const SERVERS_OWN = /^(?:mysql|sys|performance_schema|information_schema|innodb_memcache|innodb|tmp)(?:\.|$)/i;

/** A place in a binlog. */
export interface BinlogPosition {
  readonly file: string;
  readonly position: number;
}

/** What a replica says of itself, in the words of MySQL 8. */
export interface ReplicaStatus {
  readonly sourceUuid: string;
  /** `Yes`, `No` or `Connecting`. */
  readonly ioRunning: string;
  readonly sqlRunning: string;
  /** NULL means unknown, which is not 0. */
  readonly lagSeconds: number | null;
  /** What of the source's binlog has been executed (a low-water mark with parallel workers). */
  readonly executed: BinlogPosition;
  readonly received: BinlogPosition;
  /** The worker's own error comes before the coordinator's, which only says that there is one. */
  readonly errors: readonly ReplicationError[];
  /** A delayed replica waits this long before it executes anything, even where it says that it is 0 behind. */
  readonly delaySeconds: number;
  /** What it leaves out of what Blue writes, `Replicate_Ignore_DB=shop`: without what RDS keeps from being replicated of the server's own. */
  readonly filters: readonly string[];
}

/** The last error of one of the threads. */
export interface ReplicationError {
  readonly thread: 'I/O' | 'SQL';
  readonly errno: number;
  readonly message: string;
}

/**
 * SHOW REPLICA STATUS, whatever it is called: a syntax error before 8.0.22 under the new name, from 8.4 under the old one.
 *
 * @returns undefined where the server is no replica.
 */
export async function replicaStatus(session: Session): Promise<ReplicaStatus | undefined> {
  const row = await firstThatParses(session, ['SHOW REPLICA STATUS', 'SHOW SLAVE STATUS']);
  if (row === undefined) return undefined;
  const value = (...names: string[]): unknown => names.map((name) => row[name]).find((found) => found !== undefined);
  const text = (...names: string[]): string => String(value(...names) ?? '');
  const errorOf = (thread: ReplicationError['thread'], errno: unknown, message: string): ReplicationError[] => (Number(errno ?? 0) === 0 ? [] : [{ thread, errno: Number(errno), message }]);
  const ofApplier = errorOf('SQL', row.Last_SQL_Errno, text('Last_SQL_Error'));
  return {
    sourceUuid: text('Source_UUID', 'Master_UUID'),
    ioRunning: text('Replica_IO_Running', 'Slave_IO_Running'),
    sqlRunning: text('Replica_SQL_Running', 'Slave_SQL_Running'),
    lagSeconds: lagOf(value('Seconds_Behind_Source', 'Seconds_Behind_Master')),
    executed: { file: text('Relay_Source_Log_File', 'Relay_Master_Log_File'), position: Number(value('Exec_Source_Log_Pos', 'Exec_Master_Log_Pos')) },
    received: { file: text('Source_Log_File', 'Master_Log_File'), position: Number(value('Read_Source_Log_Pos', 'Read_Master_Log_Pos')) },
    errors: [...ofApplier.length === 0 ? [] : await workersErrors(session, ofApplier), ...errorOf('I/O', row.Last_IO_Errno, text('Last_IO_Error'))],
    delaySeconds: Number(row.SQL_Delay ?? 0),
    filters: FILTERS.flatMap((name) => text(name).split(',').map((item) => item.trim()).filter((item) => item !== '' && !SERVERS_OWN.test(item)).map((item) => `${name}=${item}`)),
  };
}

/** Seconds behind the source. NULL and everything below 0 (the metric AuroraBinlogReplicaLag says -1) mean unknown, which is not 0. */
export function lagOf(value: unknown): number | null {
  const seconds = value === null || value === undefined || value === '' ? Number.NaN : Number(value);
  return seconds >= 0 ? seconds : null;
}

/**
 * Where the server's own binlog stands.
 *
 * @returns undefined where it writes none.
 */
export async function binlogPosition(session: Session): Promise<BinlogPosition | undefined> {
  const row = await firstThatParses(session, ['SHOW BINARY LOG STATUS', 'SHOW MASTER STATUS']);
  return row === undefined ? undefined : { file: String(row.File), position: Number(row.Position) };
}

/** Whether the server is a reader of its cluster, which writes no binlog and replicates from nobody. */
export async function isReader(session: Session): Promise<boolean> {
  return Number((await session.row<{ reader: number }>('SELECT @@global.innodb_read_only AS reader'))?.reader) === 1;
}

/** The conversions that the applier may make at this moment, such as `ALL_NON_LOSSY`; the variable has two names, and no version knows only one. */
export async function typeConversions(session: Session): Promise<string> {
  const row = await session.row<{ Value: string }>(`SHOW GLOBAL VARIABLES WHERE Variable_name IN ('replica_type_conversions', 'slave_type_conversions')`);
  return row?.Value ?? '';
}

/** Whether one place in a binlog is at or behind another. File names end in a growing number. */
export function reached(present: BinlogPosition, wanted: BinlogPosition): boolean {
  const [presentNumber, wantedNumber] = [fileNumber(present.file), fileNumber(wanted.file)];
  return presentNumber > wantedNumber || (presentNumber === wantedNumber && present.position >= wanted.position);
}

/** `mysql-bin-changelog.000003:4013`, as it stands in states and messages. */
export function positionText({ file, position }: BinlogPosition): string {
  return `${file}:${position}`;
}

/** Reads {@link positionText} back. */
export function parsePosition(text: string): BinlogPosition {
  const colon = text.lastIndexOf(':');
  return { file: text.slice(0, colon), position: Number(text.slice(colon + 1)) };
}

function fileNumber(file: string): number {
  return Number(file.slice(file.lastIndexOf('.') + 1));
}

async function firstThatParses(session: Session, statements: readonly string[]): Promise<Row | undefined> {
  for (const [index, statement] of statements.entries()) {
    try {
      return await session.row(statement);
    } catch (thrown) {
      if (property(thrown, 'errno') !== SYNTAX_ERROR || index === statements.length - 1) throw thrown;
    }
  }
  return undefined;
}

/** With parallel workers the status only points to this table; the real number and text are here. */
async function workersErrors(session: Session, summary: readonly ReplicationError[]): Promise<readonly ReplicationError[]> {
  const workers = await session.rows<{ errno: number; message: string }>(
    'SELECT LAST_ERROR_NUMBER AS errno, LAST_ERROR_MESSAGE AS message FROM performance_schema.replication_applier_status_by_worker WHERE LAST_ERROR_NUMBER <> 0',
  ).catch(() => []);
  return [...workers.map((error) => ({ thread: 'SQL' as const, ...error })), ...summary.filter(({ errno }) => !workers.some((worker) => worker.errno === errno))];
}
