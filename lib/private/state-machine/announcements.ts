import { Stack, Token } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { type Construct } from 'constructs';
import { AftermathStateName, StateName } from './names';
import { neverInTheWay, SERVICE_TIMEOUT } from './service-states';

/** Who is told, and what about. */
export interface AnnouncementSettings {
  readonly topic?: sns.ITopic;
  readonly eventBus?: events.IEventBus;
  /** What every message says. */
  readonly about: { readonly pipeline: string; readonly cluster: string; readonly deployment: string };
  /** Gets the request for approval, and so needs no other message about it. */
  readonly approvalTopic?: sns.ITopic;
}

/** The source of all events. */
export const EVENT_SOURCE = 'cdk-rds-blue-green';

/** What happened, as `detail-type` of an event and attribute `event` of a message. A contract: docs/events.md describes each. */
export const EventName = {
  STARTED: 'Execution Started',
  GREEN_READY: 'Green Ready',
  MIGRATION_DONE: 'Migration Done',
  APPROVAL_NEEDED: 'Approval Needed',
  SWITCHED_OVER: 'Switched Over',
  BLUE_RETIRED: 'Blue Retired',
  FINISHED: 'Execution Finished',
  FAILED: 'Execution Failed',
} as const;

/** One announcement. */
interface Announcement {
  readonly event: (typeof EventName)[keyof typeof EventName];
  /** Behind the name of the cluster; both together 100 characters at most. */
  readonly subject: string;
  /** For people; each `{}` is one of the values. */
  readonly text: string;
  readonly values?: readonly string[];
  /** For machines, beside what every event has. */
  readonly detail: Readonly<Record<string, unknown>>;
  /** @default - the execution that sends it */
  readonly execution?: string;
  /** @default - the topic of the notifications */
  readonly topic?: sns.ITopic | null;
}

/** The console of partitions that have one of their own; a Region that is not known yet is taken for one of the usual partition. */
const CONSOLES: Readonly<Record<string, string>> = { 'aws-cn': 'console.amazonaws.cn', 'aws-us-gov': 'console.amazonaws-us-gov.com' };

/**
 * The states that tell others how it goes: one that publishes a message, one that puts an event, as far as somebody listens. Each method returns what
 * comes next where nobody does.
 *
 * What they read must be there on every way: a path that finds nothing ends an execution, and no Catch sees that.
 */
export class Announcements {
  constructor(private readonly scope: Construct, private readonly settings: AnnouncementSettings | undefined) {}

  /** Whether anybody listens. */
  public get areWanted(): boolean {
    return this.settings !== undefined;
  }

  /** Before anything else; again when the execution is redriven. */
  public started(then: sfn.IChainable): sfn.IChainable {
    const redriveCount = sfn.JsonPath.numberAt('$$.Execution.RedriveCount');
    return this.announce(StateName.ANNOUNCE_START, then, {
      event: EventName.STARTED, subject: 'execution started', text: 'An execution of the pipeline has started (times it was redriven: {}).',
      values: [sfn.JsonPath.stringAt('$$.Execution.RedriveCount')],
      detail: { redriveCount },
    });
  }

  /** When Green has been checked. */
  public greenReady(then: sfn.IChainable): sfn.IChainable {
    return this.announce(StateName.ANNOUNCE_GREEN, then, {
      event: EventName.GREEN_READY, subject: 'Green is ready', text: 'Green is ready: it follows Blue, and its parameters are in effect. Now it is migrated.',
      detail: { green: sfn.JsonPath.objectAt('$.situation.target') },
    });
  }

  /** When every statement has been run; again where tables have arrived from Blue since. */
  public migrationDone(then: sfn.IChainable): sfn.IChainable {
    return this.announce(StateName.ANNOUNCE_MIGRATION, then, {
      event: EventName.MIGRATION_DONE, subject: 'migration done', text: 'The migration of Green is done ({} steps). Now Green catches up with Blue, and the data is compared.',
      values: [sfn.JsonPath.stringAt('$.migration.steps')],
      detail: { steps: sfn.JsonPath.numberAt('$.migration.steps'), startedAt: sfn.JsonPath.stringAt('$.migration.startedAt') },
    });
  }

  /** Right before somebody is asked; without the token, which is for those who are asked. */
  public approvalNeeded(then: sfn.IChainable, patienceSeconds: number): sfn.IChainable {
    return this.announce(StateName.ANNOUNCE_APPROVAL, then, {
      ...this.approval(patienceSeconds), subject: 'approval needed', text: 'Everything is ready, and an approval of the switchover is waited for. The request was sent to those who give it.',
    });
  }

  /** When the new production has been verified. */
  public switchedOver(then: sfn.IChainable): sfn.IChainable {
    return this.announce(StateName.ANNOUNCE_SWITCHOVER, then, {
      event: EventName.SWITCHED_OVER, subject: 'switched over', text: 'Production was switched over to Green, and verified. {}', values: [sfn.JsonPath.stringAt('$.attempts.seen')],
      detail: { outage: sfn.JsonPath.objectAt('$.attempts.outage') },
    });
  }

