import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC_NAMESPACE, MetricDimension, MetricName, type MetricNameValue } from '../../lib/private/contract';
import { log } from './log';
import { readSettings } from './settings';

/** What was measured at one moment; null and absent mean unknown, of which nothing is published. */
export type Measures = Partial<Record<MetricNameValue, number | null>>;

/** Everything that is no count. */
const UNITS: Partial<Record<MetricNameValue, typeof MetricUnit[keyof typeof MetricUnit]>> = {
  [MetricName.REPLICA_LAG]: MetricUnit.Seconds,
  [MetricName.BINLOG_RETENTION_USED]: MetricUnit.Percent,
  [MetricName.MIGRATION_PERCENT]: MetricUnit.Percent,
  [MetricName.MIGRATION_SECONDS_LEFT]: MetricUnit.Seconds,
  [MetricName.COMPARISON_PERCENT]: MetricUnit.Percent,
  [MetricName.SECONDS_IN_STATE]: MetricUnit.Seconds,
  [MetricName.WRITE_OUTAGE]: MetricUnit.Milliseconds,
};

/**
 * Publishes metrics as a line of the function's log, out of which CloudWatch makes them: that needs no network and no permission.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * @param now when it was measured (ISO 8601): the event's time, never the process's.
 */
export function publish(now: string, measures: Measures, { state }: { readonly state?: string } = {}): void {
  const known = Object.entries(measures).filter((entry): entry is [MetricNameValue, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]));
  if (known.length === 0) return;
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, logger: log });
  // Powertools would add one of its own, 'service'.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ [MetricDimension.PIPELINE]: readSettings().pipeline, ...state === undefined ? {} : { [MetricDimension.STATE]: state } });
  metrics.setTimestamp(new Date(now));
  for (const [name, value] of known) metrics.addMetric(name, UNITS[name] ?? MetricUnit.Count, value);
  metrics.publishStoredMetrics();
}
