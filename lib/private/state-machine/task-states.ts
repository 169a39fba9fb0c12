import { Duration } from 'aws-cdk-lib';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { type Construct } from 'constructs';
import { CONTRACT_VERSION, ErrorName } from '../contract';
import { type PipelineFunctions, TASKS, type TaskName, type Zone } from '../functions';

/** A named answer to errors that pass by themselves. */
type RetryPolicy = sfn.RetryProps & { readonly errors: string[] };

/** Lambda's own troubles, and processes that died: 2 s, doubled 6 times, at most about 2 minutes. */
const LAMBDA_TROUBLE: RetryPolicy = {
  errors: [
    'Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException',
    'Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError',
  ],
  interval: Duration.seconds(2), backoffRate: 2, maxAttempts: 6,
};

/**
 * A function that nobody has called for weeks is inactive; its first invocation fails and wakes it, which in a VPC takes minutes.
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 */
const LAMBDA_WAKES_UP: RetryPolicy = {
  errors: [
    'Lambda.ResourceNotReadyException', 'Lambda.ResourceConflictException', 'Lambda.CodeArtifactUserPendingException', 'Lambda.EC2ThrottledException',
    'Lambda.EC2UnexpectedException',
  ],
  interval: Duration.seconds(10), backoffRate: 1.5, maxAttempts: 9,
};

/** What passes by itself in every function. */
export const FUNCTION_TROUBLE: readonly RetryPolicy[] = [LAMBDA_TROUBLE, LAMBDA_WAKES_UP];

/** A failover or a restart: 20 × 15 s, at most 5 minutes. */
const DATABASE_RESTARTS: RetryPolicy = { errors: [ErrorName.DATABASE_UNREACHABLE], interval: Duration.seconds(15), backoffRate: 1, maxAttempts: 20 };

/** Throttling, on top of the SDK's own retries: 5 s, growing by half, 8 times, at most about 4 minutes. */
const RDS_BUSY: RetryPolicy = { errors: [ErrorName.RDS_BUSY], interval: Duration.seconds(5), backoffRate: 1.5, maxAttempts: 8 };

/**
 * What passes by itself, in each zone. A task that only computes may throw the error of another one again (the end of the failing path does), and
 * to repeat that would be to wait for nothing.
 */
const RETRIES: Readonly<Record<Zone, readonly RetryPolicy[]>> = {
  rds: [...FUNCTION_TROUBLE, RDS_BUSY],
  mysql: [...FUNCTION_TROUBLE, DATABASE_RESTARTS],
  none: FUNCTION_TROUBLE,
};

/** How long a state outlives its function: a state that times out first would start a second worker beside the first. */
const AFTER_FUNCTION = Duration.seconds(10);

/** What a task state is called and does. */
export interface TaskStateProps {
  /** For the reader of the definition. */
  readonly comment: string;
  /** Where the result goes, such as `$.plan`; `$` replaces the whole state. */
  readonly resultPath: string;
  /** Further members of the payload. */
  readonly payload?: Record<string, string>;
}

/**
 * Makes the task states: one shape for all of them, so that the payload, the time limits and the retries are decided in one place.
 */
export class TaskStates {
  constructor(private readonly scope: Construct, private readonly functions: PipelineFunctions) {}

  /** A task state with its retries; the caller adds what follows and what catches. */
  public task(id: string, name: TaskName, { comment, resultPath, payload = {} }: TaskStateProps): tasks.LambdaInvoke {
    const state = new tasks.LambdaInvoke(this.scope, id, {
      comment,
      lambdaFunction: this.functions.of(name),
      payload: sfn.TaskInput.fromObject({
        contract: CONTRACT_VERSION,
        now: sfn.JsonPath.stringAt('$$.State.EnteredTime'),
        stateName: sfn.JsonPath.stringAt('$$.State.Name'),
        execution: {
          id: sfn.JsonPath.stringAt('$$.Execution.Id'),
          startedAt: sfn.JsonPath.stringAt('$$.Execution.StartTime'),
          redriveCount: sfn.JsonPath.numberAt('$$.Execution.RedriveCount'),
        },
        input: sfn.JsonPath.objectAt('$$.Execution.Input'),
        state: sfn.JsonPath.entirePayload,
        ...payload,
      }),
      payloadResponseOnly: true,
      // CDK's own retrier would come first, and knows no throttling.
      retryOnServiceExceptions: false,
      taskTimeout: sfn.Timeout.duration(TASKS[name].timeout.plus(AFTER_FUNCTION)),
      resultPath,
    });
    for (const policy of RETRIES[TASKS[name].zone]) state.addRetry(policy);
    return state;
  }
}
