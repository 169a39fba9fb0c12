/** An identifier, quoted. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** `schema`.`table`, quoted. */
export function quoteTable(schema: string, table: string): string {
  return `${quoteName(schema)}.${quoteName(table)}`;
}

/** A table, or another object of a schema, as the key of a map or set: names of MySQL contain no NUL. */
export function tableKey(schema: string, table: string): string {
  return `${schema}\0${table}`;
}

/** Schemas that belong to the server (or to this pipeline), never to the user. */
export const SYSTEM_SCHEMAS = ['mysql', 'information_schema', 'performance_schema', 'sys', 'blue_green_pipeline'] as const;
