import { Session } from '../mysql/session';
import { lookAtReplication } from '../replication/catch-up';
import { readSettings } from '../shared/settings';
import { type ReplicationProgress } from '../shared/state';
import { required, situationOf, task } from '../shared/task';
import { unfinished } from '../shared/waiting';

/** One look at replication. */
export const handler = task<ReplicationProgress>(async (event) => {
  const situation = situationOf(event);
  return Session.use(required(situation.source, 'Blue'), (blue) => Session.use(required(situation.target, 'Green'), (green) => (
    lookAtReplication({ blue, green }, readSettings(), { now: event.now, previous: unfinished(event.state.replication) })
  )));
});
