import { DeploymentTag, ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { deleteDeployment } from '../rds/deletion';
import { findDeployment, tagOf } from '../rds/deployments';
import { asked, isRetired, presentOldBlue, retirementTags, troubleOfProduction } from '../rds/retirement';
import { addTags } from '../rds/tags';
import { type BlueGreenDeployment } from '../rds/types';
import { PipelineError } from '../shared/errors';
import { done, lookOf, notYet, recordedOf } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type RecordedClusters, type RetirementStep } from '../shared/state';
import { task } from '../shared/task';

/**
 * Deletes the deployment object, and neither of its clusters. What its tags remember, the old Blue remembers before.
 */
export const handler = task<RetirementStep>(async (event) => {
  const settings = readSettings();
  const recorded = recordedOf(event);
  const look = lookOf(event, event.state.deploymentDeletion);
  const oldBlue = await presentOldBlue(recorded, settings);
  const deployment = await findDeployment(settings.deploymentName);
  if (deployment !== undefined) refuseOthers(deployment, recorded, settings);
  // whoever has deleted it: from here on, only the old Blue can tell what it is.
  if (!isRetired(oldBlue, settings)) {
    const busy = await asked(`to tag '${oldBlue.DBClusterIdentifier}'`, () => addTags(oldBlue.DBClusterArn ?? '', retirementTags(settings, recorded)));
    if (busy !== undefined) return notYet(look, settings, busy);
  }
  if (deployment === undefined) return done(look, 'the deployment is gone');
  const identifier = deployment.BlueGreenDeploymentIdentifier ?? '';
  if (deployment.Status === 'DELETING') return notYet(look, settings, `deployment ${identifier} is DELETING`);
  const trouble = await troubleOfProduction(recorded);
  if (trouble !== undefined) return notYet(look, settings, trouble);
  const refusal = await asked(`to delete deployment ${identifier}`, () => deleteDeployment(identifier, false));
  return notYet(look, settings, refusal ?? `deployment ${identifier} is DELETING`);
});

/** Only the one whose old Blue this is. */
function refuseOthers(deployment: BlueGreenDeployment, { source }: RecordedClusters, settings: PipelineSettings): void {
  const { BlueGreenDeploymentIdentifier: identifier, Status: status = '' } = deployment;
  const isOurs = tagOf(deployment, DeploymentTag.PIPELINE) === settings.pipeline && tagOf(deployment, DeploymentTag.SOURCE_RESOURCE_ID) === source;
  if (isOurs && ['SWITCHOVER_COMPLETED', 'DELETING'].includes(status)) return;
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `Blue/Green deployment '${settings.deploymentName}' (${identifier}, ${status}) is not the finished one of the old Blue ${source}, so nothing was deleted. Look at it in the RDS console`,
  );
}
