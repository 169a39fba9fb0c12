import { type Check } from '../check';
import { type RdsContext } from './context';

/** Identifiers have at most 63 characters, and RDS appends `-green-` and six more. */
export const nameLength: Check<RdsContext> = {
  id: 'name-length',
  scopes: ['preflight'],
  async run({ source }) {
    const names = [source?.DBClusterIdentifier, ...source?.DBClusterMembers?.map((member) => member.DBInstanceIdentifier) ?? []];
    return names.filter((name) => name !== undefined).filter((name) => name.length > 50).map((name) => ({
      severity: 'warning' as const,
      message: `'${name}' has ${name.length} characters; Green's name appends 13 ('-green-xxxxxx') and identifiers end at 63, so RDS may refuse or shorten it: a name of at most 50 `
        + 'characters avoids the doubt',
    }));
  },
};
