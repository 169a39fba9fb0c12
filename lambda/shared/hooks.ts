import { ErrorName } from '../../lib/private/contract';
import { PipelineError } from './errors';
import { type TaskEvent } from './state';

/**
 * Ends an execution that would have to wait for something other than a good moment, once `beforeSwitchover` has run: the user's writers stand still then,
 * and a window may open tomorrow.
 *
 * @param why what would have to be waited for.
 */
export function mustNotWait({ state }: TaskEvent, why: string): void {
  if (state.hooks.beforeSwitchover === null) return;
  throw new PipelineError(
    ErrorName.NOT_READY_TO_SWITCH_OVER,
    `nothing was switched over and Blue is untouched: ${why}. The hook 'beforeSwitchover' has run already, and the pipeline does not wait for that while writers stand still. `
    + 'Start them again (the hook \'onFailure\' can do that), then start a new execution with {}; it continues with this Green, and runs the hook again when everything is ready',
  );
}
