import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { StateName } from './names';
import { type TaskStates } from './task-states';

/** Where every failure goes. */
export interface FailurePath {
  readonly entry: sfn.Pass;
  /** Catches whatever a state throws. */
  catches(...states: sfn.TaskStateBase[] | sfn.Parallel[]): void;
}

/** What stands on the failing path, and where it goes on. */
export interface FailurePathNext {
  /** Where a redriven execution goes on. */
  readonly restart: sfn.IChainable;
  /** What is done before the failure is explained, which is the parameter. */
  readonly before?: (explain: sfn.State) => sfn.IChainable;
}

/**
 * The failing path has no Fail state: a redrive of one fails again. It ends in a task that throws; when the execution is redriven, the same
 * task returns, and the machine goes on from its start, where it finds out how far it had got.
 */
export function failurePath(scope: Construct, states: TaskStates, { restart, before = (explain) => explain }: FailurePathNext): FailurePath {
  const remember = new sfn.Pass(scope, StateName.REMEMBER_FAILURE, {
    comment: 'How often this execution had been redriven when it failed',
    parameters: { redriveCount: sfn.JsonPath.numberAt('$$.Execution.RedriveCount') },
    resultPath: '$.failedAt',
  });
  const explain = states.task(StateName.EXPLAIN_FAILURE, 'explain-failure', {
    comment: 'Fails with the name, the cause and the remedy. Redrive the execution from here when the cause is mended',
    resultPath: '$.redriven',
  });
  remember.next(before(explain));
  explain.next(restart);
  return {
    entry: remember,
    catches: (...caught) => {
      for (const state of caught) state.addCatch(remember, { resultPath: '$.failure' });
    },
  };
}
