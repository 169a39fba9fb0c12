import { runChecks, type Scope } from '../../../../lambda/checks/check';
import { type RdsContext, rdsContext } from '../../../../lambda/checks/rds/context';
import { secondsUntilWindow } from '../../../../lambda/checks/rds/maintenance-windows';
import { RDS_CHECKS } from '../../../../lambda/checks/rds/registry';
import { describeCluster, factsOf } from '../../../../lambda/rds/clusters';
import { makeGroupForGreen } from '../../../../lambda/rds/copied-group';
import { type Finding } from '../../../../lambda/shared/findings';
import { type Situation } from '../../../../lambda/shared/state';
import { type PipelineSettings } from '../../../../lib/private/contract';
import { ServiceError } from '../../../../rehearsal/rds';
import { type Fixture, orThrow } from '../../../rehearsal/rds/fixture';
import { after, NOW, settingsOf } from '../../shared/event';
import { RdsAccounts } from '../../tasks/rds-account';

const ARN = 'arn:aws:rds:eu-central-1:123456789012';
const NOWHERE: Situation = { phase: 'none', deployment: null, source: null, target: null };

let accounts: RdsAccounts;
let rds: Fixture;

beforeAll(async () => { accounts = await RdsAccounts.open(); });
afterAll(() => accounts.close());
beforeEach(async () => { rds = await accounts.fresh(); });

interface Given {
  readonly scope?: Scope;
  readonly situation?: Situation;
  readonly settings?: Partial<PipelineSettings>;
  /** What RDS says of Blue instead. */
  readonly source?: Partial<NonNullable<RdsContext['source']>>;
}

async function found(id: string, { scope = 'preflight', situation = NOWHERE, settings = {}, source }: Given = {}): Promise<Finding[]> {
  const context = await rdsContext(settingsOf(settings), situation, { scope, now: NOW });
  const findings = await runChecks(RDS_CHECKS, scope, source === undefined ? context : { ...context, source: { ...context.source, ...source } });
  return findings.filter((finding) => finding.id === id);
}

function saying(severity: Finding['severity'], message: RegExp): unknown {
  return expect.objectContaining({ severity, message: expect.stringMatching(message) as string });
}

/** Green beside Blue. */
async function withGreen(): Promise<Situation> {
  const deployment = await rds.createAvailable({ group: 'green' });
  const [source, target] = [await describeCluster(orThrow(deployment.Source)), await describeCluster(orThrow(deployment.Target))];
  return {
    phase: 'available', source: factsOf(orThrow(source)), target: factsOf(orThrow(target)),
    deployment: { identifier: orThrow(deployment.BlueGreenDeploymentIdentifier), name: 'shop-utf8mb4', status: 'AVAILABLE' },
  };
}

function greenOf({ target }: Situation): NonNullable<Situation['target']> {
  return orThrow(target ?? undefined);
}

test('nothing is found right before a switchover that is ready', async () => {
  const context = await rdsContext(settingsOf(), await withGreen(), { scope: 'before-switchover', now: NOW });
  expect(await runChecks(RDS_CHECKS, 'before-switchover', context)).toEqual([]);
});

