import { Duration } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { type Construct } from 'constructs';
import { FUNCTION_TROUBLE } from './task-states';

/** No function runs longer, and a state that times out first would call a second one beside it. */
const LONGEST_FUNCTION = Duration.minutes(15).plus(Duration.seconds(10));

/** A state that calls a function of the user with its input, and throws the result away. */
export function invocation(scope: Construct, id: string, handler: lambda.IFunction): sfn.IChainable {
  const state = new tasks.LambdaInvoke(scope, `${id}: Function`, {
    lambdaFunction: handler,
    payloadResponseOnly: true,
    retryOnServiceExceptions: false,
    taskTimeout: sfn.Timeout.duration(LONGEST_FUNCTION),
    resultPath: sfn.JsonPath.DISCARD,
  });
  for (const policy of FUNCTION_TROUBLE) state.addRetry(policy);
  return state;
}
