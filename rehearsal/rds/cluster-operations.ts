import {
  type DBClusterMessage, type DBInstanceMessage, DescribeDBClusters$, type DescribeDBClustersMessage, DescribeDBInstances$,
  type DescribeDBInstancesMessage,
  InvalidDBClusterStateFault$, InvalidDBInstanceStateFault$, ModifyDBCluster$, type ModifyDBClusterMessage, type ModifyDBClusterResult,
  RebootDBInstance$, type RebootDBInstanceMessage, type RebootDBInstanceResult, StartDBCluster$,
  type StartDBClusterMessage, type StartDBClusterResult, StopDBCluster$, type StopDBClusterMessage, type StopDBClusterResult,
} from '@aws-sdk/client-rds';
import { type Account } from './account';
import { clusterView, instanceView } from './cluster-views';
import { type Operation, operation } from './operation';
import { filtered, page } from './pagination';
import { markPendingReboot, startWithGroup } from './parameter-values';
import { type Cluster } from './resources';
import { fault, invalidParameterCombination, invalidParameterValue, required } from './service-error';

/** Operations on clusters and their instances. */
export function clusterOperations(account: Account): Operation[] {
  const clusterArn = (identifier: string | undefined) => [identifier?.startsWith('arn:') ? identifier : account.arn('cluster', identifier ?? '*')];
  const instanceArn = (identifier: string | undefined) => [identifier?.startsWith('arn:') ? identifier : account.arn('db', identifier ?? '*')];
  return [
    operation(DescribeDBClusters$, (input: DescribeDBClustersMessage) => clusterArn(input.DBClusterIdentifier), (input) => describeClusters(account, input)),
    operation(DescribeDBInstances$, (input: DescribeDBInstancesMessage) => instanceArn(input.DBInstanceIdentifier),
      (input) => describeInstances(account, input)),
    operation(ModifyDBCluster$, (input: ModifyDBClusterMessage) => [
      ...clusterArn(input.DBClusterIdentifier),
      ...(input.DBClusterParameterGroupName === undefined ? [] : [account.arn('cluster-pg', input.DBClusterParameterGroupName)]),
    ], (input) => modifyCluster(account, input)),
    operation(RebootDBInstance$, (input: RebootDBInstanceMessage) => instanceArn(input.DBInstanceIdentifier), (input) => rebootInstance(account, input)),
    operation(StartDBCluster$, (input: StartDBClusterMessage) => clusterArn(input.DBClusterIdentifier), (input) => startCluster(account, input)),
    operation(StopDBCluster$, (input: StopDBClusterMessage) => clusterArn(input.DBClusterIdentifier), (input) => stopCluster(account, input)),
  ];
}

function describeClusters(account: Account, input: DescribeDBClustersMessage): DBClusterMessage {
  const clusters = input.DBClusterIdentifier === undefined ? account.clusters : [account.cluster(input.DBClusterIdentifier)];
  const wanted = filtered(clusters, input.Filters, {
    'db-cluster-id': (cluster) => [cluster.identifier, account.memberArn(cluster)],
    'db-cluster-resource-id': (cluster) => [cluster.resourceId],
    'engine': () => ['aurora-mysql'],
  });
  const { items, marker } = page(wanted, input);
  return { DBClusters: items.map((cluster) => clusterView(account, cluster)), Marker: marker };
}

function describeInstances(account: Account, input: DescribeDBInstancesMessage): DBInstanceMessage {
  const instances = input.DBInstanceIdentifier === undefined ? account.instances : [account.instance(input.DBInstanceIdentifier)];
  const wanted = filtered(instances, input.Filters, {
    'db-cluster-id': (instance) => [instance.cluster.identifier, account.memberArn(instance.cluster)],
    'db-instance-id': (instance) => [instance.identifier, account.memberArn(instance)],
    'dbi-resource-id': (instance) => [instance.resourceId],
    'engine': () => ['aurora-mysql'],
  });
  const { items, marker } = page(wanted, input);
  return { DBInstances: items.map((instance) => instanceView(account, instance)), Marker: marker };
}

function modifyCluster(account: Account, input: ModifyDBClusterMessage): ModifyDBClusterResult {
  const {
    DBClusterIdentifier: identifier, DBClusterParameterGroupName: groupName, DeletionProtection: deletionProtection,
    BackupRetentionPeriod: backupRetentionPeriod, ...others
  } = input;
  // everything simulated here is applied immediately, whatever the request says.
  const [other] = Object.keys(others).filter((member) => member !== 'ApplyImmediately');
  if (other !== undefined) throw invalidParameterCombination(`This control plane does not simulate ModifyDBCluster with ${other}.`);
  const cluster = account.cluster(required(identifier, 'DBClusterIdentifier'));
  requireModifiable(account, cluster);
  const group = groupName === undefined ? undefined : account.parameterGroup(groupName);
  if (group && group.family !== account.familyOf(cluster)) {
    throw invalidParameterCombination(`The parameter group ${group.name} with DBParameterGroupFamily ${group.family} can't be used for this cluster; use DBParameterGroupFamily ${account.familyOf(cluster)}.`);
  }
  if (backupRetentionPeriod !== undefined && (backupRetentionPeriod < 1 || backupRetentionPeriod > 35)) {
    throw invalidParameterValue(`Invalid backup retention period: ${backupRetentionPeriod}. Must be between 1 and 35.`);
  }
  if (group && group !== cluster.parameterGroup) {
    cluster.parameterGroup = group;
    markPendingReboot(cluster);
  }
  cluster.deletionProtection = deletionProtection ?? cluster.deletionProtection;
  cluster.backupRetentionPeriod = backupRetentionPeriod ?? cluster.backupRetentionPeriod;
  return { DBCluster: clusterView(account, cluster) };
}

