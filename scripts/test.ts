// Everything that must hold before a change is done: npm test. With paths (npm test -- test/rehearsal) only those tests run.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { useAsConsumer } from './consumer';
import { withLock } from './generated';
import { command, type CommandResult, oneTest, root, stage, type StageResult, stopCommands } from './stages';

/** What the published library is made of; anything else is not there when jsii compiles it. */
const LIBRARY_FILES = ['package.json', 'README.md', 'LICENSE', 'tsconfig.jsii.json', 'lib'];

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

async function main(paths: readonly string[]): Promise<number> {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-rds-blue-green-test-'));
  for (const signal of SIGNALS) process.on(signal, () => { stopCommands(signal); });
  try {
    const results = paths.length > 0 ? await selectedTests(paths, temporary) : await allTests(temporary);
    const sum = (count: (result: StageResult) => number) => results.reduce((total, result) => total + count(result), 0);
    const failed = sum((result) => result.failed);
    console.log(`${sum((result) => result.passed)} passed, ${failed} failed`);
    return failed > 0 ? 1 : 0;
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true });
  }
}

async function allTests(temporary: string): Promise<StageResult[]> {
  // tests and examples read the bundles.
  const bundle = await stage('bundle', () => oneTest(() => command('node', ['lambda/build.mjs'])));
  // two at a time; the tests proper then have the machine to themselves.
  const checks = await Promise.all([
    stage('lint', () => oneTest(() => command('eslint', ['.']))).then(async (lint) => [lint, await stage('synth', () => synthExamples(temporary))]),
    stage('types', () => oneTest(() => command('tsc', ['--noEmit', '--pretty', 'false']))).then(async (types) => [types, await stage('jsii', () => compileLibrary(temporary)), await stage('package', () => consumer(temporary))]),
  ]);
  return [bundle, ...checks.flat(), await stage('jest', () => jest([], temporary))];
}

async function selectedTests(paths: readonly string[], temporary: string): Promise<StageResult[]> {
  const bundle = await oneTest(() => command('node', ['lambda/build.mjs']));
  if (bundle.failed > 0) return [await stage('bundle', () => Promise.resolve(bundle))];
  return [await stage('jest', () => jest(paths, temporary))];
}

/** Compiles in a copy, so that two runs at once never read each other's half-written files. */
async function compileLibrary(temporary: string): Promise<StageResult> {
  const copy = path.join(temporary, 'library');
  fs.mkdirSync(copy);
  for (const name of LIBRARY_FILES) fs.cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  // the compiler takes more than a gigabyte of memory: one at a time.
  return withLock('jsii', () => oneTest(
    () => command('jsii', ['--fail-on-warnings'], { cwd: copy }),
    () => command('jsii-docgen', ['--output', 'API.md'], { cwd: copy }),
    () => compareApi(path.join(copy, 'API.md')),
  ));
}

function consumer(temporary: string): Promise<StageResult> {
  const folder = path.join(temporary, 'consumer');
  fs.mkdirSync(folder);
  return useAsConsumer(path.join(temporary, 'library'), folder);
}

async function compareApi(generated: string): Promise<CommandResult> {
  const committed = path.join(root, 'API.md');
  const same = fs.existsSync(committed) && fs.readFileSync(committed, 'utf8') === fs.readFileSync(generated, 'utf8');
  return { succeeded: same, output: "API.md does not describe the public API as it is now: run 'npm run build' and commit it" };
}

async function synthExamples(temporary: string): Promise<StageResult> {
  const examples = fs.readdirSync(path.join(root, 'examples')).filter((name) => fs.existsSync(path.join(root, 'examples', name, 'app.ts')));
  if (examples.length === 0) return { passed: 0, failed: 1, output: "no 'examples/<name>/app.ts' found" };
  return oneTest(...examples.map((name) => () => {
    const output = path.join(temporary, `synth-${name}`);
    return command('cdk', ['synth', '--quiet', '--no-notices', '--no-version-reporting', '--app', `node --import tsx examples/${name}/app.ts`, '--output', output]);
  }));
}

/** The part of jest's report that is read here. */
interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: ReadonlyArray<{ readonly name: string; readonly status: string }>;
}

/** More failed files than these are no accident. */
const FILES_WORTH_A_SECOND_LOOK = 2;

/**
 * Real servers on a busy machine: one file or two that failed run once more, alone. What failed first is printed either way, and a
 * test that fails twice has failed.
 */
async function jest(paths: readonly string[], temporary: string): Promise<StageResult> {
  // more than two processors: much of the time, tests wait for servers.
  const first = await jestOnce(paths, path.join(temporary, 'jest.json'), '--maxWorkers=3');
  if (first.failed === 0 || first.failedFiles.length === 0 || first.failedFiles.length > FILES_WORTH_A_SECOND_LOOK) return first;
  const second = await jestOnce(first.failedFiles, path.join(temporary, 'jest-again.json'), '--runInBand');
  if (second.failed > 0) return { ...first, output: `${first.output}\n${second.output}` };
  console.log(`  passed only at the second attempt, alone: ${first.failedFiles.map((file) => path.relative(root, file)).join(', ')}\n${first.output.trimEnd()}`);
  return { passed: first.passed + first.failed, failed: 0, output: '' };
}

async function jestOnce(paths: readonly string[], report: string, workers: string): Promise<StageResult & { readonly failedFiles: readonly string[] }> {
  const words = ['--config', 'jest.config.json', workers, '--json', '--outputFile', report, ...paths];
  const { succeeded, output } = await command('jest', words, {
    onLine: (line) => { if (/^(PASS|FAIL) /.test(line)) console.log(`  ${line}`); },
  });
  if (!fs.existsSync(report)) return { passed: 0, failed: 1, output, failedFiles: [] };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults } = JSON.parse(fs.readFileSync(report, 'utf8')) as JestReport;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  const failedFiles = testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  // jest may also fail without a failed test, such as when no test matches.
  return { passed: numPassedTests, failed: succeeded ? failed : Math.max(1, failed), output: withoutReport(output), failedFiles };
}

/** Only what tells of failures: jest prints a page for a run, and the report into the same stream where it may. */
function withoutReport(output: string): string {
  return output.split('\n').filter((line) => !line.startsWith('PASS ') && !line.startsWith('{"numFailedTestSuites"')).join('\n');
}

void main(process.argv.slice(2).filter((word) => word !== '--')).then((code) => { process.exitCode = code; });
