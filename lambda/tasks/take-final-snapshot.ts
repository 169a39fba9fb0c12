import { asked, finalSnapshotName, finalSnapshotOf, presentOldBlue, retirementTags } from '../rds/retirement';
import { takeSnapshot } from '../rds/snapshots';
import { done, lookOf, notYet, recordedOf, retireFailed } from '../shared/retirement';
import { readSettings } from '../shared/settings';
import { type FinalSnapshot } from '../shared/state';
import { task } from '../shared/task';

/**
 * Takes a snapshot of the old Blue, which nobody has been able to write to since the switchover, and waits until it is available. The one of an earlier attempt
 * is as good: its name has the cluster's resource id.
 */
export const handler = task<FinalSnapshot>(async (event) => {
  const settings = readSettings();
  const recorded = recordedOf(event);
  const look = lookOf(event, event.state.finalSnapshot);
  const name = finalSnapshotName(recorded.source);
  const snapshot = await finalSnapshotOf(recorded.source);
  if (snapshot === undefined) {
    const { DBClusterIdentifier: cluster = '' } = await presentOldBlue(recorded, settings);
    const refusal = await asked(`the final snapshot '${name}'`, () => takeSnapshot(name, cluster, retirementTags(settings, recorded)));
    return { ...notYet(look, settings, refusal ?? `snapshot '${name}' of '${cluster}' is asked for`), name };
  }
  const { Status: status = 'unknown', PercentProgress: percent = 0 } = snapshot;
  if (status === 'available') return { ...done(look, `snapshot '${name}' is available`), name };
  if (status === 'failed') throw retireFailed(`its final snapshot '${name}' has failed, and without it nothing is deleted. Delete that snapshot; another one is taken then`);
  return { ...notYet(look, settings, `snapshot '${name}' is ${status} (${percent} %)`), name };
});
