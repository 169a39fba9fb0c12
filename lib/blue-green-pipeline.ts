import { Duration, Names, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as rds from 'aws-cdk-lib/aws-rds';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type ApprovalProps } from './approval';
import { type BlueGreenSource } from './blue-green-source';
import { type Comparison } from './comparison';
import { type DatabaseAccess } from './database-access';
import { ExecutionFailurePolicy } from './execution-failure-policy';
import { type PipelineHooks } from './hooks';
import { LockHolders, type Migration, StepFailurePolicy } from './migration';
import { type NotificationProps } from './notifications';
import { GreenClusterParameterGroup } from './parameter-groups';
import { Aftermath } from './private/aftermath';
import { CHECKS, METRIC_NAMESPACE, MetricDimension, MetricName, type MetricNameValue, type PipelineSettings, type RetirementSettings } from './private/contract';
import { inWords, refuseWrongFamily } from './private/engine-version';
import { PipelineFunctions } from './private/functions';
import { Monitor } from './private/monitor';
import { nearMatches } from './private/near-matches';
import { encryptMessages, seesItsExecutions } from './private/permissions';
import { asRdsStores } from './private/rds-names';
import { type AnnouncementSettings } from './private/state-machine/announcements';
import { type ApprovalSettings } from './private/state-machine/approval';
import { pipelineDefinition } from './private/state-machine/definition';
import { explainWildcards, WILDCARDS } from './private/wildcards';
import { type RetireBlue } from './retire-blue';
import { type SwitchoverWindow } from './switchover-window';

/**
 * Properties of {@link BlueGreenPipeline}.
 */
export interface BlueGreenPipelineProps {
  /**
   * The database to change.
   */
  readonly source: BlueGreenSource;

  /**
   * Who may log in to it, and from where.
   */
  readonly database: DatabaseAccess;

  /**
   * What is changed on Green.
   */
  readonly migration: Migration;

  /**
   * The engine version of Green; 8.0 or newer.
   *
   * @default - Blue's version
   */
  readonly targetEngineVersion?: rds.AuroraMysqlEngineVersion;

  /**
   * The cluster parameter group of Green, usually a {@link GreenClusterParameterGroup}. It stays production's group after the switchover, so it has to hold
   * Blue's own parameters, too.
   *
   * @default - the pipeline makes one from Blue's group when it creates Green, named `cdk-rds-blue-green-…`; production keeps it after the switchover
   */
  readonly targetClusterParameterGroup?: rds.IParameterGroup;

  /**
   * The longest time a switchover may take before RDS rolls it back, from 30 seconds to 1 hour. Longer is not safer: it allows more lag and a
   * longer stop of writes. An execution may choose another one (`switchoverTimeoutSeconds`).
   * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-switching.html
   *
   * @default Duration.minutes(5)
   */
  readonly switchoverTimeout?: Duration;

  /**
   * How often a switchover is asked for in one execution, 1 to 10. When RDS cancels it at its guardrails, or rolls it back at its timeout, everything is
   * checked again first.
   *
   * @default 2
   */
  readonly switchoverAttempts?: number;

  /**
   * When a switchover may be started, such as `SwitchoverWindow.daily({ from: '02:00', to: '05:00', timeZone: 'Asia/Tokyo' })`. Everything before it
   * happens at any time; then the pipeline waits, for days if need be. An execution may ignore it (`{ "switchoverWindow": "ignore" }`).
   *
   * @default - at any time
   */
  readonly switchoverWindow?: SwitchoverWindow;

  /**
   * How long Blue keeps its binlogs while Green exists: longer than the migration and the catching up together. At most 90 days. Raised right after
   * Green was asked for, set back after the switchover.
   *
   * @default Duration.days(7)
   */
  readonly binlogRetention?: Duration;

  /**
   * Statements of the migration that run at once, 1 to 32. Tables connected by foreign keys are converted one after the other in any case. An execution
   * may choose another number (`workers`).
   *
   * @default - half the vCPUs of Green's writer, but 2 to 8; of a serverless one, a vCPU for each 4 capacity units of its maximum
   */
  readonly workers?: number;

