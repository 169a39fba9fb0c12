import { type Check } from '../check';
import { clusterAvailable } from './cluster-available';
import { clusterExists } from './cluster-exists';
import { clusterParameterGroup } from './cluster-parameter-group';
import { type RdsContext } from './context';
import { engineSupported } from './engine-supported';
import { foreignDeployment } from './foreign-deployment';
import { managedPassword } from './managed-password';
import { nameLength } from './name-length';
import { parameterGroupInSync } from './parameter-group-in-sync';
import { targetAvailable } from './target-available';
import { targetHasGroup } from './target-has-group';
import { targetIsProduction } from './target-is-production';
import { targetParameterGroup } from './target-parameter-group';
import { targetVersion } from './target-version';
import { versionCreatable } from './version-creatable';

/** All checks of the control-plane zone. A new check is a file of its own and a line here. */
export const RDS_CHECKS: readonly Check<RdsContext>[] = [
  clusterExists,
  clusterAvailable,
  engineSupported,
  versionCreatable,
  targetVersion,
  managedPassword,
  clusterParameterGroup,
  parameterGroupInSync,
  targetParameterGroup,
  foreignDeployment,
  nameLength,
  targetAvailable,
  targetHasGroup,
  targetIsProduction,
];
