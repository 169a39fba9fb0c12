import { changedDatabasesOf } from '../checks/mysql/context';
import { mustBeAsPlanned } from '../migration/blue-schema';
import { supervise } from '../migration/supervisor';
import { replicaStatus } from '../mysql/dialect';
import { Session } from '../mysql/session';
import { withPoint } from '../shared/curve';
import { type LagCurve, type MigrationProgress } from '../shared/state';
import { required, runOf, settingsOf, situationOf, task } from '../shared/task';
import { unfinished } from '../shared/waiting';

/** One look at the migration; it goes on inside MySQL, whatever becomes of this function. */
export const handler = task<MigrationProgress & LagCurve>(async (event) => {
  const [situation, settings] = [situationOf(event), settingsOf(event)];
  const target = required(situation.target, 'Green');
  const previous = unfinished(event.state.migration);
  // first, so that no step is planned or started that does not know of it.
  await Session.use(required(situation.source, 'Blue'), (blue) => Session.use(target, (green) => mustBeAsPlanned({ blue, green }, changedDatabasesOf(settings))));
  const progress = await supervise(target, settings, { now: event.now, previous, execution: runOf(event) });
  const status = await Session.use(target, replicaStatus);
  return { ...progress, lag: withPoint(previous?.lag ?? [], event.now, status?.lagSeconds ?? null) };
});
