/** How long things take, in seconds of the control plane's clock. */
export interface Durations {
  /** Until the first task of a creation has made the green cluster visible (`Target`). */
  readonly targetVisible: number;
  /** Until replication into Green runs. */
  readonly createReplica: number;
  /** An upgrade of Green's engine version, where one is asked for. */
  readonly upgrade: number;
  /** Creating Green's instances. */
  readonly createInstances: number;
  readonly reboot: number;
  readonly startCluster: number;
  readonly stopCluster: number;
  /** From a dynamic change in a parameter group to `in-sync` again. */
  readonly applyParameters: number;
  /** From the call until the members of the deployment leave AVAILABLE. */
  readonly switchoverPreparation: number;
  readonly guardrails: number;
  /** Between two looks at whether Green has caught up. */
  readonly catchUpPoll: number;
  /** Swapping names and endpoints; part of the write outage. */
  readonly rename: number;
  /** From writes allowed again until SWITCHOVER_COMPLETED. */
  readonly switchoverFinish: number;
  /** From SWITCHOVER_COMPLETED to the event with the binlog coordinates. */
  readonly coordinatesEvent: number;
  /** After SWITCHOVER_COMPLETED, while DeleteBlueGreenDeployment is refused. */
  readonly settle: number;
  readonly deleteDeployment: number;
  /** Until a snapshot is available. */
  readonly snapshot: number;
  readonly deleteInstance: number;
  /** Deleting a cluster without instances. */
  readonly deleteCluster: number;
}

/** What one may expect of AWS for a small cluster. */
export const AWS_LIKE_DURATIONS: Durations = {
  targetVisible: 120,
  createReplica: 300,
  upgrade: 600,
  createInstances: 180,
  reboot: 60,
  startCluster: 300,
  stopCluster: 300,
  applyParameters: 10,
  switchoverPreparation: 15,
  guardrails: 5,
  catchUpPoll: 1,
  rename: 3,
  switchoverFinish: 45,
  coordinatesEvent: 20,
  settle: 60,
  deleteDeployment: 120,
  snapshot: 180,
  deleteInstance: 240,
  deleteCluster: 120,
};
