import { type ComparedTable } from './row-expression';

/** The key of a row as the ledger keeps it: literals mean nothing without the columns they are of. */
interface KeptKey {
  readonly columns: readonly string[];
  readonly literals: readonly string[];
}

/** A key of the table, for the ledger. */
export function keptKey({ key }: ComparedTable, literals: readonly string[]): string {
  return JSON.stringify({ columns: key.map(({ name }) => name), literals } satisfies KeptKey);
}

/** The literals of a key from the ledger; undefined where the table has another key by now. */
export function literalsOf(text: string | null, { key }: ComparedTable): string[] | undefined {
  if (text === null) return undefined;
  const { columns, literals } = JSON.parse(text) as KeptKey;
  return columns.join('\0') === key.map(({ name }) => name).join('\0') ? [...literals] : undefined;
}
