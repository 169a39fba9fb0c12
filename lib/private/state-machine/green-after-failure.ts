import { Stack } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { givingUp } from './abandon-phase';
import { isTrue } from './conditions';
import { type MonitorStates } from './monitor-states';
import { StateName } from './names';
import { SERVICE_TROUBLE } from './service-states';
import { type TaskStates } from './task-states';

/**
 * Deletes Green on the failing path, where the pipeline is told to. Whatever fails in here leads to the end of the path as well, beside the failure that
 * led here: that one is what the execution ends with.
 *
 * @param explain the end of the failing path.
 */
export function greenAfterFailure(scope: Construct, states: TaskStates, monitor: MonitorStates, explain: sfn.State): sfn.IChainable {
  const others = othersRunning(scope);
  const judge = states.task(StateName.JUDGE_FAILURE, 'judge-failure', { comment: 'Green is deleted only where nobody can still want it', resultPath: '$.afterFailure' });
  const goes = new sfn.Choice(scope, StateName.GREEN_GOES, { comment: 'What is not deleted is continued by the next execution' });
  const find = states.task(StateName.FIND_GREEN_TO_DELETE, 'find-where-we-are', {
    comment: 'What RDS says now; what is or becomes production is refused', resultPath: '$.situation', payload: { purpose: 'giveUp' },
  });
  const { restore, remove } = givingUp(scope, states, { restore: StateName.RESTORE_BLUE_AFTER_FAILURE, remove: StateName.DELETE_GREEN_AFTER_FAILURE }, explain);
  for (const state of [judge, find, restore, remove]) state.addCatch(explain, { resultPath: '$.deletionFailure' });
  others.addRetry(SERVICE_TROUBLE);
  // what cannot be told, the judge takes for a yes.
  others.addCatch(judge, { resultPath: '$.others' });
  others.next(judge);
  judge.next(goes);
  goes.when(isTrue('$.afterFailure.deletes'), find).otherwise(explain);
  find.next(monitor.off(restore, StateName.MONITOR_OFF_AFTER_FAILURE));
  return others;
}

/**
 * Asks for the executions of this machine. No `CallAwsService`: its permission would be part of the policy without which the machine is not created, and
 * would need the machine's ARN. It has a policy of its own (`seesItsExecutions`).
 */
function othersRunning(scope: Construct): sfn.CustomState {
  return new sfn.CustomState(scope, StateName.WHO_ELSE_RUNS, {
    stateJson: {
      Type: 'Task',
      Comment: 'Another execution may be at work on the same Green',
      Resource: `arn:${Stack.of(scope).partition}:states:::aws-sdk:sfn:listExecutions`,
      Parameters: { 'StateMachineArn.$': '$$.StateMachine.Id', 'StatusFilter': 'RUNNING', 'MaxResults': 2 },
      ResultSelector: { 'running.$': 'States.ArrayLength($.Executions)' },
      ResultPath: '$.others',
      TimeoutSeconds: 60,
    },
  });
}
