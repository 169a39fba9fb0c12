import { comparedShare, sampleInWords } from '../../shared/compared-share';
import { type Check, FINE, note, warning } from '../check';
import { type MysqlContext } from './context';

/** Everything is compared before the switchover, unless the construct was told otherwise. */
export const comparisonComplete: Check<MysqlContext> = {
  id: 'comparison-complete',
  scopes: ['preflight', 'before-switchover'],
  run({ settings: { comparison } }) {
    if (comparison?.kind === 'off') {
      return Promise.resolve(warning('the data of Blue and Green are not compared (Comparison.off()): what replication stores wrong without an error would be found by nobody before the switchover. Comparison.full() compares everything'));
    }
    if (comparison?.kind === 'sample') {
      return Promise.resolve(note(`only ${sampleInWords(comparedShare({ comparison }))} is compared (Comparison.sample(), seed '${comparison.seed ?? 'name of the deployment'}'): the rest is not known to be equal`));
    }
    return Promise.resolve(FINE);
  },
};
