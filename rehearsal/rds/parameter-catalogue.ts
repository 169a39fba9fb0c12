/** The parameter group families of Aurora MySQL. */
export const FAMILIES = ['aurora-mysql5.7', 'aurora-mysql8.0', 'aurora-mysql8.4'] as const;
/** A parameter group family of Aurora MySQL. */
export type Family = typeof FAMILIES[number];

/** A cluster parameter as a family defines it. */
export interface ParameterDefinition {
  readonly name: string;
  /** Families that know the parameter; the others refuse it. */
  readonly families: readonly Family[];
  /** Static parameters take effect at a reboot only. */
  readonly applyType: 'static' | 'dynamic';
  readonly dataType: 'string' | 'integer' | 'boolean' | 'list' | 'float';
  /** `a,b,c`, a range `0-10`, or undefined for anything. */
  readonly allowedValues?: string;
  /** The engine's default; undefined where the API shows none. */
  readonly defaultValue?: string | Partial<Record<Family, string>>;
  /** @default true */
  readonly isModifiable?: boolean;
  readonly description: string;
}

const ALL = FAMILIES;
const V2: readonly Family[] = ['aurora-mysql5.7'];
const FROM_V3: readonly Family[] = ['aurora-mysql8.0', 'aurora-mysql8.4'];
const UP_TO_V3: readonly Family[] = ['aurora-mysql5.7', 'aurora-mysql8.0'];
const SQL_MODES = 'ALLOW_INVALID_DATES,ANSI,ANSI_QUOTES,ERROR_FOR_DIVISION_BY_ZERO,HIGH_NOT_PRECEDENCE,IGNORE_SPACE,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES,NO_DIR_IN_CREATE,'
  + 'NO_ENGINE_SUBSTITUTION,NO_UNSIGNED_SUBTRACTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY,PAD_CHAR_TO_FULL_LENGTH,PIPES_AS_CONCAT,REAL_AS_FLOAT,STRICT_ALL_TABLES,'
  + 'STRICT_TRANS_TABLES,TRADITIONAL';
const CONVERSIONS = 'ALL_LOSSY,ALL_NON_LOSSY,ALL_SIGNED,ALL_UNSIGNED';

