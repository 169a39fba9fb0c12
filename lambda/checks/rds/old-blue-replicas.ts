import { integrationsOf } from '../../rds/surroundings';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type RdsContext } from './context';

/** Nothing hangs on the old Blue in RDS: no replica cluster, Global Database or zero-ETL integration, and it is nobody's replica. */
export const oldBlueReplicas: Check<RdsContext> = {
  id: 'old-blue-replicas',
  scopes: ['retire'],
  async run({ source, target }) {
    if (source === undefined) return [];
    const { DBClusterIdentifier: name, ReadReplicaIdentifiers = [], ReplicationSourceIdentifier: leader = '', GlobalClusterIdentifier: global = '' } = source;
    // Green was its replica once.
    const replicas = ReadReplicaIdentifiers.filter((replica) => replica !== target?.DBClusterArn && replica !== target?.DBClusterIdentifier);
    const integrations = (await integrationsOf(source.DBClusterArn ?? '')).map(({ IntegrationName }) => IntegrationName ?? '');
    const found: Problem[] = [];
    const refuse = (what: string) => found.push({ severity: 'blocker', message: `the old Blue '${name}' ${what}` });
    if (replicas.length > 0) refuse(`has replica clusters (${someOf(replicas)}), which follow it: delete them, or promote them (aws rds promote-read-replica-db-cluster)`);
    if (leader !== '') refuse(`is a replica of ${leader}: promote it, or delete it yourself`);
    if (global !== '') refuse(`belongs to Aurora Global Database '${global}': take it out (aws rds remove-from-global-cluster)`);
    if (integrations.length > 0) refuse(`is the source of zero-ETL integrations (${someOf(integrations)}): make them anew from production, and delete these`);
    return found;
  },
};
