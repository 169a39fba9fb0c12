import { type Session } from './session';

const RETENTION = 'binlog retention hours';

/** The largest `binlog retention hours` Aurora MySQL takes (Aurora User Guide, "mysql.rds_set_configuration"). */
export const MOST_RETENTION_HOURS = 2160;

/** How long the server keeps its binlogs; null means that they go as soon as nobody reads them. */
export async function binlogRetentionHours(session: Session): Promise<number | null> {
  // the procedure answers with result sets; the driver returns a list of them.
  const answer = await session.rows<unknown>('CALL mysql.rds_show_configuration()');
  const rows = answer.flatMap((set) => (Array.isArray(set) ? set as { name?: string; value?: string | null }[] : []));
  const value = rows.find(({ name }) => name === RETENTION)?.value ?? null;
  return value === null || value === 'NULL' ? null : Number(value);
}

/** Stops the threads of a replica. */
export async function stopReplication(session: Session): Promise<void> {
  await session.run('CALL mysql.rds_stop_replication()');
}

/** Starts the threads of a replica. */
export async function startReplication(session: Session): Promise<void> {
  await session.run('CALL mysql.rds_start_replication()');
}

/** Ends a session of another user, which the pipeline's user may not do itself. */
export async function killSession(session: Session, connection: number): Promise<void> {
  await session.run('CALL mysql.rds_kill(?)', [connection]);
}

/** Sets how long the server keeps its binlogs. */
export async function setBinlogRetentionHours(session: Session, hours: number | null): Promise<void> {
  await session.run('CALL mysql.rds_set_configuration(?, ?)', [RETENTION, hours]);
}
