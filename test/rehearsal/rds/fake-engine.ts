import {
  type BinlogPosition, type DatabaseEngine, type Endpoint, type EndpointFactory, type EngineFactory, type ParameterValues, type ReplicationState,
  type TopologyRow,
} from '../../../rehearsal/rds';

let nextPort = 40_000;

/** A database server that only remembers what it was told. */
export class FakeEngine implements DatabaseEngine {
  public readonly port = nextPort++;
  public readonly ignoredParameters: readonly string[] = [];
  public readonly calls: string[] = [];
  public parameters: Record<string, string> = {};
  public isRunning = false;
  public isForcedReadOnly = false;
  public isDestroyed = false;
  public source?: FakeEngine;
  public isCaughtUp = true;
  public replicationState: ReplicationState = { healthy: true, lagSeconds: 0 };
  public writes: string[] = [];
  public longWrites: string[] = [];
  public readonly announced: string[] = [];

  public async start(parameters: ParameterValues): Promise<void> {
    this.calls.push('start');
    this.parameters = { ...parameters };
    this.isRunning = true;
  }

  public async stop(): Promise<void> {
    this.isRunning = false;
  }

  public async applyParameter(name: string, value: string | undefined): Promise<void> {
    this.parameters = Object.fromEntries(Object.entries({ ...this.parameters, [name]: value ?? 'DEFAULT' }));
  }

  public async setForcedReadOnly(on: boolean): Promise<void> {
    this.calls.push(on ? 'read-only' : 'writable');
    this.isForcedReadOnly = on;
  }

  public async announce([row]: readonly TopologyRow[]): Promise<void> {
    if (this.isForcedReadOnly) throw new Error('a server that is read-only cannot tell anything');
    this.announced.push(row?.status ?? '');
  }

  public async dropClients(): Promise<void> {
    this.calls.push('drop clients');
  }

  public async dropReplicas(): Promise<void> {
    this.calls.push('drop replicas');
  }

  public async binlogPosition(): Promise<BinlogPosition | undefined> {
    return this.parameters['binlog_format'] === 'OFF' ? undefined : { file: 'mysql-bin-changelog.000003', position: 40134574 };
  }

  public async replication(): Promise<ReplicationState | undefined> {
    return this.source && this.replicationState;
  }

  public async hasExecuted(): Promise<boolean> {
    return this.isCaughtUp;
  }

  public async detachReplica(): Promise<void> {
    this.source = undefined;
  }

  public async activeWrites(): Promise<string[]> {
    return this.writes;
  }

  public async longRunningWrites(): Promise<string[]> {
    return this.longWrites;
  }

  public async destroy(): Promise<void> {
    this.isRunning = false;
    this.isDestroyed = true;
  }
}

/** Makes fake servers, and remembers them. */
export class FakeEngineFactory implements EngineFactory {
  public readonly clones: FakeEngine[] = [];
  public failure?: Error;

  public async clone(source: DatabaseEngine, options: { parameters: ParameterValues }): Promise<FakeEngine> {
    if (this.failure) throw this.failure;
    const engine = new FakeEngine();
    await engine.start(options.parameters);
    engine.source = source as FakeEngine;
    this.clones.push(engine);
    return engine;
  }
}

/** An endpoint without a network. */
export class FakeEndpoint implements Endpoint {
  public readonly port = nextPort++;
  public isAccepting = true;
  public isClosed = false;

  constructor(public target: number) {}

  public retarget(port: number): void {
    this.target = port;
  }

  public refuse(): void {
    this.isAccepting = false;
  }

  public accept(): void {
    this.isAccepting = true;
  }

  public async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** Makes fake endpoints, and remembers them by port. */
export class FakeEndpointFactory implements EndpointFactory {
  private readonly endpoints = new Map<number, FakeEndpoint>();

  public async open(targetPort: number): Promise<FakeEndpoint> {
    const endpoint = new FakeEndpoint(targetPort);
    this.endpoints.set(endpoint.port, endpoint);
    return endpoint;
  }

  /** The endpoint at a port. */
  public at(port: number | undefined): FakeEndpoint {
    const endpoint = this.endpoints.get(port ?? 0);
    if (!endpoint) throw new Error(`no endpoint at port ${String(port)}`);
    return endpoint;
  }
}
