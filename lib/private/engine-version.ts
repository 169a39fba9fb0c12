import { Token } from 'aws-cdk-lib';
import type * as rds from 'aws-cdk-lib/aws-rds';

/**
 * Refuses a version whose family contradicts its full string: `of('8.4.…')` without its second argument means 5.7.
 *
 * @param property the property that holds it, for the message.
 */
export function refuseWrongFamily(property: string, version: rds.AuroraMysqlEngineVersion): void {
  const { auroraMysqlFullVersion: full, auroraMysqlMajorVersion: major } = version;
  const named = full.split('.').slice(0, 2).join('.');
  if (Token.isUnresolved(full) || named === major || !/^\d+\.\d+$/.test(named)) return;
  throw new Error(`'${property}' should be of family '${named}', got '${full}' of family '${major}': write AuroraMysqlEngineVersion.of('${full}', '${named}')`);
}

/** A version as a message shows it. */
export function inWords({ auroraMysqlFullVersion: full, auroraMysqlMajorVersion: major }: rds.AuroraMysqlEngineVersion): string {
  return `${Token.isUnresolved(full) ? 'a token' : `'${full}'`} of family '${major}'`;
}
