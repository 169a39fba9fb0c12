import { type DBCluster, type DBInstance } from '@aws-sdk/client-rds';
import { type Account } from './account';
import { type Cluster, type Instance } from './resources';

/** The address of every endpoint. Nothing but this resolves on every machine, so what tells endpoints apart is the port. */
export const ENDPOINT_ADDRESS = '127.0.0.1';

/** A cluster as DescribeDBClusters shows it. */
export function clusterView(account: Account, cluster: Cluster): DBCluster {
  return {
    DBClusterIdentifier: cluster.identifier,
    DBClusterArn: account.memberArn(cluster),
    DbClusterResourceId: cluster.resourceId,
    DBClusterParameterGroup: cluster.parameterGroup.name,
    DBSubnetGroup: 'default',
    Status: cluster.status,
    Engine: 'aurora-mysql',
    EngineVersion: cluster.engineVersion,
    EngineMode: 'provisioned',
    Endpoint: ENDPOINT_ADDRESS,
    // one server stands for all instances here, so readers are reached through the same port.
    ReaderEndpoint: ENDPOINT_ADDRESS,
    Port: cluster.endpoint.port,
    MultiAZ: cluster.instances.length > 1,
    MasterUsername: cluster.masterUsername,
    MasterUserSecret: cluster.masterUserSecretArn === undefined ? undefined : { SecretArn: cluster.masterUserSecretArn, SecretStatus: 'active' },
    BackupRetentionPeriod: cluster.backupRetentionPeriod,
    ClusterCreateTime: cluster.createTime,
    DeletionProtection: cluster.deletionProtection,
    StorageEncrypted: false,
    AllocatedStorage: 1,
    IAMDatabaseAuthenticationEnabled: false,
    ReplicationSourceIdentifier: cluster.replicationSource ? account.memberArn(cluster.replicationSource) : undefined,
    ReadReplicaIdentifiers: account.clusters.filter((other) => other.replicationSource === cluster).map((other) => account.memberArn(other)),
    DBClusterMembers: cluster.instances.map((instance) => ({
      DBInstanceIdentifier: instance.identifier,
      IsClusterWriter: instance.isWriter,
      DBClusterParameterGroupStatus: instance.groupStatus,
      PromotionTier: instance.promotionTier,
    })),
    VpcSecurityGroups: [],
    AvailabilityZones: ['a', 'b', 'c'].map((zone) => `${account.options.region}${zone}`),
    TagList: cluster.tags,
    ...cluster.facts,
  };
}

/** An instance as DescribeDBInstances shows it. */
export function instanceView(account: Account, instance: Instance): DBInstance {
  const { cluster } = instance;
  return {
    DBInstanceIdentifier: instance.identifier,
    DBInstanceArn: account.memberArn(instance),
    DbiResourceId: instance.resourceId,
    DBClusterIdentifier: cluster.identifier,
    DBInstanceClass: instance.instanceClass,
    DBInstanceStatus: instance.status,
    Engine: 'aurora-mysql',
    EngineVersion: cluster.engineVersion,
    MasterUsername: cluster.masterUsername,
    Endpoint: { Address: ENDPOINT_ADDRESS, Port: instance.endpoint.port },
    InstanceCreateTime: instance.createTime,
    PromotionTier: instance.promotionTier,
    StorageType: 'aurora',
    StorageEncrypted: false,
    AllocatedStorage: 1,
    BackupRetentionPeriod: cluster.backupRetentionPeriod,
    AvailabilityZone: `${account.options.region}a`,
    MultiAZ: false,
    PubliclyAccessible: false,
    DeletionProtection: false,
    IAMDatabaseAuthenticationEnabled: false,
    PerformanceInsightsEnabled: false,
    // instance parameters are not simulated: nothing of them ever waits for a reboot.
    DBParameterGroups: [{ DBParameterGroupName: `default.${account.familyOf(cluster)}`, ParameterApplyStatus: 'in-sync' }],
    TagList: instance.tags,
    ...instance.facts,
  };
}
