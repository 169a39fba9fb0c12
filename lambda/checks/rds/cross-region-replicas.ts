import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type RdsContext } from './context';
import { isElsewhere } from './read-replicas';

/**
 * RDS makes no Blue/Green deployment of a cluster that is a replica of another one, or has replicas in other Regions
 * (Aurora User Guide, "Limitations for blue/green deployments").
 */
export const crossRegionReplicas: Check<RdsContext> = {
  id: 'cross-region-replicas',
  scopes: ['preflight'],
  async run({ source }) {
    const problems: Problem[] = [];
    const { DBClusterIdentifier: name, DBClusterArn: arn, ReadReplicaIdentifiers: replicas = [], ReplicationSourceIdentifier: leader = '' } = source ?? {};
    if (leader !== '') {
      problems.push({ severity: 'blocker', message: `'${name}' is itself a replica of ${leader}, and RDS makes no Blue/Green deployment of such clusters: promote it first (aws rds promote-read-replica-db-cluster)` });
    }
    const elsewhere = replicas.filter((replica) => isElsewhere(arn, replica));
    if (elsewhere.length > 0) {
      problems.push({
        severity: 'blocker',
        message: `'${name}' has replica clusters in other Regions (${someOf(elsewhere)}), and RDS makes no Blue/Green deployment of such clusters: delete them, and make them again from the new production`,
      });
    }
    return problems;
  },
};
