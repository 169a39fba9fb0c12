import { createHash } from 'node:crypto';
import { COPIED_GROUP_PREFIX, DeploymentTag, ErrorName, GREEN_PARAMETERS, type PipelineSettings } from '../../lib/private/contract';
import { familyOfVersion, mysqlVersionOf } from '../shared/engine-version';
import { messageOf, PipelineError } from '../shared/errors';
import { type ClusterFacts, type Situation } from '../shared/state';
import { nameOf } from './client';
import { copyGroup, createGroup, deleteGroup, familyOf, parametersOf, resetParameter, setParameters, tagsOf } from './parameter-groups';
import { type Parameter } from './types';

/** What RDS takes in one request. */
const MOST_PARAMETERS = 20;

/** Modes of SQL that MySQL 8.0 has no more; one of them makes it refuse the others, too. https://dev.mysql.com/doc/relnotes/mysql/8.0/en/news-8-0-11.html */
const FORMER_SQL_MODES: readonly string[] = [
  'DB2', 'MAXDB', 'MSSQL', 'MYSQL323', 'MYSQL40', 'ORACLE', 'POSTGRESQL', 'NO_AUTO_CREATE_USER', 'NO_FIELD_OPTIONS', 'NO_KEY_OPTIONS', 'NO_TABLE_OPTIONS',
];

/** Blue, as far as its parameter group goes. */
type Blue = Pick<ClusterFacts, 'resourceId' | 'engineVersion' | 'parameterGroup'>;

/** The parameters of a group or family by name. */
type Parameters = ReadonlyMap<string, Parameter>;

/** A parameter that the user has set on Blue and that Green's group cannot have. */
export interface DroppedParameter {
  readonly name: string;
  readonly value: string;
  /** In the words of RDS where it has refused the value. */
  readonly why: string;
}

