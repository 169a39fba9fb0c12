import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { ErrorName, Phase } from '../contract';
import { type Announcements } from './announcements';
import { checks } from './checks';
import { isTrue } from './conditions';
import { type FailurePath } from './failure';
import { type MonitorStates } from './monitor-states';
import { StateName } from './names';
import { pollLoop } from './poll-loop';
import { type TaskStates } from './task-states';

/** What a look at Green ends in where its name leads nowhere any more, or to what is production now. */
const GREEN_IS_GONE: string[] = [ErrorName.NOT_A_REPLICA, ErrorName.DATABASE_UNREACHABLE];

/** The entries of the phase that switches over. */
export interface SwitchoverPhase {
  readonly ready: sfn.IChainable;
  readonly switchOver: sfn.IChainable;
  readonly verify: sfn.IChainable;
  /** Where it goes when nothing is in the way of a switchover any more. */
  whenReady(then: sfn.IChainable): void;
  /** Where it goes back to when tables arrived from Blue that the plan does not cover. */
  whenNewTables(plan: sfn.IChainable): void;
}

/** Switches over when everything is ready, measures what a client sees, verifies, and restores production. */
export function switchoverPhase(
  scope: Construct,
  states: TaskStates,
  failure: FailurePath,
  monitor: MonitorStates,
  announce: Announcements,
  next: { readonly then: sfn.IChainable; readonly otherwise: sfn.IChainable; readonly find: sfn.IChainable; verified(then: sfn.IChainable): sfn.IChainable },
): SwitchoverPhase {
  const window = states.task(StateName.WAIT_FOR_WINDOW, 'wait-for-window', { comment: 'Until a switchover may be started; meanwhile Green is to follow Blue', resultPath: '$.window' });
  const ready = checks(scope, states, StateName.READY_TO_SWITCH_OVER, {
    comment: 'Everything is looked at once more, immediately before',
    scope: 'before-switchover',
    rds: StateName.READY_IN_RDS,
    mysql: { id: StateName.READY_IN_MYSQL, task: 'check-green' },
    resultPath: '$.readinessCheck',
  });
  const judgeReadiness = states.task(StateName.JUDGE_READINESS, 'judge', { comment: 'Waits for a good moment', resultPath: '$.readiness', payload: { subject: 'readiness' } });
  const planAgain = new sfn.Choice(scope, StateName.PLAN_AGAIN, { comment: 'Tables may have arrived from Blue since the plan was made' })
    .when(isTrue('$.readiness.overtaken'), next.find);
  const switchOver = switchOverAndWatch(scope, states);
  const judgeSwitchover = states.task(StateName.JUDGE_SWITCHOVER, 'judge-switchover', { comment: 'Fails where RDS has rolled back once too often', resultPath: '$.attempts' });
  const findProduction = states.task(StateName.FIND_PRODUCTION, 'find-where-we-are', { comment: 'Names and ARNs have swapped', resultPath: '$.situation' });
  const tryAgain = new sfn.Choice(scope, StateName.TRY_AGAIN, { comment: 'RDS may have cancelled or rolled back, which leaves production unchanged' });
  const verify = checks(scope, states, StateName.VERIFY_SWITCHOVER, {
    comment: 'The endpoint leads to the new server, it takes writes, the old Blue does not',
    scope: 'after-switchover',
    rds: StateName.VERIFY_IN_RDS,
    mysql: { id: StateName.VERIFY_IN_MYSQL, task: 'check-green' },
    resultPath: '$.verificationCheck',
  });
  const judgeVerification = states.task(StateName.JUDGE_VERIFICATION, 'judge', { comment: 'DNS and renaming may need a moment', resultPath: '$.verification', payload: { subject: 'verification' } });
  const parameters = states.task(StateName.RESTORE_PARAMETERS, 'restore-parameters', { comment: 'Takes out of the parameter group what only Green needed', resultPath: '$.parameters' });
  const production = states.task(StateName.RESTORE_PRODUCTION, 'restore-production', { comment: 'Events, retention; reads everything back; drops the ledger', resultPath: '$.restoration' });
  // days may pass there, and somebody may switch over by hand: what was Green is production then, and has to be restored.
  window.addCatch(next.find, { errors: GREEN_IS_GONE, resultPath: sfn.JsonPath.DISCARD });
  failure.catches(window, judgeReadiness, judgeSwitchover, findProduction, judgeVerification, parameters, production);
  failure.catches(ready, switchOver, verify);

  pollLoop(scope, StateName.WAIT_FOR_WINDOW, { look: window, slice: '$.window', then: ready });
  ready.next(judgeReadiness);
  pollLoop(scope, StateName.READY_TO_SWITCH_OVER, { look: judgeReadiness, first: window, slice: '$.readiness', then: planAgain });
  // an execution that finds everything switched over comes here, too.
  const switchedOver = monitor.off(verify);
  switchOver.next(judgeSwitchover).next(findProduction).next(tryAgain);
  // an execution that found a switchover under way, and RDS has cancelled that, has not looked at anything yet.
  const looked = sfn.Condition.isNotNull('$.readiness');
  tryAgain
    .when(sfn.Condition.and(isTrue('$.attempts.again'), looked, sfn.Condition.stringEquals('$.situation.phase', Phase.AVAILABLE)), window)
    .when(isTrue('$.attempts.again'), next.otherwise)
    .otherwise(switchedOver);
  verify.next(judgeVerification);
  pollLoop(scope, StateName.VERIFY_SWITCHOVER, { look: judgeVerification, first: findProduction, slice: '$.verification', then: next.verified(announce.switchedOver(parameters)) });
  pollLoop(scope, StateName.RESTORE_PARAMETERS, { look: parameters, slice: '$.parameters', then: production });
  pollLoop(scope, StateName.RESTORE_PRODUCTION, { look: production, slice: '$.restoration', then: next.then });
  return {
    ready: window, switchOver, verify: switchedOver,
    whenReady: (then) => { planAgain.otherwise(then); },
    whenNewTables: (plan) => { planAgain.when(isTrue('$.readiness.replan'), plan); },
  };
}

