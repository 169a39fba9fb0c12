import { ErrorName, Phase } from '../../lib/private/contract';
import { nameOf } from '../rds/client';
import { findDeployment, switchOver } from '../rds/deployments';
import { vanished } from '../rds/vanished';
import { messageOf, PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type SwitchoverProgress, type TaskEvent } from '../shared/state';
import { situationOf, switchoverWindowOf, task } from '../shared/task';
import { isOpen } from '../switchover/window';

/** Something of the deployment is not as it should be at this moment, which may pass; anything else (a permission) does not. */
const NOT_NOW = ['InvalidBlueGreenDeploymentState', 'InvalidDBClusterState', 'InvalidDBInstanceState'];
const BEGUN = ['SWITCHOVER_IN_PROGRESS', 'SWITCHOVER_COMPLETED'];

/** So many calls of this function may fail before it gets to ask: within about a minute. What was looked at right before is too old after more of them. */
const MOST_RETRIES = 3;

/** What the state adds to what every task is told. */
interface SwitchOverEvent extends TaskEvent {
  /** How often the function was called in vain before, since the state was entered. */
  readonly retryCount?: number;
}

/**
 * Asks RDS to switch over, once: where it is under way or done already, nothing is asked. Nor is it where everything was not looked at right before: an
 * execution that found a switchover under way only waits for it, and does not begin another one when RDS has cancelled that.
 */
export const handler = task<SwitchoverProgress>(async (event) => {
  const settings = readSettings();
  const situation = situationOf(event);
  const deployment = await findDeployment(settings.deploymentName);
  if (deployment === undefined) throw vanished(situation);
  const progress = (status: string, detail: string, rest: Partial<SwitchoverProgress> = {}): SwitchoverProgress => ({
    done: status === 'SWITCHOVER_COMPLETED', waitSeconds: 5, startedAt: event.now, status, detail, asked: true, givenUpAt: null, failure: null, ...rest,
  });
  const { Status: before = 'unknown' } = deployment;
  // it was under way when this execution looked.
  const asked = situation.phase === Phase.AVAILABLE;
  if (BEGUN.includes(before)) return progress(before, 'the switchover had been started before', { asked });
  if (!asked) return progress(before, 'the switchover that was under way has come to its end', { asked });
  const late = whyNotNow(event);
  if (late !== undefined) return progress(before, 'not asked', { asked: false, failure: late });
  try {
    await switchOver(deployment.BlueGreenDeploymentIdentifier ?? '', event.state.options.switchoverTimeoutSeconds);
    return progress('SWITCHOVER_IN_PROGRESS', `started, with a timeout of ${event.state.options.switchoverTimeoutSeconds} s`);
  } catch (thrown) {
    if (thrown instanceof PipelineError) throw thrown;
    const present = (await findDeployment(settings.deploymentName))?.Status ?? 'unknown';
    if (BEGUN.includes(present)) return progress(present, 'the switchover had been started before');
    const refusal = `RDS refused to start the switchover (${nameOf(thrown)}): ${messageOf(thrown)}`;
    if (NOT_NOW.includes(nameOf(thrown))) return progress(present, 'refused', { failure: refusal });
    throw new PipelineError(
      ErrorName.SWITCHOVER_FAILED,
      `${refusal}. Production is unchanged: mend what RDS names and start a new execution with {}; it checks everything again`,
      { cause: thrown },
    );
  }
});

/** Why the moment for which everything was looked at is over. */
function whyNotNow(event: SwitchOverEvent): string | undefined {
  if (!isOpen(switchoverWindowOf(event), event.now)) return 'the switchoverWindow closed before RDS could be asked';
  const { retryCount = 0, execution, state: { readiness } } = event;
  if (readiness !== null && readiness.redriveCount !== execution.redriveCount) return 'this execution was stopped and redriven since everything was looked at';
  return retryCount <= MOST_RETRIES ? undefined : `the function that asks RDS could not be called ${retryCount} times, and what was looked at before was too old by then`;
}
