import { instancesOf, startCluster } from '../rds/clusters';
import { oldBlueOf } from '../rds/retirement';
import { done, lookOf, notYet, recordedOf } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type RetirementStep } from '../shared/state';
import { required, task } from '../shared/task';

/**
 * Starts an old Blue that is stopped, and waits until it is available: RDS deletes no stopped cluster, never gets done with deleting its deployment, and nobody
 * could look inside.
 */
export const handler = task<RetirementStep>(async (event) => {
  const settings = readSettings();
  const look = lookOf(event, event.state.oldBlueStart);
  const oldBlue = required(await oldBlueOf(recordedOf(event), settings), 'the old Blue');
  const { DBClusterIdentifier: name = '', Status: status = 'unknown' } = oldBlue;
  if (status === 'stopped') await startCluster(name);
  if (status !== 'available') return notYet(look, settings, `'${name}' is ${status}`);
  const busy = [...await instancesOf(name)].filter(([, instance]) => instance.status !== 'available').map(([instance, present]) => `'${instance}' is ${present.status}`);
  return busy.length === 0 ? done(look, `'${name}' is available`) : notYet(look, settings, busy.join(', '));
});
