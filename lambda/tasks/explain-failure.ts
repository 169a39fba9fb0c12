import { ErrorName, Phase, type PhaseName } from '../../lib/private/contract';
import { explained } from '../shared/failure';
import { log } from '../shared/log';
import { type PipelineState, type TaskEvent } from '../shared/state';
import { task } from '../shared/task';

/** AWS cuts a cause at 32,768 characters; ours stay below it. */
const MOST_CHARACTERS = 24_000;

/** Of a failure that came second. */
const MOST_OF_SECOND = 2000;

/**
 * Every failure ends here: throws the error's own name and message, together with what stands now. When the execution is redriven, it
 * returns instead, and the machine goes on from *Read Input*.
 */
export const handler = task<{ redriven: true }>(async (event) => {
  const { failure, failedAt } = event.state;
  if (failure === null || failedAt === null) throw new Error('there is no failure to explain');
  if (event.execution.redriveCount > failedAt.redriveCount) return { redriven: true };
  const explanation = explained(failure);
  const stands = `${whatStands(event)}${whatStandsStill(event.state)}`;
  log.error('the execution fails', { error: failure.Error, explanation, stands });
  const room = MOST_CHARACTERS - stands.length;
  const shown = explanation.length > room ? `${explanation.slice(0, room)} … (the rest is in the function's log)` : explanation;
  throw Object.assign(new Error(`${shown}\n\n${stands}`), { name: failure.Error });
});

/** What exists, what is safe and how to go on. */
function whatStands({ state }: TaskEvent): string {
  const phase = state.situation?.phase;
  const retires = state.options?.action === 'retire';
  if (phase === Phase.FINISHED || phase === Phase.RETIRING || phase === Phase.REMOVING) return whatStandsOfOldBlue(phase, state);
  if (retires && phase !== Phase.SWITCHED) return 'What stands: nothing was deleted.';
  const deployment = state.situation?.deployment?.identifier ?? state.create?.identifier;
  if (isGone(state)) {
    const remarks = [...state.blueRestored?.remarks ?? [], ...state.abandon?.remarks ?? []].map((remark) => `; ${remark}`).join('');
    return `What stands: Blue is production, as it was before. There is no Green: onExecutionFailure of the pipeline leaves none, and no deployment${remarks}. `
      + 'To go on: redrive this execution, or start a new one with {}; it begins anew, with a new Green';
  }
  if (state.switchover !== null || phase === Phase.SWITCHING || phase === Phase.SWITCHED || state.deletionFailure?.Error === ErrorName.ABANDON_REFUSED) {
    return `What stands: a switchover of deployment ${deployment} was asked for; where it stands tells RDS (aws rds describe-blue-green-deployments). To go on: redrive this execution, or start a new one with {}; it looks first.`;
  }
  if (deployment === undefined) return 'What stands: nothing was created, Blue is untouched.';
  return `What stands: Blue is production and untouched (apart from its 'binlog retention hours'); Green (deployment ${deployment}) exists and costs money. To go on: redrive this execution, or start a new one with {}; `
    + `it continues with this Green. To give up: an execution with { "action": "abandon" } deletes Green and puts Blue back as it was${whyNotDeleted(state)}`;
}

/** Deleted because of the failure; an execution that abandons has the same slice. */
function isGone({ afterFailure, abandon }: Partial<PipelineState>): boolean {
  return afterFailure?.deletes === true && abandon?.done === true;
}

/** Where the pipeline is told to delete Green after a failure, and has not. */
function whyNotDeleted({ afterFailure, deletionFailure }: Partial<PipelineState>): string {
  if (deletionFailure !== null && deletionFailure !== undefined) {
    return `. It should have been deleted (onExecutionFailure), but that has failed, too: ${deletionFailure.Error}: ${explained(deletionFailure).slice(0, MOST_OF_SECOND)}`;
  }
  return typeof afterFailure?.kept === 'string' ? `. It was not deleted (onExecutionFailure), because ${afterFailure.kept}` : '';
}

/** From here on, production is done with. */
function whatStandsOfOldBlue(phase: PhaseName, { situation }: PipelineState): string {
  const oldBlue = situation?.source?.identifier ?? 'the old Blue';
  const stands = {
    [Phase.FINISHED]: `'${oldBlue}' is there and read-only, with its deployment ${situation?.deployment?.identifier}, and costs money`,
    [Phase.RETIRING]: `the final snapshot of '${oldBlue}' is there, its deployment is being deleted or gone, and the cluster is there and costs money`,
    [Phase.REMOVING]: `'${oldBlue}' is being deleted, or is gone, and its final snapshot is there`,
  }[phase as string];
  return `What stands: production is the former Green and works; ${stands}. To go on: redrive this execution, or start a new one with { "action": "retire" }; it goes on where this one stands`;
}

/** Whoever reads of the failure first should hear of it. A state of before *Read Input* has no hooks. */
function whatStandsStill({ hooks }: Partial<PipelineState>): string {
  const started = hooks?.event?.hook === 'afterSwitchover' && hooks.afterSwitchover === null;
  return typeof hooks?.beforeSwitchover === 'number' && !started ? '. The hook \'beforeSwitchover\' has run: what it has stopped, only you can start again' : '';
}
