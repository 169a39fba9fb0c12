import { type HookEvent, type PhaseName } from '../../lib/private/contract';
import { type CurvePoint } from './curve';
import { type TaskFailure } from './failure';
import { type Findings } from './findings';

/** What an execution may choose for itself (execution input). */
export interface ExecutionOptions {
  /** `abandon`: gives Green up instead of going on with it. `retire`: deletes the old Blue now, whatever its bake time. */
  readonly action: 'run' | 'abandon' | 'retire';
  /** Only the preflight checks run; nothing is created. */
  readonly preflightOnly: boolean;
  readonly switchoverTimeoutSeconds: number;
  /** Null: decided by the class of Green's writer, or by the construct. */
  readonly workers: number | null;
  /** Ids of checks whose findings the user accepts. */
  readonly acknowledge: readonly string[];
  /** This execution may switch over at any time, whatever the construct says. */
  readonly ignoreSwitchoverWindow: boolean;
}

/** One cluster as RDS describes it. */
export interface ClusterFacts {
  readonly identifier: string;
  readonly arn: string;
  /** Stays with the physical cluster for ever, while identifiers and ARNs swap at the switchover. */
  readonly resourceId: string;
  readonly status: string;
  readonly endpoint: string;
  /** Absent: the cluster has no reader. */
  readonly readerEndpoint?: string;
  readonly port: number;
  readonly engine: string;
  readonly engineVersion: string;
  readonly parameterGroup: string;
  readonly instances: readonly InstanceFacts[];
}

/** One member of a cluster. */
export interface InstanceFacts {
  readonly identifier: string;
  readonly writer: boolean;
  /** `in-sync`, `pending-reboot`, … (RDS's words). */
  readonly parameterGroupStatus: string;
}

/** Where everything stands, as RDS tells (state *Find Where We Are*). */
export interface Situation {
  readonly phase: PhaseName;
  readonly deployment: DeploymentFacts | null;
  /** The blue environment: production before the switchover, the old Blue after it. Null where it does not exist. */
  readonly source: ClusterFacts | null;
  /** Green: null until RDS has named it; production after the switchover. */
  readonly target: ClusterFacts | null;
  /** Which cluster is which, as the tags remember it; only where the old Blue is to be retired and both are known. */
  readonly recorded?: RecordedClusters;
}

/** Immutable ids, by which alone anything is deleted. */
export interface RecordedClusters {
  /** The cluster that was production once. */
  readonly source: string;
  /** The cluster that is production in its stead. */
  readonly target: string;
  /** Since when production was restored (ISO 8601); null while it was not. */
  readonly since: string | null;
}

/** The Blue/Green deployment and what our tags on it remember. */
export interface DeploymentFacts {
  readonly identifier: string;
  readonly name: string;
  readonly status: string;
  /** `binlog retention hours` of Blue before the pipeline: hours, null for NULL, undefined when unknown. */
  readonly binlogRetentionHours?: number | null;
  /** `event_scheduler` of Blue before the deployment, undefined when unknown. */
  readonly eventScheduler?: string;
}

/** Every loop's slice of the state. */
export interface Waiting {
  readonly done: boolean;
  /** Whole seconds until the next look. */
  readonly waitSeconds: number;
  /** When this wait began (ISO 8601). */
  readonly startedAt: string;
}

/** What preflight learned on Blue and the deployment's tags must keep. */
export interface BlueFacts {
  readonly binlogRetentionHours: number | null;
  readonly eventScheduler: string;
}

/** The writer of a cluster: what it can do at once. */
export interface WriterFacts {
  /** Such as `db.r6g.xlarge` or `db.serverless`. */
  readonly instanceClass: string;
  /** The most capacity units of a serverless instance. */
  readonly maxCapacityUnits: number | null;
}

/** State *Wait For Green*. */
export interface GreenProgress extends Waiting {
  /** Green's writer, as soon as it is there. */
  readonly writer: WriterFacts | null;
  readonly status: string;
  readonly detail: string;
}

/** State *Plan Migration*. */
export interface PlanSummary {
  readonly steps: number;
  readonly pending: number;
  readonly skippedTables: number;
  readonly bytes: number;
  /** What could not be known before; nothing speaks against the plan. */
  readonly warnings: readonly string[];
}

