import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import { runChecks } from '../../../../lambda/checks/check';
import { binlogRetention } from '../../../../lambda/checks/mysql/binlog-retention';
import { binlogRunning } from '../../../../lambda/checks/mysql/binlog-running';
import { blueIsNoReplica } from '../../../../lambda/checks/mysql/blue-is-no-replica';
import { cascadingForeignKeys } from '../../../../lambda/checks/mysql/cascading-foreign-keys';
import { characterSets } from '../../../../lambda/checks/mysql/character-sets';
import { clientsWithoutTls } from '../../../../lambda/checks/mysql/clients-without-tls';
import { clusterVolume } from '../../../../lambda/checks/mysql/cluster-volume';
import { comparableTables } from '../../../../lambda/checks/mysql/comparable-tables';
import { comparisonComplete } from '../../../../lambda/checks/mysql/comparison-complete';
import { type MysqlContext } from '../../../../lambda/checks/mysql/context';
import { databasePrivileges } from '../../../../lambda/checks/mysql/database-privileges';
import { databaseTmp } from '../../../../lambda/checks/mysql/database-tmp';
import { databasesExist } from '../../../../lambda/checks/mysql/databases-exist';
import { definers } from '../../../../lambda/checks/mysql/definers';
import { eventScheduler } from '../../../../lambda/checks/mysql/event-scheduler';
import { foreignKeysToOtherDatabases } from '../../../../lambda/checks/mysql/foreign-keys-to-other-databases';
import { indexBuilds } from '../../../../lambda/checks/mysql/index-builds';
import { keyLengths } from '../../../../lambda/checks/mysql/key-lengths';
import { metadataLocks } from '../../../../lambda/checks/mysql/metadata-locks';
import { noUnfinishedRun } from '../../../../lambda/checks/mysql/no-unfinished-run';
import { onlineSchemaChange } from '../../../../lambda/checks/mysql/online-schema-change';
import { primaryKeys } from '../../../../lambda/checks/mysql/primary-keys';
import { privileges } from '../../../../lambda/checks/mysql/privileges';
import { rowLengths } from '../../../../lambda/checks/mysql/row-lengths';
import { runningDdl } from '../../../../lambda/checks/mysql/running-ddl';
import { somethingToDo } from '../../../../lambda/checks/mysql/something-to-do';
import { storageEngines } from '../../../../lambda/checks/mysql/storage-engines';
import { triggers } from '../../../../lambda/checks/mysql/triggers';
import { xaTransactions } from '../../../../lambda/checks/mysql/xa-transactions';
import { Session } from '../../../../lambda/mysql/session';
import { type Situation } from '../../../../lambda/shared/state';
import { type PipelineSettings, STATEMENTS_FILE } from '../../../../lib/private/contract';
import { readFolder } from '../../../../lib/private/sql/sql-files';
import { createApplicationUser, unlogged } from '../../../../rehearsal/mysql';
import { eventually } from '../../../rehearsal/mysql/eventually';
import { openPair, type Pair } from '../../helpers/pair';
import { converting } from '../../migration/migrate';
import { settingsOf } from '../../shared/event';

const ODD = 'o`dd "Name" あ\'s';
const ODD_QUOTED = '`o``dd "Name" あ\'s`';

const CHECKS = [
  privileges, databasePrivileges, databasesExist, binlogRunning, blueIsNoReplica, binlogRetention, clusterVolume, characterSets, storageEngines, primaryKeys,
  keyLengths, rowLengths, cascadingForeignKeys, databaseTmp, noUnfinishedRun, somethingToDo, comparableTables, foreignKeysToOtherDatabases, triggers, definers,
  eventScheduler, onlineSchemaChange, runningDdl, metadataLocks, xaTransactions, clientsWithoutTls,
];

let pair: Pair;

beforeAll(async () => { pair = await openPair({ green: { binlog_format: 'OFF', log_replica_updates: 'OFF' } }); });
beforeEach(() => pair.run('blue', 'CREATE DATABASE shop CHARACTER SET utf8mb3'));

afterEach(() => pair.run('blue', 'DROP DATABASE IF EXISTS shop', `DROP DATABASE IF EXISTS ${ODD_QUOTED}`, 'DROP DATABASE IF EXISTS tmp'));
afterAll(() => pair?.close());

const situation: Situation = {
  phase: 'none', deployment: null, target: null,
  source: { identifier: 'shop-cluster', engineVersion: '8.0.mysql_aurora.3.04.4' } as Situation['source'],
};

/** Makes things in the database shop, or in another one. */
async function make(...statements: readonly string[]): Promise<void> {
  await pair.run('blue', 'USE shop', ...statements);
}

type BlueCheck = typeof characterSets;

/** What a check finds, `severity: message`. */
function found(
  check: BlueCheck,
  { settings = converting(['shop']), on = 'blue', credentials, deployment = null }: {
    settings?: PipelineSettings; on?: 'blue' | 'green'; credentials?: { user: string; password: string }; deployment?: Situation['deployment'];
  } = {},
): Promise<string[]> {
  return withSession(on, credentials, async (blue) => (await check.run({ settings, situation: { ...situation, deployment }, blue } satisfies MysqlContext)).map(({ severity, message }) => `${severity}: ${message}`));
}

async function withSession<Result>(on: 'blue' | 'green', credentials: { user: string; password: string } | undefined, use: (session: Session) => Promise<Result>): Promise<Result> {
  const session = await Session.open(pair.server(on), credentials === undefined ? {} : { credentials });
  return use(session).finally(() => session.close());
}

test('nothing is found on a server that is as it should be', async () => {
  await pair.run('blue', `CALL mysql.rds_set_configuration('binlog retention hours', 72)`, `CREATE DATABASE ${ODD_QUOTED}`);
  await make(
    'CREATE TABLE parents (id INT PRIMARY KEY, name VARCHAR(20), code VARCHAR(9) CHARACTER SET ascii, other VARCHAR(9) CHARACTER SET utf8mb4, raw VARBINARY(9))',
    'CREATE TABLE children (id INT, parent INT, UNIQUE (id), FOREIGN KEY (parent) REFERENCES parents (id))', 'CREATE VIEW v AS SELECT * FROM parents',
  );
  const settings = converting(['shop', ODD]);
  const findings = await withSession('blue', undefined, (blue) => runChecks(CHECKS, 'preflight', { settings, situation, blue }));
  await pair.run('blue', `CALL mysql.rds_set_configuration('binlog retention hours', NULL)`);
  expect(findings).toEqual([]);
});

test('nothing is asked of databases where nothing is migrated', async () => {
  await make('CREATE TABLE keyless (v VARCHAR(9) CHARACTER SET latin1) ENGINE = MyISAM');
  const settings = settingsOf({ migration: { kind: 'none' } });
  const checks = [characterSets, cascadingForeignKeys, databasesExist, somethingToDo, foreignKeysToOtherDatabases, definers];
  for (const check of checks) expect(await found(check, { settings })).toEqual([]);
});

