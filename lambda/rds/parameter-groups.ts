import {
  CopyDBClusterParameterGroupCommand,
  CreateDBClusterParameterGroupCommand,
  type DBClusterParameterGroup,
  DeleteDBClusterParameterGroupCommand,
  DescribeDBClusterParameterGroupsCommand,
  DescribeDBClusterParametersCommand,
  DescribeEngineDefaultClusterParametersCommand,
  ListTagsForResourceCommand,
  ModifyDBClusterParameterGroupCommand,
  type Parameter,
  ResetDBClusterParameterGroupCommand,
} from '@aws-sdk/client-rds';
import { everyPage, nameOf, send, tagList } from './client';

/**
 * The family of a cluster parameter group, such as `aurora-mysql8.0`.
 *
 * @returns undefined where the group does not exist.
 */
export async function familyOf(group: string): Promise<string | undefined> {
  return (await describeGroup(group))?.DBParameterGroupFamily;
}

/**
 * The tags of a cluster parameter group.
 *
 * @returns undefined where the group does not exist.
 */
export async function tagsOf(group: string): Promise<Map<string, string> | undefined> {
  const arn = (await describeGroup(group))?.DBClusterParameterGroupArn;
  if (arn === undefined) return undefined;
  const { TagList } = await send((rds) => rds.send(new ListTagsForResourceCommand({ ResourceName: arn })));
  return new Map(TagList?.map(({ Key = '', Value = '' }) => [Key, Value]));
}

async function describeGroup(group: string): Promise<DBClusterParameterGroup | undefined> {
  try {
    const { DBClusterParameterGroups } = await send((rds) => rds.send(new DescribeDBClusterParameterGroupsCommand({ DBClusterParameterGroupName: group })));
    return DBClusterParameterGroups?.[0];
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

/** What a new cluster parameter group is to be. */
export interface NewGroup {
  readonly name: string;
  readonly description: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Copies a group of one's own, with every value; a group of that name already stays as it is. */
export async function copyGroup(source: string, { name, description, tags }: NewGroup): Promise<void> {
  await unlessItExists(() => send((rds) => rds.send(new CopyDBClusterParameterGroupCommand({
    SourceDBClusterParameterGroupIdentifier: source,
    TargetDBClusterParameterGroupIdentifier: name,
    TargetDBClusterParameterGroupDescription: description,
    Tags: tagList(tags),
  }))));
}

/** Makes a group of a family, with its defaults; a group of that name already stays as it is. */
export async function createGroup(family: string, { name, description, tags }: NewGroup): Promise<void> {
  await unlessItExists(() => send((rds) => rds.send(new CreateDBClusterParameterGroupCommand({
    DBClusterParameterGroupName: name, DBParameterGroupFamily: family, Description: description, Tags: tagList(tags),
  }))));
}

/**
 * Deletes a group that no cluster uses.
 *
 * @returns whether it is gone now; false where a cluster uses it.
 */
export async function deleteGroup(group: string): Promise<boolean> {
  try {
    await send((rds) => rds.send(new DeleteDBClusterParameterGroupCommand({ DBClusterParameterGroupName: group })));
    return true;
  } catch (thrown) {
    if (nameOf(thrown) === 'InvalidDBParameterGroupState') return false;
    if (isMissing(thrown)) return true;
    throw thrown;
  }
}

async function unlessItExists(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (thrown) {
    if (nameOf(thrown) !== 'DBParameterGroupAlreadyExists') throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  return ['DBParameterGroupNotFound', 'DBClusterParameterGroupNotFound'].includes(nameOf(thrown));
}

/** The parameters a family has, by name. */
export async function parametersOfFamily(family: string): Promise<Map<string, Parameter>> {
  const parameters = await everyPage(
    async (marker) => {
      const command = new DescribeEngineDefaultClusterParametersCommand({ DBParameterGroupFamily: family, Marker: marker });
      const { EngineDefaults } = await send((rds) => rds.send(command));
      return EngineDefaults ?? {};
    },
    (page) => page.Parameters,
  );
  return new Map(parameters.map((parameter) => [parameter.ParameterName ?? '', parameter]));
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
  await setParameters(group, [{ parameter, value }]);
}

/** Sets up to 20 parameters at once: all of them or, with an error, none. */
export async function setParameters(group: string, values: readonly { readonly parameter: Parameter; readonly value: string }[]): Promise<void> {
  const Parameters = values.map(({ parameter, value: ParameterValue }) => ({
    ParameterName: parameter.ParameterName, ParameterValue, ApplyMethod: applyMethodOf(parameter),
  }));
  await send((rds) => rds.send(new ModifyDBClusterParameterGroupCommand({ DBClusterParameterGroupName: group, Parameters })));
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
