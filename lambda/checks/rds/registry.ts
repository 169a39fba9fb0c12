import { type Check } from '../check';
import { activityStream } from './activity-stream';
import { autoScaling } from './auto-scaling';
import { backtrack } from './backtrack';
import { classCreatable } from './class-creatable';
import { clusterAvailable } from './cluster-available';
import { clusterExists } from './cluster-exists';
import { clusterParameterGroup } from './cluster-parameter-group';
import { clusterRoles } from './cluster-roles';
import { type RdsContext } from './context';
import { crossRegionReplicas } from './cross-region-replicas';
import { customEndpoints } from './custom-endpoints';
import { deletionProtection } from './deletion-protection';
import { deploymentUntouched } from './deployment-untouched';
import { engineSupported } from './engine-supported';
import { foreignDeployment } from './foreign-deployment';
import { globalDatabase } from './global-database';
import { iamLogins } from './iam-logins';
import { instanceParameterGroups } from './instance-parameter-groups';
import { instancesAvailable } from './instances-available';
import { localStorage } from './local-storage';
import { maintenanceWindow } from './maintenance-window';
import { managedPassword } from './managed-password';
import { membersPaired } from './members-paired';
import { nameLength } from './name-length';
import { oldBlueRecorded } from './old-blue-recorded';
import { oldBlueReplicas } from './old-blue-replicas';
import { parameterGroupInSync } from './parameter-group-in-sync';
import { parametersAsOnBlue } from './parameters-as-on-blue';
import { pendingChanges } from './pending-changes';
import { pendingMaintenance } from './pending-maintenance';
import { productionInPlace } from './production-in-place';
import { quotas } from './quotas';
import { rdsProxy } from './rds-proxy';
import { readReplicas } from './read-replicas';
import { serverlessCapacity } from './serverless-capacity';
import { settingsAsOnBlue } from './settings-as-on-blue';
import { sourceIsProduction } from './source-is-production';
import { targetAvailable } from './target-available';
import { targetGroupUnshared } from './target-group-unshared';
import { targetHasGroup } from './target-has-group';
import { targetHasVersion } from './target-has-version';
import { targetIsProduction } from './target-is-production';
import { targetParameterGroup } from './target-parameter-group';
import { targetVersion } from './target-version';
import { versionCreatable } from './version-creatable';
import { zeroEtl } from './zero-etl';

/** All checks of the control-plane zone. A new check is a file of its own and a line here. */
export const RDS_CHECKS: readonly Check<RdsContext>[] = [
  clusterExists,
  clusterAvailable,
  instancesAvailable,
  engineSupported,
  globalDatabase,
  crossRegionReplicas,
  readReplicas,
  versionCreatable,
  targetVersion,
  classCreatable,
  managedPassword,
  clusterParameterGroup,
  parameterGroupInSync,
  targetParameterGroup,
  targetGroupUnshared,
  parametersAsOnBlue,
  instanceParameterGroups,
  foreignDeployment,
  deploymentUntouched,
  sourceIsProduction,
  nameLength,
  quotas,
  pendingMaintenance,
  pendingChanges,
  maintenanceWindow,
  serverlessCapacity,
  localStorage,
  rdsProxy,
  zeroEtl,
  clusterRoles,
  customEndpoints,
  autoScaling,
  backtrack,
  activityStream,
  deletionProtection,
  targetAvailable,
  targetHasGroup,
  targetHasVersion,
  iamLogins,
  membersPaired,
  settingsAsOnBlue,
  targetIsProduction,
  oldBlueRecorded,
  productionInPlace,
  oldBlueReplicas,
];
