import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE, warning } from '../check';
import { type MysqlContext } from './context';

/** RDS does not copy a database called `tmp` (Aurora User Guide, "Limitations for blue/green deployments"). */
export const databaseTmp: Check<MysqlContext> = {
  id: 'database-tmp',
  scopes: ['preflight'],
  async run({ blue }) {
    if (await blue.row(`SELECT 1 AS found FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'tmp'`) === undefined) return FINE;
    const tables = await blue.rows<{ name: string }>(`SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'tmp' ORDER BY 1`);
    if (tables.length === 0) return warning(`Blue has a database called 'tmp', which RDS does not copy to Green. It has no tables; what else is in it would be missing after the switchover`);
    return blocker(`Blue has a database called 'tmp' with ${tables.length} table${tables.length === 1 ? '' : 's'} (${someOf(tables.map(({ name }) => name), { most: 5 })}), `
      + 'which RDS does not copy to Green: their rows would be gone after the switchover, and a write to them meanwhile stops replication (1146). Move them into another database, or drop them');
  },
};
