import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** What looks at Green. */
export interface MonitorProps {
  readonly function: lambda.IFunction;
}

/**
 * Defines the schedule that looks at Green once a minute. It is switched off as deployed and costs nothing; an execution that has a Green
 * writes Green's endpoint into the target and switches it on.
 */
export class Monitor extends Construct {
  /** The schedule. */
  public readonly rule: events.Rule;

  /** The function it calls. */
  public readonly functionArn: string;

  /**
   * The id of the one target. CDK gives it: what an execution writes replaces what was deployed, so that CloudFormation knows the target it has
   * to remove together with the rule.
   */
  public readonly targetId = 'Target0';

  constructor(scope: Construct, id: string, props: MonitorProps) {
    super(scope, id);
    this.functionArn = props.function.functionArn;
    this.rule = new events.Rule(this, 'Rule', {
      description: 'Looks at Green once a minute; switched on and off by the executions of the pipeline',
      schedule: events.Schedule.rate(Duration.minutes(1)),
      enabled: false,
      // without a word about Green the monitor does nothing. A look that was missed is not made up for.
      targets: [new targets.LambdaFunction(props.function, { event: events.RuleTargetInput.fromObject({}), retryAttempts: 0 })],
    });
  }
}
