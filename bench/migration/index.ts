import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LEDGER_SCHEMA } from '../../lambda/migration/worker-procedure';
import { log } from '../../lambda/shared/log';
import { binlogEnd, cloneServer, type MysqlServer, ProcessScope, startReplication, waitForReplica } from '../../rehearsal/mysql';
import { openBlue } from '../engine';
import { withSpread } from '../statistics';
import { CONTENDERS, type ContenderName, isInstalled } from './contenders';
import { DATABASE, fill } from './dataset';
import { writeUntil } from './writer';

const DRAIN_PATIENCE_SECONDS = 1800;

/** What is measured. */
export interface MigrationBenchOptions {
  readonly rows: number;
  readonly rounds: number;
  /** Buffer pool of every server. */
  readonly poolMegabytes: number;
  readonly contenders: readonly ContenderName[];
}

/** One conversion. */
export interface Measurement {
  readonly contender: ContenderName;
  /** Whether an application wrote on Blue meanwhile. */
  readonly underLoad: boolean;
  readonly seconds: number;
  /** From the end of the conversion until Green had executed everything written on Blue before it; 0 without load. */
  readonly drainSeconds: number;
  /** What the engine's ledger says of its steps; empty for the others. */
  readonly steps: readonly StepTime[];
}

/** One statement of the engine. */
export interface StepTime {
  readonly step: string;
  readonly startedAt: number;
  readonly seconds: number;
}

/** Everything that was measured. */
export interface MigrationBenchReport {
  readonly options: MigrationBenchOptions;
  readonly megabytes: number;
  readonly measurements: readonly Measurement[];
}

/** With a writer on Blue, only what could run in production is compared. */
const UNDER_LOAD: readonly ContenderName[] = ['script', 'engine', 'enginePaused'];

/** Converts fresh copies of the same data in different ways, in turn, and prints times and ratios. */
export async function benchMigration(wanted: MigrationBenchOptions): Promise<MigrationBenchReport> {
  const options = { ...wanted, contenders: await installed(wanted.contenders) };
  log.setLogLevel('SILENT');
  const scope = await ProcessScope.open('bench');
  try {
    const parameters = { innodb_buffer_pool_size: `${options.poolMegabytes}M`, innodb_redo_log_capacity: '1G' };
    const { blue, distribution } = await openBlue(scope, parameters);
    console.log(`filling ${options.rows} rows ...`);
    await fill(blue, options.rows);
    const megabytes = await sizeOf(blue);
    console.log(`${options.rows} rows in 8 tables, ${megabytes} MB with 3 secondary indexes each; buffer pool ${options.poolMegabytes} MB; MySQL ${distribution.version}`);
    const measurements: Measurement[] = [];
    const greenParameters = { ...parameters, replica_type_conversions: 'ALL_NON_LOSSY', event_scheduler: 'OFF', log_bin_trust_function_creators: 'ON' };
    for (let round = 1; round <= options.rounds; round += 1) {
      // in turn, and the other way round every second time: whoever comes later must not gain by it.
      const plain = options.contenders.filter((name) => name !== 'enginePaused').map((contender) => ({ contender, underLoad: false }));
      const loaded = options.contenders.filter((name) => UNDER_LOAD.includes(name)).map((contender) => ({ contender, underLoad: true }));
      const all = [...plain, ...loaded];
      for (const [index, run] of (round % 2 === 0 ? all.reverse() : all).entries()) {
        const measurement = await measure({ scope, blue, name: `green-${round}-${index}`, parameters: greenParameters }, options.rows, run);
        measurements.push(measurement);
        console.log(`round ${round}: ${titleOf(measurement)}: ${measurement.seconds.toFixed(1)} s${run.underLoad ? `, then ${measurement.drainSeconds.toFixed(1)} s to catch up` : ''}`);
      }
    }
    const report = { options, megabytes, measurements };
    printRatios(report);
    return report;
  } finally {
    await scope.close();
  }
}

