import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateBlueGreenDeploymentCommand, DeleteBlueGreenDeploymentCommand, DescribeBlueGreenDeploymentsCommand, DescribeDBClustersCommand,
  ModifyDBClusterParameterGroupCommand, RDSClient, SwitchoverBlueGreenDeploymentCommand,
} from '@aws-sdk/client-rds';
import { createConnection, type Connection } from 'mysql2/promise';
import { CompressedClock } from '../../../rehearsal/clock';
import { createApplicationUser, createCertificates, createMasterUser, findMysql, MysqlServer, ProcessScope } from '../../../rehearsal/mysql';
import { MysqlEngine, MysqlEngineFactory, ProxyEndpointFactory, RdsControlPlane } from '../../../rehearsal/rds';
import { orThrow } from './fixture';

/** Inserts numbered rows through an endpoint, one after the other, and remembers which were acknowledged. */
class Writer {
  public readonly acknowledged: number[] = [];
  public readonly errors: string[] = [];
  private next = 1;
  private isStopped = false;
  private readonly running = this.run();

  constructor(private readonly connect: () => Promise<Connection>) {}

  public async stop(): Promise<void> {
    this.isStopped = true;
    await this.running;
  }

  /** Waits until so many further writes have been acknowledged. */
  public async waitForMore(count: number): Promise<void> {
    const enough = this.acknowledged.length + count;
    while (this.acknowledged.length < enough) await pause(10);
  }

  private async run(): Promise<void> {
    // the constructor has to end first.
    await pause(0);
    let connection: Connection | undefined;
    while (!this.isStopped) {
      const id = this.next++;
      try {
        connection ??= await this.connect();
        await connection.query('INSERT INTO shop.item VALUES (?)', [id]);
        this.acknowledged.push(id);
      } catch (error) {
        this.errors.push(error instanceof Error ? error.message : String(error));
        connection?.destroy();
        connection = undefined;
      }
      await pause(5);
    }
    connection?.destroy();
  }
}

let scope: ProcessScope;
let controlPlane: RdsControlPlane;
let client: RDSClient;
let blue: MysqlServer;
let authority: string;

beforeAll(async () => {
  const [distribution, certificates] = [await findMysql(), await createCertificates()];
  scope = await ProcessScope.open('rds');
  authority = certificates.authority;
  blue = await MysqlServer.start({ distribution, certificates, scope, name: 'blue' });
  await createMasterUser(blue, 'admin', 'secret-admin');
  await createApplicationUser(blue, 'app', 'secret-app', ['SELECT, INSERT ON *.*']);
  await blue.query('CREATE DATABASE shop');
  await blue.query('CREATE TABLE shop.item (id INT PRIMARY KEY)');
  controlPlane = await RdsControlPlane.start({
    clock: new CompressedClock(20),
    engines: new MysqlEngineFactory(scope),
    endpoints: new ProxyEndpointFactory(),
    durations: {
      targetVisible: 5, createReplica: 5, createInstances: 5, applyParameters: 1, switchoverPreparation: 4, guardrails: 1, rename: 4,
      switchoverFinish: 5, coordinatesEvent: 4, settle: 1, deleteDeployment: 4,
    },
  });
  controlPlane.createParameterGroup({ name: 'blue', family: 'aurora-mysql8.0', values: { binlog_format: 'ROW' } });
  controlPlane.createParameterGroup({ name: 'green', family: 'aurora-mysql8.0', values: { binlog_format: 'ROW', replica_type_conversions: 'ALL_NON_LOSSY' } });
  await controlPlane.createCluster({
    identifier: 'shop', engineVersion: '8.0.mysql_aurora.3.10.1', parameterGroup: 'blue', instances: ['shop-1'], engine: new MysqlEngine(blue, scope),
  });
  client = new RDSClient({ region: 'eu-central-1', endpoint: controlPlane.endpoint, credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' } });
});

afterAll(async () => {
  client.destroy();
  await controlPlane.close();
  await scope.close();
});

const portOf = async (identifier: string) =>
  orThrow((await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }))).DBClusters?.[0]?.Port);

async function logIn(identifier: string, user: string): Promise<Connection> {
  return createConnection({ host: '127.0.0.1', port: await portOf(identifier), user, password: `secret-${user}`, ssl: { ca: authority } });
}

async function query(identifier: string, sql: string, user = 'admin'): Promise<Record<string, unknown>[]> {
  const connection = await logIn(identifier, user);
  try {
    const [rows] = await connection.query(sql);
    return rows as Record<string, unknown>[];
  } finally {
    connection.destroy();
  }
}