function rebootInstance(account: Account, input: RebootDBInstanceMessage): RebootDBInstanceResult {
  const instance = account.instance(required(input.DBInstanceIdentifier, 'DBInstanceIdentifier'));
  if (input.ForceFailover) throw invalidParameterCombination('You cannot force a failover of an Aurora instance when it is rebooted.');
  if (instance.status !== 'available' || instance.cluster.status !== 'available' || isSwitchingOver(account, instance.cluster)) {
    throw fault(InvalidDBInstanceStateFault$, `Instance ${instance.identifier} is not available; it cannot be rebooted now.`);
  }
  instance.status = 'rebooting';
  void account.inBackground(async () => {
    instance.endpoint.refuse();
    // one server stands for all instances: only the reboot of the writer is a reboot of the server.
    if (instance.isWriter) {
      instance.cluster.endpoint.refuse();
      const statuses = instance.cluster.instances.map((other) => other.groupStatus);
      await startWithGroup(instance.cluster);
      // readers keep their state until they are rebooted themselves.
      instance.cluster.instances.forEach((other, index) => { if (other !== instance) other.groupStatus = statuses[index] ?? 'in-sync'; });
    }
    await account.sleep(account.durations.reboot);
    instance.endpoint.accept();
    if (instance.isWriter) instance.cluster.endpoint.accept();
    instance.groupStatus = 'in-sync';
    instance.status = 'available';
    account.record('db-instance', instance.identifier, 'DB instance restarted', 'availability');
  });
  return { DBInstance: instanceView(account, instance) };
}

function startCluster(account: Account, input: StartDBClusterMessage): StartDBClusterResult {
  const cluster = account.cluster(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
  if (cluster.status !== 'stopped') throw fault(InvalidDBClusterStateFault$, `DbCluster ${cluster.identifier} is in ${cluster.status} state but expected it to be in stopped state.`);
  setStatus(cluster, 'starting');
  void account.inBackground(async () => {
    await startWithGroup(cluster);
    await account.sleep(account.durations.startCluster);
    for (const endpoint of endpointsOf(cluster)) endpoint.accept();
    setStatus(cluster, 'available');
    account.record('db-cluster', cluster.identifier, 'DB cluster started.', 'notification');
  });
  return { DBCluster: clusterView(account, cluster) };
}

function stopCluster(account: Account, input: StopDBClusterMessage): StopDBClusterResult {
  const cluster = account.cluster(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
  requireModifiable(account, cluster);
  const deployment = account.deploymentOf(cluster);
  // the old Blue can be stopped, which the documents do not say and people have done.
  if (deployment && !(deployment.status === 'SWITCHOVER_COMPLETED' && deployment.blue === cluster)) throw fault(InvalidDBClusterStateFault$, `DbCluster ${cluster.identifier} is in a Blue/Green deployment; it cannot be stopped.`);
  setStatus(cluster, 'stopping');
  void account.inBackground(async () => {
    for (const endpoint of endpointsOf(cluster)) endpoint.refuse();
    await cluster.engine.stop();
    await account.sleep(account.durations.stopCluster);
    setStatus(cluster, 'stopped');
    account.record('db-cluster', cluster.identifier, 'DB cluster stopped.', 'notification');
  });
  return { DBCluster: clusterView(account, cluster) };
}

/** The endpoints of a cluster and of its instances. */
export const endpointsOf = (cluster: Cluster) => [cluster.endpoint, ...cluster.instances.map((instance) => instance.endpoint)];

function setStatus(cluster: Cluster, status: string): void {
  cluster.status = status;
  for (const instance of cluster.instances) instance.status = status;
}

function requireModifiable(account: Account, cluster: Cluster): void {
  if (cluster.status !== 'available') throw fault(InvalidDBClusterStateFault$, `DbCluster ${cluster.identifier} is in ${cluster.status} state; it should be available.`);
  if (isSwitchingOver(account, cluster)) throw fault(InvalidDBClusterStateFault$, `DbCluster ${cluster.identifier} cannot be modified during a switchover.`);
}

const isSwitchingOver = (account: Account, cluster: Cluster) => account.deploymentOf(cluster)?.status === 'SWITCHOVER_IN_PROGRESS';
