import { type Check, FINE } from '../check';
import { type RdsContext } from './context';

/**
 * RDS refuses to create Green while the writer is not in sync with its group
 * (Aurora User Guide, "Preparing an Aurora cluster for a blue/green deployment").
 */
export const parameterGroupInSync: Check<RdsContext> = {
  id: 'parameter-group-in-sync',
  scopes: ['preflight'],
  async run({ source }) {
    const pending = source?.DBClusterMembers?.filter((member) => member.DBClusterParameterGroupStatus !== 'in-sync') ?? [];
    if (source === undefined || pending.length === 0) return FINE;
    return pending.map((member) => ({
      severity: member.IsClusterWriter ? 'blocker' as const : 'warning' as const,
      message: `${member.IsClusterWriter ? 'writer' : 'reader'} '${member.DBInstanceIdentifier}' is '${member.DBClusterParameterGroupStatus}' with cluster parameter group `
        + `'${source.DBClusterParameterGroup}': changed static parameters (binlog_format is one) are not in effect yet`
        + `${member.IsClusterWriter ? ', and RDS refuses to create Green' : ''}: reboot it (aws rds reboot-db-instance --db-instance-identifier ${member.DBInstanceIdentifier})`,
    }));
  },
};
