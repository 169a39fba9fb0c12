import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import * as tasks from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { type Construct } from 'constructs';
import { PipelineHook, type PipelineHooks } from '../../../lib';
import { type HookEvent, type HookName } from '../../../lib/private/contract';
import { StateName } from '../../../lib/private/state-machine/names';
import { type Rehearsal } from '../../../rehearsal/rehearsal';
import { type Execution } from '../../../rehearsal/step-functions';
import { eventually } from '../mysql/eventually';
import { messageOf, openSmall } from './small';

const WRITERS = 'arn:aws:lambda:eu-central-1:123456789012:function:writers';

/** Says what it was given, and fails where there is a file of the hook's name. */
const CODE = `
const { existsSync } = require('node:fs');
exports.handler = async (event) => {
  console.log('given ' + JSON.stringify(event));
  if (existsSync(process.env.FAULTS + '/' + event.hook)) throw Object.assign(new Error('writer 7 does not answer'), { name: 'WritersStillThere' });
};
`;

/** The event of the hook of failures. */
interface FailureEvent {
  readonly hook: 'onFailure';
  readonly execution: string;
  readonly ended: { readonly status: string; readonly error: string | null };
}

/** Functions and states, before and after the switchover. */
function hooks(scope: Construct): PipelineHooks {
  const writers = lambda.Function.fromFunctionArn(scope, 'Writers', WRITERS);
  const statesOf = (id: string) => new sfn.Pass(scope, `${id}: Who`, { parameters: { 'event.$': '$' } }).next(new tasks.LambdaInvoke(scope, id, {
    lambdaFunction: writers, inputPath: '$.event', payloadResponseOnly: true,
  }));
  const call = PipelineHook.invoke(writers);
  return { beforeMigration: PipelineHook.states(statesOf('Tell The Team')), beforeSwitchover: call, afterSwitchover: PipelineHook.states(statesOf('Start Writers')), onFailure: call };
}

describe('hooks', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'hooks-'));
  const given: (HookEvent | FailureEvent)[] = [];
  let rehearsal: Rehearsal;

  afterAll(async () => {
    await rehearsal?.close();
    fs.rmSync(folder, { recursive: true });
  });

  const eventsOf = (hook: HookName) => given.filter((event): event is HookEvent => event.hook === hook);
  const failures = () => given.filter((event): event is FailureEvent => event.hook === 'onFailure');

  /** Lets one hook fail, and the others succeed. */
  function onlyFails(hook: HookName): void {
    fs.rmSync(path.join(folder, 'faults'), { recursive: true, force: true });
    fs.mkdirSync(path.join(folder, 'faults'));
    fs.writeFileSync(path.join(folder, 'faults', hook), '');
  }

  /** Starts an execution and ends it as soon as it has begun. */
  async function cutOff(end: (execution: Execution) => void): Promise<void> {
    const running: { execution?: Execution } = {};
    running.execution = rehearsal.start({}, ({ type, name }) => {
      const { execution } = running;
      if (type.endsWith('StateEntered') && name === StateName.FIND_WHERE_WE_ARE && execution !== undefined) setImmediate(() => end(execution));
    });
    await running.execution.finished;
  }

  test('are given what they need; before the switchover they stop it, after it they undo nothing; what has failed is told, whichever end it was', async () => {
    fs.writeFileSync(path.join(folder, 'index.js'), CODE);
    rehearsal = await openSmall({
      functions: [{ arn: WRITERS, codeDirectory: folder, environment: { FAULTS: path.join(folder, 'faults') } }],
      pipeline: (scope) => ({ hooks: hooks(scope) }),
      log: (_, line) => { if (line.startsWith('given ')) given.push(JSON.parse(line.slice(6)) as HookEvent | FailureEvent); },
    });
    const [blue] = rehearsal.rds.clusters.map(({ resourceId, endpoint }) => ({ resourceId, port: endpoint.port }));

    onlyFails('beforeMigration');
    const execution = rehearsal.start({});
    const first = await execution.finished;
    expect(first).toMatchObject({ status: 'FAILED', error: 'HookFailed' });
    expect(messageOf(first)).toMatch(/^the hook 'beforeMigration' has failed: WritersStillThere: writer 7 does not answer\nNothing was altered on Green/);
    await eventually('the failure is told', () => failures().length === 1);

    onlyFails('beforeSwitchover');
    execution.redrive();
    const second = await execution.finished;
    expect(second).toMatchObject({ status: 'FAILED', error: 'HookFailed' });
    expect(messageOf(second)).toMatch(/^the hook 'beforeSwitchover' has failed: WritersStillThere: writer 7 does not answer\nNothing was switched over/);
    expect(rehearsal.rds.clusters.find(({ identifier }) => identifier === 'shop')?.resourceId).toBe(blue?.resourceId);
    expect(rehearsal.rds.deployments).toMatchObject([{ status: 'AVAILABLE' }]);

    await cutOff((running) => running.stop('Duty.Stopped', 'it is Friday'));
    await cutOff((running) => running.timeOut());

    onlyFails('afterSwitchover');
    execution.redrive();
    const third = await execution.finished;
    expect(third).toMatchObject({ status: 'SUCCEEDED', output: { remarks: expect.arrayContaining([
      expect.stringMatching(/^the hook 'afterSwitchover' has failed, .*WritersStillThere: writer 7 does not answer\. Nothing was undone/) as string,
    ]) as string[] } });
    expect(rehearsal.rds.clusters.find(({ identifier }) => identifier === 'shop')?.resourceId).not.toBe(blue?.resourceId);

    const inOrder = given.map(({ hook }) => hook).filter((hook) => hook !== 'onFailure');
    expect(inOrder).toEqual(['beforeMigration', 'beforeMigration', 'beforeSwitchover', 'beforeMigration', 'beforeSwitchover', 'afterSwitchover']);
    const [before] = eventsOf('beforeSwitchover');
    const [after] = eventsOf('afterSwitchover');
    expect(eventsOf('beforeMigration')[0]).toEqual({ ...before, hook: 'beforeMigration' });
    expect(before).toMatchObject({
      pipeline: 'Utf8mb4/Pipeline', execution: execution.arn, deployment: { identifier: rehearsal.rds.deployments[0]?.identifier, name: rehearsal.rds.deployments[0]?.name },
      blue: { identifier: 'shop', ...blue }, green: { identifier: expect.stringMatching(/^shop-green-/) as string },
    });
    // names and endpoints have changed hands, the clusters are the same.
    expect(after).toMatchObject({
      blue: { identifier: 'shop-old1', resourceId: before?.blue?.resourceId },
      green: { identifier: 'shop', resourceId: before?.green?.resourceId, port: before?.blue?.port, endpoint: before?.blue?.endpoint },
    });

    await eventually('every end was looked at', () => rehearsal.aftermaths.length === 5 && rehearsal.aftermaths.every(({ status }) => status === 'SUCCEEDED'));
    // each is told by an execution of its own, and those of different executions overtake each other.
    expect(failures().map(({ ended: { status, error } }) => [status, error]).sort()).toEqual([
      ['ABORTED', 'Duty.Stopped'], ['FAILED', 'HookFailed'], ['FAILED', 'HookFailed'], ['TIMED_OUT', 'States.Timeout'],
    ]);
    await eventually('the alarms have noticed', () => rehearsal.alarmsRaised.length === 3);
    expect(rehearsal.alarmsRaised).toEqual(['ExecutionAborted', 'ExecutionFailed', 'ExecutionTimedOut']);
  }, 240_000);
});
