import { type BlueGreenDeployment } from '../../rds/types';
import { type Check, type Problem } from '../check';
import { type RdsContext } from './context';

/** A cluster can be the source of one Blue/Green deployment at a time, and none while it is the Green of another. */
export const foreignDeployment: Check<RdsContext> = {
  id: 'foreign-deployment',
  scopes: ['preflight'],
  async run({ deployments, deploymentsInto, situation, settings }) {
    const foreign = (all: readonly BlueGreenDeployment[]) => (
      all.filter(({ BlueGreenDeploymentIdentifier }) => BlueGreenDeploymentIdentifier !== situation.deployment?.identifier)
    );
    return [
      ...foreign(deployments).map((deployment): Problem => ({
        severity: 'blocker',
        message: `'${settings.clusterIdentifier}' is already the source of Blue/Green deployment ${named(deployment)}, which this pipeline did not make; a cluster can have one at a time: finish or delete that one, `
          + `or, if it is the one to continue, give this pipeline its name (deploymentName)`,
      })),
      ...foreign(deploymentsInto).map((deployment): Problem => (deployment.Status === 'SWITCHOVER_COMPLETED'
        ? {
          severity: 'warning',
          message: `'${settings.clusterIdentifier}' has become production by Blue/Green deployment ${named(deployment)}, which is still there: RDS may refuse another one until that is deleted. Its old Blue may take writes again as soon as it is: set read_only there before `
            + '(Aurora User Guide, "Deleting a blue/green deployment")',
        }
        : {
          severity: 'blocker',
          message: `'${settings.clusterIdentifier}' is the Green of Blue/Green deployment ${named(deployment)}, so it is no production, and RDS makes no Green of a Green: correct the identifier in BlueGreenSource, or finish that one`,
        })),
    ];
  },
};

function named({ BlueGreenDeploymentName: name, BlueGreenDeploymentIdentifier: identifier, Status: status }: BlueGreenDeployment): string {
  return `'${name}' (${identifier}, ${status})`;
}
