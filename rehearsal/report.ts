import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { type Execution, type ExecutionResult, type HistoryEvent } from './step-functions';
import { type RehearsalReport } from './terminal/summary';

/** A table of the shop and the character sets it uses. */
export interface TableCharacterSets {
  readonly name: string;
  readonly characterSets: string;
}

/** The character sets of the columns and the default of each table: `utf8mb4` where everything is converted. */
export async function tableCharacterSets(connection: Connection): Promise<TableCharacterSets[]> {
  const [rows] = await connection.query<(RowDataPacket & TableCharacterSets)[]>(
    `SELECT t.TABLE_NAME AS name, GROUP_CONCAT(DISTINCT COALESCE(c.CHARACTER_SET_NAME, SUBSTRING_INDEX(t.TABLE_COLLATION, '_', 1)) ORDER BY 1 SEPARATOR ', ') AS characterSets
       FROM information_schema.TABLES t JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME
      WHERE t.TABLE_SCHEMA = 'shop' AND t.TABLE_TYPE = 'BASE TABLE' GROUP BY t.TABLE_NAME ORDER BY t.TABLE_NAME`,
  );
  return rows;
}

/** The exact number of rows of each table. */
export async function rowCounts(connection: Connection, tables: readonly TableCharacterSets[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const { name } of tables) {
    const [rows] = await connection.query<(RowDataPacket & { n: number })[]>('SELECT COUNT(*) AS n FROM shop.??', [name]);
    counts.set(name, Number(rows[0]?.n ?? 0));
  }
  return counts;
}

/** Every state an execution entered, and how long it was there, on the execution's clock. */
export function statesOf(history: readonly HistoryEvent[]): RehearsalReport['states'] {
  const open = new Map<string, { name: string; enteredAt: Date }[]>();
  const states: { name: string; enteredAt: string; seconds: number }[] = [];
  const end = history.at(-1)?.timestamp;
  const close = (name: string, at: Date) => {
    const entered = open.get(name)?.pop();
    if (entered !== undefined) states.push({ name, enteredAt: entered.enteredAt.toISOString(), seconds: (at.getTime() - entered.enteredAt.getTime()) / 1000 });
  };
  for (const { type, name, timestamp } of history) {
    if (name === undefined) continue;
    if (type.endsWith('StateEntered')) open.set(name, [...open.get(name) ?? [], { name, enteredAt: timestamp }]);
    else if (type.endsWith('StateExited') || type.endsWith('StateAborted')) close(name, timestamp);
  }
  // states in which a failed execution stands are never left.
  for (const name of open.keys()) while ((open.get(name)?.length ?? 0) > 0 && end !== undefined) close(name, end);
  return states.sort((one, other) => one.enteredAt.localeCompare(other.enteredAt));
}

/** How an execution ended, for a reader. */
export function errorOf({ status, error, cause }: ExecutionResult): RehearsalReport['error'] {
  if (status === 'SUCCEEDED') return undefined;
  return `${error ?? status}: ${messageIn(cause)}`;
}

/** The history events of an execution. */
export function eventsOf(execution: Execution): number {
  return execution.history.length;
}

function messageIn(cause: string | undefined): string {
  try {
    return (JSON.parse(cause ?? '') as { errorMessage?: string }).errorMessage ?? cause ?? '';
  } catch {
    return cause ?? '';
  }
}
