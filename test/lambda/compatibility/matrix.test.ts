import { DEFINITIONS } from '../../../scripts/matrix/definitions';
import { runMatrix } from '../../../scripts/matrix/matrix';
import { allPairs, figures, type OrderedPair, sampleOf } from '../../../scripts/matrix/report';
import { SHAPES } from '../../../scripts/matrix/shapes';

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

/** Servers before 9.0 have no VECTOR. */
const EVERYWHERE = DEFINITIONS.filter((definition) => !definition.startsWith('VECTOR'));

const SETTINGS = ['', 'ALL_NON_LOSSY', 'ALL_NON_LOSSY,ALL_UNSIGNED', 'ALL_NON_LOSSY,ALL_SIGNED,ALL_UNSIGNED', 'ALL_LOSSY,ALL_NON_LOSSY'];

test('a sample of the matrix on a real source and replica holds no dangerous prediction', async () => {
  const { columns, tables } = await runMatrix({ pairs: [...KNOWN, ...sampleOf(allPairs(EVERYWHERE), SAMPLE, SEED)], settings: SETTINGS, shapes: SHAPES });
  expect(figures(columns).dangerous).toEqual([]);
  expect(columns).toHaveLength((KNOWN.length + SAMPLE) * SETTINGS.length);
  const observed = KNOWN.map((_, index) => columns.slice(index * SETTINGS.length, (index + 1) * SETTINGS.length).map((each) => each.observed));
  expect(observed).toEqual([
    ['stops', 'right', 'different', 'right', 'right'],
    ['stops', 'different', 'right', 'different', 'different'],
    ['different', 'different', 'different', 'different', 'different'],
    ['stops', 'right', 'right', 'right', 'right'],
    ['stops', 'different', 'different', 'different', 'different'],
    ['stops', 'stops', 'stops', 'stops', 'stops'],
  ]);
  expect(figures(tables).dangerous).toEqual([]);
  expect(tables).toHaveLength(SHAPES.length * SETTINGS.length);
});
