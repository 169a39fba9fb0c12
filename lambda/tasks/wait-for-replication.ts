import { Session } from '../mysql/session';
import { lookAtReplication } from '../replication/catch-up';
import { withPoint } from '../shared/curve';
import { readSettings } from '../shared/settings';
import { type LagCurve, type ReplicationProgress } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { unfinished } from '../shared/waiting';

/** One look at replication. */
export const handler = task<ReplicationProgress & LagCurve>(async (event) => {
  const situation = situationOf(event);
  const previous = unfinished(event.state.replication);
  const progress = await Session.use(required(situation.source, 'Blue'), (blue) => Session.use(required(situation.target, 'Green'), (green) => (
    lookAtReplication({ blue, green }, readSettings(), { now: event.now, previous })
  )));
  return { ...progress, lag: withPoint(previous?.lag ?? [], event.now, progress.lagSeconds) };
});
