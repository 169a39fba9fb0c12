import { type Check, FINE, warning } from '../check';
import { type MysqlContext } from './context';

/** RDS does not copy a database called `tmp` (Aurora User Guide, "Limitations for blue/green deployments"). */
export const databaseTmp: Check<MysqlContext> = {
  id: 'database-tmp',
  scopes: ['preflight'],
  async run({ blue }) {
    if (await blue.row(`SELECT 1 AS found FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'tmp'`) === undefined) return FINE;
    return warning(`Blue has a database called 'tmp', which RDS does not copy to Green: its content would be missing after the switchover. Rename it if anything needs it`);
  },
};
