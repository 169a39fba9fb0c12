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
const MOST_CHARACTERS = 24_000;
const ORDER: Record<Severity, number> = { blocker: 0, warning: 1, note: 2 };

/**
 * Sorts findings (blockers first) and cuts them to what a state may carry: 20 findings, 24 KB.
 */
export function collect(findings: readonly Finding[]): Findings {
  const sorted = [...findings].sort((one, other) => ORDER[one.severity] - ORDER[other.severity]);
  const kept: Finding[] = [];
  let characters = 0;
  for (const finding of sorted) {
    const message = finding.message.length > 2000 ? `${finding.message.slice(0, 2000)} …` : finding.message;
    characters += message.length;
    if (kept.length === MOST_FINDINGS || characters > MOST_CHARACTERS) break;
    kept.push({ ...finding, message });
  }
  return {
    blockers: sorted.filter(({ severity }) => severity === 'blocker').length,
    warnings: sorted.filter(({ severity }) => severity === 'warning').length,
    findings: kept,
    omitted: sorted.length - kept.length,
  };
}

/** The findings of several zones as one text, blockers first. */
export function inText(...zones: readonly Findings[]): string {
  const findings = zones.flatMap((zone) => zone.findings).sort((one, other) => ORDER[one.severity] - ORDER[other.severity]);
  const omitted = zones.reduce((sum, zone) => sum + zone.omitted, 0);
  const lines = findings.map(({ id, severity, message }, index) => `${index + 1}. [${severity}] ${id}: ${message}`);
  if (omitted > 0) lines.push(`… and ${omitted} more; all of them are in the logs of the checking functions.`);
  return lines.join('\n');
}
