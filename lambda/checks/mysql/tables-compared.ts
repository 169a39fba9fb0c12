import { LEDGER_SCHEMA } from '../../migration/worker-procedure';
import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

interface Row {
  readonly name: string;
  readonly state: 'PENDING' | 'EQUAL' | 'DIFFERENT';
}

/** Every table of Blue was compared and found equal, also those that Blue has got since the comparison. */
export const tablesCompared: Check<GreenContext> = {
  id: 'tables-compared',
  scopes: ['before-switchover'],
  async run({ blue, green, settings }) {
    if (settings.comparison?.kind === 'off') return FINE;
    const compared = await green.rows<Row>(`SELECT CONCAT(schema_name, '.', table_name) AS name, state FROM ${LEDGER_SCHEMA}.comparison ORDER BY 1`);
    const equal = new Set(compared.filter(({ state }) => state === 'EQUAL').map(({ name }) => name));
    const present = await blue.rows<{ name: string }>(
      `SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS name FROM information_schema.TABLES
        WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) AND TABLE_SCHEMA <> 'tmp' ORDER BY 1`,
      SYSTEM_SCHEMAS,
    );
    const open = present.map(({ name }) => name).filter((name) => !equal.has(name));
    if (open.length === 0) return FINE;
    const different = compared.filter(({ name, state }) => state === 'DIFFERENT' && open.includes(name)).map(({ name }) => name);
    return blocker(`${open.length} table${open.length === 1 ? ' was' : 's were'} not compared yet, or not found equal${different.length === 0 ? '' : ` (different: ${someOf(different)})`}: ${someOf(open)}. Such as Blue has got since the `
      + 'comparison the pipeline compares by itself; if new ones keep arriving, let nobody create any on Blue until it has switched over, and start a new execution with {}');
  },
};
