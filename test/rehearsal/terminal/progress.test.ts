import { Progress, type ProgressStream } from '../../../rehearsal/terminal/progress';

/** A terminal that keeps what is written; as much of one as these tests need. */
class Terminal {
  public written = '';
  public readonly columns = 60;
  constructor(public readonly isTTY: boolean) {}
  public readonly write: ProgressStream['write'] = (text: string | Uint8Array) => {
    this.written += String(text);
    return true;
  };

  /** The lines on the screen, after cursor movements and deletions. */
  public get screen(): string[] {
    const lines: string[] = [''];
    for (const part of this.written.split(/(\x1b\[[0-9?]*[A-Za-z]|\r|\n)/)) {
      const up = /^\x1b\[(\d+)A$/.exec(part);
      if (up) lines.splice(lines.length - 1 - Number(up[1]), Infinity, '');
      else if (part === '\n') lines.push('');
      else if (part !== '\r' && !part.startsWith('\x1b[')) lines[lines.length - 1] += part;
    }
    return lines;
  }
}

const HIDDEN = '\x1b[?25l';
const SHOWN = '\x1b[?25h';

beforeEach(() => { jest.useFakeTimers(); });
afterEach(() => { jest.useRealTimers(); });

describe('on a terminal', () => {
  test('draws a block over itself, and lets lines scroll above it', () => {
    const terminal = new Terminal(true);
    const progress = new Progress(terminal, {});
    progress.update({ state: 'Wait For Green', elapsedSeconds: 1 });
    jest.advanceTimersByTime(200);
    progress.line('Blue is ready');
    progress.update({ state: 'Run Migration', detail: '変換中 orders', percent: 50, lagSeconds: 2, writes: 12345, elapsedSeconds: 75 });
    jest.advanceTimersByTime(200);
    expect(terminal.screen).toEqual(['Blue is ready', '> Run Migration: 変換中 orders', expect.stringMatching(/^ {2}\[#{15}\.{15}\], 50 %, lag 2\.0 s/), '']);
    expect(terminal.screen.every((line) => line.length < terminal.columns)).toBe(true);
    progress.end();
    expect(terminal.screen).toEqual(['Blue is ready', '']);
  });

  test('hides the cursor and gives it back', () => {
    const terminal = new Terminal(true);
    const listeners = process.listenerCount('exit');
    const progress = new Progress(terminal, {});
    progress.update({ state: 'Read Input', elapsedSeconds: 0 });
    expect(terminal.written).toContain(HIDDEN);
    expect(process.listenerCount('exit')).toBe(listeners + 1);
    progress.end();
    expect(terminal.written.lastIndexOf(SHOWN)).toBeGreaterThan(terminal.written.lastIndexOf(HIDDEN));
    expect(process.listenerCount('exit')).toBe(listeners);
  });

  test('shows the latest of many updates in a moment', () => {
    const terminal = new Terminal(true);
    const progress = new Progress(terminal, {});
    for (let writes = 0; writes <= 100; writes++) progress.update({ state: 'Run Migration', writes, elapsedSeconds: 1 });
    jest.advanceTimersByTime(200);
    expect(terminal.screen.join()).toContain('100 writes');
    expect(terminal.written.split('Run Migration').length).toBeLessThan(5);
    progress.end();
  });
});

describe.each([
  ['without a terminal', false, {}], ['in CI', true, { CI: 'true' }], ['with NO_COLOR', true, { NO_COLOR: '1' }], ['on a dumb terminal', true, { TERM: 'dumb' }],
])('%s', (_, isTTY, environment) => {
  test('writes one plain line per change', () => {
    const terminal = new Terminal(isTTY);
    const progress = new Progress(terminal, environment);
    progress.update({ state: 'Run Migration', detail: 'orders', percent: 10, elapsedSeconds: 3 });
    progress.update({ state: 'Run Migration', detail: 'orders', percent: 11, elapsedSeconds: 4 });
    progress.update({ state: 'Report', writes: 5, elapsedSeconds: 65 });
    progress.line('done');
    progress.end();
    expect(terminal.written).toBe('[3.0 s] Run Migration: orders, 10 %\n[1 min 05 s] Report, 5 writes\ndone\n');
  });
});
