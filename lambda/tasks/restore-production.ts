import { ErrorName } from '../../lib/private/contract';
import { restoreProduction } from '../restoration/production';
import { PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type Restoration, type Waiting } from '../shared/state';
import { situationOf, task } from '../shared/task';
import { inWords, secondsBetween, secondsUntilNextLook, unfinished as goingOn } from '../shared/waiting';

/** Undoes on production what was only for the time of Green, reads it back, and drops the ledger last. */
export const handler = task<Restoration & Waiting>(async (event) => {
  const settings = readSettings();
  const previous = goingOn(event.state.restoration);
  const startedAt = previous?.startedAt ?? event.now;
  const elapsed = secondsBetween(startedAt, event.now);
  const { remarks, ledger, unfinished, open } = await restoreProduction(situationOf(event), settings);
  if (open.length > 0 && elapsed > settings.patience.verificationSeconds) {
    throw new PipelineError(
      ErrorName.RESTORE_FAILED,
      `production works, but after ${inWords(elapsed)} not everything is as it was on Blue: ${open.join('; ')}. Set it by hand (docs/runbook.md, RestoreFailed), then start a new execution with {}; it reads everything back`,
    );
  }
  const all = [...new Set([...previous?.remarks ?? [], ...remarks])].slice(0, 20);
  return { done: open.length === 0, waitSeconds: secondsUntilNextLook(elapsed), startedAt, remarks: all, ledger, unfinished };
});
