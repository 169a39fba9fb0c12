import { type PipelineSettings } from '../../../lib/private/contract';
import { type BlueGreenDeployment, type DBCluster } from '../../rds/types';
import { type Situation } from '../../shared/state';

/** What the checks of the control-plane zone look at. */
export interface RdsContext {
  readonly settings: PipelineSettings;
  readonly situation: Situation;
  /** Blue as RDS describes it; undefined where it does not exist. */
  readonly source: DBCluster | undefined;
  /** All deployments whose source is this cluster, whoever made them. */
  readonly deployments: readonly BlueGreenDeployment[];
}
