import type * as events from 'aws-cdk-lib/aws-events';
import type * as sns from 'aws-cdk-lib/aws-sns';

/**
 * Who hears how an execution goes: that it has started, that Green is ready, the migration done, an approval needed, production switched over (with the
 * outage that was measured), and how it has ended, also where it was stopped or its time was over. What is sent is described in `docs/events.md`.
 *
 * The state machine sends it itself. A notification that cannot be sent is tried again for a moment; it never stops or fails an execution.
 */
export interface NotificationProps {
  /**
   * The topic that gets a message for people, with a subject and the attribute `event` for filter policies. Subscribe those who wait. It is a standard
   * topic, not FIFO.
   * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
   *
   * @default - no messages
   */
  readonly topic?: sns.ITopic;

  /**
   * The event bus that gets an event for machines, with `cdk-rds-blue-green` as its source. The account's own is
   * `events.EventBus.fromEventBusName(this, 'Default', 'default')`.
   *
   * @default - no events
   */
  readonly eventBus?: events.IEventBus;
}
