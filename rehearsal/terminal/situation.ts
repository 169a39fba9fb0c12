import { type PipelineState } from '../../lambda/shared/state';
import { type HistoryEvent } from '../step-functions';
import { type ProgressUpdate } from './progress';

/** What an operator wants to know of an execution at this moment, gathered from its events. */
export class SituationDisplay {
  private state = 'Start';
  private known: Omit<ProgressUpdate, 'state' | 'elapsedSeconds'> = {};

  /** Takes note of an event. */
  public note(event: HistoryEvent): void {
    if (event.type === 'TaskStateEntered' && event.name !== undefined && event.name !== this.state) {
      this.state = event.name;
      this.known = { lagSeconds: this.known.lagSeconds };
    }
    if (event.type === 'TaskStateExited') this.known = { ...this.known, ...described(this.state, event) };
  }

  /** Where the execution is, to be shown. */
  public now(elapsedSeconds: number, writes: number): ProgressUpdate {
    return { state: this.state, ...this.known, elapsedSeconds, writes };
  }
}

/** The slice of the state that a task has just written, in words. */
function described(state: string, { name, output }: HistoryEvent): Omit<ProgressUpdate, 'state' | 'elapsedSeconds'> {
  const slices = (typeof output === 'object' && output !== null ? output : {}) as Partial<PipelineState>;
  switch (name ?? state) {
    case 'Wait For Green':
      return { detail: slices.green?.detail, percent: undefined };
    case 'Plan Migration':
      return { detail: `${slices.plan?.pending ?? 0} steps`, percent: 0 };
    case 'Run Migration':
      return { detail: slices.migration?.running.join(', ') || `${slices.migration?.finished} of ${slices.migration?.steps} steps done`, percent: slices.migration?.percent };
    case 'Wait For Replication':
      return { detail: slices.replication?.detail, percent: undefined, lagSeconds: slices.replication?.lagSeconds ?? undefined };
    case 'Compare Data':
      return { detail: `${slices.comparison?.rowsCompared} rows compared`, percent: slices.comparison?.percent };
    default:
      return { detail: undefined, percent: undefined };
  }
}
