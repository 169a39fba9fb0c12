// Starts a TypeScript file of this repository from a fresh clone: installs the packages if they are missing or out of date, then runs
// the file. It is itself plain JavaScript for any Node that can say "too old", and needs no package.
//
//   node scripts/bootstrap.mjs rehearsal/main.ts --report report.json

import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MINIMUM_NODE = 20;
const LOCK_RETRY_MILLISECONDS = 200;
const LOCK_PATIENCE_MILLISECONDS = 15 * 60_000;
// nobody holds the lock for breaking locks longer than a moment; an older one belongs to a process that died.
const BREAKING_MILLISECONDS = 10_000;

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
const lockFile = path.join(root, 'package-lock.json');
const installLock = path.join(root, '.install.lock');

const [file, ...parameters] = process.argv.slice(2);

if (Number.parseInt(process.versions.node, 10) < MINIMUM_NODE) {
  fail(`this needs Node ${MINIMUM_NODE} or newer, and was started with ${process.version}: install a newer one from https://nodejs.org`);
} else if (!file) {
  fail('name the TypeScript file to run, such as: node scripts/bootstrap.mjs rehearsal/main.ts');
} else {
  try {
    await install();
    await run(path.resolve(root, file), parameters);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}

/** Makes sure that node_modules is what package-lock.json asks for; several processes may do this at once. */
async function install() {
  if (!fs.existsSync(lockFile)) throw new Error(`'${lockFile}' should be there: it names the packages to install`);
  if (isInstalled()) return;
  await withInstallLock(async () => {
    // another process may have installed them while this one waited.
    if (isInstalled()) return;
    process.stderr.write('Installing npm packages (once, about a minute) ...\n');
    const { code, output } = await npm(['ci', '--include=dev', '--no-audit', '--no-fund']);
    if (code !== 0) throw new Error(`${output}\n'npm ci' failed with exit code ${code}; its output is above. Is the package registry reachable?`);
    fs.writeFileSync(stampFile(), '');
  });
}

function isInstalled() {
  if (fs.existsSync(stampFile())) return true;
  if (!installedByHand()) return false;
  fs.writeFileSync(stampFile(), '');
  return true;
}

/** Written after a complete installation; its name changes with everything that would make another one necessary. */
function stampFile() {
  const hash = createHash('sha256').update(fs.readFileSync(lockFile)).update(`${process.platform} ${process.arch}`).digest('hex').slice(0, 16);
  return path.join(modules, `.stamp-${hash}`);
}

/** Whether somebody has run npm: it notes what it has installed, at the very end, in the form of package-lock.json. */
function installedByHand() {
  try {
    const wanted = JSON.parse(fs.readFileSync(lockFile, 'utf8')).packages;
    const found = JSON.parse(fs.readFileSync(path.join(modules, '.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(([name, entry]) => name === '' || entry.optional || found[name]?.version === entry.version);
  } catch {
    return false;
  }
}

function npm(words) {
  // under `npm start`, npm says where it is; it may not be on the PATH.
  const self = process.env['npm_execpath'];
  const [command, before] = self?.endsWith('npm-cli.js') ? [process.execPath, [self]] : ['npm', []];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...before, ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { output += chunk; });
    child.on('error', (error) => reject(new Error(`npm could not be started (${error.message}): it comes with Node, see https://nodejs.org`)));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** The lock is outside node_modules, because `npm ci` empties that folder. */
async function withInstallLock(action) {
  const mine = `${installLock}.${process.pid}.${randomUUID()}`;
  fs.writeFileSync(mine, JSON.stringify({ pid: process.pid, started: startTime(process.pid) }));
  try {
    const deadline = Date.now() + LOCK_PATIENCE_MILLISECONDS;
    let told = false;
    // a link appears with its content: nobody reads half of the holder's name.
    while (!linkIfFree(mine, installLock)) {
      const holder = readHolder(installLock);
      if (holder && !isAlive(holder)) {
        breakLock(holder);
      } else {
        if (!told && holder) process.stderr.write(`Waiting for process ${holder.pid}, which is installing npm packages ...\n`);
        told = true;
        if (Date.now() > deadline) throw new Error(`'${installLock}' has been held for 15 minutes: end process ${holder?.pid}, or remove that file`);
        await sleep(LOCK_RETRY_MILLISECONDS);
      }
    }
    try {
      await action();
    } finally {
      fs.rmSync(installLock, { force: true });
    }
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/** Removes the lock of a dead process; one process at a time, so that nobody removes the lock that another has just taken. */
function breakLock(dead) {
  const breaking = `${installLock}.breaking`;
  try {
    fs.mkdirSync(breaking);
  } catch {
    const age = Date.now() - (fs.statSync(breaking, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > BREAKING_MILLISECONDS) fs.rmSync(breaking, { recursive: true, force: true });
    return;
  }
  try {
    const holder = readHolder(installLock);
    if (holder?.pid === dead.pid && holder.started === dead.started) fs.rmSync(installLock, { force: true });
  } finally {
    fs.rmSync(breaking, { recursive: true, force: true });
  }
}

function linkIfFree(from, to) {
  try {
    fs.linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(name) {
  try {
    return JSON.parse(fs.readFileSync(name, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return startTime(pid) === started;
}

/** Tells a process from a later one with the same number; empty where the kernel does not say. */
function startTime(pid) {
  try {
    const status = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Runs the file in this process group and ends as it ends. */
async function run(script, words) {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = spawn(process.execPath, ['--import', tsx, script, ...words], { stdio: 'inherit' });
  // Ctrl-C on a terminal reaches the child by itself, and a second signal would hurry it; here it only must not end the parent first.
  const onTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  process.on('SIGINT', () => { if (!onTerminal) child.kill('SIGINT'); });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => { child.kill(signal); });
  const ended = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  process.exit(ended.code ?? 128 + (os.constants.signals[ended.signal] ?? 0));
}
