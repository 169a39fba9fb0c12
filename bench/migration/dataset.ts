import { type MysqlServer } from '../../rehearsal/mysql';

/** The database that is converted. */
export const DATABASE = 'bench';

/** Parts of all rows; the largest table is 70 times the smallest. */
const SHARES = [0.467, 0.233, 0.117, 0.083, 0.05, 0.03, 0.013, 0.007] as const;

const DEFINITION = `(
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code CHAR(16) NOT NULL,
  name VARCHAR(60) NOT NULL,
  note VARCHAR(120),
  amount INT NOT NULL,
  created DATETIME NOT NULL,
  KEY code (code),
  KEY name (name),
  KEY amount_created (amount, created)
) DEFAULT CHARACTER SET utf8mb3`;

const ROW = `MD5(RAND(n)), CONCAT('品名 ', LEFT(MD5(RAND(n + 1)), 24)), CONCAT('備考 ', LEFT(MD5(RAND(n + 2)), 30), '、'), RAND(n + 3) * 1e9, '2020-01-01' + INTERVAL RAND(n + 4) * 1e8 SECOND`;
const HASH = /MD5\((RAND\([^()]*\))\)/g;

/** A table and how many rows it has. */
export interface BenchTable {
  readonly name: string;
  readonly rows: number;
}

/** The tables, from the largest to the smallest. */
export function tablesOf(rows: number): BenchTable[] {
  return SHARES.map((share, index) => ({ name: `t${index + 1}`, rows: Math.round(rows * share) }));
}

/** Fills a server with random rows, the same in every run. Every secondary index is in random order. */
export async function fill(server: MysqlServer, rows: number): Promise<void> {
  await server.withConnection(async (connection) => {
    await connection.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb3`);
    await connection.query(`USE ${DATABASE}`);
    await connection.query('SET SESSION sql_log_bin = 0, unique_checks = 0, cte_max_recursion_depth = 100000');
    await connection.query('CREATE TABLE numbers (n INT PRIMARY KEY)');
    await connection.query('INSERT INTO numbers WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 50000) SELECT n FROM r');
    // MD5 is not built in everywhere; SHA2 is.
    const row = ROW.replaceAll(HASH, 'LEFT(SHA2($1, 256), 32)').replace('LEFT(SHA2(RAND(n), 256), 32)', 'LEFT(SHA2(RAND(n), 256), 16)');
    for (const { name, rows: wanted } of tablesOf(rows)) {
      await connection.query(`CREATE TABLE ${name} ${DEFINITION.replace(/,\s*KEY code[^]*\)\n\)/, '\n)')}`);
      for (let start = 0; start < wanted; start += 50_000) {
        const count = Math.min(50_000, wanted - start);
        await connection.query(`INSERT INTO ${name} (code, name, note, amount, created) SELECT ${row.replaceAll(/\bn\b/g, `(n + ${start})`)} FROM numbers WHERE n <= ${count}`);
      }
      await connection.query(`ALTER TABLE ${name} ADD KEY code (code), ADD KEY name (name), ADD KEY amount_created (amount, created)`);
      // a production server has statistics that know its indexes.
      await connection.query(`ANALYZE NO_WRITE_TO_BINLOG TABLE ${name}`);
    }
    await connection.query('DROP TABLE numbers');
  }, { charset: 'utf8mb4' });
}
