import { type TaskFailure } from './failure';

/** How much a finding matters: a blocker ends the execution, a warning is reported, a note explains. */
export type Severity = 'blocker' | 'warning' | 'note';

/** What a check has to say. */
export interface Finding {
  /** The id of the check; stable, public. */
  readonly id: string;
  readonly severity: Severity;
  /** What was found (with the value), why it matters and what to do. */
  readonly message: string;
  /** The user has seen it and accepts it: it is reported, and stops nothing. */
  readonly acknowledged?: true;
}

/** The outcome of one zone's checks, as it stands in the state of the execution. */
export interface Findings {
  readonly blockers: number;
  readonly warnings: number;
  readonly findings: readonly Finding[];
  /** Findings that did not fit; all of them are in the function's log. */
  readonly omitted: number;
  /** The checks themselves failed: the error of their task, put here by the state machine. */
  readonly failed?: TaskFailure;
}

const MOST_FINDINGS = 20;
const MOST_BYTES = 24_000;
const LONGEST_MESSAGE = 2000;
const ORDER: Record<Severity, number> = { blocker: 0, warning: 1, note: 3 };
const ACKNOWLEDGED = 2;

/** Whether a finding keeps the execution from going on. */
export function stops({ severity, acknowledged }: Finding): boolean {
  return severity === 'blocker' && acknowledged !== true;
}

/** A finding as people read it. */
export function worded({ id, severity, acknowledged, message }: Finding): string {
  return `[${severity}${acknowledged === true ? ', acknowledged' : ''}] ${id}: ${message}`;
}

/**
 * Sorts findings (blockers first) and cuts them to what a state may carry: 20 findings, 24 KB.
 */
export function collect(findings: readonly Finding[]): Findings {
  const kept = foremost(findings.map((finding) => ({ ...finding, message: shortened(finding.message) })));
  return {
    blockers: findings.filter(stops).length,
    warnings: findings.filter(({ severity, acknowledged }) => severity === 'warning' && acknowledged !== true).length,
    findings: kept,
    omitted: findings.length - kept.length,
  };
}

/** The findings of several zones as one text, blockers first; together not more than a state may carry either, so that they fit into an error. */
export function inText(...zones: readonly Findings[]): string {
  const { kept, omitted } = together(zones);
  return [...kept.map((finding, index) => `${index + 1}. ${finding}`), ...omitted].join('\n');
}

/** The same as a list; what several scopes have found is there once. */
export function inLines(...zones: readonly Findings[]): string[] {
  const { kept, omitted } = together(zones);
  return [...kept, ...omitted];
}

function together(zones: readonly Findings[]): { readonly kept: readonly string[]; readonly omitted: readonly string[] } {
  const findings = [...new Map(zones.flatMap((zone) => zone.findings).map((finding) => [worded(finding), finding])).values()];
  const kept = foremost(findings);
  const omitted = zones.reduce((sum, zone) => sum + zone.omitted, 0) + findings.length - kept.length;
  return { kept: kept.map(worded), omitted: omitted > 0 ? [`… and ${omitted} more; all of them are in the logs of the checking functions.`] : [] };
}

/** The most severe findings that fit. */
function foremost(findings: readonly Finding[]): Finding[] {
  const sorted = [...findings].sort((one, other) => rank(one) - rank(other)).slice(0, MOST_FINDINGS);
  let bytes = 0;
  const tooMuch = sorted.findIndex(({ id, message }) => {
    bytes += Buffer.byteLength(id) + Buffer.byteLength(message);
    return bytes > MOST_BYTES;
  });
  return tooMuch === -1 ? sorted : sorted.slice(0, tooMuch);
}

function rank({ severity, acknowledged }: Finding): number {
  return acknowledged === true ? ACKNOWLEDGED : ORDER[severity];
}

function shortened(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)} …` : message;
}
