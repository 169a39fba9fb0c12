import { type Session } from '../mysql/session';
import { property } from '../shared/errors';

/** No such table, no privilege: such a server tells nothing. */
const SILENT = [1142, 1146, 1044];

/** Of an Aurora MySQL that knows the table; more kinds than the documentation has are not kept. */
const MOST_STATUSES = 10;

/**
 * How RDS says inside the database that a switchover is going on: the statuses in `mysql.rds_topology`, in the order in which they were seen.
 * The AWS Advanced JDBC driver reads the same table.
 * https://github.com/aws/aws-advanced-jdbc-wrapper/blob/main/docs/using-the-jdbc-driver/using-plugins/UsingTheBlueGreenPlugin.md
 */
export class Topology {
  private isSilent = false;

  constructor(public readonly seen: string[]) {}

  /** A switchover had begun, and all is as it was before: RDS has cancelled it or rolled it back. */
  public get isRolledBack(): boolean {
    return this.seen.at(-1) === 'AVAILABLE' && this.seen.some((status) => status.startsWith('SWITCHOVER_'));
  }

  /** Reads the status, if the server has any. */
  public async look(session: Session): Promise<void> {
    if (this.isSilent) return;
    try {
      const statuses = (await session.rows<{ status: string }>('SELECT DISTINCT status FROM mysql.rds_topology')).map(({ status }) => status);
      // the two environments may change one after the other.
      const status = statuses.find((each) => each !== 'AVAILABLE') ?? statuses[0];
      if (status !== undefined && status !== this.seen.at(-1) && this.seen.length < MOST_STATUSES) this.seen.push(status);
    } catch (thrown) {
      if (SILENT.includes(Number(property(thrown, 'errno')))) this.isSilent = true;
    }
  }
}
