/** A column as the comparison sees it. */
export interface ComparedColumn {
  readonly name: string;
  readonly type: string;
  readonly characterSet: string | null;
  readonly collation: string | null;
  /** Digits behind the point, of the number or of the second. */
  readonly digits?: number | null;
  /** What values are brought to before they are compared, where Blue and Green have different types. */
  readonly cast?: string;
}

/** Contents that may be too long for a row's text. */
export const LARGE = ['tinytext', 'text', 'mediumtext', 'longtext', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'json'];
/** Bytes without a character set. */
export const BINARY = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
/** Places and shapes. */
export const SPATIAL = ['geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon', 'geomcollection', 'geometrycollection'];
const WHOLE = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];
const EXACT = [...WHOLE, 'decimal'];
const NUMBERS = [...EXACT, 'float', 'double'];
const DATES = ['date', 'datetime', 'timestamp'];

/**
 * The columns that both sides have, each in a form that both types have: a number as a number, whatever its digits, a day as its midnight. Columns whose
 * types have nothing in common are left out; whether they replicate truly is the classifier's question.
 */
export function commonColumns(blue: readonly ComparedColumn[], green: readonly ComparedColumn[]): ComparedColumn[] {
  return blue.flatMap((column) => {
    const twin = green.find(({ name }) => name === column.name);
    const form = twin === undefined ? undefined : formOf(column, twin);
    return form === undefined ? [] : [form];
  });
}

function formOf(blue: ComparedColumn, green: ComparedColumn): ComparedColumn | undefined {
  const both = (types: readonly string[]) => types.includes(blue.type) && types.includes(green.type);
  const digits = Math.max(blue.digits ?? 0, green.digits ?? 0);
  const isAlike = blue.type === green.type && (blue.digits ?? 0) === (green.digits ?? 0);
  if (isAlike || both(WHOLE) || both(SPATIAL)) return blue;
  if (both(EXACT)) return { ...blue, type: 'decimal', cast: `DECIMAL(65, ${digits})` };
  if (both(NUMBERS)) return { ...blue, type: 'double' };
  if (both(DATES)) return { ...blue, type: 'datetime', cast: `DATETIME(${digits})` };
  if (both(['time'])) return { ...blue, cast: `TIME(${digits})` };
  const isLarge = LARGE.includes(blue.type) || LARGE.includes(green.type);
  if (blue.characterSet !== null && green.characterSet !== null) return { ...blue, type: isLarge ? 'longtext' : 'varchar' };
  if (both(BINARY)) return { ...blue, type: isLarge ? 'longblob' : 'varbinary' };
  return undefined;
}