  /**
   * Ids of checks whose findings you have seen and accept, such as `primary-keys`: they are still reported, marked as acknowledged, and stop nothing.
   * Warnings can be acknowledged, and of the blockers those for which docs/checks.md says so. An execution may choose others (`acknowledge`).
   *
   * @default - none
   */
  readonly acknowledge?: string[];

  /**
   * What becomes of the other statements when one fails. In both cases the execution fails at the end, what is done stays done, and the next execution
   * goes on with what is not.
   *
   * @default StepFailurePolicy.FINISH_RUNNING
   */
  readonly onStepFailure?: StepFailurePolicy;

  /**
   * What becomes of Green when an execution fails before the switchover. (What runs after a failure is the hook `hooks.onFailure`; an execution that gives
   * Green up on purpose has the input `{ "action": "abandon" }`.)
   *
   * @default ExecutionFailurePolicy.KEEP_GREEN
   */
  readonly onExecutionFailure?: ExecutionFailurePolicy;

  /**
   * What becomes of a session on Green that has read or written a table in a transaction which it does not end: a statement that converts the table
   * waits for it, before it begins or with its copy finished, for up to a week. Replication and the migration itself are never ended.
   *
   * `END` needs EXECUTE on `mysql.rds_kill`.
   *
   * @default LockHolders.WAIT
   */
  readonly lockHolders?: LockHolders;

  /**
   * How long Green may take to be created.
   *
   * @default Duration.hours(12)
   */
  readonly greenPatience?: Duration;

  /**
   * How long the migration may take.
   *
   * @default Duration.days(30)
   */
  readonly migrationPatience?: Duration;

  /**
   * How long Green may take to catch up.
   *
   * @default Duration.days(7)
   */
  readonly replicationPatience?: Duration;

  /**
   * How much of the data is compared before the switchover, and what that may cost Blue.
   *
   * @default Comparison.full()
   */
  readonly comparison?: Comparison;

  /**
   * How long the comparison of the data may take.
   *
   * @default Duration.days(7)
   */
  readonly comparisonPatience?: Duration;

  /**
   * How long a moment is waited for at which a switchover can be started (no long transaction, no lag). Only time inside the `switchoverWindow` counts.
   *
   * @default Duration.minutes(30)
   */
  readonly readinessPatience?: Duration;

  /**
   * How long production may take after the switchover to be as it should be.
   *
   * @default Duration.minutes(15)
   */
  readonly verificationPatience?: Duration;

  /**
   * How long the lag must stay at 0 before Green counts as caught up.
   *
   * @default Duration.minutes(1)
   */
  readonly lagHold?: Duration;

  /**
   * How long the endpoint is watched after it leads to the new server.
   *
   * @default Duration.seconds(30)
   */
  readonly endpointWatch?: Duration;

  /**
   * Who is asked before the switchover. The request has the evidence, and the commands that answer it.
   *
   * @default - nobody is asked
   */
  readonly approval?: ApprovalProps;

  /**
   * When the old Blue is deleted, such as `RetireBlue.after(Duration.days(7))`. It costs money as long as it is there.
   *
   * @default - the old Blue stays, and with it the Blue/Green deployment: delete both yourself
   */
  readonly retireBlue?: RetireBlue;

  /**
   * Who hears how it goes: a topic for people, an event bus for machines.
   *
   * @default - nobody
   */
  readonly notifications?: NotificationProps;

  /**
   * What is yours to do on the way, such as stopping and starting writers.
   *
   * @default - nothing
   */
  readonly hooks?: PipelineHooks;

  /**
   * The name of the Blue/Green deployment: 1 to 60 letters, digits and single hyphens, starting with a letter; unique in account and Region. It stays until
   * the deployment is deleted, so a further change needs another name or the deletion of the finished deployment.
   *
   * @default - made from the path of the construct
   */
  readonly deploymentName?: string;