/** Switches over in one branch and measures in the other what a client sees meanwhile. Neither branch fails. */
function switchOverAndWatch(scope: Construct, states: TaskStates): sfn.Parallel {
  const parallel = new sfn.Parallel(scope, StateName.SWITCH_OVER_AND_WATCH, {
    comment: 'RDS switches over; meanwhile a prober measures the outage',
    resultSelector: { outcome: sfn.JsonPath.objectAt('$[0]'), watch: sfn.JsonPath.objectAt('$[1]') },
    resultPath: '$.switchover',
  });

  const start = states.task(StateName.SWITCH_OVER, 'switch-over', {
    comment: 'Asks RDS, once', resultPath: '$.started', payload: { retryCount: sfn.JsonPath.stringAt('$$.State.RetryCount') },
  });
  const wait = states.task(StateName.WAIT_FOR_SWITCHOVER, 'wait-for-switchover', { comment: 'RDS rolls everything back at its timeout', resultPath: '$.started' });
  const switched = new sfn.Pass(scope, StateName.SWITCHOVER_ENDED, { parameters: { progress: sfn.JsonPath.objectAt('$.started') } });
  const failed = new sfn.Pass(scope, StateName.SWITCHOVER_UNKNOWN, { parameters: { error: sfn.JsonPath.objectAt('$.failure') } });
  for (const state of [start, wait]) state.addCatch(failed, { resultPath: '$.failure' });
  start.next(wait);
  pollLoop(scope, StateName.WAIT_FOR_SWITCHOVER, { look: wait, slice: '$.started', then: switched });
  parallel.branch(start);

  const watch = states.task(StateName.WATCH_ENDPOINT, 'watch-endpoint', { comment: 'Connects ten times a second and never writes', resultPath: '$.watch' });
  const watched = new sfn.Pass(scope, StateName.WATCHED, { outputPath: '$.watch' });
  const notWatched = new sfn.Pass(scope, StateName.NOT_WATCHED, {
    comment: 'A measurement is not worth failing for', result: sfn.Result.fromObject({ watch: null }), resultPath: '$', outputPath: '$.watch',
  });
  watch.addCatch(notWatched, { resultPath: '$.failure' });
  // RDS may have refused or cancelled it, and not every server tells: nothing should wait for the switchover's deadline then.
  const stillSwitching = states.task(StateName.STILL_SWITCHING, 'find-where-we-are', { comment: 'Whether there is anything left to watch', resultPath: '$.present' });
  const unknown = new sfn.Pass(scope, `${StateName.STILL_SWITCHING}: Not Checked`, { comment: 'Then the watch goes on' });
  stillSwitching.addCatch(unknown, { resultPath: '$.failure' });
  unknown.next(watch);
  stillSwitching.next(watch);
  pollLoop(scope, StateName.WATCH_ENDPOINT, { look: watch, first: stillSwitching, slice: '$.watch', then: watched });
  parallel.branch(watch);
  return parallel;
}
