import { type Duration } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';

/**
 * Who is asked before the pipeline does what cannot be undone.
 *
 * The state machine publishes a request with the evidence, and waits. It is answered with the command or the AWS CLI call in the request, by whoever was
 * granted it (`pipeline.grants.approve`). Whoever reads the topic can answer only with that permission.
 */
export interface ApprovalProps {
  /**
   * The topic the request is published to. Subscribe those who decide.
   */
  readonly topic: sns.ITopic;

  /**
   * How long an answer is waited for. Then the execution ends with `ApprovalTimedOut`; a redrive or a new execution asks again.
   *
   * @default Duration.days(7)
   */
  readonly patience?: Duration;

  /**
   * How long an approval counts, from 1 minute on. An older one is asked for again, as is one of other evidence.
   *
   * @default Duration.days(7)
   */
  readonly validity?: Duration;
}
