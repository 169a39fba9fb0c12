interface EmbeddedMetrics extends Record<string, unknown> {
  readonly _aws: { readonly CloudWatchMetrics: readonly { readonly Metrics: readonly { readonly Name: string }[] }[] };
}

/** The metrics a piece of work has published, the last value of each by name; those of a dimension more as `name state`. */
export async function publishedBy(work: () => Promise<unknown> | unknown): Promise<Record<string, number>> {
  const lines: string[] = [];
  const disabled = process.env.POWERTOOLS_METRICS_DISABLED;
  process.env.POWERTOOLS_METRICS_DISABLED = 'false';
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((line) => { lines.push(String(line)); return true; });
  try {
    await work();
  } finally {
    stdout.mockRestore();
    process.env.POWERTOOLS_METRICS_DISABLED = disabled;
  }
  const published: Record<string, number> = {};
  for (const line of lines.filter((text) => text.includes('"_aws"'))) {
    const { _aws: { CloudWatchMetrics: [directive] }, ...values } = JSON.parse(line) as EmbeddedMetrics;
    for (const { Name: name } of directive?.Metrics ?? []) published[values.State === undefined ? name : `${name} ${String(values.State)}`] = Number(values[name]);
  }
  return published;
}
