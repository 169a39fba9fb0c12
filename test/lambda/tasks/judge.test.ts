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
    {
      readinessCheck: { rds, mysql: { ...NOTHING_FOUND, replan } },
      readiness: { done: false, overtaken: false, replan: false, replans, redriveCount: 0, waitSeconds: 5, startedAt: NOW },
    },
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

  test('remembers how often the execution had been redriven: what was looked at before counts no more', async () => {
    const event = readiness(NOTHING_FOUND);
    expect(await handler({ ...event, execution: { ...event.execution, redriveCount: 2 } })).toMatchObject({ done: true, redriveCount: 2 });
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

  describe('where somebody else has moved the work on', () => {
    const overtaken = collect([{ id: 'deployment-untouched', severity: 'blocker', message: 'it is SWITCHOVER_COMPLETED' }, { id: 'target-available', severity: 'blocker', message: 'gone' }]);

    test('goes on from there at once, whatever else was found, and whether the window is open or not', async () => {
      expect(await handler(readiness(overtaken))).toMatchObject({ done: true, overtaken: true, replan: false });
      expect(await handler(readiness(overtaken, { replan: true, seconds: 3600 }))).toMatchObject({ done: true, overtaken: true, replan: false, replans: 0 });
      configure({ switchoverWindow: { from: '02:00', to: '05:00', timeZone: 'Asia/Tokyo' } });
      expect(await handler(readiness(overtaken))).toMatchObject({ done: true, overtaken: true });
    });

    test('does not where nobody could look', async () => {
      const unknown = collect([{ id: 'deployment-untouched', severity: 'warning', message: 'could not be checked' }]);
      expect(await handler(readiness(unknown))).toMatchObject({ done: true, overtaken: false });
    });
  });

  test('ends at once where a newer execution has taken over', async () => {
    const event = readiness(NOTHING_FOUND);
    const mysql = { ...NOTHING_FOUND, blockers: 1, replan: false, failed: { Error: 'SupersededByAnotherExecution', Cause: '{"errorMessage":"execution two has taken over"}' } };
    const state = { ...event.state, readinessCheck: { rds: NOTHING_FOUND, mysql } };
    const error = await thrownBy(handler({ ...event, state }));
    expect([error.name, error.message]).toEqual(['SupersededByAnotherExecution', 'execution two has taken over']);
    // the hook onFailure starts them, which is not run for a superseded one.
    const writersStandStill = await thrownBy(handler({ ...event, state: { ...state, hooks: { ...state.hooks, beforeSwitchover: 0 } } }));
    expect([writersStandStill.name, writersStandStill.message]).toEqual(['NotReadyToSwitchOver', expect.stringMatching(/execution two has taken over\. The hook 'beforeSwitchover' has run already/)]);
  });

  test('fails when there is nothing to judge', async () => {
    expect((await thrownBy(handler(eventOf({}, { subject: 'green' })))).message).toMatch(/no findings of 'green'/);
  });
});

describe('Judge Switchover', () => {
  const switched: SwitchoverProgress = { done: true, waitSeconds: 5, startedAt: NOW, status: 'SWITCHOVER_COMPLETED', detail: '', asked: true, givenUpAt: null, failure: null };
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

  test('does not count what RDS was not asked for, but does not go round for ever either', async () => {
    const late: SwitchoverProgress = { ...cancelled, asked: false, failure: 'the switchoverWindow closed' };
    const first = await judged(late);
    expect(first).toMatchObject({ made: 0, again: true, reasons: [`(not asked for at ${NOW}) the switchoverWindow closed`] });
    const reasons = ['1', '2', '3', '4', '5'];
    expect(await judged(late, { ...first, made: 1, reasons })).toMatchObject({ made: 1, again: true });
    expect(await thrownBy(judged(late, { ...first, made: 0, reasons }))).toMatchObject({ name: 'SwitchoverFailed', message: expect.stringMatching(/in 0 attempts/) as string });
    // those that were asked for are as many as before.
    expect(await judged(cancelled, { ...first, made: 0, reasons })).toMatchObject({ made: 1, again: true });
  });

  test('does not say that production is as it was where the watch has seen otherwise', async () => {
    configure({ switchoverAttempts: 1 });
    const seen = { longestReadGapMilliseconds: 0, longestWriteGapMilliseconds: 90_000, readLostAt: null, writeLostAt: after(-90), errors: {} };
    const watch = {
      done: true, waitSeconds: 5, startedAt: NOW, firstServer: null, changedAt: null, probes: 9, resolutionMilliseconds: 110, lastProbeAt: NOW,
      fresh: seen, pooled: seen, topology: [],
    };
    const outcome = judgeSwitchover(eventOf({ switchover: { outcome: { progress: cancelled }, watch } }));
    const { message } = await thrownBy(outcome.finally(() => configure()));
    expect(message).toMatch(/it says that everything was rolled back, but see to production first/);
    expect(message).toContain(`A CLIENT STILL COULD NOT WRITE TO PRODUCTION, since ${after(-90)}: connect to it and look at once`);
    expect(message).not.toMatch(/production is unchanged/);
  });

  test('fails with the error of the branch that switched over', async () => {
    const error = { Error: 'RdsBusy', Cause: '{"errorMessage":"throttled"}' };
    const attempts = { ...stateOf().attempts, made: 1, again: true, reasons: ['long writes'] };

    const thrown = await thrownBy(judgeSwitchover(eventOf({ switchover: { outcome: { error }, watch: null }, attempts })));

    expect([thrown.name, thrown.message]).toEqual(['RdsBusy', 'throttled\nAttempts before:\n1. long writes']);
  });
});
