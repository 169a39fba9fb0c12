import { Token } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { type DatabaseLogin } from './private/contract';

/**
 * From where the functions reach the database.
 */
export interface DatabaseNetworkProps {
  /**
   * The VPC of the database.
   */
  readonly vpc: ec2.IVpc;

  /**
   * The subnets the functions run in. They need a route to the database and, with a secret, to Secrets Manager (NAT gateway or interface endpoint).
   *
   * @default - the private subnets of the VPC
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * The functions' own security groups.
   *
   * @default - one is created that allows outbound traffic
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * The security groups of the database. Each gets a rule that lets the functions in.
   *
   * @default - no rule is added; allow `pipeline.connections` yourself
   */
  readonly databaseSecurityGroups?: ec2.ISecurityGroup[];

  /**
   * The port of the database, for the rule.
   *
   * @default 3306
   */
  readonly port?: number;
}

/**
 * How the functions log in with a secret.
 */
export interface DatabaseSecretProps extends DatabaseNetworkProps {
  /**
   * A secret with `username` and `password`, such as the one `Credentials.fromGeneratedSecret` makes. docs/permissions.md has the grants the user needs.
   * If a key of yours encrypts it, the policy of the key must let the account's IAM policies allow its use, as those of CDK do.
   */
  readonly secret: secretsmanager.ISecret;
}

/**
 * How the functions log in with IAM database authentication.
 */
export interface DatabaseIamProps extends DatabaseNetworkProps {
  /**
   * The MySQL user, created with `AWSAuthenticationPlugin`. docs/permissions.md has the grants it needs.
   */
  readonly user: string;
}

/**
 * Who may log in to the database, and from where.
 */
export class DatabaseAccess {
  /**
   * Logs in with user name and password of a secret.
   *
   * @param props network and secret.
   * @throws when the secret is one that RDS manages.
   */
  public static secret(props: DatabaseSecretProps): DatabaseAccess {
    for (const name of [props.secret.secretName, props.secret.secretArn]) {
      if (!Token.isUnresolved(name) && name.includes('rds!')) {
        throw new Error(`'secret' should be one of your own, got '${name}', which RDS manages: RDS makes no Blue/Green deployment of a cluster whose master password it manages; give the cluster `
          + 'a password of its own (aws rds modify-db-cluster --no-manage-master-user-password) and use a secret that holds it');
      }
    }
    return new DatabaseAccess(props, { kind: 'secret', secretArn: props.secret.secretArn }, props.secret);
  }

  /**
   * Logs in with IAM database authentication: no secret, and no network path to Secrets Manager.
   *
   * @param props network and user.
   */
  public static iam(props: DatabaseIamProps): DatabaseAccess {
    if (!Token.isUnresolved(props.user) && !/^[^*?$]{1,32}$/.test(props.user)) {
      throw new Error(`'user' should be the name of one MySQL user, 1 to 32 characters without '*', '?' and '$' (which would mean others in a policy), got '${props.user}'`);
    }
    return new DatabaseAccess(props, { kind: 'iam', user: props.user });
  }

  private constructor(
    /** @internal */
    public readonly _network: DatabaseNetworkProps,
    /** @internal */
    public readonly _login: DatabaseLogin,
    /** @internal */
    public readonly _secret?: secretsmanager.ISecret,
  ) {
    const { port, securityGroups } = _network;
    if (securityGroups?.length === 0) throw new Error(`'securityGroups' should hold at least one security group, got none; leave it out to have one created`);
    if (port !== undefined && !Token.isUnresolved(port) && (!Number.isInteger(port) || port < 1 || port > 65535)) {
      throw new Error(`'port' should be a whole number from 1 to 65535, got '${port}'`);
    }
  }
}
