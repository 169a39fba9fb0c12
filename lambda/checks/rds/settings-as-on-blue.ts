import { type DBCluster, type DBInstance } from '../../rds/types';
import { someOf } from '../../shared/lists';
import { type Check, type Problem } from '../check';
import { type RdsContext } from './context';

/** A setting that clients or operators of production count on. */
interface Setting<Resource> {
  readonly name: string;
  of(resource: Resource): unknown;
}

const OF_CLUSTER: readonly Setting<DBCluster>[] = [
  { name: 'subnet group', of: ({ DBSubnetGroup }) => DBSubnetGroup },
  { name: 'network type', of: ({ NetworkType }) => NetworkType },
  { name: 'deletion protection', of: ({ DeletionProtection }) => DeletionProtection ?? false },
  { name: 'days of backups', of: ({ BackupRetentionPeriod }) => BackupRetentionPeriod },
  { name: 'logs in CloudWatch', of: ({ EnabledCloudwatchLogsExports }) => [...EnabledCloudwatchLogsExports ?? []].sort() },
  { name: 'IAM database authentication', of: ({ IAMDatabaseAuthenticationEnabled }) => IAMDatabaseAuthenticationEnabled ?? false },
  { name: 'Data API', of: ({ HttpEndpointEnabled }) => HttpEndpointEnabled ?? false },
  { name: 'local write forwarding', of: ({ LocalWriteForwardingStatus }) => LocalWriteForwardingStatus ?? 'disabled' },
  { name: 'domains for Kerberos', of: ({ DomainMemberships = [] }) => DomainMemberships.map(({ Domain }) => Domain).sort() },
  { name: 'storage type', of: ({ StorageType }) => StorageType ?? 'aurora' },
  { name: 'capacity units', of: ({ ServerlessV2ScalingConfiguration: units }) => (units === undefined ? undefined : `${units.MinCapacity} to ${units.MaxCapacity}`) },
];

const OF_INSTANCE: readonly Setting<DBInstance>[] = [
  { name: 'class', of: ({ DBInstanceClass }) => DBInstanceClass },
  { name: 'parameter group', of: ({ DBParameterGroups = [] }) => DBParameterGroups.map(({ DBParameterGroupName: group = '' }) => (group.startsWith('default.') ? 'default' : group)) },
  { name: 'promotion tier', of: ({ PromotionTier }) => PromotionTier },
  { name: 'publicly accessible', of: ({ PubliclyAccessible }) => PubliclyAccessible ?? false },
  { name: 'certificate authority', of: ({ CACertificateIdentifier }) => CACertificateIdentifier },
  { name: 'Performance Insights', of: ({ PerformanceInsightsEnabled }) => PerformanceInsightsEnabled ?? false },
  { name: 'seconds of Enhanced Monitoring', of: ({ MonitoringInterval }) => MonitoringInterval ?? 0 },
];

/**
 * Green has the settings of Blue: RDS takes them over when it makes Green and never again, so what somebody changes on Blue meanwhile (a deploy, say)
 * would be gone after the switchover.
 */
export const settingsAsOnBlue: Check<RdsContext> = {
  id: 'settings-as-on-blue',
  scopes: ['green', 'before-switchover'],
  acknowledgeable: true,
  unknown: 'warning',
  async run({ source, target, scope, deployments, situation, instancesOf }) {
    if (source === undefined || target === undefined) return [];
    const problems: Problem[] = [];
    const there = groupsOf(target);
    const missing = groupsOf(source).filter((group) => !there.includes(group));
    if (missing.length > 0) {
      problems.push({
        severity: scope === 'green' ? 'warning' : 'blocker',
        message: `Green '${target.DBClusterIdentifier}' lacks security group${missing.length === 1 ? '' : 's'} ${someOf(missing)}, which Blue has: whoever reaches production by ${missing.length === 1 ? 'it' : 'them'} would not get through after the switchover. Give them to Green (aws rds `
          + 'modify-db-cluster --vpc-security-group-ids …), or acknowledge this if they are to go',
      });
    }
    const deployment = deployments.find(({ BlueGreenDeploymentIdentifier }) => BlueGreenDeploymentIdentifier === situation.deployment?.identifier);
    const details = deployment?.SwitchoverDetails ?? [];
    const instances = await instancesOf(target);
    const unlike = [...differencesOf(OF_CLUSTER, source, target).map((difference) => `'${target.DBClusterIdentifier}' has ${difference}`)];
    for (const blue of await instancesOf(source)) {
      const counterpart = details.find(({ SourceMember }) => SourceMember === blue.DBInstanceArn)?.TargetMember;
      const green = counterpart === undefined ? undefined : instances.find(({ DBInstanceArn }) => DBInstanceArn === counterpart);
      if (green !== undefined) unlike.push(...differencesOf(OF_INSTANCE, blue, green).map((difference) => `'${green.DBInstanceIdentifier}' has ${difference}`));
    }
    if (unlike.length > 0) {
      problems.push({
        severity: 'warning',
        message: `Green is not set as Blue is: ${someOf(unlike, { separator: '; ' })}. Production has Green's settings after the switchover: change there what should stay as it is (aws rds modify-db-cluster, modify-db-instance)`,
      });
    }
    return problems;
  },
};

function differencesOf<Resource>(settings: readonly Setting<Resource>[], blue: Resource, green: Resource): string[] {
  return settings.flatMap(({ name, of }) => {
    const [wanted, present] = [inWords(of(blue)), inWords(of(green))];
    return wanted === present ? [] : [`${name} ${present} (on Blue ${wanted})`];
  });
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.join('+') || 'none';
  return typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value ?? 'none');
}

function groupsOf({ VpcSecurityGroups = [] }: DBCluster): string[] {
  return VpcSecurityGroups.map(({ VpcSecurityGroupId = '' }) => VpcSecurityGroupId);
}
