import { mysqlVersionOf } from '../../shared/engine-version';
import { type Check } from '../check';
import { type MysqlContext } from './context';

/**
 * Version 8.4 refuses connections without TLS, and any TLS before 1.2, by default (Aurora User Guide, "Comparing Aurora MySQL version 8.4 and
 * version 3").
 */
export const clientsWithoutTls: Check<MysqlContext> = {
  id: 'clients-without-tls',
  scopes: ['preflight'],
  unknown: 'warning',
  async run({ blue, settings, situation }) {
    const before = mysqlVersionOf(situation.source?.engineVersion ?? '0.0');
    const after = mysqlVersionOf(settings.targetEngineVersion ?? situation.source?.engineVersion ?? '0.0');
    if (after < 8.4 || before >= 8.4) return [];
    const server = await blue.row<{ watches: number }>('SELECT @@performance_schema AS watches');
    if (!server?.watches) {
      return [{
        severity: 'warning',
        message: 'version 8.4 refuses connections without TLS 1.2 or 1.3, and whether somebody connects to Blue so cannot be seen, because performance_schema is off there: see that every client speaks TLS, or set '
          + 'require_secure_transport to OFF in Green\'s cluster parameter group',
      }];
    }
    const clients = await blue.rows<{ user: string; connections: number }>(
      `SELECT t.PROCESSLIST_USER AS user, COUNT(*) AS connections
         FROM performance_schema.threads t
         LEFT JOIN performance_schema.status_by_thread s ON s.THREAD_ID = t.THREAD_ID AND s.VARIABLE_NAME = 'Ssl_version'
        WHERE t.TYPE = 'FOREGROUND' AND t.PROCESSLIST_USER IS NOT NULL AND t.PROCESSLIST_COMMAND NOT LIKE 'Binlog Dump%'
          AND (t.CONNECTION_TYPE = 'TCP/IP' OR s.VARIABLE_VALUE IN ('TLSv1', 'TLSv1.1'))
        GROUP BY t.PROCESSLIST_USER ORDER BY 1`,
    );
    if (clients.length === 0) return [];
    return [{
      severity: 'warning',
      message: `${clients.map(({ user, connections }) => `user '${user}' (${connections})`).join(', ')} ${clients.length === 1 && clients[0]?.connections === 1 ? 'is' : 'are'} connected to Blue without TLS 1.2 or 1.3: `
        + 'version 8.4 refuses such connections, so these clients would be locked out by the switchover. Give them TLS before, or set require_secure_transport to OFF in Green\'s cluster parameter group',
    }];
  },
};
