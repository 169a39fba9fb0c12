import { type CurvePoint, withPoint } from '../../../lambda/shared/curve';
import { after, NOW } from './event';

test('a curve has the moment and the value of each look', () => {
  const start = Date.parse(NOW) / 1000;
  expect(withPoint(withPoint([], NOW, null), after(30), 12)).toEqual([[start, null], [start + 30, 12]]);
});

test('a curve of thirty days fits into a state, and keeps its first and its newest point', () => {
  let curve: readonly CurvePoint[] = [];
  for (let look = 0; look < 1000; look += 1) curve = withPoint(curve, after(look * 2592), look);
  expect(curve.length).toBeLessThanOrEqual(60);
  expect([curve[0]?.[1], curve.at(-1)?.[1]]).toEqual([0, 999]);
  expect(JSON.stringify(curve).length).toBeLessThan(1500);
});