  /**
   * Where each execution leaves its report when it has finished, as a page (`report.html`) and as JSON, under `<deploymentName>/<execution>/`;
   * that of a retired Blue beside it (`retirement.html`).
   *
   * The page needs nothing but a browser: timeline, replication lag, outage, durations of the tables, all findings. It holds no row of anybody's data.
   *
   * @default - only the output of the execution
   */
  readonly reportBucket?: s3.IBucket;

  /**
   * How long the logs of the functions and the state machine are kept.
   *
   * @default logs.RetentionDays.SIX_MONTHS
   */
  readonly logRetention?: logs.RetentionDays;
}

/**
 * Defines a state machine that changes an Aurora MySQL cluster by an RDS Blue/Green deployment: checks, creates Green, migrates it, waits for
 * replication, compares the data, switches over, verifies, and restores production's settings.
 *
 * Start an execution with `{}`. Nothing happens on deploy.
 */
export class BlueGreenPipeline extends Construct implements ec2.IConnectable {
  /** The state machine; start it with `{}`. */
  public readonly stateMachine: sfn.StateMachine;

  /** The functions of the tasks. */
  public readonly functions: lambda.Function[];

  /** The functions' network: allow it at your database if `databaseSecurityGroups` was not given. */
  public readonly connections: ec2.Connections;

  /** Grants of the pipeline. */
  public readonly grants: BlueGreenPipelineGrants;

  /** The name of the Blue/Green deployment. */
  public readonly deploymentName: string;

  /** What the metrics of this pipeline have as dimension `Pipeline`: the path of the construct. */
  public readonly pipelineName: string;

  /** The logs of the functions and the state machines. */
  public readonly logGroup: logs.ILogGroup;

  /** The cluster: before the switchover Blue, after it the former Green. */
  public readonly clusterIdentifier: string;

