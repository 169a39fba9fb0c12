import { ErrorName } from '../../lib/private/contract';
import { findDeployment } from '../rds/deployments';
import { belongsTo, eventsBetween } from '../rds/events';
import { PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type SwitchoverProgress } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { inWords, secondsBetween } from '../shared/waiting';

/** RDS rolls back at its timeout; when it has not said so this long after, something is wrong. */
const AFTER_TIMEOUT_SECONDS = 3600;
/** For this long, RDS may still describe the deployment as it was before the switchover was asked for. */
const BEFORE_IT_SHOWS_SECONDS = 60;

/**
 * Waits until RDS has switched over, or says why it has not. Where the switchover was started earlier (another execution), it is the one waited for.
 */
export const handler = task<SwitchoverProgress>(async (event) => {
  const settings = readSettings();
  const timeout = event.state.options.switchoverTimeoutSeconds;
  const present = required(event.state.started, 'the start of the switchover');
  const deployment = required(await findDeployment(settings.deploymentName), 'the deployment');
  const status = deployment.Status ?? 'unknown';
  const elapsed = secondsBetween(present.startedAt, event.now);
  const members = deployment.SwitchoverDetails?.map(({ SourceMember, Status }) => `${SourceMember?.split(':').pop()} ${Status}`).join(', ') ?? '';
  if (status === 'SWITCHOVER_COMPLETED') return { done: true, waitSeconds: 5, startedAt: present.startedAt, status, detail: members };
  const waiting: SwitchoverProgress = { done: false, waitSeconds: 5, startedAt: present.startedAt, status, detail: members };
  if ((status === 'AVAILABLE' || status === 'SWITCHOVER_FAILED') && elapsed < BEFORE_IT_SHOWS_SECONDS) return waiting;
  const endless = status === 'SWITCHOVER_IN_PROGRESS';
  if (endless && elapsed < timeout + AFTER_TIMEOUT_SECONDS) return waiting;
  const since = new Date(Date.parse(present.startedAt) - 60_000);
  const said = (await eventsBetween(since, new Date(event.now), belongsTo(situationOf(event)))).map(({ at, source: from, message }) => `${at} ${from}: ${message}`);
  throw new PipelineError(
    ErrorName.SWITCHOVER_FAILED,
    `the switchover did not happen: the deployment is ${status} after ${inWords(elapsed)} (timeout ${timeout} s)${endless ? ' and RDS does not end it' : ', everything was rolled back and production is unchanged'}. `
    + `RDS says:\n${said.slice(-15).join('\n') || '(no events)'}\nMend what it names (lag, long transactions, DDL), then start a new execution with {}; it checks everything again and switches over`,
  );
});
