import { LEDGER_SCHEMA } from '../../migration/worker-procedure';
import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS, tableKey } from '../../mysql/names';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE } from '../check';
import { type GreenContext } from './context';

interface Row {
  readonly schema: string;
  readonly name: string;
  readonly state: 'PENDING' | 'EQUAL' | 'DIFFERENT';
}

/** Every table of Blue was compared and found equal, also those that Blue has got since the comparison. */
export const tablesCompared: Check<GreenContext> = {
  id: 'tables-compared',
  scopes: ['before-switchover'],
  async run({ blue, green, settings }) {
    if (settings.comparison?.kind === 'off') return FINE;
    // a dot may be part of a name.
    const rows = await green.rows<Row>(`SELECT schema_name AS \`schema\`, table_name AS name, state FROM ${LEDGER_SCHEMA}.comparison`);
    const compared = new Map(rows.map(({ schema, name, state }) => [tableKey(schema, name), state]));
    const present = await blue.rows<Omit<Row, 'state'>>(
      `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name FROM information_schema.TABLES
        WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) AND TABLE_SCHEMA <> 'tmp' ORDER BY 1, 2`,
      SYSTEM_SCHEMAS,
    );
    const tables = present.map(({ schema, name }) => ({ text: `${schema}.${name}`, state: compared.get(tableKey(schema, name)) })).filter(({ state }) => state !== 'EQUAL');
    if (tables.length === 0) return FINE;
    const open = tables.map(({ text }) => text);
    const different = tables.filter(({ state }) => state === 'DIFFERENT').map(({ text }) => text);
    return blocker(`${open.length} table${open.length === 1 ? ' was' : 's were'} not compared yet, or not found equal${different.length === 0 ? '' : ` (different: ${someOf(different)})`}: ${someOf(open)}. Such as Blue has got since the `
      + 'comparison the pipeline compares by itself; if new ones keep arriving, let nobody create any on Blue until it has switched over, and start a new execution with {}');
  },
};
