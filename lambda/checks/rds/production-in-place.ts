import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** The production name leads to the cluster that has taken the old Blue's place, and that is available. */
export const productionInPlace: Check<RdsContext> = {
  id: 'production-in-place',
  scopes: ['retire'],
  async run({ target, situation: { recorded }, settings }) {
    const { DbClusterResourceId: id, DBClusterIdentifier: name, Status: status } = target ?? {};
    if (id === undefined || id !== recorded?.target || name !== settings.clusterIdentifier) {
      return blocker(`the name '${settings.clusterIdentifier}' should belong to cluster ${recorded?.target ?? '(not recorded)'}, which the switchover has made production, but ${name === undefined ? 'that is not to be found' : `the deployment's target is '${name}' (${id})`}: `
        + 'find out which cluster is production before anything is deleted');
    }
    if (status === 'available') return FINE;
    return blocker(`production '${name}' is '${status}': as long as it is not 'available', the old Blue is the only cluster that is. Wait until it is, or see its events`);
  },
};
