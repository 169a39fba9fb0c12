import { type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/** A database activity stream stays with the old Blue. */
export const activityStream: Check<RdsContext> = {
  id: 'activity-stream',
  scopes: ['preflight'],
  async run({ source }) {
    const status = source?.ActivityStreamStatus ?? 'stopped';
    if (status === 'stopped') return FINE;
    return warning(`the database activity stream of '${source?.DBClusterIdentifier}' is ${status}; Green has none, so the new production would not be watched: start one there right after the switchover (aws rds start-activity-stream)`);
  },
};