async function waitForStatus(identifier: string | undefined, ...statuses: string[]): Promise<void> {
  for (;;) {
    const answer = await client.send(new DescribeBlueGreenDeploymentsCommand({ BlueGreenDeploymentIdentifier: identifier }));
    const deployment = answer.BlueGreenDeployments?.[0];
    if (statuses.includes(deployment?.Status ?? '')) return;
    if (['INVALID_CONFIGURATION', 'SWITCHOVER_FAILED'].includes(deployment?.Status ?? '')) throw new Error(deployment?.StatusDetails);
    await pause(50);
  }
}

test('creates, rolls back at a timeout, switches over and deletes on real servers while a client writes', async () => {
  const port = await portOf('shop');
  const writer = new Writer(() => logIn('shop', 'app'));
  try {
    const { BlueGreenDeployment: created } = await client.send(new CreateBlueGreenDeploymentCommand({
      BlueGreenDeploymentName: 'shop', Source: 'arn:aws:rds:eu-central-1:123456789012:cluster:shop', TargetDBClusterParameterGroupName: 'green',
    }));
    const identifier = created?.BlueGreenDeploymentIdentifier;
    await waitForStatus(identifier, 'AVAILABLE');
    const greenCluster = orThrow(controlPlane.deployments[0]?.green);
    const greenName = greenCluster.identifier;
    const green = (greenCluster.engine as MysqlEngine).server;

    // Green's parameters are in effect: read-only for the application, not for the master user, who has CONNECTION_ADMIN.
    expect(await query(greenName, 'SELECT @@global.read_only AS readOnly, @@global.replica_type_conversions AS conversions, @@global.event_scheduler AS events'))
      .toEqual([{ readOnly: 1, conversions: 'ALL_NON_LOSSY', events: 'OFF' }]);
    await expect(query(greenName, 'INSERT INTO shop.item VALUES (-1)', 'app')).rejects.toMatchObject({ errno: 1290 });
    await query(greenName, 'CREATE TABLE shop.extra (id INT)');
    const apply = (ParameterName: string, ParameterValue: string) => client.send(new ModifyDBClusterParameterGroupCommand({
      DBClusterParameterGroupName: 'green', Parameters: [{ ParameterName, ParameterValue, ApplyMethod: 'immediate' }],
    }));
    await apply('replica_preserve_commit_order', 'OFF');
    await apply('log_bin_trust_function_creators', '1');
    expect(await query(greenName, 'SELECT @@global.replica_preserve_commit_order AS keepsOrder, @@global.log_bin_trust_function_creators AS trusts')).toEqual([{ keepsOrder: 0, trusts: 1 }]);

    // the administrator, whom nobody drops, keeps the applier from going on.
    const blocker = await green.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT * FROM shop.item FOR UPDATE');
    await writer.waitForMore(5);
    await client.send(new SwitchoverBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: identifier, SwitchoverTimeout: 30 }));
    await waitForStatus(identifier, 'SWITCHOVER_FAILED');
    expect(controlPlane.deployments[0]?.statusDetails).toContain('timeout of 30 seconds');
    await blocker.query('ROLLBACK');
    blocker.destroy();
    await writer.waitForMore(5);
    expect(await query('shop', 'SELECT @@server_uuid AS uuid')).toEqual([{ uuid: blue.serverUuid }]);

    await client.send(new SwitchoverBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: identifier, SwitchoverTimeout: 300 }));
    await waitForStatus(identifier, 'SWITCHOVER_COMPLETED');
    await writer.waitForMore(5);
    expect(await portOf('shop')).toBe(port);
    expect(await query('shop', 'SELECT @@server_uuid AS uuid, @@global.read_only AS readOnly')).toEqual([{ uuid: green.serverUuid, readOnly: 0 }]);
    expect(await query('shop', 'SHOW REPLICA STATUS')).toEqual([]);
    await expect(query('shop-old1', 'INSERT INTO shop.item VALUES (-1)')).rejects.toMatchObject({ errno: 1290 });
    const coordinates = async () => {
      for (;;) {
        const found = controlPlane.events.map((event) => /after switchover: file (\S+) and position (\d+)/.exec(event.message)).find((match) => match);
        if (found) return found;
        await pause(50);
      }
    };
    const [, file, position] = await coordinates();
    // the first event after the coordinates is the first write of the new production.
    const events = await query('shop', `SHOW BINLOG EVENTS IN '${String(file)}' FROM ${String(position)} LIMIT 3`);
    expect(events.map((event) => event['Event_type'])).toContain('Query');

    await client.send(new DeleteBlueGreenDeploymentCommand({ BlueGreenDeploymentIdentifier: identifier }));
    while (controlPlane.deployments.length > 0) await pause(50);
    await query('shop-old1', 'INSERT INTO shop.item VALUES (-1)');
  } finally {
    await writer.stop();
  }
  const rows = await query('shop', 'SELECT id FROM shop.item');
  const stored = new Set(rows.map((row) => row['id']));
  expect(writer.acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  expect(writer.errors.length).toBeGreaterThan(0);
});
