import { type DBCluster } from '../../rds/types';
import { someOf } from '../../shared/lists';
import { type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/** IAM roles attached to Blue (S3 import and export, Lambda, machine learning) are not copied to Green. */
export const clusterRoles: Check<RdsContext> = {
  id: 'cluster-roles',
  scopes: ['preflight', 'before-switchover', 'after-switchover'],
  async run({ source, target, scope }) {
    const there = rolesOf(target);
    const missing = rolesOf(source).filter((role) => !there.includes(role));
    if (missing.length === 0) return FINE;
    if (scope === 'preflight') {
      return warning(`IAM role${missing.length === 1 ? '' : 's'} ${someOf(missing)} ${missing.length === 1 ? 'is' : 'are'} attached to '${source?.DBClusterIdentifier}', and RDS does not attach them to Green: what uses them (LOAD DATA FROM S3, SELECT INTO OUTFILE `
        + 'S3, Lambda) would fail after the switchover. Attach them to Green as soon as it is there (aws rds add-role-to-db-cluster), and name them in Green\'s parameters as on Blue');
    }
    return warning(`'${target?.DBClusterIdentifier}' lacks IAM role${missing.length === 1 ? '' : 's'} ${someOf(missing)}, which ${scope === 'before-switchover' ? 'Blue' : 'the old Blue'} has: what uses them fails. `
      + `aws rds add-role-to-db-cluster --db-cluster-identifier ${target?.DBClusterIdentifier} --role-arn …`);
  },
};

function rolesOf(cluster: DBCluster | undefined): string[] {
  return (cluster?.AssociatedRoles ?? []).map(({ RoleArn = '' }) => RoleArn);
}
