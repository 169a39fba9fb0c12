import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { openSmall, productionFacts } from './small';

describe('a pipeline whose Lambda processes are killed', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test.each([
    ['Run Migration', 20],
    ['Switch Over', 30],
    ['Restore Production', 60],
  ])('ends well when the process of %s is killed in the middle of its work', async (state, killAfterMilliseconds) => {
    rehearsal = await openSmall();
    let kills = 0;
    rehearsal.onTask = (name) => {
      if (name !== state || kills === 2) return undefined;
      kills += 1;
      // once in the middle, once when the work is done and nobody has heard of it.
      return kills === 1 ? { killAfterMilliseconds } : { loseAnswer: true };
    };
    const writer = rehearsal.writer();
    await writer.start();
    const before = await productionFacts(rehearsal);

    const result = await rehearsal.start({}).finished;

    await writer.stop();
    expect(result).toMatchObject({ status: 'SUCCEEDED' });
    expect(kills).toBe(2);
    const connection = await rehearsal.connect('shop');
    expect(await writer.verify(connection)).toMatchObject({ lostWrites: 0, corruptedRows: 0, examples: [] });
    await connection.end();
    expect(await productionFacts(rehearsal)).toEqual({ ...before, characterSets: ['utf8mb4'], databaseCollation: 'utf8mb4_general_ci' });
  });
});
