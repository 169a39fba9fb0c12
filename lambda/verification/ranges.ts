import { isDeepStrictEqual } from 'node:util';
import { ErrorName } from '../../lib/private/contract';
import { parsePosition } from '../mysql/dialect';
import { type Session } from '../mysql/session';
import { presentPosition, waitUntilExecuted } from '../replication/catch-up';
import { PipelineError } from '../shared/errors';
import { type Aggregate, aggregate, digests, type Range } from './chunks';
import { type ComparedTable, type DescribedTable, describeTable } from './row-expression';

/** How often a row that keeps changing is looked at before it counts as hot. */
const TRIES = 12;
/**
 * A difference counts only when the same two contents are seen this often, one look after the other. A row that changes there and back all
 * the time (a queue, a flag) looks different in up to 15 of 100 looks: in 8 of them, one after the other, it does so once in millions.
 */
const CONFIRMATIONS = 8;
/** Between two looks, growing by itself: so that they do not keep step with whoever writes. */
const PAUSE_MILLISECONDS = 20;
/** Above this a table without a key is not compared row by row: the list would not fit into memory. */
export const MOST_ROWS_WITHOUT_KEY = 200_000;
const POSITION_PATIENCE_MILLISECONDS = 60_000;

/** The two servers; both sessions only read. */
export interface Sides {
  readonly blue: Session;
  readonly green: Session;
  /** Where Blue's tables are read in bulk; rows that seem to differ are read on the writer, because a reader is some milliseconds old. Absent: the writer. */
  readonly reader?: Session;
}

/** A part of a table to compare. */
export interface TableRange {
  readonly table: ComparedTable;
  readonly range: Range;
}

/** What a range turned out to be. */
export interface RangeOutcome {
  readonly rows: number;
  /** Rows that kept changing. */
  readonly hotRows: number;
  readonly difference?: string;
}

/**
 * Compares parts of tables while Blue is written to.
 *
 * Rule (docs/replication-safety.md): read Blue, take Blue's position, wait until Green has executed it, read Green, read Blue again. Different
 * only if both readings of Blue agree and Green's differs; otherwise the row is looked at again, and after some tries it counts as hot.
 * The parts share the first wait, because a replica brings the position it reports up to date only a few times a second.
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
export async function readOnBlue({ blue, reader = blue }: Sides, parts: readonly TableRange[]): Promise<BlueReading> {
  const aggregates: Aggregate[] = [];
  for (const { table, range } of parts) aggregates.push(await aggregate(reader, table, range));
  // the writer's, after the read.
  return { aggregates, position: await presentPosition(blue) };
}

/** The second half; meanwhile, Blue may be read for the next parts. */
export async function compareWithGreen(sides: Sides, parts: readonly TableRange[], { aggregates, position }: BlueReading): Promise<RangeOutcome[]> {
  await greenHasExecuted(sides, position);
  const outcomes: RangeOutcome[] = [];
  for (const [index, part] of parts.entries()) {
    const [blue, green] = [aggregates[index], await aggregate(sides.green, part.table, part.range)];
    outcomes.push(blue !== undefined && isDeepStrictEqual(blue, green) ? { rows: blue.rows, hotRows: 0 } : await compareRows(sides, part, blue?.rows ?? 0));
  }
  return outcomes;
}

/** Reads the definitions of a table as rows are read: on Blue, then on Green when it has executed Blue's position, then on Blue again. */
export async function describeBoth(sides: Sides, schema: string, name: string): Promise<{ table: DescribedTable; twin: DescribedTable }> {
  for (let attempt = 1; ; attempt += 1) {
    const table = await describeTable(sides.blue, schema, name);
    const early = await describeTable(sides.green, schema, name);
    // a twin that is like it needs no wait: what is on Green already has been executed there.
    const alike = isDeepStrictEqual(namesIn(table), namesIn(early));
    if (alike && isDeepStrictEqual(table, await describeTable(sides.blue, schema, name))) return { table, twin: early };
    await greenHasExecutedBlue(sides);
    const twin = await describeTable(sides.green, schema, name);
    if (attempt === TRIES || isDeepStrictEqual(table, await describeTable(sides.blue, schema, name))) return { table, twin };
  }
}

function namesIn({ columns }: DescribedTable): string[] {
  return columns.map(({ name }) => name);
}

