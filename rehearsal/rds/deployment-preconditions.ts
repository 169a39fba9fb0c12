import {
  BlueGreenDeploymentAlreadyExistsFault$, type CreateBlueGreenDeploymentRequest, DBClusterQuotaExceededFault$, InstanceQuotaExceededFault$,
  InvalidDBClusterStateFault$, SourceClusterNotSupportedFault$,
} from '@aws-sdk/client-rds';
import { type Account } from './account';
import { type Cluster, type Deployment, type ParameterGroup } from './resources';
import { fault, invalidParameterCombination, invalidParameterValue, required } from './service-error';
import { quotasOf } from './surrounding-operations';
import { checkedTags } from './tag-operations';

const NAME_PATTERN = /^[a-zA-Z](?:-?[a-zA-Z0-9]+)*$/;
/** Request members for RDS for MySQL; Aurora refuses them. */
const NOT_FOR_AURORA = [
  'TargetDBInstanceClass', 'UpgradeTargetStorageConfig', 'TargetIops', 'TargetStorageType', 'TargetAllocatedStorage', 'TargetStorageThroughput',
] as const;

/** What a checked request to create a deployment says. */
export type CreationPlan = Pick<Deployment, 'name' | 'blue' | 'targetEngineVersion' | 'targetParameterGroup' | 'tags'>;

/**
 * Checks a request as RDS does before it creates anything.
 *
 * @throws ServiceError that names what stands in the way.
 */
export function checkCreation(account: Account, input: Partial<CreateBlueGreenDeploymentRequest>): CreationPlan {
  const name = required(input.BlueGreenDeploymentName, 'BlueGreenDeploymentName');
  if (name.length > 60 || !NAME_PATTERN.test(name)) {
    throw invalidParameterValue(`BlueGreenDeploymentName should have 1 to 60 characters and match ${NAME_PATTERN.source}, got '${name}'.`);
  }
  const unusable = NOT_FOR_AURORA.find((member) => input[member] !== undefined);
  if (unusable) throw invalidParameterCombination(`${unusable} can't be specified for an Aurora source.`);
  if (input.TargetDBParameterGroupName !== undefined || input.TargetResourceConfigurations?.length) {
    throw invalidParameterCombination('This control plane does not simulate TargetDBParameterGroupName and TargetResourceConfigurations.');
  }
  const source = required(input.Source, 'Source');
  if (!source.startsWith('arn:')) throw invalidParameterValue(`Source should be the ARN of a cluster, got '${source}'.`);
  const blue = account.cluster(source);
  if (account.deployments.some((deployment) => deployment.name === name)) {
    throw fault(BlueGreenDeploymentAlreadyExistsFault$, `A blue/green deployment with the name ${name} already exists.`);
  }
  checkSource(account, blue);
  checkQuotas(account, blue);
  const targetEngineVersion = input.TargetEngineVersion ?? blue.engineVersion;
  checkTargetVersion(account, blue, targetEngineVersion);
  const targetParameterGroup = targetGroup(account, blue, targetEngineVersion, input.TargetDBClusterParameterGroupName);
  return { name, blue, targetEngineVersion, targetParameterGroup, tags: checkedTags(input.Tags ?? []) };
}

/** Checks that the server of an available source does not replicate from somewhere itself; throws SourceClusterNotSupportedFault when it does. */
export async function checkNotReplica(account: Account, source: string | undefined): Promise<void> {
  const blue = account.clusters.find((cluster) => account.memberArn(cluster) === source);
  if (blue?.status !== 'available' || !await blue.engine.replication()) return;
  throw fault(SourceClusterNotSupportedFault$, `The source cluster ${blue.identifier} is a binlog replica; blue/green deployments do not support that.`);
}

function checkSource(account: Account, blue: Cluster): void {
  if (blue.status !== 'available') {
    throw fault(InvalidDBClusterStateFault$, `DbCluster ${blue.identifier} is in ${blue.status} state; the source of a blue/green deployment should be available.`);
  }
  const other = account.deploymentOf(blue);
  if (other) throw fault(SourceClusterNotSupportedFault$, `The source cluster ${blue.identifier} is already in the blue/green deployment ${other.identifier}.`);
  if (blue.masterUserSecretArn !== undefined) {
    throw invalidParameterCombination(`Blue/green deployments do not support ${blue.identifier}, because RDS manages its master password in Secrets Manager.`);
  }
  if (blue.parameterGroup.isDefault) {
    throw invalidParameterCombination(`The source cluster ${blue.identifier} should have a custom DB cluster parameter group, got ${blue.parameterGroup.name}.`);
  }
  const writer = blue.instances.find((instance) => instance.isWriter);
  if (!writer) throw fault(SourceClusterNotSupportedFault$, `The source cluster ${blue.identifier} has no writer instance.`);
  if (writer.groupStatus !== 'in-sync') {
    throw invalidParameterCombination(`The writer instance ${writer.identifier} isn't in sync with the DB cluster parameter group ${blue.parameterGroup.name} (${writer.groupStatus}). Reboot it and try again.`);
  }
  // the running value counts: one that waits for a reboot writes no binlog yet.
  if ((blue.running['binlog_format'] ?? 'OFF') === 'OFF') {
    throw invalidParameterCombination(`Binary logging should be enabled on the source cluster ${blue.identifier}: set binlog_format and reboot its writer.`);
  }
}

function checkQuotas(account: Account, blue: Cluster): void {
  const left = (name: string) => {
    const { Max: most = 0, Used: used = 0 } = quotasOf(account).find(({ AccountQuotaName }) => AccountQuotaName === name) ?? {};
    return most - used;
  };
  if (left('DBClusters') < 1) throw fault(DBClusterQuotaExceededFault$, 'You have reached the quota of DB clusters of this account.');
  if (left('DBInstances') < blue.instances.length) throw fault(InstanceQuotaExceededFault$, 'You have reached the quota of DB instances of this account.');
}

function checkTargetVersion(account: Account, blue: Cluster, version: string): void {
  account.engineVersion(version);
  if (version === blue.engineVersion) return;
  if (!account.engineVersion(blue.engineVersion).upgradeTargets.includes(version)) {
    throw invalidParameterCombination(`Cannot upgrade aurora-mysql from ${blue.engineVersion} to ${version}.`);
  }
}

function targetGroup(account: Account, blue: Cluster, version: string, name: string | undefined): ParameterGroup {
  const group = name === undefined ? blue.parameterGroup : account.parameterGroup(name);
  const { family } = account.engineVersion(version);
  if (group.family !== family) {
    throw invalidParameterCombination(`The target DB cluster parameter group ${group.name} has the family ${group.family}; the target version ${version} needs ${family}.`);
  }
  return group;
}
