import { Duration } from 'aws-cdk-lib';
import { Comparison } from '../../lib';

test('says nothing of limits that were not given', () => {
  expect(Comparison.full()._settings).toEqual({ kind: 'full' });
  expect(Comparison.off()._settings).toEqual({ kind: 'off' });
});

test('passes the limits on', () => {
  const limits = { chunkTime: Duration.millis(100), pauseShare: 0.5, maxHistoryListLength: 50_000, maxLatency: Duration.seconds(1) };
  expect(Comparison.sample({ share: 0.1, seed: 'x', ...limits })._settings).toEqual({
    kind: 'sample', share: 0.1, seed: 'x', chunkMilliseconds: 100, pauseShare: 0.5, mostHistory: 50_000, mostLatencyMilliseconds: 1000,
  });
});

test.each([0, 1, -0.5, Number.NaN])('fails for a share of %p', (share) => {
  expect(() => Comparison.sample({ share })).toThrow(`'share' should be a number above 0 and below 1, got '${share}'; Comparison.full() compares everything`);
});

test('fails for limits out of bounds', () => {
  expect(() => Comparison.full({ chunkTime: Duration.millis(0) })).toThrow(`'chunkTime' should be 1 millisecond to 1 minute, got '0' milliseconds`);
  expect(() => Comparison.full({ maxLatency: Duration.millis(9) })).toThrow(`'maxLatency' should be 10 milliseconds to 1 minute, got '9' milliseconds`);
  expect(() => Comparison.full({ pauseShare: -1 })).toThrow(`'pauseShare' should be a number from 0 to 100, got '-1'`);
  expect(() => Comparison.full({ maxHistoryListLength: 0.5 })).toThrow(`'maxHistoryListLength' should be a whole number from 1, got '0.5'`);
});
