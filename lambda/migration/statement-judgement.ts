import { createHash } from 'node:crypto';
import { quoteName, quoteTable } from '../mysql/names';
import { type Session } from '../mysql/session';
import { property } from '../shared/errors';
import { traceQuery } from './statement-procedure';
import { settle, type StatementStep } from './statement-steps';
import { LEDGER_SCHEMA, TASK_LOCK } from './worker-procedure';

/** There is no such database, table, routine, trigger, event. */
const MISSING = [1049, 1146, 1305, 1360, 1539];

/**
 * A statement that is RUNNING while its worker, or the function that ran it, is gone: one that changes a definition is done if the definition has
 * changed; one that changes data is not, because it is one transaction with its row in the ledger. Of the rest nobody can tell.
 */
export async function judgeStatements(green: Session, running: readonly StatementStep[], alive: ReadonlyMap<number, number>): Promise<void> {
  for (const step of running) {
    if (step.runner === 'WORKER' ? step.worker !== null && alive.has(step.worker) : await someoneElseRuns(green)) continue;
    if (step.effect === 'anything' || (step.effect === 'definition' && step.trace === null)) await settle(green, step, 'UNKNOWN', unknown(step));
    else await settle(green, step, step.effect === 'definition' && await traceOf(green, step) !== step.trace ? 'DONE' : 'PENDING');
  }
}

function unknown({ id }: StatementStep): string {
  const answer = (state: string) => `UPDATE ${LEDGER_SCHEMA}.step SET state = '${state}' WHERE id = ${id} AND state = 'UNKNOWN'`;
  return 'whoever ran it was gone before it ended, and nothing on Green tells whether it has had its effect, so it is not run again without you. Look at Green: if it has, run there '
    + `${answer('DONE')}; if it has not, ${answer('PENDING')}`;
}

/** The session that holds the lock may be ours (while a plan is written), or that of a function that is gone, whose statement still runs. */
async function someoneElseRuns(green: Session): Promise<boolean> {
  const row = await green.row<{ busy: number }>('SELECT COALESCE(IS_USED_LOCK(?) <> CONNECTION_ID(), 0) AS busy', [TASK_LOCK]);
  return Boolean(row?.busy);
}

/** How the definition that a statement changes looks now; null where that cannot be seen. */
export async function traceOf(green: Session, { object }: StatementStep): Promise<string | null> {
  if (object === undefined) return null;
  const { kind, schema, name } = object;
  if (kind === 'table') {
    await green.run('SET @blue_green_pipeline_schema = CONVERT(? USING utf8mb3), @blue_green_pipeline_table = CONVERT(? USING utf8mb3)', [schema, name]);
    return (await green.row<{ trace: string }>(traceQuery('@blue_green_pipeline_schema', '@blue_green_pipeline_table')))?.trace ?? null;
  }
  try {
    const row = await green.row(`SHOW CREATE ${kind.toUpperCase()} ${kind === 'database' ? quoteName(name) : quoteTable(schema, name)}`);
    return createHash('sha256').update(JSON.stringify(row)).digest('hex');
  } catch (thrown) {
    return MISSING.includes(Number(property(thrown, 'errno'))) ? createHash('sha256').digest('hex') : null;
  }
}
