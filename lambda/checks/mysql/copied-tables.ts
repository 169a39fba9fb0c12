import { convertsSafely } from '../../migration/collations';
import { readSqlFiles } from '../../migration/sql-files';
import { type Table, tablesOf, textColumnsOf } from '../../mysql/inventory';
import { tableKey } from '../../mysql/names';
import { changedDatabasesOf, databasesOf, type MysqlContext } from './context';

/** The tables that the migration copies at most: those with columns to convert, or those whose definition the SQL files change. */
export async function copiedTables({ blue, settings }: Pick<MysqlContext, 'blue' | 'settings'>): Promise<Table[]> {
  const copied = settings.migration.kind === 'sqlFiles' ? changedByFiles(settings.migration) : await converted(blue, databasesOf(settings));
  return (await tablesOf(blue, changedDatabasesOf(settings))).filter(({ schema, name }) => copied.has(tableKey(schema, name)));
}

async function converted(blue: MysqlContext['blue'], databases: readonly string[]): Promise<Set<string>> {
  const columns = (await textColumnsOf(blue, databases)).filter(({ characterSet }) => convertsSafely(characterSet));
  return new Set(columns.map(({ schema, table }) => tableKey(schema, table)));
}

function changedByFiles(migration: Parameters<typeof readSqlFiles>[0]): Set<string> {
  const objects = readSqlFiles(migration).flatMap(({ database, objects: named }) => named.map((object) => ({ database, ...object })));
  return new Set(objects.filter(({ kind }) => kind === 'table').map(({ database, schema, name }) => tableKey(schema ?? database, name)));
}
