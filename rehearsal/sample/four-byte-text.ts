import { randomBytes } from 'node:crypto';
import { type Connection, type RowDataPacket } from 'mysql2/promise';

/** What became of characters outside the Basic Multilingual Plane, which take four bytes in UTF-8: stored only if all of them were, everywhere. */
export interface FourByteTextResult {
  /** By an INSERT into the table. */
  readonly table: 'stored' | 'refused';
  /** By the procedure, whose parameters and variables have a character set of their own. */
  readonly procedure: 'stored' | 'refused';
  /** The server's error number, if anything was refused; 1366 says that the text does not fit the character set. */
  readonly errno?: number;
}

/** A character of names and places that Unicode added late, and an emoji. */
const texts = ['𠮷野家', 'おいしい😋'] as const;

const INCORRECT_STRING_VALUE = 1366;

/**
 * Tries to store '𠮷' and an emoji in the sample shop, directly and through its procedure. What is stored is read back, compared and deleted;
 * what is refused leaves nothing. The session's sql_mode is set to strict, its character set to utf8mb4.
 *
 * @throws an Error if the text is stored as something else; the server's error if it is another one than 1366.
 */
export async function probeFourByteText(connection: Connection): Promise<FourByteTextResult> {
  await connection.query('SET NAMES utf8mb4');
  await connection.query("SET SESSION sql_mode = 'STRICT_ALL_TABLES'");
  const [rows] = await connection.query<RowDataPacket[]>('SELECT (SELECT MIN(id) FROM shop.products) AS product, (SELECT MIN(id) FROM shop.customers) AS customer');
  const ids = [rows[0]?.['product'], rows[0]?.['customer']] as const;
  const table = await probe(connection, 'INSERT INTO shop.reviews (submission_key, product_id, customer_id, rating, title, body) VALUES (?, ?, ?, ?, ?, ?)', ids);
  const procedure = await probe(connection, 'CALL shop.add_review(?, ?, ?, ?, ?, ?)', ids);
  return { table, procedure, ...(table === 'refused' || procedure === 'refused' ? { errno: INCORRECT_STRING_VALUE } : {}) };
}

async function probe(connection: Connection, statement: string, ids: readonly unknown[]): Promise<'stored' | 'refused'> {
  let outcome: 'stored' | 'refused' = 'stored';
  for (const text of texts) {
    // the title and the body are tried one by one, as they have different types and one of them passes through a trigger.
    for (const [title, body] of [[text, '本文'], ['件名', text]] as const) {
      if (await store(connection, statement, ids, title, body) === 'refused') outcome = 'refused';
    }
  }
  return outcome;
}

async function store(connection: Connection, statement: string, ids: readonly unknown[], title: string, body: string): Promise<'stored' | 'refused'> {
  const key = randomBytes(16).toString('hex');
  try {
    await connection.query(statement, [key, ...ids, 5, title, body]);
  } catch (error) {
    if ((error as { readonly errno?: number }).errno === INCORRECT_STRING_VALUE) return 'refused';
    throw error;
  }
  const [rows] = await connection.query<RowDataPacket[]>('SELECT HEX(title) AS title, HEX(body) AS body FROM shop.reviews WHERE submission_key = ?', [key]);
  await connection.query('DELETE FROM shop.reviews WHERE submission_key = ?', [key]);
  if (rows[0]?.['title'] !== hexadecimal(title) || rows[0]['body'] !== hexadecimal(body)) {
    throw new Error(`'${title}' and '${body}' should be read back as they were written, got ${JSON.stringify(rows)} by: ${statement}`);
  }
  return 'stored';
}

function hexadecimal(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex').toUpperCase();
}
