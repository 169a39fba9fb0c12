/** Cluster parameters that are carried to a real server, by the variable they set there; those whose variable has the same name stand alone. */
const VARIABLES = new Map([
  ...[
    'binlog_format', 'character_set_server', 'collation_server', 'enforce_gtid_consistency', 'event_scheduler', 'log_bin_trust_function_creators',
    'read_only', 'replica_parallel_type', 'replica_preserve_commit_order', 'replica_type_conversions', 'sql_mode', 'time_zone',
  ].map((name) => [name, name] as const),
  ['gtid-mode', 'gtid_mode'],
  ['slave_type_conversions', 'replica_type_conversions'],
]);

/** The server variable that a cluster parameter sets; undefined for one that is not carried over. */
export function variableOf(parameter: string): string | undefined {
  return VARIABLES.get(parameter) ?? (parameter.startsWith('innodb_') ? parameter : undefined);
}

/** A value as the server takes it; undefined where the server's own is to stay. */
export function serverValueOf(parameter: string, value: string): string | undefined {
  // a machine's power is not cut in a rehearsal: the server's own, faster setting stays unless another one is asked for.
  if (parameter === 'innodb_flush_log_at_trx_commit' && value === '1') return undefined;
  // the time zone tables are not loaded, so names other than this one are not known.
  if (parameter === 'time_zone' && value === 'UTC') return '+00:00';
  return value;
}

/** A variable as it is given when the server starts: unknown ones are passed over, as `--loose-…` means. */
export function startOptionOf(variable: string): string {
  if (variable === 'binlog_format') return variable;
  if (variable === 'time_zone') return 'default_time_zone';
  return `loose_${variable}`;
}
