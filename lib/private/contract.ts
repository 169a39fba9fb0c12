/**
 * What the construct (lib/) and the Lambda code (lambda/) must agree on: names and shapes, no behaviour. This file imports nothing.
 */

/**
 * The version of the agreement between a state machine definition and the Lambda code. A running execution keeps its definition but
 * gets new code when the stack is deployed meanwhile; a function that reads another number here refuses with `PipelineChanged`.
 */
export const CONTRACT_VERSION = 1;

/** The names of all errors the pipeline ends in. They are public: alarms, runbooks and users match them. */
export const ErrorName = {
  /** The execution input has unknown keys or wrong values. */
  INVALID_INPUT: 'InvalidInput',
  /** The stack was deployed with an incompatible version while this execution was running. */
  PIPELINE_CHANGED: 'PipelineChanged',
  /** Preflight found at least one blocker; nothing was created. */
  PREFLIGHT_FAILED: 'PreflightFailed',
  /** A deployment of this name exists, but another pipeline, plan or person made it. */
  FOREIGN_DEPLOYMENT: 'ForeignDeployment',
  /** RDS refused to create the Blue/Green deployment. */
  CREATE_REFUSED: 'CreateRefused',
  /** The deployment cannot be used any more (INVALID_CONFIGURATION, failed task, vanished). */
  DEPLOYMENT_INVALID: 'DeploymentInvalid',
  /** Green was not ready within its patience. */
  GREEN_NOT_READY: 'GreenNotReady',
  /** Green is not as the migration needs it. */
  GREEN_CHECK_FAILED: 'GreenCheckFailed',
  /** The migration cannot be planned as it stands; nothing was altered. */
  PLAN_REFUSED: 'PlanRefused',
  /** Somebody has changed Blue's schema since the migration was planned. */
  BLUE_SCHEMA_CHANGED: 'BlueSchemaChanged',
  /** The ledger on Green belongs to another plan. */
  PLAN_CHANGED: 'PlanChanged',
  /** A newer execution has taken over; this one ends, so that two never act at once. */
  SUPERSEDED: 'SupersededByAnotherExecution',
  /** A statement of the migration failed. */
  MIGRATION_FAILED: 'MigrationFailed',
  /** The server the migration should run on is not a replica (any more). */
  NOT_A_REPLICA: 'NotAReplica',
  /** Replication from Blue to Green has stopped with an error. */
  REPLICATION_STOPPED: 'ReplicationStopped',
  /** Green did not catch up within its patience. */
  REPLICATION_LAGS: 'ReplicationLags',
  /** Blue and Green hold different data. */
  DATA_DIFFERS: 'DataDiffers',
  /** The moment never came at which a switchover could be started safely. */
  NOT_READY_TO_SWITCH_OVER: 'NotReadyToSwitchOver',
  /** Nobody answered the request for approval in time; nothing was done. */
  APPROVAL_TIMED_OUT: 'ApprovalTimedOut',
  /** Somebody answered no. */
  APPROVAL_REJECTED: 'ApprovalRejected',
  /** The request for approval could not be published. */
  APPROVAL_NOT_SENT: 'ApprovalNotSent',
  /** A hook of the user failed before the switchover. */
  HOOK_FAILED: 'HookFailed',
  /** RDS cancelled the switchover or rolled it back; production is unchanged. */
  SWITCHOVER_FAILED: 'SwitchoverFailed',
  /** After the switchover, production is not as it should be. */
  VERIFICATION_FAILED: 'VerificationFailed',
  /** Green is production already (or becomes it at this moment), so it cannot be given up. */
  ABANDON_REFUSED: 'AbandonRefused',
  /** Green was asked to be deleted, and is still there. */
  ABANDON_FAILED: 'AbandonFailed',
  /** The old Blue must not be retired as it stands; it was not deleted. */
  RETIRE_REFUSED: 'RetireRefused',
  /** Something of the retirement did not come to its end: the old Blue is there, or is being deleted. */
  RETIRE_FAILED: 'RetireFailed',
  /** Something that was set only for the time of Green could not be put back. */
  RESTORE_FAILED: 'RestoreFailed',
  /** MySQL refused user name, password or token. */
  LOGIN_REFUSED: 'LoginRefused',
  /** Secrets Manager did not answer from inside the VPC. */
  SECRET_UNREACHABLE: 'SecretUnreachable',
  /** The secret cannot be read, or holds no user name and password. */
  SECRET_INVALID: 'SecretInvalid',
  /** MySQL did not answer; retried by the state machine. */
  DATABASE_UNREACHABLE: 'DatabaseUnreachable',
  /** Something this version does not expect; a defect, or an answer nobody has seen yet. */
  UNEXPECTED: 'UnexpectedError',
  /** RDS is busy with the resource or throttles; retried by the state machine. */
  RDS_BUSY: 'RdsBusy',
} as const;

