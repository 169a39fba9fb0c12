import { type JsonObject, listOf, objectAt, textAt } from '../cloudformation/json';
import { type StackResource } from '../cloudformation/template';
import { evaluate, type Series } from './metric-math';
import { type MetricStore } from './metric-store';

/** An alarm and when it was raised. */
export interface AlarmHistory {
  /** The logical id. */
  readonly logicalId: string;
  /** When it went into the state ALARM, each time. */
  readonly raised: readonly Date[];
}

/** CloudWatch asks for more periods than an alarm needs, so that late data counts; how many more it does not say. Two are in its own examples. */
const MORE_PERIODS = 2;

const STATISTICS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  Average: (values) => sum(values) / values.length,
  Maximum: (values) => Math.max(...values),
  Minimum: (values) => Math.min(...values),
  SampleCount: (values) => values.length,
  Sum: sum,
};

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
};

/**
 * Evaluates an alarm of a template over everything that was measured, period by period, as CloudWatch does, up to a moment.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 *
 * @throws where the alarm has something the rehearsal does not know.
 */
export function alarmHistory({ logicalId, properties }: StackResource, store: MetricStore, now: Date): AlarmHistory {
  const { span } = store;
  if (span === undefined) return { logicalId, raised: [] };
  const seconds = periodOf(properties);
  const width = seconds * 1000;
  const first = Math.floor(span.first.getTime() / width) * width;
  const needed = Number(properties.EvaluationPeriods);
  // the periods behind the last value are evaluated, too: there the data is missing. One that is not over yet is not.
  const all = Array.from({ length: Math.ceil((span.last.getTime() - first) / width) + needed }, (_, index) => first + index * width);
  const times = all.filter((time) => time + width <= now.getTime());
  const series = seriesOf(properties, store, { seconds, times });
  const raised: Date[] = [];
  let alarm = false;
  for (const [index, time] of times.entries()) {
    const breaches = isBreached(properties, times.slice(Math.max(0, index + 1 - needed - MORE_PERIODS), index + 1).map((at) => series.get(at)), alarm);
    if (breaches && !alarm) raised.push(new Date(time + width));
    alarm = breaches;
  }
  return { logicalId, raised };
}

/** Whether the alarm is in ALARM after these values. */
function isBreached(properties: JsonObject, values: readonly (number | undefined)[], before: boolean): boolean {
  const [needed, compare] = [Number(properties.EvaluationPeriods), COMPARISONS[String(properties.ComparisonOperator)]];
  if (compare === undefined) throw new Error(`the rehearsal does not know the comparison '${String(properties.ComparisonOperator)}'`);
  const least = Number(properties.DatapointsToAlarm ?? needed);
  // what is there counts first; only what is still lacking is filled up.
  const present = values.filter((value) => value !== undefined).slice(-needed);
  const missing = needed - present.length;
  const breaching = present.filter((value) => compare(value, Number(properties.Threshold))).length;
  switch (properties.TreatMissingData) {
    case 'notBreaching': return breaching >= least;
    case 'breaching': return breaching + missing >= least;
    case 'ignore': return missing === 0 ? breaching >= least : breaching >= least || before;
    default: throw new Error(`the rehearsal does not know how to treat missing data: '${String(properties.TreatMissingData)}'`);
  }
}

interface Grid {
  readonly seconds: number;
  readonly times: readonly number[];
}

function seriesOf(properties: JsonObject, store: MetricStore, grid: Grid): Series {
  if (properties.Metrics === undefined) return statisticOf(properties, textAt(properties, 'Statistic'), store, grid);
  const queries = listOf(properties.Metrics) as JsonObject[];
  const metrics = Object.fromEntries(queries.filter(({ MetricStat: stat }) => stat !== undefined).map((query) => {
    const stat = objectAt(query, 'MetricStat');
    return [String(query.Id), statisticOf(objectAt(stat, 'Metric'), textAt(stat, 'Stat'), store, grid)];
  }));
  const expressions = queries.filter(({ Expression: expression }) => expression !== undefined);
  const [only] = expressions;
  if (expressions.length !== 1 || only === undefined) throw new Error('the rehearsal knows alarms with one expression');
  return evaluate(String(only.Expression), metrics, grid.times);
}

function statisticOf(metric: JsonObject, name: string | undefined, store: MetricStore, { seconds, times }: Grid): Series {
  const statistic = STATISTICS[name ?? ''];
  if (statistic === undefined) throw new Error(`the rehearsal does not know the statistic '${name}'`);
  const named = listOf(metric.Dimensions) as JsonObject[];
  const dimensions = Object.fromEntries(named.map(({ Name: dimension, Value: value }) => [String(dimension), String(value)]));
  const samples = store.samples({ namespace: String(metric.Namespace), name: String(metric.MetricName), dimensions });
  const byPeriod = new Map<number, number[]>();
  for (const { time, value } of samples) {
    const period = Math.floor(time.getTime() / (seconds * 1000)) * seconds * 1000;
    byPeriod.set(period, [...byPeriod.get(period) ?? [], value]);
  }
  return new Map(times.flatMap((time) => {
    const values = byPeriod.get(time);
    return values === undefined ? [] : [[time, statistic(values)] as const];
  }));
}

/** All metrics of an alarm have one period. */
function periodOf(properties: JsonObject): number {
  if (properties.Period !== undefined) return Number(properties.Period);
  const periods = new Set((listOf(properties.Metrics) as JsonObject[]).map((query) => objectAt(query, 'MetricStat').Period).filter((period) => period !== undefined));
  if (periods.size !== 1) throw new Error('the rehearsal knows alarms whose metrics have one period');
  return Number([...periods][0]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
