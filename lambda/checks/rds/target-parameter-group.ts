import { type PipelineSettings } from '../../../lib/private/contract';
import { describeEngineVersion, mysqlVersionOf } from '../../rds/engine-versions';
import { familyOf, parametersOf } from '../../rds/parameter-groups';
import { type DBCluster } from '../../rds/types';
import { type Check, FINE, type Problem } from '../check';
import { type RdsContext } from './context';

/** Green's group exists, fits its version and has what replication into changed tables needs. */
export const targetParameterGroup: Check<RdsContext> = {
  id: 'target-parameter-group',
  scopes: ['preflight'],
  async run({ source, settings }) {
    if (source?.Engine === undefined) return FINE;
    const group = settings.targetClusterParameterGroup;
    if (group === undefined) return withoutGroup(source, settings);
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
    const needed = (await describeEngineVersion(source.Engine, version, true))?.DBParameterGroupFamily ?? `aurora-mysql${mysqlVersionOf(version).toFixed(1)}`;
    if (family !== needed) {
      return [{ severity: 'blocker', message: `cluster parameter group '${group}' is of family '${family}', Green's version '${version}' needs '${needed}': use a group of that family` }];
    }
    return wrongValues(group, settings.migration.kind !== 'none');
  },
};

/** Green would get Blue's own group, or with another family the default one. */
async function withoutGroup({ Engine = '', EngineVersion = '', DBClusterParameterGroup = '' }: DBCluster, { targetEngineVersion = EngineVersion }: PipelineSettings): Promise<Problem[]> {
  const [from, to] = [mysqlVersionOf(EngineVersion), mysqlVersionOf(targetEngineVersion)];
  if (from !== to) {
    return [{
      severity: 'blocker',
      message: `Green's version '${targetEngineVersion}' needs another parameter group family than Blue's, and no targetClusterParameterGroup is given: Green would get the default group of ${Engine}, and all `
        + `parameters of '${DBClusterParameterGroup}' would be lost. Give it a GreenClusterParameterGroup with your own parameters`,
    }];
  }
  const scheduler = (await parametersOf(DBClusterParameterGroup)).get('event_scheduler')?.ParameterValue ?? '';
  if (['', 'OFF', '0', 'DISABLED'].includes(scheduler.toUpperCase())) return [];
  return [{
    severity: 'blocker',
    message: `event_scheduler is '${scheduler}' in '${DBClusterParameterGroup}', which Green would use too: events would run on Green as well as on Blue. Leave that group alone, and give Green one of its `
      + 'own (targetClusterParameterGroup: a GreenClusterParameterGroup has it OFF; the pipeline turns it on after the switchover)',
  }];
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
  if (['', 'OFF'].includes(value('binlog_format').toUpperCase())) {
    problems.push({
      severity: 'warning',
      message: `binlog_format is '${value('binlog_format') || 'OFF'}' in '${group}': without a binlog of its own, the new production has no coordinates to replicate back from. `
        + 'Set it to ROW (GreenClusterParameterGroup does)',
    });
  }
  return problems;
}

function conversionsOf(parameters: Map<string, { ParameterValue?: string }>): string[] {
  const value = (parameters.get('replica_type_conversions') ?? parameters.get('slave_type_conversions'))?.ParameterValue ?? '';
  return value.split(',').map((word) => word.trim().toUpperCase()).filter((word) => word !== '');
}
