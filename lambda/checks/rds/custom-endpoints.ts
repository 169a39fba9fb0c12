import { customEndpointsOf } from '../../rds/surroundings';
import { type Check, FINE, type Problem } from '../check';
import { type RdsContext } from './context';

/** Custom endpoints with fixed lists of instances may lead elsewhere after the switchover (Aurora User Guide, "Best practices for blue/green deployments"). */
export const customEndpoints: Check<RdsContext> = {
  id: 'custom-endpoints',
  scopes: ['preflight'],
  unknown: 'warning',
  async run({ source }) {
    if (source?.DBClusterIdentifier === undefined) return FINE;
    const endpoints = await customEndpointsOf(source.DBClusterIdentifier);
    return endpoints.flatMap(({ DBClusterEndpointIdentifier: name, StaticMembers = [], ExcludedMembers = [] }): Problem[] => {
      if (StaticMembers.length === 0 && ExcludedMembers.length === 0) return [];
      const list = StaticMembers.length > 0 ? `has the fixed members ${StaticMembers.join(', ')}` : `excludes ${ExcludedMembers.join(', ')}`;
      return [{ severity: 'warning', message: `custom endpoint '${name}' ${list}: AWS advises against such lists with Blue/Green deployments. See after the switchover that it leads where it should, or let clients use the reader endpoint` }];
    });
  },
};
