import { isDeepStrictEqual } from 'node:util';
import { ErrorName } from '../../lib/private/contract';
import { parsePosition } from '../mysql/dialect';
import { type Session } from '../mysql/session';
import { presentPosition, waitUntilExecuted } from '../replication/catch-up';
import { PipelineError } from '../shared/errors';
import { type Aggregate, aggregate } from './chunks';
import { type Pace } from './load';
import { type DescribedTable, describeTable } from './row-expression';
import { CONFIRMATIONS, type RangeOutcome, Suspect, type TableRange } from './suspect';

/** How often a row that keeps changing is looked at before it counts as hot. */
const TRIES = 12;
/** How often it is where it looked wrong on Green whenever Blue held still. */
const MOST_TRIES = 60;
/** Between two looks, growing by itself: so that they do not keep step with whoever writes. */
const PAUSE_MILLISECONDS = 20;
/** The most of it between looks at what may be different: all together last longer than Blue shows what its binlog has already. */
const MOST_PAUSE_MILLISECONDS = 240;
/** What the keys and digests of rows may take that are looked at together, on one side: both sides and what is read again have to fit into memory. */
const BYTES_AT_ONCE = 16 * 1024 * 1024;
/** A table that ends with more rows than a chunk may have is being filled: its last chunk ends with the last key it had before. */
const MOST_ROWS_BEHIND_THE_LAST_END = 25_000;
const POSITION_PATIENCE_MILLISECONDS = 60_000;

const AT_ONCE: Pace = { reading: (read) => read() };

/** The two servers; both sessions only read. */
export interface Sides {
  readonly blue: Session;
  readonly green: Session;
  /** Where Blue's tables are read in bulk; rows that seem to differ are read on the writer, because a reader is some milliseconds old. Absent: the writer. */
  readonly reader?: Session;
  /** How Blue's writer is read. Absent: at once. */
  readonly pace?: Pace;
}

/** Has a session read a date that is none (30 February), which an application may have stored, as any other. */
export async function takeDatesAsTheyAre(session: Session): Promise<void> {
  await session.run(`SET SESSION sql_mode = CONCAT_WS(',', @@SESSION.sql_mode, 'ALLOW_INVALID_DATES')`);
}

/**
 * Compares parts of tables while Blue is written to.
 *
 * Rule (docs/replication-safety.md): read Blue, take Blue's position, wait until Green has executed it, read Green, read Blue again. Different
 * only if both readings of Blue agree and Green's differs, look after look; otherwise the row is looked at again, and after some tries it counts as hot.
 * All parts share each wait, because a replica brings the position it reports up to date only a few times a second.
 */
export async function compareRanges(sides: Sides, parts: readonly TableRange[]): Promise<RangeOutcome[]> {
  return compareWithGreen(sides, parts, await readOnBlue(sides, parts));
}

/** What was read of Blue, and where its binlog stood afterwards. */
export interface BlueReading {
  readonly aggregates: readonly Aggregate[];
  readonly position: string;
}

/** The first half of the rule. */
async function readOnBlue({ blue, reader = blue }: Sides, parts: readonly TableRange[]): Promise<BlueReading> {
  const aggregates: Aggregate[] = [];
  for (const { table, range } of parts) aggregates.push(await aggregate(reader, table, range));
  // the writer's, after the read.
  return { aggregates, position: await presentPosition(blue) };
}

/**
 * The second half; meanwhile, Blue may be read for the next parts.
 *
 * @param until when looks at a large table without a key have to be over, which are whole readings of it.
 */
export async function compareWithGreen(
  sides: Sides, parts: readonly TableRange[], { aggregates, position }: BlueReading, until = Number.POSITIVE_INFINITY,
): Promise<RangeOutcome[]> {
  await greenHasExecuted(sides, position);
  const found: (RangeOutcome | Suspect)[] = [];
  for (const [index, part] of parts.entries()) {
    const begun = performance.now();
    const [blue, green] = [aggregates[index], await aggregate(sides.green, part.table, part.range)];
    const isEqual = blue !== undefined && isDeepStrictEqual(blue, green);
    if (isEqual) {
      found.push({ rows: blue.rows, hotRows: 0 });
      continue;
    }
    const [milliseconds, ofBlue, most] = [performance.now() - begun, blue?.rows ?? 0, Math.max(blue?.rows ?? 0, green.rows)];
    const looked = await bounded(sides, part, most);
    found.push(new Suspect(looked, { ofBlue, most: looked === part ? most : Math.min(most, MOST_ROWS_BEHIND_THE_LAST_END) }, milliseconds));
  }
  await lookAgain(sides, found.filter((one) => one instanceof Suspect), until);
  return found.map((one) => (one instanceof Suspect ? one.outcome : one));
}

/**
 * The part as its rows are looked at: what Blue has got behind the last key that the table had is the look's right before the switchover, in pieces. Where
 * only Green has that many rows, they are its difference.
 */
async function bounded({ blue, pace = AT_ONCE }: Sides, part: TableRange, rows: number): Promise<TableRange> {
  const { table, range, last } = part;
  if (last === undefined || range.upTo !== undefined || rows <= MOST_ROWS_BEHIND_THE_LAST_END) return part;
  return (await pace.reading(() => aggregate(blue, table, range))).rows > MOST_ROWS_BEHIND_THE_LAST_END ? { ...part, range: { ...range, upTo: last } } : part;
}

