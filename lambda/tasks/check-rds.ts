import { type Scope, runChecks } from '../checks/check';
import { rdsContext } from '../checks/rds/context';
import { RDS_CHECKS } from '../checks/rds/registry';
import { collect, type Findings } from '../shared/findings';
import { readSettings } from '../shared/settings';
import { type TaskEvent } from '../shared/state';
import { situationOf, task } from '../shared/task';

/**
 * Runs the control-plane checks of a scope and returns everything they found.
 */
export const handler = task<Findings>(async (event) => {
  const { scope } = event as TaskEvent & { scope: Scope };
  const context = await rdsContext(readSettings(), situationOf(event), { scope, now: event.now });
  return collect(await runChecks(RDS_CHECKS, scope, context, event.state.options.acknowledge));
});
