import { LEDGER_SCHEMA } from '../../migration/worker-procedure';
import { Grants } from '../../mysql/grants';
import { marks } from '../../mysql/inventory';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { changedDatabasesOf, databasesOf, type MysqlContext } from './context';

/** What is looked at in all databases, and what becomes of it without the privilege. */
const EVERYWHERE = [
  ['SELECT', 'databases, tables and routines it may not see would be neither converted nor compared'],
  ['EVENT', 'events it may not see would not be converted, and would stay disabled after the switchover'],
] as const;

/** What is altered or created again on Green; grants on Blue are Green's too. ALTER TABLE needs CREATE and INSERT as well. */
const ON_DATABASES = ['ALTER', 'CREATE', 'INSERT', 'TRIGGER', 'SHOW VIEW', 'LOCK TABLES', 'CREATE ROUTINE', 'ALTER ROUTINE'];

/** What the ledger on Green needs. */
const IN_LEDGER = ['CREATE', 'DROP', 'INSERT', 'UPDATE', 'DELETE', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE'];

/** What the proof of a plan needs in schemas of its own on Green. */
const [IN_TWINS, TWIN] = [['CREATE', 'ALTER', 'DROP', 'INSERT', 'INDEX', 'REFERENCES', 'CREATE TEMPORARY TABLES'], 'blue_green_proof_1'];

/** What the proof of SQL files needs there besides: they may make, use and call whatever a database has. */
const IN_TWINS_OF_FILES = [...IN_TWINS, 'UPDATE', 'DELETE', 'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EXECUTE', 'TRIGGER'];

/** Replication stands still while the children of cascading foreign keys are converted. */
const CALLED = ['rds_stop_replication', 'rds_start_replication'];
/** Sessions of others are ended where that is chosen. */
const CALLED_TO_END = 'rds_kill';

/** Whoever has one of them may create programs for other definers; the names changed with 8.2. */
const FOR_OTHER_DEFINERS = ['SET_ANY_DEFINER', 'SET_USER_ID'];

/**
 * Our user sees everything and may change what the migration changes. What a user may not see, MySQL leaves out without an error: a trigger, an
 * event, a whole database would not be converted or compared, and nobody would know.
 */
export const databasePrivileges: Check<MysqlContext> = {
  id: 'database-privileges',
  scopes: ['preflight', 'green'],
  async run({ blue, green, settings }) {
    // what a user of 5.7 may do after the upgrade, only Green can tell.
    const judged = green ?? blue;
    const grants = await Grants.of(judged);
    const problems: Problem[] = EVERYWHERE.filter(([privilege]) => !grants.everywhere(privilege)).map(([privilege, without]) => {
      const withheld = grants.withheld(privilege);
      return lacking(`${privilege} on *.*${withheld.length === 0 ? '' : ` (it is revoked in ${someOf(withheld)})`}: ${without}, without any error`);
    });
    const databases = databasesOf(settings);
    for (const database of databases) {
      const missing = ON_DATABASES.filter((privilege) => !grants.on(database, privilege));
      if (missing.length > 0) problems.push(lacking(`${missing.join(', ')} on database '${database}': its tables and programs could not all be converted, and what it may not see (triggers, the text of views) would be overlooked`));
    }
    const inLedger = IN_LEDGER.filter((privilege) => !grants.on(LEDGER_SCHEMA, privilege));
    if (inLedger.length > 0) problems.push(lacking(`${inLedger.join(', ')} on database ${LEDGER_SCHEMA}: the ledger of what is done could not be kept on Green`));
    const needed = { none: [], convertCharacterSet: IN_TWINS, sqlFiles: IN_TWINS_OF_FILES }[settings.migration.kind];
    const inTwins = needed.filter((privilege) => !grants.on(TWIN, privilege));
    if (inTwins.length > 0) problems.push(lacking(`${inTwins.join(', ')} on databases blue_green_proof_…: the migration could not be tried on empty copies before`));
    const uncallable = changedDatabasesOf(settings).length === 0 ? [] : CALLED.filter((procedure) => !grants.mayCall('mysql', procedure));
    if (uncallable.length > 0) problems.push(lacking(`EXECUTE on ${uncallable.map((name) => `mysql.${name}`).join(', ')}: replication into Green could not be stopped and started for the tables that need it`));
    if (settings.lockHolders === 'end' && settings.migration.kind !== 'none' && !grants.mayCall('mysql', CALLED_TO_END)) {
      problems.push(lacking(`EXECUTE on mysql.${CALLED_TO_END}: sessions on Green that keep a table locked could not be ended (lockHolders), and would be waited for`));
    }
    const definers = await otherDefiners(judged, databases);
    if (definers.length > 0 && !FOR_OTHER_DEFINERS.some((privilege) => grants.everywhere(privilege))) {
      problems.push(lacking(`SET_ANY_DEFINER (SET_USER_ID before 8.2): routines, triggers and events could not be created again for their definers (${definers.slice(0, 5).join(', ')})`));
    }
    return problems;
  },
};

/** Who else defined programs; nobody on 5.7, which has no privilege for this: there it is Green's master user who has it. */
async function otherDefiners(blue: Session, databases: readonly string[]): Promise<string[]> {
  const server = await blue.row<{ version: string }>('SELECT @@version AS version');
  if (databases.length === 0 || server?.version.startsWith('5.') === true) return [];
  const rows = await blue.rows<{ definer: string }>(
    `SELECT DEFINER AS definer FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN (${marks(databases)}) AND DEFINER <> CURRENT_USER()
      UNION SELECT DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${marks(databases)}) AND DEFINER <> CURRENT_USER()
      UNION SELECT DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN (${marks(databases)}) AND DEFINER <> CURRENT_USER()`,
    [...databases, ...databases, ...databases],
  );
  return rows.map(({ definer }) => definer);
}

function lacking(what: string): Problem {
  return { severity: 'blocker', message: `our MySQL user lacks ${what}. Grant it, or use the master user; docs/permissions.md has every grant` };
}
