import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RDSClient } from '@aws-sdk/client-rds';
import { App, Duration, Stack as CdkStack } from 'aws-cdk-lib';
import { type Construct } from 'constructs';
import { type Connection, createConnection } from 'mysql2/promise';
import { Utf8mb4Stack } from '../examples/utf8mb4/utf8mb4-stack';
import { type BlueGreenPipelineProps, type ReplicationAlarmsProps } from '../lib';
import { type Clock, CompressedClock } from './clock';
import { type Authorize, authorizerOf } from './cloudformation/authorizer';
import { isAllowed } from './cloudformation/policy';
import { loadStack, type Stack, type StackRole, type StackStateMachine } from './cloudformation/template';
import { alarmHistory } from './cloudwatch/alarms';
import { MetricStore } from './cloudwatch/metric-store';
import { EventBridge } from './eventbridge/event-bridge';
import { fromOwnFunction, type OwnFunction } from './lambda/lambda-function';
import { type InvocationFault, LambdaRunner } from './lambda/runner';
import { Leaks } from './leaks';
import { type Certificates, createCertificates, createMasterUser, findMysql, installRdsProcedures, loopback, type MysqlParameters, MysqlServer, ProcessScope } from './mysql';
import { type ClusterSeed, type Durations, ENGINE_VERSIONS, type EngineVersionEntry, RdsControlPlane } from './rds';
import { MysqlEngine, MysqlEngineFactory, ProxyEndpointFactory } from './rds/mysql-engine';
import { loadShop } from './sample/shop';
import { Writer, type WriterOptions } from './sample/writer';
import { SecretsManager } from './secrets-manager/server';
import { Services } from './services';
import { Topics } from './sns/topics';
import { type Execution, type ExecutionStatus, type HistoryEvent, StateMachine, TaskError, type TaskRequest } from './step-functions';
import { TokenServer } from './step-functions/token-server';

const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';
const CLUSTER = 'shop';
const SECRET = 'shop/master';
const ENGINE_VERSION = '8.0.mysql_aurora.3.10.1';
/** An operator with the AWS CLI, who may do everything. */
const OPERATOR = 'operator';
const MASTER = { user: 'admin', password: 'rehearsal-Only-4711' } as const;

/** What Blue's parameter group holds: a production that is ready for a Blue/Green deployment. */
const BLUE_GROUP: Readonly<Record<string, string>> = {
  binlog_format: 'ROW', event_scheduler: 'ON', log_bin_trust_function_creators: '1', innodb_print_all_deadlocks: '1',
};

/** Waits that happen inside MySQL or in real processes, which no clock compresses. */
const SHORT_WAITS: Partial<BlueGreenPipelineProps> = { endpointWatch: Duration.seconds(2), lagHold: Duration.seconds(30) };

/** A fault in a task: of its process, or an error in its stead. */
export type TaskFault = InvocationFault | undefined | void;

/** What is rehearsed. */
export interface RehearsalOptions {
  /** Rows of the sample shop. @default 300000 */
  readonly rows?: number;
  /** How much faster than real time AWS and the waiting are. @default 60 */
  readonly factor?: number;
  /** Other properties of the pipeline than the example's; some of them need a scope, which is a stack that is not deployed. */
  readonly pipeline?: Partial<BlueGreenPipelineProps> | ((scope: Construct) => Partial<BlueGreenPipelineProps>);
  /** Other patience of the alarms than the example's. */
  readonly alarms?: Partial<ReplicationAlarmsProps>;
  /** Other values in Blue's parameter group. */
  readonly blueGroup?: Readonly<Record<string, string>>;
  /** Blue as RDS knows it, where it is not as it should be. */
  readonly cluster?: Partial<ClusterSeed>;
  /** Versions RDS can create. @default - those of the control plane */
  readonly engineVersions?: readonly EngineVersionEntry[];
  /** Durations of the control plane, in its seconds. */
  readonly durations?: Partial<Durations>;
  /** What the secret holds. @default - the right password */
  readonly password?: string;
  /** Runs in the shop before anything else. */
  readonly prepare?: (connection: Connection) => Promise<void>;
  /** Server variables beneath the parameter group. */
  readonly server?: MysqlParameters;
  /** Functions that the example does not have, such as those that hooks call. */
  readonly functions?: readonly OwnFunction[];
  /** Every line of the functions' logs. */
  readonly log?: (functionName: string, line: string) => void;
  /** What is being done, for somebody who waits. */
  readonly say?: (line: string) => void;
  /** Where processes and files live, for a caller who has to end them at any moment. @default - a scope of its own */
  readonly scope?: ProcessScope;
}

