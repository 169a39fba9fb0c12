/** What the RDS API returns, for those who only look at it. */
export type { BlueGreenDeployment, BlueGreenDeploymentTask, DBCluster, DBClusterMember, DBClusterSnapshot, DBInstance, Parameter } from '@aws-sdk/client-rds';
