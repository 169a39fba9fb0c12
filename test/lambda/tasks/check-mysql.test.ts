import { type Situation } from '../../../lambda/shared/state';
import { handler as checkMysql } from '../../../lambda/tasks/check-mysql';
import { configure, eventOf } from '../shared/event';

beforeEach(() => { configure(); });

test.each([
  ['backing-up', { identifier: 'shop', status: 'backing-up' }, /was 'backing-up' when the execution began/],
  ['missing', null, /does not exist/],
])('what was not looked at is no production that is ready: %s', async (_, source, why) => {
  const situation = { phase: 'none', deployment: null, target: null, source } as Situation;
  expect(await checkMysql(eventOf({ situation }))).toMatchObject({
    blockers: 1, blue: null, findings: [{ id: 'database-login', severity: 'blocker', message: expect.stringMatching(why) as string }],
  });
});