/** State *Run Migration*. */
export interface MigrationProgress extends Waiting {
  readonly percent: number;
  readonly steps: number;
  readonly finished: number;
  /** Workers that work, which those that wait for a lock do not. */
  readonly workers: number;
  /** Workers that wait for a metadata lock. */
  readonly waiting: number;
  /** What runs now, for a reader of the execution. */
  readonly running: readonly string[];
  /** Who holds the locks they wait for. */
  readonly lockHolders: readonly string[];
  /** As far as anybody can know; null while nobody can. */
  readonly secondsLeft: number | null;
  /** How often this execution has looked. */
  readonly looks: number;
  /** When workers were started last (ISO 8601). */
  readonly settledSince: string;
}

/** State *Wait For Replication*. */
export interface ReplicationProgress extends Waiting {
  readonly lagSeconds: number | null;
  /** Blue's binlog position that Green must have executed. */
  readonly position: string | null;
  /** What of Blue's binlog was executed at the last look, and since when it has been that. */
  readonly executed: string | null;
  readonly executedSince: string | null;
  readonly caughtUpSince: string | null;
  /** Since when a thread has been seen without a connection or stopped, or Green delayed, although no error says so; null while all runs. */
  readonly standsSince: string | null;
  readonly detail: string;
}

/** What the report's curve is made of. */
export interface LagCurve {
  /** Replication lag in seconds, as the looks have seen it. */
  readonly lag: readonly CurvePoint[];
}

/** State *Compare Data*. */
export interface ComparisonProgress extends Waiting {
  readonly tables: number;
  readonly tablesCompared: number;
  readonly rowsCompared: number;
  readonly percent: number;
  /** Rows that kept changing while they were compared. */
  readonly hotRows: number;
  /** Time spent comparing, all invocations together. */
  readonly secondsSpent?: number;
  /** Of them, how long Blue was left alone. */
  readonly secondsRested?: number;
  /** Of what has been compared; null before anything has. */
  readonly secondsPerGigabyte?: number | null;
}

/** State *Wait For Window*. */
export interface WindowProgress extends Waiting {
  /** When a switchover may be started; null: now. */
  readonly opensAt: string | null;
  /** Since when replication has been seen to stand still although no error says so; null while it runs. */
  readonly standsSince: string | null;
}

/** State *Gather Evidence*: what somebody approves. */
export interface Evidence {
  /** Fingerprint of what is approved: Blue, the plan, the comparison. */
  readonly hash: string;
  /** Whether just that was approved already, and not too long ago. */
  readonly approved: boolean;
  /** The subject of the request: ASCII, at most 100 characters. */
  readonly subject: string;
  /** The request; each part ends where a command needs the task token, which stands nowhere but in the message. */
  readonly text: readonly [string, string, string, string];
}

/** State *Judge Approval*. */
export interface Approval {
  /** The fingerprint of the evidence that was approved. */
  readonly evidence: string;
  /** When (ISO 8601). Who it was, CloudTrail knows. */
  readonly at: string;
}

/** State *Ready To Switch Over*. */
export interface Readiness extends Waiting {
  /** Tables arrived from Blue that the plan does not cover yet. */
  readonly replan: boolean;
  /** How often the plan was made again because of such tables. */
  readonly replans: number;
  /** Somebody else has switched over, does so at this moment, or has taken the deployment away: where the work stands has to be found out anew. */
  readonly overtaken: boolean;
  /** How often the execution had been redriven when it was judged: what was looked at before a redrive may be days old. */
  readonly redriveCount: number;
}

/** State *Switch Over*. */
export interface SwitchoverProgress extends Waiting {
  readonly status: string;
  readonly detail: string;
  /** Whether this execution has asked for it, or may have; otherwise it was under way already, or the moment was over. */
  readonly asked: boolean;
  /** Since when RDS has been seen to have given up; null while it has not. */
  readonly givenUpAt: string | null;
  /** Why RDS has not switched over; null where it has, or still may. */
  readonly failure: string | null;
}

/** State *Judge Switchover*. */
export interface SwitchoverAttempts {
  /** How often RDS was asked. */
  readonly made: number;
  /** RDS has cancelled the last one, and it is tried again after a new check of readiness. */
  readonly again: boolean;
  /** Why those before did not happen. */
  readonly reasons: readonly string[];
  /** What a client that connects anew saw of the one that succeeded, for notifications; null where nobody has measured it, or another execution has. */
  readonly outage: SeenOutage | null;
  /** The same in a sentence. */
  readonly seen: string;
}

