import { collect, type Findings } from '../../../lambda/shared/findings';
import { handler } from '../../../lambda/tasks/judge';
import { handler as judgeSwitchover } from '../../../lambda/tasks/judge-switchover';
import { after, configure, eventOf, NOTHING_FOUND, NOW } from '../shared/event';

const BLOCKED = collect([{ id: 'cluster-available', severity: 'blocker', message: `'shop' is 'stopped': start it` }]);
const WARNED = collect([{ id: 'name-length', severity: 'warning', message: 'long' }]);

async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  return promise.then(() => { throw new Error('nothing was thrown'); }, (thrown: Error) => thrown);
}

function preflight(rds: Findings, mysql: Findings = NOTHING_FOUND) {
  return eventOf({ preflight: { rds, mysql: { ...mysql, blue: null } } }, { subject: 'preflight' });
}

function readiness(rds: Findings, { replan = false, seconds = 0, replans = 0 } = {}) {
  return eventOf(
    { readinessCheck: { rds, mysql: { ...NOTHING_FOUND, replan } }, readiness: { done: false, replan: false, replans, waitSeconds: 5, startedAt: NOW } },
    { subject: 'readiness', now: after(seconds) },
  );
}

describe('Judge', () => {
  beforeEach(() => configure());

  test('goes on where there are only warnings', async () => {
    expect(await handler(preflight(WARNED))).toMatchObject({ done: true });
  });

  test('fails with the findings of both zones and what to do', async () => {
    const error = await thrownBy(handler(preflight(BLOCKED, WARNED)));

    expect(error.name).toBe('PreflightFailed');
    expect(error.message).toMatch(/found 1 blocker:\n1\. \[blocker\] cluster-available: 'shop' is 'stopped': start it\n2\. \[warning\] name-length: long\nMend the blockers/);
  });

  test('fails where a zone could not be checked: nothing is known of it', async () => {
    const failed = { ...NOTHING_FOUND, failed: { Error: 'Sandbox.Timedout', Cause: '{"errorMessage":"after 60 s"}' } };

    const error = await thrownBy(handler(preflight(failed)));

    expect(error.message).toMatch(/not-checked: the checks of one zone could not be carried out: a function reached its time limit: after 60 s/);
  });

  test('looks again where a blocker may pass by itself', async () => {
    expect(await handler(readiness(BLOCKED))).toMatchObject({ done: false, startedAt: NOW });
  });

  test('fails when the patience for it is over', async () => {
    const error = await thrownBy(handler(readiness(BLOCKED, { seconds: 3600 })));

    expect(error.name).toBe('NotReadyToSwitchOver');
    expect(error.message).toMatch(/there is 1 blocker \(for 1 h 0 min\)/);
  });

  test('goes back to planning when tables arrived from Blue', async () => {
    expect(await handler(readiness(NOTHING_FOUND, { replan: true }))).toMatchObject({ done: true, replan: true });
  });

  test('counts how often it has gone back, and does not for ever', async () => {
    expect(await handler(readiness(BLOCKED, { replan: true, replans: 19 }))).toMatchObject({ done: true, replan: true, replans: 20 });
    expect(await handler(readiness(BLOCKED, { replan: true, replans: 20 }))).toMatchObject({ done: false, replan: false, replans: 20 });
    expect((await thrownBy(handler(readiness(BLOCKED, { replan: true, replans: 20, seconds: 3600 })))).name).toBe('NotReadyToSwitchOver');
  });

  test('fails when there is nothing to judge', async () => {
    expect((await thrownBy(handler(eventOf({}, { subject: 'green' })))).message).toMatch(/no findings of 'green'/);
  });
});

describe('Judge Switchover', () => {
  test('hands the progress on where RDS has switched over', async () => {
    const progress = { done: true, waitSeconds: 5, startedAt: NOW, status: 'SWITCHOVER_COMPLETED', detail: '' };
    expect(await judgeSwitchover(eventOf({ switchover: { outcome: { progress }, watch: null } }))).toEqual(progress);
  });

  test('fails with the error of the branch that switched over', async () => {
    const error = { Error: 'SwitchoverFailed', Cause: '{"errorMessage":"rolled back"}' };

    const thrown = await thrownBy(judgeSwitchover(eventOf({ switchover: { outcome: { error }, watch: null } })));

    expect([thrown.name, thrown.message]).toEqual(['SwitchoverFailed', 'rolled back']);
  });
});
