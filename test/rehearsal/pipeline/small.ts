import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { type RowDataPacket } from 'mysql2/promise';
import { Rehearsal, type RehearsalOptions } from '../../../rehearsal/rehearsal';
import { type ExecutionResult } from '../../../rehearsal/step-functions';

/** Fast enough for a test: little data, AWS at two minutes a second, a control plane in a hurry. */
export async function openSmall(options: RehearsalOptions = {}): Promise<Rehearsal> {
  execFileSync(process.execPath, [path.join(__dirname, '..', '..', '..', 'lambda', 'build.mjs')]);
  return Rehearsal.open({
    rows: 600,
    factor: 120,
    ...options,
    durations: {
      targetVisible: 20,
      createReplica: 40,
      createInstances: 20,
      reboot: 20,
      switchoverPreparation: 5,
      guardrails: 2,
      switchoverFinish: 10,
      coordinatesEvent: 5,
      settle: 20,
      ...options.durations,
    },
    pipeline: (scope) => ({
      endpointWatch: Duration.seconds(1), lagHold: Duration.seconds(20), ...typeof options.pipeline === 'function' ? options.pipeline(scope) : options.pipeline,
    }),
  });
}

/** The message an operator reads, out of an execution's cause. */
export function messageOf({ cause }: ExecutionResult): string {
  try {
    return (JSON.parse(cause ?? '') as { errorMessage: string }).errorMessage;
  } catch {
    return cause ?? '';
  }
}

/** What a finished pipeline must leave behind on production. */
export interface ProductionFacts {
  readonly characterSets: string[];
  readonly eventScheduler: string;
  readonly conversions: string;
  readonly retention: string | null;
  readonly events: Record<string, string>;
  readonly ourSchemas: number;
  readonly readOnly: number;
  readonly databaseCollation: string;
}

/** Reads them through the production endpoint. */
export async function productionFacts(rehearsal: Rehearsal): Promise<ProductionFacts> {
  const connection = await rehearsal.connect('shop');
  const rows = async (sql: string) => (await connection.query<RowDataPacket[]>(sql))[0];
  try {
    const [server] = await rows('SELECT @@global.event_scheduler AS scheduler, @@global.replica_type_conversions AS conversions, @@global.read_only AS readOnly');
    const [retention] = await rows(`SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'`);
    const sets = await rows(`SELECT DISTINCT CHARACTER_SET_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND CHARACTER_SET_NAME IS NOT NULL ORDER BY name`);
    const events = await rows(`SELECT EVENT_NAME AS name, STATUS AS status FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'`);
    const [ours] = await rows(`SELECT COUNT(*) AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'blue\\_green%'`);
    const [schema] = await rows(`SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'`);
    return {
      characterSets: sets.map(({ name }) => String(name)),
      eventScheduler: String(server?.scheduler),
      conversions: String(server?.conversions),
      retention: retention?.value === undefined || retention.value === null ? null : String(retention.value),
      events: Object.fromEntries(events.map(({ name, status }) => [String(name), String(status)])),
      ourSchemas: Number(ours?.n),
      readOnly: Number(server?.readOnly),
      databaseCollation: String(schema?.collation),
    };
  } finally {
    await connection.end();
  }
}
