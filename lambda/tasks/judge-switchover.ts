import { explained } from '../shared/failure';
import { type SwitchoverProgress } from '../shared/state';
import { required, task } from '../shared/task';

/**
 * The switchover's branch does not fail, so that the watch beside it is not cut off; here its failure becomes the execution's.
 */
export const handler = task<SwitchoverProgress>(async (event) => {
  const { progress, error } = required(event.state.switchover, 'the outcome of the switchover').outcome;
  if (error !== undefined) throw Object.assign(new Error(explained(error)), { name: error.Error });
  return required(progress, 'the outcome of the switchover');
});
