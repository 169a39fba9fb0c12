import { type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/** Below this Green is slow to grow into the work of a migration: capacity rises in steps of what is there already. */
const LEAST_UNITS = 2;

/**
 * Aurora Serverless v2 scales from its minimum, which decides how fast a migration gets its memory, and how large the buffer pool is right
 * after the switchover.
 */
export const serverlessCapacity: Check<RdsContext> = {
  id: 'serverless-capacity',
  scopes: ['preflight', 'green'],
  async run({ source, target, scope }) {
    const cluster = scope === 'green' ? target : source;
    const { MinCapacity: least, MaxCapacity: most } = cluster?.ServerlessV2ScalingConfiguration ?? {};
    if (least === undefined || least >= LEAST_UNITS) return FINE;
    const whose = scope === 'green' ? `'${cluster?.DBClusterIdentifier}'` : `'${cluster?.DBClusterIdentifier}', and so of Green as RDS makes it,`;
    return warning(`the minimum capacity of ${whose} is ${least} ACU (of at most ${most}): conversions begin with very little memory, and the new production would start with a small buffer pool. Raise it on Green until after `
      + 'the switchover (aws rds modify-db-cluster --serverless-v2-scaling-configuration)');
  },
};
