import {
  CopyDBClusterParameterGroup$, type CopyDBClusterParameterGroupMessage, type CopyDBClusterParameterGroupResult, CreateDBClusterParameterGroup$,
  type CreateDBClusterParameterGroupMessage, type CreateDBClusterParameterGroupResult, DBParameterGroupAlreadyExistsFault$,
  DeleteDBClusterParameterGroup$, type DeleteDBClusterParameterGroupMessage, type DBClusterParameterGroup, type DBClusterParameterGroupDetails,
  type DBClusterParameterGroupNameMessage, type DBClusterParameterGroupsMessage,
  DBParameterGroupNotFoundFault$, DescribeDBClusterParameterGroups$, type DescribeDBClusterParameterGroupsMessage, DescribeDBClusterParameters$,
  type DescribeDBClusterParametersMessage, DescribeEngineDefaultClusterParameters$, type DescribeEngineDefaultClusterParametersMessage,
  type DescribeEngineDefaultClusterParametersResult, InvalidDBParameterGroupStateFault$, ModifyDBClusterParameterGroup$,
  type ModifyDBClusterParameterGroupMessage, type Parameter, ResetDBClusterParameterGroup$, type ResetDBClusterParameterGroupMessage,
  type Tag,
} from '@aws-sdk/client-rds';
import { type Account } from './account';
import { type Caller, type Operation, operation } from './operation';
import { filtered, page } from './pagination';
import { defaultValueOf, FAMILIES, type Family, isAllowed, type ParameterDefinition, parametersOf } from './parameter-catalogue';
import { carryChange } from './parameter-values';
import { type ParameterGroup } from './resources';
import { fault, invalidParameterCombination, invalidParameterValue, required } from './service-error';
import { checkedTags } from './tag-operations';

/** Operations on cluster parameter groups. */
export function parameterGroupOperations(account: Account): Operation[] {
  const groupArn = (name: string | undefined) => [account.arn('cluster-pg', name ?? '*')];
  return [
    operation(DescribeDBClusterParameterGroups$, (input: DescribeDBClusterParameterGroupsMessage) => groupArn(input.DBClusterParameterGroupName),
      (input) => describeGroups(account, input)),
    operation(DescribeDBClusterParameters$, (input: DescribeDBClusterParametersMessage) => groupArn(input.DBClusterParameterGroupName),
      (input) => describeParameters(account, input)),
    operation(DescribeEngineDefaultClusterParameters$, () => ['*'],
      (input: DescribeEngineDefaultClusterParametersMessage) => describeDefaults(input)),
    operation(ModifyDBClusterParameterGroup$, (input: ModifyDBClusterParameterGroupMessage) => groupArn(input.DBClusterParameterGroupName),
      (input) => modifyGroup(account, input)),
    operation(ResetDBClusterParameterGroup$, (input: ResetDBClusterParameterGroupMessage) => groupArn(input.DBClusterParameterGroupName),
      (input) => resetGroup(account, input)),
    // a copy needs the permission for both groups.
    operation(CopyDBClusterParameterGroup$, (input: Partial<CopyDBClusterParameterGroupMessage>) => [
      ...groupArn(input.SourceDBClusterParameterGroupIdentifier), ...groupArn(input.TargetDBClusterParameterGroupIdentifier),
    ], (input, caller) => copyGroup(account, input, caller)),
    operation(CreateDBClusterParameterGroup$, (input: Partial<CreateDBClusterParameterGroupMessage>) => groupArn(input.DBClusterParameterGroupName),
      (input, caller) => createGroup(account, input, caller)),
    operation(DeleteDBClusterParameterGroup$, (input: Partial<DeleteDBClusterParameterGroupMessage>) => groupArn(input.DBClusterParameterGroupName),
      (input) => deleteGroup(account, input)),
  ];
}

function copyGroup(account: Account, input: Partial<CopyDBClusterParameterGroupMessage>, caller: Caller): CopyDBClusterParameterGroupResult {
  const original = required(input.SourceDBClusterParameterGroupIdentifier, 'SourceDBClusterParameterGroupIdentifier');
  const source = account.parameterGroup(original, DBParameterGroupNotFoundFault$);
  if (source.isDefault) throw invalidParameterCombination(`The default DBClusterParameterGroup ${source.name} cannot be copied.`);
  const name = required(input.TargetDBClusterParameterGroupIdentifier, 'TargetDBClusterParameterGroupIdentifier');
  const description = required(input.TargetDBClusterParameterGroupDescription, 'TargetDBClusterParameterGroupDescription');
  const copy = addGroup(account, { name, description, family: source.family, tags: input.Tags }, caller);
  for (const [parameter, set] of source.values) copy.values.set(parameter, { ...set });
  return { DBClusterParameterGroup: groupView(account, copy) };
}

