import { ErrorName } from '../../lib/private/contract';
import { describeInstances, startCluster } from '../rds/clusters';
import { asked, presentOldBlue } from '../rds/retirement';
import { type DBInstance } from '../rds/types';
import { PipelineError } from '../shared/errors';
import { done, KEEP_OLD_BLUE, lookOf, notYet, recordedOf } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type InstanceAddress, type OldBlueStart } from '../shared/state';
import { task } from '../shared/task';

/**
 * Starts an old Blue that is stopped, and waits until it is available: RDS deletes no stopped cluster, never gets done with deleting its deployment, and nobody
 * could look inside.
 */
export const handler = task<OldBlueStart>(async (event) => {
  const settings = readSettings();
  const look = lookOf(event, event.state.oldBlueStart);
  const oldBlue = await presentOldBlue(recordedOf(event), settings);
  const { DBClusterIdentifier: name = '', Status: status = 'unknown' } = oldBlue;
  const refusal = status === 'stopped' ? await asked(`to start '${name}'`, () => startCluster(name)) : undefined;
  if (status !== 'available') return { ...notYet(look, settings, refusal ?? `'${name}' is ${status}`), instances: [] };
  const instances = await describeInstances(name);
  if (instances.length === 0) throw withoutInstances(name);
  const busy = instances.filter(({ DBInstanceStatus }) => DBInstanceStatus !== 'available').map((instance) => `'${instance.DBInstanceIdentifier}' is ${instance.DBInstanceStatus}`);
  if (busy.length > 0) return { ...notYet(look, settings, busy.join(', ')), instances: [] };
  return { ...done(look, `'${name}' is available`), instances: instances.map(addressOf) };
});

/** Nobody can see what is in it, nor who would need that. */
function withoutInstances(name: string): PipelineError {
  return new PipelineError(
    ErrorName.RETIRE_REFUSED,
    `nothing was deleted and production is as it was, because the old Blue '${name}' has no instances: somebody has deleted them, and without one nobody can look inside. Delete the cluster yourself, with a final snapshot `
    + `(aws rds delete-db-cluster --db-cluster-identifier ${name} --final-db-snapshot-identifier NAME), or give it an instance. ${KEEP_OLD_BLUE}`,
  );
}

function addressOf({ DBInstanceIdentifier: identifier = '', Endpoint: { Address: endpoint = '', Port: port = 3306 } = {} }: DBInstance): InstanceAddress {
  return { identifier, endpoint, port };
}
