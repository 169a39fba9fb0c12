import { sized, vcpusOf } from '../../../lambda/shared/capacity';
import { type PipelineSettings } from '../../../lib/private/contract';
import { settingsOf } from './event';

const GIBIBYTE = 1024 ** 3;
const UNDECIDED: Partial<PipelineSettings> = {
  workers: undefined,
  migration: { kind: 'convertCharacterSet', databases: ['shop'], collations: {}, deferredIndexes: { leastBytes: 1 }, applier: 'running' },
};

function on(instanceClass: string, maxCapacityUnits: number | null = null): { workers: number | undefined; gibibytes: number } {
  const { workers, migration } = sized(settingsOf(UNDECIDED), { workers: null, writer: { instanceClass, maxCapacityUnits } });
  return { workers, gibibytes: (migration.kind === 'convertCharacterSet' ? migration.deferredIndexes.roomBytes ?? 0 : 0) / GIBIBYTE };
}

describe('what Green\'s writer can do at once', () => {
  test.each([
    ['db.t4g.medium', 2, 16], ['db.r6g.large', 2, 16], ['db.r6g.xlarge', 2, 40], ['db.r5.2xlarge', 4, 80], ['db.r7g.4xlarge', 8, 160], ['db.x2g.16xlarge', 8, 640],
    ['db.r8g.48xlarge', 8, 1920], ['db.unheard.of', 2, 16], ['unknown', 2, 16],
  ])('%s: %d workers, room of %d GiB', (instanceClass, workers, gibibytes) => {
    expect(on(instanceClass)).toEqual({ workers, gibibytes });
  });

  test.each([[null, 2], [1, 2], [16, 2], [32, 4], [256, 8]])('serverless with at most %p capacity units: %d workers', (units, workers) => {
    expect(on('db.serverless', units)).toEqual({ workers, gibibytes: 16 });
  });

  test('counts for nothing where the construct has chosen', () => {
    const deferredIndexes = { leastBytes: 1, roomBytes: 0 };
    const chosen = settingsOf({ workers: 3, migration: { kind: 'convertCharacterSet', databases: [], collations: {}, deferredIndexes, applier: 'running' } });
    const { workers, migration } = sized(chosen, { workers: null, writer: { instanceClass: 'db.r6g.16xlarge', maxCapacityUnits: null } });
    expect([workers, migration]).toEqual([3, chosen.migration]);
  });

  test('counts for nothing where the execution has chosen, whatever the construct says', () => {
    expect(sized(settingsOf({ workers: 3 }), { workers: 7, writer: null }).workers).toBe(7);
  });

  test('is unknown before Green is there', () => {
    expect(vcpusOf(null)).toBeUndefined();
    const deferredIndexes = { leastBytes: 1, roomBytes: 16 * GIBIBYTE };
    expect(sized(settingsOf(UNDECIDED), { workers: null, writer: null })).toMatchObject({ workers: 2, migration: { deferredIndexes } });
  });
});
