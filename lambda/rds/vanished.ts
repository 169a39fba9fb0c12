import { ErrorName } from '../../lib/private/contract';
import { PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type Situation } from '../shared/state';

/**
 * What it means that a deployment this execution has worked with does not exist any more. Nobody but a person deletes it, and nothing may be begun anew in
 * its place without being asked for.
 *
 * @param situation what the execution has seen of it.
 */
export function vanished({ deployment, source, target }: Situation): PipelineError {
  const { clusterIdentifier, deploymentName } = readSettings();
  const hours = deployment?.binlogRetentionHours;
  const retention = hours === undefined ? '' : `; its 'binlog retention hours' was ${hours ?? 'NULL'} before`;
  return new PipelineError(
    ErrorName.DEPLOYMENT_INVALID,
    `Blue/Green deployment '${deploymentName}' (${deployment?.identifier ?? 'unknown'}) does not exist any more: somebody has deleted it while this execution was at work, or deployed the construct with another deploymentName. Look which cluster is production: DbClusterResourceId of '${clusterIdentifier}' `
    + `(aws rds describe-db-clusters --db-cluster-identifier ${clusterIdentifier}). ${source?.resourceId ?? 'The former one'}: it is Blue, as before${retention}; Green, unless it was deleted as well, is a cluster of its own that still follows it: delete it. `
    + `${target?.resourceId ?? 'Another one'}: Green has become production, and what was set for its time has to be put back by hand (docs/runbook.md, RestoreFailed). An execution with {} begins anew`,
  );
}
