/*
 * The words of the API. It has no enums for them, only the comments of its reference; a test compares these lists with the copy of the
 * reference that the SDK carries.
 */

/** Status of a Blue/Green deployment. */
export const DEPLOYMENT_STATUSES = [
  'PROVISIONING', 'AVAILABLE', 'SWITCHOVER_IN_PROGRESS', 'SWITCHOVER_COMPLETED', 'INVALID_CONFIGURATION', 'SWITCHOVER_FAILED', 'DELETING',
] as const;
/** Status of a Blue/Green deployment. */
export type DeploymentStatus = typeof DEPLOYMENT_STATUSES[number];

/** Status of one resource of a Blue/Green deployment (`SwitchoverDetails`). */
export const SWITCHOVER_DETAIL_STATUSES = [
  'PROVISIONING', 'AVAILABLE', 'SWITCHOVER_IN_PROGRESS', 'SWITCHOVER_COMPLETED', 'SWITCHOVER_FAILED', 'MISSING_SOURCE', 'MISSING_TARGET',
] as const;
/** Status of one resource of a Blue/Green deployment (`SwitchoverDetails`). */
export type SwitchoverDetailStatus = typeof SWITCHOVER_DETAIL_STATUSES[number];

/** Status of one step in the creation of Green (`Tasks`). */
export const TASK_STATUSES = ['PENDING', 'IN_PROGRESS', 'COMPLETED', 'FAILED'] as const;
/** Status of one step in the creation of Green (`Tasks`). */
export type TaskStatus = typeof TASK_STATUSES[number];

/** Status of a parameter group on an instance (`ParameterApplyStatus`, `DBClusterParameterGroupStatus`). */
export const PARAMETER_APPLY_STATUSES = ['applying', 'failed-to-apply', 'in-sync', 'pending-database-upgrade', 'pending-reboot'] as const;
/** Status of a parameter group on an instance (`ParameterApplyStatus`, `DBClusterParameterGroupStatus`). */
export type ParameterApplyStatus = typeof PARAMETER_APPLY_STATUSES[number];
