import { createHash } from 'node:crypto';

/** The place a stack is deployed to, and its name. */
export interface Deployment {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly stackName: string;
}

/** How CloudFormation names resources of one type, and what Ref and Fn::GetAtt yield for them. */
export interface ResourceKind {
  /** The property that sets the physical name. */
  readonly nameProperty?: string;
  /** The property whose value Ref yields, for resources that stand for another one. */
  readonly refProperty?: string;
  /** Makes a name up where the template gives none. */
  readonly generate: (logicalId: string, deployment: Deployment) => string;
  /** What Ref yields; the name itself by default. */
  readonly ref?: (name: string, deployment: Deployment) => string;
  /** What Fn::GetAtt yields. */
  readonly attributes: Readonly<Record<string, (name: string, deployment: Deployment) => string>>;
}

/** The kind of a resource type; for unknown types one that has a made-up name and no attributes. */
export function kindOf(type: string): ResourceKind {
  return kinds[type] ?? { generate: generatedName, attributes: {} };
}

/** Letters and digits that stay the same for a resource of a stack from one synthesis to the next. */
export function stableHash(logicalId: string, { account, region, stackName }: Deployment): string {
  return createHash('sha256').update([account, region, stackName, logicalId].join('/')).digest('hex');
}

function generatedName(logicalId: string, deployment: Deployment): string {
  // the shortest limit is Lambda's: 64 characters.
  const hash = stableHash(logicalId, deployment).slice(0, 12).toUpperCase();
  return `${deployment.stackName.slice(0, 24)}-${logicalId.slice(0, 24)}-${hash}`;
}

function lowerCaseName(logicalId: string, deployment: Deployment): string {
  return generatedName(logicalId, deployment).toLowerCase();
}

function numbered(prefix: string): ResourceKind['generate'] {
  return (logicalId, deployment) => `${prefix}-0${stableHash(logicalId, deployment).slice(0, 16)}`;
}

function arn(service: string, resource: (name: string) => string): (name: string, deployment: Deployment) => string {
  return (name, { partition, region, account }) => `arn:${partition}:${service}:${region}:${account}:${resource(name)}`;
}

function iamArn(resource: string): (name: string, deployment: Deployment) => string {
  return (name, { partition, account }) => `arn:${partition}:iam::${account}:${resource}/${name}`;
}

// Secrets Manager ends every ARN in six characters of its own.
function secretArn(name: string, deployment: Deployment): string {
  return `${arn('secretsmanager', (id) => `secret:${id}`)(name, deployment)}-${stableHash(name, deployment).slice(0, 6)}`;
}

function hostName(prefix: string): (name: string, deployment: Deployment) => string {
  return (name, deployment) => `${name}.${prefix}${stableHash('', deployment).slice(0, 12)}.${deployment.region}.rds.amazonaws.com`;
}

function resourceId(prefix: string): (name: string, deployment: Deployment) => string {
  return (name, deployment) => `${prefix}-${stableHash(name, deployment).slice(0, 26).toUpperCase()}`;
}

const functionArn = arn('lambda', (name) => `function:${name}`);
const stateMachineArn = arn('states', (name) => `stateMachine:${name}`);
const topicArn = arn('sns', (name) => name);

const kinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::CloudWatch::Alarm': { nameProperty: 'AlarmName', generate: generatedName, attributes: { Arn: arn('cloudwatch', (name) => `alarm:${name}`) } },
  'AWS::EC2::EIP': { generate: numbered('eip'), attributes: { AllocationId: (name) => name.replace('eip-', 'eipalloc-') } },
  'AWS::EC2::InternetGateway': { generate: numbered('igw'), attributes: {} },
  'AWS::EC2::NatGateway': { generate: numbered('nat'), attributes: { NatGatewayId: (name) => name } },
  'AWS::EC2::RouteTable': { generate: numbered('rtb'), attributes: { RouteTableId: (name) => name } },
  'AWS::EC2::SecurityGroup': { generate: numbered('sg'), attributes: { GroupId: (name) => name } },
  'AWS::EC2::Subnet': { generate: numbered('subnet'), attributes: { SubnetId: (name) => name } },
  'AWS::EC2::VPC': { generate: numbered('vpc'), attributes: { VpcId: (name) => name, DefaultSecurityGroup: (name) => name.replace('vpc-', 'sg-') } },
  'AWS::Events::Rule': { nameProperty: 'Name', generate: generatedName, attributes: { Arn: arn('events', (name) => `rule/${name}`) } },
  'AWS::IAM::ManagedPolicy': { nameProperty: 'ManagedPolicyName', generate: generatedName, ref: iamArn('policy'), attributes: { PolicyArn: iamArn('policy') } },
  'AWS::IAM::Role': { nameProperty: 'RoleName', generate: generatedName, attributes: { Arn: iamArn('role') } },
  'AWS::KMS::Key': {
    generate: (logicalId, deployment) => stableHash(logicalId, deployment).slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    attributes: { Arn: arn('kms', (name) => `key/${name}`), KeyId: (name) => name },
  },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', generate: generatedName, attributes: { Arn: functionArn } },
  'AWS::Logs::LogGroup': { nameProperty: 'LogGroupName', generate: generatedName, attributes: { Arn: arn('logs', (name) => `log-group:${name}:*`) } },
  'AWS::RDS::DBCluster': {
    nameProperty: 'DBClusterIdentifier',
    generate: lowerCaseName,
    attributes: {
      'DBClusterArn': arn('rds', (name) => `cluster:${name}`),
      'DBClusterResourceId': resourceId('cluster'),
      'Endpoint.Address': hostName('cluster-'),
      'Endpoint.Port': () => '3306',
      'ReadEndpoint.Address': hostName('cluster-ro-'),
    },
  },
  'AWS::RDS::DBClusterParameterGroup': { nameProperty: 'DBClusterParameterGroupName', generate: lowerCaseName, attributes: {} },
  'AWS::RDS::DBInstance': {
    nameProperty: 'DBInstanceIdentifier',
    generate: lowerCaseName,
    attributes: {
      'DBInstanceArn': arn('rds', (name) => `db:${name}`),
      'DbiResourceId': resourceId('db'),
      'Endpoint.Address': hostName(''),
      'Endpoint.Port': () => '3306',
    },
  },
  'AWS::RDS::DBParameterGroup': { nameProperty: 'DBParameterGroupName', generate: lowerCaseName, attributes: { DBParameterGroupName: (name) => name } },
  'AWS::RDS::DBSubnetGroup': { nameProperty: 'DBSubnetGroupName', generate: lowerCaseName, attributes: {} },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    generate: lowerCaseName,
    attributes: { Arn: (name, { partition }) => `arn:${partition}:s3:::${name}` },
  },
  'AWS::SNS::Topic': { nameProperty: 'TopicName', generate: generatedName, ref: topicArn, attributes: { TopicArn: topicArn, TopicName: (name) => name } },
  'AWS::SecretsManager::Secret': { nameProperty: 'Name', generate: generatedName, ref: secretArn, attributes: { Id: secretArn } },
  'AWS::SecretsManager::SecretTargetAttachment': { refProperty: 'SecretId', generate: generatedName, attributes: {} },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    generate: generatedName,
    ref: stateMachineArn,
    attributes: { Arn: stateMachineArn, Name: (name) => name },
  },
};
