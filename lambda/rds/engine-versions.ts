import { DescribeDBEngineVersionsCommand, DescribeOrderableDBInstanceOptionsCommand, type DBEngineVersion } from '@aws-sdk/client-rds';
import { everyPage, send } from './client';

/**
 * What RDS says of an engine version.
 *
 * @param includeAll also versions that exist but can no longer be created.
 */
export async function describeEngineVersion(engine: string, engineVersion: string, includeAll = false): Promise<DBEngineVersion | undefined> {
  const { DBEngineVersions } = await send((rds) => rds.send(new DescribeDBEngineVersionsCommand({
    Engine: engine,
    EngineVersion: engineVersion,
    IncludeAll: includeAll ? true : undefined,
  })));
  return DBEngineVersions?.[0];
}

/** Whether RDS makes instances of a class with a version in this Region. */
export async function isOrderable(engine: string, engineVersion: string, instanceClass: string): Promise<boolean> {
  const request = { Engine: engine, EngineVersion: engineVersion, DBInstanceClass: instanceClass };
  const options = await everyPage(
    (marker) => send((rds) => rds.send(new DescribeOrderableDBInstanceOptionsCommand({ ...request, Marker: marker }))),
    (page) => page.OrderableDBInstanceOptions,
  );
  return options.length > 0;
}

/** The MySQL version inside an Aurora version string: `8.0.mysql_aurora.3.10.1` → `8.0`. */
export function mysqlVersionOf(engineVersion: string): number {
  const [major, minor] = engineVersion.split('.');
  return Number(`${major}.${minor}`);
}

/** The parameter group family of an Aurora MySQL version: `8.0.mysql_aurora.3.10.1` → `aurora-mysql8.0`. */
export function familyOfVersion(engineVersion: string): string {
  return `aurora-mysql${mysqlVersionOf(engineVersion).toFixed(1)}`;
}

/**
 * Which of two Aurora MySQL versions is the newer one: `8.0.mysql_aurora.3.10.1` is newer than `8.0.mysql_aurora.3.08.2`, and any of 8.4 than both.
 *
 * @returns below 0 where the first is older, above 0 where it is newer, 0 where they are the same.
 */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [numbersIn(one), numbersIn(other)];
  const index = left.findIndex((part, position) => part !== (right[position] ?? 0));
  return index === -1 ? left.length - right.length : (left[index] ?? 0) - (right[index] ?? 0);
}

function numbersIn(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
