import { displayWidth, padToWidth } from './display-width';
import { durationText } from './duration';

/** What a rehearsal has found; written to a file as JSON on request. */
export interface RehearsalReport {
  /** How the execution ended: SUCCEEDED, FAILED, ABORTED or TIMED_OUT. */
  readonly status: string;
  /** Every state that was entered, in order; `seconds` of the execution's own clock. */
  readonly states: ReadonlyArray<{ readonly name: string; readonly enteredAt: string; readonly seconds: number }>;
  /** Events in the execution's history; AWS ends a standard execution at 25,000. */
  readonly historyEvents: number;
  readonly acknowledgedWrites: number;
  readonly lostWrites: number;
  readonly corruptedRows: number;
  /** The longest time in which the application had no write acknowledged. */
  readonly writeOutageMilliseconds: number;
  readonly tables: ReadonlyArray<{
    readonly name: string;
    readonly rows: number;
    readonly characterSetBefore: string;
    readonly characterSetAfter: string;
  }>;
  /** Present if the execution did not succeed. */
  readonly error?: unknown;
}

const SHOWN_STATES = 60;

/** The report as plain text for an operator: what happened, whether anything was lost, and what became of each table. */
export function summaryText(report: RehearsalReport): string {
  const lost = report.lostWrites + report.corruptedRows;
  const lines = [
    `Execution  ${report.status}${report.status === 'SUCCEEDED' && lost > 0 ? ', but data was lost' : ''}`,
    ...errorLines(report.error),
    '',
    'States',
    ...stateLines(report.states),
    '',
    'Tables',
    ...tableLines(report.tables),
    '',
    'Application',
    ...aligned([
      ['acknowledged writes', count(report.acknowledgedWrites)],
      ['lost writes', count(report.lostWrites)],
      ['corrupted rows', count(report.corruptedRows)],
      ['longest write outage', durationText(report.writeOutageMilliseconds / 1000)],
      ['history events', `${count(report.historyEvents)} of 25,000`],
    ], ['left', 'right']),
  ];
  return lines.join('\n');
}

function stateLines(states: RehearsalReport['states']): string[] {
  // a wait loop enters the same states again and again: one line per state tells more than hundreds.
  const byName = new Map<string, { visits: number; seconds: number }>();
  for (const { name, seconds } of states) {
    const known = byName.get(name) ?? { visits: 0, seconds: 0 };
    byName.set(name, { visits: known.visits + 1, seconds: known.seconds + seconds });
  }
  // what only decides takes no time and says nothing.
  const rows = [...byName].filter(([, { seconds }]) => seconds >= 1).map(([name, { visits, seconds }]) => [name, durationText(seconds), visits > 1 ? `${visits} times` : '']);
  const hidden = rows.length - SHOWN_STATES;
  return [...aligned(rows.slice(0, SHOWN_STATES), ['left', 'right', 'left']), ...(hidden > 0 ? [`  and ${hidden} more`] : [])];
}

function tableLines(tables: RehearsalReport['tables']): string[] {
  const rows = tables.map((table) => [table.name, count(table.rows), table.characterSetBefore, '→', table.characterSetAfter]);
  const total = tables.reduce((sum, table) => sum + table.rows, 0);
  return aligned([['table', 'rows', 'before', '', 'after'], ...rows, ['total', count(total), '', '', '']], ['left', 'right', 'left', 'left', 'left']);
}

function errorLines(error: unknown): string[] {
  if (error === undefined) return [];
  const text = typeof error === 'string' ? error : JSON.stringify(error, null, 2);
  return ['', 'Error', ...text.split('\n').map((line) => `  ${line}`)];
}

function aligned(rows: ReadonlyArray<readonly string[]>, alignments: ReadonlyArray<'left' | 'right'>): string[] {
  const widths = alignments.map((_, column) => Math.max(0, ...rows.map((row) => displayWidth(row[column] ?? ''))));
  return rows.map((row) => `  ${alignments.map((align, column) => padToWidth(row[column] ?? '', widths[column] ?? 0, align)).join('  ')}`.trimEnd());
}

function count(value: number): string {
  return value.toLocaleString('en');
}
