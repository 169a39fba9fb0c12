import { columnsLeftOutByFiles } from '../../migration/statement-steps';
import { marks, viewsOf } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS, tableKey } from '../../mysql/names';
import { type Session } from '../../mysql/session';
import { someOf } from '../../shared/lists';
import { type Check } from '../check';
import { type GreenContext } from './context';

/** Tables whose columns are looked at one by one. */
const MOST_TABLES = 200;

/** What tells whether the columns of a table have the same names in the same order. */
interface Columns {
  readonly schema: string;
  readonly table: string;
  readonly hash: string;
}

/**
 * Values go by position: a column of Blue that stands at another place on Green got, and gets, the values of its neighbour. Somebody may have added one
 * on Blue when Green had one more already.
 */
export const columnsAsOnBlue: Check<GreenContext> = {
  id: 'columns-as-on-blue',
  scopes: ['before-switchover'],
  async run({ blue, green }) {
    const present = new Map((await hashesOf(green)).map(({ schema, table, hash }) => [tableKey(schema, table), hash]));
    const different = (await hashesOf(blue)).filter(({ schema, table, hash }) => (present.get(tableKey(schema, table)) ?? hash) !== hash);
    if (different.length === 0) return [];
    // what SQL files have renamed may have given its name to another one.
    const renamed = await columnsLeftOutByFiles(green);
    const moved: string[] = [];
    for (const { schema, table } of different.slice(0, MOST_TABLES)) {
      const [before, after] = [await columnsOf(blue, schema, table), await columnsOf(green, schema, table)];
      const places = before.flatMap((name, index) => {
        const place = after.indexOf(name);
        return place < 0 || place === index || renamed.get(tableKey(schema, table))?.has(name) === true ? [] : [`${schema}.${table}.${name} is column ${index + 1} on Blue and ${place + 1} on Green`];
      });
      moved.push(...places);
    }
    if (moved.length === 0) return [];
    return [{
      severity: 'blocker',
      message: `${someOf(moved, { separator: '; ' })}: row events carry values by position, so what was written since is in the wrong column, without any error. If Blue has got it just now, the next look finds it in its place; otherwise delete the deployment together with Green and start again; `
        + 'let columns be added on Blue before or after the migration, or at the end of both in the same order',
    }];
  },
};

async function hashesOf(session: Session): Promise<Columns[]> {
  const views = await viewsOf(session, `NOT IN (${marks(SYSTEM_SCHEMAS)})`, SYSTEM_SCHEMAS);
  const rows = await session.rows<Columns>(
    // 60 bits of each column: their sum is exact, and knows no order.
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, CAST(SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS(CHAR(0), ORDINAL_POSITION, COLUMN_NAME), 256), 15), 16, 10) AS UNSIGNED)) AS CHAR) AS hash
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) GROUP BY CAST(TABLE_SCHEMA AS BINARY), CAST(TABLE_NAME AS BINARY), TABLE_SCHEMA, TABLE_NAME`,
    SYSTEM_SCHEMAS,
  );
  return rows.filter(({ schema, table }) => !views.has(tableKey(schema, table)));
}

async function columnsOf(session: Session, schema: string, table: string): Promise<string[]> {
  const rows = await session.rows<{ name: string }>(
    'SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND CAST(TABLE_NAME AS BINARY) = CAST(? AS BINARY) ORDER BY ORDINAL_POSITION', [schema, table],
  );
  return rows.map(({ name }) => name);
}
