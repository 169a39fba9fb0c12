import { Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { type Construct } from 'constructs';
import {
  BlueGreenPipeline, type BlueGreenPipelineProps, BlueGreenSource, DatabaseAccess, Migration, ReplicationAlarms, type ReplicationAlarmsProps,
  ReplicationDashboard,
} from '../../lib';

/** What the example needs to know. */
export interface Utf8mb4StackProps extends StackProps {
  /** Other times and limits than the defaults. */
  readonly pipeline?: Partial<BlueGreenPipelineProps>;

  /** Other patience of the alarms than the defaults, and who is told. */
  readonly alarms?: Partial<ReplicationAlarmsProps>;
}

/**
 * Converts the databases of an existing Aurora MySQL cluster to utf8mb4: a cluster that this stack does not own and does not change.
 */
export class Utf8mb4Stack extends Stack {
  constructor(scope: Construct, id: string, props: Utf8mb4StackProps = {}) {
    super(scope, id, props);

    // the network of the existing cluster: replace these ids by yours (or use Vpc.fromLookup).
    const vpc = ec2.Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: 'vpc-0a1b2c3d4e5f60718',
      availabilityZones: ['eu-central-1a', 'eu-central-1b'],
      privateSubnetIds: ['subnet-0a1b2c3d4e5f60718', 'subnet-0b1b2c3d4e5f60718'],
      privateSubnetRouteTableIds: ['rtb-0a1b2c3d4e5f60718', 'rtb-0b1b2c3d4e5f60718'],
    });

    const pipeline = new BlueGreenPipeline(this, 'Pipeline', {
      source: BlueGreenSource.clusterIdentifier('shop'),
      database: DatabaseAccess.secret({
        vpc,
        secret: secretsmanager.Secret.fromSecretNameV2(this, 'MasterSecret', 'shop/master'),
        databaseSecurityGroups: [ec2.SecurityGroup.fromSecurityGroupId(this, 'DatabaseSecurityGroup', 'sg-0a1b2c3d4e5f60718')],
      }),
      migration: Migration.convertCharacterSet({ databases: ['shop'] }),
      ...props.pipeline,
    });

    // give them actions (an SnsAction), so that somebody is told.
    const alarms = new ReplicationAlarms(this, 'Alarms', { pipeline, ...props.alarms });
    new ReplicationDashboard(this, 'Dashboard', { pipeline, alarms });
  }
}