/** The gaps that notifications tell. */
export interface SeenOutage {
  readonly writeMilliseconds: number;
  readonly readMilliseconds: number;
  /** The longest time between two looks. */
  readonly resolutionMilliseconds: number;
}

/** How the branch that switches over ended: it never fails, so that the watch beside it is not cut off. */
export interface SwitchoverOutcome {
  readonly progress?: SwitchoverProgress;
  readonly error?: TaskFailure;
}

/** Errors by their kind (the driver's or MySQL's name for them). */
export type ErrorCounts = Readonly<Record<string, number>>;

/** What clients of one kind saw. */
export interface GapsSeen {
  /** The longest time without a successful read. */
  readonly longestReadGapMilliseconds: number;
  /** The longest time in which no probe found a writable server. */
  readonly longestWriteGapMilliseconds: number;
  /** The last successful read where the last probe failed, so that the gap goes on in the next invocation; null where it succeeded. */
  readonly readLostAt: string | null;
  /** The same for a writable server. */
  readonly writeLostAt: string | null;
  readonly errors: ErrorCounts;
}

/** State *Watch Endpoint*. */
export interface EndpointWatch extends Waiting {
  /** Server behind the endpoint at the start. */
  readonly firstServer: string | null;
  /** When the endpoint first led to the new server. */
  readonly changedAt: string | null;
  readonly probes: number;
  /** The longest time between two probes: nothing shorter can be measured. */
  readonly resolutionMilliseconds: number;
  readonly lastProbeAt: string | null;
  /** Clients that connect for each statement. */
  readonly fresh: GapsSeen;
  /** Clients that keep their connection. */
  readonly pooled: GapsSeen;
  /** What RDS said of the switchover inside the database, where it does. */
  readonly topology: string[];
}

/** States *Verify Switchover* and *Restore Parameters*. */
export interface RestoredParameters extends Waiting {
  /** What was done or has to be done by hand. */
  readonly remarks: readonly string[];
}

/** State *Restore Production*. */
export interface Restoration {
  readonly remarks: readonly string[];
  /** Steps of the migration that were not done when somebody switched over by hand; null until the ledger is gone. */
  readonly unfinished: number | null;
  readonly ledger: LedgerSummary | null;
}

/** The ledger's content when it was dropped. */
export interface LedgerSummary {
  readonly steps: number;
  readonly tables: number;
  readonly bytes: number;
  readonly seconds: number;
  /** The tables that took longest, with everything that was done to them. */
  readonly slowest: readonly { readonly name: string; readonly bytes: number; readonly seconds: number }[];
}

/** The user's hooks. */
export interface Hooks {
  /** What the last one was given; null before the first one. */
  readonly event: HookEvent | null;
  /** How many attempts at the switchover had been made when `beforeSwitchover` had last run; null: it has not, or there is none. */
  readonly beforeSwitchover: number | null;
  /** Why `afterSwitchover` has failed; null: it has not. */
  readonly afterSwitchover: TaskFailure | null;
}

/** State *Restore Blue*. */
export interface BlueRestored {
  readonly remarks: readonly string[];
}

/** State *Delete Green*. */
export interface GreenDeletion extends Waiting {
  /** Resource id of what is deleted; null where RDS had not named a Green yet. */
  readonly green: string | null;
  readonly detail: string;
  readonly remarks: readonly string[];
}

/** State *Judge Failure*. */
export interface AfterFailure {
  readonly deletes: boolean;
  /** Why Green is kept; null where it is deleted, or nothing was created. */
  readonly kept: string | null;
}

/** State *Delete Deployment*; what the states of the retirement have in common. */
export interface RetirementStep extends Waiting {
  readonly detail: string;
}

/** State *Protect Old Blue*. */
export interface Protection extends RetirementStep {
  /** The cluster parameter group that keeps it read-only. */
  readonly group: string;
  /** When that was seen to exist (ISO 8601); null where it was attached already. */
  readonly madeAt: string | null;
  /** The instances that were rebooted with it. */
  readonly rebooted: readonly string[];
}

/** State *Start Old Blue*. */
export interface OldBlueStart extends RetirementStep {
  /** All of them, because a client may have the address of just one; empty until they are available. */
  readonly instances: readonly InstanceAddress[];
}

/** Where one instance of a cluster is reached. */
export interface InstanceAddress {
  readonly identifier: string;
  readonly endpoint: string;
  readonly port: number;
}

