import { integrationsOf } from '../../rds/surroundings';
import { someOf } from '../../shared/lists';
import { blocker, type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/** Zero-ETL integrations must be gone before a switchover, and be made again after it (Aurora User Guide, "Limitations for blue/green deployments"). */
export const zeroEtl: Check<RdsContext> = {
  id: 'zero-etl',
  scopes: ['preflight', 'before-switchover'],
  unknown: 'warning',
  async run({ source, scope }) {
    const integrations = source?.DBClusterArn === undefined ? [] : await integrationsOf(source.DBClusterArn);
    if (integrations.length === 0) return FINE;
    const message = `'${source?.DBClusterIdentifier}' is the source of zero-ETL integration${integrations.length === 1 ? '' : 's'} ${someOf(integrations.map(({ IntegrationName, Status }) => `'${IntegrationName}' (${Status})`))}, with which RDS does not `
      + 'switch over: delete it before the switchover (aws rds delete-integration), and make it again from the new production';
    return scope === 'preflight' ? warning(message) : blocker(message);
  },
};
