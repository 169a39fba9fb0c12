// Kills functions, workers and Green's server at random moments of migrations: npm run campaign [-- --runs 20 --seed 1]
import { parseArgs } from 'node:util';
import { openPair } from '../test/lambda/helpers/pair';
import { campaignRun } from '../test/lambda/migration/campaign';

async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: words.filter((word) => word !== '--'), options: { runs: { type: 'string' }, seed: { type: 'string' } } });
  const [runs, first] = [Number(values.runs ?? 20), Number(values.seed ?? 1)];
  if (!Number.isInteger(runs) || !Number.isInteger(first) || runs < 1 || first < 0) throw new Error(`'--runs' and '--seed' should be whole numbers, got '${values.runs}' and '${values.seed}'`);
  let failed = 0;
  const pair = await openPair();
  try {
    for (let seed = first; seed < first + runs; seed += 1) {
      const startedAt = performance.now();
      const { victim, applier, after, problems } = await campaignRun(pair, seed);
      if (problems.length > 0) failed += 1;
      console.log(`seed ${seed}: ${victim} killed after ${after} steps, applier ${applier}, ${problems.length === 0 ? 'all is well' : problems.join('\n  ')} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    }
  } finally {
    await pair.close();
  }
  console.log(`${runs - failed} of ${runs} runs ended with the right schema, equal data and a complete ledger`);
  if (failed > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
