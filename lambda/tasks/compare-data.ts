import { databasesOf } from '../checks/mysql/context';
import { mustBeAsPlanned } from '../migration/blue-schema';
import { Session } from '../mysql/session';
import { readSettings } from '../shared/settings';
import { type ComparisonProgress } from '../shared/state';
import { required, runOf, situationOf, task } from '../shared/task';
import { unfinished } from '../shared/waiting';
import { compare } from '../verification/comparison';

/** Compares as much as one invocation may; the next one resumes. Evidence of an earlier execution does not count. */
export const handler = task<ComparisonProgress>(async (event) => {
  const situation = situationOf(event);
  const target = required(situation.target, 'Green');
  const settings = readSettings();
  return Session.use(required(situation.source, 'Blue'), (blue) => Session.use(target, (green) => Session.use(target, async (ledger) => {
    await mustBeAsPlanned({ blue, green }, databasesOf(settings));
    return compare({ blue, green, ledger }, settings, { now: event.now, execution: runOf(event), previous: unfinished(event.state.comparison) });
  })));
});
