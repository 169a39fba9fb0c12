import { binlogRetentionHours, setBinlogRetentionHours } from '../mysql/rds-procedures';
import { Session } from '../mysql/session';
import { type BlueRestored } from '../shared/state';
import { situationOf, task } from '../shared/task';

/**
 * Puts back what was changed on Blue when Green was made. Before Green is deleted: the tags that remember it go with the deployment.
 */
export const handler = task<BlueRestored>(async (event) => {
  const { source, deployment } = situationOf(event);
  // what comes before *Keep Binlogs* changes nothing there.
  if (deployment === null && event.state.binlogs === null) return { remarks: [] };
  const hours = deployment?.binlogRetentionHours;
  if (source === null) return { remarks: ['Blue does not exist any more: nothing was put back there'] };
  if (hours === undefined) return { remarks: [`what 'binlog retention hours' was on Blue is not known; it was left as it is`] };
  return Session.use(source, async (blue) => {
    if (await binlogRetentionHours(blue) === hours) return { remarks: [] };
    await setBinlogRetentionHours(blue, hours);
    return { remarks: [`'binlog retention hours' was set back to ${hours ?? 'NULL'} on Blue`] };
  });
});
