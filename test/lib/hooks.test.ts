import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { PipelineHook, type PipelineHooks } from '../../lib';
import { AftermathStateName, StateName } from '../../lib/private/state-machine/names';
import { SimulatedClock } from '../../rehearsal/clock';
import { loadStack } from '../../rehearsal/cloudformation/template';
import { StateMachine, TaskError } from '../../rehearsal/step-functions';
import { actionsOf, givenApp, givenPipeline, givenStack, type Statement, statementsByRole } from './stacks';

const HOOK = 'arn:aws:lambda:eu-central-1:111122223333:function:hook';
const ENVIRONMENT = { account: '111122223333', region: 'eu-central-1' };

function hookOf(stack: Stack, id = 'Hook'): PipelineHook {
  return PipelineHook.invoke(lambda.Function.fromFunctionArn(stack, id, HOOK));
}

/** The definition of the pipeline's machine, as text. */
function definitionWith(hooks?: (stack: Stack) => PipelineHooks): string {
  const stack = givenStack();
  givenPipeline(stack, { hooks: hooks?.(stack) });
  return JSON.stringify(Object.values(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine')));
}

function mayInvoke(statement: Statement): boolean {
  return actionsOf([statement]).includes('lambda:InvokeFunction') && JSON.stringify(statement.Resource).includes(HOOK);
}

describe('hooks', () => {
  test('leave no trace where there are none', () => {
    expect(definitionWith(() => ({}))).toBe(definitionWith());
    expect(definitionWith()).not.toMatch(/Before Migration|Before Switchover|After Switchover|On Failure/);
  });

  test('are states of the pipeline, and what they return stays outside', () => {
    const text = definitionWith((stack) => ({ beforeSwitchover: PipelineHook.states(new sfn.Pass(stack, 'Stop Writers').next(new sfn.Pass(stack, 'Drain CDC'))) }));
    expect(text).toMatch(/Stop Writers.*Drain CDC/);
  });

  test('give the right to invoke them to the machine that does', () => {
    const roles = (hooks: keyof PipelineHooks) => {
      const stack = givenStack();
      givenPipeline(stack, { hooks: { [hooks]: hookOf(stack) } });
      return [...statementsByRole(Template.fromStack(stack))].filter(([, statements]) => statements.some(mayInvoke)).map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
    };
    expect(roles('beforeSwitchover')).toEqual(['PipelineStateMachineRole']);
    expect(roles('onFailure')).toEqual(['PipelineAftermathRole']);
  });

  test.each([StateName.SWITCH_OVER, `${StateName.RUN_MIGRATION}: Wait`, StateName.BEFORE_SWITCHOVER])('fail with a state that is named as one of the pipeline: %s', (name) => {
    expect(() => definitionWith((stack) => ({ beforeSwitchover: PipelineHook.states(new sfn.Pass(stack, 'Own').next(new sfn.Pass(stack, 'Other', { stateName: name }))) })))
      .toThrow(`'hooks.beforeSwitchover' should have states with names of their own, got '${name}'`);
  });

  test('fail with such a state in a branch of their own, too', () => {
    expect(() => definitionWith((stack) => ({ afterSwitchover: PipelineHook.states(new sfn.Parallel(stack, 'Own').branch(new sfn.Pass(stack, 'Inner', { stateName: StateName.REPORT }))) })))
      .toThrow(new RegExp(`State with name '${StateName.REPORT}' occurs in both`));
  });
});

describe('the hook of failures', () => {
  const detail = { executionArn: 'arn:one', status: 'FAILED', error: 'DataDiffers', cause: 'shop.orders' };

  /** Lets the small machine tidy up after an execution with this end. */
  async function aftermath(end: Readonly<Record<string, unknown>>, failing = false) {
    const app = givenApp();
    const stack = new Stack(app, 'Stack');
    givenPipeline(stack, { hooks: { onFailure: hookOf(stack) } });
    const machine = loadStack(app.synth().directory, 'Stack', ENVIRONMENT).stateMachines.find(({ logicalId }) => logicalId.includes('Aftermath'));
    if (machine === undefined) throw new Error('there should be a machine that tidies up');
    const given: unknown[] = [];
    const execution = new StateMachine({
      definition: machine.definition, arn: 'arn:aws:states:eu-central-1:111122223333:stateMachine:aftermath', clock: new SimulatedClock(new Date()),
      tasks: async ({ resource, payload }) => {
        if (resource !== HOOK) return { Executions: [] };
        given.push(payload);
        if (failing) throw new TaskError('NobodyAnswers', 'as told');
        return {};
      },
    }).startExecution({ input: { detail: end } });
    const { status, error } = await execution.finished;
    const entered = execution.history.filter(({ type }) => type.endsWith('StateEntered')).map(({ name }) => name);
    return { status, error, given, entered };
  }

  test.each([detail, { executionArn: 'arn:one', status: 'ABORTED' }, { executionArn: 'arn:one', status: 'TIMED_OUT', error: null }])('runs after whatever is no success: %j', async (end) => {
    const { status, given, entered } = await aftermath(end);
    expect(status).toBe('SUCCEEDED');
    expect(given).toEqual([{ hook: 'onFailure', pipeline: 'Stack/Pipeline', cluster: 'shop', deployment: expect.stringMatching(/^Stack-Pipeline-/), execution: 'arn:one', ended: end }]);
    // Green is still there, and somebody has to look at it.
    expect(entered).not.toContain(AftermathStateName.MONITOR_OFF);
  });

  test.each([{ ...detail, status: 'SUCCEEDED', error: null }, { ...detail, error: 'SupersededByAnotherExecution' }])('does not run after %j', async (end) => {
    expect(await aftermath(end)).toMatchObject({ status: 'SUCCEEDED', given: [] });
  });

  test('ends the small machine when it fails itself', async () => {
    expect(await aftermath(detail, true)).toMatchObject({ status: 'FAILED', error: 'NobodyAnswers' });
  });
});
