import { type PipelineState, type Situation } from '../../../lambda/shared/state';
import { handler } from '../../../lambda/tasks/explain-failure';
import { Phase } from '../../../lib/private/contract';
import { eventOf } from '../shared/event';

function causeOf(errorMessage: string): string {
  return JSON.stringify({ errorType: 'X', errorMessage, trace: [] });
}

function failed(state: Partial<PipelineState> = {}, redriveCount = 0) {
  return eventOf(
    { failure: { Error: 'DataDiffers', Cause: causeOf('shop.orders differs') }, failedAt: { redriveCount: 0 }, ...state },
    { execution: { id: 'x', startedAt: '2026-11-20T12:00:00.000Z', redriveCount } },
  );
}

async function thrownBy(event: ReturnType<typeof failed>): Promise<Error> {
  return handler(event).then(() => { throw new Error('nothing was thrown'); }, (thrown: Error) => thrown);
}

describe('Explain Failure', () => {
  test('fails with the name and the message of what went wrong', async () => {
    const error = await thrownBy(failed());

    expect(error.name).toBe('DataDiffers');
    expect(error.message).toMatch(/^shop\.orders differs\n\nWhat stands: nothing was created, Blue is untouched\.$/);
  });

  test('returns when the execution was redriven since, so that the machine goes on', async () => {
    expect(await handler(failed({}, 1))).toEqual({ redriven: true });
  });

  test('fails again when a redriven execution fails again', async () => {
    expect((await thrownBy(failed({ failedAt: { redriveCount: 1 } }, 1))).name).toBe('DataDiffers');
  });

  test('names Green and how to give it up where there is one', async () => {
    const error = await thrownBy(failed({ create: { identifier: 'bgd-1' } }));
    expect(error.message).toMatch(/Green \(deployment bgd-1\) exists and costs money.*To give up: an execution with \{ "action": "abandon" \}/);
  });

  test('claims nothing of Blue once a switchover was asked for', async () => {
    const situation = { phase: Phase.SWITCHING, deployment: { identifier: 'bgd-1', name: 'n', status: 'SWITCHOVER_IN_PROGRESS' }, source: null, target: null };

    const error = await thrownBy(failed({ situation }));

    expect(error.message).toMatch(/a switchover of deployment bgd-1 was asked for/);
    expect(error.message).not.toMatch(/untouched/);
  });

  test('says that Green is gone where the failure has deleted it, and what else was done', async () => {
    const abandon = { done: true, waitSeconds: 5, startedAt: '', green: 'cluster-1', detail: '', remarks: ['a group was deleted'] };
    const error = await thrownBy(failed({ create: { identifier: 'bgd-1' }, afterFailure: { deletes: true, kept: null }, blueRestored: { remarks: ['the retention was set back'] }, abandon }));
    expect(error.name).toBe('DataDiffers');
    expect(error.message).toMatch(/Blue is production, as it was before\. There is no Green: .*; the retention was set back; a group was deleted\. To go on: .*with a new Green$/);
  });

  test.each([
    [{ afterFailure: { deletes: false, kept: 'it is wanted' } }, /To give up: .*\. It was not deleted \(onExecutionFailure\), because it is wanted$/],
    [{ afterFailure: { deletes: true, kept: null }, deletionFailure: { Error: 'AbandonFailed', Cause: causeOf('a backup keeps it') } }, /It should have been deleted \(onExecutionFailure\), but that has failed, too: AbandonFailed: a backup keeps it$/],
    [{ afterFailure: { deletes: true, kept: null }, deletionFailure: { Error: 'AbandonRefused', Cause: causeOf('it is production') } }, /a switchover of deployment bgd-1 was asked for/],
  ] satisfies [Partial<PipelineState>, RegExp][])('says why Green is still there where it should be deleted: %j', async (state, words) => {
    const error = await thrownBy(failed({ create: { identifier: 'bgd-1' }, ...state }));
    expect(error.name).toBe('DataDiffers');
    expect(error.message).toMatch(words);
  });

  test.each([
    [Phase.FINISHED, /production is the former Green and works; 'shop-old1' is there and read-only, with its deployment bgd-1/],
    [Phase.RETIRING, /the final snapshot of 'shop-old1' is there, its deployment is being deleted or gone/],
    [Phase.REMOVING, /'shop-old1' is being deleted, or is gone/],
  ])('says that production is fine while the old Blue is retired: %s', async (phase, stands) => {
    const situation = { phase, deployment: { identifier: 'bgd-1', name: 'n', status: 'x' }, source: { identifier: 'shop-old1' } as Situation['source'], target: null };
    const error = await thrownBy(failed({ situation, restoration: null }));
    expect(error.message).toMatch(stands);
    expect(error.message).toMatch(/start a new one with \{ "action": "retire" \}/);
  });

  test.each([
    ['States.Timeout', undefined, 'a state reached its time limit'],
    ['Runtime.ExitError', causeOf('signal: killed'), 'the process of a function ended in the middle of its work: signal: killed'],
    ['States.DataLimitExceeded', 'too large', 'States.DataLimitExceeded: too large'],
  ])('keeps the name of an error of the platform and says what it means: %s', async (name, Cause, message) => {
    const error = await thrownBy(failed({ failure: { Error: name, Cause } }));

    expect(error.name).toBe(name);
    expect(error.message).toContain(message);
  });

  test('gives an error of somebody else one of the public names', async () => {
    const error = await thrownBy(failed({ failure: { Error: 'Approval.Denied', Cause: 'not today' } }));

    expect(error.name).toBe('UnexpectedError');
    expect(error.message).toContain('Approval.Denied: not today');
  });

  test('stays below what a cause may hold, and still says what stands', async () => {
    const error = await thrownBy(failed({ failure: { Error: 'DataDiffers', Cause: causeOf('"\n'.repeat(15_000)) }, create: { identifier: 'bgd-1' } }));

    expect(error.message.length).toBeLessThan(25_000);
    expect(error.message).toMatch(/\(the rest is in the function's log\)\n\nWhat stands: .*puts Blue back as it was$/);
  });
});
