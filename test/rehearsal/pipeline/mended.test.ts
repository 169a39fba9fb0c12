import { type RowDataPacket } from 'mysql2/promise';
import { Migration } from '../../../lib';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { eventually } from '../mysql/eventually';
import { messageOf, openSmall, productionFacts } from './small';

describe('a migration that fails on the data, and whose schema is changed', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test('goes on by redrive and by a new execution when the data are mended and the schema rests, loses no write, and restores events that changed meanwhile', async () => {
    rehearsal = await openSmall({
      pipeline: {
        migration: Migration.convertCharacterSet({ databases: ['shop'], collations: { utf8mb3_swedish_ci: 'utf8mb4_0900_ai_ci', utf8mb3_danish_ci: 'utf8mb4_0900_ai_ci' } }),
      },
      prepare: async (connection) => {
        for (const [language, plain, accented] of [['swedish', 'kor', 'kör'], ['danish', 'hoj', 'høj']]) {
          await connection.query(`CREATE TABLE shop.${language} (id INT PRIMARY KEY, word VARCHAR(20) COLLATE utf8mb3_${language}_ci NOT NULL, UNIQUE KEY (word))`);
          await connection.query(`INSERT INTO shop.${language} VALUES (1, ?), (2, ?)`, [plain, accented]);
        }
      },
    });
    const before = await productionFacts(rehearsal);
    const writer = rehearsal.writer();
    await writer.start();
    const onBlue = async (...statements: string[]) => {
      const connection = await rehearsal.connect('shop');
      for (const statement of statements) await connection.query(statement);
      await connection.end();
    };

    const execution = rehearsal.start({});
    const first = await execution.finished;
    expect(first.error).toBe('PlanRefused');
    expect(messageOf(first)).toMatch(/shop\.swedish: key 'word' has rows that are equal/);
    expect(messageOf(first)).toMatch(/shop\.danish: key 'word' has rows that are equal/);
    expect(messageOf(first)).toMatch(/Green \(deployment bgd-\w+\) exists and costs money/);
    const { green } = rehearsal;

    await onBlue('DELETE FROM swedish WHERE id = 2', 'DELETE FROM danish WHERE id = 2', `CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM swedish WHERE id = 99`);
    const rowsOnGreen = async () => (await rehearsal.green?.query('SELECT 1 FROM shop.swedish WHERE id = 2 UNION ALL SELECT 1 FROM shop.danish WHERE id = 2'))?.length;
    await eventually('Green has it, too', async () => await rowsOnGreen() === 0);
    rehearsal.onTask = async (state) => {
      if (state !== 'Run Migration') return;
      rehearsal.onTask = undefined;
      // between plan and statement: what no plan can know.
      await onBlue(`INSERT INTO danish VALUES (2, 'høj')`);
      await eventually('Green has the row', async () => await rowsOnGreen() === 1);
    };
    execution.redrive();
    const second = await execution.finished;
    expect(second.error).toBe('MigrationFailed');
    expect(messageOf(second)).toMatch(/shop\.danish: error 1062 \(23000\): Duplicate entry .* Statement: .*ALTER TABLE `shop`/);
    expect(messageOf(second)).not.toMatch(/shop\.swedish: error/);

    await onBlue('DELETE FROM danish WHERE id = 2', 'ALTER EVENT nightly DISABLE', 'ALTER EVENT nightly ENABLE');
    await eventually('Green has lost the row, too', async () => await rowsOnGreen() === 0);
    rehearsal.onTask = async (state) => {
      if (state !== 'Run Migration') return;
      rehearsal.onTask = undefined;
      // between plan and statement: a table that is not converted yet, and one that is written to.
      await onBlue('ALTER TABLE danish ADD COLUMN meaning VARCHAR(20)', `ALTER TABLE orders ADD COLUMN greeting VARCHAR(20) NOT NULL DEFAULT 'おめでとう'`);
    };
    const third = await rehearsal.start({}).finished;
    expect(third.error).toBe('BlueSchemaChanged');
    expect(messageOf(third)).toMatch(/after the migration was planned: columns of shop\.danish have changed: \+ meaning varchar\(20\) .*; columns of shop\.orders have changed: \+ greeting .*\. Nothing was switched over/);
    expect(messageOf(third)).toMatch(/start a new execution with \{\}/);

    await onBlue(`UPDATE danish SET meaning = '高い' WHERE id = 1`, `INSERT INTO danish VALUES (3, 'ål', 'うなぎ')`, `UPDATE orders SET greeting = 'ありがとう' WHERE id = 1`);
    const fourth = await rehearsal.start({}).finished;
    await writer.stop();
    expect({ ...fourth, message: messageOf(fourth) }).toMatchObject({ status: 'SUCCEEDED' });
    // the one that was there before has become production.
    expect(rehearsal.green).toBe(green);
    const production = await rehearsal.connect('shop');
    const rows = async (sql: string) => (await production.query<RowDataPacket[]>(sql))[0];
    expect(await writer.verify(production)).toMatchObject({ lostWrites: 0, corruptedRows: 0 });
    expect(await rows('SELECT * FROM danish ORDER BY id')).toEqual([{ id: 1, word: 'hoj', meaning: '高い' }, { id: 3, word: 'ål', meaning: 'うなぎ' }]);
    expect(await rows('SELECT greeting, COUNT(*) > 1 AS several FROM orders GROUP BY greeting ORDER BY several')).toEqual([{ greeting: 'ありがとう', several: 0 }, { greeting: 'おめでとう', several: 1 }]);
    await production.end();
    expect(await productionFacts(rehearsal)).toEqual({
      ...before, characterSets: ['utf8mb4'], databaseCollation: 'utf8mb4_general_ci', events: { ...before.events, nightly: 'ENABLED' },
    });
    expect(Object.values(before.events)).toContain('ENABLED');
    expect(before).toMatchObject({ eventScheduler: 'ON', conversions: '', retention: null, ourSchemas: 0 });

    const again = await rehearsal.start({}).finished;
    expect(again).toMatchObject({ status: 'SUCCEEDED', output: { summary: expect.stringContaining('nothing was left to do') as string } });
  }, 240_000);
});
