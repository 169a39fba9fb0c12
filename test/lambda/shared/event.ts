import { type Findings } from '../../../lambda/shared/findings';
import { log } from '../../../lambda/shared/log';
import { type PipelineState, type TaskEvent } from '../../../lambda/shared/state';
import { CONTRACT_VERSION, EnvironmentName, type PipelineSettings } from '../../../lib/private/contract';

// what the functions log and measure is for operators; a test looks at what they return or throw.
log.setLogLevel('SILENT');
process.env.POWERTOOLS_METRICS_DISABLED = 'true';

/** When every test begins. */
export const NOW = '2026-11-20T12:00:00.000Z';

/** So many seconds after {@link NOW}. */
export function after(seconds: number): string {
  return new Date(Date.parse(NOW) + seconds * 1000).toISOString();
}

/** What the construct would tell the functions. */
export function settingsOf(settings: Partial<PipelineSettings> = {}): PipelineSettings {
  return {
    pipeline: 'Stack/Pipeline',
    deploymentName: 'shop-utf8mb4',
    clusterIdentifier: 'shop',
    targetClusterParameterGroup: 'green',
    migration: { kind: 'convertCharacterSet', databases: ['shop'], collations: {}, deferredIndexes: { leastBytes: 0, roomBytes: 0 }, applier: 'running' },
    switchoverTimeoutSeconds: 300,
    switchoverAttempts: 2,
    binlogRetentionHours: 72,
    onStepFailure: 'finishRunning',
    lockHolders: 'wait',
    workers: 2,
    patience: {
      greenSeconds: 7200, migrationSeconds: 86_400, replicationSeconds: 7200, comparisonSeconds: 7200, readinessSeconds: 3600, verificationSeconds: 600,
    },
    lagHoldSeconds: 60,
    watchSeconds: 1,
    ...settings,
  };
}

/** Puts the settings where the functions read them. */
export function configure(settings: Partial<PipelineSettings> = {}): PipelineSettings {
  const all = settingsOf(settings);
  process.env[EnvironmentName.SETTINGS] = JSON.stringify(all);
  return all;
}

/** The state of an execution. */
export function stateOf(state: Partial<PipelineState> = {}): PipelineState {
  return {
    contract: CONTRACT_VERSION,
    options: { action: 'run', preflightOnly: false, switchoverTimeoutSeconds: 300, workers: 2, acknowledge: [], ignoreSwitchoverWindow: false },
    situation: null, preflight: null, create: null, binlogs: null, green: null, greenCheck: null, plan: null, migration: null, replication: null,
    comparison: null, evidence: null, answer: null, approval: null, readinessCheck: null, window: null, readiness: null, switchover: null,
    attempts: { made: 0, again: false, reasons: [], outage: null, seen: 'This execution was not there when it happened.' }, verificationCheck: null, verification: null, parameters: null, restoration: null,
    blueRestored: null, abandon: null, bakeTime: null, oldBlueStart: null, oldBlueCheck: null, oldBlueVerdict: null, protection: null, finalSnapshot: null,
    deploymentDeletion: null, lastLook: null, retirement: null,
    hooks: { event: null, beforeSwitchover: null, afterSwitchover: null }, report: null,
    failure: null, failedAt: null, others: null, afterFailure: null, deletionFailure: null,
    ...state,
  };
}

/** What a task receives. */
export function eventOf(state: Partial<PipelineState> = {}, event: Partial<TaskEvent> & Record<string, unknown> = {}): TaskEvent {
  return {
    contract: CONTRACT_VERSION,
    now: NOW,
    execution: { id: 'arn:aws:states:eu-central-1:123456789012:execution:machine:one', startedAt: NOW, redriveCount: 0 },
    input: {},
    state: stateOf(state),
    ...event,
  };
}

/** A zone without findings. */
export const NOTHING_FOUND: Findings = { blockers: 0, warnings: 0, findings: [], omitted: 0 };
