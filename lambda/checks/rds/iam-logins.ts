import { type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/** Policies for IAM database authentication name the physical cluster, which is another one after the switchover. */
export const iamLogins: Check<RdsContext> = {
  id: 'iam-logins',
  scopes: ['green'],
  async run({ source, target }) {
    if (target?.DbClusterResourceId === undefined || source?.IAMDatabaseAuthenticationEnabled !== true) return FINE;
    return warning(`'${source.DBClusterIdentifier}' has IAM database authentication: policies that allow rds-db:connect on dbuser:${source.DbClusterResourceId}/… must allow it on dbuser:${target.DbClusterResourceId}/… too before the switchover, `
      + 'or these logins fail after it');
  },
};
