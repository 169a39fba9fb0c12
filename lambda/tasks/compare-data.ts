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
  return Session.use(required(situation.source, 'Blue'), (blue) => Session.use(target, (green) => Session.use(target, (ledger) => (
    compare({ blue, green, ledger }, readSettings(), { now: event.now, execution: runOf(event), previous: unfinished(event.state.comparison) })
  ))));
});
