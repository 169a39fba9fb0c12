import { DescribeDBClusterParameterGroupsCommand } from '@aws-sdk/client-rds';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { type Execution } from '../../../rehearsal/step-functions';
import { eventually } from '../mysql/eventually';
import { openSmall, productionFacts } from './small';

describe('giving Green up', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  /** Runs until a state was entered, and ends there. */
  async function stopIn(state: string): Promise<void> {
    const running: { execution?: Execution } = {};
    running.execution = rehearsal.start({}, ({ type, name }) => {
      if (type.endsWith('StateEntered') && name === state) setImmediate(() => running.execution?.stop('Test.Stopped', `in ${state}`));
    });
    expect(await running.execution.finished).toMatchObject({ status: 'ABORTED' });
    await eventually('no function is working', () => rehearsal.running.length === 0);
  }

  test('leaves nothing of ours, and Blue as it was, whenever it is done before the switchover; also when it is killed and done again', async () => {
    rehearsal = await openSmall({ cluster: { deletionProtection: true } });
    const before = await productionFacts(rehearsal);
    const groups = await groupNames(rehearsal);
    const [blue] = rehearsal.rds.clusters.map(({ resourceId }) => resourceId);
    const rules = rehearsal.eventBridge.enabled;

    const nothing = await rehearsal.start({ action: 'abandon' }).finished;
    expect(nothing).toMatchObject({ status: 'SUCCEEDED', output: { summary: expect.stringMatching(/nothing to give up/) as string } });
    for (const state of [StateName.WAIT_FOR_GREEN, StateName.RUN_MIGRATION, StateName.JUDGE_READINESS]) {
      await stopIn(state);
      expect(rehearsal.rds.deployments).toHaveLength(1);
      if (state === StateName.RUN_MIGRATION) rehearsal.onTask = killed(StateName.RESTORE_BLUE, StateName.DELETE_GREEN);

      const given = await rehearsal.start({ action: 'abandon' }).finished;

      expect(given).toMatchObject({ status: 'SUCCEEDED', output: { summary: expect.stringMatching(/Green of 'shop' was given up/) as string } });
      expect(rehearsal.rds.deployments).toEqual([]);
      expect(rehearsal.rds.clusters.map(({ resourceId }) => resourceId)).toEqual([blue]);
      expect(rehearsal.rds.clusters[0]?.deletionProtection).toBe(true);
      expect(await groupNames(rehearsal)).toEqual(groups);
      expect(await productionFacts(rehearsal)).toEqual(before);
      await eventually('the monitor is off', () => rehearsal.eventBridge.enabled.length === rules.length);
    }
  }, 240_000);
});

async function groupNames(rehearsal: Rehearsal): Promise<(string | undefined)[]> {
  const { DBClusterParameterGroups: groups = [] } = await rehearsal.rdsClient().send(new DescribeDBClusterParameterGroupsCommand({}));
  return groups.map(({ DBClusterParameterGroupName: name }) => name);
}

/** Each of these states loses its answer once, after the work was done. */
function killed(...states: string[]): NonNullable<Rehearsal['onTask']> {
  const open = new Set(states);
  return (state) => (open.delete(state) ? { loseAnswer: true } : undefined);
}
