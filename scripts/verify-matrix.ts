// Compares the classifier with a real source and replica: npm run verify:matrix [-- --seed 1 --sample 200 --report matrix.json]
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { DEFINITIONS } from './matrix/definitions';
import { type Outcome, runMatrix, SETTINGS } from './matrix/matrix';
import { allPairs, figures, sampleOf } from './matrix/report';
import { SHAPES } from './matrix/shapes';

const SHOWN = 40;

async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: words.filter((word) => word !== '--'), options: { seed: { type: 'string' }, sample: { type: 'string' }, report: { type: 'string' } },
  });
  const seed = wholeNumber('seed', values.seed ?? '1');
  const pairs = values.sample === undefined ? allPairs(DEFINITIONS) : sampleOf(allPairs(DEFINITIONS), wholeNumber('sample', values.sample), seed);
  const startedAt = performance.now();
  const outcomes = await runMatrix({ pairs, settings: SETTINGS, shapes: SHAPES, log: (line) => console.log(`${seconds(startedAt)} s  ${line}`) });
  if (values.report !== undefined) fs.writeFileSync(values.report, `${JSON.stringify(outcomes, null, 1)}\n`);
  const [columns, tables] = [figures(outcomes.columns), figures(outcomes.tables)];
  show('Harmless, but refused', [...tables.refused, ...columns.refused]);
  const dangerous = [...tables.dangerous, ...columns.dangerous];
  show('Dangerous', dangerous);
  console.log(['Columns', ...columns.lines, 'Tables', ...tables.lines, `${seconds(startedAt)} s`].join('\n'));
  if (dangerous.length > 0) process.exitCode = 1;
}

function show(title: string, outcomes: readonly Outcome[]): void {
  if (outcomes.length === 0) return;
  console.log(`${title}:`);
  for (const { from, to, conversions, predicted, observed, observedWithSetting, example } of outcomes.slice(0, SHOWN)) {
    const more = observedWithSetting === undefined ? '' : `, with ${predicted.setting ?? ''}: ${observedWithSetting}`;
    console.log(`  ${short(from)} → ${short(to)} with '${conversions}': predicted ${predicted.verdict}, observed ${observed}${more}${example === undefined ? '' : ` (${example})`}`);
  }
  if (outcomes.length > SHOWN) console.log(`  … and ${outcomes.length - SHOWN} more (--report names all)`);
}

function short(definition: string): string {
  return definition.length > 60 ? `${definition.slice(0, 57)}...` : definition;
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} should be a whole number from 1, got '${text}'`);
  return number;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
