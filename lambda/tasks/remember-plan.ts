import { DeploymentTag } from '../../lib/private/contract';
import { planHash } from '../migration/plan';
import { planInWords } from '../migration/plan-in-words';
import { findDeployment, tagDeployment, tagOf } from '../rds/deployments';
import { readSettings } from '../shared/settings';
import { task } from '../shared/task';

/** What *Remember Plan* returns. */
export interface RememberedPlan {
  /** Whether the deployment was made for another plan. */
  readonly replaced: boolean;
}

/**
 * Writes into the deployment's tags which plan Green has now. They were written when Green was asked for; where nothing had been begun, *Plan
 * Migration* has replaced that plan meanwhile. After the ledger, never before it: after the switchover the tag is what says which plan production has.
 */
export const handler = task<RememberedPlan>(async () => {
  const settings = readSettings();
  const deployment = await findDeployment(settings.deploymentName);
  const plan = planHash(settings);
  if (deployment === undefined || tagOf(deployment, DeploymentTag.PLAN) === plan) return { replaced: false };
  await tagDeployment(deployment.BlueGreenDeploymentIdentifier ?? '', deployment.Target ?? deployment.Source ?? '', {
    [DeploymentTag.PLAN]: plan, [DeploymentTag.PLAN_IN_WORDS]: planInWords(settings),
  });
  return { replaced: true };
});
