import { marks, viewsOf } from '../mysql/inventory';
import { tableKey } from '../mysql/names';
import { type Session } from '../mysql/session';
import { convertsSafely } from './collations';

/** A column, as far as its length is concerned. */
export interface SizedColumn {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** `varchar`, `int`, …: without arguments. */
  readonly type: string;
  /** Whether it is computed when it is read. */
  readonly virtual: boolean;
  readonly characterSet: string | null;
  /** The most characters of a text. */
  readonly characters: number | null;
  /** The most bytes of text or bytes. */
  readonly octets: number | null;
}

/** As information_schema has it; the driver returns large numbers as text. */
interface ColumnRow extends Omit<SizedColumn, 'virtual' | 'characters' | 'octets'> {
  readonly extra: string;
  readonly characters: number | string | null;
  readonly octets: number | string | null;
}

/** What a column of a fixed length takes at least, in a key as in a row; those that are not here may take none. */
const BYTES: Readonly<Record<string, number>> = {
  tinyint: 1, smallint: 2, mediumint: 3, int: 4, bigint: 8, decimal: 1, float: 4, double: 8, bit: 1, enum: 1, set: 1,
  date: 3, year: 1, time: 3, datetime: 5, timestamp: 4,
};
const UTF8MB4 = 4;

/** What TEXT, BLOB, JSON and shapes leave in the row at least: a length and a pointer. */
const BYTES_OF_A_POINTER = 9;
/** Strings longer than this have a length of two bytes. */
const MOST_BYTES_OF_A_SHORT_STRING = 255;

/** The columns of the tables of the schemas. */
export async function convertibleColumnsOf(session: Session, schemas: readonly string[]): Promise<SizedColumn[]> {
  const views = await viewsOf(session, `IN (${marks(schemas)})`, schemas);
  const rows = await session.rows<ColumnRow>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, COLUMN_NAME AS name, LOWER(DATA_TYPE) AS type, EXTRA AS extra, CHARACTER_SET_NAME AS characterSet,
            CHARACTER_MAXIMUM_LENGTH AS characters, CHARACTER_OCTET_LENGTH AS octets
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA IN (${marks(schemas)})`,
    schemas,
  );
  const number = (value: number | string | null) => (value === null ? null : Number(value));
  return rows.filter(({ schema, table }) => !views.has(tableKey(schema, table))).map(({ extra, characters, octets, ...row }) => ({ ...row, virtual: extra.includes('VIRTUAL'), characters: number(characters), octets: number(octets) }));
}

/**
 * The bytes of a column's longest value once text of utf8mb3 and ascii is utf8mb4; what is not known for certain counts less, not more.
 *
 * @param length characters of a text, or bytes, of which only the beginning counts.
 */
export function convertedBytes({ type, characterSet, characters, octets }: SizedColumn, length?: number): number {
  // text columns have their number of members there.
  if (type === 'enum' || type === 'set') return BYTES[type] ?? 0;
  if (characterSet === null) return length ?? octets ?? BYTES[type] ?? 0;
  const isConverted = convertsSafely(characterSet) || characterSet === 'utf8mb4';
  const most = characters ?? 0;
  const each = isConverted ? UTF8MB4 : Math.floor((octets ?? 0) / Math.max(most, 1));
  return (length ?? most) * each;
}

/** The bytes that a column takes of the 65,535 of a row once text of utf8mb3 and ascii is utf8mb4; what is not known for certain counts less, not more. */
export function bytesInRow(column: SizedColumn): number {
  const { type, virtual } = column;
  if (virtual) return 0;
  if (/text|blob|json|geom|point|linestring|polygon|vector/.test(type)) return BYTES_OF_A_POINTER;
  const bytes = convertedBytes(column);
  return /^var/.test(type) ? bytes + (bytes > MOST_BYTES_OF_A_SHORT_STRING ? 2 : 1) : bytes;
}
