import { describeInstances, startCluster } from '../rds/clusters';
import { presentOldBlue } from '../rds/retirement';
import { type DBInstance } from '../rds/types';
import { done, lookOf, notYet, recordedOf } from '../shared/retirement';
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
  if (status === 'stopped') await startCluster(name);
  if (status !== 'available') return { ...notYet(look, settings, `'${name}' is ${status}`), instances: [] };
  const instances = await describeInstances(name);
  const busy = instances.filter(({ DBInstanceStatus }) => DBInstanceStatus !== 'available').map((instance) => `'${instance.DBInstanceIdentifier}' is ${instance.DBInstanceStatus}`);
  if (busy.length > 0) return { ...notYet(look, settings, busy.join(', ')), instances: [] };
  return { ...done(look, `'${name}' is available`), instances: instances.map(addressOf) };
});

function addressOf({ DBInstanceIdentifier: identifier = '', Endpoint: { Address: endpoint = '', Port: port = 3306 } = {} }: DBInstance): InstanceAddress {
  return { identifier, endpoint, port };
}
