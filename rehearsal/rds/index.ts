export { type Authorize } from './authorization';
export { ENDPOINT_ADDRESS } from './cluster-views';
export { type ClusterSeed, type ParameterGroupSeed, RdsControlPlane, type RdsControlPlaneOptions } from './control-plane';
export { AWS_LIKE_DURATIONS, type Durations } from './durations';
export {
  type BinlogPosition, type DatabaseEngine, type Endpoint, type EndpointFactory, type EngineFactory, type ParameterValues, type ReplicationState,
  type TopologyRow,
} from './engine';
export { ENGINE_VERSIONS, type EngineVersionEntry } from './engine-version-catalogue';
export { Faults } from './fault-injection';
export { MysqlEngine, MysqlEngineFactory, ProxyEndpointFactory } from './mysql-engine';
export { type Family } from './parameter-catalogue';
export { type Cluster, type ClusterSnapshot, type Deployment, type Instance, type ParameterGroup, type RecordedEvent } from './resources';
export { ServiceError } from './service-error';
export { type SwitchoverOptions } from './switchover';
