// Measures; asserts nothing. npm run bench migration [-- --rows 3000000 --rounds 3 --pool 96 --only script,engine --report bench.json]
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { benchMigration, type MigrationBenchOptions } from './migration';
import { CONTENDERS, type ContenderName } from './migration/contenders';

async function main(words: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: words.filter((word) => word !== '--'), allowPositionals: true,
    options: { rows: { type: 'string' }, rounds: { type: 'string' }, pool: { type: 'string' }, only: { type: 'string' }, report: { type: 'string' } },
  });
  if (positionals.length !== 1 || positionals[0] !== 'migration') throw new Error('name what to measure: npm run bench migration');
  const options: MigrationBenchOptions = {
    rows: wholeNumber('rows', values.rows ?? '3000000'),
    rounds: wholeNumber('rounds', values.rounds ?? '3'),
    poolMegabytes: wholeNumber('pool', values.pool ?? '96'),
    contenders: namesOf(values.only),
  };
  const report = await benchMigration(options);
  if (values.report !== undefined) fs.writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`--${name} should be a whole number from 1, got '${text}'`);
  return number;
}

function namesOf(only: string | undefined): readonly ContenderName[] {
  const known = Object.keys(CONTENDERS) as ContenderName[];
  const wanted = only?.split(',') ?? known;
  const unknown = wanted.filter((name) => !known.some((one) => one === name));
  if (unknown.length > 0) throw new Error(`--only knows ${known.join(', ')}; got ${unknown.join(', ')}`);
  return known.filter((name) => wanted.includes(name));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
