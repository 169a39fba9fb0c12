import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';

/**
 * The database a pipeline works on.
 *
 * Only its identifier is used: endpoints and resource ids are read from RDS at run time, because they belong to another physical cluster
 * after every switchover.
 */
export class BlueGreenSource {
  /**
   * An Aurora MySQL cluster, of this stack, another one, or imported.
   *
   * @param cluster the cluster.
   * @throws when RDS manages the cluster's master password, of which RDS makes no Blue/Green deployments.
   * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-considerations.html
   */
  public static cluster(cluster: rds.IDatabaseCluster): BlueGreenSource {
    const resource = cluster.node.defaultChild;
    if (resource instanceof rds.CfnDBCluster && resource.manageMasterUserPassword === true) {
      throw new Error(`'cluster' should have a master password of its own, got '${cluster.node.path}' with 'manageMasterUserPassword': RDS makes no Blue/Green deployment of a cluster whose `
        + 'master password it manages; use credentials such as Credentials.fromGeneratedSecret');
    }
    return new BlueGreenSource(cluster.clusterIdentifier);
  }

  /**
   * An Aurora MySQL cluster by its identifier, whoever owns it.
   *
   * @param clusterIdentifier the DB cluster identifier, such as `prod`; not that of an instance, not an ARN.
   */
  public static clusterIdentifier(clusterIdentifier: string): BlueGreenSource {
    if (!Token.isUnresolved(clusterIdentifier) && !/^[a-z](-?[a-z0-9])*$/i.test(clusterIdentifier)) {
      throw new Error(`'clusterIdentifier' should be the identifier of a DB cluster (letters, digits and single hyphens), got '${clusterIdentifier}'`);
    }
    if (!Token.isUnresolved(clusterIdentifier) && clusterIdentifier.length > 63) {
      throw new Error(`'clusterIdentifier' should have at most 63 characters, got ${clusterIdentifier.length}: '${clusterIdentifier}'`);
    }
    // RDS stores identifiers in lower case.
    return new BlueGreenSource(Token.isUnresolved(clusterIdentifier) ? clusterIdentifier : clusterIdentifier.toLowerCase());
  }

  private constructor(
    /** @internal */
    public readonly _clusterIdentifier: string,
  ) {}
}
