import { AspectPriority, Aspects, CfnResource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** Why a resource of a policy is a wildcard. */
export interface Wildcard {
  /** Matches the resource as it stands in the policy, tokens written as `<Name>`. */
  readonly resource: RegExp;
  readonly reason: string;
}

/**
 * Every wildcard in a role of the pipeline, with the reason. The reasons are written into the template, where cdk-nag (rule
 * AwsSolutions-IAM5) and a reviewer find them; cdk-nag itself is not needed for that.
 * https://github.com/cdklabs/cdk-nag#suppressing-a-rule
 */
export const WILDCARDS = {
  rds: [{
    resource: /arn:.*:rds:.*:(?:deployment|cluster|db|cluster-endpoint|cluster-pg|pg|og|subgrp):\*/,
    reason: 'RDS makes up the names of Green, its instances and endpoints, acts on them with the caller\'s permissions, and its guide forbids partial names for Blue/Green actions',
  }, {
    resource: /.*\/\*/,
    reason: 'Reports go into the folder of this deployment, one folder an execution',
  }, {
    resource: /arn:.*:rds:.*:(?:db-proxy|target-group|integration):\*/,
    reason: 'Which proxies and integrations hang on the cluster is known only at run time; they are only read',
  }, {
    resource: /arn:.*:rds:.*:cluster-pg:cdk-rds-blue-green-.*\*/,
    reason: 'Parameter groups the pipeline makes for Green itself, whose names end in a hash of what Blue is at run time',
  }, {
    resource: /\*/,
    reason: 'Engine versions, classes, quotas and events belong to no resource; the Service Authorization Reference offers nothing narrower',
  }],
  /** Beside those of `rds`, where the old Blue is retired. */
  retirement: [{
    resource: /arn:.*:rds:.*:cluster-snapshot:cdk-rds-blue-green-final-\*/,
    reason: 'Final snapshots the pipeline takes itself, whose names end in the resource id of the old Blue',
  }, {
    resource: /arn:.*:rds:.*:cluster-snapshot:\*/,
    reason: 'Whose snapshot it is, its resource id says and not its name; they are only read',
  }],
  database: [{
    resource: /\*/,
    reason: 'EC2 knows no narrower resource for the network interface of a function in a VPC, which does not exist before it is created',
  }, {
    resource: /arn:.*:secretsmanager:.*-\?{6}/,
    reason: 'A secret known by its name has six more characters in its ARN, which Secrets Manager makes up',
  }, {
    resource: /arn:.*:rds-db:.*:dbuser:\*\/.*/,
    reason: 'One user, on Blue and on Green, whose resource id does not exist at deploy time',
  }],
  stateMachine: [{
    resource: /(?:<.*>|arn:.*:lambda:.*:function:.*):\*/,
    reason: 'Versions and aliases of the functions it calls, as CDK grants them together with the function',
  }, {
    resource: /\*/,
    reason: 'Log delivery and tracing know no resources',
  }],
} as const satisfies Record<string, readonly Wildcard[]>;

/**
 * Writes the reasons beside the policy of a role, and beside those CDK makes of what is too long for it. Call it after the last statement was added.
 */
export function explainWildcards(role: iam.IRole, wildcards: readonly Wildcard[]): void {
  const policy = role.node.tryFindChild('DefaultPolicy')?.node.defaultChild;
  if (!(policy instanceof CfnResource)) return;
  explain(policy, wildcards);
  // they are made while the app is synthesized, and looked at by cdk-nag right after.
  Aspects.of(role).add({ visit: (node) => { if (node instanceof iam.CfnManagedPolicy) explain(node, wildcards); } }, { priority: AspectPriority.MUTATING });
}

function explain(policy: CfnResource, wildcards: readonly Wildcard[]): void {
  policy.addMetadata('cdk_nag', {
    rules_to_suppress: wildcards.map(({ resource, reason }) => ({ id: 'AwsSolutions-IAM5', reason, applies_to: [{ regex: `/^Resource::${resource.source}$/` }] })),
  });
}
