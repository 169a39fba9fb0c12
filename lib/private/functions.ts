import fs from 'node:fs';
import path from 'node:path';
import { AssetHashType, DockerImage, Duration, Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { type DatabaseAccess } from '../database-access';
import { EnvironmentName, type PipelineSettings, type SqlFilesContent, STATEMENTS_FILE } from './contract';
import { attachToVpc, connectAs, RDS_PERMISSIONS, rdsArns, readSecret, writeReport } from './permissions';
import { explainWildcards, WILDCARDS } from './wildcards';

/** Where the prebuilt bundles are, seen from `lib/private` as well as from `build/private`. */
const BUNDLES = path.join(__dirname, '..', '..', 'lambda', 'dist');

/**
 * A task belongs to exactly one zone. `rds`: calls the RDS API, is in no VPC, knows no password. `mysql`: is in the VPC, logs in, calls no API
 * but for credentials. `none`: only computes.
 */
export type Zone = 'rds' | 'mysql' | 'none';

interface TaskDefinition {
  readonly zone: Zone;
  readonly timeout: Duration;
  readonly memory: number;
}

const rdsTask = (seconds = 60): TaskDefinition => ({ zone: 'rds', timeout: Duration.seconds(seconds), memory: 256 });
const mysqlTask = (seconds = 120, memory = 512): TaskDefinition => ({ zone: 'mysql', timeout: Duration.seconds(seconds), memory });
const pureTask: TaskDefinition = { zone: 'none', timeout: Duration.seconds(30), memory: 256 };

/** Every task, by the name of its bundle. */
export const TASKS = {
  'read-input': pureTask,
  'find-where-we-are': rdsTask(),
  'check-rds': rdsTask(120),
  'check-mysql': mysqlTask(),
  judge: pureTask,
  'create-green': rdsTask(120),
  'keep-binlogs': mysqlTask(),
  'wait-for-green': rdsTask(),
  // it reads every definition of both servers, and before 8.0 they open each table for that.
  'check-green': mysqlTask(300),
  'prepare-hook': pureTask,
  'plan-migration': mysqlTask(900),
  'remember-plan': rdsTask(),
  'run-migration': mysqlTask(600),
  'wait-for-replication': mysqlTask(),
  // the one that works for hours: MySQL computes, and the function, which is busy for a tenth of the time, holds some checksums.
  'compare-data': mysqlTask(900, 256),
  'wait-for-window': mysqlTask(),
  'gather-evidence': mysqlTask(),
  'judge-approval': pureTask,
  'switch-over': rdsTask(),
  'wait-for-switchover': rdsTask(),
  'watch-endpoint': mysqlTask(150),
  'judge-switchover': pureTask,
  'restore-parameters': rdsTask(),
  'restore-production': mysqlTask(300),
  'restore-blue': mysqlTask(),
  'delete-green': rdsTask(),
  'wait-to-retire': rdsTask(),
  'start-old-blue': rdsTask(),
  'gather-retirement-evidence': pureTask,
  'protect-old-blue': rdsTask(120),
  'take-final-snapshot': rdsTask(),
  'delete-deployment': rdsTask(),
  'look-at-old-blue': mysqlTask(),
  'delete-old-blue': rdsTask(),
  report: rdsTask(),
  'judge-failure': pureTask,
  'explain-failure': pureTask,
  monitor: mysqlTask(60, 256),
} as const satisfies Record<string, TaskDefinition>;

/** The name of a task. */
export type TaskName = keyof typeof TASKS;

/** Tasks that read the statements of SQL files. */
const WITH_STATEMENTS: readonly TaskName[] = ['check-mysql', 'check-green', 'plan-migration', 'run-migration'];

/** What the functions need to know. */
export interface PipelineFunctionsProps {
  readonly settings: PipelineSettings;
  /** The statements of SQL files, where the migration has some. */
  readonly sqlFiles?: SqlFilesContent;
  readonly database: DatabaseAccess;
  readonly logGroup: logs.ILogGroup;
  readonly securityGroups: readonly ec2.ISecurityGroup[];
  /** Where the report is written to. */
  readonly reportBucket?: s3.IBucket;
}

/**
 * Defines one Lambda function per task, each with a role of its own. What no state calls is not there: a pipeline has no permission that it does not need.
 */
export class PipelineFunctions extends Construct {
  private readonly functions = new Map<TaskName, lambda.Function>();

  constructor(scope: Construct, id: string, private readonly props: PipelineFunctionsProps) {
    super(scope, id);
  }

  /** The function of a task; defined when it is asked for first. */
  public of(name: TaskName): lambda.Function {
    const present = this.functions.get(name) ?? this.define(name, TASKS[name]);
    this.functions.set(name, present);
    return present;
  }

  /** All functions that somebody has asked for. */
  public all(): lambda.Function[] {
    return [...this.functions.values()];
  }

  private define(name: TaskName, { zone, timeout, memory }: TaskDefinition): lambda.Function {
    const { settings, database, logGroup } = this.props;
    const scope = new Construct(this, name);
    const stack = Stack.of(this);
    const role = new iam.Role(scope, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: `Task ${name} of ${settings.pipeline}`,
    });
    logGroup.grantWrite(role);
    const inVpc = zone === 'mysql';
    if (zone === 'rds') this.allowRds(name, role, stack);
    if (inVpc) this.allowLogin(role, stack);
    if (name === 'report') this.allowReport(role, stack);
    explainWildcards(role, inVpc ? WILDCARDS.database : [...WILDCARDS.rds, ...settings.retireBlue === undefined ? [] : WILDCARDS.retirement]);
    const { vpc, vpcSubnets } = database._network;
    return new lambda.Function(scope, 'Function', {
      description: `cdk-rds-blue-green: ${name.replaceAll('-', ' ')} of ${settings.clusterIdentifier}`,
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: this.codeOf(name),
      handler: 'index.handler',
      timeout,
      memorySize: memory,
      role,
      logGroup,
      loggingFormat: lambda.LoggingFormat.JSON,
      environment: {
        [EnvironmentName.SETTINGS]: stack.toJsonString(settings),
        ...inVpc ? { [EnvironmentName.LOGIN]: stack.toJsonString(database._login) } : {},
      },
      ...inVpc ? { vpc, vpcSubnets, securityGroups: [...this.props.securityGroups] } : {},
    });
  }

  /**
   * The statements lie beside the code: so they reach a function that has no way out of its VPC, and change together with it. What CDK calls bundling only
   * copies files here; no Docker is involved.
   */
  private codeOf(name: TaskName): lambda.Code {
    const { sqlFiles } = this.props;
    const bundle = path.join(BUNDLES, name);
    if (sqlFiles === undefined || !WITH_STATEMENTS.includes(name)) return lambda.Code.fromAsset(bundle);
    return lambda.Code.fromAsset(bundle, {
      assetHashType: AssetHashType.OUTPUT,
      bundling: {
        image: DockerImage.fromRegistry('scratch'),
        local: {
          tryBundle(directory) {
            fs.cpSync(bundle, directory, { recursive: true });
            fs.writeFileSync(path.join(directory, STATEMENTS_FILE), JSON.stringify(sqlFiles));
            return true;
          },
        },
      },
    });
  }

  private allowRds(name: TaskName, role: iam.Role, stack: Stack): void {
    const statements = RDS_PERMISSIONS[name];
    if (statements === undefined) throw new Error(`task '${name}' is in the zone of RDS and has no permissions`);
    for (const statement of statements(rdsArns(stack, this.props.settings))) role.addToPolicy(statement);
  }

  private allowReport(role: iam.Role, stack: Stack): void {
    const { reportBucket: bucket, settings } = this.props;
    if (bucket !== undefined) for (const statement of writeReport(stack, bucket, settings.deploymentName)) role.addToPolicy(statement);
  }

  private allowLogin(role: iam.Role, stack: Stack): void {
    const { _login: login, _secret: secret } = this.props.database;
    role.addToPolicy(attachToVpc());
    if (secret !== undefined) for (const statement of readSecret(stack, secret)) role.addToPolicy(statement);
    if (login.kind === 'iam') role.addToPolicy(connectAs(stack, login.user));
  }
}
