import { blocker, type Check, FINE } from '../check';
import { type MysqlContext } from './context';

/** Without its deployment, the old Blue refuses writes by itself: what is written there now is in no snapshot. */
export const oldBlueReadOnly: Check<MysqlContext> = {
  id: 'old-blue-read-only',
  scopes: ['before-deletion'],
  async run({ blue, situation }) {
    const row = await blue.row<{ readOnly: number }>('SELECT @@global.read_only AS readOnly');
    if (Number(row?.readOnly) === 1) return FINE;
    return blocker(`the old Blue '${situation.source?.identifier}' takes writes (read_only=${row?.readOnly}), though its deployment is gone and its cluster parameter group should keep it read-only: somebody has changed that, or a parameter of `
      + 'its instances says otherwise. What was written there is in no snapshot: see whether there is anything, and set read_only to 1');
  },
};
