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
