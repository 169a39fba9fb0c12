import { SYSTEM_SCHEMAS, tableKey } from './names';
import { type Session } from './session';

/** A text column. */
export interface TextColumn {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly characterSet: string;
  readonly collation: string;
}

/** A base table. */
export interface Table {
  readonly schema: string;
  readonly name: string;
  readonly engine: string;
  readonly collation: string;
  /** Data and indexes, as the statistics estimate them. */
  readonly bytes: number;
  /** Secondary indexes alone. */
  readonly indexBytes: number;
  readonly rows: number;
}

/** Base tables of the schemas. */
export function tablesOf(session: Session, schemas: readonly string[]): Promise<Table[]> {
  return tablesWhere(session, `IN (${marks(schemas)})`, schemas);
}

/** Base tables of all other schemas of the user. */
export function tablesOutside(session: Session, schemas: readonly string[]): Promise<Table[]> {
  const left = [...SYSTEM_SCHEMAS, ...schemas];
  return tablesWhere(session, `NOT IN (${marks(left)})`, left);
}

async function tablesWhere(session: Session, which: string, schemas: readonly string[]): Promise<Table[]> {
  const rows = await session.rows<Table>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name, ENGINE AS engine, TABLE_COLLATION AS collation,
            COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0) AS bytes, COALESCE(INDEX_LENGTH, 0) AS indexBytes, COALESCE(TABLE_ROWS, 0) AS \`rows\`
       FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA ${which} ORDER BY TABLE_SCHEMA, TABLE_NAME`,
    schemas,
  );
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes), indexBytes: Number(row.indexBytes), rows: Number(row.rows) }));
}

/** Text columns of the base tables of the schemas. */
export async function textColumnsOf(session: Session, schemas: readonly string[]): Promise<TextColumn[]> {
  const views = await viewsOf(session, `IN (${marks(schemas)})`, schemas);
  const columns = await session.rows<TextColumn>(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, COLUMN_NAME AS \`column\`, CHARACTER_SET_NAME AS characterSet, COLLATION_NAME AS collation
       FROM information_schema.COLUMNS WHERE CHARACTER_SET_NAME IS NOT NULL AND TABLE_SCHEMA IN (${marks(schemas)})
      ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION`,
    schemas,
  );
  return columns.filter(({ schema, table }) => !views.has(tableKey(schema, table)));
}

/**
 * The views of some schemas, by {@link tableKey}. information_schema lists their columns beside those of tables, and 5.7 has no index by which it
 * could join the two: with thousands of tables it would take minutes.
 *
 * @param which of the schemas, as a condition behind their name.
 */
export async function viewsOf(session: Session, which: string, schemas: readonly string[]): Promise<Set<string>> {
  const views = await session.rows<{ schema: string; name: string }>(`SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_TYPE <> 'BASE TABLE' AND TABLE_SCHEMA ${which}`, schemas);
  return new Set(views.map(({ schema, name }) => tableKey(schema, name)));
}

/** A foreign key between two tables. */
export interface ForeignKey {
  readonly schema: string;
  readonly table: string;
  readonly parentSchema: string;
  readonly parentTable: string;
  /** Whether a change of the parent changes or deletes rows of the child (CASCADE, SET NULL). */
  readonly cascades: boolean;
}

/** Foreign keys that start in one of the schemas. */
export async function foreignKeysOf(session: Session, schemas: readonly string[]): Promise<ForeignKey[]> {
  const rows = await session.rows<Omit<ForeignKey, 'cascades'> & { cascades: number }>(
    `SELECT CONSTRAINT_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, UNIQUE_CONSTRAINT_SCHEMA AS parentSchema, REFERENCED_TABLE_NAME AS parentTable,
            DELETE_RULE IN ('CASCADE', 'SET NULL') OR UPDATE_RULE IN ('CASCADE', 'SET NULL') AS cascades
       FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA IN (${marks(schemas)}) OR UNIQUE_CONSTRAINT_SCHEMA IN (${marks(schemas)})`,
    [...schemas, ...schemas],
  );
  return rows.map((row) => ({ ...row, cascades: Boolean(row.cascades) }));
}

/** Columns of the schemas that foreign keys refer to: by {@link tableKey}, their names. */
export async function referencedColumnsOf(session: Session, schemas: readonly string[]): Promise<Map<string, Set<string>>> {
  const rows = await session.rows<{ schema: string; table: string; column: string }>(
    `SELECT DISTINCT REFERENCED_TABLE_SCHEMA AS \`schema\`, REFERENCED_TABLE_NAME AS \`table\`, REFERENCED_COLUMN_NAME AS \`column\`
       FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA IN (${marks(schemas)})`,
    schemas,
  );
  const referenced = new Map<string, Set<string>>();
  for (const { schema, table, column } of rows) {
    const key = tableKey(schema, table);
    referenced.set(key, (referenced.get(key) ?? new Set()).add(column));
  }
  return referenced;
}

