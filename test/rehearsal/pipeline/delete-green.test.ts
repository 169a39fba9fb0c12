import { DescribeDBClusterParameterGroupsCommand } from '@aws-sdk/client-rds';
import { ExecutionFailurePolicy } from '../../../lib';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { type Execution, TaskError } from '../../../rehearsal/step-functions';
import { eventually } from '../mysql/eventually';
import { messageOf, openSmall, productionFacts } from './small';

describe('a pipeline that deletes Green after a failure', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test('leaves nothing of ours, Blue as it was, and the error it had; keeps Green beside another execution; begins anew', async () => {
    rehearsal = await openSmall({ cluster: { deletionProtection: true }, pipeline: () => ({ onExecutionFailure: ExecutionFailurePolicy.DELETE_GREEN }) });
    const before = await productionFacts(rehearsal);
    const groups = await groupNames(rehearsal);
    const [blue] = rehearsal.rds.clusters.map(({ resourceId }) => resourceId);
    const rules = rehearsal.eventBridge.enabled;
    let writes = true;
    // what deletes loses its answer once, after the work was done.
    const killed = new Set<string>([
      StateName.JUDGE_FAILURE, StateName.FIND_GREEN_TO_DELETE, StateName.RESTORE_BLUE_AFTER_FAILURE, StateName.DELETE_GREEN_AFTER_FAILURE,
    ]);
    rehearsal.onTask = async (state) => {
      if (killed.delete(state)) return { loseAnswer: true };
      if (state !== StateName.COMPARE_DATA || !writes) return undefined;
      writes = false;
      await rehearsal.green?.query(`UPDATE shop.customers SET memo = 'behind our back' LIMIT 1`);
      return undefined;
    };

    const execution = rehearsal.start({});
    const failed = await execution.finished;

    expect(failed).toMatchObject({ status: 'FAILED', error: 'DataDiffers' });
    expect([...killed]).toEqual([]);
    expect(messageOf(failed)).toMatch(/shop\.customers.*There is no Green: onExecutionFailure .*which was made for Green, was deleted\. To go on: /s);
    expect(rehearsal.rds.deployments).toEqual([]);
    expect(rehearsal.rds.clusters.map(({ resourceId, deletionProtection }) => [resourceId, deletionProtection])).toEqual([[blue, true]]);
    expect(await groupNames(rehearsal)).toEqual(groups);
    expect(await productionFacts(rehearsal)).toEqual(before);
    expect(rehearsal.eventBridge.enabled).toEqual(rules);
    await eventually('both are noticed', () => rehearsal.alarmsRaised.length > 1);
    expect(rehearsal.alarmsRaised).toEqual(['DifferenceFound', 'ExecutionFailed']);

    // another one goes on with the new Green when this one fails.
    let other: Execution | undefined;
    rehearsal.onTask = async (state) => {
      if (state !== StateName.WAIT_FOR_REPLICATION || other !== undefined) return;
      other = rehearsal.start({});
      await eventually('it knows Green', () => other?.history.some(({ name }) => name === StateName.KEEP_BINLOGS) === true);
      throw new TaskError('ReplicationLags', 'too slow');
    };
    execution.redrive();
    const beside = await execution.finished;
    expect(beside).toMatchObject({ status: 'FAILED', error: 'ReplicationLags' });
    expect(messageOf(beside)).toMatch(/Green \(deployment bgd-\w+\) exists.* It was not deleted \(onExecutionFailure\), because another execution is running$/s);
    const last = await other?.finished;
    expect({ ...last }).toMatchObject({ status: 'SUCCEEDED' });
    expect(await productionFacts(rehearsal)).toEqual({ ...before, characterSets: ['utf8mb4'], databaseCollation: 'utf8mb4_general_ci' });
  }, 240_000);
});

async function groupNames(rehearsal: Rehearsal): Promise<(string | undefined)[]> {
  const { DBClusterParameterGroups: groups = [] } = await rehearsal.rdsClient().send(new DescribeDBClusterParameterGroupsCommand({}));
  return groups.map(({ DBClusterParameterGroupName: name }) => name);
}
