import { findDeployment } from '../../rds/deployments';
import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** Nothing was switched over, or RDS has rolled it back. */
const NOT_SWITCHED = ['AVAILABLE', 'SWITCHOVER_FAILED'];

/** Nobody but the pipeline switches over, or takes the deployment away: the state machine finds out anew where the work stands then. */
export const deploymentUntouched: Check<RdsContext> = {
  id: 'deployment-untouched',
  scopes: ['before-switchover'],
  // Switch Over looks once more.
  unknown: 'warning',
  async run({ settings, situation }) {
    const present = await findDeployment(settings.deploymentName);
    if (present === undefined) return blocker(`Blue/Green deployment '${settings.deploymentName}' does not exist any more: somebody has deleted it`);
    const { BlueGreenDeploymentIdentifier: identifier, Status: status = 'unknown' } = present;
    if (identifier !== situation.deployment?.identifier) return blocker(`Blue/Green deployment '${settings.deploymentName}' is another one now (${identifier}, before ${situation.deployment?.identifier}): somebody has replaced it`);
    if (NOT_SWITCHED.includes(status)) return FINE;
    return blocker(`Blue/Green deployment '${settings.deploymentName}' is ${status}, although the pipeline has not asked for it: somebody else has switched over, or does so at this moment, or has changed the deployment`);
  },
};
