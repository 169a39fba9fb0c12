import { compareVersions } from '../../shared/engine-version';
import { blocker, type Check, FINE, warning } from '../check';
import { type RdsContext } from './context';

/** Green runs the version it was made for, and Blue no newer one: a Blue that was upgraded meanwhile would go back to an older version with the switchover. */
export const targetHasVersion: Check<RdsContext> = {
  id: 'target-has-version',
  scopes: ['green', 'before-switchover'],
  async run({ source, target, settings: { targetEngineVersion: wanted } }) {
    const { DBClusterIdentifier: name, EngineVersion: green } = target ?? {};
    const { DBClusterIdentifier: production, EngineVersion: blue } = source ?? {};
    // another check says that they are not there.
    if (green === undefined || blue === undefined) return FINE;
    if (compareVersions(blue, green) > 0) {
      return blocker(`Blue '${production}' runs '${blue}' and Green '${name}' the older '${green}': Blue was upgraded while Green was there (by hand, or automatically in its maintenance window), and a switchover would take production back. `
        + `Upgrade Green to '${blue}' when no statement runs there (aws rds modify-db-cluster --engine-version …), or give it up ({ "action": "abandon" }) and start again`);
    }
    if (wanted === undefined || compareVersions(green, wanted) === 0) return FINE;
    if (compareVersions(green, wanted) > 0) return warning(`Green '${name}' runs '${green}', which is newer than '${wanted}' (targetEngineVersion): it was upgraded since it was made`);
    return blocker(`Green '${name}' runs '${green}' and should run '${wanted}' (targetEngineVersion): its upgrade has not happened, whatever the deployment says. See the events of '${name}' and the log upgrade-prechecks.log of its writer, `
      + 'then give this Green up ({ "action": "abandon" }) and start again');
  },
};
