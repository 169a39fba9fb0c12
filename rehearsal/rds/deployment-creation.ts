import { type Account, newResourceId } from './account';
import { type Faults } from './fault-injection';
import { markPendingReboot, resolvedFor, valuesOf } from './parameter-values';
import { type Cluster, type Deployment, type ParameterGroup } from './resources';
import { type TaskStatus } from './status-words';

/**
 * Creates the green environment: a clone of Blue's server that replicates from it, an upgrade where one is asked for, instances.
 * Resolves when the deployment is AVAILABLE or has failed, or when it was deleted meanwhile.
 */
export async function createGreen(account: Account, faults: Faults, deployment: Deployment, suffix: string): Promise<void> {
  const { durations } = account;
  const { signal } = deployment.cancellation;
  const setTask = (name: string, status: TaskStatus) => {
    for (const task of deployment.tasks) if (task.name === name) task.status = status;
  };
  try {
    setTask('CREATING_READ_REPLICA_OF_SOURCE', 'IN_PROGRESS');
    // RDS clones Blue in its own version first; one that cannot be created any more leaves the deployment where it is, without a word.
    if (faults.creationNeverEnds || account.engineVersion(deployment.blue.engineVersion).isDeprecated) return;
    await account.sleep(durations.targetVisible, signal);
    const runningGroup = faults.greenPendingReboot ? deployment.blue.parameterGroup : deployment.targetParameterGroup;
    const green = await cloneBlue(account, deployment, suffix, runningGroup);
    await account.sleep(durations.createReplica, signal);
    setTask('CREATING_READ_REPLICA_OF_SOURCE', 'COMPLETED');
    if (faults.creationFailure !== undefined) {
      const reason = faults.creationFailure;
      faults.creationFailure = undefined;
      throw new Error(reason);
    }
    if (green.engineVersion !== deployment.targetEngineVersion) {
      setTask('DB_ENGINE_VERSION_UPGRADE', 'IN_PROGRESS');
      setStatus(green, 'upgrading');
      await account.sleep(durations.upgrade, signal);
      green.engineVersion = deployment.targetEngineVersion;
      setTask('DB_ENGINE_VERSION_UPGRADE', 'COMPLETED');
    }
    setTask('CREATE_DB_INSTANCES_FOR_CLUSTER', 'IN_PROGRESS');
    await account.sleep(durations.createInstances, signal);
    for (const instance of green.instances) instance.groupStatus = 'in-sync';
    if (faults.greenPendingReboot) markPendingReboot(green);
    setStatus(green, 'available');
    setTask('CREATE_DB_INSTANCES_FOR_CLUSTER', 'COMPLETED');
    setTask('CREATE_CUSTOM_ENDPOINTS', 'COMPLETED');
    for (const member of deployment.members) member.status = 'AVAILABLE';
    deployment.status = 'AVAILABLE';
    account.record('blue-green-deployment', deployment.identifier, 'Blue/green deployment tasks completed. You can make more modifications to the green environment databases or switch over the deployment.', 'creation');
  } catch (error) {
    if (account.isClosed) return;
    if (signal.aborted) {
      // the deployment was deleted; what exists of Green stays behind as a cluster, or is deleted with it.
      if (deployment.green) setStatus(deployment.green, 'available');
      return;
    }
    const reason = error instanceof Error ? error.message : String(error);
    for (const task of deployment.tasks) if (task.status !== 'COMPLETED') task.status = 'FAILED';
    deployment.status = 'INVALID_CONFIGURATION';
    deployment.statusDetails = reason;
    account.record('blue-green-deployment', deployment.identifier, `Creation of blue/green deployment failed. ${reason}`, 'failure');
  }
}

/** @param runningGroup the parameter group that is in effect on Green. */
async function cloneBlue(account: Account, deployment: Deployment, suffix: string, runningGroup: ParameterGroup): Promise<Cluster> {
  const { blue } = deployment;
  const identifier = `${blue.identifier}${suffix}`;
  const values = valuesOf(runningGroup);
  const role = { replicationSource: blue, isForcedReadOnly: false };
  const engine = await account.options.engines.clone(blue.engine, {
    identifier, engineVersion: deployment.targetEngineVersion, parameters: resolvedFor(role, values),
  });
  const { endpoints } = account.options;
  const green: Cluster = {
    ...role,
    resourceId: newResourceId('cluster'),
    identifier,
    engine,
    engineVersion: blue.engineVersion,
    instances: [],
    masterUsername: blue.masterUsername,
    createTime: account.clock.now(),
    status: 'creating',
    parameterGroup: deployment.targetParameterGroup,
    running: values,
    runningGroup,
    deletionProtection: blue.deletionProtection,
    backupRetentionPeriod: blue.backupRetentionPeriod,
    // roles are not copied, nor what waits for Blue's maintenance window.
    facts: { ...blue.facts, AssociatedRoles: [], PendingModifiedValues: undefined },
    tags: blue.tags.map((tag) => ({ ...tag })),
    endpoint: await endpoints.open(engine.port),
  };
  for (const source of blue.instances) {
    green.instances.push({
      resourceId: newResourceId('db'),
      cluster: green,
      identifier: `${source.identifier}${suffix}`,
      instanceClass: source.instanceClass,
      facts: { ...source.facts, PendingModifiedValues: undefined },
      promotionTier: source.promotionTier,
      isWriter: source.isWriter,
      createTime: account.clock.now(),
      status: 'creating',
      groupStatus: 'applying',
      tags: source.tags.map((tag) => ({ ...tag })),
      endpoint: await endpoints.open(engine.port),
    });
  }
  account.clusters.push(green);
  deployment.green = green;
  for (const member of deployment.members) {
    member.target = member.source === blue ? green : green.instances.find((instance) => instance.identifier === `${member.source.identifier}${suffix}`);
  }
  return green;
}

function setStatus(cluster: Cluster, status: string): void {
  cluster.status = status;
  for (const instance of cluster.instances) instance.status = status;
}
