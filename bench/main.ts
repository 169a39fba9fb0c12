// Measures; asserts nothing. npm run bench <name> [-- options]; every bench takes --report FILE, and its other options are at its place in the table.
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { benchCompare } from './compare';
import { benchHistory } from './history';
import { benchMigration } from './migration';
import { CONTENDERS, type ContenderName } from './migration/contenders';
import { benchPlan } from './plan';
import { benchStartup } from './startup';

/** The options of a bench as they were written. */
type Options = Readonly<Record<string, string | undefined>>;

interface Bench {
  readonly options: readonly string[];
  readonly run: (options: Options) => Promise<unknown>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  /** --rows 3000000 --rounds 3 --pool 96 (MB) --only script,engine */
  migration: {
    options: ['rows', 'rounds', 'pool', 'only'],
    run: ({ rows = '3000000', rounds = '3', pool = '96', only }) => benchMigration({
      rows: wholeNumber('rows', rows), rounds: wholeNumber('rounds', rounds), poolMegabytes: wholeNumber('pool', pool), contenders: namesOf(only),
    }),
  },
  /** --rows 2000000 --rounds 5 --pool 512 (MB) */
  compare: {
    options: ['rows', 'rounds', 'pool'],
    run: ({ rows = '2000000', rounds = '5', pool = '512' }) => benchCompare({
      rows: wholeNumber('rows', rows), rounds: wholeNumber('rounds', rounds), poolMegabytes: wholeNumber('pool', pool),
    }),
  },
  /** --tables 10000 --shapes 10000 */
  plan: {
    options: ['tables', 'shapes'],
    run: ({ tables = '10000', shapes = tables }) => benchPlan(wholeNumber('tables', tables), wholeNumber('shapes', shapes)),
  },
  history: { options: [], run: () => benchHistory() },
  /** --rounds 10 */
  startup: { options: ['rounds'], run: ({ rounds = '10' }) => benchStartup(wholeNumber('rounds', rounds)) },
};

async function main(words: readonly string[]): Promise<void> {
  const [name = '', ...rest] = words.filter((word) => word !== '--');
  const bench = Object.entries(BENCHES).find(([known]) => known === name)?.[1];
  if (bench === undefined) throw new Error(`name what to measure: npm run bench ${Object.keys(BENCHES).join(' | ')}`);
  const options = Object.fromEntries([...bench.options, 'report'].map((option) => [option, { type: 'string' } as const]));
  const { values } = parseArgs({ args: rest, options });
  const report = await bench.run(values as Options);
  if (typeof values.report === 'string') fs.writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
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
