import { MetricName } from '../../lib/private/contract';
import { marks } from '../mysql/inventory';
import { type Session } from '../mysql/session';
import { type Measures } from '../shared/metrics';
import { type Counts, type Ledger, type RunningStep, type Throughput, type WaitingUnit } from './ledger';
import { type MetadataLocks } from './metadata-locks';

/** What a running step does, as far as the server shows it. */
export interface Activity {
  readonly step: RunningStep;
  /** The part of its work that is done, 0 to 1; undefined where the server does not tell. */
  readonly share: number | undefined;
  /** Whether it waits for a metadata lock, and has nothing to do meanwhile; at its beginning, or when its table is copied already. */
  readonly waits: 'to begin' | 'to end' | undefined;
}

/** Shorter steps are counted one by one: what they take hardly depends on their bytes. */
const SMALL_BYTES = 1024 * 1024;
/** The share of a step that seems to be done and is not. */
const MOST_SHARE = 0.99;

/**
 * Lets the server show how far an ALTER is, and who holds which metadata lock: both are off in many parameter groups. It affects only what begins
 * afterwards, and a restart forgets it, so every look asks anew. Where it is refused, progress is coarser.
 * https://dev.mysql.com/doc/refman/8.0/en/monitor-alter-table-performance-schema.html
 */
export async function showProgress(green: Session): Promise<void> {
  const statements = [
    `UPDATE performance_schema.setup_consumers SET ENABLED = 'YES' WHERE NAME = 'events_stages_current' AND ENABLED = 'NO'`,
    `UPDATE performance_schema.setup_instruments SET ENABLED = 'YES', TIMED = 'YES'
      WHERE (NAME IN ('wait/lock/metadata/sql/mdl', 'stage/sql/copy to tmp table') OR NAME LIKE 'stage/innodb/alter table%') AND ENABLED = 'NO'`,
  ];
  for (const statement of statements) await green.run(statement).catch(() => undefined);
}

/** What the running steps do. */
export async function activities(green: Session, steps: readonly RunningStep[], alive: ReadonlyMap<number, number>, locks: MetadataLocks): Promise<Activity[]> {
  const connections = steps.flatMap(({ worker }) => (worker === null ? [] : alive.get(worker) ?? []));
  const shown = await shownOf(green, connections);
  return steps.map((step) => {
    const connection = step.worker === null ? undefined : alive.get(step.worker);
    const found = shown.find((row) => row.connection === connection);
    const wanted = locks.waiting.find((one) => one.connection === connection)?.wanted;
    const waits = wanted !== undefined || found?.state?.startsWith('Waiting for') === true ? waitOf(step, wanted) : undefined;
    return { step, waits, share: waits === 'to end' ? MOST_SHARE : waits === 'to begin' ? 0 : shareOf(found) };
  });
}

/** What the server shows of a session. */
interface Shown {
  readonly connection: number;
  readonly state: string | null;
  readonly done: number | null;
  readonly estimated: number | null;
}

/** Without Performance Schema the list of processes tells at least who waits. */
async function shownOf(green: Session, connections: readonly number[]): Promise<readonly Shown[]> {
  if (connections.length === 0) return [];
  const shown = await green.rows<Shown>(
    `SELECT t.PROCESSLIST_ID AS connection, t.PROCESSLIST_STATE AS state, s.WORK_COMPLETED AS done, s.WORK_ESTIMATED AS estimated
       FROM performance_schema.threads t LEFT JOIN performance_schema.events_stages_current s USING (THREAD_ID) WHERE t.PROCESSLIST_ID IN (${marks(connections)})`,
    connections,
  ).catch(() => []);
  if (shown.length > 0) return shown;
  return green.rows<Shown>(`SELECT ID AS connection, STATE AS state, NULL AS done, NULL AS estimated FROM information_schema.PROCESSLIST WHERE ID IN (${marks(connections)})`, connections);
}

/** Estimates are often too low, and nothing is done before its end. */
function shareOf(stage: { readonly done: number | null; readonly estimated: number | null } | undefined): number | undefined {
  if (stage === undefined || stage.done === null || Number(stage.estimated) <= 0) return undefined;
  return Math.min(MOST_SHARE, Number(stage.done) / Number(stage.estimated));
}

/** A copy asks for SHARED_NO_WRITE before it begins and for EXCLUSIVE at its end; a build in place asks for EXCLUSIVE at both. */
function waitOf({ kind }: RunningStep, wanted: string | undefined): 'to begin' | 'to end' {
  return wanted === 'EXCLUSIVE' && kind === 'TABLE' ? 'to end' : 'to begin';
}

/** Bytes done of the running steps. */
function bytesUnderWay(running: readonly Activity[]): number {
  return running.reduce((sum, { step, share }) => sum + step.bytes * (share ?? 0), 0);
}

