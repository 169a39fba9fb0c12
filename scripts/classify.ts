// Asks the classifier what replication does to a changed column, and prints the verdict as JSON:
//
//   npm run classify -- --from 'VARCHAR(64) CHARACTER SET utf8mb3' --to 'VARCHAR(64) CHARACTER SET utf8mb4' --conversions ALL_NON_LOSSY
//   npm run classify -- --stdin      one { "from": …, "to": …, "conversions": … } a line; one answer a line, in the same order

import readline from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { classifyColumn } from '../lambda/compatibility/classify-column';

const question = z.object({ from: z.string(), to: z.string(), conversions: z.string().default('') });

async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: words.filter((word) => word !== '--'),
    options: { from: { type: 'string' }, to: { type: 'string' }, conversions: { type: 'string' }, stdin: { type: 'boolean' } },
  });
  if (values.stdin === true) return answerLines();
  if (values.from === undefined || values.to === undefined) throw new Error(`name both definitions: npm run classify -- --from 'INT' --to 'BIGINT' --conversions ALL_NON_LOSSY`);
  console.log(JSON.stringify(classifyColumn(values.from, values.to, values.conversions ?? ''), null, 2));
}

/** A line that cannot be answered is answered by `{ "error": … }`, so that answers stay beside their questions. */
async function answerLines(): Promise<void> {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue;
    console.log(JSON.stringify(answer(line)));
  }
}

function answer(line: string): object {
  try {
    const { from, to, conversions } = question.parse(JSON.parse(line));
    return classifyColumn(from, to, conversions);
  } catch (error) {
    process.exitCode = 1;
    return { error: error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error) };
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
