import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type BlueGreenPipeline } from './blue-green-pipeline';

/** Where the sections are that the descriptions of the alarms lead to. */
const RUNBOOK = 'https://github.com/cdk-rds-blue-green/cdk-rds-blue-green/blob/main/docs/runbook.md';

/**
 * Properties of {@link ReplicationAlarms}.
 */
export interface ReplicationAlarmsProps {
  /**
   * The pipeline to watch.
   */
  readonly pipeline: BlueGreenPipeline;

  /**
   * What happens when an alarm is raised, and again when it is over, such as an `SnsAction`.
   *
   * @default - nothing; the alarms are only seen
   */
  readonly actions?: cloudwatch.IAlarmAction[];

  /**
   * The lag from which on {@link ReplicationAlarms.replicaLag} counts. While statements of the migration run, and while the lag falls, it does not count.
   *
   * @default Duration.hours(1)
   */
  readonly lagThreshold?: Duration;

  /**
   * How long the lag has to be above its threshold, without falling; at least 2 minutes, at most a day.
   *
   * @default Duration.hours(1)
   */
  readonly lagPatience?: Duration;

  /**
   * How long replication has to be stopped; at least a minute, at most a day.
   *
   * @default Duration.minutes(5)
   */
  readonly stoppedPatience?: Duration;

  /**
   * How long nobody may know the lag; at least a minute, at most a day.
   *
   * @default Duration.minutes(15)
   */
  readonly unknownPatience?: Duration;

  /**
   * How long the migration may stand still; at least 2 minutes, at most a day.
   *
   * @default Duration.hours(2)
   */
  readonly stallPatience?: Duration;

  /**
   * The part of `binlogRetention` that may be used up, in percent from 1 to 99.
   *
   * @default 70
   */
  readonly retentionUsedPercent?: number;
}

/**
 * Defines the alarms of a pipeline. Each description says what happened and what to do first, and leads to its section of the runbook.
 *
 * While there is no Green, there are no data, and no alarm: that is the usual case, so missing data is not a breach. What would make data go
 * missing while there is a Green has alarms of its own (an unknown lag, an execution that has ended).
 */
export class ReplicationAlarms extends Construct {
  /** Green lags behind and does not catch up, although no statement of the migration runs. */
  public readonly replicaLag: cloudwatch.Alarm;

  /** Green receives or applies nothing, and it was not the pipeline that stopped it. */
  public readonly replicationStopped: cloudwatch.Alarm;

  /** Nobody knows how far Green is behind. */
  public readonly lagUnknown: cloudwatch.Alarm;

  /** The migration stands still. */
  public readonly migrationStalled: cloudwatch.Alarm;

  /** Blue will soon delete binlogs that Green still needs. */
  public readonly binlogRetention: cloudwatch.Alarm;

  /** Blue and Green hold different data. */
  public readonly differenceFound: cloudwatch.Alarm;

  /** An execution has failed. */
  public readonly executionFailed: cloudwatch.Alarm;

  /** An execution has ended because its time was over. */
  public readonly executionTimedOut: cloudwatch.Alarm;

  /** Somebody has stopped an execution. */
  public readonly executionAborted: cloudwatch.Alarm;

  private readonly alarms: cloudwatch.Alarm[] = [];

