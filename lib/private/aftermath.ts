import { Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type PipelineHook } from '../hooks';
import { ErrorName } from './contract';
import { type Monitor } from './monitor';
import { encryptMessages } from './permissions';
import { type AnnouncementSettings, Announcements } from './state-machine/announcements';
import { onFailureState } from './state-machine/hooks';
import { monitorOff } from './state-machine/monitor-states';
import { AftermathStateName } from './state-machine/names';
import { neverInTheWay, serviceCall } from './state-machine/service-states';
import { explainWildcards, WILDCARDS } from './wildcards';

/** What is tidied up after. */
export interface AftermathProps {
  /** The owner, as it stands in descriptions. */
  readonly pipeline: string;
  readonly stateMachine: sfn.StateMachine;
  readonly monitor: Monitor;
  readonly logGroup: logs.ILogGroup;
  /** Who hears of an execution that has not come to its end. */
  readonly announcements?: AnnouncementSettings;
  /** What runs where an execution has not succeeded, and what it is told of the pipeline. */
  readonly onFailure?: PipelineHook;
  readonly names: { readonly cluster: string; readonly deployment: string };
}

/**
 * An execution that succeeds leaves no Green behind, unless it only looked. After any other, Green stays and may need what the monitor does: see that
 * replication goes on, and start one that stands still for nobody.
 */
const GREEN_IS_OVER = sfn.Condition.and(
  sfn.Condition.stringEquals('$.detail.status', 'SUCCEEDED'),
  sfn.Condition.not(sfn.Condition.and(sfn.Condition.isPresent('$.detail.input'), sfn.Condition.isString('$.detail.input'), sfn.Condition.stringMatches('$.detail.input', '*"preflightOnly"*'))),
);

/**
 * Defines what happens when an execution has ended, however it did: some endings no Catch sees (aborted, timed out, history full). A small
 * state machine of its own, started by the event of Step Functions, because a machine cannot outlive its end.
 */
export class Aftermath extends Construct {
  /** The small state machine. */
  public readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, private readonly props: AftermathProps) {
    super(scope, id);
    this.stateMachine = new sfn.StateMachine(this, 'StateMachine', {
      comment: `What is tidied up after executions of ${props.pipeline}`,
      definitionBody: sfn.DefinitionBody.fromChainable(this.definition()),
      role: new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('states.amazonaws.com'), description: `Aftermath of ${props.pipeline}` }),
      logs: { destination: props.logGroup, level: sfn.LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    const topics = props.announcements?.topic === undefined ? [] : [props.announcements.topic];
    for (const statement of encryptMessages(Stack.of(this), topics)) this.stateMachine.addToRolePolicy(statement);
    explainWildcards(this.stateMachine.role, WILDCARDS.stateMachine);
    new events.Rule(this, 'Rule', {
      description: 'An execution of the pipeline has ended',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [props.stateMachine.stateMachineArn], status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [new targets.SfnStateMachine(this.stateMachine, {
        role: new iam.Role(this, 'StartRole', { assumedBy: new iam.ServicePrincipal('events.amazonaws.com'), description: `Aftermath rule of ${props.pipeline}` }),
      })],
    });
  }

  private definition(): sfn.IChainable {
    const { stateMachine: { stateMachineArn }, monitor } = this.props;
    const running = serviceCall(this, AftermathStateName.OTHERS, {
      comment: 'A newer execution, or a redrive of this one, may need the monitor', service: 'sfn', action: 'listExecutions', iamAction: 'states:ListExecutions',
      on: stateMachineArn,
      parameters: { StateMachineArn: stateMachineArn, StatusFilter: 'RUNNING', MaxResults: 1 },
      result: { selector: { running: sfn.JsonPath.stringAt('States.ArrayLength($.Executions)') }, path: '$.others' },
    });
    const needed = new sfn.Choice(this, AftermathStateName.STILL_NEEDED);
    const last = this.announcement(this.onFailure(new sfn.Succeed(this, AftermathStateName.DONE)));
    // where nobody can tell, the monitor stays: it costs little, and the next execution's end switches it off.
    neverInTheWay(running, needed);
    needed
      .when(sfn.Condition.and(
        GREEN_IS_OVER, sfn.Condition.isPresent('$.others.running'), sfn.Condition.isNumeric('$.others.running'), sfn.Condition.numberEquals('$.others.running', 0),
      ), neverInTheWay(monitorOff(this, AftermathStateName.MONITOR_OFF, monitor), last))
      .otherwise(last);
    return running;
  }

  /**
   * Tells of an execution that has not come to its end. Its cause is what *Explain Failure* has thrown, as Lambda wraps it; somebody else's text, where
   * it was stopped by hand; or there is none.
   */
  private announcement(done: sfn.IChainable): sfn.IChainable {
    const announce = new Announcements(this, this.props.announcements);
    if (!announce.areWanted) return done;
    const tell = announce.failed(done);
    const [error, cause] = [sfn.JsonPath.stringAt('$.detail.error'), sfn.JsonPath.stringAt('$.detail.cause')];
    const reason = (name: string, parameters: Record<string, unknown>) => new sfn.Pass(this, name, { parameters, resultPath: '$.ending' }).next(tell);
    const isText = (path: string) => sfn.Condition.and(sfn.Condition.isPresent(path), sfn.Condition.isString(path));
    const hasCause = sfn.Condition.and(isText('$.detail.error'), isText('$.detail.cause'));
    return new sfn.Choice(this, AftermathStateName.HOW_ENDED)
      .when(sfn.Condition.stringEquals('$.detail.status', 'SUCCEEDED'), done)
      .when(
        sfn.Condition.and(hasCause, sfn.Condition.stringMatches('$.detail.cause', '{*"errorMessage":*}')),
        reason(AftermathStateName.EXPLAINED, { error, cause: sfn.JsonPath.stringToJson(cause) }),
      )
      .when(hasCause, reason(AftermathStateName.WITH_CAUSE, { error, cause: { errorMessage: cause } }))
      .otherwise(reason(AftermathStateName.WITHOUT_CAUSE, {
        error: sfn.JsonPath.stringAt('$.detail.status'),
        cause: { errorMessage: 'No cause was given: it was stopped by hand, or its time was over. A redrive or a new execution with {} continues where the work stands.' },
      }));
  }

  /** Where there is a hook for it, it runs unless the execution has succeeded, or a newer one has taken over, whose own end will tell. */
  private onFailure(done: sfn.IChainable): sfn.IChainable {
    const { onFailure, pipeline, names } = this.props;
    if (onFailure === undefined) return done;
    const run = onFailureState(this, onFailure, { pipeline, ...names });
    run.next(done);
    return new sfn.Choice(this, AftermathStateName.FAILED)
      .when(sfn.Condition.stringEquals('$.detail.status', 'SUCCEEDED'), done)
      .when(sfn.Condition.and(sfn.Condition.isPresent('$.detail.error'), sfn.Condition.stringEquals('$.detail.error', ErrorName.SUPERSEDED)), done)
      .otherwise(run);
  }
}
