import { type PipelineState, type TaskEvent } from '../shared/state';
import { secondsBetween } from '../shared/waiting';
import { type Episode } from './content';

/** When each long state of an execution began, in the order in which they come; what it did not enter is missing. */
const BEGINNINGS: readonly (readonly [name: string, startedAt: (state: PipelineState) => string | undefined])[] = [
  ['Wait For Green', ({ green }) => green?.startedAt],
  ['Run Migration', ({ migration }) => migration?.startedAt],
  ['Wait For Replication', ({ replication }) => replication?.startedAt],
  ['Compare Data', ({ comparison }) => comparison?.startedAt],
  ['Wait For Window', ({ window }) => window?.startedAt],
  ['Ready To Switch Over', ({ readiness }) => readiness?.startedAt],
  ['Switch Over And Watch', ({ switchover }) => switchover?.watch?.startedAt],
  ['Verify Switchover', ({ verification }) => verification?.startedAt],
  ['Restore Parameters', ({ parameters }) => parameters?.startedAt],
  ['Restore Production', ({ restoration }) => restoration?.startedAt],
];

/** What the execution did, from its start to this moment; each episode lasts until the next begins. Only what it knows itself: a redriven one began anew. */
export function timelineOf({ state, execution, now }: TaskEvent): Episode[] {
  const begun = BEGINNINGS.flatMap(([name, startedAt]) => {
    const at = startedAt(state);
    return at === undefined ? [] : [{ name, startedAt: at }];
  });
  const all = [{ name: 'Checks', startedAt: execution.startedAt }, ...begun].sort((one, other) => one.startedAt.localeCompare(other.startedAt));
  return all.map((episode, index) => ({ ...episode, seconds: secondsBetween(episode.startedAt, all[index + 1]?.startedAt ?? now) }));
}
