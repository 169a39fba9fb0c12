import { type PipelineState, type TaskEvent } from '../../../lambda/shared/state';
import { handler } from '../../../lambda/tasks/judge-failure';
import { Phase, type PhaseName } from '../../../lib/private/contract';
import { eventOf, stateOf } from '../shared/event';

const at = (phase: PhaseName) => ({ phase, deployment: null, source: null, target: null });

/** An execution that has failed alone, while there was a Green. */
function failed(error: string, state: Partial<PipelineState> = {}): TaskEvent {
  return eventOf({
    failure: { Error: error, Cause: 'as told' }, failedAt: { redriveCount: 0 }, others: { running: 1 },
    situation: at(Phase.AVAILABLE), preflightVerdict: {}, create: { identifier: 'bgd-1' }, ...state,
  });
}

describe('Judge Failure', () => {
  test.each(['MigrationFailed', 'DataDiffers', 'NotReadyToSwitchOver', 'HookFailed', 'DeploymentInvalid', 'RdsBusy', 'States.Timeout'])('deletes Green after %s', async (error) => {
    expect(await handler(failed(error))).toEqual({ deletes: true, kept: null });
  });

  test('deletes what Create Green may have left', async () => {
    expect(await handler(failed('CreateRefused', { situation: at(Phase.NONE), create: null }))).toMatchObject({ deletes: true });
  });

  test.each([
    'SupersededByAnotherExecution', 'ForeignDeployment', 'PlanChanged', 'PipelineChanged', 'InvalidInput', 'AbandonRefused', 'ApprovalTimedOut', 'ApprovalRejected', 'ApprovalNotSent',
  ])('keeps Green after %s', async (error) => {
    expect(await handler(failed(error))).toEqual({ deletes: false, kept: expect.any(String) as string });
  });

  const { options } = stateOf();
  const { hooks } = stateOf();
  const switchover = { outcome: { error: { Error: 'SwitchoverFailed' } }, watch: null } as unknown as PipelineState['switchover'];
  test.each([
    ['a switchover was asked for', { switchover }, /switchover was asked for/],
    ['RDS is switching over', { situation: at(Phase.SWITCHING) }, /switchover was asked for/],
    ['production has changed', { situation: at(Phase.SWITCHED) }, /switchover was asked for/],
    ['everything is done', { situation: at(Phase.FINISHED) }, /switchover was asked for/],
    ['the old Blue is being retired', { situation: at(Phase.RETIRING) }, /switchover was asked for/],
    ['writers stand still', { hooks: { ...hooks, beforeSwitchover: 0 } }, /must not wait/],
    ['the hook that stops writers has failed', { failure: { Error: 'HookFailed', hook: 'beforeSwitchover' } }, /must not wait/],
    ['the execution gives up', { options: { ...options, action: 'abandon' } }, /"abandon"/],
    ['the execution only looks', { options: { ...options, preflightOnly: true } }, /preflightOnly/],
    ['the execution has not looked yet', { situation: null }, /not seen it yet/],
    ['another execution runs', { others: { running: 2 } }, /another execution is running/],
    ['nobody knows who runs', { others: { Error: 'Sfn.AccessDeniedException' } }, /could not be found out/],
  ] satisfies [string, Partial<PipelineState>, RegExp][])('keeps Green when %s', async (_, state, words) => {
    expect(await handler(failed('UnexpectedError', state))).toEqual({ deletes: false, kept: expect.stringMatching(words) as string });
  });

  test('keeps Green when the input could not be read', async () => {
    const early: Partial<PipelineState> = { situation: null, create: null, switchover: null, failure: { Error: 'UnexpectedError' }, failedAt: { redriveCount: 0 }, others: { running: 1 } };
    expect(await handler({ ...eventOf(), state: early as PipelineState })).toMatchObject({ deletes: false, kept: expect.stringMatching(/not seen it yet/) as string });
  });

  test('has nothing to say where nothing was created', async () => {
    expect(await handler(failed('PreflightFailed', { situation: at(Phase.NONE), create: null, preflightVerdict: undefined }))).toEqual({ deletes: false, kept: null });
  });
});
