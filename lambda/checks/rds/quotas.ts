import { factsOf } from '../../rds/clusters';
import { copiedGroupName } from '../../rds/copied-group';
import { familyOf } from '../../rds/parameter-groups';
import { accountQuotas } from '../../rds/surroundings';
import { type Check, FINE, type Problem } from '../check';
import { type RdsContext } from './context';

/** Green needs a cluster, an instance for each of Blue's, and perhaps a parameter group within the account's quotas. */
export const quotas: Check<RdsContext> = {
  id: 'quotas',
  scopes: ['preflight'],
  acknowledgeable: true,
  unknown: 'warning',
  async run({ source, settings }) {
    if (source === undefined) return FINE;
    const present = await accountQuotas();
    const groups = settings.targetClusterParameterGroup === undefined && await familyOf(copiedGroupName(settings, factsOf(source))) === undefined ? 1 : 0;
    const needed = { DBClusters: 1, DBInstances: source.DBClusterMembers?.length ?? 0, DBClusterParameterGroups: groups };
    return Object.entries(needed).flatMap(([name, more]): Problem[] => {
      const { Used: used, Max: most } = present.get(name) ?? {};
      if (used === undefined || most === undefined || used + more <= most || more === 0) return [];
      return [{
        severity: 'blocker',
        message: `Green needs ${more} more of quota ${name}, of which ${used} of ${most} are used in this Region: RDS would refuse to create it. Raise the quota in Service Quotas, or delete what nobody needs `
          + '(an old Blue of an earlier switchover?)',
      }];
    });
  },
};
