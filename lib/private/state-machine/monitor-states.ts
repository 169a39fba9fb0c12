import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { type Monitor } from '../monitor';
import { StateName } from './names';
import { neverInTheWay, serviceCall } from './service-states';

/** Where the monitor is switched on and off. */
export interface MonitorStates {
  /** Tells the monitor where Green is and switches it on; then goes on, whatever became of it. */
  on(then: sfn.IChainable): sfn.IChainable;
  /**
   * Switches the monitor off; then goes on, whatever became of it.
   *
   * @param id where it is not the usual place.
   */
  off(then: sfn.IChainable, id?: string): sfn.IChainable;
}

/** The state machine switches the monitor's rule itself, so that no function needs a permission for it. */
export function monitorStates(scope: Construct, monitor: Monitor): MonitorStates {
  return {
    on: (then) => {
      const enable = serviceCall(scope, StateName.MONITOR_ON, {
        comment: 'Looks at Green once a minute, while nobody else does', service: 'eventbridge', action: 'enableRule', iamAction: 'events:EnableRule',
        on: monitor.rule.ruleArn, parameters: { Name: monitor.rule.ruleName },
      });
      const tell = serviceCall(scope, StateName.MONITOR_TOLD, {
        comment: 'Green\'s endpoint has a random name, which the monitor cannot know', service: 'eventbridge', action: 'putTargets', iamAction: 'events:PutTargets',
        on: monitor.rule.ruleArn,
        parameters: {
          Rule: monitor.rule.ruleName,
          Targets: [{
            Id: monitor.targetId,
            Arn: monitor.functionArn,
            InputTransformer: {
              InputPathsMap: { time: '$.time' },
              // EventBridge puts the quotes around the time.
              InputTemplate: sfn.JsonPath.format(
                String.raw`\{"now":<time>,"green":{},"retentionHours":{}\}`,
                sfn.JsonPath.jsonToString(sfn.JsonPath.objectAt('$.situation.target')),
                sfn.JsonPath.stringAt('$.binlogs.hours'),
              ),
            },
          }],
        },
      });
      neverInTheWay(enable, then);
      return neverInTheWay(tell, enable);
    },
    off: (then, id = StateName.MONITOR_OFF) => neverInTheWay(monitorOff(scope, id, monitor), then),
  };
}

/** The state that switches the monitor off. */
export function monitorOff(scope: Construct, id: string, monitor: Monitor): sfn.TaskStateBase {
  return serviceCall(scope, id, {
    comment: 'There is no Green to look at any more', service: 'eventbridge', action: 'disableRule', iamAction: 'events:DisableRule',
    on: monitor.rule.ruleArn, parameters: { Name: monitor.rule.ruleName },
  });
}
