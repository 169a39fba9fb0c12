import { type Session } from '../../mysql/session';
import { type Check } from '../check';
import { type MysqlContext } from './context';

/** Comments that scripts begin with; one that MySQL executes is none. */
const LEADING_COMMENTS = /^(?:\s|\/\*(?!!).*?\*\/|(?:--(?=\s)|#)[^\n]*(?:\n|$))+/s;
/** Statements that change a definition, or rebuild a table; temporary tables are nobody else's. */
const DDL = /^(?:\/\*!\d*\s*)?(?:ALTER|CREATE|DROP|RENAME|TRUNCATE|OPTIMIZE|REPAIR)\s+(?!TEMPORARY\b)/i;
/** A statement may be as long as max_allowed_packet; what it does is said at its beginning. */
const MOST_CHARACTERS = 4096;

/** RDS refuses a switchover while DDL runs on Blue (switchover guardrails), and a Green that is made in the middle of it meets it again in the binlog. */
export const runningDdl: Check<MysqlContext> = {
  id: 'running-ddl',
  scopes: ['preflight', 'before-switchover'],
  async run({ blue, situation }) {
    const atPreflight = situation.deployment === null;
    return (await runningStatements(blue)).filter(({ statement }) => DDL.test(statement)).map(({ id, user, seconds, statement }) => ({
      severity: atPreflight ? 'warning' as const : 'blocker' as const,
      message: `session ${id} of user '${user}' has been running DDL on Blue for ${seconds} s (${firstWords(statement)}): `
        + (atPreflight ? 'let it finish before Green is made' : `RDS does not switch over meanwhile. Let it finish, or end it (CALL mysql.rds_kill_query(${id}))`),
    }));
  },
};

async function runningStatements(blue: Session): Promise<{ id: number; user: string; seconds: number; statement: string }[]> {
  const rows = await blue.rows<{ id: number; user: string; seconds: number; statement: string }>(
    `SELECT ID AS id, COALESCE(USER, '?') AS user, TIME AS seconds, LEFT(INFO, ${MOST_CHARACTERS}) AS statement FROM information_schema.PROCESSLIST
      WHERE INFO IS NOT NULL AND ID <> CONNECTION_ID() ORDER BY TIME DESC`,
  );
  return rows.map((row) => ({ ...row, statement: row.statement.replace(LEADING_COMMENTS, '') }));
}

/** Verb and object; what stands behind them may hold values. */
function firstWords(statement: string): string {
  return statement.replace(/^\/\*!\d*/, '').replaceAll(/\/\*.*?\*\//gs, ' ').trim().split(/\s+/).slice(0, 3).join(' ').slice(0, 120);
}
