import { type Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { COPIED_GROUP_PREFIX, FINAL_SNAPSHOT_PREFIX, type PipelineSettings, RetirementTag } from './contract';

/** ARNs of RDS in this account and Region. */
export interface RdsArns {
  readonly deployments: string;
  readonly clusters: string;
  readonly instances: string;
  readonly clusterEndpoints: string;
  readonly clusterParameterGroups: string;
  readonly instanceParameterGroups: string;
  readonly optionGroups: string;
  readonly subnetGroups: string;
  readonly proxies: string;
  readonly proxyTargetGroups: string;
  readonly integrations: string;
  /** Production, whichever cluster it is: names swap at the switchover. */
  readonly production: string;
  /** The group the pipeline may change: the one that was given, or those it makes for Green itself. */
  readonly greenClusterParameterGroup: string;
  /** Whether the pipeline makes Green's group itself. */
  readonly makesGroup: boolean;
  /** The groups the pipeline makes, for Green and for the old Blue. */
  readonly madeClusterParameterGroups: string;
  readonly snapshots: string;
  /** The snapshots the pipeline takes. */
  readonly finalSnapshots: string;
  /** Whether the old Blue is ever retired. */
  readonly retires: boolean;
  /** Whether its deletion protection may be lifted. */
  readonly removesDeletionProtection: boolean;
  /** What the tag of an old Blue says that this pipeline has begun to retire. */
  readonly pipeline: string;
}

/** Every resource of a kind: Green's name is made up by RDS, and the guide forbids partial names for Blue/Green actions. */
export function rdsArns(stack: Stack, settings: Pick<PipelineSettings, 'pipeline' | 'clusterIdentifier' | 'targetClusterParameterGroup' | 'deploymentName' | 'retireBlue'>): RdsArns {
  const { clusterIdentifier, targetClusterParameterGroup: group, deploymentName, retireBlue } = settings;
  const every = (kind: string, name = '*') => `arn:${stack.partition}:rds:${stack.region}:${stack.account}:${kind}:${name}`;
  return {
    deployments: every('deployment'),
    clusters: every('cluster'),
    instances: every('db'),
    clusterEndpoints: every('cluster-endpoint'),
    clusterParameterGroups: every('cluster-pg'),
    instanceParameterGroups: every('pg'),
    optionGroups: every('og'),
    subnetGroups: every('subgrp'),
    proxies: every('db-proxy'),
    proxyTargetGroups: every('target-group'),
    integrations: every('integration'),
    production: every('cluster', clusterIdentifier),
    greenClusterParameterGroup: every('cluster-pg', group ?? madeGroups(deploymentName)),
    makesGroup: group === undefined,
    madeClusterParameterGroups: every('cluster-pg', madeGroups(deploymentName)),
    snapshots: every('cluster-snapshot'),
    finalSnapshots: every('cluster-snapshot', `${FINAL_SNAPSHOT_PREFIX}*`),
    retires: retireBlue !== undefined,
    removesDeletionProtection: retireBlue?.removesDeletionProtection === true,
    pipeline: settings.pipeline,
  };
}

/** The names of the groups a pipeline makes; a name that is known only at deployment cannot be written as RDS keeps it, in lower case. */
function madeGroups(deploymentName: string): string {
  return `${COPIED_GROUP_PREFIX}${Token.isUnresolved(deploymentName) ? '' : `${deploymentName.toLowerCase()}-`}*`;
}

/**
 * What each control-plane task may do, and nothing else. The table of docs/permissions.md is made from this.
 *
 * Sources: Service Authorization Reference, "Actions, resources, and condition keys for Amazon RDS"; Aurora User Guide, "Authorizing access to
 * blue/green deployment operations", for the actions RDS performs with the caller's permissions.
 */
export const RDS_PERMISSIONS: Readonly<Record<string, (arns: RdsArns) => iam.PolicyStatement[]>> = {
  'find-where-we-are': (arns) => [readDeployments(arns), readClusters(arns), ...arns.retires ? [readInstances(arns), readSnapshots(arns)] : []],
  'check-rds': (arns) => [
    readDeployments(arns),
    readClusters(arns),
    readParameterGroups(arns),
    readInstances(arns),
    // what hangs on the cluster; targets of a proxy are asked for together with the clusters and instances they are.
    allow('ReadProxies', ['rds:DescribeDBProxies', 'rds:DescribeDBProxyTargets'], [arns.proxies, arns.proxyTargetGroups, arns.clusters, arns.instances]),
    allow('ReadIntegrations', ['rds:DescribeIntegrations'], [arns.integrations]),
    allow('ReadEndpoints', ['rds:DescribeDBClusterEndpoints'], [arns.clusters, arns.clusterEndpoints]),
    allow('ReadMaintenance', ['rds:DescribePendingMaintenanceActions'], [arns.clusters, arns.instances]),
    // quotas are the account's.
    allow('ReadQuotas', ['rds:DescribeAccountAttributes'], ['*']),
    // versions, the classes for them and the parameters of a family are nobody's resources: RDS knows no narrower one.
    allow('ReadEngineVersions', ['rds:DescribeDBEngineVersions', 'rds:DescribeEngineDefaultClusterParameters', 'rds:DescribeOrderableDBInstanceOptions'], ['*']),
  ],
  'create-green': (arns) => [
    readDeployments(arns),
    // RDS creates clusters, instances and endpoints under names of its own making, with the caller's permissions; every group they use has to be allowed, too.
    allow(
      'CreateGreenUnderNamesRdsChooses',
      ['rds:CreateBlueGreenDeployment', 'rds:AddTagsToResource', 'rds:CreateDBCluster', 'rds:CreateDBInstance', 'rds:CreateDBClusterEndpoint'],
      [
        arns.deployments, arns.clusters, arns.instances, arns.clusterEndpoints, arns.clusterParameterGroups, arns.instanceParameterGroups, arns.optionGroups,
        arns.subnetGroups,
      ],
    ),
    ...arns.makesGroup ? [
      readParameterGroups(arns),
      // a copy needs the permission for Blue's group, too, whose name is known only at run time; it changes nothing there.
      allow('CopyBluesParameterGroup', ['rds:CopyDBClusterParameterGroup'], [arns.clusterParameterGroups]),
      allow(
        'MakeGreensParameterGroup',
        ['rds:CreateDBClusterParameterGroup', 'rds:ModifyDBClusterParameterGroup', 'rds:ResetDBClusterParameterGroup', 'rds:ListTagsForResource'],
        [arns.greenClusterParameterGroup],
      ),
    ] : [],
  ],
  'wait-for-green': (arns) => [
    readDeployments(arns),
    readClusters(arns),
    readInstances(arns),
    // Green's instances have random names; the code reboots none but those, and none once Green was ready.
    allow('RebootGreenWhoseNameRdsChooses', ['rds:RebootDBInstance'], [arns.instances]),
    allow('RememberGreen', ['rds:AddTagsToResource'], [arns.deployments]),
  ],
  'remember-plan': (arns) => [readDeployments(arns), allow('RememberPlan', ['rds:AddTagsToResource'], [arns.deployments])],
  'switch-over': (arns) => [
    readDeployments(arns),
    allow('SwitchOver', ['rds:SwitchoverBlueGreenDeployment', 'rds:ModifyDBCluster', 'rds:PromoteReadReplicaDBCluster'], [arns.deployments, arns.clusters]),
  ],
  'wait-for-switchover': (arns) => [readDeployments(arns), readEvents()],
  'restore-parameters': (arns) => [
    readClusters(arns),
    // what Blue's group had is what a group made from it gets back.
    allow('ReadParameters', ['rds:DescribeDBClusterParameters'], [arns.makesGroup ? arns.clusterParameterGroups : arns.greenClusterParameterGroup]),
    allow('RestoreGreensParameterGroup', ['rds:ModifyDBClusterParameterGroup', 'rds:ResetDBClusterParameterGroup'], [arns.greenClusterParameterGroup]),
  ],
  'delete-green': (arns) => [
    readDeployments(arns),
    readClusters(arns),
    // RDS deletes Green with the caller's permissions, under the names it has made up; the code compares resource ids.
    allow(
      'DeleteGreenWhoseNameRdsChooses',
      ['rds:DeleteBlueGreenDeployment', 'rds:DeleteDBCluster', 'rds:DeleteDBInstance', 'rds:DeleteDBClusterEndpoint'],
      [arns.deployments, arns.clusters, arns.instances, arns.clusterEndpoints],
    ),
    allow('LiftGreensDeletionProtection', ['rds:ModifyDBCluster'], [arns.clusters]),
    ...arns.makesGroup ? [allow(
      'DeleteGreensParameterGroup',
      ['rds:DescribeDBClusterParameterGroups', 'rds:ListTagsForResource', 'rds:DeleteDBClusterParameterGroup'],
      [arns.greenClusterParameterGroup],
    )] : [],
    protectProduction(arns),
  ],
  'wait-to-retire': (arns) => [readDeployments(arns), allow('RememberSinceWhen', ['rds:AddTagsToResource'], [arns.deployments])],
  'start-old-blue': (arns) => [
    readClusters(arns),
    readInstances(arns),
    // RDS numbers the names of old clusters; the code knows the resource id.
    allow('StartOldBlueWhoseNameRdsChooses', ['rds:StartDBCluster'], [arns.clusters]),
  ],
  'protect-old-blue': (arns) => [
    readClusters(arns),
    readInstances(arns),
    readParameterGroups(arns),
    // a copy needs the permission for the old Blue's own group, too, whose name is known only at run time; it changes nothing there.
    allow('CopyOldBluesParameterGroup', ['rds:CopyDBClusterParameterGroup'], [arns.clusterParameterGroups]),
    allow('MakeReadOnlyParameterGroup', ['rds:CreateDBClusterParameterGroup', 'rds:ModifyDBClusterParameterGroup', 'rds:ListTagsForResource', 'rds:AddTagsToResource'], [arns.madeClusterParameterGroups]),
    allow('AttachReadOnlyParameterGroup', ['rds:ModifyDBCluster'], [arns.clusters, arns.madeClusterParameterGroups]),
    allow('RebootOldBlueWhoseNameRdsChooses', ['rds:RebootDBInstance'], [arns.instances]),
    protectProduction(arns),
  ],
  'take-final-snapshot': (arns) => [
    readClusters(arns),
    readSnapshots(arns),
    allow('TakeFinalSnapshot', ['rds:CreateDBClusterSnapshot'], [arns.clusters, arns.finalSnapshots]),
    allow('TagFinalSnapshot', ['rds:AddTagsToResource'], [arns.finalSnapshots]),
  ],
  'delete-deployment': (arns) => [
    readDeployments(arns),
    readClusters(arns),
    readInstances(arns),
    // these tags are what the next function needs to be allowed to delete anything.
    allow('RememberOldBlue', ['rds:AddTagsToResource'], [arns.clusters, arns.instances]),
    protectProduction(arns, ['rds:AddTagsToResource']),
    allow('DeleteDeployment', ['rds:DeleteBlueGreenDeployment'], [arns.deployments]),
  ],
  'delete-old-blue': (arns) => [
    readClusters(arns),
    readInstances(arns),
    readSnapshots(arns),
    allowRetired(arns, 'RememberOldBlue', ['rds:AddTagsToResource'], [arns.clusters]),
    // the code compares resource ids at each look; names of old clusters and their instances are RDS's.
    allowRetired(arns, 'DeleteOldBlueWhoseNameRdsChooses', ['rds:DeleteDBCluster', 'rds:DeleteDBInstance'], [arns.clusters, arns.instances]),
    // RDS takes the snapshot of its last moment with the caller's permissions.
    allow('KeepItsLastMoment', ['rds:CreateDBClusterSnapshot'], [arns.clusters, arns.finalSnapshots]),
    allow('DeleteWithFinalSnapshot', ['rds:DeleteDBCluster', 'rds:AddTagsToResource'], [arns.finalSnapshots]),
    ...arns.removesDeletionProtection ? [allowRetired(arns, 'LiftOldBluesDeletionProtection', ['rds:ModifyDBCluster'], [arns.clusters])] : [],
    allow(
      'DeleteReadOnlyParameterGroup',
      ['rds:DescribeDBClusterParameterGroups', 'rds:ListTagsForResource', 'rds:DeleteDBClusterParameterGroup'],
      [arns.madeClusterParameterGroups],
    ),
    protectProduction(arns, ['rds:DeleteDBCluster', 'rds:ModifyDBCluster', 'rds:AddTagsToResource']),
  ],
  report: (arns) => [
    allow('RememberTheEnd', ['rds:AddTagsToResource'], [arns.deployments, ...arns.retires ? [arns.finalSnapshots] : []]),
    readEvents(),
  ],
};

/**
 * What a function in a VPC needs to attach its network interface. EC2 knows no narrower resource: the interfaces do not exist yet.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
export function attachToVpc(): iam.PolicyStatement {
  return allow('AttachToVpc', [
    'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface', 'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
  ], ['*']);
}

/**
 * Reading the secret, and decrypting it where it has a key of its own. Not `grantRead`: that writes into the policy of the key, which another stack may
 * own (which would have to wait for ours) or nobody's (where it would do nothing).
 */
export function readSecret(stack: Stack, secret: secretsmanager.ISecret): iam.PolicyStatement[] {
  const { encryptionKey: key, secretArn, secretFullArn } = secret;
  // a secret known by its name has six more characters in its ARN.
  const read = allow('ReadLogin', ['secretsmanager:GetSecretValue'], [secretFullArn ?? `${secretArn}-??????`]);
  if (key === undefined) return [read];
  const decrypt = allow('DecryptLogin', ['kms:Decrypt'], [key.keyArn]);
  decrypt.addCondition('StringEquals', { 'kms:ViaService': `secretsmanager.${stack.region}.amazonaws.com` });
  return [read, decrypt];
}

/** Writing reports, and encrypting them where the bucket has a key of its own; the key's policy belongs to whoever owns the key, as with secrets. */
export function writeReport(stack: Stack, bucket: s3.IBucket, folder: string): iam.PolicyStatement[] {
  const write = allow('WriteReport', ['s3:PutObject'], [bucket.arnForObjects(`${folder}/*`)]);
  if (bucket.encryptionKey === undefined) return [write];
  const encrypt = allow('EncryptReport', ['kms:GenerateDataKey'], [bucket.encryptionKey.keyArn]);
  encrypt.addCondition('StringEquals', { 'kms:ViaService': `s3.${stack.region}.amazonaws.com` });
  return [write, encrypt];
}

/**
 * Encrypting messages, where a topic has a key of its own; the key's policy belongs to whoever owns the key, as with secrets. Publishing itself is allowed
 * by the states that do it.
 */
export function encryptMessages(stack: Stack, topics: readonly sns.ITopic[]): iam.PolicyStatement[] {
  const keys = new Set(topics.flatMap(({ masterKey }) => (masterKey === undefined ? [] : [masterKey.keyArn])));
  if (keys.size === 0) return [];
  const encrypt = allow('EncryptMessages', ['kms:Decrypt', 'kms:GenerateDataKey'], [...keys]);
  encrypt.addCondition('StringEquals', { 'kms:ViaService': `sns.${stack.region}.amazonaws.com` });
  return [encrypt];
}

/**
 * Lets a state machine list its own executions. A policy of its own, because the machine is created after the role's default one, which therefore cannot
 * name the machine.
 */
export function seesItsExecutions(scope: Construct, id: string, { role, stateMachineArn }: sfn.StateMachine): void {
  new iam.Policy(scope, id, { statements: [allow('SeeWhoElseRuns', ['states:ListExecutions'], [stateMachineArn])], roles: [role] });
}

/**
 * Login by IAM as one user. The resource id is left open: that of Green does not exist at deploy time, and after the switchover it is production's.
 */
export function connectAs(stack: Stack, user: string): iam.PolicyStatement {
  return allow('ConnectToBlueAndGreen', ['rds-db:connect'], [`arn:${stack.partition}:rds-db:${stack.region}:${stack.account}:dbuser:*/${user}`]);
}

function readDeployments(arns: RdsArns): iam.PolicyStatement {
  return allow('ReadDeployments', ['rds:DescribeBlueGreenDeployments'], [arns.deployments]);
}

function readInstances(arns: RdsArns): iam.PolicyStatement {
  return allow('ReadInstances', ['rds:DescribeDBInstances'], [arns.instances]);
}

function readSnapshots(arns: RdsArns): iam.PolicyStatement {
  return allow('ReadSnapshots', ['rds:DescribeDBClusterSnapshots'], [arns.clusters, arns.snapshots]);
}

function readParameterGroups(arns: RdsArns): iam.PolicyStatement {
  return allow('ReadParameterGroups', ['rds:DescribeDBClusterParameterGroups', 'rds:DescribeDBClusterParameters'], [arns.clusterParameterGroups]);
}

function readClusters(arns: RdsArns): iam.PolicyStatement {
  return allow('ReadClusters', ['rds:DescribeDBClusters'], [arns.clusters]);
}

/** Whatever the code does: the cluster with production's name is never deleted or changed. RDS takes names in any case and keeps them in lower case. */
function protectProduction(arns: RdsArns, actions = ['rds:DeleteDBCluster', 'rds:ModifyDBCluster']): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid: 'NeverProduction', effect: iam.Effect.DENY, actions, resources: [arns.production] });
}

/** Only what another function has marked as an old Blue, or an instance of one. */
function allowRetired(arns: RdsArns, sid: string, actions: string[], resources: string[]): iam.PolicyStatement {
  const statement = allow(sid, actions, resources);
  statement.addCondition('StringEquals', { [`aws:ResourceTag/${RetirementTag.PIPELINE}`]: arns.pipeline });
  return statement;
}

/** Events are listed over all sources, because RDS does not say in which one it reports a switchover. */
function readEvents(): iam.PolicyStatement {
  return allow('ReadEvents', ['rds:DescribeEvents'], ['*']);
}

function allow(sid: string, actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ sid, actions, resources });
}
