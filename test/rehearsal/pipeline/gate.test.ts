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
});
