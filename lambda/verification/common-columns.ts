/** A column as the comparison sees it. */
export interface ComparedColumn {
  readonly name: string;
  readonly type: string;
  readonly characterSet: string | null;
  readonly collation: string | null;
  /** Digits behind the point, of the number or of the second. */
  readonly digits?: number | null;
  /** 1 where a number is printed with zeros before it (ZEROFILL). */
  readonly filled?: number | null;
  /** What values are brought to before they are compared, where Blue and Green have different types. */
  readonly cast?: string;
}

/** Contents that may be too long for a row's text. */
export const LARGE = ['tinytext', 'text', 'mediumtext', 'longtext', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'json'];
/** Bytes without a character set. */
export const BINARY = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
/** Places and shapes. */
export const SPATIAL = ['geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon', 'geomcollection', 'geometrycollection'];
/** Whole numbers. */
export const WHOLE = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint'];
const FLOATING = ['float', 'double'];
const TIMES = ['time', 'datetime', 'timestamp'];

/**
 * The columns that both sides have, each in a form that both types have, for every change of a SQL file that replication survives: whole and floating
 * numbers of another width, other digits behind the point or the second, text and bytes of another kind. Columns whose types have nothing else in
 * common are left out: replication would have stopped at them.
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
  const isText = ({ characterSet }: ComparedColumn) => characterSet !== null;
  const isBytes = (column: ComparedColumn) => isText(column) || BINARY.includes(column.type);
  const digits = Math.max(blue.digits ?? 0, green.digits ?? 0);
  if (both(FLOATING)) return { ...blue, type: 'double' };
  if ((blue.type === green.type && (blue.digits ?? 0) === (green.digits ?? 0)) || both(WHOLE) || both(SPATIAL)) return blue;
  if (both(['decimal'])) return { ...blue, cast: `DECIMAL(65, ${digits})` };
  if (both(TIMES) && blue.type === green.type) return { ...blue, cast: `${blue.type === 'time' ? 'TIME' : 'DATETIME'}(${digits})` };
  const isLarge = LARGE.includes(blue.type) || LARGE.includes(green.type);
  if (isText(blue) && isText(green)) return { ...blue, type: isLarge ? 'longtext' : 'varchar' };
  // where one side holds text and the other bytes, replication carries the bytes over.
  if (isBytes(blue) && isBytes(green)) return { ...blue, type: isLarge ? 'longblob' : 'varbinary', characterSet: null };
  return undefined;
}
