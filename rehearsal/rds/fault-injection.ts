import { ServiceError } from './service-error';

/** Troubles that a test asks for. Everything is off at first. */
export class Faults {
  /** Green's instances come up with `pending-reboot` and the values of Blue's parameter group, as if its own had not taken effect. */
  public greenPendingReboot = false;
  /** The next creation ends in INVALID_CONFIGURATION with this text. */
  public creationFailure?: string;
  /** Creations stay in PROVISIONING. */
  public creationNeverEnds = false;
  /** Switchovers are cancelled by a guardrail with this text. */
  public switchoverGuardrail?: string;
  /** Switchovers wait for Green for ever, so that they end at their timeout. */
  public switchoverTakesTooLong = false;
  /** Snapshots end as `failed`. */
  public snapshotsFail = false;
  private readonly planned: { action: string; kind: 'error' | 'lost-answer'; calls: number; error?: ServiceError }[] = [];

  /** The next calls of an action (`DescribeDBClusters`) are refused with an error, and do nothing. */
  public fail(action: string, error: ServiceError, calls = 1): void {
    this.planned.push({ action, kind: 'error', calls, error });
  }

  /** The next calls of an action are throttled, and do nothing. The SDK retries them by itself. */
  public throttle(action: string, calls = 1): void {
    this.fail(action, new ServiceError('Throttling', 400, 'Rate exceeded'), calls);
  }

  /** The next calls of an action do their work, and then the connection is cut instead of an answer. */
  public loseAnswer(action: string, calls = 1): void {
    this.planned.push({ action, kind: 'lost-answer', calls });
  }

  /** Takes one planned error for a call of the action; undefined when none is planned. */
  public takeError(action: string): ServiceError | undefined {
    return this.take(action, 'error')?.error;
  }

  /** Whether the answer to this call is to be lost; counts as one of the planned calls. */
  public takeLostAnswer(action: string): boolean {
    return this.take(action, 'lost-answer') !== undefined;
  }

  private take(action: string, kind: 'error' | 'lost-answer') {
    const planned = this.planned.find((entry) => entry.action === action && entry.kind === kind && entry.calls > 0);
    if (planned) planned.calls -= 1;
    return planned;
  }
}
