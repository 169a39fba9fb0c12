import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { marks } from '../mysql/inventory';
import { type Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { type LedgerSummary } from '../shared/state';
import { type PrintedIndex } from './indexes';
import { STATEMENT_PROCEDURE } from './statement-procedure';
import { dropTwins } from './twins';
import { LEDGER_SCHEMA, WORKER_PROCEDURE } from './worker-procedure';

/** A session setting and a statement of a step the task runs itself. */
export interface ScriptLine {
  readonly sql: string;
  /** Set before the statement. */
  readonly session?: Readonly<Record<string, string>>;
}

/** Something the plan wants done. */
export interface NewStep {
  readonly kind: 'TABLE' | 'INDEXES' | 'HISTOGRAMS' | 'DATABASE' | 'PROCEDURE' | 'FUNCTION' | 'TRIGGERS' | 'EVENT' | 'STATEMENT';
  /** Steps of one unit are run one after the other. */
  readonly unit: number;
  readonly unitBytes: number;
  readonly schema: string;
  readonly object: string;
  readonly bytes: number;
  /** Whether the applier must stand still meanwhile (see applier.ts). */
  readonly needsPause?: boolean;
  /** What identifies the table's columns (see FINGERPRINT); only for tables. */
  readonly fingerprint?: number;
  /** What a worker runs; for a reader where the task runs a script. */
  readonly statement: string;
  /** What a worker runs when the statement fails for want of room (see worker-procedure.ts). */
  readonly fallback?: string;
  /** The indexes that an INDEXES step builds: while they are missing, the ledger has their only definition. */
  readonly indexes?: readonly PrintedIndex[];
  /** What the task runs, line by line; may be run again at any time. Absent: a worker runs `statement`. */
  readonly script?: readonly ScriptLine[];
}

/** A step before it has its place in the order of all. */
export type LooseStep = Omit<NewStep, 'unit' | 'unitBytes'>;

/** Whether workers run such a step, and not the task. */
export function isForWorkers(kind: NewStep['kind']): boolean {
  return kind === 'TABLE' || kind === 'INDEXES';
}

/** A step as it stands in the ledger. */
export interface Step {
  readonly id: number;
  /** Where a STATEMENT begins, `file:line`. */
  readonly origin: string | null;
  readonly kind: NewStep['kind'];
  readonly schema: string;
  readonly object: string;
  readonly bytes: number;
  readonly statement: string;
  readonly script: readonly ScriptLine[];
  readonly indexes: readonly PrintedIndex[];
  readonly state: 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'UNKNOWN';
  readonly worker: number | null;
  readonly attempts: number;
  readonly errno: number | null;
  readonly sqlState: string | null;
  readonly message: string | null;
}

/** A step somebody works on. */
export interface RunningStep extends Pick<Step, 'id' | 'origin' | 'kind' | 'schema' | 'object' | 'bytes' | 'worker' | 'attempts'> {
  readonly unit: number;
  /** Since it was claimed, on the server's clock. */
  readonly secondsRunning: number;
  /** Since a look has first seen it wait for somebody's metadata lock; null while it does not. */
  readonly secondsBlocked: number | null;
}

/** What the driver may return as text. */
type Measured = 'bytes' | 'secondsRunning' | 'secondsBlocked';

/** What steps of this ledger have taken, beside each other. */
export interface Throughput {
  readonly bytes: number;
  readonly seconds: number;
  /** Steps too small for their bytes to matter. */
  readonly smallSteps: number;
  readonly smallSeconds: number;
}

/** What waits of a unit. */
export interface WaitingUnit {
  readonly unit: number;
  /** Of the steps that are not small. */
  readonly bytes: number;
  readonly small: number;
}

/** MySQL's diagnostics of a failed statement. */
export interface StepFailure {
  readonly errno: number;
  readonly sqlState: string;
  readonly message: string;
}

/** The plan's row. */
export interface PlanRow {
  readonly planHash: string;
  /** Whether all steps have been written, and no worker has met a table that is not as planned. */
  readonly ready: boolean;
  readonly serverUuid: string;
  /** Whether steps that need a pause may be claimed. */
  readonly applierPaused: boolean;
  /** Whether we have stopped replication and have to start it again. */
  readonly applierOwed: boolean;
}

/** Steps by state. */
export interface Counts {
  readonly pending: number;
  readonly running: number;
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
  readonly bytes: number;
  readonly bytesDone: number;
}

/** Until they are mended, the rest of their unit waits, even where workers carry on. */
const UNITS_THAT_FAILED = `SELECT unit FROM ${LEDGER_SCHEMA}.step WHERE state IN ('FAILED', 'UNKNOWN')`;

const SELECT_STEP = `SELECT id, origin, kind, schema_name AS \`schema\`, object_name AS object, bytes, statement, script, indexes, state, worker, attempts, errno, sql_state AS \`sqlState\`, message FROM ${LEDGER_SCHEMA}.step`;

/**
 * The migration's only truth: a schema of ours on Green with a row per step, which survives every crash of the rest.
 */
export class Ledger {
  /**
   * The ledger on this server.
   *
   * @returns undefined where there is none.
   */
  public static async open(session: Session): Promise<Ledger | undefined> {
    const found = await session.row(`SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'plan'`, [LEDGER_SCHEMA]);
    if (found === undefined) return undefined;
    const ledger = new Ledger(session);
    return await ledger.plan() === undefined ? undefined : ledger;
  }

  /** Makes the ledger, or completes one whose making was interrupted. */
  public static async create(session: Session, plan: Pick<PlanRow, 'planHash' | 'serverUuid'> & { readonly replicaVisible: boolean }): Promise<Ledger> {
    await session.run(`CREATE DATABASE IF NOT EXISTS ${LEDGER_SCHEMA} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    for (const statement of TABLES) await session.run(statement);
    for (const [name, procedure] of [['worker', WORKER_PROCEDURE], ['statement_worker', STATEMENT_PROCEDURE]] as const) {
      if (await session.row('SELECT 1 AS found FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_NAME = ?', [LEDGER_SCHEMA, name]) === undefined) await session.run(procedure);
    }
    await session.run(
      `INSERT IGNORE INTO ${LEDGER_SCHEMA}.plan (id, plan_hash, server_uuid, replica_visible, ready, lease_until, created_at) VALUES (1, ?, ?, ?, 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))`,
      [plan.planHash, plan.serverUuid, plan.replicaVisible ? 1 : 0],
    );
    return new Ledger(session);
  }

  private constructor(private readonly session: Session) {}

  /** The plan's row; undefined when the making was interrupted before it. */
  public async plan(): Promise<PlanRow | undefined> {
    const row = await this.session.row<{ planHash: string; ready: number; serverUuid: string; applierPaused: number; applierOwed: number }>(
      `SELECT plan_hash AS planHash, ready, server_uuid AS serverUuid, applier_paused AS applierPaused, applier_owed AS applierOwed FROM ${LEDGER_SCHEMA}.plan WHERE id = 1`,
    );
    if (row === undefined) return undefined;
    return { ...row, ready: Boolean(row.ready), applierPaused: Boolean(row.applierPaused), applierOwed: Boolean(row.applierOwed) };
  }

  /** Whether any step was ever begun. */
  public async hasBegun(): Promise<boolean> {
    return await this.session.row(`SELECT 1 AS found FROM ${LEDGER_SCHEMA}.step WHERE state <> 'PENDING' OR attempts > 0 LIMIT 1`) !== undefined;
  }

  /** Makes it the empty ledger of another plan; nothing may have been begun. Workers that are on their way begin nothing. The caller holds the claim lock. */
  public async startOver(planHash: string): Promise<void> {
    await this.session.run('START TRANSACTION');
    await this.session.run(`UPDATE ${LEDGER_SCHEMA}.plan SET plan_hash = ?, ready = 0, lease_until = UTC_TIMESTAMP(6) WHERE id = 1`, [planHash]);
    for (const table of ['step', 'left_out', 'question', 'comparison']) await this.session.run(`DELETE FROM ${LEDGER_SCHEMA}.${table}`);
    await this.session.run('COMMIT');
  }

  /**
   * Replaces whatever is neither running nor done by these steps; `ready` is the last thing written. Indexes and histograms that were dropped,
   * or may be at any moment, stay: nobody else knows them. The caller holds the claim lock.
   */
  public async replaceOpenSteps(steps: readonly NewStep[]): Promise<void> {
    await this.session.run(`UPDATE ${LEDGER_SCHEMA}.plan SET ready = 0 WHERE id = 1`);
    await this.session.run(
      `DELETE FROM ${LEDGER_SCHEMA}.step WHERE state IN ('PENDING', 'FAILED', 'UNKNOWN') AND NOT (kind IN ('INDEXES', 'HISTOGRAMS') AND (schema_name, object_name) IN
         (SELECT * FROM (SELECT schema_name, object_name FROM ${LEDGER_SCHEMA}.step WHERE kind = 'TABLE' AND state IN ('RUNNING', 'DONE')) begun))`,
    );
    for (let start = 0; start < steps.length; start += 100) {
      const batch = steps.slice(start, start + 100);
      await this.session.run(
        `INSERT INTO ${LEDGER_SCHEMA}.step (kind, unit, unit_bytes, schema_name, object_name, bytes, needs_pause, fingerprint, runner, statement, script, fallback, indexes)
         VALUES ${batch.map(() => '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)').join(', ')}`,
        batch.flatMap((step) => [
          step.kind, step.unit, step.unitBytes, step.schema, step.object, step.bytes, step.needsPause === true ? 1 : 0, step.fingerprint ?? null,
          step.script === undefined ? 'WORKER' : 'TASK', step.statement, JSON.stringify(step.script ?? []), step.fallback ?? null, JSON.stringify(step.indexes ?? []),
        ]),
      );
    }
    // what is altered once more has to be compared once more.
    await this.session.run(
      `DELETE FROM ${LEDGER_SCHEMA}.comparison WHERE (schema_name, table_name) IN (SELECT schema_name, object_name FROM ${LEDGER_SCHEMA}.step WHERE kind = 'TABLE' AND state = 'PENDING')`,
    );
    await this.session.run(`UPDATE ${LEDGER_SCHEMA}.plan SET ready = 1 WHERE id = 1`);
  }

  /**
   * Scripts that failed after they had begun count as running again: what they drop may be gone already, and then the ledger has the only
   * definition, which must not be planned away.
   */
  public async resumeFailedScripts(): Promise<void> {
    await this.session.run(
      `UPDATE ${LEDGER_SCHEMA}.step SET state = 'RUNNING', finished_at = NULL, errno = NULL, sql_state = NULL, message = NULL
        WHERE runner = 'TASK' AND kind <> 'STATEMENT' AND state = 'FAILED' AND started_at IS NOT NULL`,
    );
  }

  /** Gives a running step its place among the units of a new plan. */
  public async moveToUnit(id: number, { unit, unitBytes }: Pick<NewStep, 'unit' | 'unitBytes'>): Promise<void> {
    await this.session.run(`UPDATE ${LEDGER_SCHEMA}.step SET unit = ?, unit_bytes = ? WHERE id = ?`, [unit, unitBytes, id]);
  }

  /** What an INDEXES step still has to build; nothing means it is done. It is a unit of its own from now on. */
  public async rebuild(id: number, step: Pick<NewStep, 'statement' | 'fallback' | 'indexes'> | undefined): Promise<void> {
    if (step === undefined) {
      await this.session.run(`UPDATE ${LEDGER_SCHEMA}.step SET state = 'DONE', finished_at = UTC_TIMESTAMP(6), errno = NULL, sql_state = NULL, message = NULL WHERE id = ?`, [id]);
      return;
    }
    await this.session.run(
      `UPDATE ${LEDGER_SCHEMA}.step SET state = 'PENDING', unit = -1000000 - id, statement = ?, fallback = ?, indexes = ?, errno = NULL, sql_state = NULL, message = NULL WHERE id = ?`,
      [step.statement, step.fallback ?? null, JSON.stringify(step.indexes ?? []), id],
    );
  }

  /** How the steps stand. */
  public async counts(): Promise<Counts> {
    const rows = await this.session.rows<{ state: string; steps: number; bytes: number | string | null }>(
      `SELECT state, COUNT(*) AS steps, SUM(GREATEST(bytes, 1)) AS bytes FROM ${LEDGER_SCHEMA}.step GROUP BY state`,
    );
    const steps = (state: string) => Number(rows.find((row) => row.state === state)?.steps ?? 0);
    return {
      pending: steps('PENDING'), running: steps('RUNNING'), done: steps('DONE'), failed: steps('FAILED'), unknown: steps('UNKNOWN'),
      bytes: rows.reduce((sum, row) => sum + Number(row.bytes ?? 0), 0),
      bytesDone: Number(rows.find((row) => row.state === 'DONE')?.bytes ?? 0),
    };
  }

  /** Steps in one of the states, by id. */
  public async steps(...states: readonly Step['state'][]): Promise<Step[]> {
    const rows = await this.session.rows<Omit<Step, 'script' | 'indexes'> & { script: string; indexes: string }>(`${SELECT_STEP} WHERE state IN (${marks(states)}) ORDER BY id`, states);
    return rows.map((row) => ({
      ...row,
      bytes: Number(row.bytes),
      script: JSON.parse(row.script) as ScriptLine[],
      indexes: JSON.parse(row.indexes) as PrintedIndex[],
    }));
  }

  /** What runs, without its texts. */
  public async running(): Promise<RunningStep[]> {
    const rows = await this.session.rows<Omit<RunningStep, Measured> & Record<Measured, number | string | null>>(
      `SELECT id, origin, kind, schema_name AS \`schema\`, object_name AS object, bytes, worker, attempts, unit, TIMESTAMPDIFF(MICROSECOND, started_at, UTC_TIMESTAMP(6)) / 1e6 AS secondsRunning,
              TIMESTAMPDIFF(MICROSECOND, blocked_since, UTC_TIMESTAMP(6)) / 1e6 AS secondsBlocked FROM ${LEDGER_SCHEMA}.step WHERE state = 'RUNNING' ORDER BY id`,
    );
    return rows.map((row) => ({
      ...row,
      bytes: Number(row.bytes),
      secondsRunning: Number(row.secondsRunning ?? 0),
      secondsBlocked: row.secondsBlocked === null ? null : Number(row.secondsBlocked),
    }));
  }

  /** Remembers since when a step waits for somebody's metadata lock, or that it does not. */
  public async markBlocked({ id, attempts }: Pick<Step, 'id' | 'attempts'>, blocked: boolean): Promise<void> {
    await this.session.run(
      `UPDATE ${LEDGER_SCHEMA}.step SET blocked_since = IF(?, COALESCE(blocked_since, UTC_TIMESTAMP(6)), NULL) WHERE id = ? AND attempts = ? AND state = 'RUNNING'`,
      [blocked ? 1 : 0, id, attempts],
    );
  }

  /** What steps have taken. */
  public async throughput(smallBytes: number): Promise<Throughput> {
    const row = await this.session.row<Record<keyof Throughput, number | string | null>>(
      `SELECT SUM(IF(bytes >= ?, bytes, 0)) AS bytes, SUM(IF(bytes >= ?, took, 0)) AS seconds, SUM(bytes < ?) AS smallSteps, SUM(IF(bytes < ?, took, 0)) AS smallSeconds
         FROM (SELECT bytes, TIMESTAMPDIFF(MICROSECOND, started_at, finished_at) / 1e6 AS took FROM ${LEDGER_SCHEMA}.step
                WHERE state = 'DONE' AND runner = 'WORKER' AND started_at IS NOT NULL AND finished_at IS NOT NULL) done`,
      [smallBytes, smallBytes, smallBytes, smallBytes],
    );
    const number = (name: keyof Throughput) => Number(row?.[name] ?? 0);
    return { bytes: number('bytes'), seconds: number('seconds'), smallSteps: number('smallSteps'), smallSeconds: number('smallSeconds') };
  }

  /** What waits of these units, and of the largest others. */
  public async waitingUnits(smallBytes: number, units: readonly number[]): Promise<WaitingUnit[]> {
    const rows = await this.session.rows<Record<keyof WaitingUnit, number | string>>(
      `SELECT unit, SUM(IF(bytes >= ?, bytes, 0)) AS bytes, SUM(bytes < ?) AS small FROM ${LEDGER_SCHEMA}.step WHERE state = 'PENDING' AND runner = 'WORKER'
        GROUP BY unit ORDER BY unit IN (${marks(units)}) DESC, bytes DESC, small DESC LIMIT ?`,
      [smallBytes, smallBytes, ...units, units.length + 1],
    );
    return rows.map(({ unit, bytes, small }) => ({ unit: Number(unit), bytes: Number(bytes), small: Number(small) }));
  }

  /** What waits altogether. */
  public async waitingBytes(smallBytes: number): Promise<{ bytes: number; small: number }> {
    const row = await this.session.row<Record<'bytes' | 'small', number | string | null>>(
      `SELECT SUM(IF(bytes >= ?, bytes, 0)) AS bytes, SUM(bytes < ?) AS small FROM ${LEDGER_SCHEMA}.step WHERE state = 'PENDING' AND runner = 'WORKER'`, [smallBytes, smallBytes],
    );
    return { bytes: Number(row?.bytes ?? 0), small: Number(row?.small ?? 0) };
  }

  /** Steps of workers that nobody has to mend something for first. */
  public async waitingForWorkers(): Promise<number> {
    const row = await this.session.row<{ steps: number }>(
      `SELECT COUNT(*) AS steps FROM ${LEDGER_SCHEMA}.step WHERE state = 'PENDING' AND runner = 'WORKER' AND kind <> 'STATEMENT' AND unit NOT IN (${UNITS_THAT_FAILED})`,
    );
    return Number(row?.steps ?? 0);
  }

  /** What workers do when a step has failed. */
  public async chooseOnFailure(choice: PipelineSettings['onStepFailure']): Promise<void> {
    await this.session.run(`UPDATE ${LEDGER_SCHEMA}.plan SET carry_on = ? WHERE id = 1`, [choice === 'carryOn' ? 1 : 0]);
  }

  /** How many workers could claim something at this moment. */
  public async claimable(): Promise<number> {
    const row = await this.session.row<{ units: number }>(
      `SELECT COUNT(DISTINCT unit) AS units FROM ${LEDGER_SCHEMA}.step WHERE state = 'PENDING' AND runner = 'WORKER' AND kind <> 'STATEMENT'
          AND (needs_pause = 0 OR (SELECT applier_paused FROM ${LEDGER_SCHEMA}.plan WHERE id = 1) = 1)
          AND unit NOT IN (SELECT unit FROM ${LEDGER_SCHEMA}.step WHERE state = 'RUNNING') AND unit NOT IN (${UNITS_THAT_FAILED})`,
    );
    return Number(row?.units ?? 0);
  }

  /** How many workers have worked at once, at most. */
  public async mostWorkers(): Promise<number> {
    return Number((await this.session.row<{ most: number | null }>(`SELECT MAX(worker) AS most FROM ${LEDGER_SCHEMA}.step WHERE kind <> 'STATEMENT'`))?.most ?? 0);
  }

  /** Whether everything of the workers is done, nothing has failed, and scripts are left for the task. */
  public async scriptsAreDue(): Promise<boolean> {
    const row = await this.session.row<{ scripts: number | null; others: number | null }>(
      `SELECT SUM(runner = 'TASK' AND kind <> 'STATEMENT' AND state IN ('PENDING', 'RUNNING')) AS scripts, SUM(state <> 'DONE' AND (runner = 'WORKER' OR state IN ('FAILED', 'UNKNOWN'))) AS others
         FROM ${LEDGER_SCHEMA}.step`,
    );
    return Number(row?.scripts ?? 0) > 0 && Number(row?.others ?? 0) === 0;
  }

  /** Steps for which the applier has to stand still, waiting or running, and whether any other step runs. */
  public async pauseNeeds(): Promise<{ waiting: number; running: number; othersRunning: number; othersClaimable: number }> {
    const row = await this.session.row<Record<'waiting' | 'running' | 'othersRunning' | 'othersClaimable', number | null>>(
      `SELECT SUM(needs_pause = 1 AND state = 'PENDING') AS waiting, SUM(needs_pause = 1 AND state = 'RUNNING') AS running,
              SUM(needs_pause = 0 AND state = 'RUNNING') AS othersRunning, SUM(needs_pause = 0 AND state = 'PENDING' AND runner = 'WORKER') AS othersClaimable
         FROM ${LEDGER_SCHEMA}.step WHERE (state = 'RUNNING' OR unit NOT IN (${UNITS_THAT_FAILED}))
          AND (kind <> 'STATEMENT' OR unit = (SELECT MIN(unit) FROM ${LEDGER_SCHEMA}.step WHERE kind = 'STATEMENT' AND state <> 'DONE'))`,
    );
    return {
      waiting: Number(row?.waiting ?? 0), running: Number(row?.running ?? 0),
      othersRunning: Number(row?.othersRunning ?? 0), othersClaimable: Number(row?.othersClaimable ?? 0),
    };
  }

  /** Lets workers claim steps that need a pause, or not; and remembers whether replication has to be started again. */
  public async markApplier(marks: { readonly paused: boolean; readonly owed: boolean }): Promise<void> {
    await this.session.run(`UPDATE ${LEDGER_SCHEMA}.plan SET applier_paused = ?, applier_owed = ? WHERE id = 1`, [marks.paused ? 1 : 0, marks.owed ? 1 : 0]);
  }

  /** Makes an execution the one that works here. */
  public async takeOver(execution: string): Promise<void> {
    await this.session.run(`UPDATE ${LEDGER_SCHEMA}.plan SET execution = ? WHERE id = 1`, [execution]);
  }

  /**
   * Two executions at once would undo each other's evidence. One that was stopped and is redriven in the middle goes on where it stood.
   *
   * @param execution the ARN, and how often it had been redriven.
   * @throws `SupersededByAnotherExecution` where another one has taken over.
   */
  public async mustBeOurs(execution: string): Promise<void> {
    const row = await this.session.row<{ execution: string }>(`SELECT execution FROM ${LEDGER_SCHEMA}.plan WHERE id = 1`);
    if (row === undefined || row.execution === execution) return;
    const [[present, before], [ours, now]] = [row.execution.split(' '), execution.split(' ')];
    if (present === ours && Number(before) < Number(now)) return this.takeOver(execution);
    throw new PipelineError(
      ErrorName.SUPERSEDED,
      `execution ${present} has taken over the work on this Green, so this one ends: two at once would undo each other's evidence. Nothing is lost; watch the other one`,
    );
  }

  /** Lets workers start further steps for so long; an execution that is stopped does not renew it. */
  public async renewLease(seconds: number): Promise<void> {
    await this.session.run(`UPDATE ${LEDGER_SCHEMA}.plan SET lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE id = 1`, [seconds]);
  }

  /** Whether workers may start further steps. */
  public async leaseRuns(): Promise<boolean> {
    return await this.session.row(`SELECT 1 AS found FROM ${LEDGER_SCHEMA}.plan WHERE lease_until > UTC_TIMESTAMP(6)`) !== undefined;
  }

  /** Records what became of a script. */
  public async endScript(id: number, failure?: StepFailure): Promise<void> {
    await this.session.run(
      `UPDATE ${LEDGER_SCHEMA}.step SET state = ?, finished_at = UTC_TIMESTAMP(6), errno = ?, sql_state = ?, message = ? WHERE id = ?`,
      [failure === undefined ? 'DONE' : 'FAILED', failure?.errno ?? null, failure?.sqlState ?? null, failure?.message ?? null, id],
    );
  }

  /** Records what became of a step whose worker is gone, unless somebody else was faster. */
  public async judge({ id, worker, attempts }: Step, state: 'DONE' | 'PENDING'): Promise<void> {
    await this.session.run(
      `UPDATE ${LEDGER_SCHEMA}.step SET state = ?, finished_at = IF(? = 'DONE', UTC_TIMESTAMP(6), NULL) WHERE id = ? AND state = 'RUNNING' AND worker <=> ? AND attempts = ?`,
      [state, state, id, worker, attempts],
    );
  }

  /** Writes down the script that is about to be run, before it drops anything. */
  public async startScript(id: number, script: readonly ScriptLine[]): Promise<void> {
    await this.session.run(
      `UPDATE ${LEDGER_SCHEMA}.step SET state = 'RUNNING', script = ?, attempts = attempts + 1, started_at = UTC_TIMESTAMP(6), finished_at = NULL WHERE id = ?`,
      [JSON.stringify(script), id],
    );
  }

  /** What the report keeps of the ledger. */
  public async summary(): Promise<LedgerSummary> {
    const row = await this.session.row<{ steps: number; tables: number; bytes: number | string | null; seconds: number | null }>(
      `SELECT COUNT(*) AS steps, COUNT(DISTINCT IF(kind = 'TABLE' OR objects LIKE '[{"kind":"table"%', CONCAT_WS('.', schema_name, object_name), NULL)) AS tables, COALESCE(SUM(bytes), 0) AS bytes,
              COALESCE(TIMESTAMPDIFF(SECOND, MIN(started_at), MAX(finished_at)), 0) AS seconds FROM ${LEDGER_SCHEMA}.step WHERE state = 'DONE'`,
    );
    const slowest = await this.session.rows<{ name: string; bytes: number | string; seconds: number | string }>(
      `SELECT CONCAT(schema_name, '.', object_name) AS name, SUM(bytes) AS bytes, SUM(TIMESTAMPDIFF(SECOND, started_at, finished_at)) AS seconds
         FROM ${LEDGER_SCHEMA}.step WHERE state = 'DONE' AND kind IN ('TABLE', 'INDEXES') GROUP BY schema_name, object_name ORDER BY seconds DESC, bytes DESC, name LIMIT 20`,
    );
    return {
      steps: Number(row?.steps ?? 0), tables: Number(row?.tables ?? 0), bytes: Number(row?.bytes ?? 0), seconds: Number(row?.seconds ?? 0),
      slowest: slowest.map((table) => ({ name: table.name, bytes: Number(table.bytes), seconds: Number(table.seconds) })),
    };
  }

  /** Removes everything of ours from the server. */
  public async drop(): Promise<void> {
    await dropTwins(this.session);
    await this.session.run(`DROP DATABASE IF EXISTS ${LEDGER_SCHEMA}`);
  }
}

