import { Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import { type Construct } from 'constructs';
import { BlueClusterParameterGroup, BlueGreenPipeline, BlueGreenSource, DatabaseAccess, Migration } from '../../lib';

/**
 * A cluster that is ready for Blue/Green deployments from its first day, and a pipeline that upgrades it.
 */
export class NewClusterStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const engineVersion = rds.AuroraMysqlEngineVersion.of('8.0.mysql_aurora.3.10.1', '8.0');

    const cluster = new rds.DatabaseCluster(this, 'Database', {
      engine: rds.DatabaseClusterEngine.auroraMysql({ version: engineVersion }),
      parameterGroup: new BlueClusterParameterGroup(this, 'BlueGroup', { engineVersion }),
      credentials: rds.Credentials.fromGeneratedSecret('admin'),
      writer: rds.ClusterInstance.provisioned('Writer', { instanceType: ec2.InstanceType.of(ec2.InstanceClass.R7G, ec2.InstanceSize.LARGE) }),
      readers: [rds.ClusterInstance.provisioned('Reader', { instanceType: ec2.InstanceType.of(ec2.InstanceClass.R7G, ec2.InstanceSize.LARGE) })],
      storageEncrypted: true,
      deletionProtection: true,
      iamAuthentication: true,
      vpc,
    });
    if (cluster.secret === undefined) throw new Error('a cluster with generated credentials has a secret');

    new BlueGreenPipeline(this, 'Upgrade', {
      source: BlueGreenSource.cluster(cluster),
      database: DatabaseAccess.secret({ vpc, secret: cluster.secret, databaseSecurityGroups: cluster.connections.securityGroups }),
      migration: Migration.none(),
      targetEngineVersion: rds.AuroraMysqlEngineVersion.of('8.0.mysql_aurora.3.12.0', '8.0'),
    });
  }
}
