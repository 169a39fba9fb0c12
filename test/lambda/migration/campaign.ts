import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveWorkers } from '../../../lambda/migration/planning';
import { Session } from '../../../lambda/mysql/session';
import { type ClusterFacts, type PipelineState } from '../../../lambda/shared/state';
import { type CharacterSetConversion, EnvironmentName, Phase, type PipelineSettings } from '../../../lib/private/contract';
import { LambdaRunner } from '../../../rehearsal/lambda/runner';
import { Random } from '../../../rehearsal/sample/random';
import { TaskError } from '../../../rehearsal/step-functions/errors';
import { type Pair } from '../helpers/pair';
import { eventOf } from '../shared/event';
import { converting, DEFERRED, ledgerSteps } from './migrate';

/** What dies in a run. */
export type Victim = 'function' | 'worker' | 'server';

const VICTIMS: readonly Victim[] = ['function', 'worker', 'server'];
const TABLES = 30;
const ROWS = 300;
const WORKERS = 3;
const BUNDLES = path.join(__dirname, '..', '..', '..', 'lambda', 'dist');
/** What a task ends with when something has been killed under it; the state machine tries again. */
const PASSING = ['Runtime.ExitError', 'DatabaseUnreachable'];
const PATIENCE_MILLISECONDS = 120_000;

/** How a run went. */
export interface CampaignRun {
  readonly seed: number;
  readonly victim: Victim;
  readonly applier: CharacterSetConversion['applier'];
  /** How many steps were done when it died. */
  readonly after: number;
  /** What is not as it should be at the end; nothing, if all is well. */
  readonly problems: readonly string[];
}

/**
 * Converts 30 tables on Green, beside the running applier or while it stands still, by the bundled functions, in processes of their own, while Blue is
 * written to; kills something at a moment that the seed decides; goes on as the state machine would, and compares what there is at the end.
 */
export async function campaignRun(pair: Pair, seed: number): Promise<CampaignRun> {
  const random = new Random(seed);
  const victim = VICTIMS[seed % VICTIMS.length] ?? 'function';
  const applier = seed % 2 === 0 ? 'paused' : 'running';
  const [after, delay, database] = [random.integer(0, TABLES - 4), random.integer(0, 250), `campaign${seed}`];
  await prepare(pair, database);
  const settings: PipelineSettings = { ...converting([database], {}, DEFERRED, applier), workers: WORKERS };
  const functions = new Functions(pair, settings);
  const writer = write(pair, database, random);
  try {
    await functions.patiently('plan-migration');
    await runUntilDone(pair, functions, { victim, after, delay });
  } finally {
    await writer.stop();
    await functions.close();
  }
  await pair.caughtUp();
  return { seed, victim, applier, after, problems: await problemsOf(pair, database) };
}

async function prepare(pair: Pair, database: string): Promise<void> {
  const tables = names().map((name) => `CREATE TABLE ${database}.${name} (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(60), n INT, KEY v (v), KEY n (n, v))`);
  await pair.run(
    'blue', `CREATE DATABASE ${database} CHARACTER SET utf8mb3`, `USE ${database}`, ...tables, 'SET SESSION cte_max_recursion_depth = 10000',
    ...names().map((name) => `INSERT INTO ${database}.${name} (v, n) WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < ${ROWS}) SELECT CONCAT('あ', LEFT(SHA2(i, 256), 50)), i FROM r`),
  );
  await pair.caughtUp();
  await pair.run('green', 'DROP DATABASE IF EXISTS blue_green_pipeline');
}

function names(): string[] {
  return Array.from({ length: TABLES }, (_, index) => `t${index}`);
}

/** When something is killed: as soon as so many steps are done, and a moment later. */
interface Moment {
  readonly victim: Victim;
  readonly after: number;
  readonly delay: number;
}

/** Looks until the migration is done; once, at the moment that was drawn, something is killed. */
async function runUntilDone(pair: Pair, functions: Functions, { victim, after, delay }: Moment): Promise<void> {
  let previous: PipelineState['migration'] = null;
  let alive = true;
  for (const deadline = Date.now() + PATIENCE_MILLISECONDS; Date.now() < deadline; await sleep(20)) {
    const strikes = alive && (previous?.finished ?? 0) >= after;
    if (strikes && victim === 'function') functions.killAfter(delay);
    if (strikes && victim === 'worker') await killWorker(pair);
    const look: Promise<NonNullable<PipelineState['migration']>> = functions.patiently('run-migration', { migration: previous });
    if (strikes && victim === 'server') await restart(pair, delay);
    if (strikes) alive = false;
    previous = await look;
    if (previous.done) return;
  }
  throw new Error(`The migration was not done within two minutes: ${JSON.stringify(previous)}`);
}

async function killWorker(pair: Pair): Promise<void> {
  const workers = await Session.use(pair.server('green'), liveWorkers);
  const [connection] = workers.values();
  // it may have gone by itself meanwhile.
  if (connection !== undefined) await pair.run('green', `CALL mysql.rds_kill(${connection})`).catch(() => undefined);
}

