import {
  DeleteDBCluster$, type DeleteDBClusterMessage, type DeleteDBClusterResult, DeleteDBInstance$, type DeleteDBInstanceMessage, type DeleteDBInstanceResult,
  InvalidDBClusterStateFault$, InvalidDBInstanceStateFault$,
} from '@aws-sdk/client-rds';
import { type Account } from './account';
import { clusterView, instanceView } from './cluster-views';
import { type Faults } from './fault-injection';
import { type Caller, type Operation, operation } from './operation';
import { type Cluster } from './resources';
import { fault, invalidParameterCombination, required } from './service-error';
import { addSnapshot } from './snapshot-operations';

/** Deleting instances, and clusters that have none left. */
export function clusterDeletionOperations(account: Account, faults: Faults): Operation[] {
  return [
    operation(DeleteDBInstance$, (input: Partial<DeleteDBInstanceMessage>) => [account.arn('db', input.DBInstanceIdentifier ?? '*')], (input) => deleteInstance(account, input)),
    // the final snapshot is a resource of the deletion, too.
    operation(DeleteDBCluster$, (input: Partial<DeleteDBClusterMessage>) => [
      account.arn('cluster', input.DBClusterIdentifier ?? '*'),
      ...input.FinalDBSnapshotIdentifier === undefined ? [] : [account.arn('cluster-snapshot', input.FinalDBSnapshotIdentifier)],
    ], (input, caller) => deleteCluster(account, faults, input, caller)),
  ];
}

function deleteInstance(account: Account, input: Partial<DeleteDBInstanceMessage>): DeleteDBInstanceResult {
  const instance = account.instance(required(input.DBInstanceIdentifier, 'DBInstanceIdentifier'));
  const { cluster } = instance;
  if (input.FinalDBSnapshotIdentifier !== undefined) throw invalidParameterCombination('FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance.');
  if (instance.status === 'deleting') throw fault(InvalidDBInstanceStateFault$, `Instance ${instance.identifier} is already being deleted.`);
  if (cluster.status !== 'available') throw fault(InvalidDBClusterStateFault$, `DB cluster ${cluster.identifier} is in ${cluster.status} state; its instances cannot be deleted.`);
  refuseMember(account, cluster);
  if (cluster.deletionProtection && cluster.instances.every((other) => other === instance || other.status === 'deleting')) {
    throw invalidParameterCombination('This database has deletion protection option enabled, to be able to delete the last Aurora DB instance, modify the Aurora cluster and disable deletion protection.');
  }
  instance.status = 'deleting';
  void account.inBackground(async () => {
    instance.endpoint.refuse();
    await account.sleep(account.durations.deleteInstance);
    await instance.endpoint.close();
    cluster.instances.splice(cluster.instances.indexOf(instance), 1);
    const [next] = cluster.instances.filter(({ status }) => status !== 'deleting');
    // a reader is promoted where the writer goes first.
    if (instance.isWriter && next) next.isWriter = true;
    if (!next) cluster.endpoint.refuse();
    account.record('db-instance', instance.identifier, 'DB instance deleted.', 'deletion');
  });
  return { DBInstance: instanceView(account, instance) };
}

function deleteCluster(account: Account, faults: Faults, input: Partial<DeleteDBClusterMessage>, caller: Caller): DeleteDBClusterResult {
  const cluster = account.cluster(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
  if (cluster.deletionProtection) throw invalidParameterCombination('Cannot delete protected Cluster, please disable deletion protection and try again.');
  const { FinalDBSnapshotIdentifier: final, SkipFinalSnapshot: skips = false } = input;
  if (skips !== (final === undefined)) {
    throw invalidParameterCombination(skips
      ? 'FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is specified.'
      : 'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  if (cluster.status !== 'available') throw fault(InvalidDBClusterStateFault$, `DbCluster ${cluster.identifier} is in ${cluster.status} state; it should be available.`);
  refuseMember(account, cluster);
  if (cluster.instances.some(({ status }) => status !== 'deleting')) {
    throw fault(InvalidDBClusterStateFault$, 'Cluster cannot be deleted, it still contains DB instances in non-deleting state.');
  }
  let snapshot: Promise<void> | undefined;
  if (final !== undefined) {
    caller.require('CreateDBClusterSnapshot', [account.arn('cluster', cluster.identifier), account.arn('cluster-snapshot', final)]);
    snapshot = addSnapshot(account, faults, cluster, { identifier: final, tags: [] }).taken;
  }
  cluster.status = 'deleting';
  void account.inBackground(async () => {
    cluster.endpoint.refuse();
    await snapshot;
    while (cluster.instances.length > 0) await account.sleep(account.durations.deleteCluster);
    await account.sleep(account.durations.deleteCluster);
    await cluster.engine.destroy();
    await cluster.endpoint.close();
    account.clusters.splice(account.clusters.indexOf(cluster), 1);
    account.record('db-cluster', cluster.identifier, 'DB cluster deleted.', 'deletion');
  });
  return { DBCluster: clusterView(account, cluster) };
}

/** Whether RDS would refuse is not documented; the strict answer is the one that cannot flatter a client. */
function refuseMember(account: Account, cluster: Cluster): void {
  const deployment = account.deploymentOf(cluster);
  if (deployment) throw fault(InvalidDBClusterStateFault$, `DbCluster ${cluster.identifier} is part of Blue/Green deployment ${deployment.identifier}; it cannot be deleted.`);
}
