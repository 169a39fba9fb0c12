import { createHash } from 'node:crypto';
import { COPIED_GROUP_PREFIX, DeploymentTag, ErrorName, type PipelineSettings } from '../../lib/private/contract';
import { PipelineError } from '../shared/errors';
import { retireFailed } from '../shared/retirement';
import { copyGroup, createGroup, deleteGroup, familyOf, parametersOf, setParameter, tagsOf } from './parameter-groups';
import { type DBCluster } from './types';

/** The parameter that keeps everybody but CONNECTION_ADMIN from writing; its formulas mean 0 as soon as the deployment is gone. */
const READ_ONLY = 'read_only';

/** The name of the group that keeps an old Blue read-only; the same as long as it is the same cluster. */
export function readOnlyGroupName({ pipeline, deploymentName }: PipelineSettings, resourceId: string): string {
  const hash = createHash('sha256').update(JSON.stringify([pipeline, resourceId, READ_ONLY])).digest('hex').slice(0, 8);
  return `${COPIED_GROUP_PREFIX}${deploymentName.toLowerCase()}-old-${hash}`;
}

/** Whether a group keeps its clusters read-only by itself, and not by a formula that depends on what they are. */
export async function keepsReadOnly(group: string): Promise<boolean> {
  return ['1', 'ON'].includes((await parametersOf(group)).get(READ_ONLY)?.ParameterValue?.toUpperCase() ?? '');
}

/**
 * Makes the group that keeps an old Blue read-only: a copy of its own with `read_only=1`. May run twice.
 *
 * @returns its name.
 * @throws `ForeignDeployment` where a group of that name is somebody else's; RDS's own errors.
 */
export async function makeReadOnlyGroup(settings: PipelineSettings, oldBlue: DBCluster): Promise<string> {
  const { DbClusterResourceId: resourceId = '', DBClusterParameterGroup: present = '' } = oldBlue;
  const name = readOnlyGroupName(settings, resourceId);
  const group = {
    name, tags: { [DeploymentTag.PIPELINE]: settings.pipeline, [DeploymentTag.SOURCE_RESOURCE_ID]: resourceId },
    description: `Keeps the old Blue ${oldBlue.DBClusterIdentifier} read-only until it is deleted, made from ${present}`.slice(0, 255),
  };
  // nobody can copy a default group.
  if (present.startsWith('default.')) await createGroup(await familyOf(present) ?? '', group);
  else await copyGroup(present, group);
  const owner = (await tagsOf(name))?.get(DeploymentTag.PIPELINE);
  if (owner !== settings.pipeline) {
    throw new PipelineError(
      ErrorName.FOREIGN_DEPLOYMENT,
      `cluster parameter group '${name}' exists, and this pipeline did not make it (${owner === undefined ? 'it has no owner tag' : `its owner is '${owner}', we are '${settings.pipeline}'`}), so it is not touched and nothing was deleted: delete it, and start again`,
    );
  }
  const parameter = (await parametersOf(name)).get(READ_ONLY);
  if (parameter === undefined) throw retireFailed(`the family of cluster parameter group '${present}' has no parameter '${READ_ONLY}', so nothing would keep it from being written to; it has to be retired by hand (docs/runbook.md)`);
  if (parameter.ParameterValue !== '1') await setParameter(name, parameter, '1');
  return name;
}

/** What has become of the group. */
interface LeftGroup {
  readonly name: string;
  readonly isGone: boolean;
}

/**
 * Deletes that group, and no other, when the old Blue is gone.
 *
 * @returns its name, and whether it is gone; it stays where another cluster uses it. Undefined where there was none.
 */
export async function deleteReadOnlyGroup(settings: PipelineSettings, resourceId: string): Promise<LeftGroup | undefined> {
  const name = readOnlyGroupName(settings, resourceId);
  const tags = await tagsOf(name);
  if (tags?.get(DeploymentTag.PIPELINE) !== settings.pipeline) return undefined;
  return { name, isGone: await deleteGroup(name) };
}
