import { Ledger } from '../migration/ledger';
import { Session } from '../mysql/session';
import { mustFollow, untilStandstillIsKnown } from '../replication/catch-up';
import { mustNotWait } from '../shared/hooks';
import { type WindowProgress } from '../shared/state';
import { required, runOf, situationOf, switchoverWindowOf, task } from '../shared/task';
import { secondsBetween, secondsUntilNextLook } from '../shared/waiting';
import { opensAt } from '../switchover/window';

/**
 * Waits until a switchover may be started. Meanwhile it looks whether Green still follows Blue: who comes back at night should not find an applier
 * that has stopped in the afternoon. And whether a newer execution has taken over, whose evidence counts then.
 */
export const handler = task<WindowProgress>(async (event) => {
  const { now, state: { window } } = event;
  const startedAt = window?.startedAt ?? now;
  const opens = opensAt(switchoverWindowOf(event), now);
  const seconds = secondsBetween(now, opens);
  if (seconds === 0) return { done: true, waitSeconds: 5, startedAt, opensAt: null, standsSince: null };
  mustNotWait(event, `the switchoverWindow has closed, and opens at ${opens}`);
  const standsSince = await Session.use(required(situationOf(event).target, 'Green'), async (green) => {
    await (await Ledger.open(green))?.mustBeOurs(runOf(event));
    return mustFollow(green, now, window?.standsSince ?? null);
  });
  const waitSeconds = untilStandstillIsKnown(standsSince, secondsUntilNextLook(secondsBetween(startedAt, now)));
  return { done: false, waitSeconds: Math.min(seconds, waitSeconds), startedAt, opensAt: opens, standsSince };
});
