import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as sns from 'aws-cdk-lib/aws-sns';
import { type Construct } from 'constructs';
import { type Connection } from 'mysql2/promise';
import { type BlueGreenPipelineProps } from '../../../lib';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { eventually } from '../mysql/eventually';
import { openSmall } from './small';

/** On a clock that makes a second of two minutes. */
const ALARMS = {
  lagThreshold: Duration.minutes(10), lagPatience: Duration.minutes(4), stoppedPatience: Duration.minutes(5), unknownPatience: Duration.minutes(4),
  stallPatience: Duration.minutes(10),
};

/** Everybody listens. */
const listeners = (scope: Construct): Partial<BlueGreenPipelineProps> => ({
  notifications: {
    topic: sns.Topic.fromTopicArn(scope, 'Listeners', 'arn:aws:sns:eu-central-1:123456789012:listeners'),
    eventBus: events.EventBus.fromEventBusName(scope, 'Bus', 'default'),
  },
});

/** What was told so far, by the topic and by the bus, which tell the same. */
function told({ topics, eventBridge }: Rehearsal): string[] {
  const put = eventBridge.events.map((event) => event['detail-type']);
  expect(topics.messages.map(({ attributes }) => attributes?.event)).toEqual(put);
  return put;
}

/** An alarm needs some looks of the monitor, each a process, which take longer on a busy machine. */
const PATIENCE_SECONDS = 180;

describe('alarms and notifications', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test('a run without faults raises none and tells how it goes, and the monitor looks at Green only while there is one', async () => {
    rehearsal = await openSmall({ pipeline: listeners });
    const before = rehearsal.eventBridge.enabled;
    const result = await rehearsal.start({}).finished;

    expect(result.status).toBe('SUCCEEDED');
    await eventually('the aftermath has ended', () => rehearsal.aftermaths.some(({ status }) => status === 'SUCCEEDED'));
    expect(rehearsal.metrics.names('CdkRdsBlueGreen')).toEqual(expect.arrayContaining(['ReplicaLag', 'MigrationPercent', 'ComparisonPercent', 'SecondsInState', 'WriteOutage', 'ApplierPaused']));
    expect(rehearsal.eventBridge.enabled).toEqual(before);
    expect(rehearsal.alarmsRaised).toEqual([]);
    expect(told(rehearsal)).toEqual(['Execution Started', 'Green Ready', 'Migration Done', 'Switched Over', 'Execution Finished']);
    const { eventBridge: { events: put }, topics: { messages } } = rehearsal;
    expect(put[1]?.detail).toMatchObject({ green: { identifier: expect.stringMatching(/^shop-green-/) as string, resourceId: expect.any(String) as string } });
    expect(put[3]?.detail).toMatchObject({ outage: { writeMilliseconds: expect.any(Number) as number, resolutionMilliseconds: expect.any(Number) as number } });
    expect(messages[3]).toMatchObject({ subject: 'shop: switched over', message: expect.stringMatching(/could not write for \d+ ms/) as string });
    expect(messages[4]?.message).toMatch(/has finished: 'shop' was switched over/);
  });

  test('each fault raises its own alarm and no other: a stalled migration, lag and old binlogs, a stopped applier, a Green that does not answer, an end by hand', async () => {
    rehearsal = await openSmall({ alarms: ALARMS, pipeline: (scope) => ({ ...listeners(scope), binlogRetention: Duration.hours(1) }) });
    const onGreen = (work: (connection: Connection) => Promise<void>) => rehearsal.green?.withConnection(work);
    /** An hour of lag at once: the lag is counted from when Blue began the statement, as its binlog has it. */
    const writeLongAgo = async () => {
      const blue = await rehearsal.connect('shop');
      await blue.query('SET timestamp = UNIX_TIMESTAMP() - 3000');
      await blue.query('UPDATE customers SET points = points + 1 LIMIT 1');
      await blue.end();
    };
    let stalled: Promise<unknown> | undefined;
    rehearsal.onTask = async (state) => {
      if (state === StateName.RUN_MIGRATION && stalled === undefined) {
        await new Promise<void>((taken, failed) => {
          stalled = onGreen(async (connection) => {
            // a session that has read keeps every statement that changes the table from ending.
            await connection.query('START TRANSACTION');
            await connection.query('SELECT * FROM shop.customers LIMIT 1');
            taken();
            await eventually('the migration stands still', () => rehearsal.alarmsRaised.length > 0, PATIENCE_SECONDS);
          });
          stalled?.catch(failed);
        });
      }
      if (state !== StateName.COMPARE_DATA) return;
      expect(rehearsal.alarmsRaised).toEqual(['MigrationStalled']);
      await onGreen(async (connection) => {
        await connection.query('LOCK TABLES shop.customers READ');
        await writeLongAgo();
        await eventually('Green is far behind', () => rehearsal.alarmsRaised.length > 2, PATIENCE_SECONDS);
        await connection.query('UNLOCK TABLES');
        expect(rehearsal.alarmsRaised).toEqual(['BinlogRetention', 'MigrationStalled', 'ReplicaLag']);
        await connection.query('STOP REPLICA SQL_THREAD');
        await eventually('replication stands still', () => rehearsal.alarmsRaised.length > 3, PATIENCE_SECONDS);
        await connection.query('START REPLICA SQL_THREAD');
      });
      expect(rehearsal.alarmsRaised).toContain('ReplicationStopped');
      const green = rehearsal.rds.clusters.find(({ identifier }) => identifier.startsWith('shop-green-'));
      green?.endpoint.refuse();
      await eventually('nobody knows how it is', () => rehearsal.alarmsRaised.length > 4, PATIENCE_SECONDS);
      green?.endpoint.accept();
      execution.stop('Test.Stopped', 'by hand');
    };
    const execution = rehearsal.start({});
    expect(await execution.finished).toMatchObject({ status: 'ABORTED', cause: 'by hand' });
    await eventually('the monitor is off', () => rehearsal.aftermaths.some(({ status }) => status === 'SUCCEEDED'));

    await eventually('the end is noticed', () => rehearsal.alarmsRaised.includes('ExecutionAborted'), PATIENCE_SECONDS);
    expect(rehearsal.alarmsRaised).toEqual(['BinlogRetention', 'ExecutionAborted', 'LagUnknown', 'MigrationStalled', 'ReplicaLag', 'ReplicationStopped']);
    expect(told(rehearsal)).toEqual(['Execution Started', 'Green Ready', 'Migration Done', 'Execution Failed']);
    expect(rehearsal.eventBridge.events[3]?.detail).toMatchObject({ execution: execution.arn, status: 'ABORTED', error: 'Test.Stopped', cause: 'by hand' });
  }, 2 * PATIENCE_SECONDS * 1000);
});
