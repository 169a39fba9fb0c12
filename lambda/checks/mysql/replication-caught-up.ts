import { parsePosition, replicaStatus } from '../../mysql/dialect';
import { presentPosition, waitUntilExecuted } from '../../replication/catch-up';
import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

/** RDS accepts the more lag the longer its timeout is; this is little even for the shortest one, 30 seconds, and for those who wait to write. */
const MOST_LAG_SECONDS = 5;

/** A switchover stops writes until Green has caught up: whatever is missing now is outage then. */
export const replicationCaughtUp: Check<GreenContext> = {
  id: 'replication-caught-up',
  scopes: ['before-switchover'],
  async run({ blue, green }) {
    const status = await replicaStatus(green);
    if (status === undefined) return FINE;
    if (status.ioRunning !== 'Yes' || status.sqlRunning !== 'Yes' || status.lagSeconds === null) {
      return blocker(`replication does not run (I/O thread ${status.ioRunning}, SQL thread ${status.sqlRunning}, lag ${status.lagSeconds ?? 'unknown'}): wait until it does`);
    }
    if (status.delaySeconds > 0) {
      return blocker(`Green is a delayed replica (${status.delaySeconds} s): writes would be stopped for that long. Take the delay out (CALL mysql.rds_set_source_delay(0) on Green)`);
    }
    if (status.lagSeconds > MOST_LAG_SECONDS) return blocker(`Green is ${status.lagSeconds} s behind: writes would be stopped for about that long. Wait until it has caught up`);
    const present = await presentPosition(blue);
    if (await waitUntilExecuted(green, parsePosition(present), MOST_LAG_SECONDS * 1000)) return FINE;
    return blocker(`Green says that it is ${status.lagSeconds} s behind, but has not executed Blue's position ${present} within ${MOST_LAG_SECONDS} s: writes would be stopped until it has. Wait until it has caught up`);
  },
};
