import { type BlueGreenDeployment } from '../../rds/types';
import { type Check, type Problem } from '../check';
import { type RdsContext } from './context';

/** What Application Auto Scaling calls the readers it adds; nobody knows them by name. */
const ADDED_BY_SCALING = 'application-autoscaling-';

/** Every instance and endpoint of Blue has its counterpart in Green; what has none is not renamed, and keeps its clients on the old Blue. */
export const membersPaired: Check<RdsContext> = {
  id: 'members-paired',
  scopes: ['before-switchover'],
  acknowledgeable: true,
  async run({ deployments, situation, source }) {
    const deployment = deployments.find(({ BlueGreenDeploymentIdentifier }) => BlueGreenDeploymentIdentifier === situation.deployment?.identifier);
    const present = source?.DBClusterMembers?.map(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier) ?? [];
    const { alone, strangers } = unpairedIn(deployment?.SwitchoverDetails ?? [], present);
    return [
      ...alone.map((name): Problem => (name.startsWith(ADDED_BY_SCALING)
        ? { severity: 'warning', message: `reader '${name}', which Aurora Auto Scaling has added, has no counterpart in Green: the new production begins with one reader less. Add one to Green if it is needed at once` }
        : {
          severity: 'blocker',
          message: `'${name}' has no counterpart in Green, so it would stay with the old Blue under its name (an instance was added to Blue, or deleted from Green, meanwhile): delete it if nobody needs it, or acknowledge this and see that no `
            + 'client uses its own endpoint',
        })),
      ...strangers.map((name): Problem => ({
        severity: 'warning',
        message: `'${name}' of Green has no counterpart in Blue (it was added to Green, or its counterpart deleted from Blue, meanwhile), so it keeps this name as a member of the new production`,
      })),
    ];
  },
};

/** Members of one side that the other does not have; RDS need not have noticed what Blue has got since the deployment was made. */
function unpairedIn(
  details: NonNullable<BlueGreenDeployment['SwitchoverDetails']>, present: readonly string[],
): { readonly alone: string[]; readonly strangers: string[] } {
  const known = details.map(({ SourceMember }) => nameIn(SourceMember));
  const namesOf = (status: string) => (
    details.filter(({ Status }) => Status === status).map(({ SourceMember, TargetMember }) => nameIn(SourceMember ?? TargetMember))
  );
  const unknown = details.length === 0 ? [] : present.filter((name) => !known.includes(name));
  return { alone: [...namesOf('MISSING_TARGET'), ...unknown], strangers: namesOf('MISSING_SOURCE') };
}

function nameIn(arn = ''): string {
  return arn.split(':').at(-1) ?? arn;
}
