import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { ReplicationAlarms, type ReplicationAlarmsProps, ReplicationDashboard } from '../../lib';
import { read } from '../docs/pages';
import { givenPipeline, givenStack } from './stacks';

function templateOf(props: Partial<ReplicationAlarmsProps> = {}): Template {
  const stack = givenStack();
  new ReplicationAlarms(stack, 'Alarms', { pipeline: givenPipeline(stack), ...props });
  return Template.fromStack(stack);
}

describe('alarms', () => {
  test('each treats missing data on purpose, says what to do first, and leads to a section of the runbook that is there', () => {
    const slugs = [...read('docs/runbook.md').matchAll(/^#{2,3} (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-'));
    const alarms = Object.values(templateOf().findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties as { AlarmDescription: string; TreatMissingData: string });

    expect(alarms).toHaveLength(9);
    for (const { AlarmDescription: description, TreatMissingData: missing } of alarms) {
      expect(missing).toBe('notBreaching');
      expect(description).toMatch(/^Stack\/Pipeline: .+\n\nFirst: .+\n\nhttps:/);
      expect(slugs).toContain(/runbook\.md#(\S+)$/.exec(description)?.[1]);
      expect(description.length).toBeLessThan(1024);
    }
  });

  test('call their actions, also when they are over', () => {
    const stack = givenStack();
    const topic = new sns.Topic(stack, 'Topic');
    new ReplicationAlarms(stack, 'Alarms', { pipeline: givenPipeline(stack), actions: [new SnsAction(topic)] });
    const action = [{ Ref: Match.stringLikeRegexp('^Topic') }];
    Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: action, OKActions: action });
  });

  test.each([
    ['lagPatience', Duration.minutes(1), `'lagPatience' should be 2 to 1440 whole minutes, got '1'`],
    ['stallPatience', Duration.days(2), `'stallPatience' should be 2 to 1440 whole minutes, got '2880'`],
    ['lagThreshold', Duration.seconds(0), `'lagThreshold' should be more than 0 seconds, got '0'`],
    ['retentionUsedPercent', 100, `'retentionUsedPercent' should be from 1 to 99, got '100'`],
  ])('fail when %s is out of bounds', (property, value, message) => {
    expect(() => templateOf({ [property]: value })).toThrow(message);
  });
});

test('a dashboard shows the alarms first, and what clients see last', () => {
  const stack = givenStack();
  const pipeline = givenPipeline(stack);
  new ReplicationDashboard(stack, 'Dashboard', { pipeline, alarms: new ReplicationAlarms(stack, 'Alarms', { pipeline }) });
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard'));
  const body = JSON.stringify((dashboard?.Properties as { DashboardBody: unknown }).DashboardBody);
  const order = ['Is anything wrong?', 'Behind Blue', 'Lag of Green', 'Progress', 'Steps at work', 'Connections of production'].map((title) => body.indexOf(title));
  expect(order).toEqual([...order].sort((one, other) => one - other));
  expect(order).not.toContain(-1);
});
