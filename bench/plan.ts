import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type PlanSummary, type TaskEvent } from '../lambda/shared/state';
import { CONTRACT_VERSION, EnvironmentName } from '../lib/private/contract';
import { binlogEnd, cloneServer, type MysqlServer, ProcessScope, startReplication, waitForReplica } from '../rehearsal/mysql';
import { openBlue, settingsOf } from './engine';
import { DATABASE } from './migration/dataset';

const BUNDLE = path.join(__dirname, '..', 'lambda', 'dist', 'plan-migration', 'index.js');

/** Calls the function as Lambda does, in a process that has nothing else, and prints what it cost. */
const CALL = `
  const startedAt = performance.now();
  require(process.argv[1]).handler(JSON.parse(process.argv[2])).then(
    (result) => process.stdout.write('\\n' + JSON.stringify({ result, seconds: (performance.now() - startedAt) / 1000, megabytes: process.resourceUsage().maxRSS / 1024 })),
    (error) => { console.error(error); process.exitCode = 1; },
  );`;

/** One call of the function that plans. */
export interface PlanMeasurement {
  readonly call: string;
  readonly seconds: number;
  /** The most memory its process has held. */
  readonly megabytes: number;
  readonly result: PlanSummary;
  /** Of the result, which stands in the state of the execution. */
  readonly payloadBytes: number;
}

/**
 * Plans the conversion of many empty tables of so many different shapes, twice, and prints time and memory: the time for a plan does not depend on
 * their rows.
 */
export async function benchPlan(tables: number, shapes: number): Promise<readonly PlanMeasurement[]> {
  const scope = await ProcessScope.open('bench');
  try {
    const parameters = { innodb_buffer_pool_size: '512M', table_definition_cache: '4000' };
    const { blue } = await openBlue(scope, parameters);
    console.log(`making ${tables} tables of ${shapes} shapes ...`);
    await makeTables(blue, tables, shapes);
    const conversions = { replica_type_conversions: 'ALL_NON_LOSSY', event_scheduler: 'OFF', log_bin_trust_function_creators: 'ON' };
    const cloned = await cloneServer(blue, { scope, name: 'green', parameters: { ...parameters, ...conversions } });
    await startReplication(cloned.server, blue, cloned);
    await waitForReplica(cloned.server, await binlogEnd(blue));
    const measurements = [await measure('the first plan', blue, cloned.server), await measure('planned again', blue, cloned.server)];
    for (const { call, seconds, megabytes, payloadBytes, result } of measurements) {
      console.log(`${call}: ${seconds.toFixed(1)} s, at most ${megabytes.toFixed(0)} MB, ${result.steps} steps, a result of ${payloadBytes} bytes`);
    }
    return measurements;
  } finally {
    await scope.close();
  }
}

/** Each with 12 text columns and three indexes; what is of another shape has a column of another name. */
async function makeTables(server: MysqlServer, tables: number, shapes: number): Promise<void> {
  await server.withConnection(async (connection) => {
    await connection.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb3`);
    await connection.query(`USE ${DATABASE}`);
    await connection.query('SET SESSION sql_log_bin = 0');
    const columns = Array.from({ length: 12 }, (_, index) => `text_${index} VARCHAR(60) NOT NULL DEFAULT '' COMMENT 'text number ${index}'`).join(', ');
    for (let number = 1; number <= tables; number += 1) {
      await connection.query(
        `CREATE TABLE t${number} (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, shape_${number % shapes} VARCHAR(20), ${columns}, amount INT, created DATETIME, `
        + 'KEY (text_0), KEY (text_1, amount), UNIQUE KEY (text_2))',
      );
    }
  }, { charset: 'utf8mb4' });
}

async function measure(call: string, blue: MysqlServer, green: MysqlServer): Promise<PlanMeasurement> {
  const settings = settingsOf({});
  const event = {
    contract: CONTRACT_VERSION, now: new Date().toISOString(), input: {}, execution: { id: 'bench', startedAt: new Date().toISOString(), redriveCount: 0 },
    state: { options: { workers: 2 }, situation: { source: { endpoint: blue.host, port: blue.port }, target: { endpoint: green.host, port: green.port } } },
  } as unknown as TaskEvent;
  const env = { ...process.env, [EnvironmentName.SETTINGS]: JSON.stringify(settings), POWERTOOLS_LOG_LEVEL: 'SILENT' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '-e', CALL, BUNDLE, JSON.stringify(event)], { env });
  const measured = JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1)) as Omit<PlanMeasurement, 'call' | 'payloadBytes'>;
  return { call, ...measured, payloadBytes: Buffer.byteLength(JSON.stringify(measured.result)) };
}
