import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** What is retired is the cluster whose resource id was recorded when it was production, and no other one. */
export const oldBlueRecorded: Check<RdsContext> = {
  id: 'old-blue-recorded',
  scopes: ['retire'],
  async run({ source, situation: { recorded }, settings }) {
    const { DbClusterResourceId: id, DBClusterIdentifier: name } = source ?? {};
    if (id !== undefined && id === recorded?.source && id !== recorded.target && name !== settings.clusterIdentifier) return FINE;
    return blocker(`'${name ?? 'none'}' (${id ?? 'no cluster'}) is not the old Blue that was recorded (${recorded?.source ?? 'none'}): clusters were renamed, exchanged or deleted by hand, and by a name alone nothing is deleted. `
      + 'Find out which cluster is which, and delete the old one yourself');
  },
};
