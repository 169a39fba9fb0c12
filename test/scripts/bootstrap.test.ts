import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const repository = path.join(__dirname, '..', '..');

/** Stands for npm: takes a moment, counts its calls, and installs what this test needs. */
const FAKE_NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
console.log('much that nobody wants to read');
if (fs.existsSync('registry-down')) { console.error('E503 registry'); process.exit(7); }
setTimeout(() => {
  fs.rmSync('node_modules', { recursive: true, force: true });
  fs.mkdirSync('node_modules');
  fs.symlinkSync(${JSON.stringify(path.join(repository, 'node_modules', 'tsx'))}, 'node_modules/tsx');
}, 500);
`;

let root: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'bootstrap-test-'));
  fs.mkdirSync(path.join(root, 'scripts'));
  fs.copyFileSync(path.join(repository, 'scripts', 'bootstrap.mjs'), path.join(root, 'scripts', 'bootstrap.mjs'));
  write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/tsx': { version: '4.0.0' } } }));
  write('npm-cli.js', FAKE_NPM);
  write('main.ts', "const words: string[] = process.argv.slice(2); console.log('ran with', words.join(',')); process.exit(Number(words[0] ?? 0));");
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  fs.rmSync(root, { recursive: true, force: true });
});

function write(name: string, content: string): void {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), content);
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
  /** Resolves when the text has been printed. */
  printed(text: string): Promise<void>;
}

function bootstrap(...words: string[]): Run {
  const environment = { ...process.env, npm_execpath: path.join(root, 'npm-cli.js') };
  const child = spawn(process.execPath, [path.join(root, 'scripts', 'bootstrap.mjs'), ...words], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  let notify: () => void = () => undefined;
  const collect = (chunk: Buffer) => { output += chunk.toString(); notify(); };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return {
    child,
    ended: new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, output }))),
    printed: (text) => new Promise((resolve) => {
      notify = () => { if (output.includes(text)) resolve(); };
      notify();
    }),
  };
}

function npmCalls(): string[] {
  return fs.existsSync(path.join(root, 'npm-calls')) ? fs.readFileSync(path.join(root, 'npm-calls'), 'utf8').trim().split('\n') : [];
}

/** What the installation leaves in the root beside the packages. */
function leftovers(): string[] {
  return fs.readdirSync(root).filter((name) => name.includes('install'));
}

test('installs what is missing, once, and passes words and exit code on', async () => {
  const first = await bootstrap('main.ts', '3', '--report', 'x').ended;
  expect(first).toMatchObject({ code: 3, signal: null });
  expect(first.output).toContain('Installing npm packages');
  expect(first.output).toContain('ran with 3,--report,x');
  expect(first.output).not.toContain('nobody wants to read');
  const second = await bootstrap('main.ts').ended;
  expect(second).toMatchObject({ code: 0, output: 'ran with \n' });
  expect(npmCalls()).toEqual(['ci --include=dev --no-audit --no-fund']);
  expect(leftovers()).toEqual([]);
});

test('installs anew when package-lock.json has changed', async () => {
  await bootstrap('main.ts').ended;
  write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/tsx': { version: '4.0.1' } } }));
  await bootstrap('main.ts').ended;
  expect(npmCalls()).toHaveLength(2);
});

test('takes what somebody has installed by npm', async () => {
  fs.mkdirSync(path.join(root, 'node_modules'));
  fs.symlinkSync(path.join(repository, 'node_modules', 'tsx'), path.join(root, 'node_modules', 'tsx'));
  write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/tsx': { version: '4.0.0' } } }));
  expect(await bootstrap('main.ts').ended).toMatchObject({ code: 0 });
  expect(npmCalls()).toEqual([]);
});

test('installs once when two start at the same time', async () => {
  const results = await Promise.all([bootstrap('main.ts', '0').ended, bootstrap('main.ts', '0').ended]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(npmCalls()).toHaveLength(1);
  expect(leftovers()).toEqual([]);
});

test('takes over the lock of a process that has died', async () => {
  const dead = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => dead.on('close', resolve));
  write('.install.lock', JSON.stringify({ pid: dead.pid, started: '1' }));
  expect(await bootstrap('main.ts').ended).toMatchObject({ code: 0 });
  expect(leftovers()).toEqual([]);
});

test('shows what npm has printed when it fails', async () => {
  write('registry-down', '');
  const { code, output } = await bootstrap('main.ts').ended;
  expect(code).toBe(1);
  expect(output).toContain('E503 registry');
  expect(output).toContain("'npm ci' failed with exit code 7");
  expect(output).not.toContain('ran with');
  expect(leftovers()).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('passes %s on, waits, and ends as the program ends', async (signal) => {
  write('main.ts', `process.on('${signal}', () => setTimeout(() => { console.log('tidied up'); process.exit(9); }, 300)); setInterval(() => undefined, 1000); console.log('ready');`);
  const run = bootstrap('main.ts');
  await run.printed('ready');
  run.child.kill(signal);
  const { code, output } = await run.ended;
  expect(code).toBe(9);
  expect(output).toContain('tidied up');
});

test('ends with 128 + the number of the signal that killed the program', async () => {
  write('main.ts', "process.kill(process.pid, 'SIGKILL');");
  expect(await bootstrap('main.ts').ended).toMatchObject({ code: 137 });
});

test('fails without a file to run', async () => {
  const { code, output } = await bootstrap().ended;
  expect(code).toBe(1);
  expect(output).toContain('name the TypeScript file to run');
});
