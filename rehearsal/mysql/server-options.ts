import { type MysqlDistribution, versionNumbers } from './distribution';
import { loopback } from './ports';

/** System variables as a parameter group gives them: name with underscores, value as mysqld takes it on its command line. */
export type MysqlParameters = Readonly<Record<string, string | number>>;

/** Where one server has its files, and where it listens. */
export interface ServerPlace {
  readonly dataDirectory: string;
  readonly temporaryDirectory: string;
  readonly socketPath: string;
  readonly errorLog: string;
  readonly processIdFile: string;
  readonly port: number;
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
}

/**
 * What every server starts with unless its parameters say otherwise: as RDS has it where a client can see it, and small and fast
 * where it cannot. A server killed by SIGKILL loses nothing, because what it wrote is in the kernel's hands; a power cut would.
 */
const defaults: MysqlParameters = {
  activate_all_roles_on_login: 'ON',
  binlog_expire_logs_seconds: 30 * 24 * 60 * 60,
  binlog_format: 'ROW',
  character_set_server: 'utf8mb4',
  default_time_zone: '+00:00',
  gtid_mode: 'OFF',
  innodb_buffer_pool_size: '64M',
  innodb_flush_log_at_trx_commit: 2,
  innodb_log_buffer_size: '8M',
  key_buffer_size: '1M',
  max_connections: 200,
  performance_schema: 'ON',
  performance_schema_accounts_size: 20,
  performance_schema_digests_size: 500,
  performance_schema_error_size: 0,
  performance_schema_events_stages_history_long_size: 100,
  performance_schema_events_statements_history_long_size: 100,
  performance_schema_events_transactions_history_long_size: 100,
  performance_schema_events_waits_history_long_size: 100,
  performance_schema_hosts_size: 20,
  performance_schema_max_digest_length: 512,
  performance_schema_users_size: 20,
  relay_log_recovery: 'ON',
  require_secure_transport: 'ON',
  sync_binlog: 0,
  table_definition_cache: 600,
  table_open_cache: 600,
};

/** The value of `binlog_format` with which an Aurora parameter group turns the binary log off; MySQL itself has an option for that. */
const binlogOff = 'OFF';

/** The command line of one server, without the program. */
export function serverArguments(distribution: MysqlDistribution, place: ServerPlace, serverId: number, parameters: MysqlParameters): string[] {
  const { binlog_format: binlogFormat, ...others } = { ...defaults, ...parameters };
  return [
    ...distribution.arguments,
    `--datadir=${place.dataDirectory}`,
    `--tmpdir=${place.temporaryDirectory}`,
    `--socket=${place.socketPath}`,
    `--log-error=${place.errorLog}`,
    `--pid-file=${place.processIdFile}`,
    `--bind-address=${loopback}`,
    `--port=${place.port}`,
    `--server-id=${serverId}`,
    '--mysqlx=OFF',
    '--skip-name-resolve',
    '--plugin-load-add=mysql_clone.so',
    `--ssl-ca=${place.authorityFile}`,
    `--ssl-cert=${place.certificateFile}`,
    `--ssl-key=${place.keyFile}`,
    '--relay-log=relaylog',
    '--loose-innodb-redo-log-capacity=64M',
    ...(binlogFormat === binlogOff ? ['--skip-log-bin'] : ['--log-bin=mysql-bin-changelog', `--binlog-format=${binlogFormat}`]),
    // since 9.6 the SQL layer checks foreign keys, more strictly than 8.0 and 8.4 do; versions without the choice ignore it.
    ...(versionNumbers(distribution.version).major >= 9 ? ['--loose-innodb-native-foreign-keys=ON'] : []),
    ...Object.entries(others).map(([name, value]) => `--${name.replaceAll('_', '-')}=${value}`),
  ];
}
