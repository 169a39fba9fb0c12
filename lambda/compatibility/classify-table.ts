import { readCreateTable } from '../shared/sql-text';
import { classifyColumn } from './classify-column';
import { type Column, parseColumn } from './column';
import { type Verdict, type VerdictName } from './verdict';

/** What a caller knows beyond the columns. */
export interface TableFacts {
  /** Columns that the migration renames, Blue's name → Green's. A name that changed without being here is refused. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Names on Green of columns of a primary or unique key: a stricter collation can make two of their values equal. */
  readonly unique?: readonly string[];
}

/** The verdict about one position of a table. */
export interface ColumnVerdict extends Verdict {
  /** From 1. */
  readonly position: number;
  /** Blue's name, and Green's where Blue has no column there. */
  readonly column: string;
}

/** The verdict about a table is the worst of its columns. */
export interface TableVerdict extends Verdict {
  readonly columns: readonly ColumnVerdict[];
}

/** From harmless to harmful. What goes wrong unseen is worse than what stops. */
const ORDER: readonly VerdictName[] = ['SAFE', 'NEEDS_CONVERSION', 'DEPENDS_ON_DATA', 'STOPS', 'CORRUPTS'];

/**
 * What row events of Blue's table do in Green's: the first column into the first, the second into the second, whatever their names.
 *
 * @param fromColumns Blue's columns in their order, invisible and generated ones included.
 * @param toColumns Green's.
 * @param conversions the value of `replica_type_conversions` in effect on Green.
 * @throws for a value that MySQL would refuse as `replica_type_conversions`.
 */
export function classifyTable(fromColumns: readonly Column[], toColumns: readonly Column[], conversions: string, facts: TableFacts = {}): TableVerdict {
  const judge = (settings: string) => columnVerdicts(fromColumns, toColumns, settings, facts);
  const columns = judge(conversions);
  const worst = worstOf(columns);
  if (worst === undefined) return { verdict: 'STOPS', reason: 'not known: a table without columns', columns };
  const { position, column, reason, ...rest } = worst;
  const verdict = { ...rest, reason: worst.verdict === 'SAFE' ? 'every column arrives as it is' : `column ${position}, '${column}': ${reason}`, columns };
  if (worst.verdict !== 'NEEDS_CONVERSION') return verdict;
  // one value has to serve all columns: signed and unsigned numbers that are widened want different ones.
  const settings = [...new Set(columns.flatMap(({ setting }) => (setting === undefined ? [] : [setting])))];
  const setting = settings.find((each) => worstOf(judge(each))?.verdict === 'SAFE');
  if (setting !== undefined) return { ...verdict, remedy: `set replica_type_conversions to ${setting} on Green before its tables are changed`, setting };
  return {
    verdict: 'STOPS', columns,
    reason: `no value of replica_type_conversions serves all columns: they need ${settings.join(' and ')}`,
    remedy: 'widen signed and unsigned numbers in two deployments',
  };
}

function columnVerdicts(fromColumns: readonly Column[], toColumns: readonly Column[], conversions: string, facts: TableFacts): ColumnVerdict[] {
  return Array.from({ length: Math.max(fromColumns.length, toColumns.length) }, (_, index) => {
    const [from, to] = [fromColumns[index], toColumns[index]];
    const verdict = from !== undefined && to !== undefined ? placed(from, to, conversions, facts) : atTheEnd(from, to, fromColumns, toColumns);
    const column = from?.name ?? to?.name ?? '';
    return { position: index + 1, column, ...verdict, ...verdict.query !== undefined && { query: verdict.query.replaceAll('{column}', quoteName(column)) } };
  });
}

function worstOf(columns: readonly ColumnVerdict[]): ColumnVerdict | undefined {
  return columns.reduce<ColumnVerdict | undefined>((found, each) => (found === undefined || rank(each) > rank(found) ? each : found), undefined);
}

function rank({ verdict }: Verdict): number {
  return ORDER.indexOf(verdict);
}

