import { type handler as checkGreen } from '../../../../lambda/tasks/check-green';
import { type handler as checkMysql } from '../../../../lambda/tasks/check-mysql';
import { type handler as checkRds } from '../../../../lambda/tasks/check-rds';
import { type handler as compareData } from '../../../../lambda/tasks/compare-data';
import { type handler as createGreen } from '../../../../lambda/tasks/create-green';
import { type handler as deleteDeployment } from '../../../../lambda/tasks/delete-deployment';
import { type handler as deleteGreen } from '../../../../lambda/tasks/delete-green';
import { type handler as deleteOldBlue } from '../../../../lambda/tasks/delete-old-blue';
import { type handler as explainFailure } from '../../../../lambda/tasks/explain-failure';
import { type handler as findWhereWeAre } from '../../../../lambda/tasks/find-where-we-are';
import { type handler as gatherEvidence } from '../../../../lambda/tasks/gather-evidence';
import { type handler as gatherRetirementEvidence } from '../../../../lambda/tasks/gather-retirement-evidence';
import { type handler as judge } from '../../../../lambda/tasks/judge';
import { type handler as judgeApproval } from '../../../../lambda/tasks/judge-approval';
import { type handler as judgeFailure } from '../../../../lambda/tasks/judge-failure';
import { type handler as judgeSwitchover } from '../../../../lambda/tasks/judge-switchover';
import { type handler as keepBinlogs } from '../../../../lambda/tasks/keep-binlogs';
import { type handler as lookAtOldBlue } from '../../../../lambda/tasks/look-at-old-blue';
import { type handler as planMigration } from '../../../../lambda/tasks/plan-migration';
import { type handler as prepareHook } from '../../../../lambda/tasks/prepare-hook';
import { type handler as protectOldBlue } from '../../../../lambda/tasks/protect-old-blue';
import { handler as readInput } from '../../../../lambda/tasks/read-input';
import { type handler as rememberPlan } from '../../../../lambda/tasks/remember-plan';
import { type handler as report } from '../../../../lambda/tasks/report';
import { type handler as restoreBlue } from '../../../../lambda/tasks/restore-blue';
import { type handler as restoreParameters } from '../../../../lambda/tasks/restore-parameters';
import { type handler as restoreProduction } from '../../../../lambda/tasks/restore-production';
import { type handler as runMigration } from '../../../../lambda/tasks/run-migration';
import { type handler as startOldBlue } from '../../../../lambda/tasks/start-old-blue';
import { type handler as switchOver } from '../../../../lambda/tasks/switch-over';
import { type handler as takeFinalSnapshot } from '../../../../lambda/tasks/take-final-snapshot';
import { type handler as waitForGreen } from '../../../../lambda/tasks/wait-for-green';
import { type handler as waitForReplication } from '../../../../lambda/tasks/wait-for-replication';
import { type handler as waitForSwitchover } from '../../../../lambda/tasks/wait-for-switchover';
import { type handler as waitForWindow } from '../../../../lambda/tasks/wait-for-window';
import { type handler as waitToRetire } from '../../../../lambda/tasks/wait-to-retire';
import { type handler as watchEndpoint } from '../../../../lambda/tasks/watch-endpoint';
import { type TaskName } from '../../../../lib/private/functions';
import { configure, eventOf } from '../../../lambda/shared/event';

