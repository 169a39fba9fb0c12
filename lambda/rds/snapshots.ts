import { CreateDBClusterSnapshotCommand, DescribeDBClusterSnapshotsCommand } from '@aws-sdk/client-rds';
import { everyPage, nameOf, send, tagList } from './client';
import { unlessBusy } from './refusals';
import { type DBClusterSnapshot } from './types';

/** The snapshots that somebody has taken in this account and Region: of one cluster, which may be gone, or of all. */
export async function snapshotsOf(resourceId?: string): Promise<DBClusterSnapshot[]> {
  return everyPage(
    (marker) => send((rds) => rds.send(new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'manual', DbClusterResourceId: resourceId, Marker: marker }))),
    (page) => page.DBClusterSnapshots,
  );
}

/**
 * One snapshot by its name.
 *
 * @returns undefined where RDS knows none of that name.
 */
export async function describeSnapshot(name: string): Promise<DBClusterSnapshot | undefined> {
  try {
    const { DBClusterSnapshots } = await send((rds) => rds.send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: name })));
    return DBClusterSnapshots?.[0];
  } catch (thrown) {
    if (nameOf(thrown) === 'DBClusterSnapshotNotFound') return undefined;
    throw thrown;
  }
}

/**
 * Asks RDS to take a snapshot of a cluster. One of that name already stays as it is.
 *
 * @returns what RDS says where it cannot do it at this moment.
 */
export function takeSnapshot(name: string, clusterIdentifier: string, tags: Readonly<Record<string, string>>): Promise<string | undefined> {
  const request = { DBClusterSnapshotIdentifier: name, DBClusterIdentifier: clusterIdentifier, Tags: tagList(tags) };
  return unlessBusy(() => send((rds) => rds.send(new CreateDBClusterSnapshotCommand(request))), ['DBClusterSnapshotAlreadyExists']);
}
