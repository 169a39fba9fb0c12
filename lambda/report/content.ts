import { type CurvePoint } from '../shared/curve';
import { type LedgerSummary } from '../shared/state';

/** What the pipeline did between two moments. */
export interface Episode {
  /** The state of the definition in which it worked or waited. */
  readonly name: string;
  readonly startedAt: string;
  readonly seconds: number;
}

/** The output of an execution, and what its page is made of. */
export interface Report {
  /** One sentence. */
  readonly summary: string;
  readonly cluster: string;
  readonly deployment: string | null;
  readonly execution: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly seconds: number;
  readonly timeline: readonly Episode[];
  readonly findings: readonly string[];
  readonly migration: LedgerSummary | null;
  /** Replication lag in seconds, from the first look at the migration to the end of the wait. */
  readonly lag: readonly CurvePoint[];
  readonly tablesCompared: number | null;
  readonly rowsCompared: number | null;
  /** Rows that kept changing while they were compared, so that no verdict was possible. */
  readonly hotRows: number | null;
  readonly outage: { readonly readMilliseconds: number; readonly writeMilliseconds: number; readonly resolutionMilliseconds: number } | null;
  /** Where the new production's binlog began: what a replication back would start from. */
  readonly coordinates: { readonly file: string; readonly position: number } | null;
  /** Why RDS had not switched over before, where it was asked more than once. */
  readonly cancelledSwitchovers: readonly string[];
  readonly remarks: readonly string[];
}
