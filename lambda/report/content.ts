import { type CurvePoint } from '../shared/curve';
import { type ErrorCounts, type LedgerSummary } from '../shared/state';

/** What the pipeline did between two moments. */
export interface Episode {
  /** The state of the definition in which it worked or waited. */
  readonly name: string;
  readonly startedAt: string;
  readonly seconds: number;
}

/** What clients of one kind saw of the switchover. */
export interface Gaps {
  /** The longest time without a successful read. */
  readonly readMilliseconds: number;
  /** The longest time without a server that takes writes. */
  readonly writeMilliseconds: number;
  readonly errors: ErrorCounts;
}

/** What clients of the production endpoint saw of the switchover: those that connect for each statement, and those that keep a connection. */
export interface Outage extends Gaps {
  readonly pooled: Gaps;
  /** The longest time between two looks. */
  readonly resolutionMilliseconds: number;
  /** When the endpoint first led to the new server. */
  readonly newServerAt: string | null;
}

/** The output of an execution, and what its page is made of. */
export interface Report {
  /** One sentence. */
  readonly summary: string;
  readonly cluster: string;
  readonly deployment: string | null;
  /** Whether it tells of the old Blue's end. */
  readonly retired: boolean;
  readonly execution: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  readonly timeline: readonly Episode[];
  readonly findings: readonly string[];
  readonly migration: LedgerSummary | null;
  /** Replication lag in seconds, from the first look at the migration to the end of the wait. */
  readonly lag: readonly CurvePoint[];
  /** The part of each table that was compared, 1 for all of it; null where nothing was. */
  readonly comparedShare: number | null;
  readonly tablesCompared: number | null;
  readonly rowsCompared: number | null;
  /** Rows that kept changing while they were compared, so that no verdict was possible. */
  readonly hotRows: number | null;
  readonly outage: Outage | null;
  /** Where the new production's binlog began: what a replication back would start from. */
  readonly coordinates: { readonly file: string; readonly position: number } | null;
  /** Why RDS had not switched over before, where it was asked more than once. */
  readonly cancelledSwitchovers: readonly string[];
  readonly remarks: readonly string[];
}