function createGroup(account: Account, input: Partial<CreateDBClusterParameterGroupMessage>, caller: Caller): CreateDBClusterParameterGroupResult {
  const name = required(input.DBClusterParameterGroupName, 'DBClusterParameterGroupName');
  const family = readFamily(required(input.DBParameterGroupFamily, 'DBParameterGroupFamily'));
  const description = required(input.Description, 'Description');
  return { DBClusterParameterGroup: groupView(account, addGroup(account, { name, description, family, tags: input.Tags }, caller)) };
}

interface NewGroup {
  readonly name: string;
  readonly description: string;
  readonly family: Family;
  readonly tags?: Tag[];
}

function addGroup(account: Account, { name, description, family, tags = [] }: NewGroup, caller: Caller): ParameterGroup {
  if (name.length > 255 || !/^[a-zA-Z](?:-?[a-zA-Z0-9])*$/.test(name)) {
    throw invalidParameterValue(`The parameter DBClusterParameterGroupName is not a valid identifier: ${name}. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; `
      + 'and must not end with a hyphen or contain two consecutive hyphens.');
  }
  const stored = name.toLowerCase();
  if (account.parameterGroups.some((group) => group.name === stored)) throw fault(DBParameterGroupAlreadyExistsFault$, `Parameter group ${stored} already exists`);
  if (tags.length > 0) caller.require('AddTagsToResource', [account.arn('cluster-pg', stored)]);
  const group: ParameterGroup = { name: stored, family, description, isDefault: false, values: new Map(), tags: checkedTags(tags) };
  account.parameterGroups.push(group);
  return group;
}

function deleteGroup(account: Account, input: Partial<DeleteDBClusterParameterGroupMessage>): object {
  const group = account.parameterGroup(required(input.DBClusterParameterGroupName, 'DBClusterParameterGroupName'), DBParameterGroupNotFoundFault$);
  if (group.isDefault) throw fault(InvalidDBParameterGroupStateFault$, `Default DBClusterParameterGroup ${group.name} cannot be deleted.`);
  if (account.clusters.some(({ parameterGroup }) => parameterGroup === group)) {
    throw fault(InvalidDBParameterGroupStateFault$, `One or more database clusters are still members of this parameter group ${group.name}, so the group cannot be deleted`);
  }
  account.parameterGroups.splice(account.parameterGroups.indexOf(group), 1);
  return {};
}

function describeGroups(account: Account, input: DescribeDBClusterParameterGroupsMessage): DBClusterParameterGroupsMessage {
  filtered([], input.Filters, {});
  const { DBClusterParameterGroupName: name } = input;
  const groups = name === undefined ? account.parameterGroups : [account.parameterGroup(name, DBParameterGroupNotFoundFault$)];
  const { items, marker } = page(groups, input);
  return {
    Marker: marker,
    DBClusterParameterGroups: items.map((group) => groupView(account, group)),
  };
}

function groupView(account: Account, { name, family, description }: ParameterGroup): DBClusterParameterGroup {
  return { DBClusterParameterGroupName: name, DBParameterGroupFamily: family, Description: description, DBClusterParameterGroupArn: account.arn('cluster-pg', name) };
}

function describeParameters(account: Account, input: DescribeDBClusterParametersMessage): DBClusterParameterGroupDetails {
  const group = account.parameterGroup(required(input.DBClusterParameterGroupName, 'DBClusterParameterGroupName'), DBParameterGroupNotFoundFault$);
  const { Source: source } = input;
  if (source !== undefined && !['user', 'system', 'engine-default'].includes(source)) {
    throw invalidParameterValue(`Source should be user, system or engine-default, got '${source}'.`);
  }
  const parameters = parametersOf(group.family).map((parameter) => describe(parameter, group.family, group));
  const wanted = filtered(parameters, input.Filters, { 'parameter-name': (parameter) => [parameter.ParameterName] })
    .filter((parameter) => source === undefined || parameter.Source === source);
  const { items, marker } = page(wanted, input);
  return { Parameters: items, Marker: marker };
}

function describeDefaults(input: DescribeEngineDefaultClusterParametersMessage): DescribeEngineDefaultClusterParametersResult {
  const family = readFamily(required(input.DBParameterGroupFamily, 'DBParameterGroupFamily'));
  const parameters = parametersOf(family).map((parameter) => describe(parameter, family));
  const { items, marker } = page(filtered(parameters, input.Filters, { 'parameter-name': (parameter) => [parameter.ParameterName] }), input);
  return { EngineDefaults: { DBParameterGroupFamily: family, Parameters: items, Marker: marker } };
}

function readFamily(wanted: string): Family {
  const family = FAMILIES.find((candidate) => candidate === wanted);
  if (!family) throw invalidParameterValue(`Invalid DB parameter group family: ${wanted}`);
  return family;
}

