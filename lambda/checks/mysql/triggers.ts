import { marks } from '../../mysql/inventory';
import { SYSTEM_SCHEMAS } from '../../mysql/names';
import { someOf } from '../../shared/lists';
import { type Check, FINE, warning } from '../check';
import { type MysqlContext } from './context';

/** With rows in the binlog, what triggers have done arrives as rows; with statements, they run once more on Green, and may do something else there. */
export const triggers: Check<MysqlContext> = {
  id: 'triggers',
  scopes: ['preflight'],
  unknown: 'warning',
  async run({ blue }) {
    const server = await blue.row<{ format: string }>('SELECT @@global.binlog_format AS format');
    if (server === undefined || server.format === 'ROW') return FINE;
    const found = await blue.rows<{ name: string }>(
      `SELECT CONCAT(TRIGGER_SCHEMA, '.', TRIGGER_NAME) AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA NOT IN (${marks(SYSTEM_SCHEMAS)}) ORDER BY 1`, SYSTEM_SCHEMAS,
    );
    if (found.length === 0) return FINE;
    return warning(`binlog_format of Blue is ${server.format}, and there are triggers (${someOf(found.map(({ name }) => name))}): the statements that fire them run again on Green, and the triggers with them, `
      + 'with the clock, variables and AUTO_INCREMENT values of Green. With ROW only their results are carried over: set binlog_format to ROW');
  },
};
