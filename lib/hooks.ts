import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { invocation } from './private/state-machine/invocation';

/**
 * What the pipeline does for you at one moment: calls a function, or goes through states of your own.
 *
 * It is given a small JSON object: `hook` (its name), `pipeline`, `execution` (ARN), `deployment` (`identifier`, `name`), and both clusters as they are
 * at that moment, `blue` and `green`, each with `identifier`, `arn`, `resourceId`, `endpoint`, `readerEndpoint` (null without a reader), `port` and
 * `engineVersion`. After the switchover `green` is production, under production's name, and `blue` the old one, under its new name. A cluster or deployment
 * that is not there is null. What a hook returns is thrown away.
 *
 * A hook may run more than once (a redrive, a new execution, another attempt at the switchover, a function that ends in the middle), so it has to be
 * idempotent: what is done already is success.
 */
export class PipelineHook {
  /**
   * Calls a function, which the pipeline's state machine is allowed to invoke. When it throws, the hook has failed; only what Lambda excuses itself with, and
   * a process that died, is tried again.
   *
   * @param handler the function.
   */
  public static invoke(handler: lambda.IFunction): PipelineHook {
    return new PipelineHook((scope, id) => invocation(scope, id, handler));
  }

  /**
   * Goes through states of your own, in a Parallel of one branch: any state may fail, and its failure is the hook's. The input of the first one is the
   * object above. Give states that wait a timeout: the pipeline has none for a hook.
   *
   * No state may have the name of one of the pipeline's (docs/architecture.md lists them), and the same states cannot be in two hooks.
   *
   * @param chainable the states.
   */
  public static states(chainable: sfn.IChainable): PipelineHook {
    return new PipelineHook(() => chainable);
  }

  private constructor(
    /** @internal */
    public readonly _chain: (scope: Construct, id: string) => sfn.IChainable,
  ) {}
}

/**
 * What is yours to do before, after and in spite of the pipeline. All of them have to be idempotent.
 */
export interface PipelineHooks {
  /**
   * When Green is ready and before anything is altered on it, in every execution that gets there. When it fails, the execution ends with `HookFailed`.
   *
   * @default - nothing
   */
  readonly beforeMigration?: PipelineHook;

  /**
   * Before the switchover: stops writers, drains change data capture. Runs when everything is ready (and approved), once for each attempt; then everything is
   * checked once more. When it fails, the execution ends with `HookFailed`, and nothing is switched over.
   *
   * Once it has run, the pipeline waits for nothing longer than `readinessPatience`: if the `switchoverWindow` closes, tables arrive from Blue, or the approval
   * counts no longer, the execution ends with `NotReadyToSwitchOver` instead. Start the writers again in `onFailure`.
   *
   * @default - nothing
   */
  readonly beforeSwitchover?: PipelineHook;

  /**
   * As soon as production is verified after the switchover: starts writers. A failure is in the execution's report, and undoes nothing.
   *
   * @default - nothing
   */
  readonly afterSwitchover?: PipelineHook;

  /**
   * When an execution has ended in any other way than success: failed, timed out, stopped by somebody, history full. It runs after the end, in a small
   * state machine of its own, and is given `hook`, `pipeline`, `cluster` and `deployment` (names), `execution` (ARN) and `ended`: the detail of Step
   * Functions' event, with `status`, `error` and `cause` where it has them. An execution that ended because a newer one has taken over
   * (`SupersededByAnotherExecution`) does not count.
   *
   * It is not told where production is: use the cluster's name, which always leads there.
   * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
   *
   * @default - nothing
   */
  readonly onFailure?: PipelineHook;
}