  constructor(scope: Construct, id: string, props: BlueGreenPipelineProps) {
    super(scope, id);
    this.deploymentName = props.deploymentName ?? defaultDeploymentName(this);
    const settings = pipelineSettings(this, props);
    this.pipelineName = settings.pipeline;
    this.clusterIdentifier = settings.clusterIdentifier;
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: props.logRetention ?? logs.RetentionDays.SIX_MONTHS, removalPolicy: RemovalPolicy.RETAIN });
    this.logGroup = logGroup;
    this.connections = this.networkOf(props.database);
    const functions = new PipelineFunctions(this, 'Tasks', { settings, sqlFiles: props.migration._sqlFiles, reportBucket: props.reportBucket, database: props.database, logGroup, securityGroups: this.connections.securityGroups });
    const monitor = new Monitor(this, 'Monitor', { function: functions.of('monitor') });
    const announcements = announcementSettings(props, settings);
    const deletesGreenAfterFailure = props.onExecutionFailure === ExecutionFailurePolicy.DELETE_GREEN;
    const definition = pipelineDefinition(this, functions, monitor, {
      approval: approvalSettings(props.approval), announcements, hooks: props.hooks, deletesGreenAfterFailure, retirement: retirementSettings(props),
    });
    this.functions = functions.all();
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      comment: `Blue/Green deployment of ${settings.clusterIdentifier} (cdk-rds-blue-green)`,
      definitionBody: sfn.DefinitionBody.fromChainable(definition),
      // inputs and outputs hold no secrets, but need not be copied into logs.
      logs: { destination: logGroup, level: sfn.LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    const topics = [props.approval?.topic, props.notifications?.topic].filter((topic) => topic !== undefined);
    for (const statement of encryptMessages(Stack.of(this), topics)) this.stateMachine.addToRolePolicy(statement);
    if (deletesGreenAfterFailure) seesItsExecutions(this, 'OwnExecutions', this.stateMachine);
    explainWildcards(this.stateMachine.role, WILDCARDS.stateMachine);
    new Aftermath(this, 'Aftermath', {
      pipeline: settings.pipeline, stateMachine: this.stateMachine, monitor, logGroup, announcements, onFailure: props.hooks?.onFailure,
      names: { cluster: settings.clusterIdentifier, deployment: settings.deploymentName },
    });
    this.grants = new BlueGreenPipelineGrants(this.stateMachine);
  }

  /**
   * Executions that were started.
   *
   * @param options of the metric.
   * @default - sum over 5 minutes
   */
  public metricStarted(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stateMachine.metricStarted(options);
  }

  /**
   * Executions that succeeded.
   *
   * @param options of the metric.
   * @default - sum over 5 minutes
   */
  public metricSucceeded(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stateMachine.metricSucceeded(options);
  }

  /**
   * Executions that failed: an operator must act.
   *
   * @param options of the metric.
   * @default - sum over 5 minutes
   */
  public metricFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stateMachine.metricFailed(options);
  }

  /**
   * The time executions took, in milliseconds.
   *
   * @param options of the metric.
   * @default - average over 5 minutes
   */
  public metricTime(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stateMachine.metricTime(options);
  }

  /**
   * Executions that ended because their time was over.
   *
   * @param options of the metric.
   * @default - sum over 5 minutes
   */
  public metricTimedOut(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stateMachine.metricTimedOut(options);
  }

  /**
   * Executions that somebody stopped.
   *
   * @param options of the metric.
   * @default - sum over 5 minutes
   */
  public metricAborted(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.stateMachine.metricAborted(options);
  }

  /**
   * Seconds Green is behind Blue. Missing while nobody knows: an unknown lag is not 0.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricReplicaLag(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.REPLICA_LAG, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * 1 where the lag cannot be told, although nothing says that replication stands still: Green does not answer, or gives no lag. Else 0.
   *
   * @param options of the metric.
   * @default - minimum over 1 minute
   */
  public metricReplicaLagUnknown(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.REPLICA_LAG_UNKNOWN, { statistic: cloudwatch.Stats.MINIMUM, ...options });
  }

  /**
   * 1 while Green receives Blue's binlog, else 0.
   *
   * @param options of the metric.
   * @default - minimum over 1 minute
   */
  public metricIoThreadRunning(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.IO_THREAD_RUNNING, { statistic: cloudwatch.Stats.MINIMUM, ...options });
  }

  /**
   * 1 while Green applies what it has received, else 0.
   *
   * @param options of the metric.
   * @default - minimum over 1 minute
   */
  public metricSqlThreadRunning(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.SQL_THREAD_RUNNING, { statistic: cloudwatch.Stats.MINIMUM, ...options });
  }

  /**
   * 1 while the pipeline itself has stopped replication for a part of the migration, else 0.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricApplierPaused(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.APPLIER_PAUSED, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * The age of what Green has applied last, in percent of the time for which Blue keeps its binlogs. Beyond 100, Green may never catch up.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricBinlogRetentionUsed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.BINLOG_RETENTION_USED, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * How much of the migration is done, in percent of the bytes.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricMigrationPercent(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.MIGRATION_PERCENT, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * Seconds until the migration will probably be done. Missing while nothing can be said.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricMigrationSecondsLeft(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.MIGRATION_SECONDS_LEFT, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * Steps of the migration that are still to be done, those under way included.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricStepsOpen(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.STEPS_OPEN, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * Steps of the migration that are done.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricStepsDone(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.STEPS_DONE, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * Steps of the migration that failed.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricStepsFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.STEPS_FAILED, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * Steps at work of which the server does not show how far they are.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricStepsUnseen(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.STEPS_UNSEEN, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * How much of the data of Blue and Green is compared, in percent of the bytes.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricComparisonPercent(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.COMPARISON_PERCENT, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * Tables that hold different data on Blue and Green.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricComparisonDifferences(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.COMPARISON_DIFFERENCES, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /**
   * How long a wait has lasted so far, in seconds.
   *
   * @param state the name of the state that looks, such as `Wait For Green`.
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricSecondsInState(state: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.SECONDS_IN_STATE, { statistic: cloudwatch.Stats.MAXIMUM, dimensionsMap: { [MetricDimension.STATE]: state }, ...options });
  }

  /**
   * The longest time in which a client of the production endpoint found no writable server while RDS switched over, in milliseconds.
   *
   * @param options of the metric.
   * @default - maximum over 1 minute
   */
  public metricWriteOutage(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric(MetricName.WRITE_OUTAGE, { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  private metric(metricName: MetricNameValue, { dimensionsMap, ...options }: cloudwatch.MetricOptions): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE, metricName, period: Duration.minutes(1),
      dimensionsMap: { [MetricDimension.PIPELINE]: this.pipelineName, ...dimensionsMap }, ...options,
    }).attachTo(this);
  }

  private networkOf({ _network: network }: DatabaseAccess): ec2.Connections {
    const securityGroups = network.securityGroups ?? [new ec2.SecurityGroup(this, 'SecurityGroup', { vpc: network.vpc, description: 'Functions of a cdk-rds-blue-green pipeline' })];
    const connections = new ec2.Connections({ securityGroups });
    for (const database of network.databaseSecurityGroups ?? []) {
      const [port, why] = [ec2.Port.tcp(network.port ?? 3306), 'MySQL, for the Blue/Green pipeline'];
      // our own group lets everything out already, and CDK warns of a rule that says so again.
      // the rule stands in our stack, or the stack of a cluster that this one uses would have to wait for this one.
      if (network.securityGroups === undefined) securityGroups.forEach((group) => database.addIngressRule(group, port, why, true));
      else connections.allowTo(database, port, why);
    }
    return connections;
  }
}

