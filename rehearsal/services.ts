import { isObject, type JsonObject } from './cloudformation/json';
import { isAllowed, type PolicyStatement } from './cloudformation/policy';
import { type EventBridge } from './eventbridge/event-bridge';
import { type Topics } from './sns/topics';
import { type Execution, TaskError } from './step-functions';

/** What the integrations of a state machine reach. */
export interface ServicesOptions {
  readonly account: string;
  readonly region: string;
  readonly eventBridge: EventBridge;
  readonly topics: Topics;
  /** The executions of a state machine. */
  readonly executionsOf: (stateMachineArn: string) => readonly Execution[];
}

interface Integration {
  /** What the role has to be allowed. */
  readonly action: string;
  readonly resource: (parameters: JsonObject) => string;
  readonly call: (parameters: JsonObject) => unknown;
}

/** Calls of AWS services that a state machine makes itself, without a function; each asks the policy of the machine's role first. */
export class Services {
  private readonly integrations: Readonly<Record<string, Integration>>;

  constructor({ account, region, eventBridge, topics, executionsOf }: ServicesOptions) {
    const rule = (member: string) => (parameters: JsonObject) => `arn:aws:events:${region}:${account}:rule/${String(parameters[member])}`;
    this.integrations = {
      'aws-sdk:eventbridge:putTargets': { action: 'events:PutTargets', resource: rule('Rule'), call: (parameters) => eventBridge.putTargets(parameters) },
      'aws-sdk:eventbridge:enableRule': { action: 'events:EnableRule', resource: rule('Name'), call: (parameters) => eventBridge.enableRule(parameters) },
      'aws-sdk:eventbridge:disableRule': { action: 'events:DisableRule', resource: rule('Name'), call: (parameters) => eventBridge.disableRule(parameters) },
      'events:putEvents': { action: 'events:PutEvents', resource: ({ Entries }) => eventBridge.busOf(Array.isArray(Entries) ? Entries[0] : undefined), call: (parameters) => eventBridge.putEvents(parameters) },
      'sns:publish': { action: 'sns:Publish', resource: ({ TopicArn }) => String(TopicArn), call: (parameters) => topics.publish(parameters) },
      // the answer comes by the task token in the message.
      'sns:publish.waitForTaskToken': { action: 'sns:Publish', resource: ({ TopicArn }) => String(TopicArn), call: (parameters) => topics.publish(parameters) },
      'aws-sdk:sfn:listExecutions': {
        action: 'states:ListExecutions',
        resource: ({ StateMachineArn }) => String(StateMachineArn),
        call: ({ StateMachineArn, StatusFilter, MaxResults = 100, ...unknown }) => {
          refuse(unknown);
          const found = executionsOf(String(StateMachineArn)).filter(({ status }) => StatusFilter === undefined || status === StatusFilter);
          const listed = found.slice(0, Number(MaxResults));
          return { Executions: listed.map(({ arn, name, status }) => ({ ExecutionArn: arn, Name: name, StateMachineArn, Status: status })) };
        },
      },
    };
  }

  /** Whether a task's resource is a call of a service, and not a function. */
  public static isIntegration(resource: string): boolean {
    return /^arn:[^:]+:states:::/.test(resource);
  }

  /** Calls a service as a role. */
  public async call(role: { readonly arn: string; readonly statements: readonly PolicyStatement[] }, resource: string, payload: unknown): Promise<unknown> {
    const name = resource.replace(/^arn:[^:]+:states:::/, '');
    const integration = this.integrations[name];
    if (integration === undefined) throw new Error(`the rehearsal does not know the integration '${resource}'; it knows ${Object.keys(this.integrations).join(', ')}`);
    const parameters = isObject(payload) ? payload : {};
    const on = integration.resource(parameters);
    if (!isAllowed(role.statements, integration.action, on)) {
      throw new TaskError('States.TaskFailed', `User: ${role.arn} is not authorized to perform: ${integration.action} on resource: ${on}`);
    }
    return integration.call(parameters);
  }
}

function refuse(unknown: JsonObject): void {
  if (Object.keys(unknown).length > 0) throw new TaskError('States.Runtime', `there is no parameter ${Object.keys(unknown).join(', ')}`);
}
