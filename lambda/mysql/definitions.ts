import { marks, viewsOf } from './inventory';
import { tableKey } from './names';
import { type Session } from './session';

/** What somebody has defined: a table has several of them, so that a difference can be named. */
export interface Definition {
  /** `table`, `columns of`, `indexes of`, …: read before the name. */
  readonly kind: string;
  readonly schema: string;
  readonly name: string;
  /** Changes when the definition does, whatever the order in which the server lists its parts. */
  readonly hash: string;
}

/**
 * A view of information_schema, or a join of some, and what in it somebody has defined. Statistics and counters are left out: TRUNCATE and
 * ANALYZE change nothing.
 */
interface Source {
  readonly kind: string;
  readonly from: string;
  readonly schema: string;
  readonly name: string;
  readonly where?: string;
  /** Those that the version has are read. */
  readonly content: Readonly<Record<string, readonly string[]>>;
}

const CREATED_IN = ['SQL_MODE', 'DEFINER', 'CHARACTER_SET_CLIENT', 'COLLATION_CONNECTION', 'DATABASE_COLLATION'];

/** Partitions are not among them: they come and go by the calendar, and row events do not know them. Nor is whether an event is enabled: it ends by itself. */
const SOURCES: readonly Source[] = [
  { kind: 'database', from: 'SCHEMATA a', schema: 'a.SCHEMA_NAME', name: 'a.SCHEMA_NAME', content: { SCHEMATA: ['DEFAULT_CHARACTER_SET_NAME', 'DEFAULT_COLLATION_NAME'] } },
  {
    kind: 'table', from: 'TABLES a', schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME', where: `a.TABLE_TYPE = 'BASE TABLE'`,
    content: { TABLES: ['ENGINE', 'TABLE_COLLATION', 'TABLE_COMMENT'] },
  },
  {
    kind: 'columns of', from: 'COLUMNS a', schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME',
    content: {
      COLUMNS: ['COLUMN_NAME', 'ORDINAL_POSITION', 'COLUMN_DEFAULT', 'IS_NULLABLE', 'COLUMN_TYPE', 'COLLATION_NAME', 'EXTRA', 'COLUMN_COMMENT', 'GENERATION_EXPRESSION', 'SRS_ID'],
    },
  },
  {
    kind: 'indexes of', from: 'STATISTICS a', schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME',
    content: { STATISTICS: ['INDEX_NAME', 'NON_UNIQUE', 'SEQ_IN_INDEX', 'COLUMN_NAME', 'COLLATION', 'SUB_PART', 'INDEX_TYPE', 'INDEX_COMMENT', 'IS_VISIBLE', 'EXPRESSION'] },
  },
  {
    kind: 'foreign keys of',
    from: 'KEY_COLUMN_USAGE a JOIN information_schema.REFERENTIAL_CONSTRAINTS b ON b.CONSTRAINT_SCHEMA = a.CONSTRAINT_SCHEMA AND b.CONSTRAINT_NAME = a.CONSTRAINT_NAME AND b.TABLE_NAME = a.TABLE_NAME',
    schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME', where: 'a.REFERENCED_TABLE_NAME IS NOT NULL',
    content: {
      KEY_COLUMN_USAGE: ['CONSTRAINT_NAME', 'ORDINAL_POSITION', 'COLUMN_NAME', 'REFERENCED_TABLE_SCHEMA', 'REFERENCED_TABLE_NAME', 'REFERENCED_COLUMN_NAME'],
      REFERENTIAL_CONSTRAINTS: ['UPDATE_RULE', 'DELETE_RULE'],
    },
  },
  {
    kind: 'checks of', from: 'TABLE_CONSTRAINTS a JOIN information_schema.CHECK_CONSTRAINTS b ON b.CONSTRAINT_SCHEMA = a.CONSTRAINT_SCHEMA AND b.CONSTRAINT_NAME = a.CONSTRAINT_NAME',
    schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME', where: `a.CONSTRAINT_TYPE = 'CHECK'`,
    content: { TABLE_CONSTRAINTS: ['CONSTRAINT_NAME', 'ENFORCED'], CHECK_CONSTRAINTS: ['CHECK_CLAUSE'] },
  },
  {
    kind: 'view', from: 'VIEWS a', schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME',
    content: { VIEWS: ['VIEW_DEFINITION', 'CHECK_OPTION', 'DEFINER', 'SECURITY_TYPE', 'CHARACTER_SET_CLIENT', 'COLLATION_CONNECTION'] },
  },
  {
    kind: 'routine', from: 'ROUTINES a', schema: 'a.ROUTINE_SCHEMA', name: 'a.ROUTINE_NAME',
    content: { ROUTINES: ['ROUTINE_TYPE', 'DTD_IDENTIFIER', 'ROUTINE_DEFINITION', 'IS_DETERMINISTIC', 'SQL_DATA_ACCESS', 'SECURITY_TYPE', 'ROUTINE_COMMENT', ...CREATED_IN] },
  },
  {
    kind: 'parameters of', from: 'PARAMETERS a', schema: 'a.SPECIFIC_SCHEMA', name: 'a.SPECIFIC_NAME',
    content: { PARAMETERS: ['ROUTINE_TYPE', 'ORDINAL_POSITION', 'PARAMETER_MODE', 'PARAMETER_NAME', 'DTD_IDENTIFIER', 'COLLATION_NAME'] },
  },
  {
    kind: 'trigger', from: 'TRIGGERS a', schema: 'a.TRIGGER_SCHEMA', name: 'a.TRIGGER_NAME',
    content: { TRIGGERS: ['EVENT_OBJECT_TABLE', 'EVENT_MANIPULATION', 'ACTION_TIMING', 'ACTION_ORDER', 'ACTION_STATEMENT', ...CREATED_IN] },
  },
  {
    kind: 'event', from: 'EVENTS a', schema: 'a.EVENT_SCHEMA', name: 'a.EVENT_NAME',
    content: {
      EVENTS: ['EVENT_DEFINITION', 'EVENT_TYPE', 'EXECUTE_AT', 'INTERVAL_VALUE', 'INTERVAL_FIELD', 'STARTS', 'ENDS', 'ON_COMPLETION', 'EVENT_COMMENT', 'TIME_ZONE', ...CREATED_IN],
    },
  },
];

