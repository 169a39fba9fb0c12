import { DescribeDBEngineVersionsCommand, type DBEngineVersion } from '@aws-sdk/client-rds';
import { send } from './client';

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

/** The MySQL version inside an Aurora version string: `8.0.mysql_aurora.3.10.1` → `8.0`. */
export function mysqlVersionOf(engineVersion: string): number {
  const [major, minor] = engineVersion.split('.');
  return Number(`${major}.${minor}`);
}

/** The parameter group family of an Aurora MySQL version: `8.0.mysql_aurora.3.10.1` → `aurora-mysql8.0`. */
export function familyOfVersion(engineVersion: string): string {
  return `aurora-mysql${mysqlVersionOf(engineVersion).toFixed(1)}`;
}
