import { type Tag } from '@aws-sdk/client-rds';
import { type Clock } from '../clock';
import { Account, newResourceId } from './account';
import { type Authorize } from './authorization';
import { clusterDeletionOperations } from './cluster-deletion';
import { clusterOperations, endpointsOf } from './cluster-operations';
import { deploymentOperations } from './deployment-operations';
import { AWS_LIKE_DURATIONS, type Durations } from './durations';
import { type DatabaseEngine, type EndpointFactory, type EngineFactory } from './engine';
import { ENGINE_VERSIONS, type EngineVersionEntry } from './engine-version-catalogue';
import { engineVersionOperations } from './engine-version-operations';
import { eventOperations } from './event-operations';
import { Faults } from './fault-injection';
import { type Family } from './parameter-catalogue';
import { parameterGroupOperations } from './parameter-group-operations';
import { startWithGroup, valuesOf } from './parameter-values';
import { QueryServer } from './query-server';
import { type Cluster, type ClusterSnapshot, type Deployment, type Instance, type ParameterGroup, type RecordedEvent } from './resources';
import { snapshotOperations } from './snapshot-operations';
import { surroundingOperations } from './surrounding-operations';
import { type Surroundings } from './surroundings';
import { type SwitchoverOptions } from './switchover';
import { tagOperations } from './tag-operations';

/** How a control plane is set up. */
export interface RdsControlPlaneOptions {
  readonly clock: Clock;
  /** Makes the servers of green clusters. */
  readonly engines: EngineFactory;
  /** Makes the endpoints of clusters and instances. */
  readonly endpoints: EndpointFactory;
  /** @default 'eu-central-1' */
  readonly region?: string;
  /** @default '123456789012' */
  readonly accountId?: string;
  /** In seconds of the clock. @default - as AWS takes for a small cluster */
  readonly durations?: Partial<Durations>;
  /** @default - everybody may do everything */
  readonly authorize?: Authorize;
  /** @default - a selection of Aurora MySQL versions 2, 3 and 8.4 */
  readonly engineVersions?: readonly EngineVersionEntry[];
  /** Answers where AWS's documents leave it open. @default - AVAILABLE after a guardrail; coordinates from the writer instance under its green name */
  readonly switchover?: Partial<SwitchoverOptions>;
}

/** A cluster parameter group to begin with. */
export interface ParameterGroupSeed {
  readonly name: string;
  readonly family: Family;
  /** @default - only the family's defaults */
  readonly values?: Readonly<Record<string, string>>;
}

/** A cluster to begin with. */
export interface ClusterSeed {
  readonly identifier: string;
  /** For example `8.0.mysql_aurora.3.10.1`. */
  readonly engineVersion: string;
  /** @default - the family's default group */
  readonly parameterGroup?: string;
  /** Identifiers; the first is the writer. */
  readonly instances: readonly string[];
  /** The server; it is started with the group's values. */
  readonly engine: DatabaseEngine;
  readonly tags?: readonly Tag[];
  /** @default 'admin' */
  readonly masterUsername?: string;
  /** ARN of the secret where RDS itself manages the master password. @default - it does not */
  readonly masterUserSecretArn?: string;
  /** @default false */
  readonly deletionProtection?: boolean;
  /** What RDS says of the cluster beside what is simulated here. @default - nothing */
  readonly facts?: Cluster['facts'];
  /** What RDS says of each instance, and of its counterpart in Green. @default - nothing */
  readonly instanceFacts?: Instance['facts'];
  /** A stopped cluster's server is not started. @default 'available' */
  readonly status?: 'available' | 'stopped';
}

/**
 * The control plane of RDS for rehearsals: it speaks the protocol of the unmodified SDK and behaves like RDS where Blue/Green
 * deployments are concerned. State lives in memory; the databases behind it are real or not, as the engine factory decides.
 */