async function modifyGroup(account: Account, input: ModifyDBClusterParameterGroupMessage): Promise<DBClusterParameterGroupNameMessage> {
  const group = modifiableGroup(account, input.DBClusterParameterGroupName);
  const parameters = required(input.Parameters, 'Parameters');
  if (parameters.length > 20) throw invalidParameterValue(`At most 20 parameters can be modified in one request, got ${parameters.length}.`);
  // everything is checked before anything changes.
  const changes = parameters.map((parameter) => readChange(group, parameter));
  for (const { name, value, applyMethod } of changes) group.values.set(name, { value, applyMethod });
  await carryChange(account, group, changes.map(({ name, applyMethod }) => ({ name, isImmediate: applyMethod === 'immediate' })));
  recordUpdates(account, group, changes);
  return { DBClusterParameterGroupName: group.name };
}

async function resetGroup(account: Account, input: ResetDBClusterParameterGroupMessage): Promise<DBClusterParameterGroupNameMessage> {
  const group = modifiableGroup(account, input.DBClusterParameterGroupName);
  const isAll = input.ResetAllParameters === true;
  if (isAll && input.Parameters?.length) throw invalidParameterCombination('Parameters cannot be given together with ResetAllParameters.');
  if (!isAll && !input.Parameters?.length) throw invalidParameterCombination('Either Parameters or ResetAllParameters must be given.');
  const changes = isAll
    ? [...group.values.keys()].map((name) => {
      const { applyType } = definitionOf(group.family, name);
      return { name, applyMethod: applyType === 'dynamic' ? 'immediate' as const : 'pending-reboot' as const };
    })
    : (input.Parameters ?? []).map((parameter) => {
      const definition = definitionOf(group.family, required(parameter.ParameterName, 'ParameterName'));
      return { name: definition.name, applyMethod: readApplyMethod(definition, parameter) };
    });
  for (const { name } of changes) group.values.delete(name);
  await carryChange(account, group, changes.map(({ name, applyMethod }) => ({ name, isImmediate: applyMethod === 'immediate' })));
  return { DBClusterParameterGroupName: group.name };
}

function modifiableGroup(account: Account, name: string | undefined): ParameterGroup {
  const group = account.parameterGroup(required(name, 'DBClusterParameterGroupName'), DBParameterGroupNotFoundFault$);
  if (group.isDefault) throw fault(InvalidDBParameterGroupStateFault$, `Default DBClusterParameterGroup ${group.name} cannot be modified; create one of your own.`);
  return group;
}

function readChange(group: ParameterGroup, parameter: Parameter): { name: string; value: string; applyMethod: 'immediate' | 'pending-reboot' } {
  const definition = definitionOf(group.family, required(parameter.ParameterName, 'ParameterName'));
  if (definition.isModifiable === false) throw invalidParameterValue(`The parameter ${definition.name} cannot be modified.`);
  const value = required(parameter.ParameterValue, 'ParameterValue');
  if (!isAllowed(definition, value)) {
    throw invalidParameterValue(`Invalid parameter value: ${value} for: ${definition.name} allowed values are: ${String(definition.allowedValues)}`);
  }
  return { name: definition.name, value, applyMethod: readApplyMethod(definition, parameter) };
}

function readApplyMethod(definition: ParameterDefinition, parameter: Parameter): 'immediate' | 'pending-reboot' {
  const applyMethod = required(parameter.ApplyMethod, 'ApplyMethod');
  if (applyMethod === 'immediate' && definition.applyType === 'static') {
    throw invalidParameterCombination(`cannot use immediate apply method for static parameter ${definition.name}`);
  }
  if (applyMethod !== 'immediate' && applyMethod !== 'pending-reboot') {
    throw invalidParameterValue(`ApplyMethod should be immediate or pending-reboot, got '${String(applyMethod)}'.`);
  }
  return applyMethod;
}

function definitionOf(family: Family, name: string): ParameterDefinition {
  const definition = parametersOf(family).find((parameter) => parameter.name === name);
  if (!definition) throw invalidParameterValue(`Could not find parameter with name: ${name} in the family ${family}`);
  return definition;
}

function describe(definition: ParameterDefinition, family: Family, group?: ParameterGroup): Parameter {
  const set = group?.values.get(definition.name);
  return {
    ParameterName: definition.name,
    ParameterValue: set?.value ?? defaultValueOf(definition, family),
    Description: definition.description,
    Source: set ? 'user' : 'engine-default',
    ApplyType: definition.applyType,
    DataType: definition.dataType,
    AllowedValues: definition.allowedValues,
    IsModifiable: definition.isModifiable ?? true,
    ApplyMethod: set?.applyMethod ?? 'pending-reboot',
    SupportedEngineModes: ['provisioned'],
  };
}

function recordUpdates(account: Account, group: ParameterGroup, changes: { name: string; value: string; applyMethod: string }[]): void {
  for (const { name, value, applyMethod } of changes) {
    account.record('db-parameter-group', group.name, `Updated parameter ${name} to ${value} with apply method ${applyMethod}`, 'configuration change');
  }
}
