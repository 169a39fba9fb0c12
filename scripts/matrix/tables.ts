import { type Connection } from 'mysql2/promise';
import { classifyTable, columnsOf, queryFor } from '../../lambda/compatibility/classify-table';
import { type Observation, type Outcome } from './matrix';
import { type Shape } from './shapes';

interface Seen {
  readonly observed: Observation;
  readonly example?: string;
}

/** A shape's table under one setting, and what became of its tables under all. */
interface Written {
  readonly shape: Shape;
  readonly table: string;
  readonly seen: readonly Seen[];
  /** The place of the setting. */
  readonly setting: number;
}

/** Compares what is said of whole tables with a source and a replica: a table for each shape and setting. */
export class Tables {
  public constructor(private readonly schema: string, private readonly shapes: readonly Shape[], private readonly settings: readonly string[]) {}

  /** What makes the tables. */
  public creation(side: 'blue' | 'green'): string[] {
    return this.shapes.flatMap((shape, index) => this.settings.map((_, setting) => `CREATE TABLE ${this.nameOf(index, setting)} ${shape[side]}`));
  }

  /** What is written into each under one setting, in a transaction of its own. */
  public writes(setting: number): string[] {
    return this.shapes.flatMap(({ rows }, index) => {
      const table = this.nameOf(index, setting);
      return ['START TRANSACTION', `INSERT INTO ${table} ${rows}`, `UPDATE ${table} SET n = n - 100 WHERE id = 1`, `DELETE FROM ${table} WHERE id = 2`, 'COMMIT'];
    });
  }

  /** What was said, and what became of the rows. */
  public async outcomes(blue: Connection, green: Connection): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const [index, shape] of this.shapes.entries()) {
      const seen: Seen[] = [];
      for (const setting of this.settings.keys()) seen.push(await compare(blue, green, this.nameOf(index, setting), shape));
      for (const setting of this.settings.keys()) outcomes.push(await this.outcome(blue, green, { shape, table: this.nameOf(index, setting), seen, setting }));
    }
    return outcomes;
  }

  private async outcome(blue: Connection, green: Connection, { shape, table, seen, setting }: Written): Promise<Outcome> {
    const conversions = this.settings[setting] ?? '';
    const { name, renamed = {}, unique = [] } = shape;
    const predicted = classifyTable(await columnsIn(blue, table), await columnsIn(green, table), conversions, { renamed, unique });
    const { observed, example } = seen[setting] ?? { observed: 'stops' };
    const asked = predicted.setting === undefined ? undefined : seen[this.settings.indexOf(predicted.setting)]?.observed;
    const isDangerous = async (): Promise<boolean> => {
      switch (predicted.verdict) {
        case 'SAFE': return observed !== 'right';
        case 'NEEDS_CONVERSION': return asked !== 'right';
        case 'DEPENDS_ON_DATA': return observed !== 'right' && predicted.query !== undefined && !await says(blue, queryFor(predicted.query, table));
        case 'STOPS':
        case 'CORRUPTS': return false;
      }
    };
    return {
      from: 'a table', to: name, conversions, predicted, observed, dangerous: await isDangerous(),
      ...asked !== undefined && { observedWithSetting: asked }, ...example !== undefined && { example },
    };
  }

  private nameOf(shape: number, setting: number): string {
    return `${this.schema}.s${shape}_${setting}`;
  }
}

async function columnsIn(connection: Connection, table: string): Promise<ReturnType<typeof columnsOf>> {
  const [rows] = await connection.query(`SHOW CREATE TABLE ${table}`);
  return columnsOf(String((rows as Record<string, unknown>[])[0]?.['Create Table']));
}

/** The columns that both sides have, by their names: a value in a column of another name is a wrong one. */
async function compare(blue: Connection, green: Connection, table: string, { renamed = {} }: Shape): Promise<Seen> {
  const left = new Set((await columnsIn(green, table)).map(({ name }) => name));
  const common = (await columnsIn(blue, table)).map(({ name }) => [name, renamed[name] ?? name] as const).filter(([, name]) => left.has(name));
  const before = await rowsIn(blue, table, common.map(([name]) => name));
  const after = await rowsIn(green, table, common.map(([, name]) => name));
  if (after.length === 0) return { observed: 'stops' };
  const first = before.findIndex((row, index) => row !== after[index]);
  return first < 0 && before.length === after.length ? { observed: 'right' } : { observed: 'different', example: `${before[first]} became ${after[first]}` };
}

async function rowsIn(connection: Connection, table: string, columns: readonly string[]): Promise<string[]> {
  const [rows] = await connection.query(`SELECT ${columns.map((column) => `CAST(${column} AS CHAR) AS ${column}`).join(', ')} FROM ${table}`);
  return (rows as object[]).map((row) => JSON.stringify(Object.values(row))).sort();
}

async function says(connection: Connection, query: string): Promise<boolean> {
  const [rows] = await connection.query(query);
  return Object.values((rows as object[])[0] ?? {}).some((value) => Number(value) === 1);
}
