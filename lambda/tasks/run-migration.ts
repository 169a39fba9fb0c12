import { supervise } from '../migration/supervisor';
import { readSettings } from '../shared/settings';
import { type MigrationProgress } from '../shared/state';
import { required, runOf, situationOf, task } from '../shared/task';
import { unfinished } from '../shared/waiting';

/** One look at the migration; it goes on inside MySQL, whatever becomes of this function. */
export const handler = task<MigrationProgress>(async (event) => supervise(required(situationOf(event).target, 'Green'), { ...readSettings(), workers: event.state.options.workers }, {
  now: event.now,
  startedAt: unfinished(event.state.migration)?.startedAt ?? event.now,
  workers: event.state.options.workers,
  execution: runOf(event),
}));
