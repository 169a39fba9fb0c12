import { type Check } from '../check';
import { type RdsContext } from './context';

/** A cluster can be the source of one Blue/Green deployment at a time. */
export const foreignDeployment: Check<RdsContext> = {
  id: 'foreign-deployment',
  scopes: ['preflight'],
  async run({ deployments, situation, settings }) {
    return deployments
      .filter((deployment) => deployment.BlueGreenDeploymentIdentifier !== situation.deployment?.identifier)
      .map((deployment) => ({
        severity: 'blocker' as const,
        message: `'${settings.clusterIdentifier}' is already the source of Blue/Green deployment '${deployment.BlueGreenDeploymentName}' `
          + `(${deployment.BlueGreenDeploymentIdentifier}, ${deployment.Status}), which this pipeline did not make; a cluster can have one at a time: finish or delete that one, `
          + `or, if it is the one to continue, give this pipeline its name (deploymentName)`,
      }));
  },
};
