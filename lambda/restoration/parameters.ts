import { type PipelineSettings } from '../../lib/private/contract';
import { parametersOf, resetParameter, setParameter } from '../rds/parameter-groups';
import { type Parameter } from '../rds/types';
import { type Situation } from '../shared/state';

const CONVERSIONS = ['replica_type_conversions', 'slave_type_conversions'];

/**
 * Takes out of production's parameter group what was there only for the time of Green. Changes nothing in a group that is not the one given
 * for Green, and guesses no value.
 *
 * @returns what was done, and what has to be done by hand.
 */
export async function restoreParameters({ target, deployment }: Situation, settings: PipelineSettings): Promise<string[]> {
  const group = settings.targetClusterParameterGroup;
  if (group === undefined) return [];
  if (target?.parameterGroup !== group) {
    return [`production uses cluster parameter group '${target?.parameterGroup}', not '${group}': it was left alone. If it has replica_type_conversions or event_scheduler=OFF from the time of Green, change `
      + 'them by hand'];
  }
  const parameters = await parametersOf(group);
  const remarks: string[] = [];
  for (const name of CONVERSIONS) {
    const parameter = parameters.get(name);
    if (!isSet(parameter)) continue;
    await resetParameter(group, parameter);
    remarks.push(`${name} was removed from '${group}'`);
  }
  remarks.push(...await restoreScheduler(group, parameters.get('event_scheduler'), deployment?.eventScheduler));
  if (remarks.length > 0) {
    remarks.push(`if a template owns '${group}', set replicating: false on its GreenClusterParameterGroup before the next deploy (and event_scheduler in its parameters as it is now), `
      + 'or the deploy undoes this');
  }
  return remarks;
}

async function restoreScheduler(group: string, present: Parameter | undefined, wanted: string | undefined): Promise<string[]> {
  if (wanted === undefined) return [`what event_scheduler was on Blue is not known; it was left as it is in '${group}' (${present?.ParameterValue ?? 'default'})`];
  const value = wanted.toUpperCase() === 'ON' || wanted === '1' ? 'ON' : 'OFF';
  if (present === undefined || (present.ParameterValue ?? 'OFF').toUpperCase() === value) return [];
  await setParameter(group, present, value);
  return [`event_scheduler was set to ${value} in '${group}', as it was on Blue`];
}

function isSet(parameter: Parameter | undefined): parameter is Parameter {
  return parameter?.ParameterValue !== undefined && parameter.ParameterValue !== '' && parameter.Source === 'user';
}
