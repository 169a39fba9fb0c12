import { changesOnBlue, REMEDY } from '../../migration/blue-schema';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { changedDatabasesOf, type GreenContext } from './context';

/** Blue is defined still as it was when the migration was planned; new tables are planned by themselves. */
export const schemaAsPlanned: Check<GreenContext> = {
  id: 'schema-as-planned',
  scopes: ['before-switchover'],
  async run({ blue, green, settings }) {
    const changes = await changesOnBlue({ blue, green }, changedDatabasesOf(settings));
    return changes.length === 0 ? FINE : blocker(`Blue's schema was changed after the migration was planned: ${someOf(changes, { most: 20, separator: '; ' })}. ${REMEDY}`);
  },
};
