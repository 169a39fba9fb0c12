import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { Phase, type RetirementSettings } from '../contract';
import { type Announcements } from './announcements';
import { type ApprovalSettings, askFor } from './approval';
import { checks } from './checks';
import { isTrue } from './conditions';
import { type FailurePath } from './failure';
import { StateName } from './names';
import { pollLoop } from './poll-loop';
import { type TaskStates } from './task-states';

/** Input `{ "action": "retire" }`, as it stands in the state. */
export const IS_RETIRED = sfn.Condition.stringEquals('$.options.action', 'retire');

/** The entries of the phase that deletes the old Blue. */
export interface RetirePhase {
  /** Where this execution has restored production. */
  readonly switchedOver: sfn.IChainable;
  /** Where production is restored. */
  readonly begin: sfn.IChainable;
  /** Where its final snapshot is there, and nobody is asked any more. */
  readonly goOn: sfn.IChainable;
  /** Where it is being deleted. */
  readonly remove: sfn.IChainable;
}

/** What the phase is made for. */
export interface RetirePhaseProps {
  readonly settings: RetirementSettings;
  /** Who is asked, where somebody is. */
  readonly approval: ApprovalSettings | undefined;
  readonly then: sfn.IChainable;
}

/**
 * Deletes the old Blue: when its time has come and nothing speaks against it, it is kept from becoming writable, kept as a snapshot, and deleted together with
 * the deployment. From the deletion of the deployment on, tags of the old Blue itself tell where the work stands.
 */
export function retirePhase(
  scope: Construct, states: TaskStates, failure: FailurePath, announce: Announcements, { settings, approval, then }: RetirePhaseProps,
): RetirePhase {
  const bake = states.task(StateName.WAIT_TO_RETIRE, 'wait-to-retire', { comment: 'Until production has stood for as long as it should', resultPath: '$.bakeTime' });
  const find = states.task(StateName.FIND_OLD_BLUE, 'find-where-we-are', { comment: 'Days may have passed', resultPath: '$.situation', payload: { purpose: 'retire' } });
  const isThere = new sfn.Choice(scope, StateName.OLD_BLUE_IS_THERE, { comment: 'Somebody may have deleted it, or its deployment, by hand' });
  const start = states.task(StateName.START_OLD_BLUE, 'start-old-blue', { comment: 'What is stopped cannot be deleted', resultPath: '$.oldBlueStart' });
  const look = checks(scope, states, StateName.CHECK_OLD_BLUE, {
    comment: 'Which cluster it is, and that nobody needs it',
    scope: 'retire',
    rds: StateName.CHECK_OLD_BLUE_IN_RDS,
    mysql: { id: StateName.CHECK_OLD_BLUE_IN_MYSQL, task: 'check-green' },
    resultPath: '$.oldBlueCheck',
  });
  const judge = states.task(StateName.JUDGE_RETIREMENT, 'judge', { comment: 'Clients may need a moment to leave', resultPath: '$.oldBlueVerdict', payload: { subject: 'retirement' } });
  const protect = states.task(StateName.PROTECT_OLD_BLUE, 'protect-old-blue', { comment: 'Read-only by itself, before its deployment is gone', resultPath: '$.protection' });
  const snapshot = states.task(StateName.TAKE_FINAL_SNAPSHOT, 'take-final-snapshot', { comment: 'And waits until it is available', resultPath: '$.finalSnapshot' });
  const deployment = states.task(StateName.DELETE_DEPLOYMENT, 'delete-deployment', { comment: 'The object only; what it knew is written on the old Blue', resultPath: '$.deploymentDeletion' });
  const lastLook = states.task(StateName.LOOK_AT_OLD_BLUE, 'look-at-old-blue', { comment: 'Read-only, and nobody there', resultPath: '$.lastLook' });
  const remove = states.task(StateName.DELETE_OLD_BLUE, 'delete-old-blue', { comment: 'Readers, writer, cluster; told apart by resource ids', resultPath: '$.retirement' });
  failure.catches(bake, find, start, judge, protect, snapshot, deployment, lastLook, remove);
  failure.catches(look);

  pollLoop(scope, StateName.WAIT_TO_RETIRE, { look: bake, slice: '$.bakeTime', then: find });
  find.next(isThere);
  const phaseIs = (phase: string) => sfn.Condition.stringEquals('$.situation.phase', phase);
  isThere
    .when(phaseIs(Phase.REMOVING), remove)
    .when(phaseIs(Phase.RETIRING), start)
    .when(sfn.Condition.and(phaseIs(Phase.FINISHED), sfn.Condition.isNotNull('$.situation.source')), start)
    .otherwise(then);
  pollLoop(scope, StateName.START_OLD_BLUE, { look: start, slice: '$.oldBlueStart', then: look });
  look.next(judge);
  const asked = settings.asks && approval !== undefined;
  const approved = asked ? retirementApproval(scope, states, failure, announce, { approval, approved: protect, again: find }) : protect;
  pollLoop(scope, StateName.CHECK_OLD_BLUE, { look: judge, first: start, slice: '$.oldBlueVerdict', then: approved });
  pollLoop(scope, StateName.PROTECT_OLD_BLUE, { look: protect, slice: '$.protection', then: snapshot });
  pollLoop(scope, StateName.TAKE_FINAL_SNAPSHOT, { look: snapshot, slice: '$.finalSnapshot', then: deployment });
  pollLoop(scope, StateName.DELETE_DEPLOYMENT, { look: deployment, slice: '$.deploymentDeletion', then: lastLook });
  pollLoop(scope, StateName.LOOK_AT_OLD_BLUE, { look: lastLook, slice: '$.lastLook', then: remove });
  pollLoop(scope, StateName.DELETE_OLD_BLUE, { look: remove, slice: '$.retirement', then: announce.retired(then) });
  if (settings.kind === 'onRequest') {
    const begin = whereWanted(scope, bake, then);
    return { switchedOver: begin, begin, goOn: start, remove };
  }
  return { switchedOver: reportFirst(states, failure, bake), begin: bake, goOn: start, remove };
}

