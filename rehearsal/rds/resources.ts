import { type DBCluster, type DBInstance, type Tag } from '@aws-sdk/client-rds';
import { type DatabaseEngine, type Endpoint, type ParameterValues } from './engine';
import { type Family } from './parameter-catalogue';
import { type DeploymentStatus, type ParameterApplyStatus, type SwitchoverDetailStatus, type TaskStatus } from './status-words';

/** A DB cluster parameter group. */
export interface ParameterGroup {
  readonly name: string;
  readonly family: Family;
  readonly description: string;
  /** `default.aurora-mysql8.0` and its like, which nobody may modify. */
  readonly isDefault: boolean;
  /** Values the user has set. */
  readonly values: Map<string, { value: string; applyMethod: 'immediate' | 'pending-reboot' }>;
  tags: Tag[];
}

/** An instance of a cluster. */
export interface Instance {
  /** Stays the same when names swap. */
  readonly resourceId: string;
  readonly cluster: Cluster;
  instanceClass: string;
  /** What is only described. */
  readonly facts: Partial<Pick<DBInstance, 'AutoMinorVersionUpgrade' | 'PreferredMaintenanceWindow' | 'PendingModifiedValues' | 'PubliclyAccessible' | 'DBParameterGroups'>>;
  readonly promotionTier: number;
  readonly createTime: Date;
  identifier: string;
  isWriter: boolean;
  status: string;
  /** Whether the cluster's parameter group is in effect on this instance. */
  groupStatus: ParameterApplyStatus;
  tags: Tag[];
  endpoint: Endpoint;
}

/** An Aurora MySQL cluster. */
export interface Cluster {
  /** Stays the same when names swap. */
  readonly resourceId: string;
  readonly instances: Instance[];
  readonly masterUsername: string;
  /** ARN of the secret where RDS itself manages the master password. */
  readonly masterUserSecretArn?: string;
  readonly createTime: Date;
  readonly engine: DatabaseEngine;
  /** What is only described. */
  readonly facts: Partial<Pick<DBCluster,
    'ServerlessV2ScalingConfiguration' | 'IAMDatabaseAuthenticationEnabled' | 'AssociatedRoles' | 'VpcSecurityGroups' | 'EnabledCloudwatchLogsExports' | 'PendingModifiedValues'
    | 'PreferredMaintenanceWindow'>>;
  identifier: string;
  engineVersion: string;
  status: string;
  parameterGroup: ParameterGroup;
  /** The values the server runs with, before formulas are resolved: those of the last start, and dynamic changes since. */
  running: ParameterValues;
  /** The group those values come from: another one than `parameterGroup` until the reboot after a new one was attached. */
  runningGroup: ParameterGroup;
  deletionProtection: boolean;
  backupRetentionPeriod: number;
  tags: Tag[];
  endpoint: Endpoint;
  /** The cluster this one replicates from; undefined when it is no binlog replica. */
  replicationSource?: Cluster;
  /** Whether RDS itself refuses writes: the old Blue while its deployment exists. */
  isForcedReadOnly: boolean;
}

/** A snapshot of a cluster. */
export interface ClusterSnapshot {
  readonly identifier: string;
  /** What it was taken of, by the id that never changes. */
  readonly clusterResourceId: string;
  /** The name the cluster had at that moment. */
  readonly clusterIdentifier: string;
  readonly engineVersion: string;
  readonly createTime: Date;
  status: 'creating' | 'available' | 'failed';
  tags: Tag[];
}

/** A resource of Blue and what stands for it in Green. */
export interface DeploymentMember {
  readonly source: Cluster | Instance;
  target?: Cluster | Instance;
  status: SwitchoverDetailStatus;
}

/** A Blue/Green deployment. */
export interface Deployment {
  readonly identifier: string;
  readonly name: string;
  readonly blue: Cluster;
  /** Absent at first. */
  green?: Cluster;
  readonly targetEngineVersion: string;
  readonly targetParameterGroup: ParameterGroup;
  readonly tasks: { readonly name: string; status: TaskStatus }[];
  readonly members: DeploymentMember[];
  readonly createTime: Date;
  readonly tags: Tag[];
  /** Ends the creation, when the deployment is deleted during it. */
  readonly cancellation: AbortController;
  /** Settles when the creation has come to its end, whatever that is. */
  creation?: Promise<void>;
  status: DeploymentStatus;
  statusDetails?: string;
  /** Until when DeleteBlueGreenDeployment is refused after a switchover. */
  settlesAt?: Date;
  deleteTime?: Date;
}

/** Something that happened, as DescribeEvents tells it. */
export interface RecordedEvent {
  readonly sourceType: 'db-instance' | 'db-cluster' | 'blue-green-deployment' | 'db-parameter-group';
  /** The name at that moment; it does not follow later renames. */
  readonly sourceIdentifier: string;
  readonly sourceArn: string;
  readonly message: string;
  readonly categories: readonly string[];
  readonly date: Date;
}
