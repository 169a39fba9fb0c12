import { ErrorName, MetricName } from '../../lib/private/contract';
import { PipelineError } from '../shared/errors';
import { explained } from '../shared/failure';
import { publish } from '../shared/metrics';
import { readSettings } from '../shared/settings';
import { type EndpointWatch, type SwitchoverAttempts } from '../shared/state';
import { required, task } from '../shared/task';

/** So often may the moment be over before RDS could be asked, or somebody else's switchover be cancelled. */
const MOST_UNASKED = 5;

/**
 * The switchover's branch does not fail, so that the watch beside it is not cut off; here its failure becomes the execution's, or another attempt.
 * What RDS has cancelled or rolled back has left production unchanged, so it may be asked again when everything has been checked once more.
 */
export const handler = task<SwitchoverAttempts>(async (event) => {
  const { outcome: { progress, error }, watch } = required(event.state.switchover, 'the outcome of the switchover');
  publish(event.now, { [MetricName.WRITE_OUTAGE]: watch?.fresh.longestWriteGapMilliseconds });
  const before = event.state.attempts;
  const attempts = (reasons: readonly string[]) => reasons.map((reason, index) => `${index + 1}. ${reason}`).join('\n');
  if (error !== undefined) {
    const earlier = before.reasons.length === 0 ? '' : `\nAttempts before:\n${attempts(before.reasons)}`;
    throw Object.assign(new Error(`${explained(error)}${earlier}`), { name: error.Error });
  }
  const { failure, startedAt, asked } = required(progress, 'the outcome of the switchover');
  const made = before.made + (asked ? 1 : 0);
  if (failure === null) return { made, again: false, reasons: before.reasons, ...seenBy(watch) };
  const reasons = [...before.reasons, `(${asked ? 'asked for' : 'not asked for'} at ${startedAt}) ${failure}${stillLost(watch)}`];
  if (asked ? made < readSettings().switchoverAttempts : reasons.length - made <= MOST_UNASKED) return { ...before, made, again: true, reasons };
  throw new PipelineError(
    ErrorName.SWITCHOVER_FAILED,
    `RDS has not switched over in ${made} attempt${made === 1 ? '' : 's'} (switchoverAttempts); ${isStillLost(watch) ? 'it says that everything was rolled back, but see to production first' : 'everything was rolled back and production is unchanged'}:\n${attempts(reasons)}\n`
    + 'Mend what RDS names (lag, long transactions, DDL), then start a new execution with {}; it checks everything again and switches over',
  );
});

/** RDS takes its time to let clients in again; one that still could not write when the watch had ended is another matter. */
function isStillLost(watch: EndpointWatch | null): watch is EndpointWatch {
  return typeof watch?.fresh.writeLostAt === 'string';
}

function stillLost(watch: EndpointWatch | null): string {
  if (!isStillLost(watch)) return '';
  return `\nWHEN THE WATCH OF THE ENDPOINT HAD ENDED (${watch.lastProbeAt ?? 'at an unknown time'}), A CLIENT STILL COULD NOT WRITE TO PRODUCTION, since ${watch.fresh.writeLostAt}: connect to it and look at once (SELECT @@read_only, @@innodb_read_only)`;
}

function seenBy(watch: EndpointWatch | null): Pick<SwitchoverAttempts, 'outage' | 'seen'> {
  if (watch === null) return { outage: null, seen: 'Nobody has measured what clients saw of it.' };
  const { fresh: { longestWriteGapMilliseconds: writeMilliseconds, longestReadGapMilliseconds: readMilliseconds }, resolutionMilliseconds } = watch;
  return {
    outage: { writeMilliseconds, readMilliseconds, resolutionMilliseconds },
    seen: `A client that connects anew could not write for ${writeMilliseconds} ms, and could not read for ${readMilliseconds} ms (at most ${resolutionMilliseconds} ms between two looks).`,
  };
}
