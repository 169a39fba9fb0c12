import { writePlan } from '../migration/planning';
import { Session } from '../mysql/session';
import { type PlanSummary } from '../shared/state';
import { required, runOf, settingsOf, situationOf, task } from '../shared/task';

/** Writes into the ledger on Green what is still to be done, from the facts of this moment. */
export const handler = task<PlanSummary>(async (event) => Session.use(required(situationOf(event).target, 'Green'), (green) => writePlan(green, settingsOf(event), runOf(event))));