/** The cluster parameters this control plane knows: those that matter to Blue/Green deployments, and enough others for several pages. */
export const PARAMETER_CATALOGUE: readonly ParameterDefinition[] = [
  { name: 'aurora_binlog_replication_sec_index_parallel_workers', families: FROM_V3, applyType: 'dynamic', dataType: 'integer', allowedValues: '0-1000', description: 'Threads that apply changes of secondary indexes of one table.' },
  { name: 'aurora_enhanced_binlog', families: ['aurora-mysql8.0'], applyType: 'static', dataType: 'boolean', allowedValues: '0,1', defaultValue: '0', description: 'Turns the enhanced binlog on.' },
  { name: 'aurora_in_memory_relaylog', families: FROM_V3, applyType: 'static', dataType: 'string', allowedValues: 'ON,OFF', defaultValue: 'OFF', description: 'Keeps relay logs in memory.' },
  { name: 'binlog_backup', families: ['aurora-mysql8.0'], applyType: 'static', dataType: 'boolean', allowedValues: '0,1', defaultValue: '1', description: 'Includes the binlog in backups.' },
  { name: 'binlog_checksum', families: ALL, applyType: 'dynamic', dataType: 'string', allowedValues: 'NONE,CRC32', description: 'The checksum of events in the binlog.' },
  { name: 'binlog_format', families: ALL, applyType: 'static', dataType: 'string', allowedValues: 'STATEMENT,ROW,MIXED,OFF', defaultValue: 'OFF', description: 'The format of the binlog; OFF means there is none.' },
  { name: 'binlog_group_commit_sync_delay', families: FROM_V3, applyType: 'dynamic', dataType: 'integer', allowedValues: '0-1000000', description: 'Microseconds a group commit waits for others.' },
  { name: 'binlog_replication_globaldb', families: ['aurora-mysql8.0'], applyType: 'static', dataType: 'boolean', allowedValues: '0,1', defaultValue: '1', description: 'Replicates the binlog within a global database.' },
  { name: 'binlog_row_image', families: ALL, applyType: 'dynamic', dataType: 'string', allowedValues: 'FULL,MINIMAL,NOBLOB', defaultValue: 'FULL', isModifiable: false, description: 'Which columns row events carry.' },
  { name: 'binlog_row_metadata', families: FROM_V3, applyType: 'dynamic', dataType: 'string', allowedValues: 'FULL,MINIMAL', description: 'How much metadata row events carry.' },
  { name: 'binlog_row_value_options', families: FROM_V3, applyType: 'dynamic', dataType: 'string', allowedValues: 'PARTIAL_JSON', description: 'Partial JSON updates in row events.' },
  { name: 'binlog_transaction_compression', families: FROM_V3, applyType: 'dynamic', dataType: 'string', allowedValues: 'ON,OFF', description: 'Compresses transactions in the binlog.' },
  { name: 'binlog_transaction_dependency_tracking', families: UP_TO_V3, applyType: 'dynamic', dataType: 'string', allowedValues: 'COMMIT_ORDER,WRITESET,WRITESET_SESSION', description: 'How the source marks transactions that can be applied in parallel.' },
  { name: 'character-set-client-handshake', families: UP_TO_V3, applyType: 'static', dataType: 'boolean', allowedValues: '0,1', description: 'Honours the character set the client asks for.' },
  { name: 'character_set_client', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'The character set of statements from clients.' },
  { name: 'character_set_connection', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'The character set of literals.' },
  { name: 'character_set_database', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'The character set of the default database.' },
  { name: 'character_set_filesystem', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'The character set of file names.' },
  { name: 'character_set_results', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'The character set of results.' },
  { name: 'character_set_server', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'The default character set of new databases.' },
  { name: 'collation_connection', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'The collation of literals.' },
  { name: 'collation_server', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'The default collation of new databases.' },
  { name: 'completion_type', families: ALL, applyType: 'dynamic', dataType: 'string', allowedValues: 'NO_CHAIN,CHAIN,RELEASE', description: 'What follows a COMMIT.' },
  { name: 'default_storage_engine', families: ALL, applyType: 'dynamic', dataType: 'string', defaultValue: 'InnoDB', isModifiable: false, description: 'The storage engine of new tables.' },
  { name: 'enforce_gtid_consistency', families: ALL, applyType: 'static', dataType: 'string', allowedValues: 'OFF,ON,WARN', description: 'Refuses statements that GTIDs cannot log safely.' },
  { name: 'event_scheduler', families: ALL, applyType: 'dynamic', dataType: 'string', allowedValues: 'ON,OFF', defaultValue: 'OFF', description: 'Runs scheduled events.' },
  { name: 'gtid-mode', families: ALL, applyType: 'static', dataType: 'string', allowedValues: 'OFF,OFF_PERMISSIVE,ON_PERMISSIVE,ON', description: 'Logs transactions with global identifiers.' },
  { name: 'init_connect', families: ALL, applyType: 'dynamic', dataType: 'string', description: 'SQL that runs at each connection.' },
  { name: 'innodb_autoinc_lock_mode', families: ALL, applyType: 'static', dataType: 'integer', allowedValues: '0-2', description: 'How InnoDB locks for AUTO_INCREMENT.' },
  { name: 'innodb_file_per_table', families: ALL, applyType: 'dynamic', dataType: 'boolean', allowedValues: '0,1', description: 'A file for each table.' },
  { name: 'innodb_flush_log_at_trx_commit', families: ALL, applyType: 'dynamic', dataType: 'integer', allowedValues: '0-2', defaultValue: '1', description: 'Durability of a commit.' },
  { name: 'innodb_ft_max_token_size', families: ALL, applyType: 'static', dataType: 'integer', allowedValues: '10-84', description: 'The longest word in full-text indexes.' },
  { name: 'innodb_ft_min_token_size', families: ALL, applyType: 'static', dataType: 'integer', allowedValues: '0-16', description: 'The shortest word in full-text indexes.' },
  { name: 'innodb_online_alter_log_max_size', families: ALL, applyType: 'dynamic', dataType: 'integer', allowedValues: '65536-9223372036854775807', description: 'The log of changes during an online ALTER, in bytes.' },
  { name: 'innodb_print_all_deadlocks', families: ALL, applyType: 'dynamic', dataType: 'boolean', allowedValues: '0,1', description: 'Writes all deadlocks into the error log.' },
  { name: 'innodb_purge_batch_size', families: ALL, applyType: 'dynamic', dataType: 'integer', allowedValues: '1-5000', description: 'Undo log pages of one purge.' },
  { name: 'innodb_purge_threads', families: ALL, applyType: 'static', dataType: 'integer', allowedValues: '1-32', description: 'Threads that purge.' },
  { name: 'innodb_rollback_on_timeout', families: ALL, applyType: 'static', dataType: 'boolean', allowedValues: '0,1', description: 'A lock wait timeout rolls back the whole transaction.' },
  { name: 'innodb_strict_mode', families: ALL, applyType: 'dynamic', dataType: 'boolean', allowedValues: '0,1', description: 'Errors instead of warnings for doubtful table options.' },
  { name: 'innodb_trx_commit_allow_data_loss', families: FROM_V3, applyType: 'dynamic', dataType: 'boolean', allowedValues: '0,1', description: 'Lets innodb_flush_log_at_trx_commit be other than 1.' },
  { name: 'log_bin_trust_function_creators', families: ALL, applyType: 'dynamic', dataType: 'boolean', allowedValues: '0,1', description: 'Functions and triggers without SUPER while the binlog is on.' },
  { name: 'lower_case_table_names', families: ALL, applyType: 'static', dataType: 'integer', allowedValues: '0-1', defaultValue: '0', description: 'Whether names of tables are case-sensitive.' },
  { name: 'partial_revokes', families: FROM_V3, applyType: 'dynamic', dataType: 'string', allowedValues: 'ON,OFF', defaultValue: 'OFF', isModifiable: false, description: 'Revokes of parts of a global grant.' },
  { name: 'read_only', families: ALL, applyType: 'dynamic', dataType: 'string', allowedValues: '0,1,{TrueIfReplica},{TrueIfClusterReplica}', defaultValue: { 'aurora-mysql5.7': '{TrueIfReplica}', 'aurora-mysql8.0': '{TrueIfClusterReplica}', 'aurora-mysql8.4': '{TrueIfClusterReplica}' }, description: 'Refuses writes of users without CONNECTION_ADMIN.' },
  { name: 'replica_parallel_type', families: FROM_V3, applyType: 'dynamic', dataType: 'string', allowedValues: 'DATABASE,LOGICAL_CLOCK', description: 'What the applier runs in parallel.' },
  { name: 'replica_preserve_commit_order', families: FROM_V3, applyType: 'dynamic', dataType: 'string', allowedValues: 'ON,OFF', description: 'The parallel applier commits in the order of the source.' },
  { name: 'replica_transaction_retries', families: FROM_V3, applyType: 'dynamic', dataType: 'integer', allowedValues: '0-18446744073709551615', description: 'How often the applier tries a transaction again.' },
  { name: 'replica_type_conversions', families: FROM_V3, applyType: 'dynamic', dataType: 'list', allowedValues: CONVERSIONS, description: 'Which conversions of columns the applier may make.' },
  { name: 'require_secure_transport', families: ALL, applyType: 'dynamic', dataType: 'string', allowedValues: 'ON,OFF', defaultValue: { 'aurora-mysql5.7': 'OFF', 'aurora-mysql8.0': 'OFF', 'aurora-mysql8.4': 'ON' }, description: 'Refuses connections without TLS.' },
  // the documents do not say whether version 2 offers it; it is offered here, so that the old name can be rehearsed.
  { name: 'slave_type_conversions', families: V2, applyType: 'dynamic', dataType: 'list', allowedValues: CONVERSIONS, description: 'Which conversions of columns the applier may make.' },
  { name: 'sql_mode', families: V2, applyType: 'dynamic', dataType: 'list', allowedValues: `${SQL_MODES},NO_AUTO_CREATE_USER`, description: 'Which SQL the server accepts.' },
  { name: 'sql_mode', families: FROM_V3, applyType: 'dynamic', dataType: 'list', allowedValues: SQL_MODES, description: 'Which SQL the server accepts.' },
  { name: 'time_zone', families: ALL, applyType: 'dynamic', dataType: 'string', defaultValue: 'UTC', description: 'The time zone of new sessions.' },
  { name: 'tls_version', families: UP_TO_V3, applyType: 'static', dataType: 'list', allowedValues: 'TLSv1,TLSv1.1,TLSv1.2,TLSv1.3', description: 'The TLS versions a client may use.' },
  { name: 'tls_version', families: ['aurora-mysql8.4'], applyType: 'static', dataType: 'list', allowedValues: 'TLSv1.2,TLSv1.3', description: 'The TLS versions a client may use.' },
];

/** The parameters of a family, sorted by name. */
export function parametersOf(family: Family): ParameterDefinition[] {
  return PARAMETER_CATALOGUE.filter((parameter) => parameter.families.includes(family)).sort((left, right) => (left.name < right.name ? -1 : 1));
}

/** The default of a parameter in a family; undefined where the API shows none. */
export function defaultValueOf(parameter: ParameterDefinition, family: Family): string | undefined {
  return typeof parameter.defaultValue === 'object' ? parameter.defaultValue[family] : parameter.defaultValue;
}

/** Whether a parameter may have the value. */
export function isAllowed(parameter: ParameterDefinition, value: string): boolean {
  const { allowedValues, dataType } = parameter;
  if (dataType === 'integer' && !/^\d+$/.test(value)) return false;
  if (allowedValues === undefined || value === '') return true;
  const range = /^(\d+)-(\d+)$/.exec(allowedValues);
  if (range) return BigInt(value) >= BigInt(range[1] ?? '0') && BigInt(value) <= BigInt(range[2] ?? '0');
  const allowed = allowedValues.split(',');
  return dataType === 'list' ? value.split(',').every((item) => allowed.includes(item.trim())) : allowed.includes(value);
}
