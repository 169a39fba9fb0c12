import { proxiesOf } from '../../rds/surroundings';
import { someOf } from '../../shared/lists';
import { type Check, FINE, type Problem, warning } from '../check';
import { type RdsContext } from './context';

/**
 * Clients behind an RDS Proxy are cut off at the switchover, and Blue must be registered with it before Green exists
 * (Aurora User Guide, "Limitations for blue/green deployments").
 */
export const rdsProxy: Check<RdsContext> = {
  id: 'rds-proxy',
  scopes: ['preflight', 'before-switchover'],
  unknown: 'warning',
  async run({ source, scope }): Promise<readonly Problem[]> {
    if (source?.DBClusterIdentifier === undefined) return FINE;
    const proxies = await proxiesOf(source.DBClusterIdentifier);
    if (scope === 'preflight') {
      if (proxies.length === 0) return FINE;
      return warning(`clients reach '${source.DBClusterIdentifier}' through RDS Proxy ${someOf(proxies.map(({ name }) => `'${name}'`))}: at the switchover it closes its connections, and writes may get error 1290 until it leads to the new `
        + 'production. It must know the cluster before Green exists, and does; register no other cluster or proxy until the switchover is done');
    }
    return proxies.flatMap(({ name, targets }) => targets.filter(({ TargetHealth }) => TargetHealth?.State === 'UNAVAILABLE').flatMap(({ Endpoint, TargetHealth }) => warning(
      `target '${Endpoint}' of RDS Proxy '${name}' is UNAVAILABLE (${TargetHealth?.Reason ?? 'no reason given'}): RDS may refuse the switchover, and clients of the proxy may not get through afterwards. Mend it before`,
    )));
  },
};
