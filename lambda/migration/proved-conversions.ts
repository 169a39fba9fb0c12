import { type Session } from '../mysql/session';
import { LEDGER_SCHEMA } from './worker-procedure';

/**
 * Writes down for which conversions the plan was proved. The first stay as soon as something of it was begun: what is done was proved for them.
 *
 * @param conversions the value of `replica_type_conversions`.
 */
export async function keepConversions(green: Session, conversions: string, hasBegun: boolean): Promise<void> {
  await green.run(`${hasBegun ? 'INSERT IGNORE' : 'REPLACE'} INTO ${LEDGER_SCHEMA}.conversions (id, words) VALUES (1, ?)`, [conversions]);
}

/** The conversions for which the plan was proved; undefined where there is no plan, or one of an earlier version. */
export async function keptConversions(green: Session): Promise<string | undefined> {
  const table = await green.row(`SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'conversions'`, [LEDGER_SCHEMA]);
  if (table === undefined) return undefined;
  return (await green.row<{ words: string }>(`SELECT words FROM ${LEDGER_SCHEMA}.conversions WHERE id = 1`))?.words;
}
