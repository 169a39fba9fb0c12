import { binlogRetentionHours, MOST_RETENTION_HOURS } from '../../mysql/rds-procedures';
import { STANDARD_WORKERS } from '../../shared/capacity';
import { type Check, type Problem } from '../check';
import { type MysqlContext } from './context';
import { copiedTables } from './copied-tables';

/** What one worker converts in a second, by a cautious estimate: indexes that do not fit into memory make it slow. */
const BYTES_PER_SECOND = 4 * 1024 ** 2;
/** Catching up may take as long as the migration. */
const CATCHING_UP = 2;

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
    const { bytes, workers, hours } = await estimate({ blue, settings });
    if (hours > settings.binlogRetentionHours) {
      problems.push({
        severity: 'warning',
        message: `binlogRetention is ${settings.binlogRetentionHours} hours, and ${settings.migration.kind === 'sqlFiles' ? 'changing at most' : 'converting about'} ${Math.ceil(bytes / 1024 ** 3)} GiB with ${workers} worker${workers === 1 ? '' : 's'} and catching up afterwards may take ${hours} by a cautious estimate `
          + `(${BYTES_PER_SECOND / 1024 ** 2} MiB/s a worker): a binlog that Green has not read yet would be gone (1236), and Green lost. Raise it (at most ${MOST_RETENTION_HOURS} hours)${settings.migration.kind === 'sqlFiles' ? '' : ', or take more workers'}`,
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

/** How much is copied, and how long that and the catching up may take. */
async function estimate(context: Pick<MysqlContext, 'blue' | 'settings'>): Promise<{ bytes: number; workers: number; hours: number }> {
  const { migration, workers: chosen = STANDARD_WORKERS } = context.settings;
  // statements of files are run one after the other.
  const workers = migration.kind === 'sqlFiles' ? 1 : chosen;
  const bytes = (await copiedTables(context)).reduce((sum, table) => sum + table.bytes, 0);
  return { bytes, workers, hours: Math.ceil(CATCHING_UP * bytes / (BYTES_PER_SECOND * workers) / 3600) };
}
