import { describeEngineVersion } from '../../rds/engine-versions';
import { blocker, type Check, FINE } from '../check';
import { type RdsContext } from './context';

/**
 * Green starts with Blue's version, even when it is upgraded on the way. A version that can no longer be created leaves the deployment in
 * PROVISIONING for ever, without a word.
 */
export const versionCreatable: Check<RdsContext> = {
  id: 'version-creatable',
  scopes: ['preflight'],
  async run({ source }) {
    if (source?.Engine === undefined || source.EngineVersion === undefined) return FINE;
    if (await describeEngineVersion(source.Engine, source.EngineVersion) !== undefined) return FINE;
    return blocker(`engine version '${source.EngineVersion}' of '${source.DBClusterIdentifier}' is not among the versions RDS can still create, and Green is created with it `
      + 'first: the deployment would stay in PROVISIONING for ever. Upgrade Blue to an available minor version (its maintenance action does), then start again');
  },
};
