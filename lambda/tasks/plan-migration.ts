import { changedDatabasesOf } from '../checks/mysql/context';
import { planWatchingBlue } from '../migration/blue-schema';
import { writePlan } from '../migration/planning';
import { Session } from '../mysql/session';
import { type PlanSummary } from '../shared/state';
import { required, runOf, settingsOf, situationOf, task } from '../shared/task';

/** Further ones are in the log. */
const MOST_DOUBTS = 10;

/** Writes into the ledger on Green what is still to be done, from the facts of this moment, and how Blue is defined. */
export const handler = task<PlanSummary>(async (event) => {
  const [situation, settings, execution] = [situationOf(event), settingsOf(event), runOf(event)];
  return Session.use(required(situation.source, 'Blue'), (blue) => Session.use(required(situation.target, 'Green'), (green) => (
    planWatchingBlue({ blue, green }, changedDatabasesOf(settings), execution, async (doubts) => {
      const planned = await writePlan(green, settings, execution);
      return { ...planned, warnings: [...doubts.slice(0, MOST_DOUBTS), ...planned.warnings] };
    })
  )));
});