/** The namespace of all metrics. */
export const METRIC_NAMESPACE = 'CdkRdsBlueGreen';

/** What tells metrics apart. Nothing here changes from one run to the next: Green's random name is in none. */
export const MetricDimension = {
  /** The pipeline: the path of the construct, as in the tag {@link DeploymentTag.PIPELINE}. */
  PIPELINE: 'Pipeline',
  /** The state of the state machine; only on {@link MetricName.SECONDS_IN_STATE}. */
  STATE: 'State',
} as const;

/** The names of the metrics. They are public: alarms and dashboards of users hold them. */
export const MetricName = {
  /** Seconds Green is behind Blue; missing while nobody knows, which is not 0. */
  REPLICA_LAG: 'ReplicaLag',
  /** 1 where the lag cannot be told although nothing says that replication stands still; else 0. */
  REPLICA_LAG_UNKNOWN: 'ReplicaLagUnknown',
  /** 1 while Green receives Blue's binlog, else 0. */
  IO_THREAD_RUNNING: 'IoThreadRunning',
  /** 1 while Green applies what it has received, else 0. */
  SQL_THREAD_RUNNING: 'SqlThreadRunning',
  /** 1 while the pipeline itself has stopped replication for a part of the migration, else 0. */
  APPLIER_PAUSED: 'ApplierPaused',
  /** The age of what Green has applied last, in percent of the time for which Blue keeps its binlogs. */
  BINLOG_RETENTION_USED: 'BinlogRetentionUsed',
  /** How much of the migration is done, by bytes. */
  MIGRATION_PERCENT: 'MigrationPercent',
  /** Seconds until the migration will probably be done; missing while nothing can be said. */
  MIGRATION_SECONDS_LEFT: 'MigrationSecondsLeft',
  /** Steps of the migration that are still to be done, those under way included. */
  STEPS_OPEN: 'StepsOpen',
  /** Steps that are done. */
  STEPS_DONE: 'StepsDone',
  /** Steps that failed, or of which nobody knows what became of them. */
  STEPS_FAILED: 'StepsFailed',
  /** Steps at work of which the server does not show how far they are. */
  STEPS_UNSEEN: 'StepsUnseen',
  /** How much of the data is compared, by bytes. */
  COMPARISON_PERCENT: 'ComparisonPercent',
  /** Tables that were found to differ. */
  COMPARISON_DIFFERENCES: 'ComparisonDifferences',
  /** How long a wait has lasted so far; with the dimension {@link MetricDimension.STATE}. */
  SECONDS_IN_STATE: 'SecondsInState',
  /** The longest time in which a client of the production endpoint found no writable server, while RDS switched over. */
  WRITE_OUTAGE: 'WriteOutage',
} as const;
/** One of the metrics. */
export type MetricNameValue = typeof MetricName[keyof typeof MetricName];

/** The environment variables the construct sets on the functions. */
export const EnvironmentName = {
  /** JSON of {@link PipelineSettings}. */
  SETTINGS: 'PIPELINE_SETTINGS',
  /** JSON of {@link DatabaseLogin}; database functions only. */
  LOGIN: 'DATABASE_LOGIN',
} as const;

