import { attachGroup, instancesOf, reboot } from '../rds/clusters';
import { keepsReadOnly, makeReadOnlyGroup, readOnlyGroupName } from '../rds/read-only-group';
import { asked, presentOldBlue } from '../rds/retirement';
import { type DBClusterMember } from '../rds/types';
import { done, lookOf, notYet, recordedOf } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type Protection } from '../shared/state';
import { task } from '../shared/task';
import { secondsBetween, unfinished } from '../shared/waiting';

/**
 * RDS wants so long between the creation of a cluster parameter group and its first use: before, a cluster may start with defaults.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_WorkingWithParamGroups.CreatingCluster.html
 */
const GROUP_SETTLES_SECONDS = 300;

/**
 * Gives the old Blue a parameter group with `read_only=1`, and reboots each of its instances once: RDS itself keeps it read-only only as long as its
 * deployment exists, and a client with an old address would write where nobody looks any more. RDS does not always say that a reboot is needed, and what MySQL
 * counts since tells who has come by.
 */
export const handler = task<Protection>(async (event) => {
  const settings = readSettings();
  const look = lookOf(event, event.state.protection);
  const previous = unfinished(event.state.protection);
  const oldBlue = await presentOldBlue(recordedOf(event), settings);
  const { DBClusterIdentifier: name = '', DBClusterParameterGroup: present = '', DBClusterMembers: members = [], Status: status = 'unknown' } = oldBlue;
  const wanted = readOnlyGroupName(settings, oldBlue.DbClusterResourceId ?? '');
  // a group of the user that says so is as good.
  const isAttached = present === wanted || await keepsReadOnly(present);
  const facts = { group: isAttached ? present : wanted, madeAt: previous?.madeAt ?? null, rebooted: isAttached ? previous?.rebooted ?? [] : [] };
  const again = (detail: string) => ({ ...notYet(look, settings, detail), ...facts });
  if (status !== 'available') return again(`'${name}' is ${status}`);
  if (!isAttached || present === wanted) await asked(`to make cluster parameter group '${wanted}'`, () => makeReadOnlyGroup(settings, oldBlue));
  if (!isAttached) {
    const madeAt = facts.madeAt ?? event.now;
    const remaining = GROUP_SETTLES_SECONDS - secondsBetween(madeAt, event.now);
    if (remaining > 0) return { ...again(`cluster parameter group '${wanted}' is not used before RDS has got ready with it`), madeAt, waitSeconds: remaining };
    const refusal = await asked(`to attach it to '${name}'`, () => attachGroup(name, wanted));
    return again(refusal ?? `'${name}' gets cluster parameter group '${wanted}'`);
  }
  const instances = await instancesOf(name);
  const busy = [...instances].filter(([, instance]) => instance.status !== 'available').map(([instance, { status: is }]) => `'${instance}' is ${is}`);
  if (busy.length > 0) return again(busy.join(', '));
  const rebooted = [...facts.rebooted];
  for (const instance of members.filter((member) => needsReboot(member, rebooted)).map(({ DBInstanceIdentifier: identifier = '' }) => identifier)) {
    const refusal = await asked(`to reboot '${instance}'`, () => reboot(instance));
    if (refusal !== undefined) return { ...again(refusal), rebooted };
    if (!rebooted.includes(instance)) rebooted.push(instance);
  }
  if (members.every((member) => !needsReboot(member, facts.rebooted) && member.DBClusterParameterGroupStatus === 'in-sync')) {
    return { ...done(look, `'${name}' stays read-only by its cluster parameter group`), ...facts };
  }
  return { ...again(members.map(({ DBInstanceIdentifier: instance, DBClusterParameterGroupStatus: is }) => `the parameters of '${instance}' are ${is}`).join(', ')), rebooted };
});

function needsReboot({ DBInstanceIdentifier: instance = '', DBClusterParameterGroupStatus: status }: DBClusterMember, rebooted: readonly string[]): boolean {
  return !rebooted.includes(instance) || status === 'pending-reboot';
}
