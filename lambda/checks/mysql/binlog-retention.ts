import { convertsSafely } from '../../migration/collations';
import { tablesOf, textColumnsOf } from '../../mysql/inventory';
import { tableKey } from '../../mysql/names';
import { binlogRetentionHours, MOST_RETENTION_HOURS } from '../../mysql/rds-procedures';
import { STANDARD_WORKERS } from '../../shared/capacity';
import { type Check, type Problem } from '../check';
import { databasesOf, type MysqlContext } from './context';

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
    const { bytes, hours } = await estimate(blue, settings);
    if (hours > settings.binlogRetentionHours) {
      problems.push({
        severity: 'warning',
        message: `binlogRetention is ${settings.binlogRetentionHours} hours, and converting about ${Math.ceil(bytes / 1024 ** 3)} GiB with ${settings.workers ?? STANDARD_WORKERS} workers and catching up afterwards may take ${hours} by a cautious estimate `
          + `(${BYTES_PER_SECOND / 1024 ** 2} MiB/s a worker): a binlog that Green has not read yet would be gone (1236), and Green lost. Raise it (at most ${MOST_RETENTION_HOURS} hours), or take more workers`,
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
async function estimate(blue: MysqlContext['blue'], settings: MysqlContext['settings']): Promise<{ bytes: number; hours: number }> {
  const databases = databasesOf(settings);
  const converted = (await textColumnsOf(blue, databases)).filter(({ characterSet }) => convertsSafely(characterSet));
  const copied = new Set(converted.map(({ schema, table }) => tableKey(schema, table)));
  const bytes = (await tablesOf(blue, databases)).filter(({ schema, name }) => copied.has(tableKey(schema, name))).reduce((sum, table) => sum + table.bytes, 0);
  return { bytes, hours: Math.ceil(CATCHING_UP * bytes / (BYTES_PER_SECOND * (settings.workers ?? STANDARD_WORKERS)) / 3600) };
}