async function installed(contenders: readonly ContenderName[]): Promise<ContenderName[]> {
  const found: ContenderName[] = [];
  for (const name of contenders) {
    if (await isInstalled(name)) found.push(name);
    else console.log(`without ${CONTENDERS[name].title}: it is not installed (Debian: apt-get install percona-toolkit)`);
  }
  return found;
}

interface Place {
  readonly scope: ProcessScope;
  readonly blue: MysqlServer;
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

async function measure({ scope, blue, name, parameters }: Place, rows: number, { contender, underLoad }: Pick<Measurement, 'contender' | 'underLoad'>): Promise<Measurement> {
  const cloned = await cloneServer(blue, { scope, name, parameters });
  try {
    await startReplication(cloned.server, blue, cloned);
    await waitForReplica(cloned.server, await binlogEnd(blue));
    const stop = new AbortController();
    const writer = underLoad ? writeUntil(blue, rows, stop.signal) : Promise.resolve(0);
    const startedAt = performance.now();
    await CONTENDERS[contender].run(cloned.server).finally(() => stop.abort());
    const seconds = (performance.now() - startedAt) / 1000;
    const steps = await stepsOf(cloned.server);
    await writer;
    const drainFrom = performance.now();
    if (underLoad) await waitForReplica(cloned.server, await binlogEnd(blue), DRAIN_PATIENCE_SECONDS);
    return { contender, underLoad, seconds, drainSeconds: underLoad ? (performance.now() - drainFrom) / 1000 : 0, steps };
  } finally {
    await cloned.server.kill();
    await rm(join(scope.folder, name), { recursive: true, force: true });
  }
}

/** Seconds count from the first step. */
async function stepsOf(green: MysqlServer): Promise<StepTime[]> {
  const rows = await green.query<{ step: string; started: string; seconds: string }>(
    `SELECT CONCAT(kind, ' ', object_name) AS step, TIMESTAMPDIFF(MICROSECOND, (SELECT MIN(started_at) FROM ${LEDGER_SCHEMA}.step), started_at) / 1e6 AS started,
            TIMESTAMPDIFF(MICROSECOND, started_at, finished_at) / 1e6 AS seconds
       FROM ${LEDGER_SCHEMA}.step ORDER BY started_at`,
  ).catch(() => []);
  return rows.map(({ step, started, seconds }) => ({ step, startedAt: Number(started), seconds: Number(seconds) }));
}

async function sizeOf(server: MysqlServer): Promise<number> {
  await server.query('SET GLOBAL information_schema_stats_expiry = 0').catch(() => undefined);
  const [row] = await server.query<{ megabytes: string }>('SELECT ROUND(SUM(DATA_LENGTH + INDEX_LENGTH) / 1e6) AS megabytes FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?', [DATABASE]);
  return Number(row?.megabytes ?? 0);
}

function titleOf({ contender, underLoad }: Pick<Measurement, 'contender' | 'underLoad'>): string {
  return `${CONTENDERS[contender].title}${underLoad ? ', Blue written to' : ''}`;
}

/** Ratios within a round, so that what slows the machine slows both. */
function printRatios({ options, measurements }: MigrationBenchReport): void {
  console.log('\nseconds: middle (least to greatest), and in parts of the script\'s');
  for (const underLoad of [false, true]) {
    const of = (name: ContenderName) => measurements.filter((one) => one.contender === name && one.underLoad === underLoad);
    for (const name of options.contenders) {
      const own = of(name);
      if (own.length === 0) continue;
      const ratios = own.flatMap((one, round) => {
        const script = of('script')[round];
        return script === undefined ? [] : [(one.seconds + one.drainSeconds) / (script.seconds + script.drainSeconds)];
      });
      const drain = underLoad ? `, to catch up ${withSpread(own.map(({ drainSeconds }) => drainSeconds), 1)}` : '';
      console.log(`${titleOf({ contender: name, underLoad })}: ${withSpread(own.map(({ seconds }) => seconds), 1)}${drain}; × ${withSpread(ratios)}`);
    }
  }
}
