import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** A member of an Aurora Global Database is switched over with all of its Regions, which this pipeline does not do. */
export const globalDatabase: Check<RdsContext> = {
  id: 'global-database',
  scopes: ['preflight'],
  async run({ source }) {
    const name = source?.GlobalClusterIdentifier ?? '';
    if (name === '') return FINE;
    return blocker(`'${source?.DBClusterIdentifier}' belongs to Aurora Global Database '${name}', whose Blue/Green deployments are made of the global cluster and of every Region at once; this pipeline makes them of single clusters. `
      + 'Take the cluster out of it first (aws rds remove-from-global-cluster), and add the other Regions again afterwards');
  },
};