export class RdsControlPlane {
  /** Starts a control plane that listens on a free port of 127.0.0.1. */
  public static async start(options: RdsControlPlaneOptions): Promise<RdsControlPlane> {
    const account = new Account({
      clock: options.clock,
      engines: options.engines,
      endpoints: options.endpoints,
      region: options.region ?? 'eu-central-1',
      accountId: options.accountId ?? '123456789012',
      durations: { ...AWS_LIKE_DURATIONS, ...options.durations },
      engineVersions: options.engineVersions ?? ENGINE_VERSIONS,
    });
    const faults = new Faults();
    const operations = [
      ...clusterOperations(account),
      ...clusterDeletionOperations(account, faults),
      ...snapshotOperations(account, faults),
      ...parameterGroupOperations(account),
      ...deploymentOperations(account, faults, {
        statusAfterGuardrail: 'AVAILABLE', coordinatesSourceType: 'db-instance', coordinatesSourceName: 'green', ...options.switchover,
      }),
      ...eventOperations(account),
      ...tagOperations(account),
      ...engineVersionOperations(account),
      ...surroundingOperations(account),
    ];
    const tagsOf = (arn: string) => {
      const tagged = [...account.clusters, ...account.instances].find((member) => account.memberArn(member) === arn);
      return Object.fromEntries((tagged?.tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
    };
    return new RdsControlPlane(account, faults, await QueryServer.listen(operations, faults, options.authorize ?? (() => true), tagsOf));
  }

  private constructor(private readonly account: Account, public readonly faults: Faults, private readonly server: QueryServer) {}

  /** The URL for `AWS_ENDPOINT_URL_RDS`. */
  public get endpoint(): string {
    return this.server.endpoint;
  }

  /** All clusters, for the report. */
  public get clusters(): readonly Cluster[] {
    return this.account.clusters;
  }

  /** What stands around the clusters; may be changed at any time. */
  public get surroundings(): Surroundings {
    return this.account.surroundings;
  }

  /** All deployments, for the report. */
  public get deployments(): readonly Deployment[] {
    return this.account.deployments;
  }

  /** All snapshots, oldest first. */
  public get snapshots(): readonly ClusterSnapshot[] {
    return this.account.snapshots;
  }

  /** All events, oldest first, for the report. */
  public get events(): readonly RecordedEvent[] {
    return this.account.events;
  }

  /** Adds a cluster parameter group. */
  public createParameterGroup(seed: ParameterGroupSeed): ParameterGroup {
    const values = Object.entries(seed.values ?? {}).map(([name, value]) => [name, { value, applyMethod: 'pending-reboot' as const }] as const);
    const group: ParameterGroup = { name: seed.name, family: seed.family, description: seed.name, isDefault: false, values: new Map(values), tags: [] };
    this.account.parameterGroups.push(group);
    return group;
  }

  /** Adds a cluster, and starts its server with the values of its parameter group. */
  public async createCluster(seed: ClusterSeed): Promise<Cluster> {
    const { account } = this;
    const { family } = account.engineVersion(seed.engineVersion);
    const parameterGroup = account.parameterGroup(seed.parameterGroup ?? `default.${family}`);
    const status = seed.status ?? 'available';
    const cluster: Cluster = {
      resourceId: newResourceId('cluster'),
      identifier: seed.identifier,
      engine: seed.engine,
      engineVersion: seed.engineVersion,
      instances: [],
      masterUsername: seed.masterUsername ?? 'admin',
      masterUserSecretArn: seed.masterUserSecretArn,
      createTime: account.clock.now(),
      status,
      parameterGroup,
      running: valuesOf(parameterGroup),
      runningGroup: parameterGroup,
      deletionProtection: seed.deletionProtection ?? false,
      backupRetentionPeriod: 1,
      tags: [...seed.tags ?? []],
      endpoint: await account.options.endpoints.open(seed.engine.port),
      isForcedReadOnly: false,
      facts: seed.facts ?? {},
    };
    for (const [index, identifier] of seed.instances.entries()) {
      cluster.instances.push({
        resourceId: newResourceId('db'),
        cluster,
        identifier,
        instanceClass: 'db.r6g.large',
        facts: { ...seed.instanceFacts },
        promotionTier: Math.min(index, 15),
        isWriter: index === 0,
        createTime: account.clock.now(),
        status,
        groupStatus: 'in-sync',
        tags: [...seed.tags ?? []],
        endpoint: await account.options.endpoints.open(seed.engine.port),
      });
    }
    account.clusters.push(cluster);
    if (status === 'available') await startWithGroup(cluster);
    else for (const endpoint of endpointsOf(cluster)) endpoint.refuse();
    return cluster;
  }

  /**
   * Stops serving, ends all background work and closes the endpoints. The servers are left to whoever made them.
   *
   * @throws the first error that background work met.
   */
  public async close(): Promise<void> {
    await this.server.close();
    await this.account.close();
  }
}
