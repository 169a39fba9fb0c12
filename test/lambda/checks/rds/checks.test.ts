import { DeleteBlueGreenDeploymentCommand, ModifyDBClusterParameterGroupCommand } from '@aws-sdk/client-rds';
import { runChecks, type Scope } from '../../../../lambda/checks/check';
import { type RdsContext, rdsContext } from '../../../../lambda/checks/rds/context';
import { RDS_CHECKS } from '../../../../lambda/checks/rds/registry';
import { describeCluster, factsOf } from '../../../../lambda/rds/clusters';
import { copiedGroupName } from '../../../../lambda/rds/copied-group';
import { type Finding } from '../../../../lambda/shared/findings';
import { type Situation } from '../../../../lambda/shared/state';
import { handler as checkRds } from '../../../../lambda/tasks/check-rds';
import { type PipelineSettings } from '../../../../lib/private/contract';
import { ENGINE_VERSIONS } from '../../../../rehearsal/rds';
import { FakeEngine } from '../../../rehearsal/rds/fake-engine';
import { type Fixture, LONG_ENOUGH, orThrow } from '../../../rehearsal/rds/fixture';
import { configure, eventOf, NOW, settingsOf } from '../../shared/event';
import { RdsAccounts } from '../../tasks/rds-account';

let accounts: RdsAccounts;
let rds: Fixture;

beforeAll(async () => { accounts = await RdsAccounts.open(); });
afterAll(() => accounts.close());
beforeEach(async () => { rds = await accounts.fresh(); });

const NOWHERE: Situation = { phase: 'none', deployment: null, source: null, target: null };

/** What the checks see of the account now. */
async function contextOf({ settings = {}, situation = NOWHERE }: { settings?: Partial<PipelineSettings>; situation?: Situation } = {}): Promise<RdsContext> {
  return { ...await rdsContext(settingsOf(settings), situation, { scope: 'preflight', now: NOW }), situation };
}

async function found(id: string, context: RdsContext, scope: Scope = 'preflight'): Promise<Finding[]> {
  return (await runChecks(RDS_CHECKS, scope, { ...context, scope })).filter((finding) => finding.id === id);
}

function blocking(message: RegExp): unknown[] {
  return [expect.objectContaining({ severity: 'blocker', message: expect.stringMatching(message) as string })];
}

/** Changes what RDS says of the cluster. */
async function seen(change: Partial<NonNullable<RdsContext['source']>>): Promise<RdsContext> {
  const context = await contextOf();
  return { ...context, source: { ...context.source, ...change } };
}

test('nothing is found in a production that is ready', async () => {
  expect(await runChecks(RDS_CHECKS, 'preflight', await contextOf())).toEqual([]);
});

describe('cluster-exists', () => {
  test('refuses a cluster that is not there, and only it has something to say of it', async () => {
    const findings = await runChecks(RDS_CHECKS, 'preflight', await contextOf({ settings: { clusterIdentifier: 'shpo' } }));
    expect(findings).toEqual(blocking(/there is no DB cluster 'shpo' in this account and Region.*correct the identifier in BlueGreenSource/));
  });
});

describe('cluster-available', () => {
  test('refuses a stopped cluster and says how to start it', async () => {
    rds = await accounts.fresh({}, { status: 'stopped' });
    expect(await found('cluster-available', await contextOf())).toEqual(blocking(/'shop' is 'stopped'.*start it \(aws rds start-db-cluster --db-cluster-identifier shop\)/));
  });

  test('refuses a cluster without a writer', async () => {
    expect(await found('cluster-available', await seen({ DBClusterMembers: [{ DBInstanceIdentifier: 'shop-2', IsClusterWriter: false }] }))).toEqual(blocking(/'shop' has no writer instance.*failover/));
  });

  test('refuses a cluster that is being changed', async () => {
    expect(await found('cluster-available', await seen({ Status: 'backing-up' }))).toEqual(blocking(/'shop' is 'backing-up'.*wait until it is available/));
  });
});

describe('engine-supported', () => {
  test('refuses other engines', async () => {
    expect(await found('engine-supported', await seen({ Engine: 'aurora-postgresql' }))).toEqual(blocking(/engine of 'shop' is 'aurora-postgresql'.*use it for Aurora MySQL clusters/));
  });

  test('refuses Serverless v1', async () => {
    expect(await found('engine-supported', await seen({ EngineMode: 'serverless' }))).toEqual(blocking(/Serverless v1.*convert it to provisioned or Serverless v2 first/));
  });
});

