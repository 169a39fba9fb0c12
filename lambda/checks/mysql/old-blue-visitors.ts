import { USERS_OF_THE_SYSTEM } from '../../mysql/clients';
import { marks } from '../../mysql/inventory';
import { inOldBlue } from '../../mysql/old-blue';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { inWords } from '../../shared/waiting';
import { type Check, type Problem } from '../check';
import { type OldBlueContext } from './context';

/** Who has connected, and gone again. */
interface Visitors {
  readonly user: string;
  readonly host: string;
  readonly connections: number;
  readonly uptime: number;
}

/**
 * Nobody has come by since the instances of the old Blue were rebooted: a client that connects for a moment every now and then is seldom met, and needs it as
 * much. Where Performance Schema is off, several looks are taken instead.
 */
export const oldBlueVisitors: Check<OldBlueContext> = {
  id: 'old-blue-visitors',
  scopes: ['before-deletion'],
  // what only watches may come until the end.
  acknowledgeable: true,
  async run({ instances }) {
    const problems: Problem[] = [];
    for (const instance of instances) {
      const visitors = await inOldBlue(instance, visitorsOf);
      if (visitors.length === 0) continue;
      problems.push({
        severity: 'blocker',
        message: `${someOf(visitors.map(worded), { separator: '; ' })} since '${instance.identifier}' of the old Blue was restarted ${inWords(Number(visitors[0]?.uptime))} ago: whoever that is comes and goes, and has an old address. `
          + 'Give it production\'s; if it only watches, turn it off, or acknowledge this',
      });
    }
    return problems;
  },
};

/** Empty where Performance Schema is off. Through the socket nobody comes but RDS; our own user comes with every look. */
async function visitorsOf(session: Session): Promise<Visitors[]> {
  return session.rows<Visitors>(
    `SELECT a.USER AS user, a.HOST AS host, a.TOTAL_CONNECTIONS AS connections, (SELECT s.VARIABLE_VALUE FROM performance_schema.global_status s WHERE s.VARIABLE_NAME = 'Uptime') AS uptime
       FROM performance_schema.accounts a
      WHERE a.USER NOT IN (${marks(USERS_OF_THE_SYSTEM)}) AND a.HOST <> 'localhost' AND a.TOTAL_CONNECTIONS > 0
        AND a.USER <> LEFT(USER(), CHAR_LENGTH(USER()) - CHAR_LENGTH(SUBSTRING_INDEX(USER(), '@', -1)) - 1)
      ORDER BY 3 DESC, 1, 2`,
    USERS_OF_THE_SYSTEM,
  );
}

function worded({ user, host, connections }: Visitors): string {
  return `user '${user}' from ${host} has connected ${Number(connections) === 1 ? 'once' : `${connections} times`}`;
}
