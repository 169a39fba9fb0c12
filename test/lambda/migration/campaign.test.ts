import { openPair, type Pair } from '../helpers/pair';
import { campaignRun } from './campaign';

let pair: Pair;

beforeAll(async () => { pair = await openPair(); });
afterAll(() => pair?.close());

// a sample; npm run campaign has as many as one wants.
test.each([3, 1, 2, 5])('30 tables are converted, whatever dies in between: seed %d', async (seed) => {
  expect((await campaignRun(pair, seed)).problems).toEqual([]);
});