describe('binlog-retention', () => {
  test('notes what is changed, and back to what', async () => {
    expect(await found(binlogRetention)).toEqual([
      `note: 'binlog retention hours' of Blue is NULL; the pipeline sets it to 72 as soon as Green is being created, and back to NULL at the end`,
    ]);
    await pair.run('blue', `CALL mysql.rds_set_configuration('binlog retention hours', 24)`);
    const notes = await found(binlogRetention);
    await pair.run('blue', `CALL mysql.rds_set_configuration('binlog retention hours', NULL)`);
    expect(notes).toEqual([expect.stringMatching(/^note: .* of Blue is 24; .* sets it to 72 .* back to 24 at the end$/)]);
  });

  test('warns where the migration may take longer than binlogs are kept', async () => {
    await make('CREATE TABLE large (id INT PRIMARY KEY, v VARCHAR(9))', 'CREATE TABLE other (id INT PRIMARY KEY, v VARBINARY(9))');
    await statistics(90 * 1024 ** 3);
    expect(await found(binlogRetention, { settings: { ...converting(['shop']), binlogRetentionHours: 6 } })).toContainEqual(expect.stringMatching(
      /^warning: binlogRetention is 6 hours, and converting about 90 GiB with 2 workers and catching up afterwards may take 7 by a cautious estimate \(4 MiB\/s a worker\): .* \(at most 2160 hours\)/,
    ));
    expect(await found(binlogRetention, { settings: { ...converting(['shop']), binlogRetentionHours: 7 } })).toEqual([expect.stringMatching(/^note: /)]);
  });

  test('reckons with the least workers where nobody has chosen how many', async () => {
    await make('CREATE TABLE large (id INT PRIMARY KEY, v VARCHAR(9))');
    await statistics(90 * 1024 ** 3);
    const settings = JSON.parse(JSON.stringify({ ...converting(['shop']), binlogRetentionHours: 6, workers: undefined })) as PipelineSettings;
    expect(await found(binlogRetention, { settings })).toContainEqual(expect.stringMatching(/^warning: .* with 2 workers and catching up/));
  });

  test('reckons with what SQL files change, one statement after the other', async () => {
    await make('CREATE TABLE large (id INT PRIMARY KEY)', 'CREATE TABLE other (id INT PRIMARY KEY)');
    await statistics(90 * 1024 ** 3);
    const changing = (table: string) => withFiles(`UPDATE ${table} SET id = 1 WHERE id = 1;\nALTER TABLE ${table} ADD COLUMN v INT;`, (settings) => found(binlogRetention, { settings: { ...settings, binlogRetentionHours: 12 } }));
    expect(await changing('large')).toContainEqual(expect.stringMatching(/^warning: binlogRetention is 12 hours, and changing at most 90 GiB with 1 worker and catching up afterwards may take 13 by .*\(at most 2160 hours\)$/));
    expect(await changing('other')).toEqual([expect.stringMatching(/^note: /)]);
  });

  test('refuses more than Aurora keeps', async () => {
    expect(await found(binlogRetention, { settings: settingsOf({ binlogRetentionHours: 2161 }) })).toContainEqual(
      expect.stringMatching(/^blocker: binlogRetention is 2161 hours, and Aurora MySQL keeps binlogs for at most 2160/),
    );
    expect(await found(binlogRetention, { settings: settingsOf({ binlogRetentionHours: 2160 }) })).toEqual([expect.stringMatching(/^note: /)]);
  });
});

/** Settings with a file of SQL, which lies where a function finds it. */
async function withFiles<Result>(sql: string, use: (settings: PipelineSettings) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sql-files-'));
  try {
    writeFileSync(path.join(folder, '1.sql'), sql);
    const content = readFolder(folder);
    writeFileSync(path.join(folder, STATEMENTS_FILE), JSON.stringify(content));
    process.env.LAMBDA_TASK_ROOT = folder;
    return await use(settingsOf({ migration: { kind: 'sqlFiles', database: 'shop', others: [], fingerprint: content.fingerprint, applier: 'running' } }));
  } finally {
    delete process.env.LAMBDA_TASK_ROOT;
    rmSync(folder, { recursive: true });
  }
}

