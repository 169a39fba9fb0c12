import { tablesOutside } from '../../mysql/inventory';
import { compareVersions } from '../../shared/engine-version';
import { type Check, FINE, type Problem } from '../check';
import { type MysqlContext } from './context';
import { copiedTables } from './copied-tables';

const TIB = 1024 ** 4;
/**
 * What a cluster volume holds, before Aurora MySQL 3.10 and from then on.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html#RDS_Limits.FileSize.Aurora
 */
const [MOST_TIB_BEFORE, MOST_TIB] = [128, 256];
const FIRST_WITH_MOST = '8.0.mysql_aurora.3.10.0';
/** Copies that are worth a word: Green shares its pages with Blue, and pays for those it has written itself. */
const LARGE_TIB = 1;

/**
 * Green's cluster volume has room for the copies of the tables beside them. Statistics tell their sizes, and binlogs, undo logs and free pages, which count
 * too, are not among them (Aurora User Guide, "Amazon Aurora size limits").
 */
export const clusterVolume: Check<MysqlContext> = {
  id: 'cluster-volume',
  scopes: ['preflight'],
  acknowledgeable: true,
  unknown: 'warning',
  async run({ blue, settings, situation }) {
    const copied = (await copiedTables({ blue, settings })).map(({ bytes }) => bytes);
    if (copied.length === 0) return FINE;
    const present = (await tablesOutside(blue, [])).reduce((sum, { bytes }) => sum + bytes, 0);
    const all = copied.reduce((sum, bytes) => sum + bytes, 0);
    const most = mostTib(settings.targetEngineVersion ?? situation.source?.engineVersion ?? '');
    return [...tooLarge(present, { largest: Math.max(...copied), all }, most), ...costs(all)];
  },
};

function tooLarge(present: number, { largest, all }: { readonly largest: number; readonly all: number }, most: number): readonly Problem[] {
  if (present + all <= most * TIB) return FINE;
  const isCertain = present + largest > most * TIB;
  return [{
    severity: isCertain ? 'blocker' : 'warning',
    message: `the tables of Blue have about ${inTib(present)} TiB, ${isCertain ? `and the copy of the largest one that is changed another ${inTib(largest)} TiB` : `and the copies of those that are changed another ${inTib(all)} TiB, if what they replace is not given back in time`}: `
      + `a cluster volume of Green's version holds at most ${most} TiB, and a full one would end the migration (error 1114). Delete or archive what is not needed on Blue first${most === MOST_TIB ? '' : `, or let Green have version 3.10 or newer, which holds ${MOST_TIB} TiB (targetEngineVersion)`}`,
  }];
}

function costs(all: number): readonly Problem[] {
  if (all < LARGE_TIB * TIB) return FINE;
  return [{
    severity: 'note',
    message: `about ${inTib(all)} TiB are copied on Green: its volume shares with Blue's what neither has written since, so that much storage is paid for beside Blue's until the old Blue is deleted`,
  }];
}

function mostTib(engineVersion: string): number {
  return compareVersions(engineVersion, FIRST_WITH_MOST) < 0 ? MOST_TIB_BEFORE : MOST_TIB;
}

function inTib(bytes: number): string {
  return (bytes / TIB).toFixed(1);
}
