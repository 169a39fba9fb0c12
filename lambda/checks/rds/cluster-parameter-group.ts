import { parametersOf } from '../../rds/parameter-groups';
import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** Binlog is configured in a cluster parameter group of one's own; a default group cannot be changed. */
export const clusterParameterGroup: Check<RdsContext> = {
  id: 'cluster-parameter-group',
  scopes: ['preflight'],
  async run({ source }) {
    const group = source?.DBClusterParameterGroup;
    if (source === undefined || group === undefined) return FINE;
    if (group.startsWith('default.')) {
      return blocker(`'${source.DBClusterIdentifier}' uses the default cluster parameter group '${group}', which has no binlog and cannot be changed: give the cluster a `
        + 'BlueClusterParameterGroup (binlog_format ROW) and reboot its writer');
    }
    const format = (await parametersOf(group)).get('binlog_format')?.ParameterValue ?? 'OFF';
    if (format.toUpperCase() !== 'OFF') return FINE;
    return blocker(`binlog_format is '${format}' in cluster parameter group '${group}', and Green follows Blue by the binlog: set it to ROW (BlueClusterParameterGroup does) `
      + 'and reboot the writer');
  },
};
