import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject } from '../cloudformation/json';
import { TaskError } from '../step-functions';

/** A message as its subscribers get it. */
export interface PublishedMessage {
  readonly topicArn: string;
  readonly subject?: string;
  readonly message: string;
  /** Texts only. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What Publish takes, as far as the rehearsal knows it. */
const MEMBERS = ['TopicArn', 'Subject', 'Message', 'MessageAttributes'];

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const MOST_BYTES = 262_144;
const SUBJECT = /^[!-~][ -~]{0,99}$/;

/**
 * SNS, as far as a state machine calls it: Publish. Nobody is subscribed; whoever wants to read the messages finds them here.
 */
export class Topics {
  /** Everything that was published, oldest first. */
  public readonly messages: PublishedMessage[] = [];

  /** Publishes, as the integration `sns:publish` does: members in Pascal case, errors with the name of the service before them. */
  public publish(parameters: unknown): { MessageId: string } {
    const { TopicArn: topicArn, Subject: subject, Message: message, MessageAttributes: attributes, ...others } = objectOf(parameters);
    if (Object.keys(others).length > 0) throw invalid(`the rehearsal knows ${MEMBERS.join(', ')} only, got ${Object.keys(others).join(', ')}`);
    if (typeof topicArn !== 'string' || !/^arn:[^:]+:sns:[^:]+:\d{12}:[\w-]{1,256}$/.test(topicArn)) throw invalid('Invalid parameter: TopicArn');
    if (typeof message !== 'string' || message === '') throw invalid('Invalid parameter: Empty message');
    if (Buffer.byteLength(message) > MOST_BYTES) throw invalid('Invalid parameter: Message too long');
    if (subject !== undefined && (typeof subject !== 'string' || !SUBJECT.test(subject))) throw invalid('Invalid parameter: Subject');
    this.messages.push({
      topicArn, message, ...subject === undefined ? {} : { subject }, ...attributes === undefined ? {} : { attributes: textsOf(attributes) },
    });
    return { MessageId: randomUUID() };
  }
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
function textsOf(attributes: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, attribute] of Object.entries(objectOf(attributes))) {
    const { DataType: type, StringValue: value, ...others } = objectOf(attribute);
    const isText = type === 'String' && typeof value === 'string' && value !== '' && Object.keys(others).length === 0;
    if (!isText) throw invalid(`Invalid parameter: MessageAttributes.${name}`);
    texts[name] = value;
  }
  return texts;
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function invalid(message: string): TaskError {
  return new TaskError('SNS.InvalidParameterException', message);
}
