import { type Duration } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { type Construct } from 'constructs';
import { type Announcements } from './announcements';
import { isTrue } from './conditions';
import { type FailurePath } from './failure';
import { StateName } from './names';
import { type TaskStates } from './task-states';

/** Who is asked, and for how long. */
export interface ApprovalSettings {
  readonly topic: sns.ITopic;
  readonly patience: Duration;
}

/** The approval before the switchover. */
export interface SwitchoverApproval {
  /** Gathers the evidence and asks, if nobody has approved it yet. */
  readonly ask: sfn.IChainable;
  /** Looks whether the evidence is still the approved one. */
  readonly stillApproved: sfn.IChainable;
  /** Where an approved execution goes on. */
  goesOn(next: { readonly approved: sfn.IChainable; readonly stillApproved: sfn.IChainable }): void;
}

/** In how many commands of the request the token stands. */
const COMMANDS = 4;

/** SNS does not answer for a moment: 5 s, doubled 5 times. Errors of its own have the name of the service before them. */
const SNS_TROUBLE: sfn.RetryProps = {
  errors: ['SNS.InternalErrorException', 'SNS.ThrottledException', 'SNS.SdkClientException', 'SNS.KMSThrottlingException'], maxAttempts: 5,
};

/**
 * Asks before the switchover: evidence → approved already? → ask → judge the answer. An approval is for one evidence: after *Ready To Switch Over* it
 * is gathered once more, and if it has changed, or the approval is too old, is asked for again.
 */
export function switchoverApproval(
  scope: Construct,
  states: TaskStates,
  failure: FailurePath,
  announce: Announcements,
  settings: ApprovalSettings,
): SwitchoverApproval {
  const gather = states.task(StateName.GATHER_EVIDENCE, 'gather-evidence', { comment: 'What is approved: Blue, the plan, the comparison', resultPath: '$.evidence' });
  const already = new sfn.Choice(scope, StateName.APPROVED_ALREADY, { comment: 'Nobody is asked twice for the same' });
  const ask = askFor(scope, StateName.ASK_FOR_APPROVAL, settings);
  const judge = states.task(StateName.JUDGE_APPROVAL, 'judge-approval', { comment: 'Yes, no, or no answer', resultPath: '$.approval' });
  const again = states.task(StateName.GATHER_EVIDENCE_AGAIN, 'gather-evidence', { comment: 'An approval is for one evidence', resultPath: '$.evidence' });
  const still = new sfn.Choice(scope, StateName.STILL_APPROVED, { comment: 'Asked again if Blue or the comparison has changed, or the approval is too old' });
  failure.catches(gather, judge, again);
  const asked = announce.approvalNeeded(ask, settings.patience.toSeconds());
  // a refusal, a timeout and a topic that does not work are told apart by the state behind.
  ask.addCatch(judge, { resultPath: '$.answer' });
  gather.next(already);
  ask.next(judge);
  again.next(still);
  return {
    ask: gather,
    stillApproved: again,
    goesOn: ({ approved, stillApproved }) => {
      already.when(isTrue('$.evidence.approved'), approved).otherwise(asked);
      judge.next(approved);
      still.when(isTrue('$.evidence.approved'), stillApproved).otherwise(asked);
    },
  };
}

/**
 * Publishes the request and waits for its task token. The state machine does that itself, so that no function needs a permission; the token is in the
 * message only, never in the state.
 */
export function askFor(scope: Construct, id: string, { topic, patience }: ApprovalSettings): tasks.SnsPublish {
  const state = new tasks.SnsPublish(scope, id, {
    comment: 'Waits for the answer with a task token; costs nothing meanwhile',
    integrationPattern: sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    topic,
    subject: sfn.JsonPath.stringAt('$.evidence.subject'),
    // each part of the text ends in a command, and the command in the token, which has no other place.
    message: sfn.TaskInput.fromText(sfn.JsonPath.format(
      '{}{}'.repeat(COMMANDS),
      ...Array.from({ length: COMMANDS }, (_, part) => [sfn.JsonPath.stringAt(`$.evidence.text[${part}]`), sfn.JsonPath.taskToken]).flat(),
    )),
    taskTimeout: sfn.Timeout.duration(patience),
    resultPath: '$.answer',
  });
  state.addRetry(SNS_TROUBLE);
  return state;
}
