import { convertsSafely } from '../../migration/collations';
import { Ledger } from '../../migration/ledger';
import { planHash } from '../../migration/plan';
import { textColumnsOf } from '../../mysql/inventory';
import { blocker, type Check, FINE } from '../check';
import { databasesOf, type GreenContext } from './context';

/** Nothing of the plan is open, and nothing arrived from Blue that the plan does not know. */
export const migrationComplete: Check<GreenContext> = {
  id: 'migration-complete',
  scopes: ['before-switchover'],
  async run({ green, settings }) {
    const ledger = await Ledger.open(green);
    if (ledger === undefined) return blocker('there is no ledger of the migration on Green: start a new execution with {}; it plans the migration again');
    const plan = await ledger.plan();
    if (plan?.planHash !== planHash(settings)) return blocker('the stack was deployed meanwhile with another plan (Migration or targetEngineVersion) than the one that was done on Green: what it says now would not be what is switched over');
    const { pending, running, failed, unknown } = await ledger.counts();
    const open = pending + running + failed + unknown;
    if (open > 0) return blocker(`${open} steps of the migration are not done (${pending} pending, ${running} running, ${failed} failed, ${unknown} unknown): start a new execution with {}`);
    const late = (await textColumnsOf(green, databasesOf(settings))).filter(({ characterSet }) => convertsSafely(characterSet));
    const [first] = late;
    return first === undefined ? FINE : blocker(`${late.length} columns arrived from Blue after the plan was made and are not converted, e.g. ${first.schema}.${first.table}.${first.column}`);
  },
};