async function compareRows(sides: Sides, { table, range }: TableRange, rows: number): Promise<RangeOutcome> {
  if (table.key.length > 0 || rows <= MOST_ROWS_WITHOUT_KEY) {
    const { open, different, readings } = await lookAgain(sides, (session) => digests(session, table, range));
    const difference = different.length === 0 ? undefined : describeDifference(table, range, different, readings);
    return { rows: readings.blue.size, hotRows: different.length === 0 ? open.length : 0, difference };
  }
  // a large table without a key: only the whole can be looked at again.
  const { open, different, readings } = await lookAgain(sides, async (session) => new Map([['the whole table', JSON.stringify(await aggregate(session, table, range))]]));
  const found = [readings.blue, readings.green].map((reading) => [...reading.values()].join()).join(', ');
  const difference = `the checksums of all rows differ (Blue, Green: ${found}; no key to tell which rows)`;
  if (different.length > 0) return { rows, hotRows: 0, difference };
  if (open.length === 0) return { rows, hotRows: 0 };
  const unknown = 'it has no key by which its rows could be looked at one by one, and never held still, so it is not known to be equal. Add a primary key on Blue, or stop writing to it for a while';
  return { rows, hotRows: rows, difference: unknown };
}

/** Key of a row → what was read of it. */
type Reading = ReadonlyMap<string, string>;

/** What looking again has brought. */
interface SecondLook {
  /** Rows that were never seen equal. */
  readonly open: readonly string[];
  /** Those of them that are different for certain. */
  readonly different: readonly string[];
  readonly readings: { readonly blue: Reading; readonly green: Reading };
}

/**
 * Looks at the rows again and again, until each was seen equal once, or some are known to be different, or the tries are over. A row that was
 * equal is done: what changes later is looked at right before the switchover.
 */
async function lookAgain(sides: Sides, read: (session: Session) => Promise<Reading>): Promise<SecondLook> {
  const suspicions = new Map<string, { readonly contents: string; readonly times: number }>();
  let open: string[] | undefined;
  for (let attempt = 1; ; attempt += 1) {
    const blue = await read(sides.blue);
    await greenHasExecutedBlue(sides);
    const green = await read(sides.green);
    open = (open ?? [...new Set([...blue.keys(), ...green.keys()])]).filter((key) => blue.get(key) !== green.get(key));
    if (open.length === 0) return { open, different: [], readings: { blue, green } };
    const again = await read(sides.blue);
    for (const key of open) {
      const contents = `${blue.get(key)} ${green.get(key)}`;
      const before = suspicions.get(key);
      const times = blue.get(key) !== again.get(key) ? 0 : before?.contents === contents ? before.times + 1 : 1;
      suspicions.set(key, { contents, times });
    }
    const different = open.filter((key) => (suspicions.get(key)?.times ?? 0) >= CONFIRMATIONS);
    if (different.length > 0 || attempt === TRIES) return { open, different, readings: { blue, green } };
    await new Promise((resolve) => setTimeout(resolve, attempt * PAUSE_MILLISECONDS));
  }
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

/** Says where the rows are; numbers and dates as they are, text keys (which may be personal data) not at all. */
function describeDifference(
  table: ComparedTable,
  range: Range,
  keys: readonly string[],
  { blue, green }: SecondLook['readings'],
): string {
  const harmless = table.key.length > 0 && table.key.every(({ characterSet, type }) => characterSet === null && !type.includes('binary'));
  const kinds = [
    [keys.filter((key) => !green.has(key)).length, 'missing on Green'],
    [keys.filter((key) => !blue.has(key)).length, 'only on Green'],
    [keys.filter((key) => blue.has(key) && green.has(key)).length, 'with different content'],
  ] as const;
  const counts = kinds.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`).join(', ');
  if (!harmless) return `${keys.length} rows differ (${counts})`;
  const names = table.key.map(({ name }) => name).join(', ');
  return `${keys.length} rows differ (${counts}); (${names}) = ${keys.slice(0, 5).map((key) => `(${key})`).join(', ')}${keys.length > 5 ? ' …' : ''}, in the range `
    + `${range.after === undefined ? 'from the start' : `behind (${range.after.join(', ')})`} ${range.upTo === undefined ? 'to the end' : `up to (${range.upTo.join(', ')})`}`;
}
