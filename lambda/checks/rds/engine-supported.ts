import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/** Aurora MySQL, provisioned or Serverless v2 (Aurora User Guide, "Limitations for blue/green deployments"). */
export const engineSupported: Check<RdsContext> = {
  id: 'engine-supported',
  scopes: ['preflight'],
  async run({ source }) {
    if (source === undefined) return FINE;
    if (source.Engine !== 'aurora-mysql') {
      return blocker(`engine of '${source.DBClusterIdentifier}' is '${source.Engine}', and this pipeline knows 'aurora-mysql' only: use it for Aurora MySQL clusters`);
    }
    if (source.EngineMode === 'serverless') {
      return blocker(`'${source.DBClusterIdentifier}' is Aurora Serverless v1 (engine mode 'serverless'), of which RDS makes no Blue/Green deployments: convert it to `
        + 'provisioned or Serverless v2 first');
    }
    return FINE;
  },
};
