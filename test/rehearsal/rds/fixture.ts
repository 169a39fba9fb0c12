import {
  type BlueGreenDeployment, type DBCluster, DescribeBlueGreenDeploymentsCommand, DescribeDBClustersCommand, DescribeEventsCommand, type Event,
  CreateBlueGreenDeploymentCommand, RDSClient,
} from '@aws-sdk/client-rds';
import { type ClusterSeed, RdsControlPlane, type RdsControlPlaneOptions } from '../../../rehearsal/rds';
import { FakeEndpointFactory, FakeEngine, FakeEngineFactory } from './fake-engine';
import { ManualClock } from './manual-clock';

/** Longer than everything that creating, switching over or deleting takes together. */
export const LONG_ENOUGH = 3000;

/** A control plane on fake servers with a cluster `shop` (writer `shop-1`, reader `shop-2`), and a real SDK client. */
export class Fixture {
  public static async open(options: Partial<RdsControlPlaneOptions> = {}, seed: Partial<ClusterSeed> = {}): Promise<Fixture> {
    const clock = new ManualClock();
    const engines = new FakeEngineFactory();
    const endpoints = new FakeEndpointFactory();
    const controlPlane = await RdsControlPlane.start({ clock, engines, endpoints, ...options });
    controlPlane.createParameterGroup({ name: 'blue', family: 'aurora-mysql8.0', values: { binlog_format: 'ROW' } });
    controlPlane.createParameterGroup({
      name: 'green', family: 'aurora-mysql8.0', values: { binlog_format: 'ROW', replica_type_conversions: 'ALL_NON_LOSSY', log_bin_trust_function_creators: '1' },
    });
    controlPlane.createParameterGroup({ name: 'green84', family: 'aurora-mysql8.4', values: { binlog_format: 'ROW' } });
    const blue = new FakeEngine();
    await controlPlane.createCluster({
      identifier: 'shop', engineVersion: '8.0.mysql_aurora.3.04.4', parameterGroup: 'blue', instances: ['shop-1', 'shop-2'], engine: blue,
      tags: [{ Key: 'team', Value: 'shop' }], ...seed,
    });
    return new Fixture(controlPlane, clock, engines, endpoints, blue);
  }

  public readonly client: RDSClient;

  private constructor(
    public readonly controlPlane: RdsControlPlane,
    public readonly clock: ManualClock,
    public readonly engines: FakeEngineFactory,
    public readonly endpoints: FakeEndpointFactory,
    public readonly blue: FakeEngine,
  ) {
    this.client = this.clientFor('AKIDTEST');
  }

  /** A client with this access key. */
  public clientFor(accessKeyId: string, maxAttempts = 1): RDSClient {
    return new RDSClient({
      region: 'eu-central-1', endpoint: this.controlPlane.endpoint, maxAttempts, credentials: { accessKeyId, secretAccessKey: 'secret' },
    });
  }

  /** The server of Green. */
  public get green(): FakeEngine {
    const engine = this.engines.clones.at(-1);
    if (!engine) throw new Error('no green server yet');
    return engine;
  }

  public async create(input: { name?: string; group?: string; version?: string; source?: string } = {}): Promise<BlueGreenDeployment> {
    const { BlueGreenDeployment: deployment } = await this.client.send(new CreateBlueGreenDeploymentCommand({
      BlueGreenDeploymentName: input.name ?? 'shop-utf8mb4',
      Source: input.source ?? 'arn:aws:rds:eu-central-1:123456789012:cluster:shop',
      TargetDBClusterParameterGroupName: input.group,
      TargetEngineVersion: input.version,
    }));
    return orThrow(deployment);
  }

  /** Creates a deployment and waits until it is available. */
  public async createAvailable(input: { group?: string; version?: string } = {}): Promise<BlueGreenDeployment> {
    const { BlueGreenDeploymentIdentifier: identifier } = await this.create(input);
    await this.clock.advance(LONG_ENOUGH);
    return this.deployment(identifier);
  }

  public async deployment(identifier: string | undefined): Promise<BlueGreenDeployment> {
    const answer = await this.client.send(new DescribeBlueGreenDeploymentsCommand({ BlueGreenDeploymentIdentifier: identifier }));
    return orThrow(answer.BlueGreenDeployments?.[0]);
  }

  public async cluster(identifier: string): Promise<DBCluster> {
    const answer = await this.client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }));
    return orThrow(answer.DBClusters?.[0]);
  }

  /** All events of the last day. */
  public async events(): Promise<Event[]> {
    return (await this.client.send(new DescribeEventsCommand({ Duration: 24 * 60 }))).Events ?? [];
  }

  public async close(): Promise<void> {
    this.client.destroy();
    await this.controlPlane.close();
  }
}

/** The value, which a test takes for granted. */
export function orThrow<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('expected a value');
  return value;
}
