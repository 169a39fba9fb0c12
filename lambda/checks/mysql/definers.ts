import { Grants } from '../../mysql/grants';
import { marks } from '../../mysql/inventory';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { databasesOf, type MysqlContext } from './context';

/** Who programs are created again for on Green: a definer with SYSTEM_USER, and one who does not exist any more, need more than SET_ANY_DEFINER. */
export const definers: Check<MysqlContext> = {
  id: 'definers',
  scopes: ['preflight', 'green'],
  async run({ blue, green, settings }) {
    // a Blue before 8.0 tells nothing of this; its Green does.
    const judged = green ?? blue;
    const defining = await definersOf(judged, databasesOf(settings));
    const server = await judged.row<{ version: string }>('SELECT @@version AS version');
    const [version, greenVersion] = [Number.parseFloat(server?.version ?? '0'), Number.parseFloat(settings.targetEngineVersion ?? server?.version ?? '0')];
    // SYSTEM_USER came with 8.0.16; before, there is nobody whom others may not define for.
    if (defining.length === 0 || version < 8) return [];
    const [grants, system, known] = [await Grants.of(judged), await accountsWithSystemUser(judged), await accounts(judged)];
    const problems: Problem[] = [];
    const privileged = defining.filter((definer) => system.has(definer));
    if (privileged.length > 0 && !grants.everywhere('SYSTEM_USER')) {
      problems.push({
        severity: 'blocker',
        message: `programs of ${someOf(privileged)} have to be created again with the new collation, and these accounts have SYSTEM_USER, which our user lacks (error 1227), and RDS grants to nobody: give the programs another `
          + 'definer on Blue (create them again as the master user), or leave their database out',
      });
    }
    const gone = defining.filter((definer) => !known.has(definer));
    if (gone.length > 0 && greenVersion >= 8.2 && !grants.everywhere('ALLOW_NONEXISTENT_DEFINER') && !grants.everywhere('SET_USER_ID')) {
      problems.push({
        severity: 'blocker',
        message: `programs are defined by accounts that do not exist (${someOf(gone)}), and our user lacks ALLOW_NONEXISTENT_DEFINER, so they could not be created again: grant it, create the accounts, or drop the `
          + 'programs, which fail on Blue, too (1449)',
      });
    }
    return problems;
  },
};

/** Definers of what the conversion creates again: `user@host`. */
async function definersOf(session: Session, databases: readonly string[]): Promise<string[]> {
  const rows = await session.rows<{ definer: string }>(
    `SELECT DEFINER AS definer FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN (${marks(databases)}) AND DATABASE_COLLATION NOT LIKE 'utf8mb4%'
      UNION SELECT DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${marks(databases)}) AND DATABASE_COLLATION NOT LIKE 'utf8mb4%'
      UNION SELECT DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN (${marks(databases)}) AND DATABASE_COLLATION NOT LIKE 'utf8mb4%' ORDER BY 1`,
    [...databases, ...databases, ...databases],
  );
  return rows.map(({ definer }) => definer);
}

/** Those who have SYSTEM_USER themselves, or by a role they were granted. */
async function accountsWithSystemUser(session: Session): Promise<Set<string>> {
  const rows = await session.rows<{ account: string }>(
    `SELECT CONCAT(USER, '@', HOST) AS account FROM mysql.global_grants WHERE PRIV = 'SYSTEM_USER'
      UNION SELECT CONCAT(e.TO_USER, '@', e.TO_HOST) FROM mysql.role_edges e JOIN mysql.global_grants g ON g.USER = e.FROM_USER AND g.HOST = e.FROM_HOST AND g.PRIV = 'SYSTEM_USER'`,
  );
  return new Set(rows.map(({ account }) => account));
}

async function accounts(session: Session): Promise<Set<string>> {
  return new Set((await session.rows<{ account: string }>(`SELECT CONCAT(User, '@', Host) AS account FROM mysql.user`)).map(({ account }) => account));
}
