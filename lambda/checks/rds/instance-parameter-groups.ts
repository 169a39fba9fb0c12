import { type DBInstance } from '../../rds/types';
import { familyOfVersion } from '../../shared/engine-version';
import { type Check, FINE, type Problem } from '../check';
import { type RdsContext } from './context';

/** Green's instances keep the parameter groups of Blue's instances only within a family; with another one they get the default group. */
export const instanceParameterGroups: Check<RdsContext> = {
  id: 'instance-parameter-groups',
  scopes: ['preflight', 'green', 'before-switchover'],
  unknown: 'warning',
  async run({ source, target, settings, scope, instancesOf }) {
    if (scope !== 'preflight') return target === undefined ? FINE : waiting(await instancesOf(target));
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
              + 'to Green\'s instances, and reboot them, before the migration (aws rds modify-db-instance --db-parameter-group-name …)',
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

/** A group that was given to an instance of Green is in effect there after a reboot only. */
function waiting(instances: readonly DBInstance[]): Problem[] {
  return instances.flatMap(({ DBInstanceIdentifier: instance, DBParameterGroups: groups = [] }) => groups
    .filter(({ ParameterApplyStatus }) => ParameterApplyStatus === 'pending-reboot')
    .map(({ DBParameterGroupName: group }): Problem => ({
      severity: 'warning',
      message: `instance '${instance}' of Green waits for a reboot to take the values of its parameter group '${group}': production would run without them. Reboot it while no statement of the migration runs there`,
    })));
}
