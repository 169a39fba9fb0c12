import { type ClusterFacts } from '../../../lambda/shared/state';
import { handler } from '../../../lambda/tasks/restore-blue';
import { Phase } from '../../../lib/private/contract';
import { eventOf } from '../shared/event';

const BLUE: ClusterFacts = {
  identifier: 'shop', arn: 'arn', resourceId: 'cluster-1', status: 'available', endpoint: 'localhost', port: 1, engine: 'aurora-mysql', engineVersion: '8.0', parameterGroup: 'g', instances: [],
};

// with a deployment: test/rehearsal/pipeline/abandon.test.ts.
describe('Restore Blue, without a deployment', () => {
  const at = (source: ClusterFacts | null) => ({ phase: Phase.NONE, deployment: null, source, target: null });

  test('has nothing to do where nothing was changed', async () => {
    expect(await handler(eventOf({ situation: at(BLUE) }))).toEqual({ remarks: [] });
  });

  test.each([
    [BLUE, /is not known; it was left as it is/],
    [null, /Blue does not exist any more/],
  ])('says what it could not put back: %j', async (source, words) => {
    const { remarks } = await handler(eventOf({ situation: at(source), binlogs: { hours: 168, previousHours: null } }));
    expect(remarks).toEqual([expect.stringMatching(words)]);
  });
});
