import * as z from 'zod/mini';
import { CHECKS, CONTRACT_VERSION, ErrorName } from '../../lib/private/contract';
import { PipelineError } from '../shared/errors';
import { readSettings } from '../shared/settings';
import { type PipelineState } from '../shared/state';
import { task } from '../shared/task';

/** What the console and AWS put into an input by themselves. */
const IGNORED = ['Comment', 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID'];

const ACKNOWLEDGEABLE = Object.entries(CHECKS).filter(([, what]) => what !== 'nothing').map(([id]) => id);

const OVERRIDES = {
  action: z.optional(z.enum(['abandon', 'retire'])),
  preflightOnly: z.optional(z.boolean()),
  switchoverTimeoutSeconds: z.optional(z.int().check(z.minimum(30), z.maximum(3600))),
  workers: z.optional(z.int().check(z.minimum(1), z.maximum(32))),
  switchoverWindow: z.optional(z.literal('ignore')),
  acknowledge: z.optional(z.array(z.enum(ACKNOWLEDGEABLE, `should be the id of a check whose findings can be acknowledged (${ACKNOWLEDGEABLE.join(', ')})`))),
};

/**
 * Validates the execution's input and returns the whole skeleton of the state with explicit nulls: a path that is missing later would end the
 * execution with an error no Catch sees.
 */
export const handler = task<PipelineState>(async ({ input }) => {
  const settings = readSettings();
  const chosen = validated(input);
  return {
    contract: CONTRACT_VERSION,
    options: {
      action: chosen.action ?? 'run',
      preflightOnly: chosen.preflightOnly ?? false,
      switchoverTimeoutSeconds: chosen.switchoverTimeoutSeconds ?? settings.switchoverTimeoutSeconds,
      workers: chosen.workers ?? settings.workers ?? null,
      ignoreSwitchoverWindow: chosen.switchoverWindow === 'ignore',
      acknowledge: chosen.acknowledge ?? settings.acknowledge ?? [],
    },
    situation: null,
    preflight: null,
    create: null,
    binlogs: null,
    green: null,
    greenCheck: null,
    plan: null,
    migration: null,
    replication: null,
    comparison: null,
    evidence: null,
    answer: null,
    approval: null,
    readinessCheck: null,
    window: null,
    readiness: null,
    switchover: null,
    attempts: { made: 0, again: false, reasons: [], outage: null, seen: 'This execution was not there when it happened.' },
    verificationCheck: null,
    verification: null,
    parameters: null,
    restoration: null,
    blueRestored: null,
    abandon: null,
    bakeTime: null,
    oldBlueStart: null,
    oldBlueCheck: null,
    oldBlueVerdict: null,
    protection: null,
    finalSnapshot: null,
    deploymentDeletion: null,
    lastLook: null,
    retirement: null,
    hooks: { event: null, beforeSwitchover: null, afterSwitchover: null },
    report: null,
    failure: null,
    failedAt: null,
    others: null,
    afterFailure: null,
    deletionFailure: null,
  };
});

function validated(input: unknown): z.infer<ReturnType<typeof schema>> {
  const parsed = schema().safeParse(withoutIgnored(input));
  const contradictions = parsed.success ? contradictionsIn(parsed.data) : [];
  if (parsed.success && contradictions.length === 0) return parsed.data;
  const problems = parsed.success ? contradictions : parsed.error.issues.map((issue) => (issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => `unknown key '${key}'`).join(', ')
    : `'${issue.path.join('.') || 'input'}': ${issue.message}`));
  throw new PipelineError(
    ErrorName.INVALID_INPUT,
    `the execution input is not valid: ${problems.join('; ')}. Nothing was touched. {} is the usual input; the keys it may have are ${Object.keys(OVERRIDES).map((key) => `'${key}'`).join(', ')} `
    + '(switchoverTimeoutSeconds: whole seconds from 30 to 3600; workers: a whole number from 1 to 32; preflightOnly: true or false; switchoverWindow: "ignore"; acknowledge: a list of ids of docs/checks.md; action: "abandon" or "retire", without preflightOnly). Start a new execution',
  );
}

function contradictionsIn({ action, preflightOnly }: z.infer<ReturnType<typeof schema>>): string[] {
  return [
    ...action !== undefined && preflightOnly === true ? [`'preflightOnly' does not go with 'action'`] : [],
    ...action === 'retire' && readSettings().retireBlue === undefined ? [`'action': "retire" needs the property 'retireBlue' of the construct, such as RetireBlue.onRequest(): without it the pipeline has no permission to delete anything`] : [],
  ];
}

function schema() {
  return z.strictObject(OVERRIDES);
}

function withoutIgnored(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([key]) => !IGNORED.includes(key)));
}
