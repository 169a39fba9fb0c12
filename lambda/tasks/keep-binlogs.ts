import { binlogRetentionHours, setBinlogRetentionHours } from '../mysql/rds-procedures';
import { Session } from '../mysql/session';
import { readSettings } from '../shared/settings';
import { required, situationOf, task } from '../shared/task';

/** What *Keep Binlogs* returns. */
export interface KeptBinlogs {
  /** Hours for which Blue keeps its binlogs now. */
  readonly hours: number;
  /** What it was when this state was entered; null for NULL. The value before the pipeline is in the deployment's tag. */
  readonly previousHours: number | null;
}

/**
 * Makes Blue keep its binlogs until Green has read them. Runs right behind *Create Green*, not before it: by then the previous value is a tag
 * of the deployment, so that no crash can make us forget it.
 */
export const handler = task<KeptBinlogs>(async (event) => {
  const { binlogRetentionHours: wanted } = readSettings();
  return Session.use(required(situationOf(event).source, 'Blue'), async (blue) => {
    const previousHours = await binlogRetentionHours(blue);
    if (previousHours !== null && previousHours >= wanted) return { hours: previousHours, previousHours };
    await setBinlogRetentionHours(blue, wanted);
    return { hours: wanted, previousHours };
  });
});
