import { Duration } from 'aws-cdk-lib';
import { type Connection } from 'mysql2/promise';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { eventually } from '../mysql/eventually';
import { openSmall } from './small';

/** On a clock that makes a second of two minutes. */
const ALARMS = {
  lagThreshold: Duration.seconds(1), lagPatience: Duration.minutes(4), stoppedPatience: Duration.minutes(5), stallPatience: Duration.minutes(10),
};

describe('alarms', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test('a run without faults raises none, and the monitor looks at Green only while there is one', async () => {
    rehearsal = await openSmall();
    const before = rehearsal.eventBridge.enabled;
    const result = await rehearsal.start({}).finished;

    expect(result.status).toBe('SUCCEEDED');
    await eventually('the aftermath has ended', () => rehearsal.aftermaths.some(({ status }) => status === 'SUCCEEDED'));
    expect(rehearsal.metrics.names('CdkRdsBlueGreen')).toEqual(expect.arrayContaining(['ReplicaLag', 'MigrationPercent', 'ComparisonPercent', 'SecondsInState', 'WriteOutage', 'ApplierPaused']));
    expect(rehearsal.eventBridge.enabled).toEqual(before);
    expect(rehearsal.alarmsRaised).toEqual([]);
  });

  test('a lock on Green raises that the migration stands still, a stopped applier that replication does, an end by hand that it was', async () => {
    rehearsal = await openSmall({ alarms: ALARMS });
    const onGreen = (work: (connection: Connection) => Promise<void>) => rehearsal.green?.withConnection(work);
    let stalled: Promise<unknown> | undefined;
    rehearsal.onTask = async (state) => {
      if (state === StateName.RUN_MIGRATION && stalled === undefined) {
        await new Promise<void>((taken, failed) => {
          stalled = onGreen(async (connection) => {
            // a session that has read keeps every statement that changes the table from ending.
            await connection.query('START TRANSACTION');
            await connection.query('SELECT * FROM shop.customers LIMIT 1');
            taken();
            await eventually('the migration stands still', () => rehearsal.alarmsRaised.length > 0);
          });
          stalled?.catch(failed);
        });
      }
      if (state !== StateName.COMPARE_DATA) return;
      expect(rehearsal.alarmsRaised).toEqual(['MigrationStalled']);
      await onGreen(async (connection) => { await connection.query('STOP REPLICA SQL_THREAD'); });
      await eventually('replication stands still', () => rehearsal.alarmsRaised.length > 1);
      execution.stop('Test.Stopped', 'by hand');
    };
    const execution = rehearsal.start({});
    expect(await execution.finished).toMatchObject({ status: 'ABORTED' });
    await eventually('the monitor is off', () => rehearsal.aftermaths.some(({ status }) => status === 'SUCCEEDED'));

    expect(rehearsal.alarmsRaised).toEqual(['ExecutionAborted', 'MigrationStalled', 'ReplicationStopped']);
  });
});