describe('cluster-volume', () => {
  const TIB = 1024 ** 4;

  test('refuses a table whose copy cannot fit, and says which version holds more', async () => {
    await make('CREATE TABLE large (id INT PRIMARY KEY, v VARCHAR(9))');
    await statistics(70 * TIB);
    expect(await found(clusterVolume)).toEqual([
      expect.stringMatching(/^blocker: the tables of Blue have about 70\.0 TiB, and the copy of the largest one that is changed another 70\.0 TiB: a cluster volume of Green's version holds at most 128 TiB, .*\(error 1114\).*version 3\.10 or newer, which holds 256 TiB/),
      expect.stringMatching(/^note: about 70\.0 TiB are copied on Green/),
    ]);
    for (const targetEngineVersion of ['8.0.mysql_aurora.3.10.1', '8.4.mysql_aurora.8.4.7']) {
      expect(await found(clusterVolume, { settings: { ...converting(['shop']), targetEngineVersion } })).toEqual([expect.stringMatching(/^note: /)]);
    }
  });

  test('warns where all copies together would not fit, of those tables alone that are changed', async () => {
    await make('CREATE TABLE large (id INT PRIMARY KEY, v VARCHAR(9))', 'CREATE TABLE second (id INT PRIMARY KEY, v VARCHAR(9))');
    for (const table of ['large', 'second']) await statistics(40 * TIB, 1000, table);
    expect(await found(clusterVolume)).toEqual([expect.stringMatching(/^warning: the tables of Blue have about 80\.0 TiB, and the copies of those that are changed another 80\.0 TiB, if/), expect.anything()]);
    await withFiles('ALTER TABLE second ADD COLUMN w INT;', async (settings) => {
      expect(await found(clusterVolume, { settings })).toEqual([expect.stringMatching(/^note: about 40\.0 TiB are copied/)]);
    });
    expect(await found(clusterVolume, { settings: settingsOf({ migration: { kind: 'none' } }) })).toEqual([]);
  });
});

test('index-builds warns of indexes in SQL files that the writer of Green may not be able to sort', async () => {
  await make('CREATE TABLE large (id INT PRIMARY KEY, v INT)', 'CREATE TABLE other (id INT PRIMARY KEY, v INT)');
  await statistics(100 * 1024 ** 3);
  const writer = (instanceClass: string) => ({ instanceClass, maxCapacityUnits: null });
  const building = (sql: string, instanceClass = 'db.r6g.xlarge') => withFiles(sql, (settings) => withSession('blue', undefined, async (green) => (
    (await indexBuilds.run({ settings, situation, blue: green, green, writer: writer(instanceClass) })).map(({ severity, message }) => `${severity}: ${message}`)
  )));
  const expected = [expect.stringMatching(/^warning: 1\.sql:1 builds an index of shop\.large, which has about 100 GiB: .*class db\.r6g\.xlarge has about 80 GiB.*\(error 1878\)/)];
  for (const sql of ['ALTER TABLE large ADD INDEX (v);', 'CREATE UNIQUE INDEX i ON large (v);']) expect(await building(sql)).toEqual(expected);
  for (const sql of ['ALTER TABLE large ADD INDEX (v), ALGORITHM=COPY;', 'ALTER TABLE other ADD INDEX (v);', 'ALTER TABLE large ADD COLUMN w INT;']) expect(await building(sql)).toEqual([]);
  for (const instanceClass of ['db.r6g.2xlarge', 'db.serverless', 'db.r6gd.xlarge']) expect(await building('ALTER TABLE large ADD INDEX (v);', instanceClass)).toEqual([]);
});

describe('binlog-running', () => {
  test('refuses a server that writes no binlog', async () => {
    expect(await found(binlogRunning, { on: 'green' })).toEqual([
      expect.stringMatching(/^blocker: the running server of 'shop-cluster' writes no binlog \(log_bin is OFF; .*: set binlog_format to ROW in the cluster parameter group .* and reboot the writer$/),
    ]);
  });

  test.each([
    ['binlog_format', 'MIXED', /^warning: binlog_format of 'shop-cluster' is MIXED: .*ROW is the safe choice; with MIXED, do not skip the data comparison$/],
    ['binlog_format', 'STATEMENT', /^warning: binlog_format of 'shop-cluster' is STATEMENT/],
    ['binlog_row_image', 'MINIMAL', /^blocker: binlog_row_image of 'shop-cluster' is MINIMAL: .*Set it to FULL$/],
    ['binlog_row_image', 'NOBLOB', /^blocker: binlog_row_image of 'shop-cluster' is NOBLOB/],
  ])('tells of %s = %s', async (variable, value, expected) => {
    await pair.run('blue', `SET GLOBAL ${variable} = '${value}'`);
    const messages = await found(binlogRunning).finally(() => pair.run('blue', `SET GLOBAL ${variable} = DEFAULT`, `SET GLOBAL binlog_format = 'ROW'`));
    expect(messages).toEqual([expect.stringMatching(expected)]);
  });
});

test('blue-is-no-replica refuses a Blue that follows another server, whether replication runs or not', async () => {
  const expected = (state: string) => [
    expect.stringMatching(new RegExp(`^blocker: 'shop-cluster' is itself a binlog replica \\(source ${pair.blue.serverUuid}, I/O thread ${state}, SQL thread ${state}\\), .*: stop and reset that replication \\(.*mysql\\.rds_reset_external_source\\) first$`)),
  ];
  await pair.caughtUp();
  expect(await found(blueIsNoReplica, { on: 'green' })).toEqual(expected('Yes'));
  await pair.run('green', 'STOP REPLICA');
  const messages = await found(blueIsNoReplica, { on: 'green' }).finally(() => pair.run('green', 'START REPLICA'));
  expect(messages).toEqual(expected('No'));
});

describe('databases-exist', () => {
  test('names what is missing, and what is there instead', async () => {
    await pair.run('blue', `CREATE DATABASE ${ODD_QUOTED}`);
    expect(await found(databasesExist, { settings: converting(['shop', 'Shop', ODD, 'mysql']) })).toEqual([
      `blocker: database 'Shop' does not exist on 'shop-cluster' (or our user may not see it), so there is nothing to change: correct 'databases' of the Migration; the cluster has '${ODD}', 'shop'`,
      expect.stringContaining(`database 'mysql' does not exist on`),
    ]);
    const migration = { kind: 'sqlFiles', database: 'Shop', others: ['new'], fingerprint: 'f', applier: 'running' } as const;
    expect(await found(databasesExist, { settings: settingsOf({ migration }) })).toEqual([expect.stringMatching(/^blocker: database 'Shop' does not exist .*correct 'database' of the Migration/)]);
  });

  test('says so where the user sees nothing at all', async () => {
    await createApplicationUser(pair.blue, 'blind', 'Password, 1');
    expect(await found(databasesExist, { credentials: { user: 'blind', password: 'Password, 1' } })).toEqual([expect.stringMatching(/^blocker: database 'shop' does not exist .*; the cluster has none$/)]);
  });
});

describe('database-tmp', () => {
  test('warns of a database that RDS does not copy', async () => {
    expect(await found(databaseTmp)).toEqual([]);
    await pair.run('blue', 'CREATE DATABASE tmp');
    expect(await found(databaseTmp)).toEqual([expect.stringMatching(/^warning: Blue has a database called 'tmp', which RDS does not copy to Green\. It has no tables; /)]);
  });

  test('refuses one with tables, names some of them, and says what to do', async () => {
    await pair.run('blue', 'CREATE DATABASE tmp', 'USE tmp', ...Array.from({ length: 7 }, (_, index) => `CREATE TABLE t${index} (id INT PRIMARY KEY)`));
    expect(await found(databaseTmp)).toEqual([expect.stringMatching(/^blocker: Blue has a database called 'tmp' with 7 tables \(t0, t1, t2, t3, t4, … and 2 more\), which RDS does not copy .* Move them into another database, or drop them$/)]);
  });
});

describe('character-sets', () => {
  test('refuses columns whose bytes mean something else in utf8mb4, one finding per character set', async () => {
    await pair.run('blue', `CREATE DATABASE ${ODD_QUOTED}`, `CREATE TABLE ${ODD_QUOTED}.${ODD_QUOTED} (${ODD_QUOTED} TEXT CHARACTER SET sjis)`);
    await make('CREATE TABLE Orders (a VARCHAR(9) CHARACTER SET latin1, B ENUM(\'x\') CHARACTER SET latin1, c CHAR(1) CHARACTER SET utf8mb3)', 'CREATE VIEW v AS SELECT a FROM Orders');
    expect(await found(characterSets, { settings: converting(['shop', ODD]) })).toEqual([
      expect.stringContaining(`column ${ODD}.${ODD}.${ODD} is sjis: `),
      expect.stringMatching(/^blocker: columns shop\.Orders\.a, shop\.Orders\.B are latin1: .*stored wrong without any error.* Convert them on Blue first \(ALTER TABLE … MODIFY … CHARACTER SET utf8mb3\), or leave this database out$/),
    ]);
  });

  test('counts what it does not list', async () => {
    await make(`CREATE TABLE wide (${Array.from({ length: 300 }, (_, index) => `c${index} VARCHAR(9) CHARACTER SET latin1`).join(', ')})`);
    const [message = '', ...others] = await found(characterSets);
    expect(message).toMatch(/^blocker: shop\.wide\.c0, .*shop\.wide\.c7 and 292 more columns are latin1: /);
    expect(others).toEqual([]);
  });

  test('refuses defaults of such character sets, though no column has them', async () => {
    await pair.run('blue', `CREATE DATABASE ${ODD_QUOTED} CHARACTER SET latin1`);
    await make(`CREATE TABLE ${ODD_QUOTED} (v VARCHAR(9) CHARACTER SET utf8mb3) DEFAULT CHARACTER SET sjis`, 'CREATE TABLE plain (v VARCHAR(9)) DEFAULT CHARACTER SET ascii');
    expect(await found(characterSets, { settings: converting(['shop', ODD]) })).toEqual([
      expect.stringContaining(`blocker: database ${ODD} (latin1), table shop.${ODD} (sjis): the default character set is none that converts truly`),
    ]);
    expect(await found(characterSets)).toEqual([expect.stringMatching(/Change the default on Blue, .*\(ALTER DATABASE … CHARACTER SET utf8mb3; ALTER TABLE … DEFAULT CHARACTER SET utf8mb3\)$/)]);
  });

  test('refuses a collation without a counterpart, until one is named', async () => {
    await make('CREATE TABLE t (a VARCHAR(9) COLLATE utf8mb3_general_mysql500_ci, b VARCHAR(9) COLLATE utf8mb3_bin)');
    expect(await found(characterSets)).toEqual([
      `blocker: column shop.t.a has collation utf8mb3_general_mysql500_ci, of which utf8mb4 has no counterpart named 'utf8mb4_general_mysql500_ci': name one in 'collations' of the Migration, e.g. `
      + `{ 'utf8mb3_general_mysql500_ci': 'utf8mb4_general_ci' }`,
    ]);
    expect(await found(characterSets, { settings: converting(['shop'], { utf8mb3_general_mysql500_ci: 'utf8mb4_general_ci' }) })).toEqual([]);
    expect(await found(characterSets, { settings: converting(['shop'], { utf8mb3_general_mysql500_ci: 'utf8mb4_nonsense' }) })).toEqual([expect.stringContaining(`no counterpart named 'utf8mb4_nonsense'`)]);
  });
});

describe('character-sets, of a collation that Blue does not know', () => {
  const chosen = { settings: converting(['shop'], { utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' }) };

  /** What is found on a Blue before 8.0. */
  const foundOn57 = (settings: PipelineSettings, green?: Session) => withSession('blue', undefined, async (blue) => {
    const rows = blue.rows.bind(blue);
    jest.spyOn(blue, 'rows').mockImplementation(async (sql, values) => {
      const all = await rows<{ name?: string }>(sql, values);
      return (sql.includes('information_schema.COLLATIONS') ? all.filter(({ name }) => name?.includes('0900') !== true) : all) as never;
    });
    return (await characterSets.run({ settings, situation, blue, ...green && { green } })).map(({ message }) => message);
  });

  test('accepts one of 8.0 for a Blue before 8.0, and asks Green once it is there', async () => {
    await make('CREATE TABLE t (a VARCHAR(9) COLLATE utf8mb3_general_ci)');
    expect(await found(characterSets, chosen)).toEqual([]);
    expect(await foundOn57(chosen.settings)).toEqual([]);
    expect(await foundOn57(converting(['shop'], { utf8mb3_general_ci: 'utf8mb4_general_c' }))).toEqual([expect.stringContaining(`no counterpart named 'utf8mb4_general_c'`)]);
    await withSession('green', undefined, async (green) => {
      expect(await foundOn57(chosen.settings, green)).toEqual([]);
      expect(await foundOn57(converting(['shop'], { utf8mb3_general_ci: 'utf8mb4_0900_nonsense' }), green)).toEqual([expect.stringContaining(`no counterpart named 'utf8mb4_0900_nonsense'`)]);
    });
  });
});

const DEPLOYMENT = { identifier: 'bgd-1', name: 'shop-utf8mb4', status: 'AVAILABLE' } as const;

/** Makes the optimiser believe that a table is so large, and has so many rows. */
async function statistics(bytes: number, rows = 1000, table = 'large'): Promise<void> {
  await pair.run(
    'blue', 'SET GLOBAL information_schema_stats_expiry = 0',
    `UPDATE mysql.innodb_table_stats SET n_rows = ${rows}, clustered_index_size = ${Math.round(bytes / 16_384)} WHERE database_name = 'shop' AND table_name = '${table}'`, `FLUSH TABLE shop.${table}`,
  );
}

describe('comparable-tables', () => {
  const GIB = 1024 ** 3;

  test('refuses a table that could never be read at once, and warns of one that must be at rest for it', async () => {
    await make('CREATE TABLE large (v VARCHAR(9), KEY (v)) STATS_PERSISTENT = 1');
    await statistics(5 * GIB, 9_000_000);
    expect(await found(comparableTables)).toEqual([expect.stringMatching(
      /^blocker: table shop\.large \(about 9000000 rows, 5120 MiB\) has no key along which it could be compared in pieces .* too large to be read at once within 4 minutes: .*Add such a key on Blue, or keep the collation of its text key$/,
    )]);
    await statistics(GIB, 300_000);
    expect(await found(comparableTables)).toEqual([expect.stringMatching(/^warning: table shop\.large \(about 300000 rows, .*refused if it is never at rest meanwhile\. Add such a key on Blue, or stop writing to it while Compare Data runs$/)]);
    await statistics(GIB, 1000);
    expect(await found(comparableTables)).toEqual([]);
  });

  test('knows which keys will do, also once the table is converted', async () => {
    await make('CREATE TABLE large (v VARCHAR(9) COLLATE utf8mb3_general_ci PRIMARY KEY, w INT)');
    await statistics(5 * GIB);
    expect(await found(comparableTables)).toEqual([]);
    expect(await found(comparableTables, { settings: converting(['shop'], { utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' }) })).toEqual([expect.stringMatching(/^blocker: table shop\.large /)]);
    await make('ALTER TABLE large ADD UNIQUE KEY (w)');
    expect(await found(comparableTables, { settings: converting(['shop'], { utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' }) })).toEqual([expect.stringMatching(/^blocker: /)]);
    await make('ALTER TABLE large MODIFY w INT NOT NULL');
    await statistics(5 * GIB);
    expect(await found(comparableTables, { settings: converting(['shop'], { utf8mb3_general_ci: 'utf8mb4_0900_ai_ci' }) })).toEqual([]);
  });
});

test('comparison-complete says what is not compared', async () => {
  const told = (comparison: PipelineSettings['comparison']) => found(comparisonComplete, { settings: settingsOf({ ...comparison === undefined ? {} : { comparison } }) });
  expect([await told(undefined), await told({ kind: 'full' })]).toEqual([[], []]);
  expect(await told({ kind: 'off' })).toEqual([expect.stringMatching(/^warning: the data of Blue and Green are not compared/)]);
  expect(await told({ kind: 'sample', share: 0.25, seed: 'x' })).toEqual([expect.stringMatching(/^note: only a sample of about 25 % of each table is compared \(.*seed 'x'\)/)]);
});

test('foreign-keys-to-other-databases refuses a key on text between a database that is converted and another', async () => {
  await make('CREATE TABLE parents (code CHAR(8) PRIMARY KEY, id INT NOT NULL UNIQUE)');
  await pair.run(
    'blue', `CREATE DATABASE ${ODD_QUOTED} CHARACTER SET utf8mb3`, `USE ${ODD_QUOTED}`, 'CREATE TABLE numbers (id INT, FOREIGN KEY (id) REFERENCES shop.parents (id))',
    'CREATE TABLE children (code CHAR(8), CONSTRAINT belongs FOREIGN KEY (code) REFERENCES shop.parents (code))',
  );
  const messages = [await found(foreignKeysToOtherDatabases), await found(foreignKeysToOtherDatabases, { settings: converting(['shop', ODD]) })];
  // why: the server takes the conversion of one side only without its checks, and then finds no key any more.
  await expect(make('ALTER TABLE parents MODIFY code CHAR(8) CHARACTER SET utf8mb4')).rejects.toMatchObject({ errno: 3780 });
  await pair.run('blue', `DROP DATABASE ${ODD_QUOTED}`);
  expect(messages).toEqual([
    [expect.stringContaining(`blocker: 1 foreign key connects a text column of a database that is converted with one that is not (${ODD}.children.belongs)`)], [],
  ]);
});

test('triggers warns of triggers that would run again on Green', async () => {
  await make('CREATE TABLE t (id INT PRIMARY KEY)', 'CREATE TRIGGER counted BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 1');
  expect(await found(triggers)).toEqual([]);
  await pair.run('blue', `SET GLOBAL binlog_format = 'MIXED'`);
  const messages = await found(triggers).finally(() => pair.run('blue', `SET GLOBAL binlog_format = 'ROW'`));
  expect(messages).toEqual([expect.stringMatching(/^warning: binlog_format of Blue is MIXED, and there are triggers \(shop\.counted\): .*: set binlog_format to ROW$/)]);
});

describe('definers', () => {
  afterEach(() => unlogged(pair.blue, (connection) => connection.query('DROP USER IF EXISTS system_one, mortal')));

  test('refuses programs of a definer whom only SYSTEM_USER may define for', async () => {
    await createApplicationUser(pair.blue, 'system_one', 'Password, 1', ['SYSTEM_USER ON *.*']);
    await createApplicationUser(pair.blue, 'mortal', 'Password, 1');
    await make(`CREATE DEFINER = mortal@'%' PROCEDURE plain () SELECT 1`);
    expect(await found(definers)).toEqual([]);
    await make(`CREATE DEFINER = system_one@'%' PROCEDURE special () SELECT 1`);
    expect(await found(definers)).toEqual([expect.stringMatching(/^blocker: programs of system_one@% have to be created again .*SYSTEM_USER, which our user lacks \(error 1227\).*give the programs another definer on Blue/)]);
    // why: MySQL refuses it.
    const create = withSession('blue', undefined, (blue) => blue.run(`CREATE DEFINER = system_one@'%' PROCEDURE shop.another () SELECT 1`));
    await expect(create).rejects.toMatchObject({ errno: 1227 });
    expect(await found(definers, { settings: settingsOf({ migration: { kind: 'none' } }) })).toEqual([]);
  });

  test('refuses definers who do not exist any more, without the privilege for them', async () => {
    await make(`CREATE DEFINER = gone@'%' FUNCTION orphan () RETURNS INT DETERMINISTIC RETURN 1`);
    expect(await found(definers)).toEqual([]);
    const credentials = { user: 'mortal', password: 'Password, 1' };
    await createApplicationUser(pair.blue, credentials.user, credentials.password, ['SELECT, SHOW_ROUTINE, SET_ANY_DEFINER ON *.*']);
    expect(await found(definers, { credentials })).toEqual([expect.stringMatching(/^blocker: programs are defined by accounts that do not exist \(gone@%\), and our user lacks ALLOW_NONEXISTENT_DEFINER/)]);
  });
});

test('event-scheduler notes what becomes of events', async () => {
  expect(await found(eventScheduler)).toEqual([]);
  await make('CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS CURRENT_TIMESTAMP + INTERVAL 1 DAY DO SELECT 1', 'CREATE EVENT off ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1');
  expect(await found(eventScheduler)).toEqual([expect.stringMatching(/^note: event_scheduler of Blue is ON, with 1 enabled event: they stay off on Green, and run again when Restore Production has enabled them/)]);
  await pair.run('blue', 'SET GLOBAL event_scheduler = OFF');
  const messages = await found(eventScheduler).finally(() => pair.run('blue', 'SET GLOBAL event_scheduler = ON'));
  expect(messages).toEqual(['note: event_scheduler of Blue is OFF, with 1 enabled event, which do not run: after the switchover it is OFF again']);
});

describe('online-schema-change', () => {
  test.each([
    ['gh-ost', 'CREATE TABLE _orders_gho (id INT PRIMARY KEY)', 'shop._orders_gho'],
    ['the log of gh-ost', 'CREATE TABLE _orders_ghc (id INT PRIMARY KEY)', 'shop._orders_ghc'],
    ['pt-online-schema-change', 'CREATE TABLE _orders_new (id INT PRIMARY KEY)', 'shop._orders_new'],
    ['a second one', 'CREATE TABLE __orders_new (id INT PRIMARY KEY)', 'shop.__orders_new'],
    ['its triggers', 'CREATE TRIGGER pt_osc_shop_orders_del AFTER DELETE ON orders FOR EACH ROW SET @gone = OLD.id', 'shop.pt_osc_shop_orders_del'],
  ])('refuses %s at work', async (_, statement, name) => {
    await make('CREATE TABLE orders (id INT PRIMARY KEY)', statement);
    expect(await found(onlineSchemaChange)).toEqual([expect.stringMatching(new RegExp(`^blocker: gh-ost or pt-online-schema-change is at work on Blue, or was broken off \\(${name}\\): `))]);
  });

  test('has nothing against tables that only sound like it', async () => {
    await make('CREATE TABLE _new (id INT)', 'CREATE TABLE what_is_new (id INT)', 'CREATE TABLE _others_new (id INT)', 'CREATE TABLE _orders_old (id INT)', 'CREATE TABLE orders (id INT)');
    expect(await found(onlineSchemaChange)).toEqual([]);
  });
});

describe('what somebody else does on Blue', () => {
  /** Holds a table in one session while another waits for it with this statement. */
  async function whileWaiting<Result>(statement: string, look: (holder: number, waiter: number) => Promise<Result>, how: 'query' | 'execute' = 'query'): Promise<Result> {
    await make('CREATE TABLE held (id INT PRIMARY KEY)');
    const [holder, waiter] = [await pair.blue.connect(), await pair.blue.connect()];
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT * FROM shop.held');
      const waiting = (how === 'query' ? waiter.query(statement) : waiter.execute(statement)).catch(() => undefined);
      await eventually('it waits', async () => (await pair.run('blue', `SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${waiter.threadId} AND STATE LIKE 'Waiting for % metadata lock'`)).length === 1);
      const result = await look(holder.threadId ?? 0, waiter.threadId ?? 0);
      await holder.query('COMMIT');
      await waiting;
      return result;
    } finally {
      await Promise.all([holder.end(), waiter.end()]);
    }
  }

  test('running-ddl warns of DDL before Green is made, and refuses it before the switchover', async () => {
    await whileWaiting('/* deploy 7 */ ALTER TABLE shop.held ADD COLUMN secret INT DEFAULT 4711', async (_, waiter) => {
      expect(await found(runningDdl)).toEqual([expect.stringMatching(new RegExp(`^warning: session ${waiter} of user 'root' has been running DDL on Blue for \\d+ s \\(ALTER TABLE shop\\.held\\): let it finish before Green is made$`))]);
      expect(await found(runningDdl, { deployment: DEPLOYMENT })).toEqual([expect.stringMatching(new RegExp(`^blocker: .* \\(CALL mysql\\.rds_kill_query\\(${waiter}\\)\\)$`))]);
    });
    expect(await found(runningDdl, { deployment: DEPLOYMENT })).toEqual([]);
  });

  test.each([
    '-- deploy 7\n# of today\nALTER TABLE shop.held ADD COLUMN secret INT DEFAULT 4711',
    '/*!50100 ALTER TABLE shop.held ADD COLUMN secret INT DEFAULT 4711 */',
  ])('running-ddl knows DDL behind other comments: %p', async (statement) => {
    await whileWaiting(statement, async () => {
      expect(await found(runningDdl)).toEqual([expect.stringMatching(/^warning: .* for \d+ s \(ALTER TABLE shop\.held\)/)]);
    });
  });

  test('running-ddl has nothing against other statements, long as they may be', async () => {
    const reader = await pair.blue.connect();
    const reading = reader.query(`SELECT SLEEP(20), 'ALTER TABLE'`).catch(() => undefined);
    await eventually('it runs', async () => (await pair.run('blue', `SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${reader.threadId} AND INFO LIKE 'SELECT SLEEP%'`)).length === 1);
    expect(await found(runningDdl, { deployment: DEPLOYMENT })).toEqual([]);
    await pair.run('blue', `KILL ${reader.threadId}`);
    await reading;
  });

  /** What metadata-locks finds where a wait of no time is long. */
  function foundAtOnce(deployment: Situation['deployment']): Promise<string[]> {
    return withSession('blue', undefined, async (blue) => {
      const rows = blue.rows.bind(blue);
      jest.spyOn(blue, 'rows').mockImplementation(async (sql, values) => rows(sql, values?.[0] === 30 ? [0] : values) as never);
      return (await metadataLocks.run({ settings: converting(['shop']), situation: { ...situation, deployment }, blue })).map(({ severity, message }) => `${severity}: ${message}`);
    });
  }

  test('metadata-locks names nobody where the server does not watch them', async () => {
    const watch = (enabled: string) => pair.run('blue', `UPDATE performance_schema.setup_instruments SET ENABLED = '${enabled}' WHERE NAME = 'wait/lock/metadata/sql/mdl'`);
    await watch('NO');
    try {
      const text = await whileWaiting('TRUNCATE TABLE shop.held', () => foundAtOnce(null));
      expect(text).toEqual([expect.stringMatching(/^warning: 1 session has waited .*, who holds it, performance_schema would say, which shows no locks here: everybody/)]);
    } finally {
      await watch('YES');
    }
  });

  test('metadata-locks names who holds what others have waited for', async () => {
    await whileWaiting('TRUNCATE TABLE shop.held', async (holder, waiter) => {
      expect(await found(metadataLocks)).toEqual([]);
      expect(waiter).toBeGreaterThan(0);
      expect(await foundAtOnce(null)).toEqual([expect.stringMatching(new RegExp(`^warning: 1 session has waited for a metadata lock on Blue for up to \\d+ s, held by session ${holder} of user 'root' \\(shop\\.held\\): `))]);
      expect(await foundAtOnce(DEPLOYMENT)).toEqual([expect.stringMatching(/^blocker: /)]);
    });
  });

  test('metadata-locks knows those who wait with a prepared statement', async () => {
    expect(await whileWaiting('TRUNCATE TABLE shop.held', () => foundAtOnce(null), 'execute')).toEqual([expect.stringMatching(/^warning: 1 session has waited/)]);
  });

  test('xa-transactions finds prepared ones, also without XA RECOVER where their client is gone', async () => {
    await make('CREATE TABLE accounts (id INT PRIMARY KEY)');
    expect(await found(xaTransactions)).toEqual([]);
    const client = await pair.blue.connect();
    for (const statement of [`XA START 'transfer'`, 'INSERT INTO shop.accounts VALUES (1)', `XA END 'transfer'`, `XA PREPARE 'transfer'`]) await client.query(statement);
    const credentials = { user: 'plain', password: 'Password, 1' };
    try {
      const expected = (severity: string) => [expect.stringMatching(new RegExp(`^${severity}: 1 XA transaction is prepared on Blue and neither committed nor rolled back`))];
      expect(await found(xaTransactions)).toEqual(expected('warning'));
      expect(await found(xaTransactions, { deployment: DEPLOYMENT })).toEqual(expected('blocker'));
      await client.end();
      await createApplicationUser(pair.blue, credentials.user, credentials.password, ['PROCESS ON *.*']);
      await eventually('its client is gone', async () => (await found(xaTransactions, { credentials })).length === 1);
    } finally {
      await pair.run('blue', `XA ROLLBACK 'transfer'`);
      await unlogged(pair.blue, (connection) => connection.query('DROP USER IF EXISTS plain'));
    }
    expect(await found(xaTransactions)).toEqual([]);
  });
});

test('clients-without-tls warns of those whom 8.4 would lock out', async () => {
  const to84 = { settings: { ...converting(['shop']), targetEngineVersion: '8.4.mysql_aurora.8.4.7' } };
  expect(await found(clientsWithoutTls, to84)).toEqual([]);
  await createApplicationUser(pair.blue, 'old_client', 'Password, 1');
  await pair.run('blue', 'SET GLOBAL require_secure_transport = OFF');
  const client = await createConnection({ host: pair.blue.host, port: pair.blue.port, user: 'old_client', password: 'Password, 1' });
  try {
    expect(await found(clientsWithoutTls, to84)).toEqual([expect.stringMatching(/^warning: user 'old_client' \(1\) is connected to Blue without TLS 1\.2 or 1\.3: version 8\.4 refuses such connections/)]);
    expect(await found(clientsWithoutTls)).toEqual([]);
  } finally {
    await client.end();
    await pair.run('blue', 'SET GLOBAL require_secure_transport = ON');
    await unlogged(pair.blue, (connection) => connection.query('DROP USER old_client'));
  }
});

test('storage-engines names every table that is not InnoDB', async () => {
  await make(`CREATE TABLE ${ODD_QUOTED} (id INT PRIMARY KEY) ENGINE = MyISAM`, 'CREATE TABLE b (id INT PRIMARY KEY) ENGINE = MEMORY', 'CREATE TABLE fine (id INT PRIMARY KEY)');
  const messages = await found(storageEngines);
  expect(messages).toHaveLength(2);
  expect(messages).toContainEqual(expect.stringMatching(/^blocker: table shop\.b is MEMORY: .* Convert it to InnoDB on Blue first \(ALTER TABLE … ENGINE=InnoDB\)$/));
  expect(messages).toContainEqual(expect.stringContaining(`table shop.${ODD} is MyISAM: `));
});

test('storage-engines warns of tables in memory, which are empty on Green, and of other engines wherever they are', async () => {
  await pair.run('blue', `CREATE DATABASE ${ODD_QUOTED}`, `CREATE TABLE ${ODD_QUOTED}.seen (id INT PRIMARY KEY) ENGINE = MEMORY`, `CREATE TABLE ${ODD_QUOTED}.b (id INT PRIMARY KEY) ENGINE = MyISAM`);
  const expected = [
    expect.stringContaining(`warning: ${ODD}.seen is kept in memory (ENGINE=MEMORY), which has no rows on Green`),
    expect.stringMatching(new RegExp(`^warning: ${ODD}\\.b \\(MyISAM\\): not InnoDB, so rows are not replicated in transactions`)),
  ];
  expect([await found(storageEngines), await found(storageEngines, { settings: settingsOf({ migration: { kind: 'none' } }) })]).toEqual([expected, expected]);
});

test('primary-keys warns of each table that has neither a primary nor a unique key', async () => {
  await make(
    `CREATE TABLE ${ODD_QUOTED} (id INT)`, 'CREATE TABLE indexed (id INT, KEY (id))', 'CREATE TABLE uniquely (id INT NOT NULL UNIQUE)', 'CREATE TABLE t (id INT PRIMARY KEY)', 'CREATE VIEW v AS SELECT 1 AS id',
  );
  expect(await found(primaryKeys)).toEqual([
    expect.stringMatching(/^warning: table shop\.indexed \(about 0 rows\) has no primary or unique key: .* Add a primary key on Blue if it is written to often$/),
    expect.stringContaining(`table shop.${ODD} (about 0 rows)`),
  ]);
});

test('primary-keys warns of tables without a key where nothing is migrated, too: Green follows all databases', async () => {
  await make('CREATE TABLE keyless (id INT)', 'CREATE TABLE uniquely (id INT NOT NULL UNIQUE)');
  const expected = [expect.stringMatching(/^warning: no primary or unique key, though the migration leaves them as they are: shop\.keyless \(about 0 rows\)\. Green follows all databases/)];
  await pair.run('blue', `CREATE DATABASE ${ODD_QUOTED}`);
  expect([await found(primaryKeys, { settings: converting([ODD]) }), await found(primaryKeys, { settings: settingsOf({ migration: { kind: 'none' } }) })]).toEqual([expected, expected]);
});

test('primary-keys refuses tables without one where the server alters none of them', async () => {
  await make('CREATE TABLE keyless (v VARCHAR(9))', 'CREATE TABLE uniquely (v VARCHAR(9) NOT NULL UNIQUE)', 'CREATE TABLE numbers (id INT)', 'CREATE TABLE keyed (v VARCHAR(9) PRIMARY KEY)');
  await pair.run('blue', 'SET GLOBAL sql_require_primary_key = ON');
  try {
    expect(await found(primaryKeys)).toContainEqual(expect.stringMatching(/^blocker: sql_require_primary_key is ON, and shop\.keyless, shop\.uniquely have no primary key: .*\(error 3750\)/));
    await expect(make('ALTER TABLE uniquely MODIFY v VARCHAR(9) CHARACTER SET utf8mb4 NOT NULL')).rejects.toMatchObject({ errno: 3750 });
  } finally {
    await pair.run('blue', 'SET GLOBAL sql_require_primary_key = OFF');
  }
  expect((await found(primaryKeys)).filter((message) => message.startsWith('blocker'))).toEqual([]);
});

describe('cascading-foreign-keys', () => {
  test.each(['ON DELETE CASCADE', 'ON UPDATE CASCADE', 'ON DELETE SET NULL', 'ON UPDATE SET NULL'])('notes a child %s', async (rule) => {
    await make('CREATE TABLE parents (id INT PRIMARY KEY)', `CREATE TABLE ${ODD_QUOTED} (parent INT, FOREIGN KEY (parent) REFERENCES parents (id) ${rule})`);
    expect(await found(cascadingForeignKeys)).toEqual([expect.stringMatching(/^note: .*mysql\.rds_stop_replication.* Blue must keep its binlogs for that long$/)]);
    expect(await found(cascadingForeignKeys)).toEqual([expect.stringContaining(`(shop.${ODD})`)]);
  });

  test('lists a few of many', async () => {
    await make('CREATE TABLE parents (id INT PRIMARY KEY)', ...Array.from({ length: 10 }, (_, index) => `CREATE TABLE c${index} (parent INT, FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE)`));
    expect(await found(cascadingForeignKeys)).toEqual([expect.stringMatching(/^note: 10 tables are children .*\((?:shop\.c\d, ){8}… and 2 more\)/)]);
  });

  test('has nothing against RESTRICT', async () => {
    await make('CREATE TABLE parents (id INT PRIMARY KEY)', 'CREATE TABLE c (parent INT, FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE RESTRICT ON UPDATE NO ACTION)');
    expect(await found(cascadingForeignKeys)).toEqual([]);
  });
});

test('no-unfinished-run refuses a production in which an earlier run has left its ledger, and says what is left to do', async () => {
  expect(await found(noUnfinishedRun)).toEqual([]);
  await pair.run('blue', 'CREATE DATABASE blue_green_pipeline');
  const messages = await found(noUnfinishedRun).finally(() => pair.run('blue', 'DROP DATABASE blue_green_pipeline'));
  expect(messages).toEqual([
    expect.stringMatching(/^blocker: production has a schema 'blue_green_pipeline', .* never restored production.* by hand .*RestoreFailed: .*, then DROP DATABASE blue_green_pipeline and start again$/),
  ]);
});

describe('key-lengths', () => {
  test('names the indexes that would be too long, and what fits', async () => {
    await make(
      'CREATE TABLE t (a VARCHAR(769), b VARCHAR(768), KEY too_long (a), KEY fits (b), KEY both_too_long (b, a(100)))',
      'CREATE TABLE old (v VARCHAR(192), w VARCHAR(191), KEY too_long (v), KEY fits (w)) ROW_FORMAT=COMPACT',
    );
    expect(await found(keyLengths)).toEqual([expect.stringMatching(
      /^blocker: 3 indexes would be too long in utf8mb4 \(error 1071\): shop\.old\.too_long \(a part of 768 bytes, and 767 fit into its row format\), shop\.t\.both_too_long \(3472 of 3072 bytes\), shop\.t\.too_long \(3076 of 3072 bytes\)\. Shorten/,
    )]);
  });

  test('knows how long the parts of a key are', async () => {
    await make(
      `CREATE TABLE t (e ENUM('${'x'.repeat(200)}'), s SET('a', 'b'), b VARBINARY(3000), n BIGINT, x TEXT, u VARCHAR(768) CHARACTER SET utf8mb4, KEY e (e, s, n), KEY b (b, n), KEY x (x(768)), KEY u (u))`,
      'CREATE TABLE l (v VARCHAR(3000) CHARACTER SET latin1, KEY v (v))',
    );
    expect(await found(keyLengths)).toEqual([]);
  });

  test.each([
    ['a VARCHAR(255), b VARCHAR(255), c VARCHAR(255), i INT, j INT NOT NULL, s INT', 3072], ['a VARCHAR(766), d DATETIME, t DATE', 3072], ['a VARCHAR(766), d DATETIME, t DATE, y TINYINT', 3073],
    ['a VARCHAR(767), t TIMESTAMP NULL', 3072], ['a VARCHAR(766), i BIGINT', 3072], [`a VARCHAR(767), i TINYINT, e ENUM('x'), s SET('y'), b VARBINARY(1)`, 3072], [`a VARCHAR(767), b VARBINARY(5)`, 3073],
  ])('counts as MySQL does: %s', async (columns, bytes) => {
    const names = [...columns.matchAll(/(?:^|, )(\w+) /g)].map(([, name]) => name);
    await make(`CREATE TABLE counted (${columns}, KEY k (${names.join(', ')}))`);
    const converting = make('ALTER TABLE counted CONVERT TO CHARACTER SET utf8mb4').then(() => true, () => false);
    const messages = await found(keyLengths);
    expect([await converting, messages.length]).toEqual(bytes > 3072 ? [false, 1] : [true, 0]);
  });
});

describe('row-lengths', () => {
  test('names what would be too long, as MySQL does', async () => {
    await make(
      'CREATE TABLE t (a VARCHAR(16384), b TEXT, c INT)', 'CREATE TABLE u (id INT PRIMARY KEY, a VARCHAR(16000), b VARCHAR(400))',
      'CREATE TABLE fine (a VARCHAR(16383))', 'CREATE TABLE other (v VARCHAR(21000) CHARACTER SET utf8mb3) DEFAULT CHARACTER SET utf8mb3',
      'CREATE VIEW v AS SELECT a FROM t',
    );
    const refused = { t: 1074, u: 1118, other: 1074 };
    expect(await found(rowLengths)).toEqual([
      'blocker: 3 lengths are too large for utf8mb4: a row of shop.u would have 65608 of 65535 bytes (error 1118); shop.other.v has 21000 characters, and at most 16383 fit (error 1074); shop.t.a has 16384 characters, '
      + 'and at most 16383 fit (error 1074). Give the columns on Blue no more characters than they need, or make them TEXT (ALTER TABLE … MODIFY … TEXT), which holds as much outside of the row',
    ]);
    await pair.run('blue', 'SET SESSION sql_mode = \'STRICT_TRANS_TABLES\'', 'ALTER TABLE shop.fine CONVERT TO CHARACTER SET utf8mb4');
    for (const [table, errno] of Object.entries(refused)) await expect(make(`ALTER TABLE ${table} CONVERT TO CHARACTER SET utf8mb4`).then(() => table)).rejects.toMatchObject({ errno });
  });
});

describe('database-privileges, on a server', () => {
  const credentials = { user: 'wanting', password: 'Password, 1' };
  const SEEN = ['SELECT, EVENT, PROCESS, SET_ANY_DEFINER ON *.*', 'ALL ON `blue\\_green\\_%`.*', 'EXECUTE ON PROCEDURE mysql.rds_stop_replication', 'EXECUTE ON PROCEDURE mysql.rds_start_replication'];
  const CHANGED = 'ALTER, CREATE, INSERT, SHOW VIEW, LOCK TABLES, CREATE ROUTINE, ALTER ROUTINE';

  afterEach(() => unlogged(pair.blue, async (connection) => {
    await connection.query('DROP USER IF EXISTS wanting');
    await connection.query('SET GLOBAL partial_revokes = OFF');
  }));

  /** What is found, and how many triggers our user sees, of which there is one. */
  async function judged(): Promise<{ messages: string[]; triggers: number }> {
    const seen = withSession('blue', credentials, (blue) => blue.rows('SELECT 1 FROM information_schema.TRIGGERS'));
    return { messages: await found(databasePrivileges, { credentials }), triggers: (await seen).length };
  }

  test('refuses a user from whom triggers are hidden by a more exact grant', async () => {
    await make('CREATE TABLE t (id INT PRIMARY KEY)', 'CREATE TRIGGER hidden BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1');
    await createApplicationUser(pair.blue, credentials.user, credentials.password, [...SEEN, `TRIGGER, ${CHANGED} ON \`sh%\`.*`]);
    expect(await judged()).toEqual({ messages: [], triggers: 1 });
    await createApplicationUser(pair.blue, credentials.user, credentials.password, [`${CHANGED} ON shop.*`]);
    expect(await judged()).toEqual({ messages: [expect.stringMatching(/lacks TRIGGER on database 'shop'/)], triggers: 0 });
  });

  test('refuses a user from whom a database is withheld', async () => {
    await pair.run('blue', 'SET GLOBAL partial_revokes = ON');
    await createApplicationUser(pair.blue, credentials.user, credentials.password, [...SEEN, 'ALL ON blue_green_pipeline.*', 'ALL ON blue_green_proof_1.*', `TRIGGER, ${CHANGED} ON *.*`]);
    expect(await found(databasePrivileges, { credentials })).toEqual([]);
    await unlogged(pair.blue, (connection) => connection.query('REVOKE SELECT, ALTER ON shop.* FROM wanting'));
    expect(await found(databasePrivileges, { credentials })).toEqual([
      expect.stringMatching(/lacks SELECT on \*\.\* \(it is revoked in shop\)/), expect.stringMatching(/lacks ALTER on database 'shop'/),
    ]);
  });
});

describe('something-to-do', () => {
  const CONVERTED = 'ALTER DATABASE shop CHARACTER SET utf8mb4';
  const REFUSED = [expect.stringMatching(/^blocker: everything in shop is utf8mb4 already, and the engine version stays the same: .*change nothing\. Has an earlier run done it\?$/)];

  test('refuses databases that are utf8mb4 already, with everything in them', async () => {
    await pair.run('blue', `CREATE DATABASE ${ODD_QUOTED} CHARACTER SET utf8mb4`);
    await make(
      CONVERTED, 'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9), b VARBINARY(9), raw VARCHAR(9) CHARACTER SET binary)', 'CREATE TABLE raw (b BLOB) DEFAULT CHARACTER SET binary',
      'CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.v = 1', 'CREATE PROCEDURE p () SELECT 1', `CREATE VIEW v AS SELECT CONVERT(v USING utf8mb3) AS v FROM t`,
    );
    expect(await found(somethingToDo)).toEqual(REFUSED);
    expect(await found(somethingToDo, { settings: converting(['shop', ODD]) })).toEqual([expect.stringContaining(`everything in shop, ${ODD} is utf8mb4 already`)]);
  });

  test.each([
    ['a column', CONVERTED, 'CREATE TABLE t (v VARCHAR(9) CHARACTER SET utf8mb3)', 'ALTER TABLE t DEFAULT CHARACTER SET utf8mb4'],
    ['a column in ASCII', CONVERTED, 'CREATE TABLE t (v ENUM(\'x\') CHARACTER SET ascii)'],
    ['the default of a table', CONVERTED, 'CREATE TABLE t (id INT) DEFAULT CHARACTER SET utf8mb3'],
    ['the default of a database', 'CREATE TABLE t (v VARCHAR(9)) DEFAULT CHARACTER SET utf8mb4'],
    ['a procedure', 'CREATE PROCEDURE p () SELECT 1', CONVERTED],
    ['a trigger', 'CREATE TABLE t (id INT) DEFAULT CHARACTER SET utf8mb4', 'CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1', CONVERTED],
    ['an event', 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1', CONVERTED],
  ])('has nothing against %s that is left', async (_, ...statements) => {
    await make(...statements);
    expect(await found(somethingToDo)).toEqual([]);
  });

  test('has nothing against an upgrade alone', async () => {
    await make(CONVERTED);
    const to = (targetEngineVersion: string) => ({ settings: { ...converting(['shop']), targetEngineVersion } });
    expect(await found(somethingToDo, to('8.0.mysql_aurora.3.10.1'))).toEqual([]);
    expect(await found(somethingToDo, to('8.0.mysql_aurora.3.04.4'))).toEqual(REFUSED);
  });

  test('leaves a database that does not exist to databases-exist', async () => {
    await make(CONVERTED);
    expect(await found(somethingToDo, { settings: converting(['shop', 'shpo']) })).toEqual([]);
  });
});

describe('privileges', () => {
  const user = { user: 'wanting', password: 'Password, 1' };
  const ALL = [
    'REPLICATION CLIENT ON *.*', 'PROCESS ON *.*', 'SELECT ON performance_schema.*',
    'EXECUTE ON PROCEDURE mysql.rds_show_configuration', 'EXECUTE ON PROCEDURE mysql.rds_set_configuration',
  ];

  async function granted(grants: readonly string[]): Promise<string[]> {
    await createApplicationUser(pair.blue, user.user, user.password, grants);
    return found(privileges, { credentials: user }).finally(() => unlogged(pair.blue, (connection) => connection.query('DROP USER wanting')));
  }

  test('are enough when each is granted', async () => {
    expect(await granted(ALL)).toEqual([]);
  });

  test.each([
    ['REPLICATION CLIENT ON *.*', 'REPLICATION CLIENT', 'to see where replication stands'],
    ['PROCESS ON *.*', 'PROCESS', 'to see long transactions'],
    ['EXECUTE ON PROCEDURE mysql.rds_show_configuration', 'EXECUTE on mysql.rds_show_configuration and mysql.rds_set_configuration', 'to keep binlogs long enough'],
    ['EXECUTE ON PROCEDURE mysql.rds_set_configuration', 'EXECUTE on mysql.rds_show_configuration and mysql.rds_set_configuration', 'to keep binlogs long enough'],
    ['SELECT ON performance_schema.*', 'SELECT on performance_schema', 'to see what replication really does'],
  ])('are not enough without %s', async (missing, privilege, why) => {
    const messages = await granted(ALL.filter((grant) => grant !== missing));
    expect(messages).toEqual([expect.stringContaining(`blocker: our MySQL user lacks ${privilege}, needed ${why} (`)]);
    expect(messages).toEqual([expect.stringMatching(/\): grant it, or use the master user; docs\/permissions\.md has every grant$/)]);
  });

  test('are all named at once when none is granted', async () => {
    expect(await granted([])).toHaveLength(4);
  });
});
