import { ErrorName, type PipelineSettings, type RetirementSettings } from '../../lib/private/contract';
import { PipelineError } from './errors';
import { type RecordedClusters, type RetirementStep, type TaskEvent, type Waiting } from './state';
import { required, situationOf } from './task';
import { inWords, secondsBetween, secondsUntilNextLook, unfinished } from './waiting';

/** For as long, whoever is connected to the old Blue may leave it: monitoring comes and goes. */
export const LEAVING_SECONDS = 300;

/** How a retirement is gone on with. */
export const RETIRE_AGAIN = 'Mend that, then redrive this execution or start a new one with { "action": "retire" }; it goes on where this one stands';

/** How it is not gone on with. */
export const KEEP_OLD_BLUE = 'To keep the old Blue after all, see the runbook (docs/runbook.md, section "Keep the old Blue after all")';

/** How the old Blue is to be retired. The states of the retirement are only there where that is known. */
export function retirementSettingsOf({ retireBlue }: PipelineSettings): RetirementSettings {
  return required(retireBlue, 'how the old Blue is retired');
}

/**
 * Which cluster is which.
 *
 * @throws `RetireRefused` where nobody has recorded it.
 */
export function recordedOf(event: TaskEvent): RecordedClusters {
  const { recorded, deployment } = situationOf(event);
  if (recorded !== undefined) return recorded;
  throw new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `nothing was deleted, because the tags of deployment ${deployment?.identifier} do not tell which cluster was production once and which one is it now, and by a name alone nothing is deleted. Delete the old Blue by hand (docs/runbook.md, RetireRefused)`,
  );
}

/** One look of a wait. */
export interface Look extends Omit<Waiting, 'done'> {
  readonly elapsedSeconds: number;
}

/** The look that a task is, within the wait that the state goes on with. */
export function lookOf({ now }: TaskEvent, slice: Waiting | null): Look {
  const startedAt = unfinished(slice)?.startedAt ?? now;
  const elapsedSeconds = secondsBetween(startedAt, now);
  return { startedAt, elapsedSeconds, waitSeconds: secondsUntilNextLook(elapsedSeconds) };
}

/** What a look at a wait returns that has come to its end. */
export function done({ startedAt, waitSeconds }: Look, detail: string): RetirementStep {
  return { done: true, startedAt, waitSeconds, detail };
}

/**
 * What a look returns that has to be followed by another one.
 *
 * @throws `RetireFailed` where that has lasted for too long.
 */
export function notYet({ startedAt, waitSeconds, elapsedSeconds }: Look, settings: PipelineSettings, detail: string): RetirementStep {
  const { patienceSeconds } = retirementSettingsOf(settings);
  if (elapsedSeconds < patienceSeconds) return { done: false, startedAt, waitSeconds, detail };
  throw retireFailed(`${detail}, after ${inWords(elapsedSeconds)} (retireBlue.patience)`);
}

/** The old Blue cannot be retired as it stands. */
export function retireFailed(found: string, cause?: unknown): PipelineError {
  return new PipelineError(
    ErrorName.RETIRE_FAILED, `the old Blue is not retired: ${found}. Production is as it was. See what the RDS console says of it. ${RETIRE_AGAIN}. ${KEEP_OLD_BLUE}`, { cause },
  );
}
