import { type ClusterFacts, type PipelineState } from '../../../lambda/shared/state';
import { handler as explainFailure } from '../../../lambda/tasks/explain-failure';
import { handler as judge } from '../../../lambda/tasks/judge';
import { handler as prepareHook } from '../../../lambda/tasks/prepare-hook';
import { handler as waitForWindow } from '../../../lambda/tasks/wait-for-window';
import { Phase } from '../../../lib/private/contract';
import { configure, eventOf, NOTHING_FOUND } from '../shared/event';

const BLUE: ClusterFacts = {
  identifier: 'shop-old1', arn: 'arn:blue', resourceId: 'cluster-B', status: 'available', endpoint: 'shop-old1.rds', port: 3306, engine: 'aurora-mysql',
  engineVersion: '8.0', parameterGroup: 'blue', instances: [{ identifier: 'shop-1', writer: true, parameterGroupStatus: 'in-sync' }],
};
const GREEN: ClusterFacts = { ...BLUE, identifier: 'shop', arn: 'arn:green', resourceId: 'cluster-G', endpoint: 'shop.rds', readerEndpoint: 'shop-ro.rds' };
const WRITERS_STOPPED: Partial<PipelineState> = { hooks: { event: null, beforeSwitchover: 0, afterSwitchover: null } };

async function thrownBy(promise: Promise<unknown>): Promise<Error> {
  return promise.then(() => { throw new Error('nothing was thrown'); }, (thrown: Error) => thrown);
}

describe('a hook', () => {
  beforeEach(() => configure());

  test('is given both clusters and the deployment, and nothing of how the pipeline works', async () => {
    const situation = { phase: Phase.SWITCHED, deployment: { identifier: 'bgd-1', name: 'shop-utf8mb4', status: 'SWITCHOVER_COMPLETED' }, source: BLUE, target: GREEN };
    expect(await prepareHook(eventOf({ situation }, { hook: 'afterSwitchover' }))).toEqual({
      hook: 'afterSwitchover',
      pipeline: 'Stack/Pipeline',
      execution: 'arn:aws:states:eu-central-1:123456789012:execution:machine:one',
      deployment: { identifier: 'bgd-1', name: 'shop-utf8mb4' },
      blue: { identifier: 'shop-old1', arn: 'arn:blue', resourceId: 'cluster-B', endpoint: 'shop-old1.rds', readerEndpoint: null, port: 3306, engineVersion: '8.0' },
      green: { identifier: 'shop', arn: 'arn:green', resourceId: 'cluster-G', endpoint: 'shop.rds', readerEndpoint: 'shop-ro.rds', port: 3306, engineVersion: '8.0' },
    });
  });

  test('is given null for what is not there', async () => {
    const situation = { phase: Phase.SWITCHED, deployment: null, source: null, target: GREEN };
    expect(await prepareHook(eventOf({ situation }, { hook: 'afterSwitchover' }))).toMatchObject({ deployment: null, blue: null });
  });

  test('that fails is explained with its own words, and with what is to be done', async () => {
    const thrown = { Error: 'WritersStillThere', Cause: JSON.stringify({ errorMessage: '3 workers do not stop' }) };
    const error = await thrownBy(explainFailure(eventOf({ failure: { Error: 'HookFailed', hook: 'beforeSwitchover', thrown }, failedAt: { redriveCount: 0 } })));
    expect(error).toMatchObject({ name: 'HookFailed' });
    expect(error.message).toMatch(/^the hook 'beforeSwitchover' has failed: WritersStillThere: 3 workers do not stop\nNothing was switched over.*a redrive, runs it again/s);
  });
});

describe('while writers are stopped', () => {
  // NOW is 21:00 in Tokyo.
  beforeEach(() => configure({ switchoverWindow: { from: '22:30', to: '23:30', timeZone: 'Asia/Tokyo' } }));

  test('a closed window ends the execution, instead of being waited for', async () => {
    const error = await thrownBy(waitForWindow(eventOf(WRITERS_STOPPED)));
    expect(error).toMatchObject({ name: 'NotReadyToSwitchOver' });
    expect(error.message).toMatch(/the switchoverWindow has closed, and opens at 2026-11-20T13:30.*'beforeSwitchover' has run already.*Start them again/s);
  });

  test('tables that arrive end it, instead of being migrated first', async () => {
    const readinessCheck = { rds: NOTHING_FOUND, mysql: { ...NOTHING_FOUND, replan: true } };
    expect(await thrownBy(judge(eventOf({ ...WRITERS_STOPPED, readinessCheck }, { subject: 'readiness' })))).toMatchObject({ name: 'NotReadyToSwitchOver', message: expect.stringMatching(/tables have arrived/) as string });
    expect(await judge(eventOf({ readinessCheck }, { subject: 'readiness' }))).toMatchObject({ done: true, replan: true });
  });

  test('every failure says that they are', async () => {
    const failed = eventOf({ ...WRITERS_STOPPED, failure: { Error: 'SwitchoverFailed' }, failedAt: { redriveCount: 0 } });
    expect((await thrownBy(explainFailure(failed))).message).toMatch(/The hook 'beforeSwitchover' has run: what it has stopped, only you can start again$/);
  });
});
