import { collect, type Findings } from '../../../lambda/shared/findings';
import { type SwitchoverProgress } from '../../../lambda/shared/state';
import { handler } from '../../../lambda/tasks/judge';
import { handler as judgeSwitchover } from '../../../lambda/tasks/judge-switchover';
import { after, configure, eventOf, NOTHING_FOUND, NOW, settingsOf, stateOf } from '../shared/event';

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

  describe('inside a switchover window', () => {
    // NOW is 21:00 in Tokyo.
    const window = { from: '21:30', to: '22:30', timeZone: 'Asia/Tokyo' };

    beforeEach(() => configure({ switchoverWindow: window }));

    test('counts only the time inside it as patience', async () => {
      configure({ switchoverWindow: window, patience: { ...settingsOf().patience, readinessSeconds: 4000 } });
      expect(await handler(readiness(BLOCKED, { seconds: 5399 }))).toMatchObject({ done: false, startedAt: NOW });
      // the next evening.
      expect(await handler(readiness(BLOCKED, { seconds: 86_400 + 1800 }))).toMatchObject({ done: false });
      expect((await thrownBy(handler(readiness(BLOCKED, { seconds: 86_400 + 1800 + 400 })))).message).toMatch(/there is 1 blocker \(for 1 h 6 min\)/);
    });

    test('does not go on, and fails for nothing, when it has closed meanwhile', async () => {
      expect(await handler(readiness(NOTHING_FOUND, { seconds: 5400 }))).toMatchObject({ done: false, waitSeconds: 5 });
      expect(await handler(readiness(BLOCKED, { seconds: 80_000 }))).toMatchObject({ done: false, waitSeconds: 5 });
      expect(await handler(readiness(NOTHING_FOUND, { seconds: 5399 }))).toMatchObject({ done: true });
    });

    test('goes on at any time where the execution ignores it', async () => {
      const event = readiness(NOTHING_FOUND);
      const options = { ...event.state.options, ignoreSwitchoverWindow: true };
      expect(await handler({ ...event, state: { ...event.state, options } })).toMatchObject({ done: true });
    });
  });

  test('says what RDS had said before, when it is not ready any more after an attempt', async () => {
    const event = readiness(BLOCKED, { seconds: 3600 });
    const error = await thrownBy(handler({ ...event, state: { ...event.state, attempts: { ...stateOf().attempts, made: 1, again: true, reasons: ['long writes'] } } }));
    expect(error.message).toMatch(/start it\nRDS had not switched over before:\nlong writes\nMend the blockers/);
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
  const switched: SwitchoverProgress = { done: true, waitSeconds: 5, startedAt: NOW, status: 'SWITCHOVER_COMPLETED', detail: '', givenUpAt: null, failure: null };
  const cancelled: SwitchoverProgress = { ...switched, status: 'SWITCHOVER_FAILED', failure: 'RDS says: long writes' };
  const judged = (progress: SwitchoverProgress, attempts = stateOf().attempts) => (
    judgeSwitchover(eventOf({ switchover: { outcome: { progress }, watch: null }, attempts }))
  );

  test('goes on where RDS has switched over', async () => {
    expect(await judged(switched)).toMatchObject({ made: 1, again: false, reasons: [] });
    expect(await judged(switched, { ...stateOf().attempts, made: 1, again: true, reasons: ['long writes'] })).toMatchObject({ made: 2, again: false, reasons: ['long writes'] });
  });

  test('tells what a client saw of it, where somebody has measured', async () => {
    const gaps = { longestReadGapMilliseconds: 800, longestWriteGapMilliseconds: 1200, readLostAt: null, writeLostAt: null, errors: {} };
    const watch = {
      done: true, waitSeconds: 5, startedAt: NOW, firstServer: null, changedAt: NOW, probes: 9, resolutionMilliseconds: 110, lastProbeAt: NOW,
      fresh: gaps, pooled: gaps, topology: [],
    };
    const seen = await judgeSwitchover(eventOf({ switchover: { outcome: { progress: switched }, watch } }));

    expect(seen).toMatchObject({ outage: { writeMilliseconds: 1200, readMilliseconds: 800, resolutionMilliseconds: 110 }, seen: expect.stringMatching(/could not write for 1200 ms/) as string });
    expect(await judged(switched)).toMatchObject({ outage: null, seen: expect.stringMatching(/Nobody has measured/) as string });
  });

  test('tries again where RDS has cancelled, as often as it may, and then fails with all reasons', async () => {
    const first = await judged(cancelled);
    const error = await thrownBy(judged({ ...cancelled, failure: 'RDS says: too late' }, first));

    expect(first).toMatchObject({ made: 1, again: true, reasons: [`(asked for at ${NOW}) RDS says: long writes`] });
    expect(error.name).toBe('SwitchoverFailed');
    expect(error.message).toMatch(/^RDS has not switched over in 2 attempts \(switchoverAttempts\); everything was rolled back.*:\n1\. .* long writes\n2\. .* too late\nMend what RDS names/);
  });

  test('fails at the first time where nothing else was wanted', async () => {
    configure({ switchoverAttempts: 1 });
    expect((await thrownBy(judged(cancelled).finally(() => configure()))).message).toMatch(/in 1 attempt \(/);
  });

  test('fails with the error of the branch that switched over', async () => {
    const error = { Error: 'RdsBusy', Cause: '{"errorMessage":"throttled"}' };
    const attempts = { ...stateOf().attempts, made: 1, again: true, reasons: ['long writes'] };

    const thrown = await thrownBy(judgeSwitchover(eventOf({ switchover: { outcome: { error }, watch: null }, attempts })));

    expect([thrown.name, thrown.message]).toEqual(['RdsBusy', 'throttled\nAttempts before:\n1. long writes']);
  });
});
