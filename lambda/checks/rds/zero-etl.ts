import { integrationsOf } from '../../rds/surroundings';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/** Zero-ETL integrations must be gone before a switchover, and be made again after it (Aurora User Guide, "Limitations for blue/green deployments"). */
export const zeroEtl: Check<RdsContext> = {
  id: 'zero-etl',
  scopes: ['preflight', 'before-switchover'],
  unknown: 'warning',
  async run({ source, target, scope }) {
    if (source === undefined) return FINE;
    const [ofBlue, ofGreen] = [await integrationsOf(source.DBClusterArn ?? ''), target === undefined ? [] : await integrationsOf(target.DBClusterArn ?? '')];
    const integrations = [...ofBlue, ...ofGreen];
    if (integrations.length === 0) return FINE;
    const message = `'${ofBlue.length > 0 ? source.DBClusterIdentifier : target?.DBClusterIdentifier}' is the source of zero-ETL integration${integrations.length === 1 ? '' : 's'} ${someOf(integrations.map(({ IntegrationName, Status }) => `'${IntegrationName}' (${Status})`))}, with which RDS does not `
      + 'switch over: delete it before the switchover (aws rds delete-integration), and make it again from the new production';
    return scope === 'preflight' ? warning(message) : blocker(message);
  },
};
