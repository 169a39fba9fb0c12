import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { type Announcements } from './announcements';
import { type FailurePath } from './failure';
import { StateName } from './names';
import { pollLoop } from './poll-loop';
import { type TaskStates } from './task-states';

/** The entry of the phase that changes Green. */
export interface MigrationPhase {
  readonly plan: sfn.IChainable;
}

/** Changes Green's schema, waits until it has caught up, and compares the data. */
export function migrationPhase(
  scope: Construct,
  states: TaskStates,
  failure: FailurePath,
  announce: Announcements,
  next: { readonly then: sfn.IChainable },
): MigrationPhase {
  const plan = states.task(StateName.PLAN_MIGRATION, 'plan-migration', { comment: 'Inventory, statements, ledger on Green; what is done stays done', resultPath: '$.plan' });
  const remember = states.task(StateName.REMEMBER_PLAN, 'remember-plan', { comment: 'In the tags, which outlive Green\'s ledger', resultPath: sfn.JsonPath.DISCARD });
  const run = states.task(StateName.RUN_MIGRATION, 'run-migration', { comment: 'The work goes on inside MySQL between the looks', resultPath: '$.migration' });
  const replication = states.task(StateName.WAIT_FOR_REPLICATION, 'wait-for-replication', { comment: 'Both threads run, the position is reached, the lag stays at 0', resultPath: '$.replication' });
  const compare = states.task(StateName.COMPARE_DATA, 'compare-data', { comment: 'Every table, chunk by chunk, while Blue is written to', resultPath: '$.comparison' });
  failure.catches(plan, remember, run, replication, compare);
  plan.next(remember).next(run);
  pollLoop(scope, StateName.RUN_MIGRATION, { look: run, slice: '$.migration', then: announce.migrationDone(replication) });
  pollLoop(scope, StateName.WAIT_FOR_REPLICATION, { look: replication, slice: '$.replication', then: compare });
  pollLoop(scope, StateName.COMPARE_DATA, { look: compare, slice: '$.comparison', then: next.then });
  return { plan };
}
