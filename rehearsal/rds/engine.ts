/** Values of cluster parameters by name, as strings; formulas such as `{TrueIfClusterReplica}` are already resolved. */
export type ParameterValues = Readonly<Record<string, string>>;

/** A place in the binlog of one server. */
export interface BinlogPosition {
  readonly file: string;
  readonly position: number;
}

/** A row of `mysql.rds_topology`, where Aurora MySQL says inside the database how a switchover stands. */
export interface TopologyRow {
  readonly endpoint: string;
  readonly port: number;
  readonly role: 'BLUE_GREEN_DEPLOYMENT_SOURCE' | 'BLUE_GREEN_DEPLOYMENT_TARGET';
  readonly status: 'AVAILABLE' | 'SWITCHOVER_INITIATED' | 'SWITCHOVER_IN_PROGRESS' | 'SWITCHOVER_IN_POST_PROCESSING' | 'SWITCHOVER_COMPLETED';
}

/** How a replica is doing. */
export interface ReplicationState {
  /** Whether both threads (receiver and applier) run. */
  readonly healthy: boolean;
  /** Seconds behind the source; undefined while the server does not know, which is not 0. */
  readonly lagSeconds?: number;
  /** The last error of either thread. */
  readonly error?: string;
}

/**
 * The database server of one cluster, as the control plane needs it. All instances of a cluster share one: a difference to AWS, where
 * each instance has its own process on a shared volume.
 *
 * Every method rejects when the server cannot do it.
 */
export interface DatabaseEngine {
  /** The port on 127.0.0.1 where the server listens; the same for its whole life. */
  readonly port: number;
  /** Names of cluster parameters with a value of ours that this server does not have, for the report. */
  readonly ignoredParameters: readonly string[];
  /** Starts the server, or starts it again when it runs, with these parameters. */
  start(parameters: ParameterValues): Promise<void>;
  stop(): Promise<void>;
  /** Changes a dynamic parameter of the running server; undefined returns it to the server's default. */
  applyParameter(name: string, value: string | undefined): Promise<void>;
  /** Makes the server refuse writes of everybody, the master user too, except its own replication; or ends that. It outlives restarts. */
  setForcedReadOnly(on: boolean): Promise<void>;
  /** Tells sessions how a switchover stands; the server has to be writable. */
  announce(topology: readonly TopologyRow[]): Promise<void>;
  /** Ends all sessions of clients; those of replication stay. */
  dropClients(): Promise<void>;
  /** Ends the connections of replicas that read this server's binlog. */
  dropReplicas(): Promise<void>;
  /** The end of the binlog; undefined when the binlog is off. */
  binlogPosition(): Promise<BinlogPosition | undefined>;
  /** The state of replication into this server; undefined when it is no replica. */
  replication(): Promise<ReplicationState | undefined>;
  /** Whether this replica has executed its source's binlog up to the position. */
  hasExecuted(position: BinlogPosition): Promise<boolean>;
  /** Ends replication into this server for good. */
  detachReplica(): Promise<void>;
  /** What runs that changes data or definitions, as texts for an event; empty when nothing does. Replication does not count. */
  activeWrites(): Promise<string[]>;
  /** Which of those have been running for so long that a switchover would have to wait for them; empty when none. */
  longRunningWrites(): Promise<string[]>;
  /** Ends the server and removes its data. */
  destroy(): Promise<void>;
}

/** Makes servers. */
export interface EngineFactory {
  /** Makes a server with the data of `source` at this moment, started with the parameters and replicating from `source`. */
  clone(source: DatabaseEngine, options: { identifier: string; engineVersion: string; parameters: ParameterValues }): Promise<DatabaseEngine>;
}

/** The network address of a cluster or an instance: a port on 127.0.0.1 that stays the same while the server behind it changes. */
export interface Endpoint {
  readonly port: number;
  /** From now on new connections go to the server at that port; existing ones are dropped. */
  retarget(port: number): void;
  /** Drops all connections and refuses new ones. */
  refuse(): void;
  /** Accepts connections again. */
  accept(): void;
  close(): Promise<void>;
}

/** Makes endpoints. */
export interface EndpointFactory {
  open(targetPort: number): Promise<Endpoint>;
}
