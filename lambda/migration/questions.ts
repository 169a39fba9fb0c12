import { type Session } from '../mysql/session';
import { property } from '../shared/errors';
import { LEDGER_SCHEMA } from './worker-procedure';

/** A question about the rows of a table; what they say decides whether rows arrive on Green as they are. */
export interface Question {
  readonly schema: string;
  readonly name: string;
  /** For Blue or Green: a row, and 1 in it, mean yes. */
  readonly query: string;
  /** What a yes means. */
  readonly trouble: string;
}

/** The query was interrupted, maximum statement execution time exceeded. */
const TOO_LONG = 3024;

/**
 * Asks a server.
 *
 * @param query begins with SELECT.
 * @returns undefined where it takes longer than so many seconds.
 */
export async function answerTo(session: Session, query: string, seconds: number): Promise<boolean | undefined> {
  if (seconds <= 0) return undefined;
  try {
    const row = await session.row<Record<string, number>>(query.replace(/^SELECT\b/, `SELECT /*+ MAX_EXECUTION_TIME(${Math.ceil(seconds * 1000)}) */`));
    return row !== undefined && Object.values(row).some((value) => Number(value) === 1);
  } catch (thrown) {
    if (property(thrown, 'errno') === TOO_LONG) return undefined;
    throw thrown;
  }
}

/**
 * Writes down what the data was asked, so that it can be asked again. What an earlier proof has asked stays: its statements may have been run, and are
 * not proved again.
 */
export async function keepQuestions(green: Session, questions: readonly Question[]): Promise<void> {
  for (const { schema, name, query, trouble } of questions) {
    await green.run(
      `INSERT IGNORE INTO ${LEDGER_SCHEMA}.question (schema_name, table_name, query_hash, query, trouble) VALUES (?, ?, SHA2(?, 256), ?, ?)`, [schema, name, query, query, trouble],
    );
  }
}

/** What the data was asked while the migration was planned. */
export async function keptQuestions(green: Session): Promise<Question[]> {
  // the ledger may have been made by an earlier version, or not at all.
  const table = await green.row(`SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'question'`, [LEDGER_SCHEMA]);
  if (table === undefined) return [];
  return green.rows<Question>(`SELECT schema_name AS \`schema\`, table_name AS name, query, trouble FROM ${LEDGER_SCHEMA}.question ORDER BY schema_name, table_name, query_hash`);
}
