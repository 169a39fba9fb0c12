import { type Check } from '../check';
import { type RdsContext } from './context';

const LONGEST = 50;
/** The names of readers that Aurora Auto Scaling adds: this and a UUID, 60 characters together. */
const ADDED_BY_SCALING = 'application-autoscaling-';

/** Identifiers have at most 63 characters, and RDS appends `-green-` and six more. */
export const nameLength: Check<RdsContext> = {
  id: 'name-length',
  scopes: ['preflight'],
  async run({ source }) {
    const names = [source?.DBClusterIdentifier, ...source?.DBClusterMembers?.map((member) => member.DBInstanceIdentifier) ?? []];
    return names.filter((name) => name !== undefined).filter((name) => name.length > LONGEST).map((name) => ({
      severity: 'warning' as const,
      message: `'${name}' has ${name.length} characters; Green's name appends 13 ('-green-xxxxxx') and identifiers end at 63, so RDS may refuse or shorten it: ${name.startsWith(ADDED_BY_SCALING)
        ? 'suspend the scaling, and delete this reader before Green is made'
        : `a name of at most ${LONGEST} characters avoids the doubt`}`,
    }));
  },
};
