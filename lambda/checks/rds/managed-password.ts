import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** Blue/Green deployments do not exist for clusters whose master password RDS manages (Aurora User Guide, "Limitations for blue/green deployments"). */
export const managedPassword: Check<RdsContext> = {
  id: 'managed-password',
  scopes: ['preflight'],
  async run({ source }) {
    if (source?.MasterUserSecret === undefined) return FINE;
    return blocker(`RDS manages the master password of '${source.DBClusterIdentifier}' (secret ${source.MasterUserSecret.SecretArn}), and RDS refuses Blue/Green deployments `
      + 'of such clusters: switch to a secret of your own (aws rds modify-db-cluster --no-manage-master-user-password --master-user-password …), and freeze its rotation '
      + 'until the switchover is done');
  },
};