/** Tags of the Blue/Green deployment: what a later execution must know and RDS does not tell. */
export const DeploymentTag = {
  /** The pipeline that made the deployment (path of the construct). */
  PIPELINE: 'cdk-rds-blue-green:pipeline',
  /** Fingerprint of the plan (migration, target version). */
  PLAN: 'cdk-rds-blue-green:plan',
  /** The plan for people, so that a later execution can say what has changed. */
  PLAN_IN_WORDS: 'cdk-rds-blue-green:plan-in-words',
  /** Immutable id of the cluster that was production when the deployment was created. */
  SOURCE_RESOURCE_ID: 'cdk-rds-blue-green:source-resource-id',
  /** Immutable id of Green, once it exists. */
  TARGET_RESOURCE_ID: 'cdk-rds-blue-green:target-resource-id',
  /** When Green was first available and in sync; from then on the pipeline reboots nothing. */
  GREEN_READY: 'cdk-rds-blue-green:green-ready',
  /** `binlog retention hours` of Blue before the pipeline raised it; `NULL` or a number. */
  BINLOG_RETENTION: 'cdk-rds-blue-green:binlog-retention-hours',
  /** `event_scheduler` of Blue before the deployment. */
  EVENT_SCHEDULER: 'cdk-rds-blue-green:event-scheduler',
  /** When the pipeline had restored production and was done. */
  FINISHED: 'cdk-rds-blue-green:finished',
} as const;

/** Tags of an old Blue that is being retired, and of its final snapshot: what is known when the deployment is gone. */
export const RetirementTag = {
  /** The pipeline that retires it. */
  PIPELINE: 'cdk-rds-blue-green:retired-by',
  /** Immutable id of the old Blue. A tag that came along with a copy is told by it. */
  SOURCE_RESOURCE_ID: 'cdk-rds-blue-green:old-blue-resource-id',
  /** Immutable id of the cluster that is production in its stead. */
  TARGET_RESOURCE_ID: 'cdk-rds-blue-green:production-resource-id',
  /** Since when that is production (ISO 8601). */
  PRODUCTION_SINCE: 'cdk-rds-blue-green:production-since',
  /** On the cluster: when it was looked at for the last time and its deletion began. */
  REMOVING: 'cdk-rds-blue-green:removing',
  /** On the snapshot: when the retirement was reported, and nothing was left to do. */
  REPORTED: 'cdk-rds-blue-green:reported',
} as const;

/** What the name of every final snapshot begins with; behind it stands the resource id of the cluster. */
export const FINAL_SNAPSHOT_PREFIX = 'cdk-rds-blue-green-final-';

/**
 * Every check, and which of its findings can be acknowledged. Made from the registries by `npx tsx scripts/checks-table.ts`; a test compares.
 */
export const CHECKS = {
  'cluster-exists': 'nothing',
  'cluster-available': 'nothing',
  'instances-available': 'warnings',
  'engine-supported': 'nothing',
  'global-database': 'nothing',
  'cross-region-replicas': 'nothing',
  'read-replicas': 'everything',
  'version-creatable': 'nothing',
  'target-version': 'nothing',
  'class-creatable': 'everything',
  'managed-password': 'nothing',
  'cluster-parameter-group': 'nothing',
  'parameter-group-in-sync': 'warnings',
  'target-parameter-group': 'warnings',
  'target-group-unshared': 'everything',
  'parameters-as-on-blue': 'warnings',
  'instance-parameter-groups': 'warnings',
  'foreign-deployment': 'warnings',
  'deployment-untouched': 'warnings',
  'source-is-production': 'nothing',
  'name-length': 'warnings',
  'quotas': 'everything',
  'pending-maintenance': 'everything',
  'pending-changes': 'warnings',
  'maintenance-window': 'warnings',
  'serverless-capacity': 'warnings',
  'local-storage': 'warnings',
  'rds-proxy': 'warnings',
  'zero-etl': 'warnings',
  'cluster-roles': 'warnings',
  'custom-endpoints': 'warnings',
  'auto-scaling': 'warnings',
  'backtrack': 'warnings',
  'activity-stream': 'warnings',
  'deletion-protection': 'nothing',
  'target-available': 'nothing',
  'target-has-group': 'nothing',
  'target-has-version': 'warnings',
  'iam-logins': 'warnings',
  'members-paired': 'everything',
  'settings-as-on-blue': 'everything',
  'target-is-production': 'warnings',
  'old-blue-recorded': 'nothing',
  'production-in-place': 'nothing',
  'old-blue-replicas': 'nothing',
  'privileges': 'nothing',
  'database-privileges': 'nothing',
  'databases-exist': 'nothing',
  'binlog-running': 'warnings',
  'blue-is-no-replica': 'nothing',
  'binlog-retention': 'warnings',
  'cluster-volume': 'everything',
  'character-sets': 'nothing',
  'storage-engines': 'warnings',
  'key-lengths': 'nothing',
  'row-lengths': 'nothing',
  'primary-keys': 'warnings',
  'comparable-tables': 'everything',
  'comparison-complete': 'warnings',
  'cascading-foreign-keys': 'nothing',
  'foreign-keys-to-other-databases': 'nothing',
  'triggers': 'warnings',
  'definers': 'nothing',
  'event-scheduler': 'warnings',
  'online-schema-change': 'everything',
  'running-ddl': 'warnings',
  'metadata-locks': 'warnings',
  'long-transactions': 'warnings',
  'xa-transactions': 'warnings',
  'clients-without-tls': 'warnings',
  'database-tmp': 'warnings',
  'no-unfinished-run': 'nothing',
  'something-to-do': 'everything',
  'old-blue-replication': 'nothing',
  'old-blue-read-only': 'nothing',
  'green-follows-blue': 'nothing',
  'green-settings': 'nothing',
  'errors-not-skipped': 'everything',
  'accounts-as-on-blue': 'everything',
  'replication-filters': 'everything',
  'time-zone-as-on-blue': 'everything',
  'event-time-zones': 'nothing',
  'index-builds': 'warnings',
  'migration-complete': 'nothing',
  'tables-compared': 'nothing',
  'values-as-proved': 'warnings',
  'data-still-equal': 'warnings',
  'character-sets-as-on-blue': 'nothing',
  'columns-as-on-blue': 'nothing',
  'indexes-as-on-blue': 'nothing',
  'schema-as-planned': 'nothing',
  'replication-caught-up': 'nothing',
  'endpoint-leads-to-green': 'nothing',
  'old-blue-protected': 'everything',
  'production-takes-writes': 'nothing',
  'old-blue-clients': 'nothing',
  'old-blue-visitors': 'everything',
} as const;

