import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** The cluster the pipeline points at is there. */
export const clusterExists: Check<RdsContext> = {
  id: 'cluster-exists',
  scopes: ['preflight'],
  async run({ source, settings }) {
    if (source !== undefined) return FINE;
    return blocker(`there is no DB cluster '${settings.clusterIdentifier}' in this account and Region, so there is nothing to work on: correct the identifier in `
      + 'BlueGreenSource (identifiers are those of clusters, not of instances), or deploy the pipeline to the Region of the cluster');
  },
};
