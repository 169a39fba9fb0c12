import { ErrorName } from '../../lib/private/contract';
import { runChecks } from '../checks/check';
import { BLUE_CHECKS, OLD_BLUE_CHECKS } from '../checks/mysql/registry';
import { inOldBlue } from '../mysql/old-blue';
import { PipelineError } from '../shared/errors';
import { collect, inText, stops } from '../shared/findings';
import { LEAVING_SECONDS, lookOf, RETIRE_AGAIN } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type InstanceAddress, type LastLook } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { inWords, secondsBetween, unfinished } from '../shared/waiting';

/** Who connects for a moment only is met by several looks, where MySQL does not count who has come by. */
const QUIET_SECONDS = 240;
const BETWEEN_LOOKS_SECONDS = 20;

/**
 * The last look into the old Blue, when RDS no longer keeps clients from writing there: it has to be read-only by itself, and nobody connected.
 */
export const handler = task<LastLook>(async (event) => {
  const situation = situationOf(event);
  const { startedAt, waitSeconds, elapsedSeconds } = lookOf(event, event.state.lastLook);
  const { acknowledge } = event.state.options;
  const { instances } = required(event.state.oldBlueStart, 'the instances of the old Blue');
  const findings = await runChecks(OLD_BLUE_CHECKS, 'before-deletion', { instances }, acknowledge);
  findings.push(...await inOldBlue(required(situation.source, 'the old Blue'), (blue) => (
    runChecks(BLUE_CHECKS, 'before-deletion', { settings: readSettings(), situation, blue }, acknowledge)
  )));
  if (!findings.some(stops)) {
    const quietSince = unfinished(event.state.lastLook)?.quietSince ?? event.now;
    const isQuiet = secondsBetween(quietSince, event.now) >= QUIET_SECONDS || await countsVisitors(instances);
    return { done: isQuiet, startedAt, waitSeconds: BETWEEN_LOOKS_SECONDS, quietSince };
  }
  if (elapsedSeconds < LEAVING_SECONDS) return { done: false, startedAt, waitSeconds, quietSince: null };
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `the old Blue was not deleted and production is as it was, because right before (for ${inWords(elapsedSeconds)}) there was\n${inText(collect(findings))}\nIts final snapshot is there, and its deployment is gone. ${RETIRE_AGAIN}`,
  );
});

/** Whether every instance tells who has been there since it was rebooted. Without Performance Schema, which is off by default in Aurora, none does. */
async function countsVisitors(instances: readonly InstanceAddress[]): Promise<boolean> {
  for (const instance of instances) {
    const row = await inOldBlue(instance, (session) => session.row<{ counts: number }>('SELECT @@global.performance_schema = 1 AND @@global.performance_schema_accounts_size <> 0 AS counts'));
    if (Number(row?.counts) !== 1) return false;
  }
  return instances.length > 0;
}