/** What the names of all parameter groups begin with that the pipeline makes for Green, where it is given none. */
export const COPIED_GROUP_PREFIX = 'cdk-rds-blue-green-';

/** A cluster parameter that Green needs. */
export interface GreenParameter {
  readonly name: string;
  readonly value: string;
  /** MySQL versions whose families have it; absent: all from 8.0. */
  readonly versions?: readonly string[];
  /** Only while Green follows Blue: it is put back after the switchover. */
  readonly whileReplicating?: true;
  /** Only where the migration changes the schema. */
  readonly forSchemaChanges?: true;
}

/** What Green's cluster parameter group holds, whoever makes it. */
export const GREEN_PARAMETERS: readonly GreenParameter[] = [
  // without a binlog there are no coordinates to replicate back from.
  { name: 'binlog_format', value: 'ROW' },
  { name: 'replica_preserve_commit_order', value: 'ON' },
  // 8.4 knows only this one, and warns of being told.
  { name: 'replica_parallel_type', value: 'LOGICAL_CLOCK', versions: ['8.0'] },
  // triggers and functions are created again with the new collation.
  { name: 'log_bin_trust_function_creators', value: '1', forSchemaChanges: true },
  // rows of narrower columns go into wider ones.
  { name: 'replica_type_conversions', value: 'ALL_NON_LOSSY', whileReplicating: true, forSchemaChanges: true },
  // RDS demands it while Green is created.
  { name: 'event_scheduler', value: 'OFF', whileReplicating: true },
];

/** Where an execution stands, from the facts RDS tells. */
export const Phase = {
  /** There is no deployment of ours. */
  NONE: 'none',
  /** Green is being created. */
  CREATING: 'creating',
  /** Green exists; production is Blue. */
  AVAILABLE: 'available',
  /** RDS is switching over. */
  SWITCHING: 'switching',
  /** Production is the former Green; it may still have to be restored. */
  SWITCHED: 'switched',
  /** Everything is done, but for the old Blue, where it is to be retired. */
  FINISHED: 'finished',
  /** The old Blue is being retired: its final snapshot is there, and its deployment goes, or is gone. */
  RETIRING: 'retiring',
  /** The old Blue is being deleted, or is gone and nobody has reported it yet. */
  REMOVING: 'removing',
  /** The deployment cannot be used any more, or is being deleted; only an execution that abandons it gets to see that. */
  BROKEN: 'broken',
} as const;
export type PhaseName = typeof Phase[keyof typeof Phase];

