import { type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/** Green has no backtrack, and one on Blue breaks the deployment. */
export const backtrack: Check<RdsContext> = {
  id: 'backtrack',
  scopes: ['preflight'],
  async run({ source }) {
    const seconds = source?.BacktrackWindow ?? 0;
    if (seconds === 0) return FINE;
    return warning(`'${source?.DBClusterIdentifier}' can be backtracked (${seconds / 3600} hours); Green cannot, so the new production cannot either, and it cannot be turned on later: rely on point-in-time recovery. A backtrack of Blue `
      + 'while Green exists breaks the deployment');
  },
};