describe('what RDS says of Blue', () => {
  test('pending-changes warns of what RDS does in the next maintenance window, and not of what restarts nothing', async () => {
    const source = (pending: object) => ({ PreferredMaintenanceWindow: 'sun:05:00-sun:05:30', PendingModifiedValues: pending });
    expect(await found('pending-changes')).toEqual([]);
    expect(await found('pending-changes', { source: source({ PendingCloudwatchLogsExports: { LogTypesToEnable: ['audit'] }, CertificateDetails: {} }) })).toEqual([]);
    expect(await found('pending-changes', { source: source({ EngineVersion: '8.0.mysql_aurora.3.10.1' }) })).toEqual([
      saying('warning', /'shop' of Blue waits for changes of EngineVersion, .*maintenance window \(sun:05:00-sun:05:30 UTC\): a restart interrupts writes.*modify-db-cluster … --apply-immediately/),
    ]);
    const situation = await withGreen();
    orThrow(rds.controlPlane.clusters[1]?.instances[0]).facts.PendingModifiedValues = { DBInstanceClass: 'db.r6g.xlarge' };
    for (const scope of ['green', 'before-switchover'] as const) {
      expect(await found('pending-changes', { scope, situation })).toEqual([saying('warning', /'shop-1-green-\w+' of Green waits for changes of DBInstanceClass, .*a restart ends the statements that run there.*modify-db-instance/)]);
    }
  });

  test.each<[string, Given['source'], Finding['severity'], RegExp]>([
    ['global-database', { GlobalClusterIdentifier: 'world' }, 'blocker', /'shop' belongs to Aurora Global Database 'world'.*remove-from-global-cluster/],
    ['cross-region-replicas', { ReadReplicaIdentifiers: ['arn:aws:rds:us-east-1:1:cluster:shop-us'] }, 'blocker', /replica clusters in other Regions \(arn:aws:rds:us-east-1:1:cluster:shop-us\), and RDS makes no Blue\/Green deployment/],
    ['cross-region-replicas', { ReplicationSourceIdentifier: 'arn:aws:rds:us-east-1:1:cluster:leader' }, 'blocker', /'shop' is itself a replica of .*:leader.*promote it first/],
    ['read-replicas', { ReadReplicaIdentifiers: ['arn:aws:rds:eu-central-1:1:cluster:shop-copy'] }, 'blocker', /follow the old Blue.*or acknowledge this if they may stand still/],
    ['backtrack', { BacktrackWindow: 7200 }, 'warning', /can be backtracked \(2 hours\); Green cannot/],
    ['cluster-roles', { AssociatedRoles: [{ RoleArn: 'arn:aws:iam::1:role/s3' }] }, 'warning', /IAM role arn:aws:iam::1:role\/s3 is attached to 'shop'.*add-role-to-db-cluster/],
    ['activity-stream', { ActivityStreamStatus: 'started' }, 'warning', /activity stream of 'shop' is started.*start-activity-stream/],
    ['deletion-protection', { DeletionProtection: true }, 'note', /'shop' has deletion protection.*--no-deletion-protection/],
    ['serverless-capacity', { ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 16 } }, 'warning', /minimum capacity of 'shop', and so of Green as RDS makes it, is 0\.5 ACU \(of at most 16\)/],
    ['auto-scaling', { DBClusterMembers: [{ DBInstanceIdentifier: 'application-autoscaling-1' }] }, 'warning', /has added readers to 'shop' \(application-autoscaling-1\).*--suspended-state/],
  ])('%s', async (id, source, severity, message) => {
    expect(await found(id)).toEqual([]);
    expect(await found(id, { source })).toEqual([saying(severity, message)]);
  });

  test('replicas can be acknowledged in the Region of the cluster, and nowhere else', async () => {
    const context = await rdsContext(settingsOf(), NOWHERE, { scope: 'preflight', now: NOW });
    const source = { ...context.source, ReadReplicaIdentifiers: ['arn:aws:rds:eu-central-1:1:cluster:shop-copy', 'arn:aws:rds:us-east-1:1:cluster:shop-us'], ReplicationSourceIdentifier: 'arn:aws:rds:us-east-1:1:cluster:leader' };
    const findings = await runChecks(RDS_CHECKS, 'preflight', { ...context, source }, ['read-replicas', 'cross-region-replicas']);
    expect(findings.map(({ id, acknowledged = false }) => [id, acknowledged])).toEqual([['cross-region-replicas', false], ['cross-region-replicas', false], ['read-replicas', true]]);
  });

  test('serverless-capacity has nothing against 2 ACU, and looks at Green once it is there', async () => {
    expect(await found('serverless-capacity', { source: { ServerlessV2ScalingConfiguration: { MinCapacity: 2, MaxCapacity: 16 } } })).toEqual([]);
    rds = await accounts.fresh({}, { facts: { ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 8 } } });
    expect(await found('serverless-capacity', { scope: 'green', situation: await withGreen() })).toEqual([saying('warning', /minimum capacity of 'shop-green-\w+' is 1 ACU/)]);
  });
});

