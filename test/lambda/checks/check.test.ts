import { blocker, type Check, note, runChecks, warning } from '../../../lambda/checks/check';
import { BLUE_CHECKS, GREEN_CHECKS } from '../../../lambda/checks/mysql/registry';
import { RDS_CHECKS } from '../../../lambda/checks/rds/registry';
import { PipelineError } from '../../../lambda/shared/errors';
import '../shared/event';

function check(id: string, run: Check<undefined>['run'], scopes: Check<undefined>['scopes'] = ['preflight']): Check<undefined> {
  return { id, scopes, run };
}

describe('runChecks', () => {
  test('returns everything all checks of the scope found', async () => {
    const registry = [
      check('first', async () => blocker('one')),
      check('second', async () => [...blocker('two'), ...blocker('three')]),
      check('other-scope', async () => blocker('four'), ['green']),
    ];

    const found = await runChecks(registry, 'preflight', undefined);

    expect(found.map(({ id, message }) => [id, message])).toEqual([['first', 'one'], ['second', 'two'], ['second', 'three']]);
  });

  test('makes a blocker of a check that fails, and goes on with the others', async () => {
    const registry = [check('broken', () => Promise.reject(new Error('no such column'))), check('fine', async () => blocker('one'))];

    const [broken, fine] = await runChecks(registry, 'preflight', undefined);

    expect(broken).toMatchObject({ id: 'broken', severity: 'blocker', message: expect.stringMatching(/could not be checked \(no such column\), so it is not known to be safe/) as string });
    expect(fine).toMatchObject({ id: 'fine' });
  });

  test('makes a warning of it where the check says that this is enough', async () => {
    const registry: Check<undefined>[] = [{ ...check('broken', () => Promise.reject(new Error('AccessDenied'))), unknown: 'warning' }];
    expect(await runChecks(registry, 'preflight', undefined)).toEqual([{ id: 'broken', severity: 'warning', message: expect.stringMatching(/could not be checked \(AccessDenied\).*look at it yourself/) as string }]);
  });

  test('marks what is acknowledged: warnings, and blockers of checks that allow it', async () => {
    const registry: Check<undefined>[] = [
      check('slow', async () => [...warning('one'), ...note('two')]),
      check('unsafe', async () => blocker('three')),
      { ...check('expected', async () => blocker('four')), acknowledgeable: true },
      check('other', async () => warning('five')),
    ];

    const found = await runChecks(registry, 'preflight', undefined, ['slow', 'unsafe', 'expected']);

    expect(found.filter(({ acknowledged }) => acknowledged).map(({ message }) => message)).toEqual(['one', 'four']);
    expect(found).toHaveLength(5);
  });

  test.each(['RdsBusy', 'DatabaseUnreachable'] as const)('fails with %s, which the state machine retries', async (name) => {
    const registry = [check('busy', () => Promise.reject(new PipelineError(name, 'later')))];
    await expect(runChecks(registry, 'preflight', undefined)).rejects.toMatchObject({ name });
  });
});

test('every check has an id of its own and runs at some time', () => {
  const all = [...RDS_CHECKS, ...BLUE_CHECKS, ...GREEN_CHECKS];

  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  expect(all.filter(({ id, scopes }) => !/^[a-z]+(-[a-z]+)*$/.test(id) || scopes.length === 0)).toEqual([]);
});
