import { type PipelineSettings } from '../../../lib/private/contract';
import { describeCluster, describeInstances, factsOf } from '../../rds/clusters';
import { findDeployments } from '../../rds/deployments';
import { type BlueGreenDeployment, type DBCluster, type DBInstance } from '../../rds/types';
import { type Situation } from '../../shared/state';
import { type Scope } from '../check';

/** What the checks of the control-plane zone look at. */
export interface RdsContext {
  readonly settings: PipelineSettings;
  readonly situation: Situation;
  /** The moment of the flow. */
  readonly scope: Scope;
  /** When the checks run (ISO 8601). */
  readonly now: string;
  /** Blue as RDS describes it; undefined where it does not exist. */
  readonly source: DBCluster | undefined;
  /** Green as RDS describes it; undefined where it does not exist. */
  readonly target: DBCluster | undefined;
  /** All deployments whose source is this cluster, whoever made them. */
  readonly deployments: readonly BlueGreenDeployment[];
  /** All deployments whose target it is: it is their Green, or has become production by them. Only before a deployment is made. */
  readonly deploymentsInto: readonly BlueGreenDeployment[];
  /** The instances of a cluster, which RDS is asked for once. */
  instancesOf(cluster: DBCluster): Promise<readonly DBInstance[]>;
}

/** Evidence is never older than the checks: names, states and parameter groups are read again. */
export async function rdsContext(settings: PipelineSettings, present: Situation, { scope, now }: Pick<RdsContext, 'scope' | 'now'>): Promise<RdsContext> {
  const source = await describeCluster(present.source?.arn ?? settings.clusterIdentifier);
  const target = present.target === null ? undefined : await describeCluster(present.target.identifier);
  const instances = new Map<string, Promise<readonly DBInstance[]>>();
  return {
    settings,
    situation: target === undefined ? present : { ...present, target: factsOf(target) },
    scope,
    now,
    source,
    target,
    deployments: source?.DBClusterArn === undefined ? [] : await findDeployments('source', source.DBClusterArn),
    deploymentsInto: source?.DBClusterArn === undefined || scope !== 'preflight' ? [] : await findDeployments('target', source.DBClusterArn),
    instancesOf({ DBClusterIdentifier: name = '' }) {
      const asked = instances.get(name) ?? describeInstances(name);
      instances.set(name, asked);
      return asked;
    },
  };
}

/** The clusters that are there: Blue, and Green once RDS has made it. */
export function clustersOf({ source, target }: RdsContext): { readonly role: 'Blue' | 'Green'; readonly cluster: DBCluster }[] {
  return [...source === undefined ? [] : [{ role: 'Blue' as const, cluster: source }], ...target === undefined ? [] : [{ role: 'Green' as const, cluster: target }]];
}
