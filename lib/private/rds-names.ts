import { Token } from 'aws-cdk-lib';

/**
 * A name as RDS stores it, in lower case: ARNs in policies and comparisons at run time tell cases apart. Tokens stay as they are.
 */
export function asRdsStores(name: string): string {
  return Token.isUnresolved(name) ? name : name.toLowerCase();
}
