import { Session } from '../mysql/session';
import { mustReplicate } from '../replication/catch-up';
import { mustNotWait } from '../shared/hooks';
import { type WindowProgress } from '../shared/state';
import { required, situationOf, switchoverWindowOf, task } from '../shared/task';
import { secondsBetween, secondsUntilNextLook } from '../shared/waiting';
import { opensAt } from '../switchover/window';

/**
 * Waits until a switchover may be started. Meanwhile it looks whether Green still follows Blue: who comes back at night should not find an applier
 * that has stopped in the afternoon.
 */
export const handler = task<WindowProgress>(async (event) => {
  const { now } = event;
  const startedAt = event.state.window?.startedAt ?? now;
  const opens = opensAt(switchoverWindowOf(event), now);
  const seconds = secondsBetween(now, opens);
  if (seconds === 0) return { done: true, waitSeconds: 5, startedAt, opensAt: null };
  mustNotWait(event, `the switchoverWindow has closed, and opens at ${opens}`);
  await Session.use(required(situationOf(event).target, 'Green'), mustReplicate);
  return { done: false, waitSeconds: Math.min(seconds, secondsUntilNextLook(secondsBetween(startedAt, now))), startedAt, opensAt: opens };
});
