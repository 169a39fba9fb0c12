import { Duration } from 'aws-cdk-lib';
import { type RetirementSettings } from './private/contract';

/**
 * How the old Blue is deleted, whenever that is.
 */
export interface RetireBlueOptions {
  /**
   * Whether deletion protection of the old Blue is lifted before it is deleted. Without it, an old Blue that has deletion protection ends the retirement with
   * `RetireRefused`.
   *
   * @default false
   */
  readonly removeDeletionProtection?: boolean;

  /**
   * How long each wait for RDS may last: until the old Blue is started, its final snapshot available, each part deleted. From 10 minutes to 60 days.
   *
   * @default Duration.hours(12)
   */
  readonly patience?: Duration;
}

/**
 * How the old Blue is deleted when somebody has approved it.
 */
export interface RetireBlueAfterApprovalOptions extends RetireBlueOptions {
  /**
   * How long production has to stand before anybody is asked.
   *
   * @default Duration.days(0)
   */
  readonly bakeTime?: Duration;
}

/**
 * When the old Blue is retired: deleted with its instances and the Blue/Green deployment, once nobody is connected to it, nothing replicates from or to it, and
 * a final snapshot of it is available. Its clusters are told apart by their resource ids, never by a name.
 *
 * Whichever way, an execution with `{ "action": "retire" }` retires it at any time after the switchover, without waiting for a bake time.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-deleting.html
 */
export class RetireBlue {
  /**
   * Only an execution with `{ "action": "retire" }` does it.
   *
   * @param options of the deletion.
   */
  public static onRequest(options: RetireBlueOptions = {}): RetireBlue {
    return new RetireBlue(settingsOf({ kind: 'onRequest', bakeTime: Duration.days(0), asks: false }, options));
  }

  /**
   * The execution that has switched over waits, and goes on by itself. Waiting costs nothing but the old Blue.
   *
   * @param bakeTime how long production has to stand before, from the moment at which it was restored; up to 180 days.
   * @param options of the deletion.
   */
  public static after(bakeTime: Duration, options: RetireBlueOptions = {}): RetireBlue {
    return new RetireBlue(settingsOf({ kind: 'automatic', bakeTime, asks: false }, options));
  }

  /**
   * The execution that has switched over asks, through the topic of `approval` of the pipeline, and goes on when somebody has approved it.
   *
   * @param options of the deletion.
   */
  public static afterApproval(options: RetireBlueAfterApprovalOptions = {}): RetireBlue {
    return new RetireBlue(settingsOf({ kind: 'automatic', bakeTime: options.bakeTime ?? Duration.days(0), asks: true }, options));
  }

  private constructor(
    /** @internal */
    public readonly _settings: RetirementSettings,
  ) {}
}

/** An execution lives for a year; the migration before may take months, and each of several waits as long as its patience. */
const MOST_BAKE_SECONDS = 180 * 86_400;
const MOST_PATIENCE_SECONDS = 60 * 86_400;
/** A new parameter group alone takes 5 minutes until it can be used. */
const LEAST_PATIENCE_SECONDS = 600;

function settingsOf(
  { kind, bakeTime, asks }: { readonly kind: RetirementSettings['kind']; readonly bakeTime: Duration; readonly asks: boolean },
  { removeDeletionProtection = false, patience = Duration.hours(12) }: RetireBlueOptions,
): RetirementSettings {
  return {
    kind, asks, removesDeletionProtection: removeDeletionProtection,
    bakeSeconds: wholeSeconds('bakeTime', bakeTime, { least: 0, most: MOST_BAKE_SECONDS }),
    patienceSeconds: wholeSeconds('patience', patience, { least: LEAST_PATIENCE_SECONDS, most: MOST_PATIENCE_SECONDS }),
  };
}

function wholeSeconds(property: string, duration: Duration, { least, most }: { least: number; most: number }): number {
  if (duration.isUnresolved()) throw new Error(`'${property}' should be known at synthesis, got a token: its bounds (${least} to ${most} seconds) have to be checked`);
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < least || seconds > most) throw new Error(`'${property}' should be ${least} to ${most} whole seconds, got '${seconds}'`);
  return seconds;
}
