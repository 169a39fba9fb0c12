import {
  CreateDBClusterSnapshot$, type CreateDBClusterSnapshotMessage, type CreateDBClusterSnapshotResult, type DBClusterSnapshot,
  DBClusterSnapshotAlreadyExistsFault$, type DBClusterSnapshotMessage, DBClusterSnapshotNotFoundFault$, DescribeDBClusterSnapshots$,
  type DescribeDBClusterSnapshotsMessage, InvalidDBClusterStateFault$,
} from '@aws-sdk/client-rds';
import { type Account } from './account';
import { type Faults } from './fault-injection';
import { type Caller, type Operation, operation } from './operation';
import { filtered, page } from './pagination';
import { type Cluster, type ClusterSnapshot } from './resources';
import { fault, invalidParameterCombination, invalidParameterValue, required } from './service-error';
import { checkedTags } from './tag-operations';

/** Operations on snapshots of clusters. A snapshot is only described: nothing can be restored from it. */
export function snapshotOperations(account: Account, faults: Faults): Operation[] {
  return [
    operation(CreateDBClusterSnapshot$, (input: Partial<CreateDBClusterSnapshotMessage>) => [
      account.arn('cluster', input.DBClusterIdentifier ?? '*'), account.arn('cluster-snapshot', input.DBClusterSnapshotIdentifier ?? '*'),
    ], (input, caller) => create(account, faults, input, caller)),
    operation(DescribeDBClusterSnapshots$, (input: DescribeDBClusterSnapshotsMessage) => [
      account.arn('cluster', input.DBClusterIdentifier ?? '*'), account.arn('cluster-snapshot', input.DBClusterSnapshotIdentifier ?? '*'),
    ], (input) => describe(account, input)),
  ];
}

function create(account: Account, faults: Faults, input: Partial<CreateDBClusterSnapshotMessage>, caller: Caller): CreateDBClusterSnapshotResult {
  const name = required(input.DBClusterSnapshotIdentifier, 'DBClusterSnapshotIdentifier');
  const cluster = account.cluster(required(input.DBClusterIdentifier, 'DBClusterIdentifier'));
  const tags = checkedTags(input.Tags ?? []);
  if (tags.length > 0) caller.require('AddTagsToResource', [account.arn('cluster-snapshot', name.toLowerCase())]);
  return { DBClusterSnapshot: snapshotView(account, addSnapshot(account, faults, cluster, { identifier: name, tags }).snapshot) };
}

/** A snapshot that is asked for, and when it has come to its end. */
interface NewSnapshot {
  readonly snapshot: ClusterSnapshot;
  readonly taken: Promise<void>;
}

/**
 * Begins a snapshot of a cluster.
 *
 * @throws what RDS says of a name that is wrong or taken, or a cluster that is busy.
 */
export function addSnapshot(account: Account, faults: Faults, cluster: Cluster, { identifier: name, tags }: Pick<ClusterSnapshot, 'identifier' | 'tags'>): NewSnapshot {
  const identifier = name.toLowerCase();
  if (identifier.length > 63 || !/^[a-z](?:-?[a-z0-9])*$/.test(identifier)) {
    throw invalidParameterValue(`Invalid snapshot identifier: ${identifier}. It should have 1 to 63 letters, digits and single hyphens, and begin with a letter.`);
  }
  if (account.snapshots.some((snapshot) => snapshot.identifier === identifier)) {
    throw fault(DBClusterSnapshotAlreadyExistsFault$, `Cannot create the cluster snapshot because one with the identifier ${identifier} already exists.`);
  }
  if (cluster.status !== 'available') throw fault(InvalidDBClusterStateFault$, `DB cluster ${cluster.identifier} is in ${cluster.status} state; it should be available.`);
  const snapshot: ClusterSnapshot = {
    identifier, tags, clusterResourceId: cluster.resourceId, clusterIdentifier: cluster.identifier, engineVersion: cluster.engineVersion,
    createTime: account.clock.now(), status: 'creating',
  };
  account.snapshots.push(snapshot);
  const taken = account.inBackground(async () => {
    await account.sleep(account.durations.snapshot);
    snapshot.status = faults.snapshotsFail ? 'failed' : 'available';
  });
  return { snapshot, taken };
}

function describe(account: Account, input: DescribeDBClusterSnapshotsMessage): DBClusterSnapshotMessage {
  const { DBClusterSnapshotIdentifier: identifier, DBClusterIdentifier: cluster, DbClusterResourceId: resourceId, SnapshotType: type } = input;
  if (identifier !== undefined && cluster !== undefined) throw invalidParameterCombination('Either DBClusterSnapshotIdentifier or DBClusterIdentifier can be given.');
  const wanted = filtered(account.snapshots, input.Filters, {
    'db-cluster-id': (snapshot) => [snapshot.clusterIdentifier],
    'db-cluster-snapshot-id': (snapshot) => [snapshot.identifier],
    'snapshot-type': () => ['manual'],
    'engine': () => ['aurora-mysql'],
  }).filter((snapshot) => (identifier === undefined || snapshot.identifier === identifier.toLowerCase())
    && (cluster === undefined || snapshot.clusterIdentifier === cluster)
    && (resourceId === undefined || snapshot.clusterResourceId === resourceId)
    && (type === undefined || type === 'manual'));
  if (identifier !== undefined && wanted.length === 0) throw fault(DBClusterSnapshotNotFoundFault$, `DBClusterSnapshot ${identifier} not found.`);
  const { items, marker } = page(wanted, input);
  return { Marker: marker, DBClusterSnapshots: items.map((snapshot) => snapshotView(account, snapshot)) };
}

function snapshotView(account: Account, snapshot: ClusterSnapshot): DBClusterSnapshot {
  return {
    DBClusterSnapshotIdentifier: snapshot.identifier,
    DBClusterSnapshotArn: account.arn('cluster-snapshot', snapshot.identifier),
    DBClusterIdentifier: snapshot.clusterIdentifier,
    DbClusterResourceId: snapshot.clusterResourceId,
    Engine: 'aurora-mysql',
    EngineVersion: snapshot.engineVersion,
    SnapshotCreateTime: snapshot.createTime,
    SnapshotType: 'manual',
    Status: snapshot.status,
    PercentProgress: snapshot.status === 'available' ? 100 : 0,
    TagList: snapshot.tags,
  };
}
