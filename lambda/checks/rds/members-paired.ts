import { type Check } from '../check';
import { type RdsContext } from './context';

/** Every instance and endpoint of Blue has its counterpart in Green; what has none is not renamed, and keeps its clients on the old Blue. */
export const membersPaired: Check<RdsContext> = {
  id: 'members-paired',
  scopes: ['before-switchover'],
  acknowledgeable: true,
  async run({ deployments, situation }) {
    const deployment = deployments.find(({ BlueGreenDeploymentIdentifier }) => BlueGreenDeploymentIdentifier === situation.deployment?.identifier);
    return (deployment?.SwitchoverDetails ?? []).filter(({ Status }) => Status === 'MISSING_TARGET' || Status === 'MISSING_SOURCE').map(({ SourceMember, TargetMember, Status }) => ({
      severity: 'blocker' as const,
      message: `'${nameIn(SourceMember ?? TargetMember)}' has no counterpart in ${Status === 'MISSING_TARGET' ? 'Green, so it would stay with the old Blue under its name' : 'Blue, so it would keep its name of Green'} `
        + '(an instance was added or deleted meanwhile): delete it if nobody needs it, or acknowledge this and see that no client uses its own endpoint',
    }));
  },
};

function nameIn(arn = ''): string {
  return arn.split(':').at(-1) ?? arn;
}