describe('version-creatable', () => {
  test('refuses a version that can no longer be created', async () => {
    rds = await accounts.fresh({ engineVersions: ENGINE_VERSIONS.map((entry) => ({ ...entry, isDeprecated: true })) });
    expect(await found('version-creatable', await contextOf())).toEqual(blocking(/'8\.0\.mysql_aurora\.3\.04\.4' of 'shop' is not among the versions RDS can still create.*Upgrade Blue to an available minor version/));
  });
});

describe('target-version', () => {
  test('refuses a version that is no upgrade of this one, and names those that are', async () => {
    const context = await contextOf({ settings: { targetEngineVersion: '8.0.mysql_aurora.3.03.1' } });
    expect(await found('target-version', context)).toEqual(blocking(/'8\.0\.mysql_aurora\.3\.03\.1' is not a valid upgrade target of '8\.0\.mysql_aurora\.3\.04\.4': choose one of .*3\.08\.2/));
  });

  test('refuses MySQL 5.7 on Green', async () => {
    rds = await accounts.fresh({}, { engineVersion: '5.7.mysql_aurora.2.12.5', parameterGroup: undefined });
    expect(await found('target-version', await contextOf())).toEqual(blocking(/Green would run '5\.7\.mysql_aurora\.2\.12\.5', and the migration needs MySQL 8\.0 or newer.*set targetEngineVersion/));
  });

  test('takes a valid upgrade', async () => {
    expect(await found('target-version', await contextOf({ settings: { targetEngineVersion: '8.0.mysql_aurora.3.12.0' } }))).toEqual([]);
  });
});

describe('class-creatable', () => {
  const withClass = (instanceClass: string) => { orThrow(rds.controlPlane.clusters[0]?.instances[1]).instanceClass = instanceClass; };

  test('refuses a class that the target version does not have, and names its instances', async () => {
    rds = await accounts.fresh({}, { engineVersion: '5.7.mysql_aurora.2.12.5', parameterGroup: undefined });
    withClass('db.r4.large');
    expect(await found('class-creatable', await contextOf({ settings: { targetEngineVersion: '8.0.mysql_aurora.3.10.1' } }))).toEqual(
      blocking(/does not offer class 'db\.r4\.large' \('shop-2'\) for version '8\.0\.mysql_aurora\.3\.10\.1'.*a class that both versions have.*describe-orderable-db-instance-options/),
    );
  });

  test('refuses a class that Blue\'s own version is no longer offered with', async () => {
    withClass('db.r4.large');
    expect(await found('class-creatable', await contextOf())).toEqual(blocking(/for version '8\.0\.mysql_aurora\.3\.04\.4'.*a class that is still offered/));
  });

  test('leaves a version that cannot be created to version-creatable', async () => {
    rds = await accounts.fresh({ engineVersions: ENGINE_VERSIONS.map((entry) => ({ ...entry, isDeprecated: true })) });
    expect(await found('class-creatable', await contextOf())).toEqual([]);
  });
});

describe('target-group-unshared', () => {
  const another = (parameterGroup: string) => rds.controlPlane.createCluster({
    identifier: 'mall', engineVersion: '8.0.mysql_aurora.3.04.4', parameterGroup, instances: ['mall-1'], engine: new FakeEngine(),
  });

  test('refuses a group that another cluster has, because what is put back after the switchover would be in effect there', async () => {
    expect(await found('target-group-unshared', await contextOf())).toEqual([]);
    await another('green');
    expect(await found('target-group-unshared', await contextOf())).toEqual(blocking(/'green', which is meant for Green, is also that of 'mall': .*A Green of another pipeline would stop to replicate.*acknowledge this/));
  });

  test('knows the group the pipeline makes itself, which may be left from an earlier Green', async () => {
    const context = await contextOf({ settings: { targetClusterParameterGroup: undefined } });
    expect(await found('target-group-unshared', context)).toEqual([]);
    const group = copiedGroupName(context.settings, factsOf(orThrow(context.source)));
    rds.controlPlane.createParameterGroup({ name: group, family: 'aurora-mysql8.0', values: { binlog_format: 'ROW' } });
    await another(group);
    expect(await found('target-group-unshared', context)).toEqual(blocking(new RegExp(`'${group}', which is meant for Green, is also that of 'mall'`)));
  });
});

