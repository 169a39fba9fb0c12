import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type RehearsalReport } from '../../../rehearsal/terminal/summary';

const ROOT = path.join(__dirname, '..', '..', '..');

/** Runs `npm start` as a user does, with a temporary folder of its own. */
function npmStart(folder: string, ...words: string[]): { child: ChildProcess; ended: Promise<{ code: number | null; output: string }> } {
  const child = spawn('npm', ['start', '--', ...words], { cwd: ROOT, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: folder } });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => { output += chunk; });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => { output += chunk; });
  return { child, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, output }))) };
}

/** Processes whose command line or environment names the folder. */
function processesOf(folder: string): string[] {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      return ['cmdline', 'environ'].some((file) => fs.readFileSync(path.join('/proc', pid, file), 'utf8').includes(folder));
    } catch {
      return false; // it has ended meanwhile, or belongs to somebody else.
    }
  });
}

describe('npm start', () => {
  const folders: string[] = [];
  const temporary = () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'npm-start-'));
    folders.push(folder);
    return folder;
  };

  afterAll(() => folders.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

  test('rehearses the whole pipeline at full size: nothing lost, every table utf8mb4, four-byte text stored', async () => {
    const folder = temporary();
    const file = path.join(folder, 'report.json');
    const hook = path.join(folder, 'hook');
    fs.mkdirSync(hook);
    fs.writeFileSync(path.join(hook, 'index.js'), 'exports.handler = async (event) => console.log(JSON.stringify(event));');

    const { code, output } = await npmStart(folder, '--report', file, '--hook', `afterSwitchover=${hook}`).ended;

    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
    const report = JSON.parse(fs.readFileSync(file, 'utf8')) as RehearsalReport;
    expect(report).toMatchObject({ status: 'SUCCEEDED', lostWrites: 0, corruptedRows: 0 });
    expect(report).not.toHaveProperty('error');
    expect(report.acknowledgedWrites).toBeGreaterThan(100);
    expect(report.tables.length).toBeGreaterThanOrEqual(8);
    expect(report.tables.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThanOrEqual(300_000);
    expect(new Set(report.tables.map(({ characterSetAfter }) => characterSetAfter))).toEqual(new Set(['utf8mb4']));
    expect(new Set(report.tables.flatMap(({ characterSetBefore }) => characterSetBefore.split(', ')))).toEqual(new Set(['ascii', 'utf8mb3']));
    expect(report.states.map(({ name }) => name)).toEqual(expect.arrayContaining(['Read Input', 'Create Green', 'Run Migration', 'Compare Data', 'Switch Over', 'Restore Production', 'Report']));
    expect(report.historyEvents).toBeLessThan(5000);
    expect(report.writeOutageMilliseconds).toBeGreaterThan(0);
    expect(output).toMatch(/four-byte text before: .* refused by the table and refused through the procedure \(error 1366\)/);
    expect(output).toMatch(/four-byte text after: .* stored by the table and stored through the procedure/);
    expect(output).toMatch(/afterSwitchover: \{"hook":"afterSwitchover",.*"green":\{"identifier":"shop",/);
    expect(processesOf(folder)).toEqual([]);
  }, 600_000);

  test.each([300, 3500, 9000])('leaves no process and no file behind when Ctrl-C comes after %i ms', async (milliseconds) => {
    const folder = temporary();
    const { child, ended } = npmStart(folder, '--rows', '1000');
    await new Promise((wake) => setTimeout(wake, milliseconds));

    // a terminal sends the signal to every process of the foreground group.
    process.kill(-(child.pid ?? 0), 'SIGINT');

    const { code } = await ended;
    expect(code).not.toBe(0);
    await gone(folder);
  }, 60_000);

  test('fails with the usage on unknown words', async () => {
    const { code, output } = await npmStart(temporary(), '--row', '5').ended;

    expect(code).not.toBe(0);
    expect(output).toMatch(/--rows N/);
  }, 60_000);
});

/** The watchdog gives processes a moment to end. */
async function gone(folder: string): Promise<void> {
  // the watchdog removes what is left when the last process has ended.
  const left = () => [...processesOf(folder), ...fs.readdirSync(folder).filter((name) => name.startsWith('blue-green'))];
  for (let tries = 0; tries < 100 && left().length > 0; tries += 1) await new Promise((wake) => setTimeout(wake, 100));
  expect(left()).toEqual([]);
}
