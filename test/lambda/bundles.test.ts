import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { TASKS, type TaskName } from '../../lib/private/functions';
import { ALL_TASK_NAMES } from '../lib/stacks';

const DIST = path.join(__dirname, '..', '..', 'lambda', 'dist');

/** What esbuild has put into each bundle. */
const contents = JSON.parse(fs.readFileSync(path.join(DIST, 'contents.json'), 'utf8')) as Record<string, { bytes: number; inputs: string[] }>;

const inZone = (...zones: string[]): TaskName[] => ALL_TASK_NAMES.filter((task) => zones.includes(TASKS[task].zone));

/** The packages of node_modules in a bundle. */
function packagesOf(task: TaskName): string[] {
  const names = (contents[task]?.inputs ?? []).map((input) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

test('every task has a bundle, and every bundle a task', () => {
  const folders = fs.readdirSync(DIST, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(folders.sort()).toEqual([...ALL_TASK_NAMES].sort());
  expect(Object.keys(contents).sort()).toEqual([...ALL_TASK_NAMES].sort());
});

test.each(ALL_TASK_NAMES)('%s is one file, of the size esbuild has told', (task) => {
  expect(fs.readdirSync(path.join(DIST, task))).toEqual(['index.js']);
  expect(fs.statSync(path.join(DIST, task, 'index.js')).size).toBe(contents[task]?.bytes);
});

describe('zones', () => {
  test.each(inZone('rds', 'none'))('%s cannot open a connection', (task) => {
    expect(packagesOf(task)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^mysql2$|rds-signer|client-secrets-manager/)]));
    expect(contents[task]?.inputs.filter((input) => input.startsWith('lambda/mysql/') && !isWithoutConnection(input))).toEqual([]);
  });

  test.each(inZone('mysql', 'none'))('%s cannot call RDS', (task) => {
    expect(packagesOf(task)).not.toContain('@aws-sdk/client-rds');
    expect(contents[task]?.inputs.filter((input) => input.startsWith('lambda/rds/'))).toEqual([]);
  });

  test.each(inZone('none'))('%s only computes', (task) => {
    expect(packagesOf(task).filter((name) => /^@aws-sdk\/|^@smithy\//.test(name))).toEqual([]);
  });

  test.each(ALL_TASK_NAMES)('%s contains nothing of the constructs but what both sides share', (task) => {
    expect((contents[task]?.inputs ?? []).filter((input) => input.startsWith('lib/') && input !== 'lib/private/contract.ts')).toEqual([]);
    expect(packagesOf(task)).not.toEqual(expect.arrayContaining([expect.stringMatching(/^aws-cdk-lib$|^constructs$/)]));
  });
});

describe('sizes', () => {
  // what a cold start takes grows with it: pass these figures only with a reason.
  test.each(inZone('rds', 'none').filter((task) => !['report', 'check-rds'].includes(task)))('%s has at most 350 KB', (task) => {
    expect(contents[task]?.bytes).toBeLessThanOrEqual(350_000);
  });

  test('check-rds, which has the checks of RDS, has at most 400 KB', () => {
    expect(contents['check-rds']?.bytes).toBeLessThanOrEqual(400_000);
  });

  test('report, which also writes to S3, has at most 500 KB', () => {
    expect(contents.report?.bytes).toBeLessThanOrEqual(500_000);
  });

  test.each(inZone('mysql'))('%s has at most 1.42 MB', (task) => {
    expect(contents[task]?.bytes).toBeLessThanOrEqual(1_420_000);
  });
});

describe('a bundle', () => {
  // the monitor is called by a schedule, which has no contract.
  test.each(ALL_TASK_NAMES.filter((task) => task !== 'monitor'))('%s says by name that the execution speaks another contract', (task) => {
    expect(errorOf(task, { contract: 0 })).toMatchObject({ name: 'PipelineChanged', message: expect.stringMatching(/^this execution speaks contract 0, .*start a new one with \{\}/) });
  });
});

/** Text about names of MySQL needs no connection. */
function isWithoutConnection(input: string): boolean {
  return /^lambda\/mysql\/(names|dialect)\.ts$/.test(input);
}

/** What the handler of a bundle throws, in a process that has nothing but the bundle. */
function errorOf(task: TaskName, event: unknown): unknown {
  const script = `require(process.argv[1]).handler(JSON.parse(process.argv[2])).then(
    () => ({}), ({ name, message }) => ({ name, message }),
  ).then((outcome) => process.stdout.write(JSON.stringify(outcome)))`;
  const bundle = path.join(DIST, task, 'index.js');
  return JSON.parse(execFileSync(process.execPath, ['-e', script, bundle, JSON.stringify(event)], { encoding: 'utf8', env: { NODE_NO_WARNINGS: '1' } })) as unknown;
}
