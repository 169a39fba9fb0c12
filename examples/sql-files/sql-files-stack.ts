import path from 'node:path';
import { Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { type Construct } from 'constructs';
import { BlueGreenPipeline, type BlueGreenPipelineProps, BlueGreenSource, DatabaseAccess, GreenClusterParameterGroup, Migration } from '../../lib';

/** What the example needs to know. */
export interface SqlFilesStackProps extends StackProps {
  /** Other times and limits than the defaults. */
  readonly pipeline?: Partial<BlueGreenPipelineProps>;
}

/**
 * Runs the files of the folder sql on Green, for an existing Aurora MySQL cluster that this stack does not own and does not change.
 */
export class SqlFilesStack extends Stack {
  constructor(scope: Construct, id: string, props: SqlFilesStackProps = {}) {
    super(scope, id, props);

    // the network of the existing cluster: replace these ids by yours (or use Vpc.fromLookup).
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      privateSubnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-0b1b2c3d4e5f60718'],
      privateSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f60718', 'rtb-0b1b2c3d4e5f60718'],
    });

    new BlueGreenPipeline(this, 'Pipeline', {
      source: BlueGreenSource.clusterIdentifier('shop'),
      database: DatabaseAccess.secret({
        vpc,
        secret: secretsmanager.Secret.fromSecretNameV2(this, 'MasterSecret', 'shop/master'),
        databaseSecurityGroups: [ec2.SecurityGroup.fromSecurityGroupId(this, 'DatabaseSecurityGroup', 'sg-0a1b2c3d4e5f60718')],
      }),
      migration: Migration.sqlFiles(path.join(__dirname, 'sql'), { database: 'shop' }),
      targetClusterParameterGroup: new GreenClusterParameterGroup(this, 'GreenGroup', {
        engineVersion: rds.AuroraMysqlEngineVersion.of('8.0.mysql_aurora.3.10.1', '8.0'),
        // what Blue's own group sets stays in force after the switchover.
        parameters: { event_scheduler: 'ON', innodb_print_all_deadlocks: '1' },
      }),
      ...props.pipeline,
    });
  }
}
