import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { type Construct } from 'constructs';
import { isTrue } from './conditions';

/** One wait. */
export interface PollLoopProps {
  /** The state that looks; it writes `done` and `waitSeconds` into its slice. */
  readonly look: sfn.State & sfn.INextable;
  /** The first state of a look that has several; the loop comes back to it. */
  readonly first?: sfn.IChainable;
  /** The slice, such as `$.migration`. */
  readonly slice: string;
  /** Where it goes when it is done. */
  readonly then: sfn.IChainable;
}

/**
 * The one shape of every wait: look → done? → wait as long as the look has asked for → look. The waiting costs nothing, and 30 days of it
 * stay far below the 25,000 events of an execution, because the looks become rare.
 */
export function pollLoop(scope: Construct, name: string, { look, first, slice, then }: PollLoopProps): void {
  const wait = new sfn.Wait(scope, `${name}: Wait`, { comment: 'As long as the last look has asked for', time: sfn.WaitTime.secondsPath(`${slice}.waitSeconds`) });
  const done = new sfn.Choice(scope, `${name}: Done?`);
  look.next(done);
  done.when(isTrue(`${slice}.done`), then).otherwise(wait);
  wait.next(first ?? look);
}
