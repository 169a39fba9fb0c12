import { supervise } from '../migration/supervisor';
import { type MigrationProgress } from '../shared/state';
import { required, runOf, settingsOf, situationOf, task } from '../shared/task';
import { unfinished } from '../shared/waiting';

/** One look at the migration; it goes on inside MySQL, whatever becomes of this function. */
export const handler = task<MigrationProgress>(async (event) => supervise(required(situationOf(event).target, 'Green'), settingsOf(event), {
  now: event.now,
  startedAt: unfinished(event.state.migration)?.startedAt ?? event.now,
  execution: runOf(event),
}));
