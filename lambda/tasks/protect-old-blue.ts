import { attachGroup, instancesOf, reboot } from '../rds/clusters';
import { keepsReadOnly, makeReadOnlyGroup, readOnlyGroupName } from '../rds/read-only-group';
import { asked, presentOldBlue } from '../rds/retirement';
import { done, lookOf, notYet, recordedOf } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type RetirementStep } from '../shared/state';
import { task } from '../shared/task';

/**
 * Gives the old Blue a parameter group with `read_only=1`, and reboots its instances where that waits for it: RDS itself keeps it read-only only as long as
 * its deployment exists, and a client with an old address would write where nobody looks any more.
 */
export const handler = task<RetirementStep>(async (event) => {
  const settings = readSettings();
  const look = lookOf(event, event.state.protection);
  const oldBlue = await presentOldBlue(recordedOf(event), settings);
  const { DBClusterIdentifier: name = '', DBClusterParameterGroup: group = '', DBClusterMembers: members = [], Status: status = 'unknown' } = oldBlue;
  if (status !== 'available') return notYet(look, settings, `'${name}' is ${status}`);
  const wanted = readOnlyGroupName(settings, oldBlue.DbClusterResourceId ?? '');
  // a group of the user that says so is as good.
  if (group === wanted || !await keepsReadOnly(group)) {
    await asked(`to make cluster parameter group '${wanted}'`, () => makeReadOnlyGroup(settings, oldBlue));
    if (group !== wanted) {
      const refusal = await asked(`to attach it to '${name}'`, () => attachGroup(name, wanted));
      return notYet(look, settings, refusal ?? `'${name}' gets cluster parameter group '${wanted}'`);
    }
  }
  const instances = await instancesOf(name);
  const busy = [...instances].filter(([, instance]) => instance.status !== 'available').map(([instance, present]) => `'${instance}' is ${present.status}`);
  if (busy.length > 0) return notYet(look, settings, busy.join(', '));
  const unsettled = members.filter(({ DBClusterParameterGroupStatus }) => DBClusterParameterGroupStatus !== 'in-sync');
  for (const { DBInstanceIdentifier: instance = '', DBClusterParameterGroupStatus } of unsettled) if (DBClusterParameterGroupStatus === 'pending-reboot') await reboot(instance);
  if (unsettled.length === 0) return done(look, `'${name}' stays read-only by its cluster parameter group`);
  return notYet(look, settings, unsettled.map(({ DBInstanceIdentifier: instance, DBClusterParameterGroupStatus }) => `the parameters of '${instance}' are ${DBClusterParameterGroupStatus}`).join(', '));
});
