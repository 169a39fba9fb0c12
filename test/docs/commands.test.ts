import fs from 'node:fs';
import path from 'node:path';
import * as rds from '@aws-sdk/client-rds';
import { root } from '../../scripts/stages';
import { type Block, blocks } from './pages';

/** What runs a command of these pages, with a word by which one sees that it does. */
interface Evidence {
  readonly file: string;
  readonly contains: string;
}

/** Every command the pages may tell a reader to run, and where it is run. A new one needs a line here, and something that runs it. */
const COMMANDS: ReadonlyArray<readonly [command: RegExp, evidence: Evidence]> = [
  [/^npm start( -- --rows \d+| -- --report report\.json)?$/, { file: 'test/rehearsal/command/start.test.ts', contains: '--report' }],
  [/^npm test$/, { file: '.ci/run', contains: 'npm test' }],
  [/^npm test -- test\/docs$/, { file: 'scripts/test.ts', contains: 'selectedTests(paths' }],
  [/^npm run bundle$/, { file: 'scripts/test.ts', contains: 'lambda/build.mjs' }],
  [/^npm run lint$/, { file: 'scripts/test.ts', contains: `command('eslint', ['.'])` }],
  [/^npm run typecheck$/, { file: 'scripts/test.ts', contains: `command('tsc', ['--noEmit'` }],
  [/^npm run build$/, { file: 'scripts/test.ts', contains: `command('jsii-docgen'` }],
  [/^npm run classify -- --from /, { file: 'test/scripts/classify.test.ts', contains: `'scripts/classify.ts'` }],
  [/^npm run verify:matrix$/, { file: 'test/lambda/compatibility/matrix.test.ts', contains: 'runMatrix(' }],
  [/^npm run bench history$/, { file: 'test/scripts/bench.test.ts', contains: `bench('history')` }],
  [/^npm run bench startup -- --rounds \d+$/, { file: 'test/scripts/bench.test.ts', contains: `'startup'` }],
  [/^npm run campaign -- --runs \d+ --seed \d+$/, { file: 'test/lambda/migration/campaign.test.ts', contains: 'campaignRun(' }],
  [/^npx cdk synth$/, { file: 'scripts/test.ts', contains: `command('cdk', ['synth'` }],
  [/^npx tsx scripts\/checks-table\.ts$/, { file: 'test/docs/tables.test.ts', contains: 'checksTable()' }],
  [/^npx tsx scripts\/state-machine-picture\.ts$/, { file: 'test/scripts/pictures.test.ts', contains: 'stateMachinePicture()' }],
  [/^npx tsx scripts\/permissions-table\.ts$/, { file: 'test/docs/tables.test.ts', contains: 'permissionsTable()' }],
];

/** Needs an AWS account, so nothing here can run it; the synthesis before it is tested. */
const DEPLOY = /^npx cdk deploy$/;

interface Command {
  readonly where: string;
  readonly text: string;
}

function commands(): Command[] {
  const lines = ({ where, text }: Block) => text.split('\n').map((line) => ({ where, text: line.trim() }));
  return blocks('sh', 'bash', 'shell', 'console').flatMap(lines).filter(({ text }) => text !== '' && !text.startsWith('#'));
}

describe('commands in README and docs', () => {
  const all = commands();

  test('are all known, and each is run by a test', () => {
    const unknown = all.filter(({ text }) => !text.startsWith('aws ') && !DEPLOY.test(text) && !COMMANDS.some(([command]) => command.test(text)));
    expect(unknown).toEqual([]);
  });

  test.each(COMMANDS)('%s is run where this test says, and is still in the pages', (command, { file, contains }) => {
    expect(fs.readFileSync(path.join(root, file), 'utf8')).toContain(contains);
    expect(all.some(({ text }) => command.test(text))).toBe(true);
  });

  test('of npm are scripts of package.json', () => {
    const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const names = all.flatMap(({ text }) => /^npm (?:run )?([\w:]+)/.exec(text)?.[1] ?? []);
    expect(names.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('of the AWS CLI exist in the API, with the options they are given', () => {
    expect(all.filter(({ text }) => text.startsWith('aws ')).flatMap(cliErrors)).toEqual([]);
  });

  test('of the AWS CLI would be refused if they were misspelt', () => {
    const misspelt = ['aws rds describe-blue-green-deployment', 'aws rds delete-blue-green-deployment --delete-targets', 'aws s3 ls'].map((text) => ({ where: 'here', text }));
    expect(misspelt.flatMap(cliErrors)).toHaveLength(3);
  });
});

/** What is wrong with a command of the AWS CLI, judged by the schemas of the SDK. */
function cliErrors({ where, text }: Command): string[] {
  const [, operation, options = ''] = /^aws rds ([a-z-]+)(.*)$/.exec(text) ?? [];
  if (operation === undefined) return [`${where}: only RDS is expected here, got '${text}'`];
  const schema = (rds as unknown as Record<string, unknown>)[`${pascal(operation)}$`];
  if (schema === undefined) return [`${where}: RDS has no operation '${operation}'`];
  const members = membersOf((schema as unknown[])[4]);
  const unknown = [...options.matchAll(/--([a-z-]+)/g)].map(([, option = '']) => option).filter((option) => !members.includes(pascal(option).toLowerCase()));
  return unknown.map((option) => `${where}: '${operation}' has no option '--${option}'`);
}

/** The members of an operation's input, in lower case. */
function membersOf(input: unknown): string[] {
  const shape = (typeof input === 'function' ? (input as () => unknown)() : input) as unknown[];
  return (shape[4] as string[]).map((member) => member.toLowerCase());
}

/** `describe-db-clusters` → `DescribeDbClusters`, but for the capitals of abbreviations. */
function pascal(words: string): string {
  const joined = words.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return joined.replace('Db', 'DB');
}
