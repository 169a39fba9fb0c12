import { type Account } from './account';
import { type ParameterValues } from './engine';
import { defaultValueOf, parametersOf } from './parameter-catalogue';
import { type Cluster, type ParameterGroup } from './resources';

/** All values of a group: what the user set, and the engine's defaults where they are known. */
export function valuesOf(group: ParameterGroup): ParameterValues {
  const values: Record<string, string> = {};
  for (const parameter of parametersOf(group.family)) {
    const value = group.values.get(parameter.name)?.value ?? defaultValueOf(parameter, group.family);
    if (value !== undefined) values[parameter.name] = value;
  }
  return values;
}

/** The values as the server of a cluster gets them: formulas are replaced by what they mean for it now. */
export function resolvedFor(cluster: Pick<Cluster, 'replicationSource' | 'isForcedReadOnly'>, values: ParameterValues): ParameterValues {
  // {TrueIfClusterReplica} is ON for members of a deployment that are not production: Green before, the old Blue after the switchover.
  const isReplica = cluster.replicationSource !== undefined || cluster.isForcedReadOnly;
  const formulas: Record<string, string> = { '{TrueIfReplica}': isReplica ? '1' : '0', '{TrueIfClusterReplica}': isReplica ? '1' : '0' };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, formulas[value] ?? value]));
}

/** Starts the cluster's server with its group, which is in effect on all instances then. */
export async function startWithGroup(cluster: Cluster): Promise<void> {
  const values = valuesOf(cluster.parameterGroup);
  await cluster.engine.start(resolvedFor(cluster, values));
  cluster.running = values;
  cluster.runningGroup = cluster.parameterGroup;
  for (const instance of cluster.instances) instance.groupStatus = 'in-sync';
}

/** Gives the server the value of `read_only` that its role calls for now. */
export async function applyRole(cluster: Cluster): Promise<void> {
  await cluster.engine.applyParameter('read_only', resolvedFor(cluster, cluster.running)['read_only'] ?? '0');
}

/**
 * Carries a change of a parameter group to the clusters that use it: dynamic and immediate changes at once, all others at the next reboot.
 * A group that was attached and is not in effect yet stays so.
 */
export async function carryChange(account: Account, group: ParameterGroup, changes: { name: string; isImmediate: boolean }[]): Promise<void> {
  const values = valuesOf(group);
  for (const cluster of account.clusters.filter((candidate) => candidate.parameterGroup === group)) {
    const isInEffect = cluster.runningGroup === group && cluster.status === 'available';
    for (const { name, isImmediate } of changes) {
      if (cluster.running[name] === values[name]) continue;
      if (!isImmediate || !isInEffect) {
        markPendingReboot(cluster);
        continue;
      }
      await cluster.engine.applyParameter(name, resolvedFor(cluster, values)[name]);
      const others = Object.entries(cluster.running).filter(([other]) => other !== name);
      const value = values[name];
      cluster.running = Object.fromEntries(value === undefined ? others : [...others, [name, value]]);
      markApplying(account, cluster);
    }
  }
}

/** The cluster's group needs a reboot of each instance to take effect. */
export function markPendingReboot(cluster: Cluster): void {
  for (const instance of cluster.instances) instance.groupStatus = 'pending-reboot';
}

function markApplying(account: Account, cluster: Cluster): void {
  for (const instance of cluster.instances) if (instance.groupStatus === 'in-sync') instance.groupStatus = 'applying';
  void account.inBackground(async () => {
    await account.sleep(account.durations.applyParameters);
    for (const instance of cluster.instances) if (instance.groupStatus === 'applying') instance.groupStatus = 'in-sync';
  });
}