/**
 * What principals may do with a pipeline.
 */
export class BlueGreenPipelineGrants {
  /**
   * @param stateMachine the pipeline's.
   */
  constructor(private readonly stateMachine: sfn.StateMachine) {}

  /**
   * Starting executions.
   *
   * @param grantee who may.
   */
  public startExecution(grantee: iam.IGrantable): iam.Grant {
    return this.stateMachine.grantStartExecution(grantee);
  }

  /**
   * Continuing failed executions.
   *
   * @param grantee who may.
   */
  public redriveExecution(grantee: iam.IGrantable): iam.Grant {
    return this.stateMachine.grantRedriveExecution(grantee);
  }

  /**
   * Answering a request for approval, with yes or no. Nobody else may, whoever reads the request.
   *
   * @param grantee who may.
   */
  public approve(grantee: iam.IGrantable): iam.Grant {
    return this.stateMachine.grant(grantee, 'states:SendTaskSuccess', 'states:SendTaskFailure');
  }

  /**
   * Seeing executions and their history.
   *
   * @param grantee who may.
   */
  public read(grantee: iam.IGrantable): iam.Grant {
    return this.stateMachine.grantRead(grantee);
  }
}

/** Everything the functions are told; says at synth what is wrong with it. */
function pipelineSettings(pipeline: BlueGreenPipeline, props: BlueGreenPipelineProps): PipelineSettings {
  const { migration: { _settings: migration }, targetEngineVersion: version, targetClusterParameterGroup: group } = props;
  checkDeploymentName(pipeline.deploymentName);
  checkTarget(props);
  const settings: PipelineSettings = {
    pipeline: ownerOf(pipeline),
    deploymentName: pipeline.deploymentName,
    clusterIdentifier: props.source._clusterIdentifier,
    ...version === undefined ? {} : { targetEngineVersion: version.auroraMysqlFullVersion },
    ...props.reportBucket === undefined ? {} : { reportBucket: props.reportBucket.bucketName },
    ...group === undefined ? {} : { targetClusterParameterGroup: asRdsStores(group.bindToCluster({}).parameterGroupName) },
    migration,
    ...props.comparison === undefined ? {} : { comparison: props.comparison._settings },
    switchoverTimeoutSeconds: seconds('switchoverTimeout', props.switchoverTimeout, Duration.minutes(5), { least: 30, most: 3600 }),
    switchoverAttempts: wholeNumber('switchoverAttempts', props.switchoverAttempts, { standard: 2, least: 1, most: 10 }),
    ...props.switchoverWindow === undefined ? {} : { switchoverWindow: props.switchoverWindow._settings },
    binlogRetentionHours: Math.ceil(seconds('binlogRetention', props.binlogRetention, Duration.days(7), { least: 3600, most: 90 * 86_400 }) / 3600),
    onStepFailure: props.onStepFailure ?? StepFailurePolicy.FINISH_RUNNING,
    lockHolders: props.lockHolders ?? LockHolders.WAIT,
    ...props.workers === undefined ? {} : { workers: wholeNumber('workers', props.workers, { standard: 2, least: 1, most: 32 }) },
    ...props.acknowledge === undefined ? {} : { acknowledge: acknowledged(props.acknowledge) },
    patience: {
      greenSeconds: seconds('greenPatience', props.greenPatience, Duration.hours(12), { least: 60 }),
      migrationSeconds: seconds('migrationPatience', props.migrationPatience, Duration.days(30), { least: 60 }),
      replicationSeconds: seconds('replicationPatience', props.replicationPatience, Duration.days(7), { least: 60 }),
      comparisonSeconds: seconds('comparisonPatience', props.comparisonPatience, Duration.days(7), { least: 60 }),
      readinessSeconds: seconds('readinessPatience', props.readinessPatience, Duration.minutes(30), { least: 0 }),
      verificationSeconds: seconds('verificationPatience', props.verificationPatience, Duration.minutes(15), { least: 60 }),
    },
    lagHoldSeconds: seconds('lagHold', props.lagHold, Duration.minutes(1), { least: 0 }),
    watchSeconds: seconds('endpointWatch', props.endpointWatch, Duration.seconds(30), { least: 0, most: 60 }),
    ...props.approval === undefined ? {} : { approvalSeconds: seconds('approval.validity', props.approval.validity, Duration.days(7), { least: 60 }) },
    ...props.retireBlue === undefined ? {} : { retireBlue: props.retireBlue._settings },
  };
  checkSize(settings);
  return settings;
}

