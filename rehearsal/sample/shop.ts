import { type Connection, type RowDataPacket } from 'mysql2/promise';
import { insertStatements, type ShopSize, shopSize } from './shop-rows';
import { createDatabase, createPrograms, createTables, shopTables } from './shop-schema';

/** The name of the sample database. */
export const SHOP = 'shop';

/** What an application of the shop sets in its sessions: strict, but with the zero dates that old tables are full of. */
export const SHOP_SQL_MODE = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION';

// well below the 4 MB that a server of years ago accepts in one packet.
const STATEMENT_BYTES = 1_500_000;

/** What to load. */
export interface LoadShopOptions {
  /** Rows of all tables together; at least 300. */
  readonly rows: number;
  /** The same seed and rows give the same data, to the byte. */
  readonly seed: number;
}

/**
 * Creates the sample database with its rows and stored programs on an empty server.
 *
 * The login needs what an RDS master user has; with binlog on and without SUPER, `log_bin_trust_function_creators` must be 1 (otherwise 1419).
 * The session is left as it was, except that `shop` is its database.
 *
 * @returns how many rows each table has.
 * @throws the server's error, 1007 if the database is there already.
 */
export async function loadShop(connection: Connection, options: LoadShopOptions): Promise<ShopSize> {
  const size = shopSize(options.rows);
  await inSession(connection, async () => {
    await connection.query(createDatabase);
    await connection.query(`USE ${SHOP}`);
    for (const table of shopTables) await connection.query(createTables[table]);
    await loadRows(connection, size, options.seed);
    for (const program of createPrograms) await connection.query(program);
  });
  return size;
}

/** Runs `load` with the session of an old client, and gives the session its settings back. */
async function inSession(connection: Connection, load: () => Promise<void>): Promise<void> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT @@sql_mode AS mode, @@time_zone AS zone, @@foreign_key_checks AS foreignKeys, @@unique_checks AS uniques, @@character_set_client AS client, @@collation_connection AS collation');
  const before = rows[0];
  // stored programs remember these names and this sql_mode; utf8mb3 is what a client of years ago announced.
  await connection.query('SET NAMES utf8mb3');
  await connection.query(`SET SESSION sql_mode = '${SHOP_SQL_MODE}', time_zone = '+00:00', foreign_key_checks = 0, unique_checks = 0`);
  try {
    await load();
  } finally {
    await connection.query('SET NAMES ? COLLATE ?', [before?.client, before?.collation]);
    await connection.query('SET SESSION sql_mode = ?, time_zone = ?, foreign_key_checks = ?, unique_checks = ?',
      [before?.mode, before?.zone, before?.foreignKeys, before?.uniques]);
  }
}

async function loadRows(connection: Connection, size: ShopSize, seed: number): Promise<void> {
  for (const table of shopTables) {
    // one statement is being executed while the next one is written: two cores are then busy.
    let inserting: Promise<unknown> = Promise.resolve();
    for (const statement of insertStatements(table, size, seed, STATEMENT_BYTES)) {
      await inserting;
      inserting = connection.query(statement);
      // a failure while the next statement is written must not count as unhandled; the await above reports it.
      inserting.catch(() => undefined);
      // gives the socket its turn before the next statement is written.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await inserting;
  }
}
