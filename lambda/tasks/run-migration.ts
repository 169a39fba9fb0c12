import { supervise } from '../migration/supervisor';
import { replicaStatus } from '../mysql/dialect';
import { Session } from '../mysql/session';
import { withPoint } from '../shared/curve';
import { type LagCurve, type MigrationProgress } from '../shared/state';
import { required, runOf, settingsOf, situationOf, task } from '../shared/task';
import { unfinished } from '../shared/waiting';

/** One look at the migration; it goes on inside MySQL, whatever becomes of this function. */
export const handler = task<MigrationProgress & LagCurve>(async (event) => {
  const green = required(situationOf(event).target, 'Green');
  const previous = unfinished(event.state.migration);
  const progress = await supervise(green, settingsOf(event), { now: event.now, startedAt: previous?.startedAt ?? event.now, execution: runOf(event) });
  const status = await Session.use(green, replicaStatus);
  return { ...progress, lag: withPoint(previous?.lag ?? [], event.now, status?.lagSeconds ?? null) };
});
