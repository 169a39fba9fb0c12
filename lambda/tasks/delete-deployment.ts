import { DeploymentTag, ErrorName, type PipelineSettings, RetirementTag } from '../../lib/private/contract';
import { describeInstances } from '../rds/clusters';
import { deleteDeployment } from '../rds/deletion';
import { findDeployment, tagOf } from '../rds/deployments';
import { asked, isRetired, presentOldBlue, retirementTags, troubleOfProduction } from '../rds/retirement';
import { addTags, tagIn } from '../rds/tags';
import { type BlueGreenDeployment, type DBCluster } from '../rds/types';
import { PipelineError } from '../shared/errors';
import { someOf } from '../shared/lists';
import { done, KEEP_OLD_BLUE, lookOf, notYet, recordedOf, RETIRE_AGAIN } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type Protection, type RecordedClusters, type RetirementStep } from '../shared/state';
import { task } from '../shared/task';

/** AWS names them for whoever deletes a deployment, and does not say whether they are needed where its target stays. */
const WITHOUT_DELETE_TARGET = 'If the function lacks a permission (rds:DeleteDBCluster, rds:DeleteDBInstance, rds:DeleteDBClusterEndpoint): delete the deployment object yourself, without its target, and start again';

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
  const busy = await tagAll(oldBlue, recorded, settings);
  if (busy !== undefined) return notYet(look, settings, busy);
  if (deployment === undefined) return done(look, 'the deployment is gone');
  const identifier = deployment.BlueGreenDeploymentIdentifier ?? '';
  if (deployment.Status === 'DELETING') return notYet(look, settings, `deployment ${identifier} is DELETING`);
  refuseUnprotected(oldBlue, event.state.protection);
  const trouble = await troubleOfProduction(recorded);
  if (trouble !== undefined) return notYet(look, settings, trouble);
  const refusal = await asked(`to delete deployment ${identifier}`, () => deleteDeployment(identifier, false), WITHOUT_DELETE_TARGET);
  return notYet(look, settings, refusal ?? `deployment ${identifier} is DELETING`);
});

/** The cluster last: as soon as it has them, a later execution goes on from there. Without them, nothing of it could be deleted. */
async function tagAll(oldBlue: DBCluster, recorded: RecordedClusters, settings: PipelineSettings): Promise<string | undefined> {
  const tags = retirementTags(settings, recorded);
  const instances = await describeInstances(oldBlue.DBClusterIdentifier ?? '');
  const untagged = instances.filter((instance) => tagIn(instance, RetirementTag.PIPELINE) !== settings.pipeline).map(({ DBInstanceArn: arn = '' }) => arn);
  for (const arn of [...untagged, ...isRetired(oldBlue, settings) ? [] : [oldBlue.DBClusterArn ?? '']]) {
    const busy = await asked(`to tag ${arn}`, () => addTags(arn, tags));
    if (busy !== undefined) return busy;
  }
  return undefined;
}

/** The moment the deployment is gone, nothing but its parameter group keeps anybody from writing. */
function refuseUnprotected(oldBlue: DBCluster, protection: Protection | null): void {
  const { DBClusterIdentifier: name, DBClusterParameterGroup: group, DBClusterMembers: members = [] } = oldBlue;
  const { done: isDone = false, group: wanted, rebooted = [] } = protection ?? {};
  const open = members.filter(({ DBInstanceIdentifier: instance = '', DBClusterParameterGroupStatus: status }) => status !== 'in-sync' || !rebooted.includes(instance));
  if (isDone && group === wanted && open.length === 0) return;
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `nothing was deleted and production is as it was, because it is not certain that the old Blue '${name}' would stay read-only without its deployment: its cluster parameter group is '${group}'`
    + `${group === wanted ? '' : `, and was ${wanted === undefined ? 'not looked at' : `'${wanted}'`}`}${open.length === 0 ? '' : `, which is not in effect on ${someOf(open.map(({ DBInstanceIdentifier: instance, DBClusterParameterGroupStatus: status }) => `'${instance}' (${status})`))}`}. `
    + `Somebody has changed that since it was seen to. ${RETIRE_AGAIN}. ${KEEP_OLD_BLUE}`,
  );
}

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