async function restart(pair: Pair, delay: number): Promise<void> {
  await sleep(delay);
  await pair.green.kill();
  await pair.green.start();
}

/** Blue's application. */
function write(pair: Pair, database: string, random: Random): { stop(): Promise<void> } {
  let writing = true;
  const done = pair.blue.withConnection(async (connection) => {
    for (let count = 0; writing; count += 1) {
      const table = `${database}.t${random.integer(0, TABLES - 1)}`;
      await connection.query('START TRANSACTION');
      await connection.query(`INSERT INTO ${table} (v, n) VALUES ('い${count}', ${count})`);
      await connection.query(`UPDATE ${table} SET v = CONCAT('う', n) WHERE id = ${random.integer(1, ROWS)}`);
      await connection.query(`DELETE FROM ${table} WHERE id = ${random.integer(1, ROWS)}`);
      await connection.query('COMMIT');
      await sleep(5);
    }
  }, { charset: 'utf8mb4' });
  return { stop: async () => { writing = false; await done; } };
}

/** What is wrong with the schema, the data, the ledger, or replication. */
async function problemsOf(pair: Pair, database: string): Promise<string[]> {
  const problems: string[] = [];
  for (const name of names()) {
    const table = `${database}.${name}`;
    const [blue, green] = [await pair.run('blue', `SELECT * FROM ${table} ORDER BY id`), await pair.run('green', `SELECT * FROM ${table} ORDER BY id`)];
    if (JSON.stringify(blue) !== JSON.stringify(green)) problems.push(`${table}: ${blue.length} rows on Blue and ${green.length} on Green, not the same`);
    const [onBlue, onGreen] = [await printed(pair, 'blue', table), await printed(pair, 'green', table)];
    if (onGreen !== onBlue.replaceAll('utf8mb3', 'utf8mb4')) problems.push(`${table} is ${onGreen}`);
  }
  const open = (await ledgerSteps(pair)).filter(({ state }) => state !== 'DONE');
  if (open.length > 0) problems.push(`steps that are not done: ${JSON.stringify(open)}`);
  const [status] = await pair.run('green', 'SHOW REPLICA STATUS');
  if (status?.Replica_SQL_Running !== 'Yes') problems.push('replication does not run');
  return problems;
}

/** The order of indexes is that of their making. */
async function printed(pair: Pair, which: 'blue' | 'green', table: string): Promise<string> {
  const [row] = await pair.run<{ 'Create Table': string }>(which, `SHOW CREATE TABLE ${table}`);
  const text = (row?.['Create Table'] ?? '').replaceAll(/ (?:CHARACTER SET|COLLATE) \w+| COLLATE=\w+| AUTO_INCREMENT=\d+/g, '');
  return text.split('\n').map((line) => line.replace(/,$/, '')).sort().join('\n');
}

/** The bundled functions as the state machine calls them. */
class Functions {
  private readonly runner: LambdaRunner;
  private fault: { readonly killAfterMilliseconds: number } | undefined;

  constructor(private readonly pair: Pair, settings: PipelineSettings) {
    const own = { [EnvironmentName.SETTINGS]: JSON.stringify(settings), [EnvironmentName.LOGIN]: process.env[EnvironmentName.LOGIN] ?? '' };
    this.runner = new LambdaRunner({
      functions: ['plan-migration', 'run-migration'].map((name) => ({
        name, arn: `arn:aws:lambda:eu-central-1:123456789012:function:${name}`, codeDirectory: path.join(BUNDLES, name), handler: 'index.handler', environment: own,
        timeoutSeconds: 120, memoryMegabytes: 512, accessKeyId: 'AKIDTEST',
      })),
      environment: {
        AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_SECRETS_MANAGER: process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER ?? '',
        NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS ?? '', POWERTOOLS_LOG_LEVEL: 'SILENT',
      },
      onInvoke: () => {
        const { fault } = this;
        this.fault = undefined;
        return fault;
      },
    });
  }

  /** The next call dies so long after it has begun. */
  public killAfter(milliseconds: number): void {
    this.fault = { killAfterMilliseconds: milliseconds };
  }

  /** Calls a function, again and again after errors that pass. */
  public async patiently<Result>(name: string, state: Partial<PipelineState> = {}): Promise<Result> {
    const situation = { phase: Phase.AVAILABLE, deployment: null, source: this.cluster('blue'), target: this.cluster('green') };
    for (const deadline = Date.now() + PATIENCE_MILLISECONDS; ; await sleep(100)) {
      try {
        return await this.runner.invoke(name, eventOf({ situation, ...state }, { now: new Date().toISOString() })) as Result;
      } catch (thrown) {
        if (Date.now() > deadline || !(thrown instanceof TaskError && PASSING.includes(thrown.error))) throw thrown;
      }
    }
  }

  public close(): Promise<void> {
    return this.runner.close();
  }

  private cluster(which: 'blue' | 'green'): ClusterFacts {
    const { endpoint, port } = this.pair.server(which);
    return {
      identifier: which, arn: which, resourceId: which, status: 'available', endpoint, port, engine: 'aurora-mysql', engineVersion: '8.0', parameterGroup: which, instances: [],
    };
  }
}
