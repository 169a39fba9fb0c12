import { familyOfVersion } from '../../rds/engine-versions';
import { type Check, FINE, type Problem } from '../check';
import { type RdsContext } from './context';

/** Green's instances keep the parameter groups of Blue's instances only within a family; with another one they get the default group. */
export const instanceParameterGroups: Check<RdsContext> = {
  id: 'instance-parameter-groups',
  scopes: ['preflight'],
  unknown: 'warning',
  async run({ source, settings, instancesOf }) {
    if (source?.EngineVersion === undefined) return FINE;
    const family = familyOfVersion(settings.targetEngineVersion ?? source.EngineVersion);
    const isOther = family !== familyOfVersion(source.EngineVersion);
    const problems: Problem[] = [];
    for (const { DBInstanceIdentifier: instance, DBParameterGroups: groups = [] } of await instancesOf(source)) {
      for (const { DBParameterGroupName: group = '', ParameterApplyStatus: status } of groups) {
        if (isOther && !group.startsWith('default.')) {
          problems.push({
            severity: 'warning',
            message: `instance '${instance}' has the parameter group '${group}', which Green's family '${family}' cannot use: its counterpart gets the default group, without your instance parameters. Make a group of the new family, and give it `
              + 'to Green\'s instances before the migration (aws rds modify-db-instance --db-parameter-group-name …)',
          });
        }
        if (status === 'pending-reboot') {
          problems.push({ severity: 'warning', message: `instance '${instance}' waits for a reboot to take the values of its parameter group '${group}'; Green starts with them, so it may behave differently. Reboot it, or put the values back` });
        }
      }
    }
    return problems;
  },
};