interface Handlers {
  'read-input': typeof readInput;
  'find-where-we-are': typeof findWhereWeAre;
  'check-rds': typeof checkRds;
  'check-mysql': typeof checkMysql;
  'check-green': typeof checkGreen;
  judge: typeof judge;
  'create-green': typeof createGreen;
  'keep-binlogs': typeof keepBinlogs;
  'wait-for-green': typeof waitForGreen;
  'prepare-hook': typeof prepareHook;
  'plan-migration': typeof planMigration;
  'remember-plan': typeof rememberPlan;
  'run-migration': typeof runMigration;
  'wait-for-replication': typeof waitForReplication;
  'compare-data': typeof compareData;
  'wait-for-window': typeof waitForWindow;
  'gather-evidence': typeof gatherEvidence;
  'judge-approval': typeof judgeApproval;
  'switch-over': typeof switchOver;
  'wait-for-switchover': typeof waitForSwitchover;
  'watch-endpoint': typeof watchEndpoint;
  'judge-switchover': typeof judgeSwitchover;
  'restore-parameters': typeof restoreParameters;
  'restore-production': typeof restoreProduction;
  'restore-blue': typeof restoreBlue;
  'delete-green': typeof deleteGreen;
  'wait-to-retire': typeof waitToRetire;
  'start-old-blue': typeof startOldBlue;
  'gather-retirement-evidence': typeof gatherRetirementEvidence;
  'protect-old-blue': typeof protectOldBlue;
  'take-final-snapshot': typeof takeFinalSnapshot;
  'delete-deployment': typeof deleteDeployment;
  'look-at-old-blue': typeof lookAtOldBlue;
  'delete-old-blue': typeof deleteOldBlue;
  report: typeof report;
  'judge-failure': typeof judgeFailure;
  'explain-failure': typeof explainFailure;
}

/** The members a task always returns: the type check refuses one that it only may return. */
type Certain<Result> = { readonly [Key in keyof Result as undefined extends Result[Key] ? never : Key]?: Result[Key] };

/** Tasks that a state runs; the monitor is called by a schedule. */
export type StateTaskName = Exclude<TaskName, 'monitor'>;

type Results = { readonly [Task in StateTaskName]: Certain<Awaited<ReturnType<Handlers[Task]>>> };

const FINDINGS = { blockers: 0, warnings: 0, findings: [], omitted: 0 };
const WAITING = { done: true, waitSeconds: 5, startedAt: '2026-11-20T12:00:00.000Z' };

/**
 * What each task returns at the least, as far as states and later tasks read it. *Read Input* is run itself: it makes the skeleton.
 */
export async function taskResults(): Promise<Results> {
  configure();
  return {
    'read-input': await readInput(eventOf()),
    'find-where-we-are': { phase: 'none', deployment: null, source: null, target: null },
    'check-rds': FINDINGS,
    'check-mysql': FINDINGS,
    'check-green': { ...FINDINGS, replan: false },
    judge: { ...WAITING, replan: false, overtaken: false },
    'create-green': { identifier: 'bgd-1' },
    'keep-binlogs': { hours: 168 },
    'wait-for-green': WAITING,
    'prepare-hook': { hook: 'beforeMigration' },
    'plan-migration': {},
    'remember-plan': { replaced: false },
    'run-migration': { ...WAITING, steps: 3 },
    'wait-for-replication': WAITING,
    'compare-data': WAITING,
    'wait-for-window': WAITING,
    'gather-evidence': { hash: 'e1', approved: false, subject: 'Approve?', text: ['1', '2', '3', '4'] },
    'judge-approval': { evidence: 'e1', at: WAITING.startedAt },
    'switch-over': WAITING,
    'wait-for-switchover': WAITING,
    'watch-endpoint': WAITING,
    'judge-switchover': { made: 1, again: false, reasons: [], outage: null, seen: 'Nobody has measured it.' },
    'restore-parameters': { ...WAITING, remarks: [] },
    'restore-production': { ...WAITING, remarks: [] },
    'restore-blue': { remarks: [] },
    'delete-green': { ...WAITING, green: null, remarks: [] },
    'wait-to-retire': WAITING,
    'start-old-blue': WAITING,
    'gather-retirement-evidence': { hash: 'e2', approved: false, subject: 'Approve?', text: ['1', '2', '3', '4'] },
    'protect-old-blue': WAITING,
    'take-final-snapshot': WAITING,
    'delete-deployment': WAITING,
    'look-at-old-blue': { ...WAITING, quietSince: null },
    'delete-old-blue': { ...WAITING, oldBlue: `'shop-old1' (cluster-1)`, snapshot: 'arn:snapshot', earlySnapshot: 'arn:early', remarks: [] },
    report: { summary: 'switched over' },
    'judge-failure': { deletes: true, kept: null },
    'explain-failure': { redriven: true },
  };
}
