import { ErrorName } from '../../lib/private/contract';
import { messageOf, property } from '../shared/errors';
import { type Finding, type Severity } from '../shared/findings';
import { log } from '../shared/log';

/** The moments at which checks run. */
export type Scope = 'preflight' | 'green' | 'before-switchover' | 'after-switchover' | 'retire' | 'before-deletion';

/** What a check has found: the value, why it matters, what to do. */
export interface Problem {
  readonly severity: Severity;
  readonly message: string;
}

/** One check: a file of its own, registered in the registry of its zone. */
export interface Check<Context> {
  /** Stable and public: the finding carries it, users look it up. */
  readonly id: string;
  readonly scopes: readonly Scope[];
  /** Whether blockers of this check can be acknowledged; warnings always can. @default false */
  readonly acknowledgeable?: boolean;
  /** What it means that the check could not be carried out; a warning where RDS or MySQL would notice in time. @default 'blocker' */
  readonly unknown?: 'blocker' | 'warning';
  run(context: Context): Promise<readonly Problem[]>;
}

/**
 * Runs all checks of a scope and returns everything they found. A check that cannot be carried out is a finding of its own: what was
 * not looked at is not known to be safe.
 *
 * @param acknowledged ids of checks whose findings the user has seen and accepts: they are reported, and stop nothing where the check allows it.
 * @throws the errors the state machine retries (`RdsBusy`, `DatabaseUnreachable`).
 */
export async function runChecks<Context>(
  registry: readonly Check<Context>[], scope: Scope, context: Context, acknowledged: readonly string[] = [],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of registry.filter(({ scopes }) => scopes.includes(scope))) {
    const found = (problem: Problem) => {
      findings.push({ id: check.id, ...problem, ...isAcknowledged(check, problem, acknowledged) ? { acknowledged: true } : {} });
    };
    try {
      for (const problem of await check.run(context)) found(problem);
    } catch (thrown) {
      const name = property(thrown, 'name');
      if (name === ErrorName.RDS_BUSY || name === ErrorName.DATABASE_UNREACHABLE) throw thrown;
      const unknown = check.unknown ?? 'blocker';
      found({
        severity: unknown,
        message: `this could not be checked (${messageOf(thrown)}), so it is not known to be safe: ${unknown === 'blocker'
          ? 'see the function\'s log, mend the cause and start again'
          : 'look at it yourself (docs/checks.md says what it is about), or mend the cause'}`,
      });
    }
  }
  for (const finding of findings) log.info('finding', { scope, ...finding });
  return findings;
}

function isAcknowledged<Context>({ id, acknowledgeable = false }: Check<Context>, { severity }: Problem, acknowledged: readonly string[]): boolean {
  return acknowledged.includes(id) && (severity === 'warning' || (severity === 'blocker' && acknowledgeable));
}

/** A problem that ends the execution. */
export function blocker(message: string): readonly Problem[] {
  return [{ severity: 'blocker', message }];
}

/** A problem that is reported and does not stop anything. */
export function warning(message: string): readonly Problem[] {
  return [{ severity: 'warning', message }];
}

/** An explanation of what the pipeline will do, or of what somebody has to know. */
export function note(message: string): readonly Problem[] {
  return [{ severity: 'note', message }];
}

/** Nothing to say. */
export const FINE: readonly Problem[] = [];