/** The indexes of a table: by {@link tableKey}, their names. */
export async function indexNamesOf(session: Session, schemas: readonly string[]): Promise<Map<string, Set<string>>> {
  const rows = await session.rows<{ schema: string; table: string; name: string }>(
    `SELECT DISTINCT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS \`table\`, INDEX_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA IN (${marks(schemas)})`,
    schemas,
  );
  const names = new Map<string, Set<string>>();
  for (const { schema, table, name } of rows) {
    const key = tableKey(schema, table);
    names.set(key, (names.get(key) ?? new Set()).add(name));
  }
  return names;
}

/** A histogram of a column, as it was asked for. */
export interface Histogram {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly buckets: number;
  readonly autoUpdate: boolean;
}

/** The histograms of the tables of the schemas. */
export async function histogramsOf(session: Session, schemas: readonly string[]): Promise<Histogram[]> {
  const rows = await session.rows<Omit<Histogram, 'buckets' | 'autoUpdate'> & { buckets: number | string; autoUpdate: string | null }>(
    `SELECT SCHEMA_NAME AS \`schema\`, TABLE_NAME AS \`table\`, COLUMN_NAME AS \`column\`, HISTOGRAM->>'$."number-of-buckets-specified"' AS buckets, HISTOGRAM->>'$."auto-update"' AS autoUpdate
       FROM information_schema.COLUMN_STATISTICS WHERE SCHEMA_NAME IN (${marks(schemas)}) ORDER BY 1, 2, 3`,
    schemas,
  );
  return rows.map((row) => ({ ...row, buckets: Number(row.buckets), autoUpdate: row.autoUpdate === 'true' }));
}

/** The default collation of a schema. */
export async function schemaCollations(session: Session, schemas: readonly string[]): Promise<Map<string, string>> {
  const rows = await session.rows<{ name: string; collation: string }>(
    `SELECT SCHEMA_NAME AS name, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (${marks(schemas)})`,
    schemas,
  );
  return new Map(rows.map(({ name, collation }) => [name, collation]));
}

/** A routine, trigger or event, with the collation of its database that was stored when it was created. */
export interface StoredObject {
  readonly kind: 'PROCEDURE' | 'FUNCTION' | 'TRIGGER' | 'EVENT';
  readonly schema: string;
  readonly name: string;
  /** The table of a trigger. */
  readonly table: string | null;
  readonly databaseCollation: string;
}

/** Routines, triggers and events of the schemas. */
export async function storedObjectsOf(session: Session, schemas: readonly string[]): Promise<StoredObject[]> {
  return session.rows<StoredObject>(
    `SELECT ROUTINE_TYPE AS kind, ROUTINE_SCHEMA AS \`schema\`, ROUTINE_NAME AS name, NULL AS \`table\`, DATABASE_COLLATION AS databaseCollation
       FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN (${marks(schemas)})
     UNION ALL
     SELECT 'TRIGGER', TRIGGER_SCHEMA, TRIGGER_NAME, EVENT_OBJECT_TABLE, DATABASE_COLLATION FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (${marks(schemas)})
     UNION ALL
     SELECT 'EVENT', EVENT_SCHEMA, EVENT_NAME, NULL, DATABASE_COLLATION FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN (${marks(schemas)})`,
    [...schemas, ...schemas, ...schemas],
  );
}

/** Question marks for a list of values. */
export function marks(values: readonly unknown[]): string {
  return values.length === 0 ? 'NULL' : values.map(() => '?').join(', ');
}

/**
 * A fingerprint of the definitions of all columns of all databases: the same as long as nobody alters, creates or drops a table.
 */
export async function definitionsFingerprint(session: Session): Promise<string> {
  // made on the server: a database may have a million columns.
  const row = await session.row<{ columns: number; sum: string | null }>(
    `SELECT COUNT(*) AS columns,
            CAST(BIT_XOR(CAST(CONV(LEFT(SHA2(CONCAT_WS('|', TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE,
              COALESCE(COLUMN_DEFAULT, '-'), COALESCE(COLLATION_NAME, '-'), EXTRA), 256), 15), 16, 10) AS UNSIGNED)) AS CHAR) AS sum
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)})`,
    SYSTEM_SCHEMAS,
  );
  return `${row?.columns ?? 0} ${row?.sum ?? ''}`;
}
