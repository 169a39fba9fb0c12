import { type VerdictName } from '../../lambda/compatibility/verdict';
import { DEFINITIONS, definition } from '../../scripts/matrix/definitions';
import { type Observation, type Outcome } from '../../scripts/matrix/matrix';
import { allPairs, figures, sampleOf } from '../../scripts/matrix/report';

function outcome(verdict: VerdictName, observed: Observation, dangerous = false): Outcome {
  return { from: 'INT', to: `${verdict} ${observed}`, conversions: '', predicted: { verdict, reason: '' }, observed, dangerous };
}

test('the matrix has at least 60 definitions, all different, each with values', () => {
  expect(new Set(DEFINITIONS).size).toBe(DEFINITIONS.length);
  expect(DEFINITIONS.length).toBeGreaterThanOrEqual(60);
  expect(DEFINITIONS.map(definition).filter(({ values }) => values.length < 3)).toEqual([]);
});

test('a sample is the same for the same seed, and another for another', () => {
  const pairs = allPairs(DEFINITIONS);
  expect(sampleOf(pairs, 50, 7)).toEqual(sampleOf(pairs, 50, 7));
  expect(sampleOf(pairs, 50, 7)).not.toEqual(sampleOf(pairs, 50, 8));
  expect(new Set(sampleOf(pairs, 50, 7)).size).toBe(50);
});

test('the figures tell dangerous predictions from harmless pairs that were refused', () => {
  const outcomes = [
    outcome('SAFE', 'right'), outcome('SAFE', 'different', true), outcome('STOPS', 'right'), outcome('STOPS', 'stops'), outcome('DEPENDS_ON_DATA', 'right'),
    outcome('CORRUPTS', 'different'),
  ];
  const { dangerous, refused, lines } = figures(outcomes);
  expect(dangerous).toEqual([outcomes[1]]);
  expect(refused).toEqual([outcomes[2]]);
  expect(lines).toEqual([
    'pairs: 6, with the settings: 6', 'observed: 3 right, 2 different without an error, 1 stopped', 'dangerous predictions: 1',
    'harmless and refused: 1 of 3 (33.3 %); made to depend on the data: 1 (33.3 %)',
  ]);
});
