import { replicaStatus } from '../../mysql/dialect';
import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

/** A switchover stops writes until Green has caught up: whatever is missing now is outage then. */
export const replicationCaughtUp: Check<GreenContext> = {
  id: 'replication-caught-up',
  scopes: ['before-switchover'],
  async run({ green }) {
    const status = await replicaStatus(green);
    if (status === undefined) return FINE;
    if (status.ioRunning !== 'Yes' || status.sqlRunning !== 'Yes' || status.lagSeconds === null) {
      return blocker(`replication does not run (I/O thread ${status.ioRunning}, SQL thread ${status.sqlRunning}, lag ${status.lagSeconds ?? 'unknown'}): wait until it does`);
    }
    if (status.lagSeconds > 5) return blocker(`Green is ${status.lagSeconds} s behind: writes would be stopped for about that long. Wait until it has caught up`);
    return FINE;
  },
};