  constructor(scope: Construct, id: string, private readonly props: ReplicationAlarmsProps) {
    super(scope, id);
    const { pipeline } = props;
    const lag = window('lagPatience', props.lagPatience, Duration.hours(1), 2);
    this.replicaLag = this.alarm('ReplicaLag', {
      // beside a statement that copies a table the applier has to wait; and who catches up needs no help.
      metric: math('IF(open > 0 OR DIFF(lag) < 0, 0, lag)', lag, { open: pipeline.metricStepsOpen(), lag: pipeline.metricReplicaLag() }),
      periods: lag.periods,
      threshold: positive('lagThreshold', props.lagThreshold ?? Duration.hours(1)),
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      what: 'Green lags behind Blue and does not catch up: writes come faster than Green applies them, or something holds its applier.',
      first: 'On Green, look whom the applier waits for (SHOW REPLICA STATUS, performance_schema.metadata_locks); end it, or take load off Blue.',
      section: 'alarm-replica-lag',
    });
    const stopped = window('stoppedPatience', props.stoppedPatience, Duration.minutes(5), 1);
    this.replicationStopped = this.alarm('ReplicationStopped', {
      metric: math('IF(paused > 0, 1, io * sql)', stopped, {
        paused: pipeline.metricApplierPaused(), io: pipeline.metricIoThreadRunning(), sql: pipeline.metricSqlThreadRunning(),
      }),
      periods: stopped.periods,
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      what: 'Replication from Blue to Green stands still, and it was not the pipeline that stopped it. Blue keeps its binlogs for binlogRetention only.',
      first: 'On Green, SHOW REPLICA STATUS: the error is in Last_IO_Error or Last_SQL_Error. Mend the cause; never skip an event.',
      section: 'alarm-replication-stopped',
    });
    const unknown = window('unknownPatience', props.unknownPatience, Duration.minutes(15), 1);
    this.lagUnknown = this.alarm('LagUnknown', {
      metric: pipeline.metricReplicaLagUnknown({ period: unknown.period }),
      periods: unknown.periods,
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      what: 'Nobody knows how far Green is behind: it does not answer the monitor, or MySQL gives no lag.',
      first: 'Read the log of the function monitor, which has the reason: network, login, or a Green that restarts.',
      section: 'alarm-lag-unknown',
    });
    const stalled = window('stallPatience', props.stallPatience, Duration.hours(2), 2);
    this.migrationStalled = this.alarm('MigrationStalled', {
      // a step at work of which the server shows nothing may be anywhere.
      metric: math('IF(open > 0 AND unseen < 1 AND DIFF(done) <= 0, 1, 0)', stalled, {
        open: pipeline.metricStepsOpen(), unseen: pipeline.metricStepsUnseen(), done: pipeline.metricMigrationPercent(),
      }),
      periods: stalled.periods,
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      what: 'The migration has steps to do, and gets no further: its statements wait for a lock, or no worker runs.',
      first: 'The output of Run Migration says what each step waits for; end whoever holds the lock on Green. Nobody should work there.',
      section: 'alarm-migration-stalled',
    });
    this.binlogRetention = this.alarm('BinlogRetention', {
      metric: pipeline.metricBinlogRetentionUsed(),
      periods: 3,
      threshold: percentage(props.retentionUsedPercent ?? 70),
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      what: 'What Green has applied last is nearly as old as the binlogs that Blue keeps. Once Blue has deleted what Green needs, Green is lost.',
      first: 'Raise it on Blue now: CALL mysql.rds_set_configuration(\'binlog retention hours\', HOURS). Then raise binlogRetention, and see why Green lags.',
      section: 'alarm-binlog-retention',
    });
    this.differenceFound = this.alarm('DifferenceFound', {
      metric: pipeline.metricComparisonDifferences(),
      periods: 1,
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      what: 'The comparison has found a table that differs on Blue and Green. Nothing is switched over.',
      first: 'The log of the function compare-data names the table and the keys. Find out who wrote on Green.',
      section: 'datadiffers',
    });
    const ending = { periods: 1, threshold: 1, comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD };
    this.executionFailed = this.alarm('ExecutionFailed', {
      ...ending,
      metric: pipeline.metricFailed(),
      what: 'An execution of the pipeline has failed. Green, if there is one, stays and costs money, unless onExecutionFailure deletes it.',
      first: 'Open the failed execution: the state Explain Failure has the error, its cause and what to do. Its name is a section of the runbook.',
      section: 'first',
    });
    this.executionTimedOut = this.alarm('ExecutionTimedOut', {
      ...ending,
      metric: pipeline.metricTimedOut(),
      what: 'An execution of the pipeline has ended because its time was over. Statements that run on Green go on.',
      first: 'Start a new execution with {}: it continues where this one stands.',
      section: 'alarm-execution-timed-out-or-aborted',
    });
    this.executionAborted = this.alarm('ExecutionAborted', {
      ...ending,
      metric: pipeline.metricAborted(),
      what: 'Somebody has stopped an execution of the pipeline. Statements that run on Green go on.',
      first: 'If that was not meant to last, start a new execution with {}: it continues where this one stands.',
      section: 'alarm-execution-timed-out-or-aborted',
    });
  }

  /** All alarms, in the order in which an operator looks at them. */
  public all(): cloudwatch.Alarm[] {
    return [...this.alarms];
  }

  private alarm(id: string, { metric, periods, threshold, comparison, what, first, section }: AlarmDefinition): cloudwatch.Alarm {
    const alarm = new cloudwatch.Alarm(this, id, {
      metric,
      evaluationPeriods: periods,
      threshold,
      comparisonOperator: comparison,
      // nothing is measured while there is no Green.
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      alarmDescription: `${this.props.pipeline.pipelineName}: ${what}\n\nFirst: ${first}\n\n${RUNBOOK}#${section}`,
    });
    const { actions = [] } = this.props;
    if (actions.length > 0) {
      alarm.addAlarmAction(...actions);
      alarm.addOkAction(...actions);
    }
    this.alarms.push(alarm);
    return alarm;
  }
}

interface AlarmDefinition {
  readonly metric: cloudwatch.IMetric;
  readonly periods: number;
  readonly threshold: number;
  readonly comparison: cloudwatch.ComparisonOperator;
  /** What happened, and why it matters. */
  readonly what: string;
  readonly first: string;
  /** Of the runbook. */
  readonly section: string;
}

/** How long something has to last, cut into periods. */
interface Window {
  readonly period: Duration;
  readonly periods: number;
}

/** CloudWatch: an alarm looks back at most a day, unless its periods are of an hour or more. */
const DAY_MINUTES = 24 * 60;

function window(property: string, value: Duration | undefined, standard: Duration, leastMinutes: number): Window {
  const duration = value ?? standard;
  if (duration.isUnresolved()) throw new Error(`'${property}' should be known at synthesis, got a token: the periods of an alarm are made from it`);
  const minutes = duration.toMinutes({ integral: false });
  if (!Number.isInteger(minutes) || minutes < leastMinutes || minutes > DAY_MINUTES) {
    throw new Error(`'${property}' should be ${leastMinutes} to ${DAY_MINUTES} whole minutes, got '${minutes}'`);
  }
  const period = minutes >= 60 && minutes % 5 === 0 ? 5 : 1;
  return { period: Duration.minutes(period), periods: minutes / period };
}

function math(expression: string, { period }: Window, metrics: Record<string, cloudwatch.Metric>): cloudwatch.MathExpression {
  const usingMetrics = Object.fromEntries(Object.entries(metrics).map(([id, metric]) => [id, metric.with({ period })]));
  return new cloudwatch.MathExpression({ expression, period, usingMetrics, label: expression });
}

function positive(property: string, duration: Duration): number {
  const seconds = duration.toSeconds({ integral: false });
  if (!(seconds > 0)) throw new Error(`'${property}' should be more than 0 seconds, got '${seconds}'`);
  return seconds;
}

function percentage(value: number): number {
  if (!(value >= 1 && value <= 99)) throw new Error(`'retentionUsedPercent' should be from 1 to 99, got '${value}'`);
  return value;
}
