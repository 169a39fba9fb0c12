import { property } from '../shared/errors';
import { type Row, type Session } from './session';

/** MySQL's number for "you have an error in your SQL syntax". */
const SYNTAX_ERROR = 1064;

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
  readonly errors: readonly { readonly errno: number; readonly message: string }[];
  readonly delaySeconds: number;
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
  const lag = value('Seconds_Behind_Source', 'Seconds_Behind_Master');
  const errors = [
    { errno: Number(row.Last_IO_Errno ?? 0), message: text('Last_IO_Error') },
    { errno: Number(row.Last_SQL_Errno ?? 0), message: text('Last_SQL_Error') },
  ].filter(({ errno }) => errno !== 0);
  return {
    sourceUuid: text('Source_UUID', 'Master_UUID'),
    ioRunning: text('Replica_IO_Running', 'Slave_IO_Running'),
    sqlRunning: text('Replica_SQL_Running', 'Slave_SQL_Running'),
    lagSeconds: lag === null || lag === undefined ? null : Number(lag),
    executed: { file: text('Relay_Source_Log_File', 'Relay_Master_Log_File'), position: Number(value('Exec_Source_Log_Pos', 'Exec_Master_Log_Pos')) },
    received: { file: text('Source_Log_File', 'Master_Log_File'), position: Number(value('Read_Source_Log_Pos', 'Read_Master_Log_Pos')) },
    errors: errors.length === 0 ? errors : await workersErrors(session, errors),
    delaySeconds: Number(row.SQL_Delay ?? 0),
  };
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
async function workersErrors(session: Session, summary: ReplicaStatus['errors']): Promise<ReplicaStatus['errors']> {
  const workers = await session.rows<{ errno: number; message: string }>(
    'SELECT LAST_ERROR_NUMBER AS errno, LAST_ERROR_MESSAGE AS message FROM performance_schema.replication_applier_status_by_worker WHERE LAST_ERROR_NUMBER <> 0',
  ).catch(() => []);
  return workers.length > 0 ? [...workers, ...summary.filter(({ errno }) => !workers.some((worker) => worker.errno === errno))] : summary;
}
