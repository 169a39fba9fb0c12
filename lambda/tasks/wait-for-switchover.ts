import { ErrorName } from '../../lib/private/contract';
import { findDeployment } from '../rds/deployments';
import { belongsTo, eventsBetween, isFailure, type RdsEvent } from '../rds/events';
import { vanished } from '../rds/vanished';
import { PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type SwitchoverProgress } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { inWords, secondsBetween } from '../shared/waiting';

/** RDS rolls back at its timeout; when it has not said so this long after, something is wrong. */
const AFTER_TIMEOUT_SECONDS = 3600;
/** For this long, RDS may still describe the deployment as it was before the switchover was asked for. */
const BEFORE_IT_SHOWS_SECONDS = 60;
/** Events may come late, and an operator wants to know why. */
const EXPLANATION_PATIENCE_SECONDS = 120;
/** A switchover that this execution has not asked for has begun at most so long before it was found, or nearly always. */
const BEFORE_IT_WAS_FOUND_SECONDS = 3600;
/** The first minutes are those in which it is over, nearly always; an hour of short waits would be thousands of events of the execution. */
const SOON_SECONDS = 600;
const [SHORT_WAIT_SECONDS, LONG_WAIT_SECONDS] = [5, 20];
/** An execution's state has to hold the words of several attempts. */
const MOST_CHARACTERS = 1500;

/**
 * Waits until RDS has switched over, or says why it has not. Where the switchover was started earlier (another execution), it is the one waited for.
 *
 * @returns with a `failure` where RDS has cancelled it or rolled it back: production is unchanged then.
 * @throws `SwitchoverFailed` where nobody knows how it stands.
 */
export const handler = task<SwitchoverProgress>(async (event) => {
  const settings = readSettings();
  const timeout = event.state.options.switchoverTimeoutSeconds;
  const present = required(event.state.started, 'the start of the switchover');
  if (present.failure !== null) return { ...present, done: true };
  const deployment = await findDeployment(settings.deploymentName);
  if (deployment === undefined) throw vanished(situationOf(event));
  const status = deployment.Status ?? 'unknown';
  const elapsed = secondsBetween(present.startedAt, event.now);
  const detail = deployment.SwitchoverDetails?.map(({ SourceMember, Status }) => `${SourceMember?.split(':').pop()} ${Status}`).join(', ') ?? '';
  const waiting: SwitchoverProgress = { ...present, done: false, waitSeconds: elapsed < SOON_SECONDS ? SHORT_WAIT_SECONDS : LONG_WAIT_SECONDS, status, detail };
  if (status === 'SWITCHOVER_COMPLETED') return { ...waiting, done: true };
  if (status === 'SWITCHOVER_IN_PROGRESS' && elapsed < timeout + AFTER_TIMEOUT_SECONDS) return waiting;
  // an attempt before this one has left its own events; a clock may be cut to whole seconds.
  const before = present.asked ? 1 : BEFORE_IT_WAS_FOUND_SECONDS;
  const events = await eventsBetween(new Date(Date.parse(present.startedAt) - before * 1000), new Date(event.now), belongsTo(situationOf(event)));
  if (status !== 'AVAILABLE' && status !== 'SWITCHOVER_FAILED') {
    throw new PipelineError(
      ErrorName.SWITCHOVER_FAILED,
      `the deployment is ${status} after ${inWords(elapsed)} (timeout ${timeout} s)${status === 'SWITCHOVER_IN_PROGRESS' ? ' and RDS does not end the switchover' : ''}. ${said(events)}\n`
      + 'Look at the deployment in the RDS console; when it is clear how it stands, start a new execution with {}',
    );
  }
  if (!events.some(isFailure)) {
    if (present.asked && elapsed < BEFORE_IT_SHOWS_SECONDS) return waiting;
    const givenUpAt = present.givenUpAt ?? event.now;
    if (secondsBetween(givenUpAt, event.now) < EXPLANATION_PATIENCE_SECONDS) return { ...waiting, givenUpAt };
  }
  return { ...waiting, done: true, givenUpAt: present.givenUpAt ?? event.now, failure: `the deployment is ${status} after ${inWords(elapsed)} (timeout ${timeout} s). ${said(events)}` };
});

/** What RDS says in its events; reasons first. */
function said(events: readonly RdsEvent[]): string {
  const ordered = [...events.filter(isFailure), ...events.filter((event) => !isFailure(event))];
  const text = ordered.map(({ at, source, message }) => `${at} ${source}: ${message}`).join('\n');
  return `RDS says:\n${text.slice(0, MOST_CHARACTERS) || '(no events)'}`;
}