/** Every definition in the schemas, one query a kind. Our user has to see them: what it may not see is not there. */
export async function definitionsOf(session: Session, schemas: readonly string[]): Promise<Definition[]> {
  const present = await columnsOfTheServer(session);
  const views = await viewsOf(session, `IN (${marks(schemas)})`, schemas);
  const definitions: Definition[] = [];
  for (const { kind, from, schema, name, where, content } of SOURCES) {
    const views = Object.keys(content);
    // versions before 8.0.16 have no checks.
    if (!views.every((view) => present.has(view))) continue;
    const parts = views.flatMap((view, index) => (content[view] ?? []).filter((column) => present.get(view)?.has(column)).map((column) => `COALESCE(CONCAT(${'ab'[index]}.${column}), CHAR(1))`));
    definitions.push(...await session.rows<Definition>(
      // 60 bits of each part: their sum is exact, and knows no order. 5.7 takes names for equal here that differ in capitals only.
      `SELECT '${kind}' AS kind, ${schema} AS \`schema\`, ${name} AS name, CAST(SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS(CHAR(0), ${parts.join(', ')}), 256), 15), 16, 10) AS UNSIGNED)) AS CHAR) AS hash
         FROM information_schema.${from} WHERE ${schema} IN (${marks(schemas)})${where === undefined ? '' : ` AND ${where}`} GROUP BY CAST(${schema} AS BINARY), CAST(${name} AS BINARY), ${schema}, ${name}`,
      schemas,
    ));
  }
  return definitions.filter(({ kind, schema, name }) => kind !== 'columns of' || !views.has(tableKey(schema, name)));
}

/** What information_schema has, which depends on the version: view → columns. */
async function columnsOfTheServer(session: Session): Promise<Map<string, Set<string>>> {
  const views = [...new Set(SOURCES.flatMap(({ content }) => Object.keys(content)))];
  const rows = await session.rows<{ view: string; column: string }>(
    `SELECT TABLE_NAME AS \`view\`, COLUMN_NAME AS \`column\` FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME IN (${marks(views)})`, views,
  );
  const present = new Map<string, Set<string>>();
  for (const { view, column } of rows) present.set(view.toUpperCase(), (present.get(view.toUpperCase()) ?? new Set()).add(column.toUpperCase()));
  return present;
}
