import { App, Aspects, Duration, Token } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import { Utf8mb4Stack } from '../../examples/utf8mb4/utf8mb4-stack';
import { RetireBlue } from '../../lib';
import { type TaskName } from '../../lib/private/functions';
import { actionsOf, functionsOf, givenPipeline, givenStack, settingsOf, statementsOf, TASK_NAMES } from './stacks';

const DEFAULTS = { asks: false, bakeSeconds: 0, patienceSeconds: 43_200, removesDeletionProtection: false };

/** What deletes anything, or makes it deletable. */
const DELETING = /^rds:(Delete|Modify|Create|Copy|Start|Reboot)/;

function templateOf(retireBlue?: RetireBlue): Template {
  const stack = givenStack();
  givenPipeline(stack, { retireBlue });
  return Template.fromStack(stack);
}

describe('retireBlue', () => {
  test.each([
    [RetireBlue.onRequest(), { ...DEFAULTS, kind: 'onRequest' }],
    [RetireBlue.after(Duration.days(7)), { ...DEFAULTS, kind: 'automatic', bakeSeconds: 604_800 }],
    [RetireBlue.afterApproval(), { ...DEFAULTS, kind: 'automatic', asks: true }],
    [RetireBlue.afterApproval({ bakeTime: Duration.hours(1), removeDeletionProtection: true, patience: Duration.minutes(10) }), {
      kind: 'automatic', asks: true, bakeSeconds: 3600, patienceSeconds: 600, removesDeletionProtection: true,
    }],
  ])('is what was given', (retireBlue, settings) => {
    expect(retireBlue._settings).toEqual(settings);
  });

  test.each([
    [() => RetireBlue.after(Duration.days(181)), `'bakeTime' should be 0 to 15552000 whole seconds, got '15638400'`],
    [() => RetireBlue.after(Duration.millis(1500)), `'bakeTime' should be 0 to 15552000 whole seconds, got '1.5'`],
    [() => RetireBlue.onRequest({ patience: Duration.seconds(599) }), `'patience' should be 600 to 5184000 whole seconds, got '599'`],
    [() => RetireBlue.after(Duration.days(Token.asNumber({ Ref: 'Days' }))), /^'bakeTime' should be known at synthesis, got a token/],
    [() => givenPipeline(givenStack(), { retireBlue: RetireBlue.afterApproval() }), /^'retireBlue' should not be RetireBlue\.afterApproval\(\) without 'approval': nobody could be asked; say who is asked/],
  ])('fails for what cannot be', (make, message) => {
    expect(make).toThrow(message);
  });

  test('takes a pipeline that asks', () => {
    const stack = givenStack();
    givenPipeline(stack, { approval: { topic: new sns.Topic(stack, 'Topic') }, retireBlue: RetireBlue.afterApproval() });
    expect(settingsOf(Template.fromStack(stack))).toMatchObject({ retireBlue: { asks: true } });
  });

  test('takes no function, permission or setting where it is not wanted', () => {
    const template = templateOf();
    template.resourceCountIs('AWS::Lambda::Function', TASK_NAMES.length);
    expect(settingsOf(template)).not.toHaveProperty('retireBlue');
    expect(JSON.stringify(template.toJSON())).not.toMatch(/cluster-snapshot|StartDBCluster/);
    expect(Object.keys(functionsOf(templateOf(RetireBlue.onRequest()))).length).toBeGreaterThan(TASK_NAMES.length);
  });

  test.each(['protect-old-blue', 'delete-old-blue'] as const)('lets %s never touch the cluster with production\'s name', (task) => {
    const denied = statementsOf(templateOf(RetireBlue.onRequest()), task).filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toMatchObject([{ Action: expect.arrayContaining(['rds:DeleteDBCluster', 'rds:ModifyDBCluster']) as string[], Resource: { 'Fn::Join': ['', expect.arrayContaining([':cluster:shop'])] } }]);
  });

  test('lets delete-old-blue delete and change only what is marked as an old Blue, and nobody mark production', () => {
    const template = templateOf(RetireBlue.onRequest({ removeDeletionProtection: true }));
    const deleting = statementsOf(template, 'delete-old-blue').filter((statement) => statement.Effect === 'Allow' && actionsOf([statement]).some((action) => /^rds:(?:DeleteDBInstance|ModifyDBCluster)$/.test(action)));
    expect(deleting).toHaveLength(2);
    for (const statement of deleting) expect(statement).toMatchObject({ Condition: { StringEquals: { 'aws:ResourceTag/cdk-rds-blue-green:retired-by': expect.any(String) as string } } });
    for (const task of ['delete-deployment', 'delete-old-blue'] as const) {
      expect(actionsOf(statementsOf(template, task).filter(({ Effect }) => Effect === 'Deny'))).toContain('rds:AddTagsToResource');
    }
  });

  test('lets nobody lift deletion protection, unless that is wanted', () => {
    const mayModify = (retireBlue: RetireBlue) => actionsOf(statementsOf(templateOf(retireBlue), 'delete-old-blue').filter(({ Effect }) => Effect === 'Allow')).includes('rds:ModifyDBCluster');
    expect(mayModify(RetireBlue.onRequest())).toBe(false);
    expect(mayModify(RetireBlue.onRequest({ removeDeletionProtection: true }))).toBe(true);
  });

  test('has no finding of cdk-nag that nobody has given a reason for', () => {
    const app = new App({ analyticsReporting: false, context: { 'aws:cdk:disable-asset-staging': true } });
    const stack = new Utf8mb4Stack(app, 'Utf8mb4', { pipeline: { retireBlue: RetireBlue.onRequest({ removeDeletionProtection: true }) } });
    Aspects.of(app).add(new AwsSolutionsChecks());
    const annotations = Annotations.fromStack(stack);
    const found = [...annotations.findError('*', Match.anyValue()), ...annotations.findWarning('*', Match.anyValue())];
    expect(found.map(({ id, entry }) => `${id}: ${String(entry.data)}`)).toEqual([]);
  });

  test.each<[TaskName, string[]]>([
    ['wait-to-retire', []],
    ['start-old-blue', ['rds:StartDBCluster']],
    ['take-final-snapshot', ['rds:CreateDBClusterSnapshot']],
    ['delete-deployment', ['rds:DeleteBlueGreenDeployment']],
    ['delete-old-blue', ['rds:CreateDBClusterSnapshot', 'rds:DeleteDBCluster', 'rds:DeleteDBClusterParameterGroup', 'rds:DeleteDBInstance']],
  ])('lets %s change no more than its part: %j', (task, actions) => {
    const allowed = statementsOf(templateOf(RetireBlue.onRequest()), task).filter(({ Effect }) => Effect === 'Allow');
    expect([...new Set(actionsOf(allowed).filter((action) => DELETING.test(action)))].sort()).toEqual(actions);
  });
});
