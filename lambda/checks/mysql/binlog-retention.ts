import { binlogRetentionHours, MOST_RETENTION_HOURS } from '../../mysql/rds-procedures';
import { type Check, type Problem } from '../check';
import { type MysqlContext } from './context';

/** Blue keeps its binlogs until Green has read them. */
export const binlogRetention: Check<MysqlContext> = {
  id: 'binlog-retention',
  scopes: ['preflight'],
  async run({ blue, settings }) {
    const present = await binlogRetentionHours(blue);
    const problems: Problem[] = [];
    if (settings.binlogRetentionHours > MOST_RETENTION_HOURS) {
      problems.push({
        severity: 'blocker',
        message: `binlogRetention is ${settings.binlogRetentionHours} hours, and Aurora MySQL keeps binlogs for at most ${MOST_RETENTION_HOURS} (larger values are cut without a word)`,
      });
    }
    if (present === null || present < settings.binlogRetentionHours) {
      problems.push({
        severity: 'note',
        message: `'binlog retention hours' of Blue is ${present ?? 'NULL'}; the pipeline sets it to ${settings.binlogRetentionHours} as soon as Green is being created, and back to `
          + `${present ?? 'NULL'} at the end`,
      });
    }
    return problems;
  },
};
