import { RemovalPolicy } from 'aws-cdk-lib';
import * as rds from 'aws-cdk-lib/aws-rds';
import { type Construct } from 'constructs';
import { GREEN_PARAMETERS } from './private/contract';
import { inWords, refuseWrongFamily } from './private/engine-version';
import { asRdsStores } from './private/rds-names';

/**
 * How changes are written to the binlog.
 */
export enum BinlogFormat {
  /** Rows as they became: the only format in which Green is sure to get the same data. */
  ROW = 'ROW',
  /** Statements, and rows where a statement is not safe to repeat. */
  MIXED = 'MIXED',
  /** Statements only. */
  STATEMENT = 'STATEMENT',
}

/**
 * What both groups have in common.
 */
export interface BlueGreenParameterGroupProps {
  /**
   * The engine version the group is for. It decides the family, so give `AuroraMysqlEngineVersion.of` its second argument, too.
   */
  readonly engineVersion: rds.AuroraMysqlEngineVersion;

  /**
   * Further parameters. Where the construct sets a parameter for the sake of replication, its value wins; see the class.
   *
   * @default - none
   */
  readonly parameters?: { [name: string]: string };

  /**
   * The name of the group; RDS stores it in lower case.
   *
   * @default - CloudFormation makes one
   */
  readonly parameterGroupName?: string;

  /**
   * The description of the group.
   *
   * @default - says what the group is for
   */
  readonly description?: string;

  /**
   * What becomes of the group when it leaves the stack.
   *
   * @default RemovalPolicy.RETAIN - production hangs on it
   */
  readonly removalPolicy?: RemovalPolicy;
}

/**
 * Properties of {@link BlueClusterParameterGroup}.
 */
export interface BlueClusterParameterGroupProps extends BlueGreenParameterGroupProps {
  /**
   * How changes are written to the binlog. Static: the writer has to be rebooted once.
   *
   * @default BinlogFormat.ROW
   */
  readonly binlogFormat?: BinlogFormat;
}

/**
 * A cluster parameter group for production (Blue), with the binlog that a Blue/Green deployment needs.
 *
 * Aurora MySQL 2 (5.7), 3 (8.0) and 8.4.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-creating.html
 */
export class BlueClusterParameterGroup extends rds.ParameterGroup {
  /** The engine version the group is for. */
  public readonly engineVersion: rds.AuroraMysqlEngineVersion;

  constructor(scope: Construct, id: string, props: BlueClusterParameterGroupProps) {
    checkVersion(props.engineVersion, ['5.7', '8.0', '8.4'], 'Blue');
    refuseContradictions(props.parameters, { binlog_format: 'binlogFormat' });
    super(scope, id, groupProps(props, 'Production of a Blue/Green deployment: binlog on', { binlog_format: props.binlogFormat ?? BinlogFormat.ROW }));
    this.engineVersion = props.engineVersion;
    // a group that nothing binds would synthesize nothing.
    this.bindToCluster({});
  }
}

/**
 * Properties of {@link GreenClusterParameterGroup}.
 */
export interface GreenClusterParameterGroupProps extends BlueGreenParameterGroupProps {
  /**
   * Whether Green is still to follow Blue. Set it to false once production has been switched over to this group: what only replication needs is left
   * out then, exactly as the pipeline has left it, so that the next deploy changes nothing.
   *
   * @default true
   */
  readonly replicating?: boolean;

  /**
   * Whether users without CONNECTION_ADMIN may write on Green. The master user of Aurora MySQL 3 and 8.4 has that privilege and needs no more.
   *
   * @default false
   */
  readonly writable?: boolean;
}

/**
 * A cluster parameter group for Green: binlog on, and what Green needs while it replicates into tables that have been changed.
 *
 * - `binlog_format` ROW: without it there are no coordinates to replicate back from
 * - `replica_type_conversions` ALL_NON_LOSSY: rows of narrower columns go into wider ones
 * - `event_scheduler` OFF: RDS demands it while Green is created
 * - `log_bin_trust_function_creators` 1: triggers and functions are created again with the new collation
 * - `replica_preserve_commit_order` ON and, on 8.0, `replica_parallel_type` LOGICAL_CLOCK: rows are applied in parallel, commits in Blue's order
 *
 * Give it Blue's own settings as `parameters`, or they are lost at the switchover; while `replicating`, the values above win over them.
 * Aurora MySQL 3 (8.0) and 8.4: before 8.0, a crash in the middle of an ALTER is not atomic.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Reference.ParameterGroups.html
 */
export class GreenClusterParameterGroup extends rds.ParameterGroup {
  /** The engine version the group is for. */
  public readonly engineVersion: rds.AuroraMysqlEngineVersion;

  constructor(scope: Construct, id: string, props: GreenClusterParameterGroupProps) {
    checkVersion(props.engineVersion, ['8.0', '8.4'], 'Green');
    super(scope, id, groupProps(props, 'Green of a Blue/Green deployment', { ...needed(props), ...props.writable === true ? { read_only: '0' } : {} }));
    this.engineVersion = props.engineVersion;
    this.bindToCluster({});
  }
}

function needed({ engineVersion, replicating = true }: GreenClusterParameterGroupProps): Record<string, string> {
  const parameters = GREEN_PARAMETERS
    .filter(({ versions = [engineVersion.auroraMysqlMajorVersion] }) => versions.includes(engineVersion.auroraMysqlMajorVersion))
    .filter(({ whileReplicating }) => replicating || whileReplicating !== true);
  return Object.fromEntries(parameters.map(({ name, value }) => [name, value]));
}

function groupProps(props: BlueGreenParameterGroupProps, description: string, own: Record<string, string>): rds.ParameterGroupProps {
  return {
    engine: rds.DatabaseClusterEngine.auroraMysql({ version: props.engineVersion }),
    name: props.parameterGroupName === undefined ? undefined : asRdsStores(props.parameterGroupName),
    description: props.description ?? description,
    parameters: { ...props.parameters, ...own },
    removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
  };
}

function checkVersion(version: rds.AuroraMysqlEngineVersion, families: readonly string[], role: string): void {
  refuseWrongFamily('engineVersion', version);
  if (families.includes(version.auroraMysqlMajorVersion)) return;
  throw new Error(`'engineVersion' of ${role} should be of family ${families.join(' or ')}, got ${inWords(version)}: give AuroraMysqlEngineVersion.of the family as its second argument`);
}

function refuseContradictions(parameters: Readonly<Record<string, string>> | undefined, own: Readonly<Record<string, string>>): void {
  for (const [parameter, property] of Object.entries(own)) {
    const value = parameters?.[parameter];
    if (value !== undefined) throw new Error(`'parameters' should not hold '${parameter}', got '${value}': use the property '${property}'`);
  }
}
