import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as rds from 'aws-cdk-lib/aws-rds';
import { Comparison, GreenClusterParameterGroup } from '../../../lib';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { type Execution } from '../../../rehearsal/step-functions';
import { messageOf, openSmall, productionFacts } from './small';

/** What a user's own group for Green holds. */
function greenParameters(): Record<string, string> {
  const stack = new Stack();
  new GreenClusterParameterGroup(stack, 'Group', { engineVersion: rds.AuroraMysqlEngineVersion.VER_3_10_1 });
  const [group] = Object.values(Template.fromStack(stack).findResources('AWS::RDS::DBClusterParameterGroup')) as { Properties: { Parameters: Record<string, string> } }[];
  return group?.Properties.Parameters ?? {};
}

/** Also without a comparison, and with a parameter group that the user gives. */
describe('two executions at once', () => {
  let rehearsal: Rehearsal;

  afterEach(() => rehearsal?.close());

  test('do not undo each other: the newer one takes over and finishes, the older one ends with that reason', async () => {
    rehearsal = await openSmall({
      pipeline: (scope) => ({ comparison: Comparison.off(), targetClusterParameterGroup: rds.ParameterGroup.fromParameterGroupName(scope, 'GreenGroup', 'Shop-Green') }),
    });
    rehearsal.rds.createParameterGroup({ name: 'shop-green', family: 'aurora-mysql8.0', values: greenParameters() });
    let newer: Execution | undefined;
    rehearsal.onTask = async (state) => {
      if (state !== StateName.RUN_MIGRATION || newer !== undefined) return;
      // the older one stands before its first look until the newer one has planned.
      await new Promise<void>((planned) => {
        newer = rehearsal.start({}, ({ type, name }) => { if (type === 'TaskStateExited' && name === StateName.PLAN_MIGRATION) planned(); });
      });
    };

    const older = await rehearsal.start({}).finished;

    expect(older).toMatchObject({ status: 'FAILED', error: 'SupersededByAnotherExecution' });
    expect(messageOf(older)).toContain(newer?.arn);
    expect(await newer?.finished).toMatchObject({
      status: 'SUCCEEDED',
      output: { comparedShare: null, rowsCompared: null, findings: expect.arrayContaining([expect.stringMatching(/^\[warning\] comparison-complete: the data of Blue and Green are not compared/)]) as string[] },
    });
    expect(await productionFacts(rehearsal)).toMatchObject({ characterSets: ['utf8mb4'], ourSchemas: 0, eventScheduler: 'ON' });
    // the group that was given is production's now, and none was made.
    const groups = new Set(rehearsal.rds.clusters.map(({ identifier, parameterGroup }) => `${identifier}: ${parameterGroup.name}`));
    expect([...groups]).toContain('shop: shop-green');
    expect([...groups].join()).not.toContain('cdk-rds-blue-green-');
  });
});
