import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Ledger } from '../../lambda/migration/ledger';
import { Session } from '../../lambda/mysql/session';
import { log } from '../../lambda/shared/log';
import { type ComparisonProgress } from '../../lambda/shared/state';
import { compare } from '../../lambda/verification/comparison';
import { type ComparisonSettings } from '../../lib/private/contract';
import { binlogEnd, cloneServer, type MysqlServer, ProcessScope, startReplication, waitForReplica } from '../../rehearsal/mysql';
import { openBlue, serverOf, settingsOf } from '../engine';
import { DATABASE, fill, tablesOf } from '../migration/dataset';
import { percentile, withSpread } from '../statistics';

const run = promisify(execFile);

const OPERATIONS_PER_SECOND = 100;
/** How long Blue is written to without a comparison beside it. */
const ALONE_MILLISECONDS = 12_000;

/** What is measured. */
export interface CompareBenchOptions {
  readonly rows: number;
  readonly rounds: number;
  /** Buffer pool of both servers. */
  readonly poolMegabytes: number;
}

/** One round. */
export interface CompareMeasurement {
  /** One query on Blue over each table: COUNT and the sum of the CRC32 of every row. */
  readonly aggregateSeconds: number;
  /** The comparison of both servers without pauses, which the aggregate does not make either. */
  readonly comparisonSeconds: number;
  /** Processor time of the function itself meanwhile. */
  readonly processorSeconds: number;
  /** As it is by default, while Blue is written to; with the time in which it left Blue alone. */
  readonly underLoadSeconds: number;
  readonly restedSeconds: number;
  /** 95 of 100 writes on Blue took no longer, without a comparison and with one. */
  readonly aloneP95Milliseconds: number;
  readonly besideP95Milliseconds: number;
}

/** Everything that was measured. */
export interface CompareBenchReport {
  readonly options: CompareBenchOptions;
  readonly megabytes: number;
  readonly measurements: readonly CompareMeasurement[];
}

