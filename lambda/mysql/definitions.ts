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
  /** What {@link readParts} reads; null unless asked for, and for what has no parts. */
  readonly parts?: string | null;
}

/** A column, an index or a constraint, for a reader. */
export interface DefinitionPart {
  readonly name: string;
  /** As a statement would say it, for the most part: `int NOT NULL DEFAULT '1'`, `UNIQUE (a, b)`. */
  readonly text: string;
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
  /** What can be said of it in a few words. */
  readonly part?: {
    readonly name: string;
    readonly order: string;
    /** Expressions that are joined where they are not NULL, by the column of the content which the version must have for it. */
    readonly text: Readonly<Record<string, string>>;
    /** The same for one of several rows of a part: a column of an index. */
    readonly item?: Readonly<Record<string, string>>;
  };
}

const CREATED_IN = ['SQL_MODE', 'DEFINER', 'CHARACTER_SET_CLIENT', 'COLLATION_CONNECTION', 'DATABASE_COLLATION'];

/** The text of a table with a few thousand columns; the default of 1 KB is for ten. */
const LONG_PARTS = 'SET SESSION group_concat_max_len = 4194304';

/** Partitions are not among them: they come and go by the calendar, and row events do not know them. Nor is whether an event is enabled: it ends by itself. */
const SOURCES: readonly Source[] = [
  {
    kind: 'database', from: 'SCHEMATA a', schema: 'a.SCHEMA_NAME', name: 'a.SCHEMA_NAME',
    content: { SCHEMATA: ['DEFAULT_CHARACTER_SET_NAME', 'DEFAULT_COLLATION_NAME'] },
    part: { name: `''`, order: '1', text: { DEFAULT_COLLATION_NAME: `CONCAT('COLLATE ', a.DEFAULT_COLLATION_NAME)` } },
  },
  {
    kind: 'table', from: 'TABLES a', schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME', where: `a.TABLE_TYPE = 'BASE TABLE'`,
    content: { TABLES: ['ENGINE', 'TABLE_COLLATION', 'TABLE_COMMENT'] },
    part: { name: `''`, order: '1', text: { ENGINE: 'a.ENGINE', TABLE_COLLATION: `CONCAT('COLLATE ', a.TABLE_COLLATION)`, TABLE_COMMENT: quotedUnlessEmpty('COMMENT', 'a.TABLE_COMMENT') } },
  },
  {
    kind: 'columns of', from: 'COLUMNS a', schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME',
    content: {
      COLUMNS: ['COLUMN_NAME', 'ORDINAL_POSITION', 'COLUMN_DEFAULT', 'IS_NULLABLE', 'COLUMN_TYPE', 'COLLATION_NAME', 'EXTRA', 'COLUMN_COMMENT', 'GENERATION_EXPRESSION', 'SRS_ID'],
    },
    part: {
      name: 'a.COLUMN_NAME', order: 'a.ORDINAL_POSITION',
      text: {
        COLUMN_TYPE: 'a.COLUMN_TYPE',
        COLLATION_NAME: `CONCAT('COLLATE ', a.COLLATION_NAME)`,
        GENERATION_EXPRESSION: `CONCAT('AS (', NULLIF(a.GENERATION_EXPRESSION, ''), ')')`,
        IS_NULLABLE: `IF(a.IS_NULLABLE = 'NO', 'NOT NULL', NULL)`,
        COLUMN_DEFAULT: `IF(a.COLUMN_DEFAULT IS NULL, NULL, CONCAT('DEFAULT ', QUOTE(a.COLUMN_DEFAULT)))`,
        EXTRA: `NULLIF(a.EXTRA, '')`,
        SRS_ID: `CONCAT('SRID ', a.SRS_ID)`,
        COLUMN_COMMENT: quotedUnlessEmpty('COMMENT', 'a.COLUMN_COMMENT'),
      },
    },
  },
  {
    kind: 'indexes of', from: 'STATISTICS a', schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME',
    content: { STATISTICS: ['INDEX_NAME', 'NON_UNIQUE', 'SEQ_IN_INDEX', 'COLUMN_NAME', 'COLLATION', 'SUB_PART', 'INDEX_TYPE', 'INDEX_COMMENT', 'IS_VISIBLE', 'EXPRESSION'] },
    part: {
      name: 'a.INDEX_NAME', order: 'a.INDEX_NAME, a.SEQ_IN_INDEX',
      text: {
        NON_UNIQUE: `IF(a.NON_UNIQUE, NULL, 'UNIQUE')`,
        INDEX_TYPE: `NULLIF(a.INDEX_TYPE, 'BTREE')`,
        IS_VISIBLE: `IF(a.IS_VISIBLE = 'NO', 'INVISIBLE', NULL)`,
        INDEX_COMMENT: quotedUnlessEmpty('COMMENT', 'a.INDEX_COMMENT'),
      },
      item: { COLUMN_NAME: 'a.COLUMN_NAME', EXPRESSION: `CONCAT('(', a.EXPRESSION, ')')`, SUB_PART: `CONCAT('(', a.SUB_PART, ')')`, COLLATION: `IF(a.COLLATION = 'D', 'DESC', NULL)` },
    },
  },
  {
    kind: 'foreign keys of',
    from: 'KEY_COLUMN_USAGE a JOIN information_schema.REFERENTIAL_CONSTRAINTS b ON b.CONSTRAINT_SCHEMA = a.CONSTRAINT_SCHEMA AND b.CONSTRAINT_NAME = a.CONSTRAINT_NAME AND b.TABLE_NAME = a.TABLE_NAME',
    schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME', where: 'a.REFERENCED_TABLE_NAME IS NOT NULL',
    content: {
      KEY_COLUMN_USAGE: ['CONSTRAINT_NAME', 'ORDINAL_POSITION', 'COLUMN_NAME', 'REFERENCED_TABLE_SCHEMA', 'REFERENCED_TABLE_NAME', 'REFERENCED_COLUMN_NAME'],
      REFERENTIAL_CONSTRAINTS: ['UPDATE_RULE', 'DELETE_RULE'],
    },
    part: {
      name: 'a.CONSTRAINT_NAME', order: 'a.CONSTRAINT_NAME, a.ORDINAL_POSITION',
      text: {
        REFERENCED_TABLE_NAME: `CONCAT('REFERENCES ', a.REFERENCED_TABLE_SCHEMA, '.', a.REFERENCED_TABLE_NAME)`,
        DELETE_RULE: `CONCAT('ON DELETE ', b.DELETE_RULE)`,
        UPDATE_RULE: `CONCAT('ON UPDATE ', b.UPDATE_RULE)`,
      },
      item: { REFERENCED_COLUMN_NAME: `CONCAT(a.COLUMN_NAME, ' = ', a.REFERENCED_COLUMN_NAME)` },
    },
  },
  {
    kind: 'checks of', from: 'TABLE_CONSTRAINTS a JOIN information_schema.CHECK_CONSTRAINTS b ON b.CONSTRAINT_SCHEMA = a.CONSTRAINT_SCHEMA AND b.CONSTRAINT_NAME = a.CONSTRAINT_NAME',
    schema: 'a.TABLE_SCHEMA', name: 'a.TABLE_NAME', where: `a.CONSTRAINT_TYPE = 'CHECK'`,
    content: { TABLE_CONSTRAINTS: ['CONSTRAINT_NAME', 'ENFORCED'], CHECK_CONSTRAINTS: ['CHECK_CLAUSE'] },
    part: { name: 'a.CONSTRAINT_NAME', order: 'a.CONSTRAINT_NAME', text: { CHECK_CLAUSE: 'b.CHECK_CLAUSE', ENFORCED: `IF(a.ENFORCED = 'NO', 'NOT ENFORCED', NULL)` } },
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

/**
 * Every definition in the schemas, one query a kind. Our user has to see them: what it may not see is not there.
 *
 * @param withParts reads them, too, of the same moment.
 */
export async function definitionsOf(session: Session, schemas: readonly string[], withParts = false): Promise<Definition[]> {
  const present = await columnsOfTheServer(session);
  const views = await viewsOf(session, `IN (${marks(schemas)})`, schemas);
  if (withParts) await session.run(LONG_PARTS);
  const definitions: Definition[] = [];
  for (const source of SOURCES) {
    const { kind, from, schema, name, where, content } = source;
    const views = Object.keys(content);
    // versions before 8.0.16 have no checks.
    if (!views.every((view) => present.has(view))) continue;
    const parts = views.flatMap((view, index) => (content[view] ?? []).filter((column) => present.get(view)?.has(column)).map((column) => `COALESCE(CONCAT(${'ab'[index]}.${column}), CHAR(1))`));
    definitions.push(...await session.rows<Definition>(
      // 60 bits of each part: their sum is exact, and knows no order. 5.7 takes names for equal here that differ in capitals only.
      `SELECT '${kind}' AS kind, ${schema} AS \`schema\`, ${name} AS name, CAST(SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS(CHAR(0), ${parts.join(', ')}), 256), 15), 16, 10) AS UNSIGNED)) AS CHAR) AS hash,
              ${withParts ? partsExpression(source, present) : 'NULL'} AS parts
         FROM information_schema.${from} WHERE ${schema} IN (${marks(schemas)})${where === undefined ? '' : ` AND ${where}`} GROUP BY CAST(${schema} AS BINARY), CAST(${name} AS BINARY), ${schema}, ${name}`,
      schemas,
    ));
  }
  return definitions.filter(({ kind, schema, name }) => kind !== 'columns of' || !views.has(tableKey(schema, name)));
}

/** The parts of one definition, as it is now; undefined where the server does not print them whole. */
export async function partsOf(session: Session, { kind, schema: ofSchema, name: called }: Pick<Definition, 'kind' | 'schema' | 'name'>): Promise<DefinitionPart[] | undefined> {
  const source = SOURCES.find((each) => each.kind === kind);
  if (source?.part === undefined) return [];
  const { from, schema, name, where } = source;
  await session.run(LONG_PARTS);
  const row = await session.row<{ parts: string | null }>(
    `SELECT ${partsExpression(source, await columnsOfTheServer(session))} AS parts FROM information_schema.${from}
      WHERE ${schema} = ? AND ${name} = ? AND CAST(${name} AS BINARY) = CAST(? AS BINARY)${where === undefined ? '' : ` AND ${where}`}`,
    [ofSchema, called, called],
  );
  return readParts(row?.parts ?? '[]');
}

/** The parts that {@link definitionsOf} has read; undefined where the server has not printed them whole. */
export function readParts(parts: string): DefinitionPart[] | undefined {
  const rows = rowsIn(parts);
  if (rows === undefined) return undefined;
  const names = [...new Set(rows.map(([name]) => name))];
  return names.map((name) => {
    const own = rows.filter((row) => row[0] === name);
    const items = own.flatMap(([, , item]) => (item === null ? [] : [item]));
    const text = own[0]?.[1] ?? '';
    return { name, text: [...items.length === 0 ? [] : [`(${items.join(', ')})`], ...text === '' ? [] : [text]].join(' ') };
  });
}

/** Name, text, and item of each row. */
function rowsIn(parts: string): (readonly [string, string, string | null])[] | undefined {
  try {
    return JSON.parse(parts) as (readonly [string, string, string | null])[];
  } catch {
    // cut: thousands of columns, or a small max_allowed_packet.
    return undefined;
  }
}

/** What a reader shall see of a definition, as JSON. */
function partsExpression({ content, part }: Source, present: ReadonlyMap<string, ReadonlySet<string>>): string {
  if (part === undefined) return 'NULL';
  const known = (column: string) => Object.keys(content).some((view) => present.get(view)?.has(column));
  const joined = (expressions: Readonly<Record<string, string>>) => `CONCAT_WS(' ', ${Object.entries(expressions).flatMap(([column, expression]) => (known(column) ? [expression] : [])).join(', ')})`;
  return `CONCAT('[', GROUP_CONCAT(JSON_ARRAY(${part.name}, ${joined(part.text)}, ${part.item === undefined ? 'NULL' : joined(part.item)}) ORDER BY ${part.order} SEPARATOR ','), ']')`;
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

function quotedUnlessEmpty(word: string, column: string): string {
  return `IF(${column} = '', NULL, CONCAT('${word} ', QUOTE(${column})))`;
}
