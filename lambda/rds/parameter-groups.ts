import {
  DescribeDBClusterParameterGroupsCommand,
  DescribeDBClusterParametersCommand,
  ModifyDBClusterParameterGroupCommand,
  type Parameter,
  ResetDBClusterParameterGroupCommand,
} from '@aws-sdk/client-rds';
import { everyPage, nameOf, send } from './client';

/**
 * The family of a cluster parameter group, such as `aurora-mysql8.0`.
 *
 * @returns undefined where the group does not exist.
 */
export async function familyOf(group: string): Promise<string | undefined> {
  try {
    const { DBClusterParameterGroups } = await send((rds) => rds.send(new DescribeDBClusterParameterGroupsCommand({ DBClusterParameterGroupName: group })));
    return DBClusterParameterGroups?.[0]?.DBParameterGroupFamily;
  } catch (thrown) {
    if (['DBParameterGroupNotFound', 'DBClusterParameterGroupNotFound'].includes(nameOf(thrown))) return undefined;
    throw thrown;
  }
}

/** The parameters of a cluster parameter group by name. */
export async function parametersOf(group: string): Promise<Map<string, Parameter>> {
  const parameters = await everyPage(
    (marker) => send((rds) => rds.send(new DescribeDBClusterParametersCommand({ DBClusterParameterGroupName: group, Marker: marker }))),
    (page) => page.Parameters,
  );
  return new Map(parameters.map((parameter) => [parameter.ParameterName ?? '', parameter]));
}

/** Sets a parameter; a static one waits for the next reboot, which is never ours to trigger on production. */
export async function setParameter(group: string, parameter: Parameter, value: string): Promise<void> {
  await send((rds) => rds.send(new ModifyDBClusterParameterGroupCommand({
    DBClusterParameterGroupName: group,
    Parameters: [{ ParameterName: parameter.ParameterName, ParameterValue: value, ApplyMethod: applyMethodOf(parameter) }],
  })));
}

/** Gives a parameter its default back. */
export async function resetParameter(group: string, parameter: Parameter): Promise<void> {
  await send((rds) => rds.send(new ResetDBClusterParameterGroupCommand({
    DBClusterParameterGroupName: group,
    Parameters: [{ ParameterName: parameter.ParameterName, ApplyMethod: applyMethodOf(parameter) }],
  })));
}

function applyMethodOf(parameter: Parameter): 'immediate' | 'pending-reboot' {
  return parameter.ApplyType === 'dynamic' ? 'immediate' : 'pending-reboot';
}