/** State *Take Final Snapshot*. */
export interface FinalSnapshot extends RetirementStep {
  readonly name: string;
}

/** State *Look At Old Blue Again*. */
export interface LastLook extends Waiting {
  /** Since when nothing speaks against the deletion (ISO 8601); null where something does. */
  readonly quietSince: string | null;
}

/** State *Delete Old Blue*. */
export interface OldBlueDeletion extends RetirementStep {
  /** What was deleted; its name and its resource id. */
  readonly oldBlue: string;
  /** ARN of the snapshot of its last moment; until that is there, of the early one. */
  readonly snapshot: string;
  /** ARN of the snapshot that was taken before its deployment was deleted. */
  readonly earlySnapshot: string;
  readonly remarks: readonly string[];
}

/** The whole state of an execution. *Read Input* returns it complete, with explicit nulls; each state fills its slice. */
export interface PipelineState {
  readonly contract: number;
  readonly options: ExecutionOptions;
  readonly situation: Situation | null;
  readonly preflight: { readonly rds: Findings; readonly mysql: Findings & { readonly blue?: BlueFacts | null } } | null;
  /** There once preflight has found no blocker. */
  readonly preflightVerdict?: unknown;
  readonly create: { readonly identifier: string } | null;
  readonly binlogs: { readonly hours: number; readonly previousHours: number | null } | null;
  readonly green: GreenProgress | null;
  readonly greenCheck: { readonly rds: Findings; readonly mysql: Findings } | null;
  readonly plan: PlanSummary | null;
  readonly migration: (MigrationProgress & LagCurve) | null;
  readonly replication: (ReplicationProgress & LagCurve) | null;
  readonly comparison: ComparisonProgress | null;
  readonly evidence: Evidence | null;
  /** The output of the task token, or the error that ended the waiting. */
  readonly answer: unknown;
  readonly approval: Approval | null;
  readonly readinessCheck: { readonly rds: Findings; readonly mysql: Findings & { readonly replan: boolean } } | null;
  readonly window: WindowProgress | null;
  readonly readiness: Readiness | null;
  /** What the two branches of *Switch Over And Watch* returned. */
  readonly switchover: { readonly outcome: SwitchoverOutcome; readonly watch: EndpointWatch | null } | null;
  readonly attempts: SwitchoverAttempts;
  /** Only inside the branches: the switchover that was started, and the watch so far. */
  readonly started?: SwitchoverProgress;
  readonly watch?: EndpointWatch;
  /** Where it stands between two invocations of the watch. */
  readonly present?: Situation;
  readonly verificationCheck: { readonly rds: Findings; readonly mysql: Findings } | null;
  readonly verification: Waiting | null;
  readonly parameters: RestoredParameters | null;
  readonly restoration: (Restoration & Waiting) | null;
  readonly blueRestored: BlueRestored | null;
  readonly abandon: GreenDeletion | null;
  /** State *Wait Before Retiring*. */
  readonly bakeTime: Waiting | null;
  readonly oldBlueStart: OldBlueStart | null;
  readonly oldBlueCheck: { readonly rds: Findings; readonly mysql: Findings } | null;
  readonly oldBlueVerdict: Waiting | null;
  readonly protection: Protection | null;
  readonly finalSnapshot: FinalSnapshot | null;
  readonly deploymentDeletion: RetirementStep | null;
  readonly lastLook: LastLook | null;
  readonly retirement: OldBlueDeletion | null;
  readonly hooks: Hooks;
  readonly report: unknown;
  readonly failure: TaskFailure | null;
  readonly failedAt: { readonly redriveCount: number } | null;
  /** How many executions run, this one included; or why nobody knows. */
  readonly others: { readonly running: number } | TaskFailure | null;
  readonly afterFailure: AfterFailure | null;
  /** Why Green could not be deleted after a failure. */
  readonly deletionFailure: TaskFailure | null;
}

/** What every task receives. Times come from here, never from the process: only so can rehearsals compress them. */
export interface TaskEvent {
  readonly contract: number;
  /** When the state was entered (ISO 8601). */
  readonly now: string;
  /** The name of the state; absent in executions that an earlier version has started. */
  readonly stateName?: string;
  readonly execution: { readonly id: string; readonly startedAt: string; readonly redriveCount: number };
  /** The execution's input, untouched. */
  readonly input: unknown;
  readonly state: PipelineState;
}
