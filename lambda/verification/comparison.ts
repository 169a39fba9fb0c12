import { createHash } from 'node:crypto';
import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { Ledger } from '../migration/ledger';
import { columnsLeftOutByFiles, tablesChangedByFiles } from '../migration/statement-steps';
import { tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { presentPosition } from '../replication/catch-up';
import { PipelineError, property } from '../shared/errors';
import { log } from '../shared/log';
import { type ComparisonProgress } from '../shared/state';
import { inWords, secondsBetween } from '../shared/waiting';
import { ChunkEnds } from './chunk-ends';
import { type Aggregate, aggregate, lastKey, statementsOf } from './chunks';
import { type Chunk, ComparisonLedger, type TableProgress } from './comparison-ledger';
import { Follower } from './follower';
import { literalsOf } from './kept-key';
import { Load, type PieceTime } from './load';
import { compareWithGreen, describeBoth, type Sides, takeDatesAsTheyAre } from './ranges';
import { comparedTable, type ComparedTable } from './row-expression';
import { type RangeOutcome } from './suspect';

/** A chunk is a query on both servers: small enough to be over in a moment, whatever its rows hold. */
const MOST_ROWS_PER_CHUNK = 20_000;
/** Chunks that share one of Blue's positions: as many as are read in this time, and no more than this. */
const BATCH_MILLISECONDS = 50;
/** The first batches are smaller, so that Green need not wait for what it may begin with. */
const FIRST_BATCH_MILLISECONDS = 5;
const CHUNKS_PER_BATCH = 256;
/** What is known is written down so often: every transaction on Green's ledger is a write for its disk. */
const MILLISECONDS_PER_RECORD = 1000;
/** By how many batches Blue may be read ahead of those that Green is read for. */
const BATCHES_AHEAD = 8;
const BUDGET_MILLISECONDS = 600_000;
/** A query that was forgotten by a dead function must not burden Blue for hours. */
const MOST_MILLISECONDS_PER_QUERY = 240_000;
const QUERY_TOOK_TOO_LONG = 3024;
/** Looks at a large table without a key have to be over so long after the budget: the function ends 300 s after it. */
const GRACE_MILLISECONDS = 240_000;
/** A larger table without a key is begun only by an invocation that has most of its time. */
const MOST_BYTES_LATE = 256 * 1024 * 1024;
const EARLY_MILLISECONDS = 60_000;
/** No such table, no such column: the definition has changed since it was read. */
const DEFINITION_CHANGED = [1146, 1054];

/** Which comparison this is, and how far it is. */
export interface ComparisonRun {
  readonly now: string;
  /** Names the execution: evidence of another one does not count. */
  readonly execution: string;
  readonly previous: ComparisonProgress | null;
  /** @default 20000 */
  readonly rowsPerChunk?: number;
  /** @default 256 */
  readonly chunksPerBatch?: number;
  /** @default 1000 */
  readonly millisecondsPerRecord?: number;
}

/** The three sessions of a comparison. Blue's and Green's only read; the ledger's writes down how far it is. */
export interface Sessions extends Sides {
  readonly ledger: Session;
}

/** What a comparison says of itself that is switched off. */
const NOTHING_COMPARED = { done: true, waitSeconds: 5, tables: 0, tablesCompared: 0, rowsCompared: 0, percent: 100, hotRows: 0 } as const;

/**
 * Compares the data of Blue and Green while Blue is written to, for as long as one invocation may take; resumes where it stopped.
 *
 * @throws `DataDiffers` when every table was looked at and one differs; `SupersededByAnotherExecution`.
 */
export async function compare(
  sessions: Sessions,
  settings: PipelineSettings,
  run: ComparisonRun,
): Promise<ComparisonProgress> {
  const { now, execution, previous, rowsPerChunk = MOST_ROWS_PER_CHUNK, chunksPerBatch = CHUNKS_PER_BATCH } = run;
  const startedAt = previous?.startedAt ?? now;
  const plan = await Ledger.open(sessions.ledger);
  await plan?.mustBeOurs(execution);
  if (settings.comparison?.kind === 'off') return { ...NOTHING_COMPARED, startedAt };
  for (const session of [sessions.blue, sessions.green, ...sessions.reader === undefined ? [] : [sessions.reader]]) {
    await session.run('SET SESSION TRANSACTION READ ONLY');
    await session.run(`SET SESSION max_execution_time = ${MOST_MILLISECONDS_PER_QUERY}`);
    await takeDatesAsTheyAre(session);
  }
  const ledger = new ComparisonLedger(sessions.ledger, createHash('sha256').update(execution).digest('hex'));
  await ledger.listTables(sessions.blue, rowsPerChunk);
  const deadline = Date.now() + BUDGET_MILLISECONDS;
  const load = new Load(sessions.blue, { limits: settings.comparison ?? {}, onWriter: sessions.reader === undefined, deadline });
  const [changed, leftOut] = [await tablesChangedByFiles(sessions.ledger), await columnsLeftOutByFiles(sessions.ledger)];
  const begun = performance.now();
  const millisecondsPerRecord = run.millisecondsPerRecord ?? MILLISECONDS_PER_RECORD;
  const options = { sessions, ledger, load, changed, leftOut, chosen: choice(settings), chunksPerBatch, millisecondsPerRecord };
  while (Date.now() < deadline && !await new Round(options).compare(deadline)) await plan?.mustBeOurs(execution);
  const progress = await ledger.progress({
    now, startedAt,
    secondsSpent: (previous?.secondsSpent ?? 0) + (performance.now() - begun) / 1000,
    secondsRested: (previous?.secondsRested ?? 0) + load.restedMilliseconds / 1000,
  });
  const elapsed = secondsBetween(startedAt, now);
  if (!progress.done && elapsed > settings.patience.comparisonSeconds) {
    throw new PipelineError(
      ErrorName.DATA_DIFFERS,
      `the comparison has not finished within ${inWords(settings.patience.comparisonSeconds)} (comparisonPatience), ${progress.tablesCompared} of ${progress.tables} tables are compared: data that was not `
      + 'compared is not known to be equal. Raise the patience and start a new execution with {}',
    );
  }
  return progress;
}

/** Which chunks are compared: of a sample those that follow from the seed, and the first and the last of each table. */
function choice({ comparison, deploymentName }: PipelineSettings): (chunk: Chunk) => boolean {
  if (comparison?.kind !== 'sample') return () => true;
  const { share = 1, seed = deploymentName } = comparison;
  return ({ table: { schema, name }, range: { after }, end }) => {
    if (after === undefined || end === undefined) return true;
    const hash = createHash('sha256').update(JSON.stringify([seed, schema, name, after])).digest();
    return hash.readUInt32BE(0) / 2 ** 32 < share;
  };
}

/** What a round works with. */
interface RoundOptions {
  readonly sessions: Sessions;
  readonly ledger: ComparisonLedger;
  readonly load: Load;
  /** The tables whose definition SQL files change, by their keys. */
  readonly changed: ReadonlySet<string>;
  /** The columns that SQL files take away on Green, by the keys of their tables. */
  readonly leftOut: ReadonlyMap<string, ReadonlySet<string>>;
  readonly chosen: (chunk: Chunk) => boolean;
  readonly chunksPerBatch: number;
  readonly millisecondsPerRecord: number;
}

/** Chunks that were read on Blue. */
interface Batch {
  readonly chunks: readonly Chunk[];
  /** Undefined where a chunk is not in the sample. */
  readonly aggregates: readonly (Aggregate | undefined)[];
  /** How long those took that were read and had as many rows as they might. */
  readonly times: readonly PieceTime[];
}

/** One way through the tables that are not settled, until a definition turns out to have changed. */
class Round {
  private readonly different = new Set<ComparedTable>();
  /** Tables that are being read. */
  private readonly inHand = new Set<ComparedTable>();
  /** What is known and not written down. */
  private settled: { readonly chunk: Chunk; readonly outcome: RangeOutcome }[] = [];
  private recordedAt = performance.now();

  constructor(private readonly options: RoundOptions) {}

  /**
   * Reads Blue, and has Green follow: while Green executes and reads, Blue is read for what comes next, otherwise one of the two would always stand idle.
   *
   * @returns whether nothing is left for this invocation; false also where a table has changed meanwhile, and has to be described again.
   */
  public async compare(deadline: number): Promise<boolean> {
    const { sessions, load } = this.options;
    const green = new Follower<Batch & { readonly position: string }>((batches) => this.settle(batches, deadline + GRACE_MILLISECONDS), BATCHES_AHEAD);
    try {
      load.stands(await presentPosition(sessions.blue));
      for (const batches = this.batches(deadline - BUDGET_MILLISECONDS + EARLY_MILLISECONDS); await load.bearable();) {
        const { value: batch, done } = await batches.next();
        if (done === true) break;
        // the writer's position, after the read.
        const position = await presentPosition(sessions.blue);
        load.stands(position);
        load.took(batch.times);
        await green.give({ ...batch, position });
        if (Date.now() > deadline) break;
      }
      await green.finish();
      await this.record();
      return Date.now() <= deadline;
    } catch (thrown) {
      await green.finish().catch(() => undefined);
      await this.record().catch(() => undefined);
      if (Number(property(thrown, 'errno')) === QUERY_TOOK_TOO_LONG) throw tooLarge([...this.inHand]);
      if (!DEFINITION_CHANGED.includes(Number(property(thrown, 'errno')))) throw thrown;
      log.warn('a table has changed while it was compared; it is described again', { tables: [...this.inHand].map(({ schema, name }) => `${schema}.${name}`) });
      return false;
    }
  }

  /** What was read of Blue is compared with Green, and written down from time to time. */
  private async settle(batches: readonly (Batch & { readonly position: string })[], until: number): Promise<void> {
    const { sessions, load, millisecondsPerRecord } = this.options;
    const all = batches.flatMap(({ chunks, aggregates }) => chunks.map((chunk, index) => ({ chunk, aggregate: aggregates[index] })));
    const read = all.flatMap(({ chunk, aggregate: found }) => (found === undefined ? [] : [{ chunk, found }]));
    const reading = { aggregates: read.map(({ found }) => found), position: batches.at(-1)?.position ?? '' };
    const outcomes = read.length === 0 ? [] : await compareWithGreen({ ...sessions, pace: load }, read.map(({ chunk }) => chunk), reading, until);
    const outcomeOf = new Map(read.map(({ chunk }, index) => [chunk, outcomes[index]]));
    for (const { chunk } of all) {
      const outcome = outcomeOf.get(chunk) ?? { rows: 0, hotRows: 0 };
      this.settled.push({ chunk, outcome });
      if (outcome.difference !== undefined) this.different.add(chunk.table);
      if (chunk.end === undefined) this.inHand.delete(chunk.table);
    }
    if (performance.now() - this.recordedAt >= millisecondsPerRecord) await this.record();
  }

  private async record(): Promise<void> {
    const settled = this.settled;
    this.settled = [];
    if (settled.length > 0) await this.options.ledger.record(settled);
    this.recordedAt = performance.now();
  }

  /** The chunks that are still to be compared, of as many tables as it takes to fill a batch; of a table that is known to be different, no more. */
  private async* batches(early: number): AsyncGenerator<Batch, undefined> {
    const { ledger, chosen, chunksPerBatch, sessions: { blue, reader = blue } } = this.options;
    let [chunks, aggregates, times]: [Chunk[], (Aggregate | undefined)[], PieceTime[]] = [[], [], []];
    let [milliseconds, most] = [0, FIRST_BATCH_MILLISECONDS];
    for (const progress of await ledger.pending()) {
      const table = await this.tableToCompare(progress);
      if (table === undefined) continue;
      // whole readings of it, on both sides and more than once: the next invocation begins with it.
      if (table.key.length === 0 && Number(progress.bytes) > MOST_BYTES_LATE && Date.now() > early) break;
      this.inHand.add(table);
      const ends = new ChunkEnds(reader, table);
      for await (const { result: chunk, milliseconds: searched } of this.chunksOf(table, progress, ends)) {
        if (this.different.has(table)) break;
        const found = chosen(chunk) ? await this.reading(() => timed(() => aggregate(reader, table, chunk.range))) : undefined;
        if (found !== undefined) ends.had(found.result.rows);
        aggregates.push(found?.result);
        chunks.push(chunk);
        milliseconds += searched + (found?.milliseconds ?? 0);
        // the piece a table ends with has few rows, however many it might have.
        const isWhole = chunk.end !== undefined;
        if (found !== undefined && isWhole) times.push({ milliseconds: Math.max(searched, found.milliseconds), statements: statementsOf(table) });
        if (chunks.length >= chunksPerBatch || milliseconds >= most) {
          yield { chunks, aggregates, times };
          [chunks, aggregates, times] = [[], [], []];
          [milliseconds, most] = [0, Math.min(BATCH_MILLISECONDS, most * 2)];
        }
      }
    }
    if (chunks.length > 0) yield { chunks, aggregates, times };
    return undefined;
  }

  /** The chunks of a table, from where it has been compared to, and how long it took to find where each ends. */
  private async* chunksOf(table: ComparedTable, progress: TableProgress, ends: ChunkEnds): AsyncGenerator<Timed<Chunk>> {
    const { load, sessions: { blue, reader = blue } } = this.options;
    let after = literalsOf(progress.comparedTo, table);
    do {
      const { result: end, milliseconds } = await this.reading(() => timed(() => ends.behind(after, load.rows(Number(progress.chunkRows)))));
      // what whoever is read gets from here on is the last look's: lambda/verification/last-look.ts.
      const last = end === undefined ? await this.reading(() => lastKey(reader, table)) : undefined;
      yield { result: { table, range: { after, upTo: end }, end, last }, milliseconds };
      after = end;
    } while (after !== undefined);
  }

  /** Reads tables in bulk: from the writer at its pace, from a reader at once. */
  private reading<Result>(read: () => Promise<Result>): Promise<Result> {
    const { load, sessions } = this.options;
    return sessions.reader === undefined ? load.reading(read) : read();
  }

  /** A table that has vanished from Blue, or that Green does not have as Blue has it, is settled without a look at its rows. */
  private async tableToCompare({ schema, name }: TableProgress): Promise<ComparedTable | undefined> {
    const { sessions, ledger, load, changed, leftOut } = this.options;
    const key = tableKey(schema, name);
    const { table, twin, lack } = await describeBoth({ ...sessions, pace: load }, schema, name, leftOut.get(key));
    const compared = comparedTable(table, twin, changed.has(key) || leftOut.has(key));
    if (lack === undefined && compared.columns.length > 0) return compared;
    await ledger.settle({ schema, name }, lack);
    return undefined;
  }
}

interface Timed<Result> {
  readonly result: Result;
  readonly milliseconds: number;
}

async function timed<Result>(work: () => Promise<Result>): Promise<Timed<Result>> {
  const begun = performance.now();
  return { result: await work(), milliseconds: performance.now() - begun };
}

function tooLarge(tables: readonly ComparedTable[]): PipelineError {
  return new PipelineError(
    ErrorName.DATA_DIFFERS,
    `one of ${tables.map(({ schema, name }) => `${schema}.${name}`).join(', ')} has no key along which it could be read in pieces (a primary or unique key without NULL, prefix or ENUM, in the same order on Blue `
    + `and Green), and reading the whole takes more than ${MOST_MILLISECONDS_PER_QUERY / 60_000} minutes: it is not known to be equal. Add such a key on Blue, or keep the collation of its key (collations of the `
    + 'Migration), and start a new execution with {}',
  );
}