  /** Right before somebody is asked whether the old Blue may be deleted. */
  public retirementApprovalNeeded(then: sfn.IChainable, patienceSeconds: number): sfn.IChainable {
    return this.announce(StateName.ANNOUNCE_RETIREMENT_APPROVAL, then, {
      ...this.approval(patienceSeconds), subject: 'approval of the deletion needed', text: 'The old Blue can be deleted, and an approval of that is waited for. The request was sent to those who give it.',
    });
  }

  /** When the old Blue is gone. */
  public retired(then: sfn.IChainable): sfn.IChainable {
    const [oldBlue, snapshot] = [sfn.JsonPath.stringAt('$.retirement.oldBlue'), sfn.JsonPath.stringAt('$.retirement.snapshot')];
    return this.announce(StateName.ANNOUNCE_RETIREMENT, then, {
      event: EventName.BLUE_RETIRED, subject: 'old Blue deleted', text: 'The old Blue {} was deleted. Its data is in snapshot {}.', values: [oldBlue, snapshot],
      detail: { oldBlue, snapshot },
    });
  }

  /** When everything is done, and the report is there. */
  public finished(then: sfn.IChainable): sfn.IChainable {
    const summary = sfn.JsonPath.stringAt('$.report.summary');
    return this.announce(StateName.ANNOUNCE_END, then, { event: EventName.FINISHED, subject: 'execution finished', text: 'The execution has finished: {}.', values: [summary], detail: { summary } });
  }

  /** In the aftermath, of whatever has not come to its end; `$.ending` says why. */
  public failed(then: sfn.IChainable): sfn.IChainable {
    const status = sfn.JsonPath.stringAt('$.detail.status');
    const error = sfn.JsonPath.stringAt('$.ending.error');
    const cause = sfn.JsonPath.stringAt('$.ending.cause.errorMessage');
    return this.announce(AftermathStateName.ANNOUNCE_FAILURE, then, {
      event: EventName.FAILED, subject: 'execution failed or ended', text: 'The execution has ended as {}: {}\n\n{}', values: [status, error, cause],
      detail: { status, error, cause },
      execution: sfn.JsonPath.stringAt('$.detail.executionArn'),
    });
  }

  /** What both requests for approval have in common; who is asked through the same topic needs no other message about it. */
  private approval(patienceSeconds: number): Pick<Announcement, 'event' | 'detail' | 'topic'> {
    const { topic, approvalTopic } = this.settings ?? {};
    return {
      event: EventName.APPROVAL_NEEDED,
      detail: { evidence: sfn.JsonPath.stringAt('$.evidence.hash'), patienceSeconds },
      topic: topic?.topicArn === approvalTopic?.topicArn ? null : topic,
    };
  }

  private announce(id: string, then: sfn.IChainable, announcement: Announcement): sfn.IChainable {
    const { settings } = this;
    if (settings === undefined) return then;
    const { topic = settings.topic } = announcement;
    const event = settings.eventBus === undefined ? then : neverInTheWay(this.event(`${id}: Event`, announcement, settings, settings.eventBus), then);
    return topic === undefined || topic === null ? event : neverInTheWay(this.message(id, announcement, settings, topic), event);
  }

  private event(id: string, announcement: Announcement, { about }: AnnouncementSettings, eventBus: events.IEventBus): sfn.TaskStateBase {
    const { event, detail, execution = EXECUTION } = announcement;
    return new tasks.EventBridgePutEvents(this.scope, id, {
      comment: 'For machines',
      entries: [{ source: EVENT_SOURCE, detailType: event, detail: sfn.TaskInput.fromObject({ ...about, execution, ...detail }), eventBus }],
      taskTimeout: SERVICE_TIMEOUT,
      resultPath: sfn.JsonPath.DISCARD,
    });
  }

  private message(id: string, announcement: Announcement, { about }: AnnouncementSettings, topic: sns.ITopic): sfn.TaskStateBase {
    const { event, subject, text, values = [], execution = EXECUTION } = announcement;
    const { pipeline, cluster, deployment } = about;
    const lines = [text, '', `Pipeline:   ${pipeline}`, `Cluster:    ${cluster}`, `Deployment: ${deployment}`, 'Execution:  {}', '', `${this.console()}{}`];
    return new tasks.SnsPublish(this.scope, id, {
      comment: 'For people',
      topic,
      subject: `${cluster}: ${subject}`,
      message: sfn.TaskInput.fromText(sfn.JsonPath.format(lines.join('\n'), ...values, execution, execution)),
      messageAttributes: { event: { value: event } },
      taskTimeout: SERVICE_TIMEOUT,
      resultPath: sfn.JsonPath.DISCARD,
    });
  }

  /** The address of an execution in the console, without its ARN. */
  private console(): string {
    const { region } = Stack.of(this.scope);
    const partition = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
    return `https://${region}.${CONSOLES[partition ?? ''] ?? 'console.aws.amazon.com'}/states/home?region=${region}#/v2/executions/details/`;
  }
}

const EXECUTION = sfn.JsonPath.executionId;