/**
 * The whole pipeline on one machine: the synthesized state machine of the example, its bundled functions, real MySQL servers, and an RDS
 * of our own in front of them.
 */
export class Rehearsal {
  /** Starts everything up to the moment at which an operator would start an execution. */
  public static async open(options: RehearsalOptions = {}): Promise<Rehearsal> {
    const scope = options.scope ?? await ProcessScope.open('rehearsal');
    try {
      return await prepare(scope, options);
    } catch (error) {
      await scope.close();
      throw error;
    }
  }

  /** Called before each task, with its state's name: may throw a TaskError in its stead, or return a fault. */
  public onTask?: (stateName: string, payload: unknown) => TaskFault | Promise<TaskFault>;

  /** Every execution started so far. */
  public readonly executions: Execution[] = [];

  /** Executions of the other state machines of the stack. */
  public readonly aftermaths: Execution[] = [];

  private tokens?: TokenServer;

  private stateName = '';

  private readonly leaks: Leaks;
  private readonly told = new Set<string>();

  constructor(
    /** Processes and files; closing it ends everything. */
    public readonly scope: ProcessScope,
    /** The clock of the interpreter and the control plane. */
    public readonly clock: Clock,
    /** The synthesized stack. */
    public readonly stack: Stack,
    /** RDS. */
    public readonly rds: RdsControlPlane,
    /** The server that is Blue. */
    public readonly blue: MysqlServer,
    /** The certificate authority of the servers, PEM. */
    public readonly certificates: Certificates,
    /** SNS: what the state machine has published. */
    public readonly topics: Topics,
    /** Everything that was measured. */
    public readonly metrics: MetricStore,
    /** The rules of the stack. */
    public readonly eventBridge: EventBridge,
    private readonly machines: readonly Machine[],
    private readonly runner: LambdaRunner,
    private readonly secrets: SecretsManager,
    services: Services,
    wiring: Wiring & { readonly leaks: Leaks },
  ) {
    this.leaks = wiring.leaks;
    this.runner.onInvoke = ({ payload }) => this.onTask?.(this.stateName, payload);
    wiring.tasks = async (machine, request, signal) => {
      if (Services.isIntegration(request.resource)) {
        if (machine === this.machines[0]?.resource) await this.onTask?.(request.stateName, request.payload);
        return services.call(machine.role, request.resource, request.payload);
      }
      mayInvoke(machine.role, request.resource);
      // the runner calls its hook before it waits for anything, so this is still the right name there.
      this.stateName = request.stateName;
      return this.runner.invoke(request.resource, request.payload, signal);
    };
    wiring.invoke = async (arn, payload) => {
      const machine = this.machines.find(({ resource }) => resource.arn === arn);
      if (machine !== undefined) {
        const execution = machine.machine.startExecution({ input: payload });
        this.aftermaths.push(execution);
        return execution.finished;
      }
      // no state of the state machine: faults are for those.
      this.stateName = `rule of ${arn}`;
      return this.runner.invoke(arn, payload);
    };
    wiring.executionsOf = (arn) => (arn === this.machines[0]?.resource.arn ? this.executions : []);
  }

  /** Starts an execution as the console does. */
  public start(input: unknown = {}, onEvent?: (event: HistoryEvent) => void): Execution {
    const [pipeline] = this.machines;
    if (pipeline === undefined) throw new Error('the example has no state machine');
    const execution = pipeline.machine.startExecution({ input, onEvent: (event) => {
      onEvent?.(event);
      const status = ENDINGS[event.type];
      // a listener that hears of the end may redrive at once; AWS tells everybody else a moment later.
      if (status !== undefined) setImmediate(() => this.tellEnd(pipeline.resource, execution, status, event));
    } });
    this.executions.push(execution);
    return execution;
  }

