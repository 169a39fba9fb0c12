import { type Session } from '../../mysql/session';
import { type Check } from '../check';
import { type MysqlContext } from './context';

/** Statements that change a definition, or rebuild a table; temporary tables are nobody else's. */
const DDL = /^(?:\/\*.*?\*\/\s*)*(?:(?:ALTER|CREATE|DROP|RENAME|TRUNCATE|OPTIMIZE|REPAIR)\s+(?!TEMPORARY\b))/is;

/** RDS refuses a switchover while DDL runs on Blue (switchover guardrails), and a Green that is made in the middle of it meets it again in the binlog. */
export const runningDdl: Check<MysqlContext> = {
  id: 'running-ddl',
  scopes: ['preflight', 'before-switchover'],
  async run({ blue, situation }) {
    const atPreflight = situation.deployment === null;
    return (await runningStatements(blue)).filter(({ statement }) => DDL.test(statement.trimStart())).map(({ id, user, seconds, statement }) => ({
      severity: atPreflight ? 'warning' as const : 'blocker' as const,
      message: `session ${id} of user '${user}' has been running DDL on Blue for ${seconds} s (${firstWords(statement)}): `
        + (atPreflight ? 'let it finish before Green is made' : `RDS does not switch over meanwhile. Let it finish, or end it (CALL mysql.rds_kill_query(${id}))`),
    }));
  },
};

async function runningStatements(blue: Session): Promise<{ id: number; user: string; seconds: number; statement: string }[]> {
  return blue.rows(`SELECT ID AS id, COALESCE(USER, '?') AS user, TIME AS seconds, INFO AS statement FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL AND ID <> CONNECTION_ID() ORDER BY TIME DESC`);
}

/** Verb and object; what stands behind them may hold values. */
function firstWords(statement: string): string {
  return statement.replaceAll(/\/\*.*?\*\//gs, ' ').trim().split(/\s+/).slice(0, 3).join(' ').slice(0, 120);
}
