import { replicaStatus } from '../../mysql/dialect';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

/** No filter keeps from Green what Blue writes; only tables of RDS and of MySQL are left out. */
export const replicationFilters: Check<GreenContext> = {
  id: 'replication-filters',
  scopes: ['green', 'before-switchover'],
  acknowledgeable: true,
  async run({ green, situation }) {
    const filters = (await replicaStatus(green))?.filters ?? [];
    if (filters.length === 0) return FINE;
    return blocker(`replication to '${situation.target?.identifier}' is filtered (${someOf(filters)}): what Blue writes there does not arrive, without any error. Take the parameters replicate-… out of Green's parameter groups (a copy of `
      + 'Blue\'s may have them from an earlier replication), delete the deployment together with Green, and start again');
  },
};
