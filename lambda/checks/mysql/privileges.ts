import { binlogPosition, replicaStatus } from '../../mysql/dialect';
import { Grants } from '../../mysql/grants';
import { binlogRetentionHours } from '../../mysql/rds-procedures';
import { type Session } from '../../mysql/session';
import { messageOf, property } from '../../shared/errors';
import { type Check, type Problem } from '../check';
import { type MysqlContext } from './context';

/** Access denied to a table, a column, a procedure; privilege missing; no privilege at all. */
const DENIED = [1044, 1142, 1143, 1227, 1370, 1410];

const RETENTION = { privilege: 'EXECUTE on mysql.rds_show_configuration and mysql.rds_set_configuration', why: 'to keep binlogs long enough' };

const NEEDS: readonly { readonly privilege: string; readonly why: string; readonly ask: (session: Session) => Promise<unknown> }[] = [
  { privilege: 'REPLICATION CLIENT', why: 'to see where replication stands', ask: async (session) => [await binlogPosition(session), await replicaStatus(session)] },
  { ...RETENTION, ask: binlogRetentionHours },
  { privilege: 'PROCESS', why: 'to see long transactions', ask: (session) => session.rows('SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX') },
  {
    privilege: 'SELECT on performance_schema', why: 'to see what replication really does',
    ask: (session) => session.rows('SELECT COUNT(*) AS n FROM performance_schema.replication_connection_configuration'),
  },
];

/** Our user may look at what the pipeline looks at. docs/permissions.md has the statements that create such a user. */
export const privileges: Check<MysqlContext> = {
  id: 'privileges',
  scopes: ['preflight'],
  async run({ blue }) {
    const problems: Problem[] = [];
    for (const { privilege, why, ask } of NEEDS) {
      try {
        await ask(blue);
      } catch (thrown) {
        if (!DENIED.includes(Number(property(thrown, 'errno')))) throw thrown;
        problems.push(lacking(privilege, why, messageOf(thrown)));
      }
    }
    // whether it may be called cannot be tried without setting something.
    const setter = 'rds_set_configuration';
    if (!problems.some(({ message }) => message.includes(setter)) && !(await Grants.of(blue)).mayCall('mysql', setter)) {
      problems.push(lacking(RETENTION.privilege, RETENTION.why, `mysql.${setter} may not be called`));
    }
    return problems;
  },
};

function lacking(privilege: string, why: string, found: string): Problem {
  return { severity: 'blocker', message: `our MySQL user lacks ${privilege}, needed ${why} (${found}): grant it, or use the master user; docs/permissions.md has every grant` };
}
