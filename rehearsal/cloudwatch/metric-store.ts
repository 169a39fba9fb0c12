import { isObject, type JsonObject, objectAt, textAt } from '../cloudformation/json';

/** A value that was measured. */
export interface Sample {
  readonly time: Date;
  readonly value: number;
}

/** What identifies a metric: two of the same name in other dimensions are two metrics. */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The metrics of a rehearsal. */
export class MetricStore {
  private readonly metrics = new Map<string, Sample[]>();

  /** Adds a value. */
  public add(identity: MetricIdentity, sample: Sample): void {
    const key = keyOf(identity);
    this.metrics.set(key, [...this.metrics.get(key) ?? [], sample]);
  }

  /**
   * Takes the metrics out of a line of a log, as CloudWatch Logs does; other lines it lets pass.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
   */
  public readLine(line: string): void {
    if (!line.startsWith('{') || !line.includes('"_aws"')) return;
    const root = JSON.parse(line) as JsonObject;
    const { Timestamp: timestamp, CloudWatchMetrics: directives } = objectAt(root, '_aws');
    if (typeof timestamp !== 'number' || !Array.isArray(directives)) throw new Error(`this line is no embedded metric: ${line}`);
    for (const directive of directives.filter(isObject)) {
      for (const dimensions of directive.Dimensions as string[][]) {
        for (const metric of (directive.Metrics as JsonObject[])) {
          const [namespace, name] = [textAt(directive, 'Namespace') ?? '', textAt(metric, 'Name') ?? ''];
          const values = Array.isArray(root[name]) ? root[name] as unknown[] : [root[name]];
          if (values.some((value) => typeof value !== 'number')) throw new Error(`the metric '${name}' has no number: ${line}`);
          const identity = { namespace, name, dimensions: Object.fromEntries(dimensions.map((dimension) => [dimension, String(root[dimension])])) };
          for (const value of values) this.add(identity, { time: new Date(timestamp), value: Number(value) });
        }
      }
    }
  }

  /** Everything measured of a metric, in the order in which it came. */
  public samples(identity: MetricIdentity): readonly Sample[] {
    return this.metrics.get(keyOf(identity)) ?? [];
  }

  /** The names of the metrics of a namespace. */
  public names(namespace: string): string[] {
    const identities = [...this.metrics.keys()].map((key) => JSON.parse(key) as [string, string]);
    return [...new Set(identities.filter(([its]) => its === namespace).map(([, name]) => name))].sort();
  }

  /** When the first and the last value of all were measured. */
  public get span(): { readonly first: Date; readonly last: Date } | undefined {
    const times = [...this.metrics.values()].flat().map(({ time }) => time.getTime());
    return times.length === 0 ? undefined : { first: new Date(Math.min(...times)), last: new Date(Math.max(...times)) };
  }
}

function keyOf({ namespace, name, dimensions }: MetricIdentity): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([one], [other]) => one.localeCompare(other))]);
}
