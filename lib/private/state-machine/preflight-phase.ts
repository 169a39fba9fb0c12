import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { checks } from './checks';
import { isTrue } from './conditions';
import { type FailurePath } from './failure';
import { StateName } from './names';
import { type TaskStates } from './task-states';

/** Preflight: everything known before anything is created. */
export function preflightPhase(
  scope: Construct,
  states: TaskStates,
  failure: FailurePath,
  next: { readonly then: sfn.IChainable; readonly only: sfn.IChainable },
): sfn.IChainable {
  const preflight = checks(scope, states, StateName.PREFLIGHT, {
    comment: 'All findings at once, before anything is created',
    scope: 'preflight',
    rds: StateName.CHECK_RDS,
    mysql: { id: StateName.CHECK_MYSQL, task: 'check-mysql' },
    resultPath: '$.preflight',
  });
  const judge = states.task(StateName.JUDGE_PREFLIGHT, 'judge', { comment: 'Ends the execution with all findings if one is a blocker', resultPath: '$.preflightVerdict', payload: { subject: 'preflight' } });
  const only = new sfn.Choice(scope, StateName.PREFLIGHT_ONLY, { comment: 'Execution input { "preflightOnly": true }' });
  failure.catches(preflight);
  failure.catches(judge);
  preflight.next(judge).next(only);
  only.when(isTrue('$.options.preflightOnly'), next.only).otherwise(next.then);
  return preflight;
}
