import { randomInt } from 'node:crypto';
import {
  DBClusterNotFoundFault$, DBClusterParameterGroupNotFoundFault$, DBInstanceNotFoundFault$,
} from '@aws-sdk/client-rds';
import { type Clock } from '../clock';
import { type Durations } from './durations';
import { type EndpointFactory, type EngineFactory } from './engine';
import { type EngineVersionEntry } from './engine-version-catalogue';
import { FAMILIES, type Family } from './parameter-catalogue';
import { type Cluster, type ClusterSnapshot, type Deployment, type Instance, type ParameterGroup, type RecordedEvent } from './resources';
import { fault, invalidParameterValue } from './service-error';
import { emptySurroundings } from './surroundings';

/** What an account is made of. */
export interface AccountOptions {
  readonly clock: Clock;
  readonly engines: EngineFactory;
  readonly endpoints: EndpointFactory;
  readonly durations: Durations;
  readonly engineVersions: readonly EngineVersionEntry[];
  readonly region: string;
  readonly accountId: string;
}

/** The state of one account in one Region, with look-ups, names, and the work that goes on in the background. */
export class Account {
  public readonly clusters: Cluster[] = [];
  public readonly parameterGroups: ParameterGroup[] = FAMILIES.map((family) => ({
    name: `default.${family}`,
    family,
    description: `Default cluster parameter group for ${family}`,
    isDefault: true,
    values: new Map(),
    tags: [],
  }));
  public readonly surroundings = emptySurroundings();
  public readonly deployments: Deployment[] = [];
  public readonly snapshots: ClusterSnapshot[] = [];
  public readonly events: RecordedEvent[] = [];
  public readonly clock: Clock;
  public readonly durations: Durations;
  private readonly closing = new AbortController();
  private readonly backgroundWork = new Set<Promise<void>>();
  private failure?: Error;

  constructor(public readonly options: AccountOptions) {
    this.clock = options.clock;
    this.durations = options.durations;
  }

  /** The ARN of a resource: `arn('cluster', 'shop')`. Cluster and instance ARNs contain names, so they swap with them. */
  public arn(type: 'cluster' | 'db' | 'cluster-pg' | 'deployment' | 'cluster-endpoint' | 'cluster-snapshot', name: string): string {
    return `arn:aws:rds:${this.options.region}:${this.options.accountId}:${type}:${name}`;
  }

  /** The ARN of a cluster or an instance by its present name. */
  public memberArn(member: Cluster | Instance): string {
    return 'instances' in member ? this.arn('cluster', member.identifier) : this.arn('db', member.identifier);
  }

  /** The instances of all clusters. */
  public get instances(): Instance[] {
    return this.clusters.flatMap((cluster) => cluster.instances);
  }

  /** The cluster with an identifier or ARN; throws DBClusterNotFoundFault. */
  public cluster(identifierOrArn: string): Cluster {
    const found = this.clusters.find((cluster) => isNamed(cluster.identifier, this.memberArn(cluster), identifierOrArn));
    if (!found) throw fault(DBClusterNotFoundFault$, `DBCluster ${identifierOrArn} not found.`);
    return found;
  }

  /** The instance with an identifier or ARN; throws DBInstanceNotFound. */
  public instance(identifierOrArn: string): Instance {
    const found = this.instances.find((instance) => isNamed(instance.identifier, this.memberArn(instance), identifierOrArn));
    if (!found) throw fault(DBInstanceNotFoundFault$, `DBInstance ${identifierOrArn} not found.`);
    return found;
  }

  /** The parameter group with a name or ARN; throws `missing`, since operations differ in what they call this error. */
  public parameterGroup(name: string, missing = DBClusterParameterGroupNotFoundFault$): ParameterGroup {
    const found = this.parameterGroups.find((group) => isNamed(group.name, this.arn('cluster-pg', group.name), name));
    if (!found) throw fault(missing, `DBClusterParameterGroup not found: ${name}`);
    return found;
  }

  /** What the catalogue says about an engine version; throws InvalidParameterValue for an unknown one. */
  public engineVersion(version: string): EngineVersionEntry {
    const found = this.options.engineVersions.find((entry) => entry.version === version);
    if (!found) throw invalidParameterValue(`Cannot find version ${version} for aurora-mysql`);
    return found;
  }

  /** The family of a cluster's engine version. */
  public familyOf(cluster: Cluster): Family {
    return this.engineVersion(cluster.engineVersion).family;
  }

  /** The deployment a cluster is in, in either role; undefined when it is in none. */
  public deploymentOf(cluster: Cluster): Deployment | undefined {
    return this.deployments.find((deployment) => deployment.blue === cluster || deployment.green === cluster);
  }

  /** Records an event. */
  public record(sourceType: RecordedEvent['sourceType'], sourceIdentifier: string, message: string, ...categories: string[]): void {
    const types = { 'db-instance': 'db', 'db-cluster': 'cluster', 'blue-green-deployment': 'deployment', 'db-parameter-group': 'cluster-pg' } as const;
    const sourceArn = this.arn(types[sourceType], sourceIdentifier);
    this.events.push({ sourceType, sourceIdentifier, sourceArn, message, categories, date: this.clock.now() });
  }

  /** Waits on the account's clock; rejects when the account is closed or the signal is aborted. */
  public sleep(seconds: number, signal?: AbortSignal): Promise<void> {
    return this.clock.sleep(seconds, signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal);
  }

  /** Whether the account is being closed: waits reject, and nobody should report that as a failure. */
  public get isClosed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Runs work that outlives the call that asked for it, and resolves when it ends. Its failure is kept and reported by `close`. */
  public inBackground(work: () => Promise<void>): Promise<void> {
    const running: Promise<void> = work()
      .catch((error: unknown) => {
        if (!this.isClosed) this.failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.backgroundWork.delete(running));
    this.backgroundWork.add(running);
    return running;
  }

  /**
   * Stops all background work and closes the endpoints; the engines stay as they are.
   *
   * @throws the first error that background work met: a mistake of ours or a server that failed.
   */
  public async close(): Promise<void> {
    this.closing.abort(new Error('the RDS control plane is closed'));
    await Promise.all(this.backgroundWork);
    await Promise.all([...this.clusters, ...this.instances].map((resource) => resource.endpoint.close()));
    if (this.failure) throw this.failure;
  }
}

const isNamed = (identifier: string, arn: string, wanted: string) => identifier === wanted.toLowerCase() || arn === wanted;

/** `count` random characters, as RDS appends them to names; resource ids have them in upper case. */
export function randomCharacters(count: number, alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** A resource id, which never changes: `cluster-…` or `db-…`. */
export function newResourceId(prefix: 'cluster' | 'db'): string {
  return `${prefix}-${randomCharacters(26, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`;
}
