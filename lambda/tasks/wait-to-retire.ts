import { DeploymentTag, type PipelineSettings } from '../../lib/private/contract';
import { findDeployment, tagDeployment, tagOf } from '../rds/deployments';
import { type BlueGreenDeployment } from '../rds/types';
import { retirementSettingsOf } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type TaskEvent, type Waiting } from '../shared/state';
import { situationOf, task } from '../shared/task';
import { secondsBetween, unfinished } from '../shared/waiting';

/** A look a day: nothing happens meanwhile that anybody would have to see. */
const LONGEST_SECONDS = 86_400;
const SHORTEST_SECONDS = 5;

/**
 * Remembers since when production is restored, and waits until the bake time is over that began then. Whoever retires by hand does not wait.
 */
export const handler = task<Waiting>(async (event) => {
  const settings = readSettings();
  const { now, state } = event;
  const { bakeSeconds } = retirementSettingsOf(settings);
  const startedAt = unfinished(state.bakeTime)?.startedAt ?? now;
  const deployment = await findDeployment(settings.deploymentName);
  // somebody has deleted it meanwhile, or it is another run's: the next state sees what that means.
  if (deployment === undefined || !isBaked(deployment, event, settings)) return { done: true, waitSeconds: SHORTEST_SECONDS, startedAt };
  const since = tagOf(deployment, DeploymentTag.FINISHED) ?? now;
  if (since === now) await tagDeployment(deployment.BlueGreenDeploymentIdentifier ?? '', arnBeside(situationOf(event)), { [DeploymentTag.FINISHED]: now });
  const remaining = state.options.action === 'retire' ? 0 : bakeSeconds - secondsBetween(since, now);
  return { done: remaining <= 0, waitSeconds: Math.max(SHORTEST_SECONDS, Math.min(remaining, LONGEST_SECONDS)), startedAt };
});

/** What another run has begun under the same name has nothing to do with this bake time. */
function isBaked(deployment: BlueGreenDeployment, event: TaskEvent, { pipeline }: PipelineSettings): boolean {
  return deployment.BlueGreenDeploymentIdentifier === situationOf(event).deployment?.identifier && deployment.Status === 'SWITCHOVER_COMPLETED'
    && tagOf(deployment, DeploymentTag.PIPELINE) === pipeline;
}

function arnBeside({ source, target }: ReturnType<typeof situationOf>): string {
  return source?.arn ?? target?.arn ?? '';
}
