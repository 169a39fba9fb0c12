import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { conversionStatement } from '../../lambda/migration/conversion';
import { writePlan } from '../../lambda/migration/planning';
import { supervise } from '../../lambda/migration/supervisor';
import { tablesOf as allTablesOf, textColumnsOf } from '../../lambda/mysql/inventory';
import { Session } from '../../lambda/mysql/session';
import { type CharacterSetConversion } from '../../lib/private/contract';
import { type MysqlServer } from '../../rehearsal/mysql';
import { serverOf, settingsOf, WORKERS } from '../engine';
import { DATABASE } from './dataset';

/** Converts the database on a Green. */
export type Contender = (green: MysqlServer) => Promise<void>;

/** Which contenders there are. */
export type ContenderName = 'script' | 'engine' | 'engineIndexesKept' | 'enginePaused' | 'ptOnlineSchemaChange' | 'floor';

const LOOK_MILLISECONDS = 100;

/** Everybody who takes part. */
export const CONTENDERS: Readonly<Record<ContenderName, { readonly title: string; readonly run: Contender }>> = {
  script: { title: '(a) the script: one connection, one ALTER after the other', run: script },
  engine: { title: '(b) the engine with its defaults: 2 workers, indexes built afterwards', run: (green) => engine(green, {}) },
  engineIndexesKept: { title: '(c) the engine, indexes kept during the copy', run: (green) => engine(green, { deferredIndexes: { leastBytes: 0, roomBytes: 0 } }) },
  enginePaused: { title: '(b) with the applier paused', run: (green) => engine(green, { applier: 'paused' }) },
  ptOnlineSchemaChange: { title: '(e) pt-online-schema-change, table by table', run: ptOnlineSchemaChange },
  floor: { title: 'floor: INSERT … SELECT into tables without indexes, two threads', run: floor },
};

async function script(green: MysqlServer): Promise<void> {
  const statements = await conversions(green);
  await green.withConnection(async (connection) => {
    await connection.query('SET SESSION foreign_key_checks = 0, lock_wait_timeout = 604800');
    for (const { statement } of statements) await connection.query(statement);
  }, { charset: 'utf8mb4' });
}

/** The statement of each table, from the smallest name to the greatest. */
async function conversions(green: MysqlServer): Promise<{ readonly name: string; readonly statement: string }[]> {
  return Session.use(serverOf(green), async (session) => {
    const columns = await textColumnsOf(session, [DATABASE]);
    const made: { name: string; statement: string }[] = [];
    for (const table of await allTablesOf(session, [DATABASE])) {
      const row = await session.row<{ 'Create Table': string }>(`SHOW CREATE TABLE ${DATABASE}.${table.name}`);
      made.push({ name: table.name, statement: conversionStatement({ ...table, columns: columns.filter((column) => column.table === table.name) }, row?.['Create Table'] ?? '', {}) });
    }
    return made;
  });
}

/**
 * Debian's percona-toolkit. It copies row by row into a new table and follows changes by triggers. Row events fire no triggers, so on a replica that is
 * written to it would lose them: it is measured only where nobody writes.
 */
async function ptOnlineSchemaChange(green: MysqlServer): Promise<void> {
  const statements = await conversions(green);
  // its driver speaks no TLS here.
  for (const sql of ['SET GLOBAL require_secure_transport = OFF', `CREATE USER toolkit@'127.0.0.1' IDENTIFIED BY ''`, `GRANT ALL ON *.* TO toolkit@'127.0.0.1'`]) await green.query(sql);
  for (const { name, statement } of statements) {
    const alter = statement.replace(/^.*?ALTER TABLE `\w+`\.`\w+` /, '');
    const quiet = ['--quiet', '--no-version-check', '--recursion-method', 'none', '--no-check-replication-filters', '--no-check-unique-key-change'];
    const where = `h=${green.host},P=${green.port},u=toolkit,D=${DATABASE},t=${name}`;
    await promisify(execFile)('pt-online-schema-change', ['--execute', '--alter', alter, '--charset', 'utf8mb4', ...quiet, where]);
  }
}

/** Whether what a contender needs is on this machine. */
export async function isInstalled(contender: ContenderName): Promise<boolean> {
  if (contender !== 'ptOnlineSchemaChange') return true;
  return promisify(execFile)('pt-online-schema-change', ['--version']).then(() => true, () => false);
}

async function engine(green: MysqlServer, choices: Partial<CharacterSetConversion>): Promise<void> {
  const settings = settingsOf(choices);
  const [server, execution, startedAt] = [serverOf(green), 'bench 0', new Date().toISOString()];
  const previous = { startedAt, looks: 0, settledSince: startedAt, lockHolders: [] };
  await Session.use(server, (session) => writePlan(session, settings, execution));
  while (!(await supervise(server, settings, { now: new Date().toISOString(), execution, previous })).done) await sleep(LOOK_MILLISECONDS);
}

/** What no ALTER can be faster than: the bytes, written once. The largest tables are dealt out first. */
async function floor(green: MysqlServer): Promise<void> {
  const names = (await green.query<{ name: string }>(`SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY DATA_LENGTH DESC`, [DATABASE])).map(({ name }) => name);
  await Promise.all(Array.from({ length: WORKERS }, () => green.withConnection(async (connection) => {
    await connection.query(`USE ${DATABASE}`);
    await connection.query('SET SESSION sql_log_bin = 0');
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      await connection.query(
        `CREATE TABLE ${name}_copy (id BIGINT NOT NULL PRIMARY KEY, code CHAR(16) NOT NULL, name VARCHAR(60) NOT NULL, note VARCHAR(120), amount INT NOT NULL, created DATETIME NOT NULL) DEFAULT CHARACTER SET utf8mb4`,
      );
      await connection.query(`INSERT INTO ${name}_copy SELECT * FROM ${name}`);
    }
  }, { charset: 'utf8mb4' })));
}