/** A table and its twin on Green. */
export interface DescribedPair {
  readonly table: DescribedTable;
  readonly twin: DescribedTable;
  /** What Green should have of it and has not; undefined where nothing is missing. */
  readonly lack: string | undefined;
}

/**
 * Reads the definitions of a table as rows are read: on Blue, then on Green when it has executed Blue's position, then on Blue again. What Green lacks is
 * looked for again and again, because Blue may drop a table and make it anew.
 *
 * @param leftOut columns that Green need not have.
 */
export async function describeBoth(sides: Sides, schema: string, name: string, leftOut: ReadonlySet<string> = new Set()): Promise<DescribedPair> {
  const { pace = AT_ONCE } = sides;
  const describeBlue = () => pace.reading(() => describeTable(sides.blue, schema, name));
  for (let attempt = 1, sightings = 0; ; attempt += 1) {
    const [table, early] = await Promise.all([describeBlue(), describeTable(sides.green, schema, name)]);
    // a twin that is like it needs no wait: what is on Green already has been executed there.
    const alike = isDeepStrictEqual(namesIn(table), namesIn(early));
    if (alike && isDeepStrictEqual(table, await describeBlue())) return { table, twin: early, lack: undefined };
    await greenHasExecutedBlue(sides);
    const twin = await describeTable(sides.green, schema, name);
    const lack = lackOf(table, twin, leftOut);
    const heldStill = isDeepStrictEqual(table, await describeBlue());
    if (heldStill) sightings += 1;
    if (attempt === TRIES || (heldStill && (lack === undefined || sightings === CONFIRMATIONS))) return { table, twin, lack };
    if (lack !== undefined) await pause(attempt, true);
  }
}

function lackOf(table: DescribedTable, twin: DescribedTable, leftOut: ReadonlySet<string>): string | undefined {
  if (table.columns.length === 0) return undefined;
  if (twin.columns.length === 0) return 'the table does not exist on Green';
  const missing = namesIn(table).filter((name) => !namesIn(twin).includes(name) && !leftOut.has(name));
  return missing.length === 0 ? undefined : `Green has no column ${missing.join(', ')}`;
}

function namesIn({ columns }: DescribedTable): string[] {
  return columns.map(({ name }) => name);
}

/**
 * Looks at suspicious parts again: at shares of large ones once, so that few rows are left, then at these rows again and again, until each is settled or
 * the tries are over; at as many parts together as memory allows.
 */
async function lookAgain(sides: Sides, suspects: readonly Suspect[], until: number): Promise<void> {
  const { pace = AT_ONCE } = sides;
  const divided = suspects.filter(({ isDivided }) => isDivided);
  for (const one of divided) await pace.reading(() => one.readSharesOfBlue(sides.blue));
  if (divided.length > 0) await greenHasExecutedBlue(sides);
  for (const one of divided) await one.readSharesOfGreen(sides.green);
  for (let rest = suspects.filter(({ isSettled }) => !isSettled); rest.length > 0;) {
    const together = atOnce(rest);
    rest = rest.slice(together.length);
    for (let attempt = 1; attempt <= MOST_TRIES; attempt += 1) {
      const open = together.filter((one) => !one.isSettled && (attempt <= TRIES || one.isStrong) && one.endsBefore(until));
      if (open.length === 0) break;
      if (attempt > 1) await pause(attempt - 1, open.some(({ isStrong }) => isStrong));
      for (const one of open) await pace.reading(() => one.readBlue(sides.blue));
      await greenHasExecutedBlue(sides);
      for (const one of open) await one.readGreen(sides.green);
      for (const one of open) await pace.reading(() => one.readBlueAgain(sides.blue));
    }
    for (const one of together) one.forget();
  }
}

async function pause(looks: number, forLong: boolean): Promise<void> {
  const milliseconds = forLong ? Math.min(PAUSE_MILLISECONDS * 2 ** (looks - 1), MOST_PAUSE_MILLISECONDS) : PAUSE_MILLISECONDS * looks;
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The first of them, at least one, whose rows may be looked at together. */
function atOnce(suspects: readonly Suspect[]): readonly Suspect[] {
  let bytes = 0;
  const end = suspects.findIndex(({ bytesToRead }) => (bytes += bytesToRead) > BYTES_AT_ONCE);
  return end === -1 ? suspects : suspects.slice(0, Math.max(1, end));
}

async function greenHasExecutedBlue(sides: Sides): Promise<void> {
  await greenHasExecuted(sides, await presentPosition(sides.blue));
}

async function greenHasExecuted({ green }: Sides, text: string): Promise<void> {
  const position = parsePosition(text);
  if (await waitUntilExecuted(green, position, POSITION_PATIENCE_MILLISECONDS)) return;
  throw new PipelineError(
    ErrorName.REPLICATION_LAGS,
    `Green has not executed Blue's position ${position.file}:${position.position} within ${POSITION_PATIENCE_MILLISECONDS / 1000} s while the data were compared: it has fallen behind again. Start a new `
    + 'execution with {}; it waits for replication and compares again',
  );
}