/** What is known of the switchover is told now: the retirement may be weeks away, and a redrive of one that fails knows nothing of it any more. */
function reportFirst(states: TaskStates, failure: FailurePath, then: sfn.IChainable): sfn.IChainable {
  const report = states.task(StateName.REPORT_SWITCHOVER, 'report', { comment: 'Not only when the old Blue is gone', resultPath: sfn.JsonPath.DISCARD });
  failure.catches(report);
  report.next(then);
  return report;
}

/** Every other execution leaves the old Blue alone. */
function whereWanted(scope: Construct, begin: sfn.IChainable, otherwise: sfn.IChainable): sfn.IChainable {
  return new sfn.Choice(scope, StateName.RETIRE_BLUE, { comment: 'Only an execution with { "action": "retire" }' }).when(IS_RETIRED, begin).otherwise(otherwise);
}

/** Asks whether the old Blue may be deleted. Everything is looked at again behind the answer, which may have taken days. */
function retirementApproval(
  scope: Construct,
  states: TaskStates,
  failure: FailurePath,
  announce: Announcements,
  next: { readonly approval: ApprovalSettings; readonly approved: sfn.IChainable; readonly again: sfn.IChainable },
): sfn.IChainable {
  const gather = states.task(StateName.GATHER_RETIREMENT_EVIDENCE, 'gather-retirement-evidence', { comment: 'What is approved: which cluster goes, and which one stays', resultPath: '$.evidence' });
  const already = new sfn.Choice(scope, StateName.RETIREMENT_APPROVED, { comment: 'An approval is for one evidence' });
  const ask = askFor(scope, StateName.ASK_TO_RETIRE, next.approval);
  const judge = states.task(StateName.JUDGE_RETIREMENT_APPROVAL, 'judge-approval', { comment: 'Yes, no, or no answer', resultPath: '$.approval', payload: { subject: 'retirement' } });
  failure.catches(gather, judge);
  ask.addCatch(judge, { resultPath: '$.answer' });
  gather.next(already);
  already.when(isTrue('$.evidence.approved'), next.approved).otherwise(announce.retirementApprovalNeeded(ask, next.approval.patience.toSeconds()));
  ask.next(judge).next(next.again);
  return gather;
}