describe('instances', () => {
  test('instances-available warns before Green exists, and refuses a switchover', async () => {
    expect(await found('instances-available')).toEqual([]);
    const [, reader] = orThrow(rds.controlPlane.clusters[0]).instances;
    orThrow(reader).status = 'storage-optimization';
    expect(await found('instances-available')).toEqual([saying('warning', /instance 'shop-2' of Blue is 'storage-optimization'/)]);

    orThrow(reader).status = 'available';
    const situation = await withGreen();
    orThrow(reader).status = 'modifying';
    expect(await found('instances-available', { scope: 'green', situation })).toEqual([]);
    expect(await found('instances-available', { scope: 'before-switchover', situation })).toEqual([saying('blocker', /'shop-2' of Blue is 'modifying'.*RDS switches over only when every instance is 'available'/)]);
  });

  test('instance-parameter-groups warns of groups another family cannot use', async () => {
    const upgrade = { targetEngineVersion: '8.4.mysql_aurora.8.4.7', targetClusterParameterGroup: 'green84' };
    expect(await found('instance-parameter-groups', { settings: upgrade })).toEqual([]);
    const context = await rdsContext(settingsOf(upgrade), NOWHERE, { scope: 'preflight', now: NOW });
    const instances = [{ DBInstanceIdentifier: 'shop-1', DBParameterGroups: [{ DBParameterGroupName: 'tuned', ParameterApplyStatus: 'pending-reboot' }] }];
    const findings = await runChecks(RDS_CHECKS, 'preflight', { ...context, instancesOf: () => Promise.resolve(instances) });
    expect(findings.filter(({ id }) => id === 'instance-parameter-groups')).toEqual([
      saying('warning', /'shop-1' has the parameter group 'tuned', which Green's family 'aurora-mysql8\.4' cannot use/), saying('warning', /'shop-1' waits for a reboot .*'tuned'/),
    ]);
  });

  test.each(['green', 'before-switchover'] as const)('instance-parameter-groups warns of an instance of Green that waits for a reboot: %s', async (scope) => {
    const situation = await withGreen();
    expect(await found('instance-parameter-groups', { scope, situation })).toEqual([]);
    orThrow(rds.controlPlane.clusters[1]?.instances[0]).facts.DBParameterGroups = [{ DBParameterGroupName: 'tuned84', ParameterApplyStatus: 'pending-reboot' }];
    expect(await found('instance-parameter-groups', { scope, situation })).toEqual([saying('warning', /'shop-1-green-\w+' of Green waits for a reboot .*'tuned84'/)]);
  });

  test('local-storage warns of more room for indexes than the class has', async () => {
    const giving = (gibibytes: number): Given => ({ settings: {
      migration: { ...CONVERSION, deferredIndexes: { leastBytes: 0, roomBytes: gibibytes * 1024 ** 3 } },
    } });
    expect(await found('local-storage', giving(16))).toEqual([]);
    expect(await found('local-storage', giving(30))).toEqual([saying('warning', /may fill 30 GiB \(indexBuildStorage\).*class db\.r6g\.large has about 32 GiB.*Size\.gibibytes\(16\)/)]);
  });
});

const CONVERSION = settingsOf().migration as Extract<PipelineSettings['migration'], { kind: 'convertCharacterSet' }>;

describe('maintenance', () => {
  const waiting = (resource: string, date?: string) => ({
    ResourceIdentifier: `${ARN}:${resource}`, PendingMaintenanceActionDetails: [{ Action: 'system-update', Description: 'new OS', ...date === undefined ? {} : { CurrentApplyDate: new Date(date) } }],
  });

  test('pending-maintenance warns of Blue\'s, and of nobody else\'s', async () => {
    rds.controlPlane.surroundings.maintenance = [waiting('db:somebody')];
    expect(await found('pending-maintenance')).toEqual([]);
    rds.controlPlane.surroundings.maintenance = [waiting('cluster:shop'), waiting('db:shop-2', after(60))];
    expect(await found('pending-maintenance')).toEqual([
      saying('warning', /waits for 'shop' of Blue: system-update \(new OS\), for which no time is set.*do not apply it while the pipeline runs/),
      saying('warning', /waits for 'shop-2' of Blue: .*due 2026-11-20T12:01:00\.000Z.*apply it now and start again, or put it off/),
    ]);
  });

  test('pending-maintenance refuses what would restart Green in the middle of the work', async () => {
    const situation = await withGreen();
    rds.controlPlane.surroundings.maintenance = [waiting(`cluster:${greenOf(situation).identifier}`, after(24 * 3600))];
    expect(await found('pending-maintenance', { scope: 'green', situation })).toEqual([saying('blocker', /'shop-green-\w+' of Green.*ends what runs there/)]);
    expect(await found('pending-maintenance', { scope: 'before-switchover', situation })).toEqual([saying('warning', /of Green/)]);
  });

  test('maintenance-window warns of automatic upgrades inside the time of the work, and of a window at the switchover', async () => {
    // NOW is a Friday noon.
    rds = await accounts.fresh({}, { instances: ['shop-1'], instanceFacts: { AutoMinorVersionUpgrade: true, PreferredMaintenanceWindow: 'sun:05:00-sun:05:30' } });
    expect(await found('maintenance-window')).toEqual([saying('warning', /'shop-1' \(Blue\) is upgraded automatically .*\(sun:05:00-sun:05:30 UTC\).*--no-auto-minor-version-upgrade/)]);
    expect(await found('maintenance-window', { settings: { binlogRetentionHours: 24 } })).toEqual([]);
    const situation = await withGreen();
    expect(await found('maintenance-window', { scope: 'green', situation })).toEqual([saying('warning', /'shop-1-green-\w+' \(Green\) is upgraded automatically/)]);
    expect(await found('maintenance-window', { scope: 'before-switchover', situation })).toEqual([]);

    rds = await accounts.fresh({}, { instances: ['shop-1'], instanceFacts: { AutoMinorVersionUpgrade: false, PreferredMaintenanceWindow: 'fri:12:02-fri:13:00' } });
    expect(await found('maintenance-window')).toEqual([]);
    expect(await found('maintenance-window', { scope: 'before-switchover', situation: await withGreen() })).toEqual([
      saying('warning', /window of 'shop-1' \(Blue, fri:12:02-fri:13:00 UTC\) opens in 2 minutes/), saying('warning', /window of 'shop-1-green-\w+' \(Green/),
    ]);
  });

  test('maintenance-window knows that of the cluster, in which its engine is upgraded where all instances agree', async () => {
    const facts = { PreferredMaintenanceWindow: 'sun:05:00-sun:05:30' };
    rds = await accounts.fresh({}, { facts, instanceFacts: { AutoMinorVersionUpgrade: true } });
    expect(await found('maintenance-window')).toEqual([saying('warning', /'shop' \(Blue\) is upgraded automatically .*\(sun:05:00-sun:05:30 UTC\).*--db-instance-identifier shop-1 --no-auto-minor-version-upgrade/)]);
    orThrow(rds.controlPlane.clusters[0]?.instances[1]).facts.AutoMinorVersionUpgrade = false;
    expect(await found('maintenance-window')).toEqual([]);
  });

  test.each([
    ['fri:11:30-fri:12:30', 0], ['fri:12:00-fri:12:30', 0], ['fri:11:00-fri:12:00', 7 * 24 * 3600 - 3600], ['sat:12:00-sat:12:30', 24 * 3600], ['thu:23:45-fri:12:15', 0],
    ['sat:23:45-sun:00:15', 35.75 * 3600], ['whenever', undefined],
  ])('the window %s opens in %p seconds', (window, seconds) => {
    expect(secondsUntilWindow(window, NOW)).toBe(seconds);
  });
});

describe('what hangs on the cluster', () => {
  test('rds-proxy names the proxies of the cluster, and those that do not reach it right before the switchover', async () => {
    const target = (state: 'AVAILABLE' | 'UNAVAILABLE') => ({
      Type: 'RDS_INSTANCE' as const, TrackedClusterId: 'shop', RdsResourceId: 'shop-1', Endpoint: 'shop-1.example', TargetHealth: { State: state, Reason: 'CONNECTION_FAILED' as const },
    });
    rds.controlPlane.surroundings.proxies = [{ name: 'other', targets: [{ TrackedClusterId: 'elsewhere' }] }];
    expect(await found('rds-proxy')).toEqual([]);
    rds.controlPlane.surroundings.proxies.push({ name: 'front', targets: [target('AVAILABLE')] });
    expect(await found('rds-proxy')).toEqual([saying('warning', /through RDS Proxy 'front': .*error 1290/)]);
    expect(await found('rds-proxy', { scope: 'before-switchover' })).toEqual([]);
    rds.controlPlane.surroundings.proxies = [{ name: 'front', targets: [target('UNAVAILABLE')] }];
    expect(await found('rds-proxy', { scope: 'before-switchover' })).toEqual([saying('warning', /target 'shop-1\.example' of RDS Proxy 'front' is UNAVAILABLE \(CONNECTION_FAILED\)/)]);
  });

  test('zero-etl warns at first, and refuses a switchover', async () => {
    rds.controlPlane.surroundings.integrations = [{ IntegrationName: 'other', SourceArn: `${ARN}:cluster:elsewhere`, Status: 'active' }];
    expect(await found('zero-etl')).toEqual([]);
    rds.controlPlane.surroundings.integrations.push({ IntegrationName: 'lake', SourceArn: `${ARN}:cluster:shop`, Status: 'active' });
    expect(await found('zero-etl')).toEqual([saying('warning', /source of zero-ETL integration 'lake' \(active\).*delete-integration/)]);
    expect(await found('zero-etl', { scope: 'before-switchover' })).toEqual([saying('blocker', /'lake'/)]);
    const situation = await withGreen();
    rds.controlPlane.surroundings.integrations = [{ IntegrationName: 'new', SourceArn: greenOf(situation).arn, Status: 'active' }];
    expect(await found('zero-etl', { scope: 'before-switchover', situation })).toEqual([saying('blocker', /'shop-green-\w+' is the source of zero-ETL integration 'new'/)]);
  });

  test('custom-endpoints warns of fixed lists only', async () => {
    const endpoint = (name: string, lists: object) => ({ DBClusterIdentifier: 'shop', DBClusterEndpointIdentifier: name, EndpointType: 'CUSTOM', Status: 'available', ...lists });
    rds.controlPlane.surroundings.customEndpoints = [endpoint('readers', {})];
    expect(await found('custom-endpoints')).toEqual([]);
    rds.controlPlane.surroundings.customEndpoints.push(endpoint('report', { StaticMembers: ['shop-2'] }), endpoint('rest', { ExcludedMembers: ['shop-1'] }));
    expect(await found('custom-endpoints')).toEqual([saying('warning', /'report' has the fixed members shop-2/), saying('warning', /'rest' excludes shop-1/)]);
  });

  test('quotas counts no group that an earlier attempt has made', async () => {
    const settings = settingsOf({ targetClusterParameterGroup: undefined });
    await makeGroupForGreen(settings, factsOf(orThrow(await describeCluster('shop'))));
    Object.assign(rds.controlPlane.surroundings.quotas, { DBClusterParameterGroups: 4 });
    expect(await found('quotas', { settings: { targetClusterParameterGroup: undefined } })).toEqual([]);
  });

  test('quotas refuses where Green would not fit, and RDS does, too', async () => {
    expect(await found('quotas')).toEqual([]);
    Object.assign(rds.controlPlane.surroundings.quotas, { DBClusters: 1, DBInstances: 3, DBClusterParameterGroups: 3 });
    expect(await found('quotas')).toEqual([
      saying('blocker', /1 more of quota DBClusters, of which 1 of 1 are used.*Service Quotas/), saying('blocker', /2 more of quota DBInstances, of which 2 of 3 are used/),
    ]);
    expect(await found('quotas', { settings: { targetClusterParameterGroup: undefined } })).toContainEqual(saying('blocker', /1 more of quota DBClusterParameterGroups, of which 3 of 3 are used/));
    await expect(rds.create({ group: 'green' })).rejects.toMatchObject({ name: 'DBClusterQuotaExceededFault' });
  });

  test.each([
    ['rds-proxy', 'DescribeDBProxies'], ['zero-etl', 'DescribeIntegrations'], ['custom-endpoints', 'DescribeDBClusterEndpoints'], ['quotas', 'DescribeAccountAttributes'],
    ['pending-maintenance', 'DescribePendingMaintenanceActions'], ['instances-available', 'DescribeDBInstances'],
  ])('%s is a warning where %s is denied', async (id, action) => {
    rds.controlPlane.faults.fail(action, new ServiceError('AccessDenied', 403, `not authorized to perform: rds:${action}`));
    expect(await found(id)).toEqual([saying('warning', new RegExp(`could not be checked \\(not authorized to perform: rds:${action}\\).*look at it yourself`))]);
  });
});

describe('with Green', () => {
  test('iam-logins names the resource id that policies need', async () => {
    expect(await found('iam-logins', { scope: 'green', situation: await withGreen() })).toEqual([]);
    rds = await accounts.fresh({}, { facts: { IAMDatabaseAuthenticationEnabled: true } });
    const situation = await withGreen();
    const { resourceId } = greenOf(situation);
    expect(await found('iam-logins', { scope: 'green', situation })).toEqual([saying('warning', new RegExp(`must allow it on dbuser:${resourceId}/… too before the switchover`))]);
  });

  test('cluster-roles looks whether Green has them by now', async () => {
    rds = await accounts.fresh({}, { facts: { AssociatedRoles: [{ RoleArn: 'arn:aws:iam::1:role/s3', Status: 'ACTIVE' }] } });
    const situation = await withGreen();
    expect(await found('cluster-roles', { scope: 'before-switchover', situation })).toEqual([saying('warning', /'shop-green-\w+' lacks IAM role arn:aws:iam::1:role\/s3, which Blue has/)]);
    expect(await found('cluster-roles', { scope: 'before-switchover', situation, source: { AssociatedRoles: [] } })).toEqual([]);
    expect(await found('cluster-roles', { scope: 'after-switchover', situation })).toEqual([saying('warning', /lacks IAM role arn:aws:iam::1:role\/s3, which the old Blue has: what uses them fails/)]);
  });

  test('members-paired refuses a member without counterpart, also one that RDS does not list', async () => {
    const situation = await withGreen();
    const paired = async (source?: Given['source']) => found('members-paired', { scope: 'before-switchover', situation, ...source === undefined ? {} : { source } });
    const members = (...names: string[]) => ({ DBClusterMembers: names.map((DBInstanceIdentifier) => ({ DBInstanceIdentifier })) });
    expect(await paired()).toEqual([]);
    expect(await paired(members('shop-1', 'shop-2', 'shop-3'))).toEqual([saying('blocker', /'shop-3' has no counterpart in Green.*or acknowledge this/)]);
    expect(await paired(members('shop-1', 'shop-2', 'application-autoscaling-7'))).toEqual([saying('warning', /'application-autoscaling-7', which Aurora Auto Scaling has added, .*one reader less/)]);
    const member = orThrow(rds.controlPlane.deployments[0]?.members.at(-1));
    member.status = 'MISSING_TARGET';
    expect(await paired()).toEqual([saying('blocker', /'shop-2' has no counterpart in Green/)]);
    member.status = 'MISSING_SOURCE';
    expect(await paired()).toEqual([saying('warning', /'shop-2' of Green has no counterpart in Blue.*keeps this name/)]);
  });

  test('settings-as-on-blue refuses a Green without a security group that Blue has got meanwhile, and warns of other settings', async () => {
    rds = await accounts.fresh({}, { facts: { VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-1' }], EnabledCloudwatchLogsExports: ['error'] } });
    const situation = await withGreen();
    expect(await found('settings-as-on-blue', { scope: 'before-switchover', situation })).toEqual([]);

    const [blue] = rds.controlPlane.clusters;
    orThrow(blue).facts.VpcSecurityGroups = [{ VpcSecurityGroupId: 'sg-1' }, { VpcSecurityGroupId: 'sg-2' }];
    orThrow(blue).facts.EnabledCloudwatchLogsExports = ['audit', 'error'];
    orThrow(blue).deletionProtection = true;
    orThrow(blue?.instances[0]).instanceClass = 'db.r6g.xlarge';
    orThrow(blue?.instances[1]).facts.DBParameterGroups = [{ DBParameterGroupName: 'tuned' }];

    const others = saying('warning', new RegExp('^Green is not set as Blue is: \'shop-green-\\w+\' has deletion protection off \\(on Blue on\\); \'shop-green-\\w+\' has logs in CloudWatch error \\(on Blue audit\\+error\\); '
      + '\'shop-1-green-\\w+\' has class db\\.r6g\\.large \\(on Blue db\\.r6g\\.xlarge\\); \'shop-2-green-\\w+\' has parameter group default \\(on Blue tuned\\)\\. '));
    expect(await found('settings-as-on-blue', { scope: 'before-switchover', situation })).toEqual([saying('blocker', /'shop-green-\w+' lacks security group sg-2, which Blue has.*or acknowledge this/), others]);
    expect(await found('settings-as-on-blue', { scope: 'green', situation })).toEqual([saying('warning', /lacks security group sg-2/), others]);
  });
});
