import { type PipelineSettings } from '../../lib/private/contract';
import { differences, groupForGreen } from '../rds/copied-group';
import { parametersOf, resetParameter, setParameter } from '../rds/parameter-groups';
import { type Parameter } from '../rds/types';
import { someOf } from '../shared/lists';
import { type Situation } from '../shared/state';

const CONVERSIONS = ['replica_type_conversions', 'slave_type_conversions'];
const LISTED = { most: 20 };

/**
 * Takes out of production's parameter group what was there only for the time of Green. Changes nothing in a group that is not the one meant
 * for Green, and guesses no value.
 *
 * @returns what was done, what is different from Blue's group now, and what has to be done by hand.
 */
export async function restoreParameters(situation: Situation, settings: PipelineSettings): Promise<string[]> {
  const { source, target, deployment } = situation;
  const group = groupForGreen(settings, situation);
  if (group === undefined || target?.parameterGroup !== group) {
    return [`production uses cluster parameter group '${target?.parameterGroup}', not ${group === undefined ? 'one the pipeline has made' : `'${group}'`}: it was left alone. If it has replica_type_conversions or `
      + 'event_scheduler=OFF from the time of Green, change them by hand'];
  }
  const made = settings.targetClusterParameterGroup === undefined;
  // a copy gets back what Blue had; a group of the user has conversions only for the time of Green.
  const before = made && source !== null ? await parametersOf(source.parameterGroup) : undefined;
  const parameters = await parametersOf(group);
  const remarks: string[] = [];
  for (const name of CONVERSIONS) remarks.push(...await restoreConversions(group, parameters.get(name), before));
  remarks.push(...await restoreScheduler(group, parameters.get('event_scheduler'), deployment?.eventScheduler));
  if (made) return [...remarks, ...await inPlaceOf(source?.parameterGroup, before, group)];
  if (remarks.length > 0) {
    remarks.push(`if a template owns '${group}', set replicating: false on its GreenClusterParameterGroup before the next deploy (and event_scheduler in its parameters as it is now), `
      + 'or the deploy undoes this');
  }
  return remarks;
}

async function restoreConversions(group: string, present: Parameter | undefined, before: ReadonlyMap<string, Parameter> | undefined): Promise<string[]> {
  if (!isSet(present)) return [];
  const former = before?.get(present.ParameterName ?? '') ?? before?.get('slave_type_conversions');
  if (!isSet(former)) {
    await resetParameter(group, present);
    return [`${present.ParameterName} was removed from '${group}'`];
  }
  if (former.ParameterValue === present.ParameterValue) return [];
  await setParameter(group, present, former.ParameterValue);
  return [`${present.ParameterName} was set to ${former.ParameterValue} in '${group}', as it was on Blue`];
}

/** What the pipeline's own group has made different for good, and what the template needs. */
async function inPlaceOf(former: string | undefined, before: ReadonlyMap<string, Parameter> | undefined, group: string): Promise<string[]> {
  const remarks = [`production uses cluster parameter group '${group}' now, which the pipeline has made${former === undefined ? '' : ` from '${former}'`} and no template owns: give it to the cluster in your template before the `
    + `next deploy (rds.ParameterGroup.fromParameterGroupName(this, 'ProductionGroup', '${group}')); docs/template-after-switchover.md says how`];
  if (before === undefined) return remarks;
  const { changed, dropped } = differences(before, await parametersOf(group));
  if (changed.length > 0) remarks.push(`unlike '${former}', '${group}' has ${someOf(changed.map(({ name, from, to }) => `${name} ${to ?? 'as by default'} (was ${from ?? 'the default'})`), LISTED)}`);
  if (dropped.length > 0) remarks.push(`'${group}' does not have ${someOf(dropped.map(({ name, value, why }) => `${name} (was ${value}; ${why})`), LISTED)}`);
  return remarks;
}

async function restoreScheduler(group: string, present: Parameter | undefined, wanted: string | undefined): Promise<string[]> {
  if (wanted === undefined) return [`what event_scheduler was on Blue is not known; it was left as it is in '${group}' (${present?.ParameterValue ?? 'default'})`];
  const value = wanted.toUpperCase() === 'ON' || wanted === '1' ? 'ON' : 'OFF';
  if (present === undefined || (present.ParameterValue ?? 'OFF').toUpperCase() === value) return [];
  await setParameter(group, present, value);
  return [`event_scheduler was set to ${value} in '${group}', as it was on Blue`];
}

function isSet(parameter: Parameter | undefined): parameter is Parameter & { readonly ParameterValue: string } {
  return parameter?.ParameterValue !== undefined && parameter.ParameterValue !== '' && parameter.Source === 'user';
}