/** A parameter that is another one in Green's group than in Blue's; undefined: the default. */
export interface ChangedParameter {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** The group the pipeline has made. */
export interface MadeGroup {
  readonly name: string;
  readonly dropped: readonly DroppedParameter[];
}

/** What Green's group holds: Blue's own values, and on top of them what Green needs. */
export interface GroupPlan {
  readonly values: ReadonlyMap<string, string>;
  readonly changed: readonly ChangedParameter[];
  readonly dropped: readonly DroppedParameter[];
}

/**
 * The name of the group the pipeline makes for Green. The same as long as Blue is the same cluster, so that it is found again, and another one after a
 * switchover, when the last one has become production's. The name alone decides which groups the pipeline may change.
 */
export function copiedGroupName({ pipeline, deploymentName, targetEngineVersion }: PipelineSettings, { resourceId, engineVersion }: Pick<Blue, 'resourceId' | 'engineVersion'>): string {
  const hash = createHash('sha256').update(JSON.stringify([pipeline, resourceId, mysqlVersionOf(targetEngineVersion ?? engineVersion)])).digest('hex').slice(0, 8);
  return `${COPIED_GROUP_PREFIX}${deploymentName.toLowerCase()}-${hash}`;
}

/**
 * The cluster parameter group that is meant for Green: the one given, or the one the pipeline makes.
 *
 * @returns undefined where it cannot be told, because the old Blue is gone and production's group is none of ours.
 */
export function groupForGreen(settings: PipelineSettings, { source, target }: Pick<Situation, 'source' | 'target'>): string | undefined {
  if (settings.targetClusterParameterGroup !== undefined) return settings.targetClusterParameterGroup;
  if (source !== null) return copiedGroupName(settings, source);
  const prefix = `${COPIED_GROUP_PREFIX}${settings.deploymentName.toLowerCase()}-`;
  return target?.parameterGroup.startsWith(prefix) === true ? target.parameterGroup : undefined;
}

/**
 * What Green's group has to hold.
 *
 * @param blue the parameters of Blue's group.
 * @param available the parameters of Green's family.
 */
export function planGroup(blue: Parameters, available: Parameters, { migration }: PipelineSettings, engineVersion: string): GroupPlan {
  const values = new Map<string, string>();
  const dropped: DroppedParameter[] = [];
  for (const [name, value] of setByUser(blue)) {
    const there = [name, renamed(name)].find((candidate) => available.get(candidate)?.IsModifiable !== false && available.has(candidate));
    const left = name === 'sql_mode' && mysqlVersionOf(engineVersion) >= 8 ? withoutFormerModes(value) : value;
    if (there === undefined) dropped.push({ name, value, why: `the family ${available.has(name) ? 'does not let it be changed' : 'has it no more'}` });
    else if (left === '') dropped.push({ name, value, why: 'the family has none of these modes any more' });
    else values.set(there, left);
  }
  const changed: ChangedParameter[] = [];
  for (const { name, value, versions, forSchemaChanges } of GREEN_PARAMETERS) {
    if (forSchemaChanges === true && migration.kind === 'none') continue;
    if (versions?.includes(mysqlVersionOf(engineVersion).toFixed(1)) === false || !available.has(name)) continue;
    if ((values.get(name) ?? available.get(name)?.ParameterValue) !== value) changed.push({ name, from: values.get(name), to: value });
    values.set(name, value);
  }
  return { values, changed, dropped };
}

/**
 * Makes Green's group, or brings one from an earlier attempt up to date: a copy of Blue's or, for another family, a new group with those of Blue's own
 * values that exist there. May run twice, and be cut off anywhere. Nobody has to wait for it: *Check Green* sees to it that the values are in effect.
 *
 * @returns its name, and what of Blue it does not hold.
 * @throws `ForeignDeployment` where a group of that name is somebody else's; RDS's own errors.
 */
export async function makeGroupForGreen(settings: PipelineSettings, blue: Blue): Promise<MadeGroup> {
  const name = copiedGroupName(settings, blue);
  const version = settings.targetEngineVersion ?? blue.engineVersion;
  const family = familyOfVersion(version);
  const group = {
    name, tags: { [DeploymentTag.PIPELINE]: settings.pipeline, [DeploymentTag.SOURCE_RESOURCE_ID]: blue.resourceId },
    description: `Green of Blue/Green deployment ${settings.deploymentName}, made from ${blue.parameterGroup}`.slice(0, 255),
  };
  // nobody can copy a default group.
  if (await familyOf(blue.parameterGroup) === family && !blue.parameterGroup.startsWith('default.')) await copyGroup(blue.parameterGroup, group);
  else await createGroup(family, group);
  await refuseForeign(name, settings.pipeline);
  const present = await parametersOf(name);
  const { values, dropped } = planGroup(await parametersOf(blue.parameterGroup), present, settings, version);
  for (const [parameterName] of setByUser(present)) {
    const parameter = present.get(parameterName);
    if (parameter !== undefined && !values.has(parameterName)) await resetParameter(name, parameter);
  }
  return { name, dropped: [...dropped, ...await apply(name, present, values)] };
}

/**
 * Deletes the group the pipeline has made for a Green that never became production, and no other.
 *
 * @param blue Blue, whose name and resource id lead to the group.
 * @returns its name where it is deleted now; undefined where there was none, or a cluster uses it.
 */
export async function deleteGroupForGreen(settings: PipelineSettings, blue: Pick<Blue, 'resourceId' | 'engineVersion'>): Promise<string | undefined> {
  if (settings.targetClusterParameterGroup !== undefined) return undefined;
  const name = copiedGroupName(settings, blue);
  const tags = await tagsOf(name);
  if (tags?.get(DeploymentTag.PIPELINE) !== settings.pipeline) return undefined;
  return await deleteGroup(name) ? name : undefined;
}

/**
 * How the values of two groups differ, as far as somebody has set them in either.
 */
export function differences(blue: Parameters, green: Parameters): Pick<GroupPlan, 'changed' | 'dropped'> {
  const [before, after] = [setByUser(blue), setByUser(green)];
  const changed: ChangedParameter[] = [];
  const dropped: DroppedParameter[] = [];
  for (const [name, value] of before) {
    const there = [name, renamed(name)].find((candidate) => green.has(candidate));
    if (there === undefined) dropped.push({ name, value, why: 'the family has it no more' });
    else if (!isSame(after.get(there) ?? green.get(there)?.ParameterValue, value)) changed.push({ name: there, from: value, to: after.get(there) });
  }
  for (const [name, value] of after) {
    if (before.has(name) || before.has(formerName(name)) || isSame(blue.get(name)?.ParameterValue, value)) continue;
    changed.push({ name, from: undefined, to: value });
  }
  return { changed, dropped };
}

/** The items of a list, such as those of sql_mode, have no order. */
function isSame(one: string | undefined, other: string): boolean {
  const sorted = (value: string) => value.split(',').map((item) => item.trim()).sort().join(',');
  return one !== undefined && sorted(one) === sorted(other);
}

async function refuseForeign(name: string, pipeline: string): Promise<void> {
  const owner = (await tagsOf(name))?.get(DeploymentTag.PIPELINE);
  if (owner === pipeline) return;
  throw new PipelineError(
    ErrorName.FOREIGN_DEPLOYMENT,
    `cluster parameter group '${name}' exists, and this pipeline did not make it (${owner === undefined ? 'it has no owner tag' : `its owner is '${owner}', we are '${pipeline}'`}), so it is not touched: delete it, or give the `
    + 'pipeline a targetClusterParameterGroup',
  );
}

/** Sets what is not so yet. A value RDS does not accept for one of Blue's parameters is left out and named; one that Green needs is an error. */
async function apply(group: string, present: Parameters, values: ReadonlyMap<string, string>): Promise<DroppedParameter[]> {
  const open = [...values].flatMap(([name, value]) => {
    const parameter = present.get(name);
    return parameter === undefined || parameter.ParameterValue === value ? [] : [{ name, parameter, value }];
  });
  const dropped: DroppedParameter[] = [];
  for (let first = 0; first < open.length; first += MOST_PARAMETERS) {
    const batch = open.slice(first, first + MOST_PARAMETERS);
    try {
      await setParameters(group, batch);
    } catch (thrown) {
      if (!isRefused(thrown)) throw thrown;
      for (const one of batch) dropped.push(...await applyAlone(group, one));
    }
  }
  return dropped;
}

async function applyAlone(group: string, one: { readonly name: string; readonly parameter: Parameter; readonly value: string }): Promise<DroppedParameter[]> {
  try {
    await setParameters(group, [one]);
    return [];
  } catch (thrown) {
    if (!isRefused(thrown) || GREEN_PARAMETERS.some(({ name, value }) => name === one.name && value === one.value)) throw thrown;
    return [{ name: one.name, value: one.value, why: messageOf(thrown) }];
  }
}

function isRefused(thrown: unknown): boolean {
  return ['InvalidParameterValue', 'InvalidParameterCombination'].includes(nameOf(thrown));
}

function setByUser(parameters: Parameters): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, { Source, ParameterValue = '' }] of parameters) if (Source === 'user' && ParameterValue !== '') values.set(name, ParameterValue);
  return values;
}

function withoutFormerModes(value: string): string {
  return value.split(',').filter((mode) => !FORMER_SQL_MODES.includes(mode.trim().toUpperCase())).join(',');
}

/** From 8.0 on, groups know replication by its new words only. */
function renamed(name: string): string {
  return name.replace(/^slave_/, 'replica_').replace(/^master_/, 'source_');
}

function formerName(name: string): string {
  return name.replace(/^replica_/, 'slave_').replace(/^source_/, 'master_');
}
