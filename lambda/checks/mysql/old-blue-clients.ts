import { ADDRESS, USERS_OF_THE_SYSTEM } from '../../mysql/clients';
import { marks } from '../../mysql/inventory';
import { inOldBlue } from '../../mysql/old-blue';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { inWords } from '../../shared/waiting';
import { type Check, type Problem } from '../check';
import { type OldBlueContext } from './context';

/** Clients of one user that do the same. */
interface Clients {
  readonly user: string;
  readonly host: string;
  readonly name: string | null;
  readonly command: string;
  /** Since when the last of them has done that. */
  readonly seconds: number;
  readonly sessions: number;
}

/** Nobody is connected to any instance of the old Blue: whoever still is has an old address, and would not be told that it is gone. */
export const oldBlueClients: Check<OldBlueContext> = {
  id: 'old-blue-clients',
  scopes: ['retire', 'before-deletion'],
  async run({ instances }) {
    const problems: Problem[] = [];
    for (const instance of instances) {
      const clients = await inOldBlue(instance, clientsOf);
      if (clients.length === 0) continue;
      problems.push({
        severity: 'blocker',
        message: `${someOf(clients.map(worded), { separator: '; ' })} ${clients.length === 1 && Number(clients[0]?.sessions) === 1 ? 'is' : 'are'} connected to '${instance.identifier}' of the old Blue: give whoever that is production's `
          + 'address (an old one may be cached, or written down somewhere), or end what nobody needs (CALL mysql.rds_kill(ID))',
      });
    }
    return problems;
  },
};

async function clientsOf(session: Session): Promise<Clients[]> {
  // who lacks PROCESS sees only its own sessions, and would find nobody; this fails then.
  await session.rows('SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX');
  return session.rows<Clients>(
    `SELECT p.USER AS user, ${ADDRESS} AS host, p.DB AS name, p.COMMAND AS command, MIN(p.TIME) AS seconds, COUNT(*) AS sessions
       FROM information_schema.PROCESSLIST p
      WHERE p.ID <> CONNECTION_ID() AND p.USER NOT IN (${marks(USERS_OF_THE_SYSTEM)}) AND p.COMMAND NOT LIKE 'Binlog Dump%' AND p.COMMAND <> 'Daemon'
      GROUP BY 1, 2, 3, 4 ORDER BY 6 DESC, 1, 2`,
    USERS_OF_THE_SYSTEM,
  );
}

function worded({ user, host, name, command, seconds, sessions }: Clients): string {
  const doing = command === 'Sleep' ? `idle for ${inWords(Math.max(0, Number(seconds)))}` : `at work: ${command}`;
  return `user '${user}' from ${host}${name === null ? '' : ` in database '${name}'`} (${Number(sessions) === 1 ? '' : `${sessions} sessions, `}${doing})`;
}
