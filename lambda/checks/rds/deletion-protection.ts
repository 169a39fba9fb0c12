import { blocker, type Check, FINE, note } from '../check';
import { type RdsContext } from './context';

/** Deletion protection stays with the old Blue, which cannot be deleted then, and a protected Green keeps a deployment from being deleted with it. */
export const deletionProtection: Check<RdsContext> = {
  id: 'deletion-protection',
  scopes: ['preflight', 'retire'],
  async run({ source, scope, settings }) {
    if (source?.DeletionProtection !== true) return FINE;
    const name = source.DBClusterIdentifier;
    if (scope === 'preflight') {
      return note(`'${name}' has deletion protection: before the old Blue is deleted one day, or Green is given up, it has to be turned off there (aws rds modify-db-cluster --no-deletion-protection). See that the new `
        + 'production has it');
    }
    if (settings.retireBlue?.removesDeletionProtection === true) return note(`the old Blue '${name}' has deletion protection, which is lifted before it is deleted (removeDeletionProtection)`);
    return blocker(`the old Blue '${name}' has deletion protection: turn it off if it may be deleted (aws rds modify-db-cluster --db-cluster-identifier ${name} --no-deletion-protection), or let the pipeline do it `
      + '(removeDeletionProtection of retireBlue)');
  },
};
