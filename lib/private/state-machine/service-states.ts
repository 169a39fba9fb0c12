import { Duration } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { type Construct } from 'constructs';

/** A call of an AWS service, made by the state machine itself. */
export interface ServiceCallProps {
  /** For the reader of the definition. */
  readonly comment: string;
  /** As Step Functions calls it, such as `eventbridge`. */
  readonly service: string;
  /** In camel case, such as `enableRule`. */
  readonly action: string;
  /** As IAM calls it, such as `events:EnableRule`. */
  readonly iamAction: string;
  readonly on: string;
  readonly parameters: Record<string, unknown>;
  /** @default - the result is thrown away */
  readonly result?: { readonly selector: Record<string, unknown>; readonly path: string };
}

/** Throttling, and whatever else a service excuses itself with: 2 s, doubled 4 times, at most about half a minute. */
export const SERVICE_TROUBLE: sfn.RetryProps = { errors: [sfn.Errors.TASKS_FAILED], interval: Duration.seconds(2), backoffRate: 2, maxAttempts: 4 };

/** How long a service may take to answer. */
export const SERVICE_TIMEOUT = sfn.Timeout.duration(Duration.seconds(60));

/** A state that calls an AWS service. The result is thrown away unless it is asked for. */
export function serviceCall(scope: Construct, id: string, props: ServiceCallProps): tasks.CallAwsService {
  const { comment, service, action, iamAction, on, parameters, result } = props;
  return new tasks.CallAwsService(scope, id, {
    comment, service, action, iamAction, parameters,
    iamResources: [on],
    taskTimeout: SERVICE_TIMEOUT,
    resultSelector: result?.selector,
    resultPath: result?.path ?? sfn.JsonPath.DISCARD,
  });
}

/** What is only for those who watch is tried again for a moment, and then done without: the work never waits for it, and never fails by it. */
export function neverInTheWay(state: sfn.TaskStateBase, next: sfn.IChainable): sfn.TaskStateBase {
  state.addRetry(SERVICE_TROUBLE);
  state.addCatch(next, { resultPath: sfn.JsonPath.DISCARD });
  state.next(next);
  return state;
}
