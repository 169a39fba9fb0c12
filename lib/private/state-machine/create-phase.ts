import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { Phase } from '../contract';
import { type Announcements } from './announcements';
import { checks } from './checks';
import { type FailurePath } from './failure';
import { type MonitorStates } from './monitor-states';
import { StateName } from './names';
import { pollLoop } from './poll-loop';
import { type TaskStates } from './task-states';

/** The entries of the phase that makes Green. */
export interface CreatePhase {
  readonly create: sfn.IChainable;
  readonly keepBinlogs: sfn.IChainable;
}

/** Creates Green (or goes on with the one that exists), waits until it is ready, and checks that it is what the migration needs. */
export function createPhase(
  scope: Construct,
  states: TaskStates,
  failure: FailurePath,
  monitor: MonitorStates,
  announce: Announcements,
  next: { readonly then: sfn.IChainable; readonly otherwise: sfn.IChainable },
): CreatePhase {
  const create = states.task(StateName.CREATE_GREEN, 'create-green', { comment: 'RDS Blue/Green deployment, tagged with what has to be remembered', resultPath: '$.create' });
  const keepBinlogs = states.task(StateName.KEEP_BINLOGS, 'keep-binlogs', { comment: 'Blue keeps its binlogs until Green has read them', resultPath: '$.binlogs' });
  const wait = states.task(StateName.WAIT_FOR_GREEN, 'wait-for-green', { comment: 'Until Green is available and in sync with its parameter group', resultPath: '$.green' });
  const find = states.task(StateName.FIND_GREEN, 'find-where-we-are', { comment: 'Green\'s name and endpoint are known only now', resultPath: '$.situation' });
  const isThere = new sfn.Choice(scope, StateName.GREEN_IS_THERE, { comment: 'Somebody may have switched over by hand' });
  const check = checks(scope, states, StateName.CHECK_GREEN, {
    comment: 'This is Green, it follows Blue, and its parameters are in effect',
    scope: 'green',
    rds: StateName.CHECK_GREEN_IN_RDS,
    mysql: { id: StateName.CHECK_GREEN_IN_MYSQL, task: 'check-green' },
    resultPath: '$.greenCheck',
  });
  const judge = states.task(StateName.JUDGE_GREEN, 'judge', { comment: 'Nothing is altered on a Green that is not as it should be', resultPath: '$.greenVerdict', payload: { subject: 'green' } });
  failure.catches(create, keepBinlogs, wait, find, judge);
  failure.catches(check);
  create.next(keepBinlogs).next(wait);
  pollLoop(scope, StateName.WAIT_FOR_GREEN, { look: wait, slice: '$.green', then: find });
  find.next(isThere);
  isThere.when(sfn.Condition.stringEquals('$.situation.phase', Phase.AVAILABLE), monitor.on(check)).otherwise(next.otherwise);
  check.next(judge).next(announce.greenReady(next.then));
  return { create, keepBinlogs };
}