function approvalSettings(approval: ApprovalProps | undefined): ApprovalSettings | undefined {
  if (approval === undefined) return undefined;
  return { topic: approval.topic, patience: Duration.seconds(seconds('approval.patience', approval.patience, Duration.days(7), { least: 60 })) };
}

function retirementSettings({ retireBlue, approval }: BlueGreenPipelineProps): RetirementSettings | undefined {
  if (retireBlue?._settings.asks === true && approval === undefined) {
    throw new Error(`'retireBlue' should not be RetireBlue.afterApproval() without 'approval': nobody could be asked; say who is asked (approval: { topic }), or use RetireBlue.after() or .onRequest()`);
  }
  return retireBlue?._settings;
}

function announcementSettings({ notifications, approval }: BlueGreenPipelineProps, settings: PipelineSettings): AnnouncementSettings | undefined {
  if (notifications === undefined) return undefined;
  const { topic, eventBus } = notifications;
  if (topic === undefined && eventBus === undefined) throw new Error(`'notifications' should have a 'topic' or an 'eventBus', got neither: nobody would hear anything; leave it out, or say who listens`);
  return {
    topic, eventBus, approvalTopic: approval?.topic,
    about: { pipeline: settings.pipeline, cluster: settings.clusterIdentifier, deployment: settings.deploymentName },
  };
}

/** The path of the construct, as far as a tag of RDS and the description of a role can hold it. */
function ownerOf({ node: { path, addr } }: Construct): string {
  return /^[\w ./=+@-]{1,256}$/.test(path) ? path : `${path.replaceAll(/[^\w ./=+@-]/g, '-').slice(-200)} ${addr}`;
}

/** Lambda: 4 KB for all environment variables of a function together. Some of it is left for the login and for tokens. */
const MOST_SETTINGS_BYTES = 3500;

