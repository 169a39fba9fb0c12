import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type BlueGreenPipeline } from './blue-green-pipeline';
import { type ReplicationAlarms } from './replication-alarms';

/**
 * Properties of {@link ReplicationDashboard}.
 */
export interface ReplicationDashboardProps {
  /**
   * The pipeline to show.
   */
  readonly pipeline: BlueGreenPipeline;

  /**
   * The alarms, whose state is shown first.
   *
   * @default - no alarms are shown
   */
  readonly alarms?: ReplicationAlarms;

  /**
   * The name of the dashboard.
   *
   * @default - made by CloudFormation
   */
  readonly dashboardName?: string;
}

const WIDTH = 24;

/**
 * Defines a dashboard of a pipeline, in the order in which an operator reads: is anything wrong, how far is it, does Green follow, what runs now, what
 * do the clients see.
 */
export class ReplicationDashboard extends Construct {
  /** The dashboard. */
  public readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, private readonly props: ReplicationDashboardProps) {
    super(scope, id);
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard', { dashboardName: props.dashboardName, defaultInterval: Duration.days(3) });
    if (props.alarms !== undefined) {
      this.dashboard.addWidgets(new cloudwatch.AlarmStatusWidget({ title: 'Is anything wrong?', alarms: props.alarms.all(), width: WIDTH, height: 3 }));
    }
    this.dashboard.addWidgets(...this.howFar());
    this.dashboard.addWidgets(...this.doesGreenFollow());
    this.dashboard.addWidgets(...this.progress());
    this.dashboard.addWidgets(this.stepsAtWork());
    this.dashboard.addWidgets(...this.whatClientsSee());
  }

  private howFar(): cloudwatch.IWidget[] {
    const { pipeline } = this.props;
    const value = (title: string, metric: cloudwatch.Metric) => (
      new cloudwatch.SingleValueWidget({ title, metrics: [metric], width: 4, height: 3, setPeriodToTimeRange: false })
    );
    return [
      value('Behind Blue (s)', pipeline.metricReplicaLag()),
      value('Migrated (%)', pipeline.metricMigrationPercent()),
      value('Left (s)', pipeline.metricMigrationSecondsLeft()),
      value('Compared (%)', pipeline.metricComparisonPercent()),
      value('Steps failed', pipeline.metricStepsFailed()),
      value('Tables that differ', pipeline.metricComparisonDifferences()),
    ];
  }

  private doesGreenFollow(): cloudwatch.IWidget[] {
    const { pipeline } = this.props;
    return [
      graph('Lag of Green (a gap: nobody knows it)', 12, 's', [pipeline.metricReplicaLag({ label: 'behind Blue' })]),
      graph('Threads (1: runs)', 6, '', [
        pipeline.metricIoThreadRunning({ label: 'receives' }), pipeline.metricSqlThreadRunning({ label: 'applies' }), pipeline.metricApplierPaused({ label: 'paused by us' }),
      ]),
      graph('Binlog retention of Blue, used', 6, '%', [pipeline.metricBinlogRetentionUsed({ label: 'used' })]),
    ];
  }

  private progress(): cloudwatch.IWidget[] {
    const { pipeline } = this.props;
    return [
      graph('Progress', 12, '%', [pipeline.metricMigrationPercent({ label: 'migrated' }), pipeline.metricComparisonPercent({ label: 'compared' })]),
      graph('Steps', 12, '', [
        pipeline.metricStepsDone({ label: 'done' }), pipeline.metricStepsOpen({ label: 'to do' }), pipeline.metricStepsFailed({ label: 'failed', color: cloudwatch.Color.RED }),
      ]),
    ];
  }

  private stepsAtWork(): cloudwatch.IWidget {
    return new cloudwatch.LogQueryWidget({
      title: 'Steps at work, the latest first (without percent: the server does not show it)',
      logGroupNames: [this.props.pipeline.logGroup.logGroupName],
      view: cloudwatch.LogQueryVisualizationType.TABLE,
      queryLines: [
        'filter message = "step at work"',
        'stats min(@timestamp) as since, max(@timestamp) as seen, latest(percent) as done by step',
        'sort seen desc',
        'limit 50',
      ],
      width: WIDTH,
      height: 6,
    });
  }

  private whatClientsSee(): cloudwatch.IWidget[] {
    const { pipeline } = this.props;
    // the name is Blue's before the switchover and the new production's after it.
    const production = (metricName: string, label: string) => new cloudwatch.Metric({
      namespace: 'AWS/RDS', metricName, label, statistic: cloudwatch.Stats.AVERAGE, period: Duration.minutes(1), dimensionsMap: { DBClusterIdentifier: pipeline.clusterIdentifier },
    });
    return [
      graph('Connections of production (Blue, then the new server)', 12, '', [production('DatabaseConnections', 'connections')]),
      graph('Outage of writes at the switchover', 6, 'ms', [pipeline.metricWriteOutage({ label: 'longest gap', period: Duration.minutes(5) })]),
      graph('Executions', 6, '', [
        pipeline.metricStarted({ label: 'started' }), pipeline.metricSucceeded({ label: 'succeeded' }), pipeline.metricFailed({ label: 'failed' }),
      ]),
    ];
  }
}

function graph(title: string, width: number, unit: string, left: cloudwatch.Metric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, width, height: 6, left, leftYAxis: { min: 0, label: unit, showUnits: false } });
}
