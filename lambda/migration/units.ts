import { type ForeignKey } from '../mysql/inventory';
import { tableKey } from '../mysql/names';

/** A table by its full name. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/**
 * Puts tables that foreign keys connect, directly or through others, into one unit: they are converted by one worker, one after the
 * other, because parent and child disagree in between.
 *
 * @returns the number of the unit of each table, in the order of the tables.
 */
export function unitsOf(tables: readonly TableName[], foreignKeys: readonly ForeignKey[]): number[] {
  const parents = new Map<string, string>();
  const root = (key: string): string => {
    let present = key;
    for (let next = parents.get(present); next !== undefined && next !== present; next = parents.get(present)) present = next;
    return present;
  };
  const unite = (one: string, other: string) => { parents.set(root(one), root(other)); };
  for (const { schema, table, parentSchema, parentTable } of foreignKeys) unite(tableKey(schema, table), tableKey(parentSchema, parentTable));
  const numbers = new Map<string, number>();
  return tables.map(({ schema, name }) => {
    const key = root(tableKey(schema, name));
    const number = numbers.get(key) ?? numbers.size + 1;
    numbers.set(key, number);
    return number;
  });
}