describe('parameters-as-on-blue', () => {
  const inBlue = (name: string, value: string) => rds.client.send(new ModifyDBClusterParameterGroupCommand({
    DBClusterParameterGroupName: 'blue', Parameters: [{ ParameterName: name, ParameterValue: value, ApplyMethod: 'pending-reboot' }],
  }));

  test('names what production would lose with the given group, and not what Green needs', async () => {
    await inBlue('event_scheduler', 'ON');
    expect(await found('parameters-as-on-blue', await contextOf())).toEqual([]);
    await inBlue('sql_mode', 'NO_ENGINE_SUBSTITUTION');
    expect(await found('parameters-as-on-blue', await contextOf())).toEqual([expect.objectContaining({
      severity: 'warning', message: expect.stringMatching(/^cluster parameter group 'green' of Green is unlike Blue's 'blue': sql_mode as by default \(on Blue NO_ENGINE_SUBSTITUTION\)\. Production runs with 'green'/) as string,
    })]);
  });

  test('takes lists for the same, whatever their order', async () => {
    await inBlue('sql_mode', 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION');
    rds.controlPlane.createParameterGroup({ name: 'sorted', family: 'aurora-mysql8.0', values: { sql_mode: 'NO_ENGINE_SUBSTITUTION, STRICT_TRANS_TABLES' } });
    expect(await found('parameters-as-on-blue', await contextOf({ settings: { targetClusterParameterGroup: 'sorted' } }))).toEqual([]);
  });

  test('refuses another case of names, with which the server would not start', async () => {
    await inBlue('lower_case_table_names', '1');
    expect(await found('parameters-as-on-blue', await contextOf())).toEqual(blocking(/lower_case_table_names is 0 in 'green' and 1 in Blue's 'blue'.*Set it to 1 in 'green'/));
  });

  test('has nothing to say where the pipeline makes the group, or a group is missing', async () => {
    await inBlue('lower_case_table_names', '1');
    expect(await found('parameters-as-on-blue', await contextOf({ settings: { targetClusterParameterGroup: undefined } }))).toEqual([]);
    expect(await found('parameters-as-on-blue', await contextOf({ settings: { targetClusterParameterGroup: 'gren' } }))).toEqual([]);
  });
});

describe('managed-password', () => {
  test('refuses a cluster whose password RDS manages', async () => {
    rds = await accounts.fresh({}, { masterUserSecretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds-abc' });
    expect(await found('managed-password', await contextOf())).toEqual(blocking(/secret arn:aws:secretsmanager:.*--no-manage-master-user-password/));
  });
});

describe('cluster-parameter-group', () => {
  test('refuses the default group', async () => {
    rds = await accounts.fresh({}, { parameterGroup: undefined });
    expect(await found('cluster-parameter-group', await contextOf())).toEqual(blocking(/default cluster parameter group 'default\.aurora-mysql8\.0'.*give the cluster a BlueClusterParameterGroup/));
  });

  test('refuses a group without binlog', async () => {
    await rds.client.send(new ModifyDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: 'blue', Parameters: [{ ParameterName: 'binlog_format', ParameterValue: 'OFF', ApplyMethod: 'pending-reboot' }],
    }));
    expect(await found('cluster-parameter-group', await contextOf())).toEqual(blocking(/binlog_format is 'OFF' in cluster parameter group 'blue'.*set it to ROW/));
  });
});

describe('parameter-group-in-sync', () => {
  test('refuses a writer that waits for a reboot, and warns of a reader', async () => {
    await rds.client.send(new ModifyDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: 'blue', Parameters: [{ ParameterName: 'binlog_format', ParameterValue: 'MIXED', ApplyMethod: 'pending-reboot' }],
    }));

    expect(await found('parameter-group-in-sync', await contextOf())).toEqual([
      ...blocking(/writer 'shop-1' is 'pending-reboot' with cluster parameter group 'blue'.*RDS refuses to create Green: reboot it \(aws rds reboot-db-instance --db-instance-identifier shop-1\)/),
      expect.objectContaining({ severity: 'warning', message: expect.stringMatching(/reader 'shop-2' is 'pending-reboot'/) as string }),
    ]);
  });
});

describe('target-parameter-group', () => {
  async function withGroup(values: Record<string, string>): Promise<RdsContext> {
    rds.controlPlane.createParameterGroup({ name: 'mine', family: 'aurora-mysql8.0', values });
    return contextOf({ settings: { targetClusterParameterGroup: 'mine' } });
  }

  /** What a group has to hold at least. */
  const ENOUGH = { binlog_format: 'ROW', replica_type_conversions: 'ALL_NON_LOSSY', log_bin_trust_function_creators: '1' } as const;

  test('refuses a group that does not exist', async () => {
    const context = await contextOf({ settings: { targetClusterParameterGroup: 'gren' } });
    expect(await found('target-parameter-group', context)).toEqual(blocking(/'gren' \(targetClusterParameterGroup\) does not exist.*deploy it first/));
  });

  test('refuses a group of another family than the version needs', async () => {
    const context = await contextOf({ settings: { targetClusterParameterGroup: 'green84' } });
    expect(await found('target-parameter-group', context)).toEqual(blocking(/'green84' is of family 'aurora-mysql8\.4', Green's version '8\.0\.mysql_aurora\.3\.04\.4' needs 'aurora-mysql8\.0': use a group of that family/));
  });

  test('refuses a group that lets events run on Green', async () => {
    const context = await withGroup({ ...ENOUGH, event_scheduler: 'ON' });
    expect(await found('target-parameter-group', context)).toEqual(blocking(/event_scheduler is 'ON' in 'mine'.*Set it to OFF/));
  });

  test('refuses a group without the conversions a schema change needs, and warns without a binlog', async () => {
    expect(await found('target-parameter-group', await withGroup({}))).toEqual([
      ...blocking(/replica_type_conversions is '' in 'mine'.*error 1677 \/ 13146.*Set it to ALL_NON_LOSSY/),
      expect.objectContaining({ severity: 'warning', message: expect.stringMatching(/binlog_format is 'OFF' in 'mine'.*no coordinates to replicate back from/) as string }),
    ]);
  });

  test.each<[string, Record<string, string>, Finding['severity'], RegExp]>([
    ['no trust in who creates triggers', { log_bin_trust_function_creators: '0' }, 'blocker', /log_bin_trust_function_creators is '0' in 'mine'.*error 1419.*Set it to 1/],
    ['a production that would take no writes', { read_only: '1' }, 'blocker', /read_only is '1' in 'mine': production would take no writes after the switchover/],
    ['commits in another order', { replica_preserve_commit_order: 'OFF' }, 'warning', /replica_preserve_commit_order is 'OFF' in 'mine'.*Set it to ON/],
    ['transactions one after the other', { replica_parallel_type: 'DATABASE' }, 'warning', /replica_parallel_type is 'DATABASE' in 'mine'.*Set it to LOGICAL_CLOCK/],
  ])('tells of %s', async (_, values, severity, message) => {
    expect(await found('target-parameter-group', await withGroup({ ...ENOUGH, ...values }))).toEqual([expect.objectContaining({ severity, message: expect.stringMatching(message) as string })]);
  });

  test('takes a group with what is needed at least, and one that lets users write on Green', async () => {
    expect(await found('target-parameter-group', await withGroup({ ...ENOUGH, read_only: '0', replica_preserve_commit_order: 'ON', replica_parallel_type: 'LOGICAL_CLOCK' }))).toEqual([]);
  });

  test('trusts creators without a binlog, which needs no trust', async () => {
    expect(await found('target-parameter-group', await withGroup({ replica_type_conversions: 'ALL_NON_LOSSY' }))).toEqual([expect.objectContaining({ severity: 'warning' })]);
  });

  test('needs no conversions where the schema stays as it is', async () => {
    const context = await withGroup({ binlog_format: 'ROW' });
    expect(await found('target-parameter-group', { ...context, settings: { ...context.settings, migration: { kind: 'none' } } })).toEqual([]);
  });

  test('refuses the group of production itself, whatever is in it', async () => {
    const context = await contextOf({ settings: { targetClusterParameterGroup: 'blue' } });
    expect(await found('target-parameter-group', context)).toEqual(blocking(/^'blue' \(targetClusterParameterGroup\) is the group production uses now: .*a group of its own.*\(a new GreenClusterParameterGroup\)$/));
  });

  describe('where no group is given', () => {
    const NONE = { targetClusterParameterGroup: undefined } as const;
    const inBlue = (name: string, value: string, method: 'immediate' | 'pending-reboot' = 'immediate') => rds.client.send(new ModifyDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: 'blue', Parameters: [{ ParameterName: name, ParameterValue: value, ApplyMethod: method }],
    }));
    const explaining = (message: RegExp) => expect.objectContaining({ severity: 'note', message: expect.stringMatching(message) as string }) as unknown;

    test('explains which group the pipeline makes, and what of it stays', async () => {
      await inBlue('event_scheduler', 'ON');
      expect(await found('target-parameter-group', await contextOf({ settings: NONE }))).toEqual([explaining(
        /^no targetClusterParameterGroup is given: the pipeline makes 'cdk-rds-blue-green-shop-utf8mb4-[0-9a-f]{8}' for Green from 'blue', .*with replica_preserve_commit_order ON instead of the default, (?!.*event_scheduler).*docs\/template-after-switchover\.md/,
      )]);
    });

    test('speaks of nothing that only a change of the schema needs where there is none', async () => {
      const [finding] = await found('target-parameter-group', await contextOf({ settings: { ...NONE, migration: { kind: 'none' } } }));
      expect(finding?.message).not.toMatch(/log_bin_trust_function_creators/);
    });

    test('warns of parameters that another family does not have', async () => {
      await inBlue('character-set-client-handshake', '0', 'pending-reboot');
      expect(await found('target-parameter-group', await contextOf({ settings: { ...NONE, targetEngineVersion: '8.4.mysql_aurora.8.4.7' } }))).toEqual([
        expect.anything(),
        expect.objectContaining({
          severity: 'warning', message: expect.stringMatching(/^a parameter of 'blue' cannot be carried over into a group of family 'aurora-mysql8\.4' \(character-set-client-handshake '0': the family has it no more\)/) as string,
        }),
      ]);
    });
  });
});

describe('foreign-deployment', () => {
  test('refuses a cluster that somebody else is changing', async () => {
    const { BlueGreenDeploymentIdentifier: identifier } = await rds.create({ name: 'by-hand', group: 'green' });
    expect(await found('foreign-deployment', await contextOf())).toEqual(blocking(new RegExp(`'shop' is already the source of Blue/Green deployment 'by-hand' \\(${identifier}, PROVISIONING\\).*finish or delete that one`)));
  });

  test('refuses the Green of another deployment, and warns of a deployment by which it has become production', async () => {
    const { Target: target } = await rds.createAvailable({ group: 'green' });
    const green = orThrow(await describeCluster(orThrow(target)));
    const settings = { clusterIdentifier: orThrow(green.DBClusterIdentifier) };
    expect(await found('foreign-deployment', await contextOf({ settings }))).toEqual(blocking(/^'shop-green-\w+' is the Green of Blue\/Green deployment 'shop-utf8mb4' \(bgd-\w+, AVAILABLE\), so it is no production/));

    orThrow(rds.controlPlane.deployments[0]).status = 'SWITCHOVER_COMPLETED';
    expect(await found('foreign-deployment', await contextOf({ settings }))).toEqual([expect.objectContaining({
      severity: 'warning', message: expect.stringMatching(/has become production by Blue\/Green deployment 'shop-utf8mb4' .*RDS may refuse another one until that is deleted.*read_only/) as string,
    })]);
  });

  test('knows our own deployment', async () => {
    const { BlueGreenDeploymentIdentifier: identifier = '' } = await rds.create({ group: 'green' });
    const situation: Situation = { ...NOWHERE, phase: 'creating', deployment: { identifier, name: 'shop-utf8mb4', status: 'PROVISIONING' } };
    expect(await found('foreign-deployment', await contextOf({ situation }))).toEqual([]);
  });
});

describe('name-length', () => {
  test('warns of names that become too long with the ending RDS appends', async () => {
    rds = await accounts.fresh({}, { instances: ['shop-1', `reader-${'x'.repeat(44)}`, 'application-autoscaling-0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f'] });
    expect(await found('name-length', await contextOf())).toEqual([
      expect.objectContaining({ severity: 'warning', message: expect.stringMatching(/'reader-x+' has 51 characters.*at most 50/) as string }),
      expect.objectContaining({ severity: 'warning', message: expect.stringMatching(/'application-autoscaling-[-\w]+' has 60 characters.*suspend the scaling, and delete this reader/) as string }),
    ]);
  });
});

describe('with Green', () => {
  async function withGreen(): Promise<Situation> {
    const deployment = await rds.createAvailable({ group: 'green' });
    const [source, target] = [await describeCluster(orThrow(deployment.Source)), await describeCluster(orThrow(deployment.Target))];
    return {
      phase: 'available', source: factsOf(orThrow(source)), target: factsOf(orThrow(target)),
      deployment: { identifier: orThrow(deployment.BlueGreenDeploymentIdentifier), name: 'shop-utf8mb4', status: 'AVAILABLE' },
    };
  }

  test('target-available has nothing to say of a Green that is ready', async () => {
    expect(await found('target-available', await contextOf({ situation: await withGreen() }), 'before-switchover')).toEqual([]);
  });

  test('target-available refuses a Green that is not there, is busy, or waits for a reboot', async () => {
    const situation = await withGreen();
    const target = orThrow(situation.target ?? undefined);
    const instances = target.instances.map((instance) => ({ ...instance, parameterGroupStatus: instance.writer ? 'pending-reboot' : 'in-sync' }));
    const on = async (present: Situation['target']) => found('target-available', await contextOf({ situation: { ...situation, target: present } }), 'green');

    expect(await on(null)).toEqual(blocking(/Green is not there.*Delete the deployment and start again/));
    expect(await on({ ...target, status: 'upgrading' })).toEqual(blocking(/Green 'shop-green-\w+' is 'upgrading': wait/));
    expect(await on({ ...target, instances })).toEqual(blocking(/'shop-1-green-\w+' is 'pending-reboot' with cluster parameter group 'green'.*Reboot it/));
  });

  test.each(['green', 'before-switchover'] as const)('target-has-group refuses a Green with another group than the pipeline has now: %s', async (scope) => {
    const situation = await withGreen();
    const on = async (targetClusterParameterGroup: string | undefined) => found('target-has-group', await contextOf({ situation, settings: { targetClusterParameterGroup } }), scope);

    expect(await on('green')).toEqual([]);
    expect(await on(undefined)).toEqual(blocking(/and the pipeline now has 'cdk-rds-blue-green-shop-utf8mb4-\w+' \(which it makes itself\)/));
    expect(await on('green2')).toEqual(
      blocking(/^Green 'shop-green-\w+' uses cluster parameter group 'green', and the pipeline now has 'green2' \(targetClusterParameterGroup\): .*Put the old one back, or give Green the new one \(modify-db-cluster\)/),
    );
  });

  test('target-has-group leaves a Green that is not there to target-available', async () => {
    expect(await found('target-has-group', await contextOf({ situation: { ...await withGreen(), target: null } }), 'green')).toEqual([]);
  });

  test.each(['green', 'before-switchover'] as const)('target-has-version refuses a Green of an older version than it should have, or than Blue has by now: %s', async (scope) => {
    const situation = await withGreen();
    const on = async (targetEngineVersion: string | undefined, blue = '8.0.mysql_aurora.3.04.4') => {
      const context = await contextOf({ situation, settings: { targetEngineVersion } });
      return found('target-has-version', { ...context, source: { ...context.source, EngineVersion: blue } }, scope);
    };

    expect(await on(undefined)).toEqual([]);
    expect(await on('8.0.mysql_aurora.3.04.4')).toEqual([]);
    expect(await on('8.0.mysql_aurora.3.10.1')).toEqual(blocking(/runs '8\.0\.mysql_aurora\.3\.04\.4' and should run '8\.0\.mysql_aurora\.3\.10\.1' \(targetEngineVersion\): its upgrade has not happened/));
    expect(await on(undefined, '8.0.mysql_aurora.3.10.1')).toEqual(blocking(/Blue 'shop' runs '8\.0\.mysql_aurora\.3\.10\.1' and Green 'shop-green-\w+' the older '8\.0\.mysql_aurora\.3\.04\.4'/));
    expect(await on('8.0.mysql_aurora.3.03.1', '8.0.mysql_aurora.3.03.1')).toEqual([expect.objectContaining({ severity: 'warning', message: expect.stringMatching(/which is newer than '8\.0\.mysql_aurora\.3\.03\.1'/) as string })]);
  });

  test.each(['green', 'before-switchover'] as const)('parameters-as-on-blue looks at the group Green really has, and at Blue\'s as it is by now: %s', async (scope) => {
    const situation = await withGreen();
    await rds.client.send(new ModifyDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: 'blue', Parameters: [{ ParameterName: 'time_zone', ParameterValue: 'Asia/Tokyo', ApplyMethod: 'immediate' }],
    }));
    expect(await found('parameters-as-on-blue', await contextOf({ situation, settings: { targetClusterParameterGroup: undefined } }), scope)).toEqual([
      expect.objectContaining({ severity: 'warning', message: expect.stringMatching(/'green' of Green is unlike Blue's 'blue': time_zone as by default \(on Blue Asia\/Tokyo\)/) as string }),
    ]);
  });

  test('Check RDS looks at Green as it is now, not as it was when the execution found it', async () => {
    configure();
    const situation = await withGreen();
    const stale = { ...situation, target: { ...orThrow(situation.target ?? undefined), status: 'creating' } };

    expect(await checkRds(eventOf({ situation: stale }, { scope: 'green' }))).toMatchObject({ blockers: 0 });
  });

  test('target-is-production refuses while the name is not Green\'s yet, or production is not available', async () => {
    const situation = await withGreen();
    const target = orThrow(situation.target ?? undefined);
    const on = async (present: Situation['target'], source = situation.source) => (
      found('target-is-production', await contextOf({ situation: { ...situation, target: present, source } }), 'after-switchover')
    );

    expect(await on(target)).toEqual(blocking(/the name 'shop' should belong to the former Green, but the deployment's target is 'shop-green-\w+'/));
    expect(await on({ ...target, identifier: 'shop', status: 'renaming' })).toEqual(blocking(/production 'shop' is 'renaming'.*wait until it is 'available'/));
    expect(await on({ ...target, identifier: 'shop' })).toEqual([]);
    expect(await on({ ...target, identifier: 'shop' }, null)).toEqual([expect.objectContaining({ severity: 'warning', message: expect.stringMatching(/the old Blue is not to be found/) as string })]);
  });

  test.each([
    ['has switched over', 'SWITCHOVER_COMPLETED'], ['does so at this moment', 'SWITCHOVER_IN_PROGRESS'], ['has broken it', 'INVALID_CONFIGURATION'],
  ] as const)('deployment-untouched finds that somebody else %s', async (_, status) => {
    const context = await contextOf({ situation: await withGreen() });
    const on = () => found('deployment-untouched', context, 'before-switchover');
    expect(await on()).toEqual([]);
    const [deployment] = rds.controlPlane.deployments;
    orThrow(deployment).status = 'SWITCHOVER_FAILED';
    expect(await on()).toEqual([]);
    orThrow(deployment).status = status;
    expect(await on()).toEqual(blocking(new RegExp(`'shop-utf8mb4' is ${status}, although the pipeline has not asked for it`)));
  });

  test('deployment-untouched finds that somebody has deleted it, or made another one of its name', async () => {
    const situation = await withGreen();
    const of = async (present: Situation) => found('deployment-untouched', await contextOf({ situation: present }), 'before-switchover');
    expect(await of({ ...situation, deployment: { identifier: 'bgd-before', name: 'shop-utf8mb4', status: 'AVAILABLE' } })).toEqual(blocking(/is another one now \(bgd-\w+, before bgd-before\)/));
    await rds.client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: situation.deployment?.identifier, DeleteTarget: false }));
    await rds.clock.advance(LONG_ENOUGH);
    expect(await of(situation)).toEqual(blocking(/'shop-utf8mb4' does not exist any more: somebody has deleted it/));
  });

  test('source-is-production refuses a Blue that does not bear production\'s name any more', async () => {
    const context = await contextOf({ situation: await withGreen() });
    const on = (DBClusterIdentifier: string) => found('source-is-production', { ...context, source: { ...context.source, DBClusterIdentifier } }, 'before-switchover');
    expect(await on('shop')).toEqual([]);
    expect(await on('shop-old1')).toEqual(blocking(/Blue is called 'shop-old1' now, and production is 'shop': .*find out which cluster is production/));
  });

  test('cluster-available looks at Blue once more before the switchover', async () => {
    await withGreen();
    await rds.clock.advance(LONG_ENOUGH);
    const context = await contextOf();
    expect(await found('cluster-available', { ...context, source: { ...context.source, Status: 'failing-over' } }, 'before-switchover')).toEqual(blocking(/'failing-over'/));
  });
});