  /** Changes the secret, as a rotation does; or gives the pipeline another user than the master. */
  public setPassword(password: string, username: string = MASTER.user): void {
    this.leaks.watch(password);
    this.secrets.setSecret(SECRET, secretValue(password, username));
  }

  /** Where task tokens are answered: for `AWS_ENDPOINT_URL_SFN`. */
  public async tokenEndpoint(): Promise<string> {
    if (this.tokens === undefined) {
      const server = await TokenServer.start(() => this.executions);
      this.scope.onClose(() => server.close());
      this.tokens = server;
    }
    return this.tokens.endpoint;
  }

  /** The functions' processes that are at work, the oldest first. */
  public get running(): LambdaRunner['running'] {
    return this.runner.running;
  }

  /** How to connect as an application does: through the production endpoint. */
  public get endpoint(): Required<Pick<WriterOptions, 'host' | 'port' | 'user' | 'password' | 'ca'>> {
    const cluster = this.rds.clusters.find(({ identifier }) => identifier === CLUSTER);
    if (cluster === undefined) throw new Error(`there is no cluster '${CLUSTER}'`);
    return { host: loopback, port: cluster.endpoint.port, ...MASTER, ca: this.certificates.authority };
  }

  /** RDS as an operator with the AWS CLI uses it. */
  public rdsClient(): RDSClient {
    return new RDSClient({ endpoint: this.rds.endpoint, region: REGION, credentials: { accessKeyId: OPERATOR, secretAccessKey: 'secret' } });
  }

  /** A connection through the production endpoint. */
  public async connect(database?: string): Promise<Connection> {
    const { host, port, user, password, ca } = this.endpoint;
    return createConnection({ host, port, user, password, database, charset: 'utf8mb4', ssl: { ca, verifyIdentity: true }, supportBigNumbers: true, dateStrings: true });
  }

  /**
   * The alarms of the stack that were raised by what has been measured so far: the last part of their construct's path. What was told once stays
   * told, even if a value that comes late would have spoken against it.
   */
  public get alarmsRaised(): string[] {
    const histories = this.stack.resources('AWS::CloudWatch::Alarm').map((alarm) => alarmHistory(alarm, this.metrics, this.clock.now()));
    for (const { logicalId } of histories.filter(({ raised }) => raised.length > 0)) this.told.add(logicalId.replace(/^Alarms|[0-9A-F]{8}$/g, ''));
    return [...this.told].sort();
  }

  /** The server that is Green, once it exists; production after the switchover. */
  public get green(): MysqlServer | undefined {
    const engines = this.rds.clusters.map(({ engine }) => engine).filter((engine) => engine instanceof MysqlEngine);
    return engines.map(({ server }) => server).find((server) => server !== this.blue);
  }

  /** An application that writes. */
  public writer(options: Partial<WriterOptions> = {}): Writer {
    return new Writer({ ...this.endpoint, ...options });
  }

  /** Where the password stands though it must not: the functions' logs and everything in the histories (inputs, outputs, errors, the report). */
  public leaked(): Leaks {
    for (const { history } of [...this.executions, ...this.aftermaths]) for (const event of history) this.leaks.lookAt(`${event.type} of ${event.name ?? 'the execution'}`, JSON.stringify(event));
    return this.leaks;
  }

  /**
   * Stops the executions that run and ends every process.
   *
   * @throws Error where the password was seen in a log or a state.
   */
  public async close(): Promise<void> {
    this.eventBridge.close();
    for (const execution of [...this.executions, ...this.aftermaths].filter(({ status }) => status === 'RUNNING')) execution.stop('Rehearsal.Closed', 'the rehearsal was ended');
    await this.scope.close();
    this.leaked().mustBeNone();
  }

