import { ErrorName, MetricName } from '../../lib/private/contract';
import { PipelineError } from '../shared/errors';
import { explained } from '../shared/failure';
import { publish } from '../shared/metrics';
import { readSettings } from '../shared/settings';
import { type EndpointWatch, type SwitchoverAttempts } from '../shared/state';
import { required, task } from '../shared/task';

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
  const { failure, startedAt } = required(progress, 'the outcome of the switchover');
  const made = before.made + 1;
  if (failure === null) return { made, again: false, reasons: before.reasons, ...seenBy(watch) };
  const reasons = [...before.reasons, `(asked for at ${startedAt}) ${failure}`];
  if (made < readSettings().switchoverAttempts) return { ...before, made, again: true, reasons };
  throw new PipelineError(
    ErrorName.SWITCHOVER_FAILED,
    `RDS has not switched over in ${made} attempt${made === 1 ? '' : 's'} (switchoverAttempts); everything was rolled back and production is unchanged:\n${attempts(reasons)}\n`
    + 'Mend what RDS names (lag, long transactions, DDL), then start a new execution with {}; it checks everything again and switches over',
  );
});

function seenBy(watch: EndpointWatch | null): Pick<SwitchoverAttempts, 'outage' | 'seen'> {
  if (watch === null) return { outage: null, seen: 'Nobody has measured what clients saw of it.' };
  const { fresh: { longestWriteGapMilliseconds: writeMilliseconds, longestReadGapMilliseconds: readMilliseconds }, resolutionMilliseconds } = watch;
  return {
    outage: { writeMilliseconds, readMilliseconds, resolutionMilliseconds },
    seen: `A client that connects anew could not write for ${writeMilliseconds} ms, and could not read for ${readMilliseconds} ms (at most ${resolutionMilliseconds} ms between two looks).`,
  };
}
