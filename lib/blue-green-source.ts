import { Token } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { asRdsStores } from './private/rds-names';

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
   * @throws when it is of another engine, or RDS manages its master password: RDS makes no Blue/Green deployments of such clusters.
   * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-considerations.html
   */
  public static cluster(cluster: rds.IDatabaseCluster): BlueGreenSource {
    const engine = cluster.engine?.engineType;
    if (engine !== undefined && engine !== 'aurora-mysql') {
      throw new Error(`'cluster' should be an Aurora MySQL cluster, got '${cluster.node.path}' of engine '${engine}', which this pipeline cannot change`);
    }
    const resource = cluster.node.defaultChild;
    if (resource instanceof rds.CfnDBCluster && resource.manageMasterUserPassword === true) {
      throw new Error(`'cluster' should have a master password of its own, got '${cluster.node.path}' with 'manageMasterUserPassword': RDS makes no Blue/Green deployment of a cluster whose `
        + 'master password it manages; use credentials such as Credentials.fromGeneratedSecret');
    }
    return BlueGreenSource.clusterIdentifier(cluster.clusterIdentifier);
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
    return new BlueGreenSource(asRdsStores(clusterIdentifier));
  }

  private constructor(
    /** @internal */
    public readonly _clusterIdentifier: string,
  ) {}
}
