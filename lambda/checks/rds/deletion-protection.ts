import { type Check, FINE, note } from '../check';
import { type RdsContext } from './context';

/** Deletion protection stays with the old Blue, which cannot be deleted then, and a protected Green keeps a deployment from being deleted with it. */
export const deletionProtection: Check<RdsContext> = {
  id: 'deletion-protection',
  scopes: ['preflight'],
  async run({ source }) {
    if (source?.DeletionProtection !== true) return FINE;
    return note(`'${source.DBClusterIdentifier}' has deletion protection: before the old Blue is deleted one day, or Green is given up, it has to be turned off there (aws rds modify-db-cluster --no-deletion-protection). See that the new `
      + 'production has it');
  },
};
