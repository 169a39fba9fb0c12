import { ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { nameOf } from '../rds/client';
import { describeCluster } from '../rds/clusters';
import { restoreParameters } from '../restoration/parameters';
import { messageOf, PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type RestoredParameters, type Situation } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { inWords, secondsBetween, secondsUntilNextLook } from '../shared/waiting';

/**
 * Takes out of production's parameter group what was there only for the time of Green, and waits until RDS has applied it. Never reboots.
 */
export const handler = task<RestoredParameters>(async (event) => {
  const settings = readSettings();
  const situation = situationOf(event);
  const startedAt = event.state.parameters?.startedAt ?? event.now;
  const elapsed = secondsBetween(startedAt, event.now);
  const { done, busy } = await restored(situation, settings);
  const remarks = [...new Set([...event.state.parameters?.remarks ?? [], ...done])];
  const production = required(await describeCluster(required(situation.target, 'production').identifier), 'production');
  const applying = production.DBClusterMembers?.filter((member) => member.DBClusterParameterGroupStatus === 'applying') ?? [];
  if (busy === undefined && production.Status === 'available' && applying.length === 0) return { done: true, waitSeconds: 5, startedAt, remarks };
  if (elapsed > settings.patience.verificationSeconds) {
    throw new PipelineError(
      ErrorName.RESTORE_FAILED,
      `production '${production.DBClusterIdentifier}' is ${production.Status} and its parameters are not applied after ${inWords(elapsed)}${busy === undefined ? '' : ` (${busy})`}: it works, but with settings that were meant for Green. Look at it in the RDS `
      + 'console, then start a new execution with {}; it goes on restoring',
    );
  }
  return { done: false, waitSeconds: secondsUntilNextLook(elapsed), startedAt, remarks };
});

/** Right after the switchover RDS may be at work on the group still: it is asked again then, and what was set already is found as it should be. */
async function restored(situation: Situation, settings: PipelineSettings): Promise<{ readonly done: string[]; readonly busy?: string }> {
  try {
    return { done: await restoreParameters(situation, settings) };
  } catch (thrown) {
    if (nameOf(thrown) !== 'InvalidDBParameterGroupState') throw thrown;
    return { done: [], busy: `RDS says ${nameOf(thrown)}: ${messageOf(thrown)}` };
  }
}
