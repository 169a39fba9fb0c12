import { type WriteStream } from 'node:tty';
import { cutToWidth } from './display-width';
import { durationText } from './duration';

/** Where the rehearsal is. */
export interface ProgressUpdate {
  /** The name of the state that is being executed. */
  readonly state: string;
  /** What it is doing, in a few words. */
  readonly detail?: string;
  /** 0 to 100. */
  readonly percent?: number;
  /** Replica lag of Green. */
  readonly lagSeconds?: number;
  /** Writes that the application's sessions have had acknowledged so far. */
  readonly writes?: number;
  /** Since the execution started. */
  readonly elapsedSeconds: number;
}

/** Where the progress is shown; a terminal says so by `isTTY`. */
export type ProgressStream = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

const REDRAW_MILLISECONDS = 100;
const BAR_COLUMNS = 30;
const DEFAULT_COLUMNS = 80;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';

/**
 * Shows how a rehearsal goes on. On a terminal: a block of two lines that is drawn over itself, with plain lines scrolling above it.
 * Otherwise (no terminal, CI, NO_COLOR, TERM=dumb): one line whenever the state or what it does changes.
 */
export class Progress {
  private readonly live: boolean;
  private drawnLines = 0;
  private latest: ProgressUpdate | undefined;
  private latestDrawnAt = 0;
  private latestPlain = '';
  private redraw: NodeJS.Timeout | undefined;
  private readonly restore = () => { this.clear(); };

  constructor(private readonly stream: ProgressStream = process.stdout, environment: NodeJS.ProcessEnv = process.env) {
    this.live = stream.isTTY === true && !environment['CI'] && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  }

  /** Shows the new situation; may be called as often as one likes. */
  public update(update: ProgressUpdate): void {
    this.latest = update;
    if (!this.live) {
      this.writePlain(update);
      return;
    }
    const wait = this.latestDrawnAt + REDRAW_MILLISECONDS - Date.now();
    if (wait <= 0) this.draw();
    // the latest of many updates within a moment must not stay invisible until the next one comes.
    else this.redraw ??= setTimeout(() => { this.draw(); }, wait).unref();
  }

  /** Writes a line that stays. */
  public line(text: string): void {
    this.erase();
    this.stream.write(`${text}\n`);
    if (this.live && this.latest) this.draw();
  }

  /** Removes the live block and gives the terminal its cursor back; later calls of `line` still write. */
  public end(): void {
    this.clear();
    this.latest = undefined;
    process.off('exit', this.restore);
  }

  private writePlain(update: ProgressUpdate): void {
    const text = update.detail === undefined ? update.state : `${update.state}: ${update.detail}`;
    if (text === this.latestPlain) return;
    this.latestPlain = text;
    this.stream.write(`[${durationText(update.elapsedSeconds)}] ${[text, ...figures(update)].join(', ')}\n`);
  }

  private draw(): void {
    clearTimeout(this.redraw);
    this.redraw = undefined;
    if (!this.latest) return;
    this.erase();
    if (this.drawnLines === 0 && this.latestDrawnAt === 0) process.on('exit', this.restore);
    const width = (this.stream.columns ?? DEFAULT_COLUMNS) - 1;
    const lines = block(this.latest).map((line) => cutToWidth(line, width));
    this.stream.write(`${HIDE_CURSOR}${lines.join('\n')}\n`);
    this.drawnLines = lines.length;
    this.latestDrawnAt = Date.now();
  }

  private erase(): void {
    // up to the first line of the block, then clear from there to the end of the screen.
    if (this.drawnLines > 0) this.stream.write(`\x1b[${this.drawnLines}A\r\x1b[J`);
    this.drawnLines = 0;
  }

  private clear(): void {
    clearTimeout(this.redraw);
    this.redraw = undefined;
    this.erase();
    if (this.latestDrawnAt > 0) this.stream.write(SHOW_CURSOR);
    this.latestDrawnAt = 0;
  }
}

function block(update: ProgressUpdate): string[] {
  const bar = update.percent === undefined ? [] : [percentBar(update.percent)];
  return [
    `> ${update.state}${update.detail === undefined ? '' : `: ${update.detail}`}`,
    `  ${[...bar, ...figures(update), durationText(update.elapsedSeconds)].join(', ')}`,
  ];
}

function figures({ percent, lagSeconds, writes }: ProgressUpdate): string[] {
  return [
    ...(percent === undefined ? [] : [`${Math.floor(percent)} %`]),
    ...(lagSeconds === undefined ? [] : [`lag ${durationText(lagSeconds)}`]),
    ...(writes === undefined ? [] : [`${writes.toLocaleString('en')} writes`]),
  ];
}

function percentBar(percent: number): string {
  const full = Math.round(Math.min(100, Math.max(0, percent)) / 100 * BAR_COLUMNS);
  // plain ASCII: how wide block characters are depends on the terminal's language.
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_COLUMNS - full)}]`;
}
