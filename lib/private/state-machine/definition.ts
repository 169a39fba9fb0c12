import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { type PipelineHooks } from '../../hooks';
import { Phase, type PhaseName, type RetirementSettings } from '../contract';
import { type PipelineFunctions } from '../functions';
import { type Monitor } from '../monitor';
import { abandonPhase, IS_ABANDONED } from './abandon-phase';
import { type AnnouncementSettings, Announcements } from './announcements';
import { type ApprovalSettings, switchoverApproval } from './approval';
import { isTrue } from './conditions';
import { createPhase } from './create-phase';
import { failurePath } from './failure';
import { greenAfterFailure } from './green-after-failure';
import { hookStates } from './hooks';
import { migrationPhase } from './migration-phase';
import { monitorStates } from './monitor-states';
import { StateName } from './names';
import { preflightPhase } from './preflight-phase';
import { IS_RETIRED, retirePhase } from './retire-phase';
import { switchoverPhase } from './switchover-phase';
import { TaskStates } from './task-states';

/** What a pipeline may have or not. */
export interface DefinitionOptions {
  /** Who is asked before the switchover; absent where nobody is. */
  readonly approval?: ApprovalSettings;
  /** Who hears how it goes; absent where nobody does. */
  readonly announcements?: AnnouncementSettings;
  /** The user's own states. */
  readonly hooks?: PipelineHooks;
  /** Whether Green is deleted when an execution fails before the switchover. */
  readonly deletesGreenAfterFailure?: boolean;
  /** When the old Blue is deleted; absent where it stays. */
  readonly retirement?: RetirementSettings;
}

/**
 * The order of everything. Reads from top to bottom as the operator sees it; each phase is a file beside this one.
 *
 * 1. Read Input, Find Where We Are: from the facts RDS tells, so that a redrive and a new execution go on alike
 * 2. Preflight: all findings before anything is created
 * 3. Create Green, Keep Binlogs, Wait For Green, Check Green
 * 4. Plan Migration, Run Migration, Wait For Replication, Compare Data
 * 5. Ask For Approval, where that is wanted
 * 6. Wait For Window, Ready To Switch Over, Switch Over And Watch (again, if RDS cancels), Verify Switchover, Restore Parameters, Restore Production
 * 7. Wait Before Retiring, Check Old Blue, Take Final Snapshot, Delete Old Blue, where that is wanted
 * 8. Report
 *
 * In between, where somebody listens: announcements, which are never in the way.
 * The user's hooks stand before *Plan Migration*, before *Switch Over And Watch* and after *Verify Switchover*.
 * Beside it: *Restore Blue* and *Delete Green*, for an execution that gives up, and the same on the failing path, where the pipeline is told to.
 */
export function pipelineDefinition(scope: Construct, functions: PipelineFunctions, monitor: Monitor, options: DefinitionOptions = {}): sfn.IChainable {
  const { approval: wanted } = options;
  const states = new TaskStates(scope, functions);
  const start = new sfn.Pass(scope, StateName.START, {
    // an input may be any JSON, and an error cannot be put into a list or a number: no Catch would see that. The tasks read the input from elsewhere.
    comment: 'Whatever the input is, the state is an object that a failure fits into',
    result: sfn.Result.fromObject({ situation: null, create: null, switchover: null }),
    resultPath: '$',
  });
  const readInput = states.task(StateName.READ_INPUT, 'read-input', { comment: 'Validates the execution input; {} is the usual one', resultPath: '$' });
  const watched = monitorStates(scope, monitor);
  const announce = new Announcements(scope, options.announcements);
  const begin = announce.started(readInput);
  const failure = failurePath(scope, states, {
    restart: begin, before: options.deletesGreenAfterFailure === true ? (explain) => greenAfterFailure(scope, states, watched, explain) : undefined,
  });
  const find = states.task(StateName.FIND_WHERE_WE_ARE, 'find-where-we-are', { comment: 'Asks RDS how far the work has got', resultPath: '$.situation' });
  const report = states.task(StateName.REPORT, 'report', { comment: 'What happened; the output of the execution', resultPath: '$.report' });
  const done = new sfn.Succeed(scope, StateName.DONE, { outputPath: '$.report' });
  const whereAreWe = new sfn.Choice(scope, StateName.WHERE_ARE_WE, { comment: 'A new execution and a redrive continue where the work stands' });

  // each phase is told where it goes on, so they are made from the last to the first.
  const retire = options.retirement && retirePhase(scope, states, failure, announce, { settings: options.retirement, approval: wanted, then: report });
  const hooks = hookStates(scope, states, failure, options.hooks);
  const switchover = switchoverPhase(scope, states, failure, watched, announce, {
    verified: (then) => hooks.afterSwitchover(then), then: retire?.switchedOver ?? report, otherwise: whereAreWe, find,
  });
  const switchOver = hooks.beforeSwitchover({ then: switchover.switchOver, again: switchover.ready });
  const approval = wanted === undefined ? undefined : switchoverApproval(scope, states, failure, announce, wanted);
  approval?.goesOn({ approved: switchover.ready, stillApproved: switchOver });
  switchover.whenReady(approval?.stillApproved ?? switchOver);
  const migration = migrationPhase(scope, states, failure, announce, { then: approval?.ask ?? switchover.ready });
  switchover.whenNewTables(migration.plan);
  const create = createPhase(scope, states, failure, watched, announce, { then: hooks.beforeMigration(migration.plan), otherwise: whereAreWe });
  const preflight = preflightPhase(scope, states, failure, { then: create.create, only: report });

  const abandon = abandonPhase(scope, states, failure, { then: report });

  start.next(begin);
  readInput.next(find).next(whereAreWe);
  report.next(announce.finished(done));
  failure.catches(readInput, find, report);
  const phaseIs = (phase: PhaseName) => sfn.Condition.stringEquals('$.situation.phase', phase);
  whereAreWe.when(sfn.Condition.and(IS_ABANDONED, phaseIs(Phase.NONE)), abandon.remove).when(IS_ABANDONED, abandon.restore);
  // who wants to delete must never begin anew where nothing is left to delete.
  if (retire !== undefined) whereAreWe.when(sfn.Condition.and(IS_RETIRED, phaseIs(Phase.NONE)), report);
  whereAreWe
    .when(phaseIs(Phase.NONE), preflight)
    // who only wants to look must never go on where another execution has stopped.
    .when(isTrue('$.options.preflightOnly'), report)
    .when(phaseIs(Phase.CREATING), create.keepBinlogs)
    .when(phaseIs(Phase.AVAILABLE), create.keepBinlogs)
    .when(phaseIs(Phase.SWITCHING), switchover.switchOver)
    .when(phaseIs(Phase.SWITCHED), switchover.verify);
  if (retire !== undefined) {
    whereAreWe.when(phaseIs(Phase.FINISHED), retire.begin).when(phaseIs(Phase.RETIRING), retire.goOn).when(phaseIs(Phase.REMOVING), retire.remove);
  }
  whereAreWe.otherwise(report);
  return start;
}
