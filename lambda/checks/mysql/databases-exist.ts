import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { type Check } from '../check';
import { databasesOf, type MysqlContext } from './context';

/** Every database the migration names is there. */
export const databasesExist: Check<MysqlContext> = {
  id: 'databases-exist',
  scopes: ['preflight'],
  async run({ blue, settings, situation }) {
    const all = await blue.rows<{ name: string }>(`SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (${marks(SYSTEM_SCHEMAS)}) ORDER BY 1`, SYSTEM_SCHEMAS);
    const { migration } = settings;
    // others, the files may create.
    const [property, wanted] = migration.kind === 'sqlFiles' ? ['database', [migration.database]] as const : ['databases', databasesOf(settings)] as const;
    const names = all.map(({ name }) => name);
    return wanted.filter((database) => !names.includes(database)).map((database) => ({
      severity: 'blocker' as const,
      message: `database '${database}' does not exist on '${situation.source?.identifier}' (or our user may not see it), so there is nothing to change: correct '${property}' of the `
        + `Migration; the cluster has ${names.map((name) => `'${name}'`).join(', ') || 'none'}`,
    }));
  },
};
