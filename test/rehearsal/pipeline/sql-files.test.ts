import path from 'node:path';
import { type RowDataPacket } from 'mysql2/promise';
import { Migration } from '../../../lib';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { messageOf, openSmall, productionFacts } from './small';

const FILES = path.join(__dirname, '..', '..', '..', 'examples', 'sql-files', 'sql');

describe('the SQL files of the example', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test('are in production after the switchover, with every row that Blue wrote meanwhile; a function that is killed runs none of them twice', async () => {
    rehearsal = await openSmall({
      pipeline: { migration: Migration.sqlFiles(FILES, { database: 'store' }) },
      prepare: async (connection) => {
        await connection.query('CREATE DATABASE store CHARACTER SET utf8mb4');
        await connection.query('CREATE TABLE store.orders (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, placed_at DATETIME NOT NULL, total DECIMAL(12, 2) NOT NULL)');
        await connection.query('CREATE TABLE store.order_lines (order_id INT NOT NULL, line INT NOT NULL, product VARCHAR(40) NOT NULL, PRIMARY KEY (order_id, line))');
      },
    });
    const before = await productionFacts(rehearsal);
    const writer = rehearsal.writer();
    await writer.start();
    const blue = await rehearsal.connect('store');
    let placed = 0;
    let kills = 0;
    rehearsal.onTask = async (state) => {
      if (state !== StateName.RUN_MIGRATION && state !== StateName.COMPARE_DATA) return undefined;
      placed += 1;
      await blue.query(`INSERT INTO orders (placed_at, total) VALUES ('2026-01-31 12:00:00', 10.50)`);
      await blue.query('INSERT INTO order_lines VALUES (LAST_INSERT_ID(), 1, ?)', ['緑茶 🍵']);
      if (state !== StateName.RUN_MIGRATION || kills === 2) return undefined;
      kills += 1;
      // once in the middle, once when the work is done and nobody has heard of it.
      return kills === 1 ? { killAfterMilliseconds: 300 } : { loseAnswer: true };
    };

    const result = await rehearsal.start({}).finished;

    await writer.stop();
    await blue.end();
    expect({ ...result, message: messageOf(result) }).toMatchObject({ status: 'SUCCEEDED' });
    expect(kills).toBe(2);
    expect(await productionFacts(rehearsal)).toEqual(before);
    const production = await rehearsal.connect('shop');
    const rows = async (sql: string) => (await production.query<RowDataPacket[]>(sql))[0];
    expect(await writer.verify(production)).toMatchObject({ lostWrites: 0, corruptedRows: 0 });
    await production.query('USE store');
    expect(await rows(`SELECT COUNT(*) AS orders FROM orders JOIN order_lines ON order_id = id AND product = '緑茶 🍵'`)).toEqual([{ orders: placed }]);
    // what the files are for: keys beyond 2^31, an index, a procedure and a view.
    await production.query(`INSERT INTO orders VALUES (3000000000, '2026-01-31 13:00:00', 1)`);
    await production.query(`CALL close_day('2026-01-31')`);
    expect(await rows('SELECT * FROM best_days')).toEqual([{ day: '2026-01-31', total: (placed * 10.5 + 1).toFixed(2) }]);
    expect(await rows(`SHOW INDEX FROM orders WHERE Key_name = 'placed'`)).toMatchObject([{ Column_name: 'placed_at', Collation: 'D' }]);
    await production.end();
  }, 240_000);
});