function checkSize(settings: PipelineSettings): void {
  const bytes = Buffer.byteLength(JSON.stringify(settings));
  if (bytes > MOST_SETTINGS_BYTES) {
    throw new Error(`'databases' and 'collations' should fit into the environment of a function, together with the other settings ${MOST_SETTINGS_BYTES} bytes, got ${bytes}: name fewer of them`);
  }
}

/** The longest time a standard execution lives is a year, and no wait can outlast it. */
const YEAR_SECONDS = 365 * 86_400;

function seconds(property: string, value: Duration | undefined, standard: Duration, { least, most = YEAR_SECONDS }: { least: number; most?: number }): number {
  const duration = value ?? standard;
  if (duration.isUnresolved()) throw new Error(`'${property}' should be known at synthesis, got a token: its bounds (${least} to ${most} seconds) have to be checked`);
  const number = duration.toSeconds({ integral: false });
  if (!Number.isInteger(number) || number < least || number > most) throw new Error(`'${property}' should be ${least} to ${most} whole seconds, got '${number}'`);
  return number;
}

function wholeNumber(property: string, value: number | undefined, { standard, least, most }: { standard: number; least: number; most: number }): number {
  const number = value ?? standard;
  if (Token.isUnresolved(number)) throw new Error(`'${property}' should be known at synthesis, got a token: write a number from ${least} to ${most}`);
  if (!Number.isInteger(number) || number < least || number > most) throw new Error(`'${property}' should be a whole number from ${least} to ${most}, got '${number}'`);
  return number;
}

/** A misspelt id would acknowledge nothing, and be noticed only by the execution it was meant for. */
function acknowledged(ids: readonly string[]): string[] {
  const known: Readonly<Record<string, string>> = CHECKS;
  for (const id of ids) {
    const what = Token.isUnresolved(id) ? undefined : known[id];
    if (what === undefined) {
      const near = nearMatches(id, Object.keys(CHECKS));
      throw new Error(`'acknowledge' should hold ids of checks, got '${id}': ${near.length === 0 ? 'docs/checks.md lists them' : `did you mean ${near.map((name) => `'${name}'`).join(' or ')}?`}`);
    }
    if (what === 'nothing') throw new Error(`'acknowledge' should hold ids of checks whose findings can be acknowledged, got '${id}': going on in spite of it would not be safe, so mend what it finds`);
  }
  return [...new Set(ids)];
}

/** CreateBlueGreenDeployment: 1 to 60 characters, a letter first, no hyphen at the end, none doubled. */
function checkDeploymentName(name: string): void {
  if (Token.isUnresolved(name)) return;
  if (name.length > 60 || !/^[a-zA-Z](?:-?[a-zA-Z0-9])*$/.test(name)) {
    throw new Error(`'deploymentName' should have 1 to 60 letters, digits and single hyphens, starting with a letter, got '${name}'`);
  }
}

function defaultDeploymentName(pipeline: Construct): string {
  const name = Names.uniqueResourceName(pipeline, { maxLength: 59, separator: '-', allowedSpecialCharacters: '-' }).replaceAll(/-+/g, '-').replaceAll(/^-|-$/g, '');
  return /^[a-zA-Z]/.test(name) ? name : `b${name}`;
}

function checkTarget({ targetEngineVersion: version, targetClusterParameterGroup: group }: BlueGreenPipelineProps): void {
  if (version === undefined) return;
  refuseWrongFamily('targetEngineVersion', version);
  if (Number(version.auroraMysqlMajorVersion) < 8) {
    throw new Error(`'targetEngineVersion' should be 8.0 or newer, got ${inWords(version)}: before 8.0 a crash in the middle of an ALTER is not atomic`);
  }
  if (group instanceof GreenClusterParameterGroup && group.engineVersion.auroraMysqlMajorVersion !== version.auroraMysqlMajorVersion) {
    throw new Error(`'targetClusterParameterGroup' should be of the family of 'targetEngineVersion' ('${version.auroraMysqlMajorVersion}'), got '${group.engineVersion.auroraMysqlMajorVersion}'`);
  }
}
