import { replicaStatus } from '../../mysql/dialect';
import { blocker, type Check, FINE } from '../check';
import { type MysqlContext } from './context';

/** Blue must not itself follow another server (Aurora User Guide, "Limitations for blue/green deployments"). */
export const blueIsNoReplica: Check<MysqlContext> = {
  id: 'blue-is-no-replica',
  scopes: ['preflight', 'before-switchover'],
  async run({ blue, situation }) {
    const status = await replicaStatus(blue);
    if (status === undefined) return FINE;
    return blocker(`'${situation.source?.identifier}' is itself a binlog replica (source ${status.sourceUuid || 'unknown'}, I/O thread ${status.ioRunning}, SQL thread ${status.sqlRunning}), of which RDS `
      + 'makes no Blue/Green deployment: stop and reset that replication (mysql.rds_stop_replication, mysql.rds_reset_external_source) first');
  },
};
