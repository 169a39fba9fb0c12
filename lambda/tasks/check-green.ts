import { runChecks, type Scope } from '../checks/check';
import { type GreenContext } from '../checks/mysql/context';
import { BLUE_CHECKS, GREEN_CHECKS, OLD_BLUE_CHECKS, PRODUCTION_CHECKS } from '../checks/mysql/registry';
import { Ledger } from '../migration/ledger';
import { inOldBlue } from '../mysql/old-blue';
import { Session } from '../mysql/session';
import { collect, type Findings, stops } from '../shared/findings';
import { readSettings } from '../shared/settings';
import { type TaskEvent } from '../shared/state';
import { required, runOf, situationOf, task } from '../shared/task';

/** What another round of plan, migration and comparison settles. */
const NEEDS_A_PLAN = ['migration-complete', 'tables-compared'];

/** What the database checks of a scope found. */
export type GreenFindings = Findings & {
  /** Tables arrived from Blue that the plan does not cover: they are planned and converted before anything is switched over. */
  readonly replan: boolean;
};

/**
 * Runs the checks that need both servers: before anything is altered on Green, right before the switchover, and right after it; and before the old Blue is
 * retired.
 *
 * @throws `SupersededByAnotherExecution` before the switchover, where a newer execution has taken over.
 */
export const handler = task<GreenFindings>(async (event) => {
  const settings = readSettings();
  const situation = situationOf(event);
  const { scope } = event as TaskEvent & { scope: Scope };
  const { acknowledge } = event.state.options;
  return Session.use(required(situation.target, 'Green'), async (green) => {
    // a newer execution has other evidence, which may say that the data differ.
    if (scope === 'before-switchover') await (await Ledger.open(green))?.mustBeOurs(runOf(event));
    const findings = await runChecks(PRODUCTION_CHECKS, scope, { settings, situation, green }, acknowledge);
    findings.push(...await runChecks(OLD_BLUE_CHECKS, scope, { instances: event.state.oldBlueStart?.instances ?? [] }, acknowledge));
    // an old Blue that somebody has deleted must not keep production from being restored.
    if (situation.source !== null || scope !== 'after-switchover') {
      const useBlue = scope === 'retire' ? inOldBlue : Session.use;
      findings.push(...await useBlue(required(situation.source, 'Blue'), async (blue) => {
        const context: GreenContext = { settings, situation, blue, green, scope, writer: event.state.green?.writer ?? null };
        // what somebody does on Blue at this moment is looked at last: RDS is asked right after.
        return [...await runChecks(GREEN_CHECKS, scope, context, acknowledge), ...await runChecks(BLUE_CHECKS, scope, context, acknowledge)];
      }));
    }
    const open = findings.filter(stops);
    return { ...collect(findings), replan: open.length > 0 && open.every(({ id }) => NEEDS_A_PLAN.includes(id)) };
  });
});
