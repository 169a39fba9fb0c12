import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** Green gets the names that Blue has: if Blue does not bear production's name any more, production's clients would not get Green. */
export const sourceIsProduction: Check<RdsContext> = {
  id: 'source-is-production',
  scopes: ['before-switchover'],
  async run({ source, settings }) {
    if (source === undefined || source.DBClusterIdentifier === settings.clusterIdentifier) return FINE;
    return blocker(`Blue is called '${source.DBClusterIdentifier}' now, and production is '${settings.clusterIdentifier}': Green would get that name in the switchover, and clients of '${settings.clusterIdentifier}' would not get Green. `
      + 'Somebody has renamed it, or a switchover was broken off in the middle: find out which cluster is production, and give it its name back');
  },
};