/** What the migration does; how the constructs tell the Lambda code. */
export type MigrationSettings = NoMigration | CharacterSetConversion | SqlFiles;

/** The schema stays as it is (engine upgrade only). */
export interface NoMigration {
  readonly kind: 'none';
}

/** Every text column of the databases becomes utf8mb4. */
export interface CharacterSetConversion {
  readonly kind: 'convertCharacterSet';
  readonly databases: readonly string[];
  /** Collations that do not follow the rule "same family": present collation → utf8mb4 collation. */
  readonly collations: Readonly<Record<string, string>>;
  /** Which tables lose their secondary indexes while they are copied. */
  readonly deferredIndexes: {
    /** Bytes of indexes below which it is not worth a second statement. */
    readonly leastBytes: number;
    /** Room on Green's writer that building indexes may fill at once, in bytes; 0: indexes are never deferred. Absent: decided by the writer's class. */
    readonly roomBytes?: number;
  };
  /** Whether replication runs beside the migration, or stands still until it is done. */
  readonly applier: 'running' | 'paused';
}

/** The user's own statements, in the order of their files. */
export interface SqlFiles {
  readonly kind: 'sqlFiles';
  /** The default database of the statements. */
  readonly database: string;
  /** The other databases that they name or use. */
  readonly others: readonly string[];
  /** Of all statements: tells whether a plan, a ledger or the code of a function belongs to these files. */
  readonly fingerprint: string;
  /** Whether replication runs beside the migration, or stands still until it is done. */
  readonly applier: 'running' | 'paused';
}

/** The file with the statements of {@link SqlFiles}, beside the code of the functions that need them: JSON of {@link SqlFilesContent}. */
export const STATEMENTS_FILE = 'statements.json';

/** All statements, and what identifies them. */
export interface SqlFilesContent {
  readonly fingerprint: string;
  readonly statements: readonly SqlStatement[];
}

/** A statement of a file, judged when the stack was synthesized: the functions split and parse nothing. */
export interface SqlStatement {
  /** The name of the file, without its folder. */
  readonly file: string;
  /** The line of the file in which it begins, from 1. */
  readonly line: number;
  /** To the letter, without its delimiter. */
  readonly sql: string;
  /** The default database where a USE stands before it; absent: that of {@link SqlFiles}. */
  readonly database?: string;
  /** The SET statements that stand before it in its file. */
  readonly session: readonly string[];
  /** Workers run what can be prepared and returns no rows; the task runs everything else. */
  readonly runner: 'worker' | 'task';
  /**
   * What it leaves behind, by which it is judged after a crash: `definition`: what it names is changed, or not; `data`: it is one transaction with its row
   * in the ledger; `none`: it may be run again; `anything`: nobody can tell.
   */
  readonly effect: 'definition' | 'data' | 'none' | 'anything';
  /** The tables or the program whose definition it changes; by the first of them it is judged. */
  readonly objects: readonly SqlObject[];
}

/** A table or program; without a schema: in the default database. */
export interface SqlObject {
  readonly kind: SqlObjectKind;
  readonly schema: string | null;
  readonly name: string;
}

/** What a statement can name. */
export type SqlObjectKind = 'table' | 'view' | 'procedure' | 'function' | 'trigger' | 'event' | 'database';

/** When a switchover may be started. */
export interface SwitchoverWindowSettings {
  /** `HH:MM` on the clock of the time zone. */
  readonly from: string;
  /** `HH:MM`; not after `from`: on the next day. */
  readonly to: string;
  readonly timeZone: string;
  /** `Mon` to `Sun`, the days on which it opens; absent: all. */
  readonly days?: readonly string[];
}

/** How the database functions log in. */
export type DatabaseLogin =
  | { readonly kind: 'secret'; readonly secretArn: string }
  | { readonly kind: 'iam'; readonly user: string };

