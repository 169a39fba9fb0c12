import { ErrorName } from '../../lib/private/contract';
import { messageOf, property } from '../shared/errors';
import { type Finding, type Severity } from '../shared/findings';
import { log } from '../shared/log';

/** The moments at which checks run. */
export type Scope = 'preflight' | 'green' | 'before-switchover' | 'after-switchover';

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
  run(context: Context): Promise<readonly Problem[]>;
}

/**
 * Runs all checks of a scope and returns everything they found. A check that cannot be carried out is a blocker of its own: what was
 * not looked at is not known to be safe.
 *
 * @throws the errors the state machine retries (`RdsBusy`, `DatabaseUnreachable`).
 */
export async function runChecks<Context>(registry: readonly Check<Context>[], scope: Scope, context: Context): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of registry.filter(({ scopes }) => scopes.includes(scope))) {
    try {
      findings.push(...(await check.run(context)).map((problem) => ({ id: check.id, ...problem })));
    } catch (thrown) {
      const name = property(thrown, 'name');
      if (name === ErrorName.RDS_BUSY || name === ErrorName.DATABASE_UNREACHABLE) throw thrown;
      findings.push({
        id: check.id,
        severity: 'blocker',
        message: `this could not be checked (${messageOf(thrown)}), so it is not known to be safe: see the function's log, mend the cause and start again`,
      });
    }
  }
  for (const finding of findings) log.info('finding', { scope, ...finding });
  return findings;
}

/** A problem that ends the execution. */
export function blocker(message: string): readonly Problem[] {
  return [{ severity: 'blocker', message }];
}

/** A problem that is reported and does not stop anything. */
export function warning(message: string): readonly Problem[] {
  return [{ severity: 'warning', message }];
}

/** Nothing to say. */
export const FINE: readonly Problem[] = [];