  /** As Step Functions does when an execution has ended: an event, and metrics. */
  private tellEnd({ arn }: MachineResource, execution: Execution, status: ExecutionStatus, end: HistoryEvent): void {
    const { timestamp, error, cause, output } = end;
    const word = status.toLowerCase().split('_').map((part) => part[0]?.toUpperCase() + part.slice(1)).join('');
    const identity = { namespace: 'AWS/States', name: `Executions${word}`, dimensions: { StateMachineArn: arn } };
    this.metrics.add(identity, { time: timestamp, value: 1 });
    this.eventBridge.send({
      'source': 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      'resources': [execution.arn],
      'detail': {
        executionArn: execution.arn, stateMachineArn: arn, name: execution.name, status, stopDate: timestamp.getTime(),
        input: JSON.stringify(execution.history[0]?.input),
        error: error ?? null, cause: cause ?? null, output: output === undefined ? null : JSON.stringify(output),
      },
    });
  }
}

/** What an execution that ends has become. */
const ENDINGS: Partial<Record<HistoryEvent['type'], ExecutionStatus>> = {
  ExecutionSucceeded: 'SUCCEEDED', ExecutionFailed: 'FAILED', ExecutionAborted: 'ABORTED', ExecutionTimedOut: 'TIMED_OUT',
};

/** A state machine of the stack, and what its role may do. */
interface MachineResource extends Pick<StackStateMachine, 'arn'> {
  readonly role: StackRole;
}

interface Machine {
  readonly resource: MachineResource;
  readonly machine: StateMachine;
}

/** The role of the machine has to allow the call; who calls a function of the user was told so by the construct. */
function mayInvoke(role: StackRole, functionArn: string): void {
  if (isAllowed(role.statements, 'lambda:InvokeFunction', functionArn)) return;
  throw new TaskError('Lambda.AccessDeniedException', `User: ${role.arn} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn}`);
}

/** What parts call that are made before the rehearsal is: they need each other. */
interface Wiring {
  tasks: (machine: MachineResource, request: TaskRequest, signal: AbortSignal) => Promise<unknown>;
  invoke: (arn: string, payload: unknown) => Promise<unknown>;
  executionsOf: (stateMachineArn: string) => readonly Execution[];
}

async function prepare(scope: ProcessScope, options: RehearsalOptions): Promise<Rehearsal> {
  const say = options.say ?? (() => undefined);
  const clock = new CompressedClock(options.factor ?? 60);
  say('synthesizing examples/utf8mb4');
  const stack = synthesize(join(scope.folder, 'cdk.out'), options);
  say('starting Blue');
  const [distribution, certificates] = [await findMysql({ log: say }), await createCertificates()];
  const blue = await MysqlServer.start({
    distribution, scope, name: CLUSTER, certificates,
    // the sample has triggers and functions, and the parameter group that comes later says the same; the position a replica reports is
    // brought up to date more often than every 300 ms, because here seconds stand for minutes.
    parameters: { character_set_server: 'utf8mb3', innodb_buffer_pool_size: '128M', log_bin_trust_function_creators: 1, replica_checkpoint_period: 20, ...options.server },
  });
  await installRdsProcedures(blue);
  await createMasterUser(blue, MASTER.user, MASTER.password);
  say(`loading the sample shop (${options.rows ?? 300_000} rows)`);
  await fillShop(blue, certificates, options);

  const roles = authorizerOf(stack);
  const authorize: Authorize = (principal, action, resources, tagsOf) => principal === OPERATOR || roles(principal, action, resources, tagsOf);
  const rds = await RdsControlPlane.start({
    clock, authorize, region: REGION, accountId: ACCOUNT, durations: options.durations, engineVersions: options.engineVersions ?? ENGINE_VERSIONS,
    engines: new MysqlEngineFactory(scope), endpoints: new ProxyEndpointFactory(),
  });
  scope.onClose(() => rds.close());
  await seed(rds, scope, stack, blue, options);
  const passwords = new Map([[SECRET, secretValue(options.password ?? MASTER.password)]]);
  const secrets = await SecretsManager.start({ secrets: passwords, authorize, account: ACCOUNT, region: REGION });
  scope.onClose(() => secrets.close());

  const leaks = new Leaks();
  leaks.watch(MASTER.password);
  leaks.watch(options.password ?? '');
  const authorityFile = join(scope.folder, 'authority.pem');
  writeFileSync(authorityFile, certificates.authority);
  const metrics = new MetricStore();
  const runner = new LambdaRunner({
    functions: [...stack.functions, ...(options.functions ?? []).map(fromOwnFunction)],
    scope,
    log: (functionName, line) => {
      leaks.lookAt(`the log of ${functionName}`, line);
      metrics.readLine(line);
      options.log?.(functionName, line);
    },
    environment: {
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_RDS: rds.endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.endpoint,
      NODE_EXTRA_CA_CERTS: authorityFile,
    },
  });
  scope.onClose(() => runner.close());
  const notReady = () => Promise.reject(new Error('the rehearsal is not ready'));
  const wiring: Wiring & { readonly leaks: Leaks } = { leaks, tasks: notReady, invoke: notReady, executionsOf: () => [] };
  const machines = stack.stateMachines.map(({ logicalId, arn, roleArn, definition }): Machine => {
    const role = stack.roleWithArn(roleArn);
    if (role === undefined) throw new Error(`the role of '${logicalId}' should be one of the stack`);
    const resource = { arn, role };
    return { resource, machine: new StateMachine({ definition, arn, clock, tasks: (request, signal) => wiring.tasks(resource, request, signal) }) };
  });
  const eventBridge = new EventBridge({
    account: ACCOUNT, region: REGION, clock, rules: stack.resources('AWS::Events::Rule'), invoke: (arn, payload) => wiring.invoke(arn, payload),
  });
  scope.onClose(() => eventBridge.close());
  const topics = new Topics();
  const services = new Services({ topics, account: ACCOUNT, region: REGION, eventBridge, executionsOf: (arn) => wiring.executionsOf(arn) });
  return new Rehearsal(scope, clock, stack, rds, blue, certificates, topics, metrics, eventBridge, machines, runner, secrets, services, wiring);
}

