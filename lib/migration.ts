import { Size, Token } from 'aws-cdk-lib';
import { type MigrationSettings, type SqlFilesContent } from './private/contract';
import { readFolder } from './private/sql/sql-files';

/** Below this, inserting into the indexes row by row is over in a second or two. */
const LEAST_INDEX_SIZE = Size.mebibytes(8);

/**
 * What replication does on Green while tables are converted there.
 */
export enum ApplierMode {
  /** It runs; a table's changes wait for its conversion. */
  RUNNING = 'running',

  /** It stands still from the first statement to the last, and catches up afterwards. */
  PAUSED = 'paused',
}

/**
 * What becomes of the other statements of a migration when one fails.
 */
export enum StepFailurePolicy {
  /** Those that run are finished, and nothing new is started; then the execution fails. */
  FINISH_RUNNING = 'finishRunning',

  /** Everything that does not depend on the failed one is done first; then the execution fails with all that has failed. */
  CARRY_ON = 'carryOn',
}

/**
 * What becomes of a session on Green that holds a lock a statement of the migration waits for.
 */
export enum LockHolders {
  /** It is named, in the state's output and in the log, and waited for. */
  WAIT = 'wait',

  /** It is named, and after a minute ended (`mysql.rds_kill`). */
  END = 'end',
}

/**
 * Which databases are converted, and to what.
 */
export interface CharacterSetConversionProps {
  /**
   * The databases (schemas) to convert: every table, the defaults of tables and databases, and the stored routines, triggers and events.
   */
  readonly databases: string[];

  /**
   * Collations that shall not follow the rule "same family": present collation to utf8mb4 collation, such as
   * `{ utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' }`. A stricter collation may turn two different keys into equal ones.
   *
   * @default - every column keeps its family: utf8mb3_general_ci becomes utf8mb4_general_ci, utf8mb3_bin utf8mb4_bin, utf8mb3_unicode_ci utf8mb4_unicode_ci
   */
  readonly collations?: { [collation: string]: string };

  /**
   * Local storage of Green's writer that building indexes may fill at any moment, all workers together.
   *
   * Secondary indexes are dropped while a table is copied, and built by sorting afterwards, where that is safe and their estimated size, twice,
   * fits into this room divided by the workers; otherwise they are kept during the copy, which takes several times longer on large tables.
   * When the room does not suffice after all, the table is copied once more instead. Size.bytes(0) keeps all indexes.
   *
   * @see https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Managing.Performance.html
   * @default - half of what AWS names as the temporary storage of the class of Green's writer; 16 GiB where the class is serverless, burstable or unknown
   */
  readonly indexBuildStorage?: Size;

  /**
   * Whether Green goes on replicating while its tables are converted.
   *
   * Running, the applier waits for each table that is being converted, and meanwhile holds locks on others of the same transaction, which then
   * wait for it. Paused, every conversion has the server to itself, and Blue's binlogs are the only copy of what is written meanwhile:
   * `binlogRetention` has to cover the whole migration and the time to catch up. Whether RDS tolerates a Green that does not replicate for
   * days is not documented, so this is for migrations of hours.
   *
   * @default ApplierMode.RUNNING
   */
  readonly applier?: ApplierMode;
}

/**
 * In which database the statements of SQL files are run, and how.
 */
export interface SqlFilesProps {
  /**
   * The default database (schema) of the statements; it has to exist. `USE` in a file changes it for the statements behind it in that file.
   */
  readonly database: string;

  /**
   * Whether Green goes on replicating while the statements run.
   *
   * Running, the applier waits for each table that is being altered, and meanwhile holds locks on others of the same transaction, which then
   * wait for it. Paused, every statement has the server to itself, and Blue's binlogs are the only copy of what is written meanwhile:
   * `binlogRetention` has to cover the whole migration and the time to catch up.
   *
   * @default ApplierMode.RUNNING
   */
  readonly applier?: ApplierMode;
}

/**
 * What is changed on Green before the switchover.
 */
export class Migration {
  /**
   * Converts every text column of the databases to utf8mb4, column by column: each keeps its collation's family, its type, default and
   * comment. Only utf8mb3 and ascii columns convert truly while replication runs; preflight refuses others.
   *
   * @param props databases and collations.
   */
  public static convertCharacterSet(props: CharacterSetConversionProps): Migration {
    const { databases, collations = {}, indexBuildStorage, applier = ApplierMode.RUNNING } = props;
    if (databases.length === 0) throw new Error(`'databases' should name at least one database, got none; use Migration.none() to change nothing`);
    if (Token.isUnresolved(databases)) throw new Error(`'databases' should be known at synthesis, got a token for the whole list; write the names one by one (a single name may be a token)`);
    for (const database of databases) checkDatabase('databases', database);
    const repeated = databases.find((database, index) => databases.indexOf(database) !== index);
    if (repeated !== undefined) throw new Error(`'databases' should name each database once, got '${repeated}' twice`);
    for (const [from, to] of Object.entries(collations)) {
      if (!Token.isUnresolved(to) && !/^utf8mb4_\w+$/.test(to)) throw new Error(`'collations' should lead to collations of utf8mb4 (utf8mb4_…), got '${to}' for '${from}'`);
    }
    const deferredIndexes = { leastBytes: LEAST_INDEX_SIZE.toBytes(), ...indexBuildStorage === undefined ? {} : { roomBytes: indexBuildStorage.toBytes() } };
    return new Migration({ kind: 'convertCharacterSet', databases: [...databases], collations, deferredIndexes, applier });
  }

  /**
   * Runs your own SQL on Green: every statement of the files `*.sql` of a folder, file by file in the natural order of their names (`2.sql` before
   * `10.sql`), one after the other. They are read, split and checked at synthesis, as the `mysql` client would (DELIMITER, comments, quotes),
   * and travel with the functions.
   *
   * A statement is never run twice: a change of a definition is recognised by what it has changed, a change of data is one transaction with its
   * entry in the ledger. What neither holds for (a CALL that was interrupted) asks the operator. Refused
   * are transactions, locks, accounts, changes of the server and of replication, and what belongs to the server's own databases.
   *
   * @param directory the folder, relative to where the app is run; folders in it are not looked into.
   * @param props the database, and how the statements are run.
   */
  public static sqlFiles(directory: string, props: SqlFilesProps): Migration {
    const { database, applier = ApplierMode.RUNNING } = props;
    checkDatabase('database', database);
    const content = readFolder(directory);
    const named = content.statements.flatMap((statement) => [statement.database, ...statement.objects.map(({ schema }) => schema ?? undefined)])
      .filter((schema) => schema !== undefined);
    const others = [...new Set(named)].filter((schema) => schema !== database).sort();
    return new Migration({ kind: 'sqlFiles', database, others, fingerprint: content.fingerprint, applier }, content);
  }

  /**
   * Changes no schema: for an upgrade of the engine version only.
   */
  public static none(): Migration {
    return new Migration({ kind: 'none' });
  }

  private constructor(
    /** @internal */
    public readonly _settings: MigrationSettings,
    /** @internal */
    public readonly _sqlFiles?: SqlFilesContent,
  ) {}
}

function checkDatabase(property: string, database: string): void {
  if (Token.isUnresolved(database)) return;
  if (database === '' || database.length > 64) throw new Error(`'${property}' should hold names of 1 to 64 characters, got '${database}'`);
  if (['mysql', 'information_schema', 'performance_schema', 'sys', 'blue_green_pipeline'].includes(database.toLowerCase())) {
    throw new Error(`'${property}' should hold your own databases, got '${database}', which belongs to the server or to the pipeline`);
  }
}
