import { classifyTable, columnsOf, queryFor } from '../compatibility/classify-table';
import { type Column } from '../compatibility/column';
import { binlogPosition, typeConversions } from '../mysql/dialect';
import { quoteTable, tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { waitUntilExecuted } from '../replication/catch-up';
import { property } from '../shared/errors';
import { columnsLeftOutByFiles } from './statement-steps';
import { printedTable, withoutAddedKey } from './twin-tables';
import { type TableName } from './units';

/** How long Green may take to execute what has been changed on Blue. */
const PATIENCE_MILLISECONDS = 3000;
/** The table, or the database, does not exist. */
const GONE = [1146, 1049];

/** What the classifier says of a table that was changed on Blue. */
export interface ChangedTableVerdict {
  /** Whether row events of Blue's table arrive truly in Green's. */
  readonly isSafe: boolean;
  /** For a reader, with reason and remedy. */
  readonly text: string;
}

/** The verdict on a table; undefined where one of the servers does not have it. */
export type VerdictOn = (table: TableName) => Promise<ChangedTableVerdict | undefined>;

/**
 * What row events of Blue's tables, as they are now, do in Green's, as these are now. A Green that has not executed Blue's statements yet is not
 * judged: its column would look like one in the wrong place.
 */
export function verdictsOn(blue: Session, green: Session): VerdictOn {
  let arrival: Promise<boolean> | undefined;
  return async ({ schema, name }) => {
    // once for all tables: replication may stand still.
    arrival ??= hasArrived(blue, green);
    if (!await arrival) return { isSafe: false, text: 'not judged: Green has not executed it yet' };
    const table = quoteTable(schema, name);
    const [before, after] = [await printedIfThere(blue, table), await printedIfThere(green, table)];
    if (before === undefined || after === undefined) return undefined;
    const [from, to] = [columnsOf(before), columnsOf(withoutAddedKey(after, before))];
    const renamed = renamedByFiles(from, to, (await columnsLeftOutByFiles(green)).get(tableKey(schema, name)));
    const { verdict, reason, remedy, columns } = classifyTable(from, to, await typeConversions(green), { renamed });
    const query = columns.find((column) => column.verdict === verdict && column.query !== undefined)?.query;
    const further = [...remedy === undefined ? [] : [remedy], ...query === undefined ? [] : [`ask Blue: ${queryFor(query, table)}`]];
    return { isSafe: verdict === 'SAFE', text: [`${verdict}: ${reason}`, ...further].join('; ') };
  };
}

/** Whether Green has executed all that Blue has written until now; what is wrong with replication is explained elsewhere. */
async function hasArrived(blue: Session, green: Session): Promise<boolean> {
  const position = await binlogPosition(blue);
  return position !== undefined && await waitUntilExecuted(green, position, PATIENCE_MILLISECONDS).catch(() => false);
}

/** What stands at the place of a column that files have taken away, under a name that Blue does not have, is that column. */
function renamedByFiles(from: readonly Column[], to: readonly Column[], leftOut: ReadonlySet<string> = new Set()): Record<string, string> {
  return Object.fromEntries(from.flatMap(({ name }, index) => {
    const twin = to[index]?.name;
    return twin !== undefined && leftOut.has(name) && !from.some((column) => column.name === twin) ? [[name, twin]] : [];
  }));
}

async function printedIfThere(session: Session, table: string): Promise<string | undefined> {
  return printedTable(session, table).catch((thrown: unknown) => {
    if (GONE.includes(Number(property(thrown, 'errno')))) return undefined;
    throw thrown;
  });
}