/** Bytes of steps that are not small, and how many are. */
type Sizes = Pick<WaitingUnit, 'bytes' | 'small'>;

/** What has to be known for an estimate. */
export interface Outlook {
  readonly learnt: Throughput;
  readonly running: readonly Activity[];
  /** What is left of the units of the running steps, and of the largest others. */
  readonly units: readonly WaitingUnit[];
  /** Everything that waits. */
  readonly waiting: Sizes;
  readonly workers: number;
}

/**
 * Seconds until the workers are done, from what this ledger's steps have really taken, beside each other: never less than the longest
 * unit takes, because its steps run one after the other.
 *
 * @returns undefined while nothing comparable has been done, and while nothing works but everything waits for locks.
 */
export function secondsLeft({ learnt, running, units, waiting, workers }: Outlook): number | undefined {
  if (running.length > 0 && running.every(({ waits }) => waits !== undefined)) return undefined;
  const perByte = rateOf(learnt, running);
  const perSmall = learnt.smallSteps > 0 ? learnt.smallSeconds / learnt.smallSteps : perByte === undefined ? undefined : perByte * SMALL_BYTES;
  // what nobody knows makes the whole sum unknown.
  const expected = ({ bytes, small }: Sizes) => (bytes > 0 ? bytes * (perByte ?? Number.NaN) : 0) + (small > 0 ? small * (perSmall ?? Number.NaN) : 0);
  const left = running.map((activity) => ({ unit: activity.step.unit, seconds: remainderOf(activity, expected(sizesOf(activity.step))) }));
  const ofUnits = units.map((unit) => expected(unit) + sum(left.filter((one) => one.unit === unit.unit).map(({ seconds }) => seconds)));
  const all = expected(waiting) + sum(left.map(({ seconds }) => seconds));
  const seconds = Math.max(all / Math.max(1, workers), ...left.map(({ seconds: one }) => one), ...ofUnits);
  return Number.isNaN(seconds) ? undefined : Math.ceil(seconds);
}

/** Seconds a byte takes: of the steps that are done, and of those that run as far as the server tells. */
function rateOf({ bytes, seconds }: Throughput, running: readonly Activity[]): number | undefined {
  const telling = running.filter(({ share, waits, step }) => waits === undefined && share !== undefined && share > 0.02 && step.bytes >= SMALL_BYTES);
  const allBytes = bytes + telling.reduce((sum, { step, share }) => sum + step.bytes * (share ?? 0), 0);
  const allSeconds = seconds + telling.reduce((sum, { step }) => sum + step.secondsRunning, 0);
  return allBytes > 0 ? allSeconds / allBytes : undefined;
}

/** What a step still needs; where the server does not tell, by the time it has taken: at least a tenth of that, because it is not done yet. */
function remainderOf({ step, share }: Activity, expected: number): number {
  if (share !== undefined && share > 0) return expected * (1 - share);
  return Math.max(expected - (share === 0 ? 0 : step.secondsRunning), step.secondsRunning / 10);
}

function sizesOf({ bytes }: RunningStep): Sizes {
  return bytes < SMALL_BYTES ? { bytes: 0, small: 1 } : { bytes, small: 0 };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Reads from the ledger what an estimate needs. */
export async function outlook(ledger: Ledger, running: readonly Activity[], workers: number): Promise<Outlook> {
  const units = running.map(({ step }) => step.unit);
  return {
    learnt: await ledger.throughput(SMALL_BYTES),
    running,
    units: await ledger.waitingUnits(SMALL_BYTES, units),
    waiting: await ledger.waitingBytes(SMALL_BYTES),
    workers,
  };
}

/** How far the migration is, from 0 to 1, by bytes. */
export function shareDone({ bytes, bytesDone }: Counts, running: readonly Activity[]): number {
  return bytes === 0 ? 1 : Math.min(1, (bytesDone + bytesUnderWay(running)) / bytes);
}

/** How far the migration is, as metrics. */
export function measuresOfProgress(counts: Counts, running: readonly Activity[], left: number | undefined): Measures {
  return {
    ...measuresOfSteps(counts),
    [MetricName.MIGRATION_PERCENT]: shareDone(counts, running) * 100,
    [MetricName.MIGRATION_SECONDS_LEFT]: left,
    [MetricName.STEPS_UNSEEN]: running.filter(({ share, waits }) => share === undefined && waits === undefined).length,
  };
}

/** How the steps stand, as metrics. */
export function measuresOfSteps({ pending, running, done, failed, unknown }: Counts): Measures {
  return { [MetricName.STEPS_OPEN]: pending + running, [MetricName.STEPS_DONE]: done, [MetricName.STEPS_FAILED]: failed + unknown };
}
