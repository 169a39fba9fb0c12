import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** Replica clusters of Blue in its own Region follow the physical cluster, so after the switchover they follow the old Blue. */
export const readReplicas: Check<RdsContext> = {
  id: 'read-replicas',
  scopes: ['preflight'],
  acknowledgeable: true,
  async run({ source }) {
    const { DBClusterIdentifier: name, DBClusterArn: arn, ReadReplicaIdentifiers: all = [] } = source ?? {};
    const replicas = all.filter((replica) => !isElsewhere(arn, replica));
    if (replicas.length === 0) return FINE;
    return blocker(`'${name}' has replica clusters (${someOf(replicas)}): they follow the physical cluster, so after the switchover they would follow the old Blue, which nobody writes to. Delete them and make them again `
      + 'from the new production, or acknowledge this if they may stand still');
  },
};

/** Whether a replica is in another Region than the cluster: its name is then an ARN. */
export function isElsewhere(arn: string | undefined, replica: string): boolean {
  return replica.startsWith('arn:') && regionIn(replica) !== regionIn(arn);
}

function regionIn(arn = ''): string | undefined {
  return arn.split(':')[3];
}
