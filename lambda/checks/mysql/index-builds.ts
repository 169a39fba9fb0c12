import { readSqlFiles } from '../../migration/sql-files';
import { tablesOf } from '../../mysql/inventory';
import { tableKey } from '../../mysql/names';
import { temporaryStorageGib } from '../../shared/capacity';
import { type Check, FINE } from '../check';
import { changedDatabasesOf, type GreenContext } from './context';

const GIBIBYTE = 1024 ** 3;
const BUILDS_AN_INDEX = /\b(?:ADD|CREATE)\s+(?:(?:UNIQUE|FULLTEXT|SPATIAL)\s+)?(?:INDEX|KEY)\b/i;
/** It writes into the indexes row by row. */
const SORTS_NOTHING = /\bALGORITHM\s*=?\s*COPY\b/i;

/**
 * Indexes that SQL files add are sorted in the local storage of Green's writer, one statement after the other. What a conversion builds at once is planned
 * to fit.
 */
export const indexBuilds: Check<GreenContext> = {
  id: 'index-builds',
  scopes: ['green'],
  unknown: 'warning',
  async run({ green, settings, writer }) {
    const { migration } = settings;
    // a class with disks of its own has more than the table of AWS says, and Serverless is not in it.
    if (migration.kind !== 'sqlFiles' || !writer || !/^db\.(?:[rx]\d\w*(?<!d)|t\d\w*)\./.test(writer.instanceClass)) return FINE;
    const local = temporaryStorageGib(writer);
    const building = readSqlFiles(migration).filter(({ sql }) => BUILDS_AN_INDEX.test(sql) && !SORTS_NOTHING.test(sql));
    if (building.length === 0) return FINE;
    // an index is seldom larger than all the rows.
    const tables = await tablesOf(green, changedDatabasesOf(settings));
    const sizes = new Map(tables.map(({ schema, name, bytes, indexBytes }) => [tableKey(schema, name), (bytes - indexBytes) / GIBIBYTE]));
    return building.flatMap(({ file, line, database, objects: [object] }) => {
      const size = object === undefined ? 0 : sizes.get(tableKey(object.schema ?? database, object.name)) ?? 0;
      return size <= local ? [] : [{
        severity: 'warning' as const,
        message: `${file}:${line} builds an index of ${object?.schema ?? database}.${object?.name}, which has about ${Math.ceil(size)} GiB: sorting it takes as much local storage at most, and an instance of class ${writer.instanceClass} has about ${local} GiB; `
          + `where that is full, the statement fails (error 1878). Give Green's writer a larger class until it is done, or the statement ALGORITHM=COPY, which is slower and sorts nothing`,
      }];
    });
  },
};
