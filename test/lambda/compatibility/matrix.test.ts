import { DEFINITIONS } from '../../../scripts/matrix/definitions';
import { runMatrix, SETTINGS } from '../../../scripts/matrix/matrix';
import { allPairs, figures, type OrderedPair, sampleOf } from '../../../scripts/matrix/report';

const SAMPLE = 60;
const SEED = 20_261_121;

/** Pairs whose outcome everybody should know, whatever the sample holds. */
const KNOWN: readonly OrderedPair[] = [
  ['INT', 'BIGINT'],
  ['INT UNSIGNED', 'BIGINT UNSIGNED'],
  ['INT', 'INT UNSIGNED'],
  ['VARCHAR(64) CHARACTER SET utf8mb3', 'VARCHAR(64) CHARACTER SET utf8mb4'],
  ['VARCHAR(20) CHARACTER SET latin1', 'VARCHAR(20) CHARACTER SET utf8mb4'],
  ['DATETIME', 'DATETIME(6)'],
];

test('a sample of the matrix on a real source and replica holds no dangerous prediction', async () => {
  const outcomes = await runMatrix({ pairs: [...KNOWN, ...sampleOf(allPairs(DEFINITIONS), SAMPLE, SEED)], settings: SETTINGS });
  expect(figures(outcomes).dangerous).toEqual([]);
  expect(outcomes).toHaveLength((KNOWN.length + SAMPLE) * SETTINGS.length);
  const observed = KNOWN.map((_, index) => outcomes.slice(index * SETTINGS.length, (index + 1) * SETTINGS.length).map((each) => each.observed));
  expect(observed).toEqual([
    ['stops', 'right', 'different', 'right'],
    ['stops', 'different', 'right', 'different'],
    ['different', 'different', 'different', 'different'],
    ['stops', 'right', 'right', 'right'],
    ['stops', 'different', 'different', 'different'],
    ['stops', 'stops', 'stops', 'stops'],
  ]);
});
