import { LEDGER_SCHEMA } from '../../migration/worker-procedure';
import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

/** Tables that Blue has got since the comparison have to be compared, too. */
export const tablesCompared: Check<GreenContext> = {
  id: 'tables-compared',
  scopes: ['before-switchover'],
  async run({ blue, green, settings }) {
    if (settings.comparison?.kind === 'off') return FINE;
    const compared = new Set((await green.rows<{ name: string }>(`SELECT CONCAT(schema_name, '.', table_name) AS name FROM ${LEDGER_SCHEMA}.comparison`)).map(({ name }) => name));
    const present = await blue.rows<{ name: string }>(
      `SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS name FROM information_schema.TABLES
        WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) AND TABLE_SCHEMA <> 'tmp' ORDER BY 1`,
      SYSTEM_SCHEMAS,
    );
    const late = present.map(({ name }) => name).filter((name) => !compared.has(name));
    if (late.length === 0) return FINE;
    return blocker(`${late.length} table${late.length === 1 ? ' was' : 's were'} created on Blue after the comparison and not compared yet: ${someOf(late)}. `
      + 'The pipeline compares them by itself; if new ones keep arriving, let nobody create any on Blue until it has switched over, and start a new execution with {}');
  },
};
