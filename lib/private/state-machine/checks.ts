import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { type TaskName } from '../functions';
import { type TaskStates } from './task-states';

/** The checks of both zones at one moment. */
export interface ChecksProps {
  readonly comment: string;
  readonly scope: 'preflight' | 'green' | 'before-switchover' | 'after-switchover' | 'retire';
  readonly rds: string;
  readonly mysql: { readonly id: string; readonly task: TaskName };
  /** Where `{ rds, mysql }` goes. */
  readonly resultPath: string;
}

/**
 * Runs the checks of both zones side by side. A branch never fails, because it would cut off the other: an error becomes a finding, and the
 * state behind the Parallel decides.
 */
export function checks(scope: Construct, states: TaskStates, id: string, props: ChecksProps): sfn.Parallel {
  const parallel = new sfn.Parallel(scope, id, {
    comment: props.comment,
    resultSelector: { rds: sfn.JsonPath.objectAt('$[0]'), mysql: sfn.JsonPath.objectAt('$[1]') },
    resultPath: props.resultPath,
  });
  for (const [name, task] of [[props.rds, 'check-rds'], [props.mysql.id, props.mysql.task]] as const) {
    const look = states.task(name, task, { comment: 'All findings of this zone at once', resultPath: '$', payload: { scope: props.scope } });
    const unchecked = new sfn.Pass(scope, `${name}: Not Checked`, {
      comment: 'What could not be checked is not known to be safe',
      parameters: { blockers: 1, warnings: 0, omitted: 0, findings: [], replan: false, failed: sfn.JsonPath.objectAt('$.failed') },
    });
    look.addCatch(unchecked, { resultPath: '$.failed' });
    parallel.branch(look);
  }
  return parallel;
}
