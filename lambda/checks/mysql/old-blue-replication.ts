import { ADDRESS } from '../../mysql/clients';
import { replicaStatus } from '../../mysql/dialect';
import { type Check, type Problem } from '../check';
import { type MysqlContext } from './context';

/** Nothing replicates from the old Blue, and it replicates from nobody: what reads its binlog would end with it. */
export const oldBlueReplication: Check<MysqlContext> = {
  id: 'old-blue-replication',
  scopes: ['retire', 'before-deletion'],
  async run({ blue, situation }) {
    const name = situation.source?.identifier;
    const readers = await blue.rows<{ user: string; host: string }>(
      `SELECT p.USER AS user, ${ADDRESS} AS host FROM information_schema.PROCESSLIST p WHERE p.COMMAND LIKE 'Binlog Dump%' ORDER BY 1, 2`,
    );
    const problems = readers.map(({ user, host }): Problem => ({
      severity: 'blocker',
      message: `user '${user}' from ${host} reads the binlog of the old Blue '${name}', so something replicates from it (a replica, a CDC connector): let it follow production first, from the coordinates in the report of the switchover`,
    }));
    const status = await replicaStatus(blue);
    if (status !== undefined) {
      const stands = status.ioRunning === 'No' && status.sqlRunning === 'No' ? ', which is stopped and can be started at any time' : '';
      problems.push({
        severity: 'blocker',
        message: `the old Blue '${name}' replicates from another server (${status.sourceUuid || 'unknown'})${stands}: it is a way back that somebody has made, or an old setting. If nobody needs it, stop and reset it `
          + '(mysql.rds_stop_replication, mysql.rds_reset_external_source)',
      });
    }
    return problems;
  },
};