/** Compares Blue with a converted Green, and holds it against one aggregate of the same rows on one server. */
export async function benchCompare(options: CompareBenchOptions): Promise<CompareBenchReport> {
  log.setLogLevel('SILENT');
  const scope = await ProcessScope.open('bench');
  try {
    const parameters = { innodb_buffer_pool_size: `${options.poolMegabytes}M`, innodb_redo_log_capacity: '512M' };
    const { blue, distribution } = await openBlue(scope, parameters);
    console.log(`filling ${options.rows} rows ...`);
    await fill(blue, options.rows);
    const cloned = await cloneServer(blue, { scope, name: 'green', parameters: { ...parameters, replica_type_conversions: 'ALL_NON_LOSSY', event_scheduler: 'OFF' } });
    const green = cloned.server;
    await startReplication(green, blue, cloned);
    for (const { name } of tablesOf(options.rows)) await green.query(`ALTER TABLE ${DATABASE}.${name} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
    await waitForReplica(green, await binlogEnd(blue));
    await Session.use(serverOf(green), (session) => Ledger.create(session, { planHash: 'bench', serverUuid: green.serverUuid, replicaVisible: true }));
    const [size] = await blue.query<{ megabytes: string }>('SELECT ROUND(SUM(DATA_LENGTH) / 1e6) AS megabytes FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?', [DATABASE]);
    const megabytes = Number(size?.megabytes ?? 0);
    console.log(`${options.rows} rows in 8 tables, ${megabytes} MB without indexes; buffer pool ${options.poolMegabytes} MB; MySQL ${distribution.version}`);
    // what the first of them would read from the disk.
    for (const server of [blue, green]) await aggregateOf(server, options.rows);
    const alone: Alone[] = [];
    for (let round = 1; round <= options.rounds; round += 1) alone.push(await measureAlone({ blue, green }, options.rows, round));
    await giveWay(green);
    // the first writes of all take longer.
    await latenciesDuring(blue, options.rows, () => sleep(ALONE_MILLISECONDS));
    const measurements: CompareMeasurement[] = [];
    for (const [index, before] of alone.entries()) {
      measurements.push({ ...before, ...await measureBeside({ blue, green }, options.rows, index + 1) });
      print(measurements.slice(-1), megabytes, `round ${index + 1}`);
    }
    print(measurements, megabytes, 'all rounds');
    return { options, megabytes, measurements };
  } finally {
    await scope.close();
  }
}

interface Servers {
  readonly blue: MysqlServer;
  readonly green: MysqlServer;
}

type Alone = Pick<CompareMeasurement, 'aggregateSeconds' | 'comparisonSeconds' | 'processorSeconds'>;

/**
 * Green is another machine in AWS: here, what Blue and its application have to do comes first, because an idle thread gives its processor up at once. It
 * comes after what has no application beside it, which is to have both processors.
 */
async function giveWay({ pid }: MysqlServer): Promise<void> {
  await run('chrt', ['--all-tasks', '--idle', '--pid', '0', String(pid)]).catch(() => console.log('without chrt, Green competes with Blue and its application for the processors'));
}

async function measureAlone(servers: Servers, rows: number, round: number): Promise<Alone> {
  const aggregateSeconds = await timed(() => aggregateOf(servers.blue, rows));
  const before = process.cpuUsage();
  const comparisonSeconds = await timed(() => compareAll(servers, `bench ${round} alone`, { kind: 'full', pauseShare: 0 }));
  const { user, system } = process.cpuUsage(before);
  return { aggregateSeconds, comparisonSeconds, processorSeconds: (user + system) / 1e6 };
}

async function measureBeside(servers: Servers, rows: number, round: number): Promise<Omit<CompareMeasurement, keyof Alone>> {
  const alone = await latenciesDuring(servers.blue, rows, () => sleep(ALONE_MILLISECONDS));
  let [underLoadSeconds, restedSeconds] = [0, 0];
  const beside = await latenciesDuring(servers.blue, rows, async () => {
    underLoadSeconds = await timed(async () => { restedSeconds = (await compareAll(servers, `bench ${round} beside`)).secondsRested ?? 0; });
  });
  const [aloneP95Milliseconds, besideP95Milliseconds] = [percentile(alone, 0.95), percentile(beside, 0.95)];
  return { underLoadSeconds, restedSeconds, aloneP95Milliseconds, besideP95Milliseconds };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
}

/** What anybody would write by hand; it tells neither a NULL from nothing nor a shifted value. */
async function aggregateOf(server: MysqlServer, rows: number): Promise<void> {
  for (const { name } of tablesOf(rows)) {
    await server.query(`SELECT COUNT(*) AS n, SUM(CRC32(CONCAT_WS('#', id, code, name, note, amount, created))) AS total FROM ${DATABASE}.${name}`);
  }
}

async function compareAll({ blue, green }: Servers, execution: string, comparison?: ComparisonSettings): Promise<ComparisonProgress> {
  await green.query(`UPDATE blue_green_pipeline.plan SET execution = ?`, [execution]);
  const [here, there] = [serverOf(blue), serverOf(green)];
  return Session.use(here, (onBlue) => Session.use(there, (onGreen) => Session.use(there, async (ledger) => {
    const settings = { ...settingsOf({}), ...comparison === undefined ? {} : { comparison } };
    const progress = await compare({ blue: onBlue, green: onGreen, ledger }, settings, { now: new Date().toISOString(), execution, previous: null });
    if (!progress.done) throw new Error(`the comparison has not come to its end: ${JSON.stringify(progress)}`);
    return progress;
  })));
}

async function latenciesDuring(blue: MysqlServer, rows: number, work: () => Promise<unknown>): Promise<number[]> {
  const application = fork(path.join(__dirname, 'application.ts'), [blue.socketPath, String(rows), String(OPERATIONS_PER_SECOND)]);
  const ended = once(application, 'exit').then(([code]) => { throw new Error(`the application ended with ${code}`); });
  try {
    await Promise.race([once(application, 'message'), ended]);
    await Promise.race([work(), ended]);
    const answer = once(application, 'message');
    application.send('stop');
    const [latencies] = await Promise.race([answer, ended]) as [number[]];
    return latencies;
  } finally {
    ended.catch(() => undefined);
    application.kill();
  }
}

function print(measurements: readonly CompareMeasurement[], megabytes: number, title: string): void {
  const of = (read: (one: CompareMeasurement) => number, digits = 2) => withSpread(measurements.map(read), digits);
  console.log(`${title}: aggregate ${of((one) => one.aggregateSeconds, 1)} s, comparison ${of((one) => one.comparisonSeconds, 1)} s (${of((one) => one.comparisonSeconds / megabytes * 1000, 1)} s/GB): `
    + `${of((one) => one.aggregateSeconds / one.comparisonSeconds)} of the aggregate's speed, `
    + `the function itself busy for ${of((one) => one.processorSeconds / one.comparisonSeconds)} of the time; beside a writer, with pauses, ${of((one) => one.underLoadSeconds, 1)} s, of which it rested ${of((one) => one.restedSeconds, 1)} s; `
    + `p95 of a write on Blue ${of((one) => one.aloneP95Milliseconds, 1)} ms without, ${of((one) => one.besideP95Milliseconds, 1)} ms with: × ${of((one) => one.besideP95Milliseconds / one.aloneP95Milliseconds)}`);
}
