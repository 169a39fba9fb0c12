import { ErrorName, Phase, type PhaseName } from '../../lib/private/contract';
import { type AfterFailure, type PipelineState } from '../shared/state';
import { task } from '../shared/task';

/** Endings that say nothing against Green: somebody will go on with it, or it is not ours to delete. */
const KEPT_AFTER: Readonly<Record<string, string>> = {
  [ErrorName.SUPERSEDED]: 'a newer execution goes on with it',
  [ErrorName.FOREIGN_DEPLOYMENT]: 'it is not this pipeline\'s',
  [ErrorName.PLAN_CHANGED]: 'it was made for another plan, and which one is meant only you know',
  [ErrorName.PIPELINE_CHANGED]: 'the stack was deployed meanwhile, and a new execution goes on with it',
  [ErrorName.INVALID_INPUT]: 'only the input is wrong',
  [ErrorName.ABANDON_REFUSED]: 'it is production, or becomes it',
  [ErrorName.APPROVAL_TIMED_OUT]: 'it is ready, and the next execution asks again',
  [ErrorName.APPROVAL_REJECTED]: 'it is ready, and the next execution asks again',
  [ErrorName.APPROVAL_NOT_SENT]: 'it is ready, and the next execution asks again',
};

const SWITCHOVER_PHASES: readonly PhaseName[] = [Phase.SWITCHING, Phase.SWITCHED, Phase.FINISHED, Phase.RETIRING, Phase.REMOVING];

/**
 * Decides, from what the execution knows, whether Green is deleted after a failure. Whether RDS agrees, the state behind finds out.
 */
export const handler = task<AfterFailure>(({ state }) => {
  if (isNothingThere(state)) return Promise.resolve({ deletes: false, kept: null });
  const kept = whyKept(state) ?? null;
  return Promise.resolve({ deletes: kept === null, kept });
});

/** Before *Create Green* nobody has created anything; in it, RDS may have without our hearing of it. */
function isNothingThere({ situation, create, preflightVerdict }: Partial<PipelineState>): boolean {
  return situation?.phase === Phase.NONE && create === null && preflightVerdict === undefined;
}

/** A state of before *Read Input* is not complete. */
function whyKept({ failure, options, situation, switchover, hooks, others }: Partial<PipelineState>): string | undefined {
  const ending = KEPT_AFTER[failure?.Error ?? ''];
  if (ending !== undefined) return ending;
  if (options === undefined || situation === null || situation === undefined) return 'this execution has not seen it yet';
  if (options.action !== 'run') return `an execution with { "action": "${options.action}" } deletes nothing but what that says`;
  if (options.preflightOnly) return 'an execution with { "preflightOnly": true } changes nothing';
  if (switchover !== null || SWITCHOVER_PHASES.includes(situation.phase)) return 'a switchover was asked for';
  if (typeof hooks?.beforeSwitchover === 'number' || failure?.hook === 'beforeSwitchover') {
    return 'the hook \'beforeSwitchover\' has run, and what it has stopped must not wait until Green is deleted';
  }
  if (others === null || others === undefined || !('running' in others)) return 'whether another execution works with it could not be found out';
  return others.running > 1 ? 'another execution is running' : undefined;
}
