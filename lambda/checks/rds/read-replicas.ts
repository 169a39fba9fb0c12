import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type RdsContext } from './context';

/**
 * Replica clusters of Blue, such as those in other Regions, have no place in a Blue/Green deployment
 * (Aurora User Guide, "Limitations for blue/green deployments").
 */
export const readReplicas: Check<RdsContext> = {
  id: 'read-replicas',
  scopes: ['preflight'],
  acknowledgeable: true,
  async run({ source }) {
    const problems: Problem[] = [];
    const { DBClusterIdentifier: name, ReadReplicaIdentifiers: replicas = [], ReplicationSourceIdentifier: leader = '' } = source ?? {};
    if (leader !== '') {
      problems.push({ severity: 'blocker', message: `'${name}' is itself a replica of ${leader}, and RDS makes no Blue/Green deployment of such clusters: promote it first (aws rds promote-read-replica-db-cluster)` });
    }
    if (replicas.length > 0) {
      problems.push({
        severity: 'blocker',
        message: `'${name}' has replica clusters (${someOf(replicas)}): they follow the physical cluster, so after the switchover they would follow the old Blue, which nobody writes to. Delete them and make them again `
          + `from the new production${isElsewhere(source?.DBClusterArn, replicas) ? '; RDS makes no Blue/Green deployment of a cluster with replicas in other Regions' : ', or acknowledge this if they may stand still'}`,
      });
    }
    return problems;
  },
};

/** Whether one of them is in another Region than the cluster: their names are ARNs. */
function isElsewhere(arn: string | undefined, replicas: readonly string[]): boolean {
  return replicas.some((replica) => replica.startsWith('arn:') && regionIn(replica) !== regionIn(arn));
}

function regionIn(arn = ''): string | undefined {
  return arn.split(':')[3];
}
