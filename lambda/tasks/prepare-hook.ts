import { type HookCluster, type HookEvent, type HookName } from '../../lib/private/contract';
import { readSettings } from '../shared/settings';
import { type ClusterFacts, type TaskEvent } from '../shared/state';
import { situationOf, task } from '../shared/task';

/** Makes what a hook is given: a small part of the situation, which stays as it is whatever becomes of the state. */
export const handler = task<HookEvent>((event) => {
  const { hook } = event as TaskEvent & { hook: HookName };
  const { deployment, source, target } = situationOf(event);
  return Promise.resolve({
    hook,
    pipeline: readSettings().pipeline,
    execution: event.execution.id,
    deployment: deployment === null ? null : { identifier: deployment.identifier, name: deployment.name },
    blue: clusterOf(source),
    green: clusterOf(target),
  });
});

function clusterOf(cluster: ClusterFacts | null): HookCluster | null {
  if (cluster === null) return null;
  const { identifier, arn, resourceId, endpoint, readerEndpoint = null, port, engineVersion } = cluster;
  return { identifier, arn, resourceId, endpoint, readerEndpoint, port, engineVersion };
}
