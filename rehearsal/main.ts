// npm start: rehearses the pipeline on this machine, from the synthesized example to the switchover.
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Report } from '../lambda/report/content';
import { reportPage } from '../lambda/report/page';
import { type HookFolders, hookFolders } from './hook-folders';
import { ProcessScope } from './mysql';
import { Rehearsal } from './rehearsal';
import { errorOf, eventsOf, rowCounts, statesOf, tableCharacterSets, type TableCharacterSets } from './report';
import { type FourByteTextResult, probeFourByteText } from './sample/four-byte-text';
import { Progress } from './terminal/progress';
import { SituationDisplay } from './terminal/situation';
import { type RehearsalReport, summaryText } from './terminal/summary';

const USAGE = `npm start -- [--rows N] [--report FILE] [--hook NAME=FOLDER]

Rehearses the whole pipeline on this machine: real MySQL servers, the synthesized state machine of examples/utf8mb4, its bundled functions.

  --rows N       rows of the sample shop (default 300000)
  --report FILE  writes what happened as JSON, and the execution's own report as a page beside it (FILE.html)
  --hook NAME=FOLDER
                 runs your function as a hook (beforeMigration, beforeSwitchover, afterSwitchover, onFailure); FOLDER has an index.js that exports handler
`;

/** How long the application goes on writing on the new production before everything is verified. */
const AFTERWARDS_MILLISECONDS = 2000;

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function main(): Promise<number> {
  const options = readArguments();
  if (options === undefined) return 2;
  const scope = await ProcessScope.open('rehearsal');
  const progress = new Progress();
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => void endEarly(scope, progress, code));
  try {
    await promisify(execFile)(process.execPath, [join(__dirname, '..', 'lambda', 'build.mjs')]);
    const { report, output } = await rehearse(scope, progress, options);
    progress.end();
    console.log(`\n${summaryText(report)}`);
    if (options.report !== undefined) {
      mkdirSync(dirname(resolve(options.report)), { recursive: true });
      writeFileSync(options.report, `${JSON.stringify(report, undefined, 2)}\n`);
      if (output !== undefined) writeFileSync(`${options.report.replace(/\.json$/, '')}.html`, reportPage(output));
    }
    return report.status === 'SUCCEEDED' && report.lostWrites === 0 && report.corruptedRows === 0 && report.error === undefined ? 0 : 1;
  } finally {
    progress.end();
    await scope.close();
  }
}

async function rehearse(scope: ProcessScope, progress: Progress, options: Options): Promise<{ report: RehearsalReport; output?: Report }> {
  const { rows, hooks: { functions, hooks } } = options;
  const rehearsal = await Rehearsal.open({
    scope, rows, functions, pipeline: (elsewhere) => ({ hooks: hooks(elsewhere) }),
    say: (line) => progress.line(line),
    log: (name, line) => { if (functions.some(({ arn }) => arn.endsWith(`:${name}`))) progress.line(`${name}: ${line}`); },
  });
  const before = await onProduction(rehearsal, tableCharacterSets);
  progress.line(`four-byte text before: ${inWords(await onProduction(rehearsal, probeFourByteText))}`);
  const writer = rehearsal.writer();
  await writer.start();

  const display = new SituationDisplay();
  const startedAt = Date.now();
  const show = () => progress.update(display.now((Date.now() - startedAt) / 1000, writer.acknowledgedWrites));
  const execution = rehearsal.start({}, (event) => { display.note(event); show(); });
  const timer = setInterval(show, 500);
  const result = await execution.finished.finally(() => clearInterval(timer));
  if (result.status === 'SUCCEEDED') await new Promise((wake) => setTimeout(wake, AFTERWARDS_MILLISECONDS));
  await writer.stop();
  // what follows an end, such as the hook onFailure.
  await rehearsal.eventBridge.settled();

  const probed = await onProduction(rehearsal, probeFourByteText);
  progress.line(`four-byte text after: ${inWords(probed)}`);
  const verification = await onProduction(rehearsal, (connection) => writer.verify(connection));
  for (const example of verification.examples) progress.line(example);
  rehearsal.leaked().mustBeNone();
  const error = errorOf(result) ?? (isStored(probed) ? undefined : `after the switchover, four-byte text is still refused (error ${probed.errno})`);
  const report = {
    status: result.status,
    states: statesOf(execution.history),
    historyEvents: eventsOf(execution),
    acknowledgedWrites: verification.acknowledgedWrites,
    lostWrites: verification.lostWrites,
    corruptedRows: verification.corruptedRows,
    writeOutageMilliseconds: Math.round(writer.writeOutageMilliseconds),
    tables: await tables(rehearsal, before),
    ...error === undefined ? {} : { error },
  };
  return result.status === 'SUCCEEDED' ? { report, output: result.output as Report } : { report };
}

async function onProduction<Result>(rehearsal: Rehearsal, work: (connection: Awaited<ReturnType<Rehearsal['connect']>>) => Promise<Result>): Promise<Result> {
  const connection = await rehearsal.connect('shop');
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

async function tables(rehearsal: Rehearsal, before: readonly TableCharacterSets[]): Promise<RehearsalReport['tables']> {
  return onProduction(rehearsal, async (connection) => {
    const [after, counts] = [await tableCharacterSets(connection), await rowCounts(connection, before)];
    return before.map(({ name, characterSets }) => ({
      name,
      rows: counts.get(name) ?? 0,
      characterSetBefore: characterSets,
      characterSetAfter: after.find((table) => table.name === name)?.characterSets ?? 'missing',
    }));
  });
}

function isStored({ table, procedure }: FourByteTextResult): boolean {
  return table === 'stored' && procedure === 'stored';
}

function inWords({ table, procedure, errno }: FourByteTextResult): string {
  return `'𠮷' and an emoji are ${table} by the table and ${procedure} through the procedure${errno === undefined ? '' : ` (error ${errno})`}`;
}

interface Options {
  readonly rows: number;
  readonly report?: string;
  readonly hooks: HookFolders;
}

function readArguments(): Options | undefined {
  try {
    const { values } = parseArgs({ options: {
      rows: { type: 'string', default: '300000' }, report: { type: 'string' }, hook: { type: 'string', multiple: true, default: [] }, help: { type: 'boolean', short: 'h' },
    } });
    const rows = Number(values.rows);
    if (values.help === true) console.log(USAGE);
    else if (!Number.isInteger(rows) || rows < 300) console.error(`'--rows' should be a whole number from 300 on, got '${values.rows}'`);
    else return { rows, report: values.report, hooks: hookFolders(values.hook) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
  return undefined;
}

/** Ends every process in order: nothing may stay behind, whatever moment it is. */
async function endEarly(scope: ProcessScope, progress: Progress, code: number): Promise<void> {
  progress.end();
  console.error('\nending the servers …');
  await scope.close().catch((error: unknown) => console.error(error));
  process.exit(code);
}

main().then((code) => { process.exitCode = code; }, (error: unknown) => {
  console.error(error instanceof Error ? error.stack : error);
  process.exitCode = 1;
});