function placed(from: Column, to: Column, conversions: string, { renamed = {}, unique = [] }: TableFacts): Verdict {
  const verdict = classifyColumn(from, to, conversions);
  if (from.name !== to.name && renamed[from.name] !== to.name) return misplaced(from, to, verdict);
  const order = unique.includes(to.name) ? otherOrder(from, to) : undefined;
  if (order === undefined) return verdict;
  if (verdict.verdict === 'SAFE') return order;
  // no setting makes it right by itself.
  return verdict.verdict === 'NEEDS_CONVERSION' ? { ...order, verdict: 'STOPS', reason: `${verdict.reason}; and then, ${order.reason}` } : verdict;
}

function misplaced(from: Column, to: Column, { verdict, reason }: Verdict): Verdict {
  const remedy = 'add columns at the end only, and move none; if this one was renamed, say so';
  const what = `Blue has '${from.name}' where Green has '${to.name}', and values go by position`;
  if (verdict === 'STOPS') return { verdict, reason: `${what}; ${reason}`, remedy };
  return { verdict: 'CORRUPTS', reason: `${what}: they arrive in the wrong column, without an error`, remedy };
}

/** Another collation in a key that is unique. */
function otherOrder(from: Column, to: Column): Verdict | undefined {
  if (from.collation === to.collation || familyOf(from.collation) === familyOf(to.collation)) return undefined;
  const verdict = { verdict: 'DEPENDS_ON_DATA', reason: 'the column is in a unique key, and the two collations may find different texts equal: replication would stop with 1062' } as const;
  const remedy = 'keep the collation\'s family, as utf8mb3_unicode_ci and utf8mb4_unicode_ci';
  if (to.collation === undefined) return { ...verdict, remedy };
  const characterSet = to.collation.split('_', 1)[0] ?? '';
  const text = `CONVERT({column} USING ${characterSet}) COLLATE ${to.collation}`;
  return { ...verdict, remedy, query: `SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} IS NOT NULL GROUP BY ${text} HAVING COUNT(*) > 1)` };
}

function familyOf(collation: string | undefined): string | undefined {
  return collation?.replace(/^utf8mb[34]_/, '');
}

/** Columns that only one side has, behind all that both have. */
function atTheEnd(from: Column | undefined, to: Column | undefined, fromColumns: readonly Column[], toColumns: readonly Column[]): Verdict {
  if (to !== undefined) {
    // a column that moved is in the wrong place on the other side, too.
    if (fromColumns.some(({ name }) => name === to.name)) return moved(to);
    return { verdict: 'SAFE', reason: 'only Green has it, at the end: it gets its default', remedy: 'let nobody add a column on Blue before the switchover: its values would arrive here' };
  }
  if (from !== undefined && toColumns.some(({ name }) => name === from.name)) return moved(from);
  return { verdict: 'SAFE', reason: 'only Blue has it, at the end: its values are left out' };
}

function moved({ name }: Column): Verdict {
  return { verdict: 'CORRUPTS', reason: `'${name}' is at another position on the other side, and values go by position`, remedy: 'move no column' };
}

/** The columns of a table as SHOW CREATE TABLE prints it, read with a SQL mode without ANSI_QUOTES and NO_BACKSLASH_ESCAPES. */
export function columnsOf(printed: string): Column[] {
  const { definitions, options } = readCreateTable(printed);
  const characterSet = /\bDEFAULT CHARSET=(\w+)/.exec(options)?.[1];
  const collation = /\bCOLLATE=(\w+)/.exec(options)?.[1];
  const columns = definitions.filter((definition) => definition.startsWith('`'));
  return columns.map((definition) => withDefault(parseColumn(definition, characterSet), characterSet, collation));
}

/** A column's own collation, or the table's where the column has its character set and names none. */
function withDefault(column: Column, characterSet: string | undefined, collation: string | undefined): Column {
  const { type } = column;
  if (column.collation !== undefined || collation === undefined || type === undefined || !('characterSet' in type)) return column;
  return type.characterSet === characterSet?.replace(/^utf8$/, 'utf8mb3') ? { ...column, collation: collation.replace(/^utf8_/, 'utf8mb3_') } : column;
}

function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** The query of a verdict for one table. */
export function queryFor(query: string, table: string): string {
  return query.replaceAll('{table}', table);
}
