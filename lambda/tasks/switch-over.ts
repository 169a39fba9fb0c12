import { ErrorName } from '../../lib/private/contract';
import { nameOf } from '../rds/client';
import { findDeployment, switchOver } from '../rds/deployments';
import { messageOf, PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type SwitchoverProgress } from '../shared/state';
import { required, task } from '../shared/task';

/** Something of the deployment is not as it should be at this moment, which may pass; anything else (a permission) does not. */
const NOT_NOW = ['InvalidBlueGreenDeploymentState', 'InvalidDBClusterState', 'InvalidDBInstanceState'];

/**
 * Asks RDS to switch over, once: where it is under way or done already, nothing is asked.
 */
export const handler = task<SwitchoverProgress>(async (event) => {
  const settings = readSettings();
  const deployment = required(await findDeployment(settings.deploymentName), 'the deployment');
  const progress = (status: string, detail: string, failure: string | null = null): SwitchoverProgress => (
    { done: status === 'SWITCHOVER_COMPLETED', waitSeconds: 5, startedAt: event.now, status, detail, givenUpAt: null, failure }
  );
  if (deployment.Status === 'SWITCHOVER_IN_PROGRESS' || deployment.Status === 'SWITCHOVER_COMPLETED') return progress(deployment.Status, 'the switchover had been started before');
  try {
    await switchOver(deployment.BlueGreenDeploymentIdentifier ?? '', event.state.options.switchoverTimeoutSeconds);
    return progress('SWITCHOVER_IN_PROGRESS', `started, with a timeout of ${event.state.options.switchoverTimeoutSeconds} s`);
  } catch (thrown) {
    if (thrown instanceof PipelineError) throw thrown;
    const present = (await findDeployment(settings.deploymentName))?.Status;
    if (present === 'SWITCHOVER_IN_PROGRESS' || present === 'SWITCHOVER_COMPLETED') return progress(present, 'the switchover had been started before');
    const refusal = `RDS refused to start the switchover (${nameOf(thrown)}): ${messageOf(thrown)}`;
    if (NOT_NOW.includes(nameOf(thrown))) return progress(present ?? 'unknown', 'refused', refusal);
    throw new PipelineError(
      ErrorName.SWITCHOVER_FAILED,
      `${refusal}. Production is unchanged: mend what RDS names and start a new execution with {}; it checks everything again`,
      { cause: thrown },
    );
  }
});
