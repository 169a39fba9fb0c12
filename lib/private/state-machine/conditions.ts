import * as sfn from 'aws-cdk-lib/aws-stepfunctions';

/**
 * Whether there is `true` at a path. Anything that is not a boolean counts as false.
 */
export function isTrue(path: string): sfn.Condition {
  return sfn.Condition.and(sfn.Condition.isBoolean(path), sfn.Condition.booleanEquals(path, true));
}
