import { type Scope, runChecks } from '../checks/check';
import { RDS_CHECKS } from '../checks/rds/registry';
import { describeCluster, factsOf } from '../rds/clusters';
import { findDeployments } from '../rds/deployments';
import { collect, type Findings } from '../shared/findings';
import { readSettings } from '../shared/settings';
import { type Situation, type TaskEvent } from '../shared/state';
import { situationOf, task } from '../shared/task';

/**
 * Runs the control-plane checks of a scope and returns everything they found.
 */
export const handler = task<Findings>(async (event) => {
  const settings = readSettings();
  const situation = await refreshed(situationOf(event));
  const source = await describeCluster(situation.source?.arn ?? settings.clusterIdentifier);
  const deployments = source?.DBClusterArn === undefined ? [] : await findDeployments('source', source.DBClusterArn);
  const { scope } = event as TaskEvent & { scope: Scope };
  return collect(await runChecks(RDS_CHECKS, scope, { settings, situation, source, deployments }, event.state.options.acknowledge));
});

/** Evidence is never older than the check: names, states and parameter groups are read again. */
async function refreshed(situation: Situation): Promise<Situation> {
  const target = situation.target === null ? undefined : await describeCluster(situation.target.identifier);
  return { ...situation, target: target === undefined ? situation.target : factsOf(target) };
}
