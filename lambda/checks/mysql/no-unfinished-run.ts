import { LEDGER_SCHEMA } from '../../migration/worker-procedure';
import { blocker, type Check, FINE } from '../check';
import { type MysqlContext } from './context';

/** A ledger on production is what is left of a run that switched over and did not come to its end. */
export const noUnfinishedRun: Check<MysqlContext> = {
  id: 'no-unfinished-run',
  scopes: ['preflight'],
  async run({ blue }) {
    if (await blue.row('SELECT 1 AS found FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [LEDGER_SCHEMA]) === undefined) return FINE;
    return blocker(`production has a schema '${LEDGER_SCHEMA}', so an earlier run has switched over and never restored production, and its deployment has been deleted since. Do by hand what is left (runbook, section `
      + `RestoreFailed: event_scheduler, disabled events, binlog retention), then DROP DATABASE ${LEDGER_SCHEMA} and start again`);
  },
};