/** How much of the data is compared, and what that may cost Blue. */
export interface ComparisonSettings {
  readonly kind: 'full' | 'sample' | 'off';
  /** Of a sample: the part of each table. */
  readonly share?: number;
  /** Absent: the name of the deployment. */
  readonly seed?: string;
  /** How long a piece should take on Blue. */
  readonly chunkMilliseconds?: number;
  /** Pauses on the writer, in parts of the time that reading took. */
  readonly pauseShare?: number;
  /** Length of the history list above which the comparison rests. */
  readonly mostHistory?: number;
  /** How long Blue may take to answer before the comparison rests. */
  readonly mostLatencyMilliseconds?: number;
}

/** When and how the old Blue is deleted. */
export interface RetirementSettings {
  /** `onRequest`: only an execution that is told to; `automatic`: every execution, when the bake time is over. */
  readonly kind: 'onRequest' | 'automatic';
  /** How long production has to stand before the old Blue goes. */
  readonly bakeSeconds: number;
  /** Whether somebody is asked. */
  readonly asks: boolean;
  readonly removesDeletionProtection: boolean;
  /** How long each wait for RDS may last. */
  readonly patienceSeconds: number;
}

/** Everything the construct tells the functions; times are whole seconds unless the name says otherwise. */
export interface PipelineSettings {
  /** The owner written on the deployment: the path of the construct, or what a tag can hold of it. */
  readonly pipeline: string;
  readonly deploymentName: string;
  readonly clusterIdentifier: string;
  /** Absent: Green keeps Blue's version. */
  readonly targetEngineVersion?: string;
  /** Absent: the pipeline makes one for Green, a copy of Blue's. */
  readonly targetClusterParameterGroup?: string;
  readonly migration: MigrationSettings;
  /** Absent: everything is compared, within the default limits. */
  readonly comparison?: ComparisonSettings;
  readonly switchoverTimeoutSeconds: number;
  /** How often a switchover is asked for that RDS cancels or rolls back. */
  readonly switchoverAttempts: number;
  /** Absent: at any time. */
  readonly switchoverWindow?: SwitchoverWindowSettings;
  readonly binlogRetentionHours: number;
  /** What workers do when a step fails: finish what runs, or go on with everything else. */
  readonly onStepFailure: 'finishRunning' | 'carryOn';
  /** What becomes of sessions on Green that hold a lock a statement of the migration waits for. */
  readonly lockHolders: 'wait' | 'end';
  /** Migration workers at once. Absent: decided by the class of Green's writer. */
  readonly workers?: number;
  /** Ids of checks whose findings the user accepts; absent: none. */
  readonly acknowledge?: readonly string[];
  /** How long each wait may last before the execution fails. */
  readonly patience: {
    readonly greenSeconds: number;
    readonly migrationSeconds: number;
    readonly replicationSeconds: number;
    readonly comparisonSeconds: number;
    readonly readinessSeconds: number;
    readonly verificationSeconds: number;
  };
  /** How long the lag must stay at 0 before Green counts as caught up. */
  readonly lagHoldSeconds: number;
  /** The bucket that reports are written to. */
  readonly reportBucket?: string;
  /** How long the endpoint is watched after it has become the new server. */
  readonly watchSeconds: number;
  /** How long an approval counts; absent where nobody is asked. */
  readonly approvalSeconds?: number;
  /** Absent: the old Blue stays. */
  readonly retireBlue?: RetirementSettings;
}

/** What answers a request for approval: the output of its task token. */
export interface ApprovalAnswer {
  readonly approved: true;
}

/** The user's hooks. */
export type HookName = 'beforeMigration' | 'beforeSwitchover' | 'afterSwitchover' | 'onFailure';

/** What a hook within an execution is given. It is public: functions of users read it. */
export interface HookEvent {
  readonly hook: HookName;
  /** The path of the construct. */
  readonly pipeline: string;
  /** ARN. */
  readonly execution: string;
  readonly deployment: { readonly identifier: string; readonly name: string } | null;
  /** Production until the switchover, the old Blue after it. */
  readonly blue: HookCluster | null;
  /** Production after the switchover. */
  readonly green: HookCluster | null;
}

/** A cluster as a hook is told of it. */
export interface HookCluster {
  readonly identifier: string;
  readonly arn: string;
  /** Stays with the physical cluster for ever, while identifier, ARN and endpoints change hands at the switchover. */
  readonly resourceId: string;
  readonly endpoint: string;
  readonly readerEndpoint: string | null;
  readonly port: number;
  readonly engineVersion: string;
}
