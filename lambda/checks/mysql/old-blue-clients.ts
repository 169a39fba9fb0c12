import { someOf } from '../../shared/lists';
import { inWords } from '../../shared/waiting';
import { blocker, type Check, FINE } from '../check';
import { type MysqlContext } from './context';

/** Sessions of MySQL and of RDS itself; what replicates is looked at by another check. */
const OF_THE_SYSTEM = ['system user', 'event_scheduler', 'rdsadmin', 'rdsrepladmin'];

/** Nobody is connected to the old Blue: whoever still is has an old address, and would not be told that it is gone. */
export const oldBlueClients: Check<MysqlContext> = {
  id: 'old-blue-clients',
  scopes: ['retire', 'before-deletion'],
  async run({ blue, situation }) {
    // who lacks PROCESS sees only its own sessions, and would find nobody; this fails then.
    await blue.rows('SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX');
    const clients = await blue.rows<{ user: string; host: string; name: string | null; command: string; seconds: number; sessions: number }>(
      `SELECT p.USER AS user, SUBSTRING_INDEX(p.HOST, ':', 1) AS host, p.DB AS name, p.COMMAND AS command, MIN(p.TIME) AS seconds, COUNT(*) AS sessions
         FROM information_schema.PROCESSLIST p
        WHERE p.ID <> CONNECTION_ID() AND p.USER NOT IN (${OF_THE_SYSTEM.map(() => '?').join(', ')}) AND p.COMMAND NOT LIKE 'Binlog Dump%' AND p.COMMAND <> 'Daemon'
        GROUP BY 1, 2, 3, 4 ORDER BY 6 DESC, 1, 2`,
      OF_THE_SYSTEM,
    );
    if (clients.length === 0) return FINE;
    const listed = clients.map(({ user, host, name, command, seconds, sessions }) => (
      `user '${user}' from ${host}${name === null ? '' : ` in database '${name}'`} (${sessions === 1 ? '' : `${sessions} sessions, `}${command === 'Sleep' ? `idle for ${inWords(Math.max(0, Number(seconds)))}` : `at work: ${command}`})`
    ));
    return blocker(`${someOf(listed, { separator: '; ' })} ${clients.length === 1 && clients[0]?.sessions === 1 ? 'is' : 'are'} connected to the old Blue '${situation.source?.identifier}': give whoever that is production's address `
      + '(an old address may be cached, or written down somewhere), or end what nobody needs (CALL mysql.rds_kill(ID))');
  },
};
