import { type ApprovalAnswer, ErrorName } from '../../lib/private/contract';
import { PipelineError } from '../shared/errors';
import { explained, type TaskFailure } from '../shared/failure';
import { type Approval, type TaskEvent } from '../shared/state';
import { required, task } from '../shared/task';

/** What is asked for; the definition says which. */
type Subject = 'switchover' | 'retirement';

/** What stands when it is not approved, and how to be asked again. */
const AGAIN: Readonly<Record<Subject, string>> = {
  switchover: 'Nothing was switched over, and Green stays. Redrive this execution or start a new one with {}: it continues with this Green, and asks again',
  retirement: 'Nothing was deleted: production is as it was, and the old Blue stays. Redrive this execution or start a new one with {}: it asks again',
};

/**
 * Takes the answer: an approval goes on; a refusal, silence, and a request that could not be published end the execution, each with a name of its own.
 */
export const handler = task<Approval>((event) => {
  const { state, now, subject = 'switchover' } = event as TaskEvent & { subject?: Subject };
  const evidence = required(state.evidence, 'the evidence').hash;
  const { answer } = state;
  if (isFailure(answer)) throw unanswered(answer, AGAIN[subject]);
  const { approved } = (typeof answer === 'object' && answer !== null ? answer : {}) as Partial<ApprovalAnswer>;
  if (approved === true) return Promise.resolve({ evidence, at: now });
  throw new PipelineError(
    ErrorName.APPROVAL_REJECTED,
    `the request for approval was answered, but not with {"approved": true}, so it counts as refused. ${AGAIN[subject]}; answer it with the command in the message`,
  );
});

/** What a Catch leaves behind. */
function isFailure(answer: unknown): answer is TaskFailure {
  return typeof answer === 'object' && answer !== null && typeof (answer as { Error?: unknown }).Error === 'string';
}

function unanswered(failure: TaskFailure, again: string): PipelineError {
  if (/^States\.(HeartbeatTimeout|Timeout)$/.test(failure.Error)) {
    return new PipelineError(ErrorName.APPROVAL_TIMED_OUT, `nobody answered the request for approval in time (approval.patience). ${again}`);
  }
  if (/^(SNS|States)\./i.test(failure.Error)) {
    return new PipelineError(
      ErrorName.APPROVAL_NOT_SENT,
      `the request for approval could not be published (${failure.Error}): ${explained(failure)}. See that the topic exists, and that its policy and its key let the role of the state machine publish. ${again}`,
    );
  }
  return new PipelineError(ErrorName.APPROVAL_REJECTED, `the request for approval was refused: ${failure.Cause?.slice(0, 2000) || 'no reason was given'}. ${again}`);
}
