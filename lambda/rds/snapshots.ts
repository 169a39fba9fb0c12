import { CreateDBClusterSnapshotCommand, DescribeDBClusterSnapshotsCommand } from '@aws-sdk/client-rds';
import { everyPage, nameOf, send, tagList } from './client';
import { type DBClusterSnapshot } from './types';

/** Every snapshot that somebody has taken of a cluster in this account and Region. */
export async function everySnapshot(): Promise<DBClusterSnapshot[]> {
  return everyPage(
    (marker) => send((rds) => rds.send(new DescribeDBClusterSnapshotsCommand({ SnapshotType: 'manual', Marker: marker }))),
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

/** Asks RDS to take a snapshot of a cluster. One of that name already stays as it is, and of a cluster that is busy none is taken. */
export async function takeSnapshot(name: string, clusterIdentifier: string, tags: Readonly<Record<string, string>>): Promise<void> {
  try {
    const request = { DBClusterSnapshotIdentifier: name, DBClusterIdentifier: clusterIdentifier, Tags: tagList(tags) };
    await send((rds) => rds.send(new CreateDBClusterSnapshotCommand(request)));
  } catch (thrown) {
    if (!['DBClusterSnapshotAlreadyExists', 'InvalidDBClusterState'].includes(nameOf(thrown))) throw thrown;
  }
}
