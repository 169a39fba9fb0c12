import { convertsSafely, staysAsItIs } from '../../migration/collations';
import { characterSetOf } from '../../migration/conversion';
import { schemaCollations, storedObjectsOf, tablesOf, textColumnsOf } from '../../mysql/inventory';
import { blocker, type Check, FINE } from '../check';
import { databasesOf, type MysqlContext } from './context';

/** A switchover is not worth it where nothing would be different afterwards; most likely an earlier run has done it all. */
export const somethingToDo: Check<MysqlContext> = {
  id: 'something-to-do',
  scopes: ['preflight'],
  acknowledgeable: true,
  async run({ blue, settings, situation }) {
    const { migration, targetEngineVersion } = settings;
    if (migration.kind !== 'convertCharacterSet' || (targetEngineVersion !== undefined && targetEngineVersion !== situation.source?.engineVersion)) return FINE;
    const databases = databasesOf(settings);
    if ((await textColumnsOf(blue, databases)).some(({ characterSet }) => convertsSafely(characterSet))) return FINE;
    const defaults = await schemaCollations(blue, databases);
    // databases-exist has that to say.
    if (databases.some((database) => !defaults.has(database))) return FINE;
    const collations = [
      ...defaults.values(),
      ...(await tablesOf(blue, databases)).map(({ collation }) => collation),
      ...(await storedObjectsOf(blue, databases)).map(({ databaseCollation }) => databaseCollation),
    ];
    if (collations.some((collation) => !staysAsItIs(characterSetOf(collation)))) return FINE;
    return blocker(`everything in ${databases.join(', ')} is utf8mb4 already, and the engine version stays the same: a switchover would change nothing. Has an earlier run done it?`);
  },
};
