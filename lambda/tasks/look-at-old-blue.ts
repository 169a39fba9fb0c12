import { ErrorName } from '../../lib/private/contract';
import { runChecks } from '../checks/check';
import { BLUE_CHECKS, OLD_BLUE_CHECKS } from '../checks/mysql/registry';
import { Session } from '../mysql/session';
import { PipelineError } from '../shared/errors';
import { collect, inText, stops } from '../shared/findings';
import { LEAVING_SECONDS, lookOf, RETIRE_AGAIN } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type Waiting } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { inWords } from '../shared/waiting';

/**
 * The last look into the old Blue, when RDS no longer keeps clients from writing there: it has to be read-only by itself, and nobody connected.
 */
export const handler = task<Waiting>(async (event) => {
  const situation = situationOf(event);
  const { startedAt, waitSeconds, elapsedSeconds } = lookOf(event, event.state.lastLook);
  const { acknowledge } = event.state.options;
  const { instances } = required(event.state.oldBlueStart, 'the instances of the old Blue');
  const findings = await runChecks(OLD_BLUE_CHECKS, 'before-deletion', { instances }, acknowledge);
  findings.push(...await Session.use(required(situation.source, 'the old Blue'), (blue) => (
    runChecks(BLUE_CHECKS, 'before-deletion', { settings: readSettings(), situation, blue }, acknowledge)
  )));
  if (!findings.some(stops)) return { done: true, startedAt, waitSeconds };
  if (elapsedSeconds < LEAVING_SECONDS) return { done: false, startedAt, waitSeconds };
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `the old Blue was not deleted and production is as it was, because right before (for ${inWords(elapsedSeconds)}) there was\n${inText(collect(findings))}\nIts final snapshot is there, and its deployment is gone. ${RETIRE_AGAIN}`,
  );
});
