import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { PipelineError, type PipelineErrorName } from '../shared/errors';
import { explained } from '../shared/failure';
import { type Findings, inText } from '../shared/findings';
import { mustNotWait } from '../shared/hooks';
import { LEAVING_SECONDS, RETIRE_AGAIN } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type PipelineState, type Readiness, type TaskEvent, type Waiting } from '../shared/state';
import { switchoverWindowOf, task } from '../shared/task';
import { inWords, secondsUntilNextLook, unfinished } from '../shared/waiting';
import { isOpen, openSeconds } from '../switchover/window';

/** What is to be judged; the definition says which. */
type Subject = 'preflight' | 'green' | 'readiness' | 'verification' | 'retirement';

/** How an execution ends on findings. */
interface Rule {
  readonly error: PipelineErrorName;
  readonly intro: string;
  readonly remedy: string;
  /** How many seconds findings may last before they end the execution. */
  patience(settings: PipelineSettings): number;
}

/** No waiting mends it: the check of this id ends the execution at once, as the states before do. */
const SCHEMA_CHANGED = 'schema-as-planned';
/** The check of this id has found that somebody else has moved the work on, or taken it away. */
const OVERTAKEN = 'deployment-untouched';
/** An application that makes tables all the time would keep the pipeline from ever switching over; then a person has to know. */
const MOST_REPLANS = 20;

const RULES: Readonly<Record<Subject, Rule>> = {
  preflight: {
    error: ErrorName.PREFLIGHT_FAILED, intro: 'nothing was created or changed, because preflight found',
    remedy: 'Mend the blockers and start a new execution with {}', patience: () => 0,
  },
  green: {
    error: ErrorName.GREEN_CHECK_FAILED, intro: 'nothing was altered on Green, because it is not as the migration needs it',
    remedy: 'Mend the blockers and start a new execution with {} (or redrive this one); it continues with this Green', patience: () => 0,
  },
  readiness: {
    error: ErrorName.NOT_READY_TO_SWITCH_OVER, intro: 'nothing was switched over and Blue is untouched, because there is',
    remedy: 'Mend the blockers and start a new execution with {}; it continues with this Green', patience: ({ patience }) => patience.readinessSeconds,
  },
  verification: {
    error: ErrorName.VERIFICATION_FAILED, intro: 'RDS has switched over, but production is not as it should be',
    remedy: 'See the runbook, section VerificationFailed; a new execution with {} verifies again and restores production', patience: ({ patience }) => patience.verificationSeconds,
  },
  retirement: {
    error: ErrorName.RETIRE_REFUSED, intro: 'nothing was deleted and production is as it was, because the checks have found', remedy: RETIRE_AGAIN, patience: () => LEAVING_SECONDS,
  },
};

/**
 * Decides on the findings of both zones: go on, look again a little later, or end with all of them. Branches of a Parallel never fail; this
 * is the state behind them.
 */
export const handler = task<Readiness>(async (event) => {
  const { subject } = event as TaskEvent & { subject: Subject };
  refuseSuperseded(event, subject);
  const zones = zonesOf(event.state, subject);
  const startedAt = unfinished(previousOf(event.state, subject))?.startedAt ?? event.now;
  const window = subject === 'readiness' ? switchoverWindowOf(event) : undefined;
  const elapsed = openSeconds(window, startedAt, event.now);
  const replans = subject === 'readiness' ? event.state.readiness?.replans ?? 0 : 0;
  const replan = subject === 'readiness' && event.state.readinessCheck?.mysql.replan === true && replans < MOST_REPLANS;
  const blockers = zones.reduce((sum, zone) => sum + zone.blockers, 0);
  const { redriveCount } = event.execution;
  const findings = zones.flatMap((zone) => zone.findings);
  // whatever else was found, it was looked for in the wrong place.
  const overtaken = subject === 'readiness' && findings.some(({ id, severity }) => id === OVERTAKEN && severity === 'blocker');
  const judged = { overtaken, replan, replans, redriveCount, waitSeconds: 5, startedAt };
  if (overtaken) return { ...judged, done: true, replan: false };
  if (replan) mustNotWait(event, 'tables have arrived from Blue that have to be migrated and compared first');
  // the checks may have taken a while; Wait For Window comes next.
  if (!replan && !isOpen(window, event.now)) return { ...judged, done: false };
  if (blockers === 0 || replan) return { ...judged, done: true, replans: replans + (replan ? 1 : 0) };
  const changed = findings.find(({ id, severity }) => id === SCHEMA_CHANGED && severity === 'blocker');
  if (changed !== undefined) throw new PipelineError(ErrorName.BLUE_SCHEMA_CHANGED, `nothing was switched over: ${changed.message}`);
  const rule = RULES[subject];
  const patience = rule.patience(readSettings());
  if (elapsed < patience) return { ...judged, done: false, waitSeconds: secondsUntilNextLook(elapsed, patience - elapsed) };
  throw new PipelineError(
    rule.error,
    `${rule.intro} ${blockers} blocker${blockers === 1 ? '' : 's'}${patience > 0 ? ` (for ${inWords(elapsed)})` : ''}:\n${inText(...zones)}\n${attemptsBefore(event.state, subject)}${rule.remedy}`,
  );
});

/** What RDS had said before, where this is not the first attempt. */
function attemptsBefore({ attempts }: PipelineState, subject: Subject): string {
  return subject !== 'readiness' || attempts.reasons.length === 0 ? '' : `RDS had not switched over before:\n${attempts.reasons.join('\n')}\n`;
}

/** A newer execution has taken over: no waiting mends that, and its own name tells the operator which one to watch. */
function refuseSuperseded(event: TaskEvent, subject: Subject): void {
  const failed = checksOf(event.state, subject).map((zone) => zone.failed).find((failure) => failure?.Error === ErrorName.SUPERSEDED);
  if (failed === undefined) return;
  // where writers stand still, somebody has to start them: the hook onFailure does not run for an execution that was superseded.
  mustNotWait(event, explained(failed));
  throw new PipelineError(ErrorName.SUPERSEDED, explained(failed));
}

function zonesOf(state: PipelineState, subject: Subject): Findings[] {
  return checksOf(state, subject).map(orUnchecked);
}

function checksOf(state: PipelineState, subject: Subject): Findings[] {
  const checks = {
    preflight: state.preflight, green: state.greenCheck, readiness: state.readinessCheck, verification: state.verificationCheck, retirement: state.oldBlueCheck,
  }[subject];
  if (checks === null) throw new Error(`there are no findings of '${subject}' to judge`);
  return [checks.rds, checks.mysql];
}

/** A zone whose check itself failed has found one blocker: that nothing is known. */
function orUnchecked(zone: Findings): Findings {
  if (zone.failed === undefined) return zone;
  const finding = { id: 'not-checked', severity: 'blocker' as const, message: `the checks of one zone could not be carried out: ${explained(zone.failed)}` };
  return { blockers: 1, warnings: 0, findings: [finding], omitted: 0 };
}

function previousOf(state: PipelineState, subject: Subject): Waiting | null {
  return { preflight: null, green: null, readiness: state.readiness, verification: state.verification, retirement: state.oldBlueVerdict }[subject];
}