const TABLES = [
  `CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.plan (
     id TINYINT NOT NULL PRIMARY KEY,
     plan_hash VARCHAR(64) NOT NULL,
     server_uuid VARCHAR(36) NOT NULL,
     replica_visible TINYINT NOT NULL COMMENT 'performance_schema shows that this server is a replica',
     ready TINYINT NOT NULL,
     execution VARCHAR(300) NOT NULL DEFAULT '' COMMENT 'the execution that works here; the newest takes over',
     applier_paused TINYINT NOT NULL DEFAULT 0 COMMENT 'steps that need a pause may be claimed',
     applier_owed TINYINT NOT NULL DEFAULT 0 COMMENT 'we have stopped replication and have to start it again',
     carry_on TINYINT NOT NULL DEFAULT 0 COMMENT 'a step that fails stops nobody else',
     lease_until DATETIME(6) NOT NULL,
     created_at DATETIME(6) NOT NULL
   ) ENGINE = InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.step (
     id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
     kind VARCHAR(10) NOT NULL,
     unit INT NOT NULL,
     unit_bytes BIGINT NOT NULL,
     schema_name VARCHAR(64) NOT NULL,
     object_name VARCHAR(64) NOT NULL,
     bytes BIGINT NOT NULL,
     needs_pause TINYINT NOT NULL DEFAULT 0,
     fingerprint BIGINT UNSIGNED NULL COMMENT 'of the columns the statement was made for',
     runner ENUM('WORKER', 'TASK') NOT NULL,
     statement LONGTEXT NOT NULL,
     script LONGTEXT NOT NULL,
     fallback LONGTEXT NULL COMMENT 'run instead when there is no room for the statement',
     indexes LONGTEXT NOT NULL COMMENT 'what an INDEXES step builds',
     origin VARCHAR(255) NULL COMMENT 'file and line of a STATEMENT',
     effect VARCHAR(10) NULL COMMENT 'what a STATEMENT leaves behind',
     objects LONGTEXT NULL COMMENT 'what a STATEMENT changes the definition of',
     trace CHAR(64) NULL COMMENT 'of the first of them before the statement',
     state ENUM('PENDING', 'RUNNING', 'DONE', 'FAILED', 'UNKNOWN') NOT NULL DEFAULT 'PENDING',
     worker INT NULL,
     attempts INT NOT NULL DEFAULT 0,
     started_at DATETIME(6) NULL,
     blocked_since DATETIME(6) NULL COMMENT 'since when it waits for a metadata lock of somebody else',
     finished_at DATETIME(6) NULL,
     errno INT NULL,
     sql_state CHAR(5) NULL,
     message TEXT NULL,
     KEY (state, runner),
     KEY (unit, state),
     KEY (schema_name, object_name)
   ) ENGINE = InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.definition (
     kind VARCHAR(20) NOT NULL,
     schema_name VARCHAR(64) NOT NULL,
     object_name VARCHAR(64) NOT NULL,
     hash VARCHAR(40) NOT NULL COMMENT 'of what Blue had defined when the plan was made',
     run VARCHAR(64) NOT NULL COMMENT 'the execution that planned',
     PRIMARY KEY (schema_name, object_name, kind)
   ) ENGINE = InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.definition_parts (
     kind VARCHAR(20) NOT NULL,
     schema_name VARCHAR(64) NOT NULL,
     object_name VARCHAR(64) NOT NULL,
     parts LONGTEXT NOT NULL COMMENT 'columns, indexes or constraints as Blue had them, so that a difference can be told',
     PRIMARY KEY (schema_name, object_name, kind)
   ) ENGINE = InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.left_out (
     schema_name VARCHAR(64) NOT NULL,
     table_name VARCHAR(64) NOT NULL,
     column_name VARCHAR(64) NOT NULL COMMENT 'of Blue; Green has none of this name when the files have been run',
     PRIMARY KEY (schema_name, table_name, column_name)
   ) ENGINE = InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.question (
     schema_name VARCHAR(64) NOT NULL,
     table_name VARCHAR(64) NOT NULL,
     query_hash CHAR(64) NOT NULL,
     query LONGTEXT NOT NULL COMMENT 'for Blue: 1 means that there are values that arrive on Green as others',
     trouble LONGTEXT NOT NULL COMMENT 'what becomes of them',
     PRIMARY KEY (schema_name, table_name, query_hash)
   ) ENGINE = InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.conversions (
     id TINYINT NOT NULL PRIMARY KEY,
     words VARCHAR(100) NOT NULL COMMENT 'replica_type_conversions for which the plan was proved'
   ) ENGINE = InnoDB`,
  `CREATE TABLE IF NOT EXISTS ${LEDGER_SCHEMA}.comparison (
     schema_name VARCHAR(64) NOT NULL,
     table_name VARCHAR(64) NOT NULL,
     run VARCHAR(64) NOT NULL COMMENT 'the execution that compares',
     bytes BIGINT NOT NULL,
     chunk_rows INT NOT NULL,
     state ENUM('PENDING', 'EQUAL', 'DIFFERENT') NOT NULL DEFAULT 'PENDING',
     compared_to LONGTEXT NULL COMMENT 'the last key compared, as SQL literals',
     rows_compared BIGINT NOT NULL DEFAULT 0,
     hot_rows BIGINT NOT NULL DEFAULT 0,
     last_key LONGTEXT NULL COMMENT 'the last key the table had when it was compared, as SQL literals',
     difference TEXT NULL,
     PRIMARY KEY (schema_name, table_name)
   ) ENGINE = InnoDB`,
];