function synthesize(directory: string, { pipeline, alarms }: RehearsalOptions): Stack {
  mkdirSync(directory, { recursive: true });
  const app = new App({ outdir: directory, analyticsReporting: false });
  const others = typeof pipeline === 'function' ? pipeline(new CdkStack(app, 'Elsewhere', { env: { account: ACCOUNT, region: REGION } })) : pipeline;
  new Utf8mb4Stack(app, 'Utf8mb4', { pipeline: { ...SHORT_WAITS, ...others }, alarms });
  app.synth();
  return loadStack(directory, 'Utf8mb4', { account: ACCOUNT, region: REGION });
}

async function fillShop(blue: MysqlServer, certificates: Certificates, options: RehearsalOptions): Promise<void> {
  const connection = await createConnection({
    host: loopback, port: blue.port, ...MASTER, charset: 'utf8mb4', multipleStatements: false, ssl: { ca: certificates.authority, verifyIdentity: true },
  });
  try {
    await loadShop(connection, { rows: options.rows ?? 300_000, seed: 1 });
    await options.prepare?.(connection);
  } finally {
    await connection.end();
  }
}

/** Blue, and the parameter groups of the template, as if they had been deployed. */
async function seed(rds: RdsControlPlane, scope: ProcessScope, stack: Stack, blue: MysqlServer, options: RehearsalOptions): Promise<void> {
  rds.createParameterGroup({ name: 'shop-blue', family: 'aurora-mysql8.0', values: { ...BLUE_GROUP, ...options.blueGroup } });
  for (const group of stack.resources('AWS::RDS::DBClusterParameterGroup')) {
    rds.createParameterGroup({ name: group.ref, family: 'aurora-mysql8.0', values: group.properties.Parameters as Record<string, string> });
  }
  await rds.createCluster({
    identifier: CLUSTER,
    engineVersion: ENGINE_VERSION,
    parameterGroup: 'shop-blue',
    instances: ['shop-1', 'shop-2'],
    engine: new MysqlEngine(blue, scope),
    masterUsername: MASTER.user,
    tags: [{ Key: 'owner', Value: 'shop team' }],
    ...options.cluster,
  });
}

function secretValue(password: string, username: string = MASTER.user): string {
  return JSON.stringify({ username, password, engine: 'mysql' });
}
