import { GREEN_PARAMETERS, type PipelineSettings } from '../../../lib/private/contract';
import { factsOf } from '../../rds/clusters';
import { type ChangedParameter, copiedGroupName, planGroup } from '../../rds/copied-group';
import { describeEngineVersion } from '../../rds/engine-versions';
import { familyOf, parametersOf, parametersOfFamily } from '../../rds/parameter-groups';
import { type DBCluster } from '../../rds/types';
import { familyOfVersion } from '../../shared/engine-version';
import { someOf } from '../../shared/lists';
import { type Check, FINE, type Problem } from '../check';
import { type RdsContext } from './context';

/** Green's group exists, fits its version and has what replication into changed tables needs; or what the group will be that the pipeline makes. */
export const targetParameterGroup: Check<RdsContext> = {
  id: 'target-parameter-group',
  scopes: ['preflight'],
  async run({ source, settings }) {
    if (source?.Engine === undefined) return FINE;
    const group = settings.targetClusterParameterGroup;
    if (group === undefined) return madeFromBlue(source, settings);
    if (group === source.DBClusterParameterGroup) {
      return [{
        severity: 'blocker',
        message: `'${group}' (targetClusterParameterGroup) is the group production uses now: what Green needs (event_scheduler OFF, type conversions) would at once be in effect there. `
          + 'Give Green a group of its own, with the same parameters (a new GreenClusterParameterGroup)',
      }];
    }
    const family = await familyOf(group);
    if (family === undefined) {
      return [{ severity: 'blocker', message: `cluster parameter group '${group}' (targetClusterParameterGroup) does not exist in this account and Region: deploy it first` }];
    }
    const version = settings.targetEngineVersion ?? source.EngineVersion ?? '';
    const needed = (await describeEngineVersion(source.Engine, version, true))?.DBParameterGroupFamily ?? familyOfVersion(version);
    if (family !== needed) {
      return [{ severity: 'blocker', message: `cluster parameter group '${group}' is of family '${family}', Green's version '${version}' needs '${needed}': use a group of that family` }];
    }
    return wrongValues(group, settings.migration.kind !== 'none');
  },
};

/** The pipeline makes a group from Blue's: what it will hold, and what it cannot. */
async function madeFromBlue(source: DBCluster, settings: PipelineSettings): Promise<Problem[]> {
  const blue = factsOf(source);
  // another check refuses that.
  if (blue.parameterGroup.startsWith('default.')) return [];
  const version = settings.targetEngineVersion ?? blue.engineVersion;
  const family = familyOfVersion(version);
  const present = await parametersOf(blue.parameterGroup);
  const available = family === familyOfVersion(blue.engineVersion) ? present : await parametersOfFamily(family);
  const { changed, dropped } = planGroup(present, available, settings, version);
  const forGood = changed.filter(({ name }) => !UNTIL_SWITCHED_OVER.includes(name));
  const problems: Problem[] = [{
    severity: 'note',
    message: `no targetClusterParameterGroup is given: the pipeline makes '${copiedGroupName(settings, blue)}' for Green from '${blue.parameterGroup}', and the new production keeps it`
      + `${forGood.length === 0 ? '' : `, with ${inWords(forGood)}`}. docs/template-after-switchover.md says what the template needs then`,
  }];
  if (dropped.length > 0) {
    problems.push({
      severity: 'warning',
      message: `${dropped.length === 1 ? 'a parameter' : `${dropped.length} parameters`} of '${blue.parameterGroup}' cannot be carried over into a group of family '${family}' `
        + `(${someOf(dropped.map(({ name, value, why }) => `${name} '${value}': ${why}`), { separator: '; ' })}), so production would run without: see what stands for them in the new version, and set it in the group the `
        + 'pipeline makes before the switchover, or give Green a group of your own (targetClusterParameterGroup)',
    });
  }
  return problems;
}

const UNTIL_SWITCHED_OVER: readonly string[] = GREEN_PARAMETERS.filter(({ whileReplicating }) => whileReplicating === true).map(({ name }) => name);

function inWords(changed: readonly ChangedParameter[]): string {
  return changed.map(({ name, from, to }) => `${name} ${to ?? 'as by default'} instead of ${from ?? 'the default'}`).join(', ');
}

async function wrongValues(group: string, schemaChanges: boolean): Promise<Problem[]> {
  const parameters = await parametersOf(group);
  const value = (name: string) => parameters.get(name)?.ParameterValue ?? '';
  const problems: Problem[] = [];
  if (!['', 'OFF', '0'].includes(value('event_scheduler').toUpperCase())) {
    problems.push({
      severity: 'blocker',
      message: `event_scheduler is '${value('event_scheduler')}' in '${group}': events would run on Green too and change data behind replication's back, so RDS refuses it. Set it `
        + 'to OFF (GreenClusterParameterGroup does; the pipeline turns it on again after the switchover)',
    });
  }
  if (schemaChanges && !conversionsOf(parameters).includes('ALL_NON_LOSSY')) {
    problems.push({
      severity: 'blocker',
      message: `replica_type_conversions is '${conversionsOf(parameters).join(',')}' in '${group}': replication would stop at the first row of a widened column `
        + '(error 1677 / 13146). Set it to ALL_NON_LOSSY (GreenClusterParameterGroup does; the pipeline removes it after the switchover)',
    });
  }
  const hasBinlog = !['', 'OFF'].includes(value('binlog_format').toUpperCase());
  if (!hasBinlog) {
    problems.push({
      severity: 'warning',
      message: `binlog_format is '${value('binlog_format') || 'OFF'}' in '${group}': without a binlog of its own, the new production has no coordinates to replicate back from. `
        + 'Set it to ROW (GreenClusterParameterGroup does)',
    });
  }
  if (schemaChanges && hasBinlog && !isOn(value('log_bin_trust_function_creators'))) {
    problems.push({
      severity: 'blocker',
      message: `log_bin_trust_function_creators is '${value('log_bin_trust_function_creators')}' in '${group}': triggers and functions could not be created on Green (error 1419). Set it to 1 (GreenClusterParameterGroup does)`,
    });
  }
  if (isOn(value('read_only'))) {
    problems.push({
      severity: 'blocker',
      message: `read_only is '${value('read_only')}' in '${group}': production would take no writes after the switchover. Leave it out, so that RDS keeps Green read-only until then`,
    });
  }
  // what is left out is as the version has it, which no API tells.
  if (value('replica_preserve_commit_order').toUpperCase() === 'OFF') {
    problems.push({
      severity: 'warning',
      message: `replica_preserve_commit_order is 'OFF' in '${group}': Green may commit what Blue wrote later first, and show for a moment what Blue never held. Set it to ON (GreenClusterParameterGroup does)`,
    });
  }
  if (value('replica_parallel_type').toUpperCase() === 'DATABASE') {
    problems.push({
      severity: 'warning',
      message: `replica_parallel_type is 'DATABASE' in '${group}': what Blue writes side by side into one database, Green applies one after the other, so it may never catch up. Set it to LOGICAL_CLOCK (GreenClusterParameterGroup does)`,
    });
  }
  return problems;
}

function isOn(value: string): boolean {
  return ['1', 'ON'].includes(value.toUpperCase());
}

function conversionsOf(parameters: Map<string, { ParameterValue?: string }>): string[] {
  const value = (parameters.get('replica_type_conversions') ?? parameters.get('slave_type_conversions'))?.ParameterValue ?? '';
  return value.split(',').map((word) => word.trim().toUpperCase()).filter((word) => word !== '');
}
