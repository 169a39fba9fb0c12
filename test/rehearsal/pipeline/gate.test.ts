import { RebootDBInstanceCommand } from '@aws-sdk/client-rds';
import { Duration } from 'aws-cdk-lib';
import { type RowDataPacket } from 'mysql2/promise';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { eventually } from '../mysql/eventually';
import { messageOf, openSmall, productionFacts } from './small';

/** Troubles between the migration and the switchover, each met by the same deployment, one after the other. */
describe('what happens before and during the switchover', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  /** Runs something when a state is entered for the n-th time. */
  function when(state: string, ...works: (() => Promise<void>)[]): void {
    let times = 0;
    rehearsal.onTask = async (name) => { if (name === state) await works[times++]?.(); };
  }

  /** Green's server; it exists by now. */
  const onGreen = async (...statements: string[]): Promise<RowDataPacket[]> => {
    let rows: unknown = [];
    for (const statement of statements) rows = await rehearsal.green?.query(statement);
    return Array.isArray(rows) ? rows as RowDataPacket[] : [];
  };

  test('an applier that stops with 1062, and data changed behind our back, are found with their remedy; nothing is lost when they are mended', async () => {
    rehearsal = await openSmall({
      // how long it stands still depends on the machine.
      alarms: { stoppedPatience: Duration.days(1) },
      prepare: async (connection) => { await connection.query('CREATE TABLE shop.stamps (id INT PRIMARY KEY, word VARCHAR(20) CHARACTER SET utf8mb3)'); },
    });
    const before = await productionFacts(rehearsal);
    const writer = rehearsal.writer();
    await writer.start();
    const blue = await rehearsal.connect('shop');

    // somebody writes on Green what Blue writes later.
    when(StateName.WAIT_FOR_REPLICATION, async () => {
      await onGreen(`INSERT INTO shop.stamps VALUES (1, 'behind our back')`);
      await blue.query(`INSERT INTO shop.stamps VALUES (1, 'on Blue')`);
      await eventually('the applier has stopped', async () => (await onGreen('SHOW REPLICA STATUS'))[0]?.Replica_SQL_Running === 'No');
    });
    const execution = rehearsal.start({});
    const stopped = await execution.finished;
    expect(stopped.error).toBe('ReplicationStopped');
    expect(messageOf(stopped)).toMatch(/SQL thread No.*error 1062: .*Duplicate entry '1' for key 'stamps\.PRIMARY'.*Green already has a row with that key: somebody wrote on Green/);

    // it is mended, but for another row.
    await onGreen('DELETE FROM shop.stamps', 'START REPLICA');
    when(StateName.COMPARE_DATA, async () => {
      await eventually('the row has arrived', async () => (await onGreen('SELECT * FROM shop.stamps')).length === 1);
      await onGreen(`UPDATE shop.stamps SET word = 'another' WHERE id = 1`);
    });
    execution.redrive();
    const differs = await execution.finished;
    expect(differs.error).toBe('DataDiffers');
    expect(messageOf(differs)).toMatch(/shop\.stamps.*\b1\b/);
    expect(messageOf(differs)).not.toContain('another');
    await eventually('both are noticed', () => rehearsal.alarmsRaised.length > 1);
    expect(rehearsal.alarmsRaised).toEqual(['DifferenceFound', 'ExecutionFailed']);

    await onGreen(`UPDATE shop.stamps SET word = 'on Blue' WHERE id = 1`);
    rehearsal.onTask = undefined;
    const third = await rehearsal.start({}).finished;
    await writer.stop();
    expect(third).toMatchObject({ status: 'SUCCEEDED' });
    await blue.end();
    const production = await rehearsal.connect('shop');
    expect(await writer.verify(production)).toMatchObject({ lostWrites: 0, corruptedRows: 0 });
    expect((await production.query<RowDataPacket[]>('SELECT word FROM stamps'))[0]).toEqual([{ word: 'on Blue' }]);
    await production.end();
    expect(await productionFacts(rehearsal)).toEqual({ ...before, characterSets: ['utf8mb4'], databaseCollation: 'utf8mb4_general_ci' });
  }, 240_000);

  test('a long transaction, a Green that is rebooted, a guardrail and a timeout of RDS are met without an operator', async () => {
    // the watch shall see inside the database that a switchover has begun, also on a busy machine.
    rehearsal = await openSmall({ pipeline: { readinessPatience: Duration.hours(12), switchoverAttempts: 3 }, durations: { switchoverPreparation: 480 } });
    const before = await productionFacts(rehearsal);
    const writer = rehearsal.writer();
    await writer.start();
    const { faults } = rehearsal.rds;
    const idle = await rehearsal.connect('shop');
    await idle.query('CREATE TABLE ledger_of_nobody (id INT PRIMARY KEY)');
    await idle.query('START TRANSACTION');
    await idle.query('INSERT INTO ledger_of_nobody VALUES (1)');

    const seen: string[] = [];
    let switchovers = 0;
    rehearsal.onTask = async (state, payload) => {
      if (state === StateName.WAIT_FOR_REPLICATION && !seen.includes(state)) {
        const green = rehearsal.rds.clusters.find(({ identifier }) => identifier.startsWith('shop-green-'));
        const instance = green?.instances.find(({ isWriter }) => isWriter)?.identifier;
        await rehearsal.rdsClient().send(new RebootDBInstanceCommand({ DBInstanceIdentifier: instance }));
      }
      const checked = JSON.stringify((payload as { state: { readinessCheck: unknown } }).state.readinessCheck);
      if (state === StateName.JUDGE_READINESS && checked.includes('writing transaction open') && !seen.includes('long transaction')) {
        expect(checked).toContain(`session ${idle.threadId} of user 'admin'`);
        seen.push('long transaction');
        await idle.rollback();
      }
      if (state === StateName.SWITCH_OVER) {
        switchovers += 1;
        faults.switchoverGuardrail = switchovers === 1 ? 'Long-running writes were found.' : undefined;
        faults.switchoverTakesTooLong = switchovers === 2;
      }
      seen.push(state);
    };

    const result = await rehearsal.start({ switchoverTimeoutSeconds: 900 }).finished;

    await writer.stop();
    expect({ ...result, message: messageOf(result) }).toMatchObject({ status: 'SUCCEEDED' });
    expect(seen).toContain('long transaction');
    expect(switchovers).toBe(3);
    expect(result.output).toMatchObject({
      cancelledSwitchovers: [expect.stringMatching(/Long-running writes were found/), expect.stringMatching(/exceeded the timeout of 900 seconds/)],
      outage: { newServerAt: expect.any(String) as string, pooled: { readMilliseconds: expect.any(Number) as number } },
    });
    await idle.end();
    const production = await rehearsal.connect('shop');
    expect(await writer.verify(production)).toMatchObject({ lostWrites: 0, corruptedRows: 0 });
    await production.end();
    expect(await productionFacts(rehearsal)).toEqual({ ...before, characterSets: ['utf8mb4'], databaseCollation: 'utf8mb4_general_ci' });
  }, 240_000);
});
